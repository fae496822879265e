//! Asking a user for a chat.

use std::fmt;

use secretchat::rand_core::CryptoRng;
use secretchat::{ApiMisuse, Chat, Config, Env, Output, StoreKey, Timestamp, TransmitKind, rng_from_fn};
use zeroize::Zeroizing;

use crate::link::Link;
use crate::tl::{enums, functions};

/// A request for a chat that the server has not answered.
///
/// The records of a chat name its access hash, which comes with the answer. Until then the request is in memory alone: a
/// process that dies here leaves a request behind that nobody answers, and asks anew. TDLib does the same.
///
/// ```
/// use secretchat::{PeerPolicy, StoreKey};
/// use secretchat_grammers::{Asking, Link, tl};
/// # use secretchat::{DhGroup, Env, PrimePolicy, Timestamp, rand_core::UnwrapErr};
/// # let mut rng = UnwrapErr(getrandom::SysRng);
/// # let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// # let p = DhGroup::published(3)?.prime().to_vec();
/// # let answer = tl::enums::messages::DhConfig::Config(tl::types::messages::DhConfig { g: 3, p, version: 3, random: vec![7; 256] });
/// # let dh = secretchat_grammers::DhCache::default().answer(&answer, PrimePolicy::PublishedOnly, env.rng)?;
///
/// let user = tl::enums::InputUser::User(tl::types::InputUser { user_id: 2_000, access_hash: 5 });
/// let asking = Asking::new(user, dh.config(PeerPolicy::Default), Some(StoreKey::new([7; 32])), b"", env)?;
/// let call = asking.call(); // for the server
/// # let waiting = tl::types::EncryptedChatWaiting { id: call.random_id, access_hash: 9, date: 0, admin_id: 1_000, participant_id: 2_000 };
/// # let answer = tl::enums::EncryptedChat::Waiting(waiting);
/// let chat = asking.answered(&answer, env)?;
/// assert_eq!(Link::read(chat.host_data())?.0.access_hash, 9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Asking {
    config: Config,
    store: Option<StoreKey>,
    own: Vec<u8>,
    begun: Timestamp,
    /// The bytes that the generator gave for the exponent.
    drawn: Zeroizing<Vec<u8>>,
    call: functions::messages::RequestEncryption,
}

/// Longer than what one request draws, so that the bytes are not moved.
const DRAWN: usize = 4_096;

impl Asking {
    /// Draws a key pair and the chat's id. `own` is what the host itself keeps with the chat: with [`Link::LEN`] bytes
    /// more it may not exceed the bound of [`Config::with_host_data`].
    ///
    /// # Errors
    /// [`ApiMisuse::UnusableRng`], [`ApiMisuse::HostDataLength`].
    pub fn new(
        user: enums::InputUser,
        config: Config,
        store: Option<StoreKey>,
        own: &[u8],
        env: &mut Env<'_>,
    ) -> Result<Self, ApiMisuse> {
        let random_id = random_id(env.rng);
        let link = Link { chat_id: random_id, access_hash: 0, admin_id: 0, participant_id: 0 };
        let start = link.start(config.clone(), store.as_ref().map(StoreKey::duplicate), own)?;
        let mut drawn = Zeroizing::new(Vec::with_capacity(DRAWN));
        let now = env.now;
        let mut recording = rng_from_fn(|buf| {
            env.rng.fill_bytes(buf);
            drawn.extend_from_slice(buf);
        });
        let chat = Chat::request(start, &mut Env::new(now, &mut recording))?;
        let g_a = public_value(chat).ok_or(ApiMisuse::UnusableRng)?;
        let call = functions::messages::RequestEncryption { user_id: user, random_id, g_a };
        Ok(Self { config, store, own: own.to_vec(), begun: now, drawn, call })
    }

    /// Returns the call to make, once. After a lost answer, begin anew.
    #[must_use]
    pub const fn call(&self) -> &functions::messages::RequestEncryption {
        &self.call
    }

    /// Takes the server's answer. The chat is the same as the one that was asked for, with its access hash in its records.
    ///
    /// # Errors
    /// [`AskError`]: the server refused, or answered something else.
    pub fn answered(self, answer: &enums::EncryptedChat, env: &mut Env<'_>) -> Result<Chat, AskError> {
        let Self { config, store, own, begun, drawn, call } = self;
        let enums::EncryptedChat::Waiting(_) = answer else { return Err(AskError::Refused) };
        let link = Link::of(answer).filter(|link| link.chat_id == call.random_id).ok_or(AskError::OtherChat)?;
        let start = link.start(config, store, &own).map_err(AskError::Misuse)?;
        // The same draws give the same exponent. What comes after them is new.
        let mut rest = &drawn[..];
        let mut replaying = rng_from_fn(|buf| {
            let (old, new) = buf.split_at_mut(buf.len().min(rest.len()));
            let (now, later) = rest.split_at(old.len());
            old.copy_from_slice(now);
            env.rng.fill_bytes(new);
            rest = later;
        });
        Chat::request(start, &mut Env::new(begun, &mut replaying)).map_err(AskError::Misuse)
    }
}

/// Returns a positive number, as TDLib draws it.
fn random_id(rng: &mut dyn CryptoRng) -> i32 {
    let mut bytes = [0; 4];
    rng.fill_bytes(&mut bytes);
    (i32::from_le_bytes(bytes) & i32::MAX).max(1)
}

fn public_value(mut chat: Chat) -> Option<Vec<u8>> {
    std::iter::from_fn(|| chat.poll_output()).find_map(|output| match output {
        Output::Transmit(transmit) => match transmit.kind {
            TransmitKind::Request { public, .. } => Some(public),
            _ => None,
        },
        _ => None,
    })
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").field("chat_id", &self.call.random_id).finish_non_exhaustive()
    }
}

/// A request did not become a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError {
    /// The server answered that there is no chat.
    Refused,
    /// The server answered with another chat.
    OtherChat,
    /// The configuration or the generator is of no use.
    Misuse(ApiMisuse),
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("the server refused the request"),
            Self::OtherChat => f.write_str("the server answered with another chat"),
            Self::Misuse(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AskError {}
