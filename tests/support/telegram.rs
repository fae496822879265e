//! A Telegram chat and an end of it that is built by hand.

use std::sync::OnceLock;

use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::key_fingerprint;
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::modp::{DhGroup, KeyPair};
use secretchat::{Batch, Chat, Checkpoint, Config, Limits, PeerPolicy, Records, Role, Start, StoreError, StoreKey};

use super::forger::{Accepted, Forger, accepted};
use super::rng::Seeded;

pub(crate) const STORE_KEY: [u8; 32] = [7; 32];

pub(crate) fn group() -> DhGroup {
    DhGroup::published(3).unwrap()
}

pub(crate) fn config(policy: PeerPolicy) -> Start {
    Config::telegram(group(), policy).with_store(StoreKey::new(STORE_KEY))
}

/// Returns a forger that asked, and the chat that Bob accepted from it.
pub(crate) fn meet(policy: PeerPolicy) -> (Forger, Chat) {
    meet_with(policy, Limits::default())
}

pub(crate) fn meet_with(policy: PeerPolicy, limits: Limits) -> (Forger, Chat) {
    let (forger, bob, _) = meet_as(config(policy).map(|config| config.with_limits(limits)));
    (forger, bob)
}

/// As [`meet`], with the batches that Bob's chat begins with.
pub(crate) fn meet_as(config: Start) -> (Forger, Chat, Vec<Batch>) {
    meet_seeded(config, 41)
}

pub(crate) fn meet_seeded(config: Start, seed: u64) -> (Forger, Chat, Vec<Batch>) {
    let accepted = accepted(key_pair().public(), config, &mut Seeded::new(seed));
    let Accepted { chat, batches, answer, fingerprint } = accepted;
    let forger = with_key(Role::Initiator, shared_key(&answer));
    assert_eq!(forger.fingerprint, fingerprint);
    (forger, chat, batches)
}

/// Returns a forger that answers a request; its public value is [`public_value`].
pub(crate) fn answer(request: &[u8]) -> Forger {
    with_key(Role::Responder, shared_key(request))
}

fn with_key(role: Role, chat_key: ChatKey) -> Forger {
    let fingerprint = key_fingerprint(&chat_key);
    Forger::with_key(role, Offset::telegram, chat_key, fingerprint, Seeded::new(42))
}

/// Restores a chat under [`STORE_KEY`].
pub(crate) fn restore(records: &Records, noted: Option<Checkpoint>) -> Result<Chat, StoreError> {
    super::stored::restore(records, STORE_KEY, noted)
}

/// Returns a public value that every honest end accepts.
pub(crate) fn public_value() -> Vec<u8> {
    key_pair().public().to_vec()
}

/// Returns the key that a forger shares with this value.
pub(crate) fn shared_key(theirs: &[u8]) -> ChatKey {
    key_pair().shared_key(&group(), theirs).unwrap()
}

/// A pair for every forger: what it costs to make one is paid once.
fn key_pair() -> &'static KeyPair {
    static PAIR: OnceLock<KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::resume(&group(), Secret::new([0x33; 256])).unwrap())
}
