//! The keys of an old client: from small secrets, each of whose powers is computed once.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::{Mutex, OnceLock};

use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::key_fingerprint;
use secretchat::hazmat::kdf::ChatKey;
use secretchat::hazmat::modp::{DhGroup, KeyPair};

use crate::settings::Side;

/// A key and its name.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) chat_key: Rc<ChatKey>,
    pub(super) fingerprint: KeyFingerprint,
}

/// Key pairs by their secret: an exponent of 256 equal bytes.
pub(super) struct Pairs;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.fingerprint)
    }
}

impl Key {
    /// Returns the key of a secret and the peer's value, unless that is out of range.
    pub(super) fn shared(secret: u8, theirs: &[u8]) -> Option<Self> {
        type Known = Mutex<HashMap<(u8, Vec<u8>), [u8; 256]>>;
        static KNOWN: OnceLock<Known> = OnceLock::new();
        let name = (secret, theirs.to_vec());
        let mut known = KNOWN.get_or_init(Mutex::default).lock().ok()?;
        let bytes = match known.get(&name) {
            Some(bytes) => *bytes,
            None => {
                let shared = Pairs::of(secret).shared_key(&group(), theirs).ok()?;
                *known.entry(name).or_insert(*shared.expose())
            }
        };
        let chat_key = Secret::new(bytes);
        Some(Self { fingerprint: key_fingerprint(&chat_key), chat_key: Rc::new(chat_key) })
    }

    /// Returns another key of the same name, to show that it is found.
    pub(super) fn spoiled(&self) -> Self {
        let mut bytes = *self.chat_key.expose();
        bytes[0] ^= 1;
        Self { chat_key: Rc::new(Secret::new(bytes)), fingerprint: self.fingerprint }
    }
}

impl Pairs {
    /// Returns the first secret of an end. The next ones are greater by two.
    pub(super) fn first(side: Side) -> u8 {
        0x20 + u8::from(side == 1)
    }

    pub(super) fn public(secret: u8) -> [u8; 256] {
        static KNOWN: OnceLock<Mutex<HashMap<u8, [u8; 256]>>> = OnceLock::new();
        let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
        *known.entry(secret).or_insert_with(|| *Self::of(secret).public())
    }

    fn of(secret: u8) -> KeyPair {
        KeyPair::resume(&group(), Secret::new([secret; 256])).unwrap()
    }
}

fn group() -> DhGroup {
    DhGroup::published(3).unwrap()
}
