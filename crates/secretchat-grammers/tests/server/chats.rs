//! The beginning and the end of secret chats.

use std::collections::BTreeMap;

use grammers_tl_types as tl;
use secretchat::rand_core::Rng;
use tl::{enums, functions as f, types};

use super::{Device, Outcome, RpcError, Server, number};

/// A secret chat, as the server sees it.
#[derive(Clone)]
pub(super) struct SecretChat {
    id: i32,
    date: i32,
    pub(super) admin: Party,
    pub(super) participant: Party,
    g_a: Vec<u8>,
    pub(super) stage: Stage,
    /// What was sent, by user and random id.
    pub(super) sent: BTreeMap<(i64, i64), enums::messages::SentEncryptedMessage>,
}

/// One of the two users of a chat.
#[derive(Clone, Copy)]
pub(super) struct Party {
    pub(super) user: i64,
    access_hash: i64,
    /// The device that holds the chat.
    pub(super) device: Option<Device>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Stage {
    Requested,
    Ready { g_b: Vec<u8>, key_fingerprint: i64 },
    Discarded { history_deleted: bool },
}

/// The answer to `getDhConfig`.
#[derive(Clone)]
pub(super) struct DhConfig {
    g: i32,
    p: Vec<u8>,
    version: i32,
}

impl DhConfig {
    /// The values that Telegram publishes (<https://core.telegram.org/mtproto/security_guidelines>).
    pub(super) fn published() -> Self {
        let p = secretchat::DhGroup::published(3).unwrap().prime().to_vec();
        Self { g: 3, p, version: 3 }
    }

    /// Telegram checks that a public value is at least 2^1984 and at most p - 2^1984.
    fn takes(&self, public: &[u8]) -> bool {
        let public = strip(public);
        let margin: Vec<u8> = [&[1][..], &[0; 248]].concat();
        at_most(&margin, public) && at_most(public, &minus(&self.p, &margin))
    }
}

impl Server {
    pub(super) fn get_dh_config(
        &mut self,
        _device: Device,
        asked: f::messages::GetDhConfig,
    ) -> Outcome<enums::messages::DhConfig> {
        if !(0..=1024).contains(&asked.random_length) {
            return Err(RpcError::bad("RANDOM_LENGTH_INVALID"));
        }
        // Whatever length is asked for.
        let mut random = vec![0; 256];
        self.numbers.fill_bytes(&mut random);
        let DhConfig { g, p, version } = self.dh.clone();
        Ok(if asked.version == version {
            types::messages::DhConfigNotModified { random }.into()
        } else {
            types::messages::DhConfig { g, p, version, random }.into()
        })
    }

    pub(super) fn request_encryption(
        &mut self,
        device: Device,
        asked: f::messages::RequestEncryption,
    ) -> Outcome<enums::EncryptedChat> {
        let admin = self.user_of(device);
        let participant = self.user(admin, &asked.user_id)?;
        if participant == admin {
            return Err(RpcError::bad("USER_ID_INVALID"));
        }
        if self.users[&participant].deactivated {
            return Err(RpcError::bad("INPUT_USER_DEACTIVATED"));
        }
        if self.users[&participant].blocks.contains(&admin) {
            return Err(RpcError::new(403, "USER_IS_BLOCKED"));
        }
        if !self.dh.takes(&asked.g_a) {
            return Err(RpcError::bad("DH_G_A_INVALID"));
        }
        // The random id doubles as the id of the chat.
        if let Some(chat) = self.chats.get(&asked.random_id) {
            let same =
                chat.admin.device == Some(device) && chat.participant.user == participant && chat.g_a == asked.g_a;
            return if same { Ok(chat.seen_by(device, admin)) } else { Err(RpcError::bad("RANDOM_ID_DUPLICATE")) };
        }
        if asked.random_id == 0 {
            return Err(RpcError::bad("RANDOM_ID_EMPTY"));
        }
        let mut party = |user, device| Party { user, access_hash: number(&mut self.numbers), device };
        let chat = SecretChat {
            id: asked.random_id,
            date: self.now,
            admin: party(admin, Some(device)),
            participant: party(participant, None),
            g_a: asked.g_a,
            stage: Stage::Requested,
            sent: BTreeMap::new(),
        };
        for other in self.devices_of(participant) {
            self.tell_encryption(other, chat.seen_by(other, participant));
        }
        let answer = chat.seen_by(device, admin);
        self.chats.insert(chat.id, chat);
        Ok(answer)
    }

    pub(super) fn accept_encryption(
        &mut self,
        device: Device,
        asked: f::messages::AcceptEncryption,
    ) -> Outcome<enums::EncryptedChat> {
        let user = self.user_of(device);
        let (repeats, takes) = (self.rules.accepts_again, self.dh.takes(&asked.g_b));
        let chat = self.chat_of(user, &asked.peer)?;
        if chat.participant.user != user {
            return Err(RpcError::bad("CHAT_ID_INVALID"));
        }
        match &chat.stage {
            Stage::Discarded { .. } => return Err(RpcError::bad("ENCRYPTION_ALREADY_DECLINED")),
            Stage::Ready { g_b, key_fingerprint } => {
                let same = chat.participant.device == Some(device)
                    && (g_b, key_fingerprint) == (&asked.g_b, &asked.key_fingerprint);
                if same && repeats {
                    return Ok(chat.seen_by(device, user));
                }
                return Err(RpcError::bad("ENCRYPTION_ALREADY_ACCEPTED"));
            }
            // The documentation names no error for this.
            Stage::Requested if !takes => return Err(RpcError::bad("DH_G_B_INVALID")),
            Stage::Requested => {}
        }
        chat.participant.device = Some(device);
        chat.stage = Stage::Ready { g_b: asked.g_b, key_fingerprint: asked.key_fingerprint };
        let chat = chat.clone();
        if let Some(holder) = chat.admin.device {
            self.tell_encryption(holder, chat.seen_by(holder, chat.admin.user));
        }
        for other in self.devices_of(user).into_iter().filter(|other| *other != device) {
            self.tell_encryption(other, discarded(chat.id, false));
        }
        Ok(chat.seen_by(device, user))
    }

    pub(super) fn discard_encryption(
        &mut self,
        device: Device,
        asked: f::messages::DiscardEncryption,
    ) -> Outcome<bool> {
        let user = self.user_of(device);
        if asked.chat_id == 0 {
            return Err(RpcError::bad("CHAT_ID_EMPTY"));
        }
        let chat = self.chats.get_mut(&asked.chat_id).filter(|chat| chat.is_held_by(device, user));
        let chat = chat.ok_or_else(|| RpcError::bad("ENCRYPTION_ID_INVALID"))?;
        if matches!(chat.stage, Stage::Discarded { .. }) {
            return Err(RpcError::bad("ENCRYPTION_ALREADY_DECLINED"));
        }
        chat.stage = Stage::Discarded { history_deleted: asked.delete_history };
        let (id, parties) = (chat.id, [chat.admin, chat.participant]);
        for party in parties {
            // Before a device has accepted, the request is on all of them.
            let holders = party.device.map_or_else(|| self.devices_of(party.user), |holder| vec![holder]);
            for other in holders.into_iter().filter(|other| *other != device) {
                self.tell_encryption(other, discarded(id, asked.delete_history));
            }
        }
        Ok(true)
    }

    /// Returns the chat that a call of a user means, in any stage.
    pub(super) fn chat_of(&mut self, user: i64, peer: &enums::InputEncryptedChat) -> Outcome<&mut SecretChat> {
        let enums::InputEncryptedChat::Chat(peer) = peer;
        let fits = |chat: &SecretChat| chat.party(user).is_some_and(|party| party.access_hash == peer.access_hash);
        let chat = self.chats.get_mut(&peer.chat_id).filter(|chat| fits(chat));
        chat.ok_or_else(|| RpcError::bad("CHAT_ID_INVALID"))
    }

    /// The same, if messages go through it from this device. Returns the device at the other end, too.
    pub(super) fn open_chat(
        &mut self,
        device: Device,
        peer: &enums::InputEncryptedChat,
    ) -> Outcome<(&mut SecretChat, Device)> {
        let user = self.user_of(device);
        let chat = self.chat_of(user, peer)?;
        match chat.stage {
            // Only the device that asked or accepted has it.
            _ if !chat.is_held_by(device, user) => Err(RpcError::bad("CHAT_ID_INVALID")),
            Stage::Discarded { .. } => Err(RpcError::bad("ENCRYPTION_DECLINED")),
            Stage::Requested => Err(RpcError::bad("ENCRYPTION_ID_INVALID")),
            Stage::Ready { .. } => {
                let other = if chat.admin.user == user { chat.participant } else { chat.admin };
                let other = other.device.ok_or_else(|| RpcError::bad("ENCRYPTION_ID_INVALID"))?;
                Ok((chat, other))
            }
        }
    }

    fn tell_encryption(&mut self, device: Device, chat: enums::EncryptedChat) {
        let date = self.now;
        self.tell(device, types::UpdateEncryption { chat, date }.into());
    }
}

impl SecretChat {
    fn party(&self, user: i64) -> Option<&Party> {
        [&self.admin, &self.participant].into_iter().find(|party| party.user == user)
    }

    fn is_held_by(&self, device: Device, user: i64) -> bool {
        self.party(user).is_some_and(|party| party.device.is_none_or(|holder| holder == device))
    }

    /// The chat as the server shows it to a user.
    fn seen_by(&self, device: Device, user: i64) -> enums::EncryptedChat {
        let Self { id, date, admin, participant, .. } = self;
        let is_admin = admin.user == user;
        let access_hash = if is_admin { admin.access_hash } else { participant.access_hash };
        let (id, date, admin_id, participant_id) = (*id, *date, admin.user, participant.user);
        match &self.stage {
            Stage::Discarded { history_deleted } => discarded(id, *history_deleted),
            _ if !self.is_held_by(device, user) => discarded(id, false),
            Stage::Requested if is_admin => {
                types::EncryptedChatWaiting { id, access_hash, date, admin_id, participant_id }.into()
            }
            Stage::Requested => {
                let (folder_id, g_a) = (None, self.g_a.clone());
                types::EncryptedChatRequested { folder_id, id, access_hash, date, admin_id, participant_id, g_a }.into()
            }
            Stage::Ready { g_b, key_fingerprint } => {
                let g_a_or_b = if is_admin { g_b.clone() } else { self.g_a.clone() };
                let key_fingerprint = *key_fingerprint;
                types::EncryptedChat { id, access_hash, date, admin_id, participant_id, g_a_or_b, key_fingerprint }
                    .into()
            }
        }
    }
}

fn discarded(id: i32, history_deleted: bool) -> enums::EncryptedChat {
    types::EncryptedChatDiscarded { history_deleted, id }.into()
}

fn strip(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Whether a big-endian number without leading zeros is at most another one.
fn at_most(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) <= (other.len(), other)
}

/// The difference of big-endian numbers, of which the second is smaller.
fn minus(from: &[u8], what: &[u8]) -> Vec<u8> {
    let mut difference = from.to_vec();
    let mut borrow = false;
    for (at, digit) in difference.iter_mut().rev().enumerate() {
        let less = what.len().checked_sub(at + 1).map_or(0, |at| what[at]);
        let (first, one) = digit.overflowing_sub(less);
        let (second, two) = first.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (second, one || two);
    }
    difference
}
