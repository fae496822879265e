//! A stand-in for Telegram's server: bytes of a call in, bytes of its answer or an error out, and updates as bytes.
//!
//! It knows what secret chats need, and is strict: a call that Telegram refuses is refused with the same error. What the
//! documentation leaves open is a [`Rule`](Rules), or said where it is decided. It decides nothing by chance: that is the
//! matter of [`Connection`].
// Each method takes its call as it was read.
#![allow(clippy::needless_pass_by_value)]

mod chats;
mod connection;
mod downloads;
mod error;
mod messages;
mod updates;
mod uploads;

use std::collections::BTreeMap;

use grammers_tl_types as tl;
use recordings::Seeded;
use tl::{Cursor, Deserializable, Identifiable, RemoteCall, Serializable, functions as f};

use chats::{DhConfig, SecretChat};
pub(crate) use connection::{Answer, Connection, Weather};
use downloads::StoredFile;
pub(crate) use error::RpcError;
use updates::Mailbox;
pub(crate) use updates::unpack;
use uploads::Upload;

/// One login of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Device(pub(crate) usize);

/// What the documentation does not say of the server, so that tests try both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// What becomes of a message whose random id was sent before.
    pub(crate) repeated: Repeated,
    /// Whether an acceptance that is repeated by the same device gets the same answer, or `ENCRYPTION_ALREADY_ACCEPTED`.
    pub(crate) accepts_again: bool,
}

/// What becomes of a message whose random id was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// The answer is the first one, and the peer gets nothing.
    Swallowed,
    /// It counts as a new one: the answer has a new date, and the peer gets it once more.
    Delivered,
    /// The answer is an error.
    Refused,
}

impl Default for Rules {
    fn default() -> Self {
        Self { repeated: Repeated::Swallowed, accepts_again: true }
    }
}

/// Everything that Telegram knows.
#[derive(Clone)]
pub(crate) struct Server {
    /// Unix time in seconds. Only the test moves it.
    pub(crate) now: i32,
    pub(crate) rules: Rules,
    users: BTreeMap<i64, Account>,
    mailboxes: Vec<Mailbox>,
    chats: BTreeMap<i32, SecretChat>,
    uploads: BTreeMap<(i64, i64), Upload>,
    files: BTreeMap<i64, StoredFile>,
    dh: DhConfig,
    /// Gives ids, hashes and random bytes.
    numbers: Seeded,
}

#[derive(Clone, Debug, Default)]
struct Account {
    deactivated: bool,
    blocks: Vec<i64>,
}

type Outcome<T> = Result<T, RpcError>;

impl Server {
    /// Creates a server without users. The seed decides its ids and hashes.
    pub(crate) fn new(seed: u64, now: i32) -> Self {
        Self {
            now,
            rules: Rules::default(),
            users: BTreeMap::new(),
            mailboxes: Vec::new(),
            chats: BTreeMap::new(),
            uploads: BTreeMap::new(),
            files: BTreeMap::new(),
            dh: DhConfig::published(),
            numbers: Seeded::new(seed),
        }
    }

    /// Logs a user in on one more device.
    pub(crate) fn login(&mut self, user: i64) -> Device {
        self.users.entry(user).or_default();
        self.mailboxes.push(Mailbox::new(user));
        Device(self.mailboxes.len() - 1)
    }

    /// Returns what a user calls another one by. Hashes differ from user to user.
    pub(crate) fn contact(&self, of: i64, user: i64) -> tl::types::InputUser {
        tl::types::InputUser { user_id: user, access_hash: user_hash(of, user) }
    }

    /// Has a user block another one.
    pub(crate) fn block(&mut self, user: i64, blocked: i64) {
        self.users.entry(user).or_default().blocks.push(blocked);
    }

    /// Deletes the account of a user.
    pub(crate) fn deactivate(&mut self, user: i64) {
        self.users.entry(user).or_default().deactivated = true;
    }

    /// Carries out a call, given by its bytes.
    pub(crate) fn call(&mut self, device: Device, bytes: &[u8]) -> Outcome<Vec<u8>> {
        let mut call = Cursor::from_slice(bytes);
        let id = u32::deserialize(&mut call)?;
        macro_rules! methods {
            ($($method:path => $does:ident)+) => {
                match id {
                    $(<$method>::CONSTRUCTOR_ID => {
                        let asked = <$method>::deserialize(&mut call)?;
                        if call.pos() != bytes.len() {
                            return Err(RpcError::bad("INPUT_REQUEST_TOO_LONG"));
                        }
                        let answer: <$method as RemoteCall>::Return = self.$does(device, asked)?;
                        Ok(answer.to_bytes())
                    })+
                    _ => Err(RpcError::bad("INPUT_METHOD_INVALID")),
                }
            };
        }
        methods! {
            f::messages::GetDhConfig => get_dh_config
            f::messages::RequestEncryption => request_encryption
            f::messages::AcceptEncryption => accept_encryption
            f::messages::DiscardEncryption => discard_encryption
            f::messages::SendEncrypted => send_encrypted
            f::messages::SendEncryptedFile => send_encrypted_file
            f::messages::SendEncryptedService => send_encrypted_service
            f::messages::ReadEncryptedHistory => read_encrypted_history
            f::messages::SetEncryptedTyping => set_encrypted_typing
            f::messages::ReceivedQueue => received_queue
            f::upload::SaveFilePart => save_file_part
            f::upload::SaveBigFilePart => save_big_file_part
            f::upload::GetFile => get_file
            f::updates::GetState => get_state
            f::updates::GetDifference => get_difference
        }
    }

    /// Carries out a call through its bytes, and reads the answer.
    pub(crate) fn ask<C: RemoteCall>(&mut self, device: Device, call: &C) -> Outcome<C::Return> {
        self.call(device, &call.to_bytes()).map(|answer| C::Return::from_bytes(&answer).unwrap())
    }

    fn user_of(&self, device: Device) -> i64 {
        self.mailboxes[device.0].user
    }

    fn devices_of(&self, user: i64) -> Vec<Device> {
        (0..self.mailboxes.len()).map(Device).filter(|device| self.user_of(*device) == user).collect()
    }

    /// Returns the user that a call means.
    fn user(&self, from: i64, asked: &tl::enums::InputUser) -> Outcome<i64> {
        match asked {
            tl::enums::InputUser::User(user)
                if self.users.contains_key(&user.user_id) && user.access_hash == user_hash(from, user.user_id) =>
            {
                Ok(user.user_id)
            }
            _ => Err(RpcError::bad("USER_ID_INVALID")),
        }
    }
}

/// Returns an id or a hash that nobody guesses by counting.
fn number(numbers: &mut Seeded) -> i64 {
    numbers.below(u64::MAX).cast_signed()
}

fn user_hash(of: i64, user: i64) -> i64 {
    number(&mut Seeded::of(&[of.to_le_bytes(), user.to_le_bytes()].concat()))
}
