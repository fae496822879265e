//! What is drawn from the host's generator, in which order (SPEC RNG-3).

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use secretchat::media::ChainKey;
use secretchat::{Chat, Config, Draft, Env, Input, Invitation, Output, StoreKey, Timestamp, TransmitKind};

use crate::support::rng::Seeded;

/// Notes how much is asked for.
struct Recorder {
    lengths: Vec<usize>,
    inner: Seeded,
}

impl Recorder {
    fn new() -> Self {
        Self { lengths: Vec::new(), inner: Seeded::new(1) }
    }

    /// What a call drew.
    fn during<R>(&mut self, call: impl FnOnce(&mut Env<'_>) -> R) -> (R, Vec<usize>) {
        let done = call(&mut Env::new(Timestamp::from_millis(1), self));
        (done, std::mem::take(&mut self.lengths))
    }
}

impl TryRng for Recorder {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.lengths.push(4);
        self.inner.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.lengths.push(8);
        self.inner.try_next_u64()
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.lengths.push(to.len());
        self.inner.try_fill_bytes(to)
    }
}

impl TryCryptoRng for Recorder {}

const CHAT_ID: usize = 16;
const ID: usize = 8;
const RANDOM_BYTES: usize = 31;
const SCALAR: usize = 32;
const NONCE: usize = 12;

/// To the next size of SPEC ENV-2: all bodies here end at 128 bytes.
fn padding(message_len: usize) -> usize {
    const HEADER: usize = 4 + 32 + 4 + 4 + 4;
    128 - 4 - HEADER - message_len
}

// constructor, random_id, action: its constructor and its fields.
const NOTIFY_LAYER: usize = 4 + 8 + 4 + 4;
const REQUEST_KEY: usize = 4 + 8 + 4 + 8 + 36;
const DELETE_ONE: usize = 4 + 8 + 4 + 8 + 8;
// constructor, flags, random_id, ttl, a text of two bytes.
const TEXT: usize = 4 + 4 + 8 + 4 + 4;

fn public_of(chat: &mut Chat) -> TransmitKind {
    let mut transmits = std::iter::from_fn(|| chat.poll_output()).filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    });
    transmits.next().unwrap()
}

#[test]
fn a_chat_draws_what_the_document_says() {
    let mut rng = Recorder::new();
    let config = |ours, theirs| Config::x25519(ours, theirs).unwrap().with_store(StoreKey::new([1; 32]));
    let (alice, drawn) = rng.during(|env| Chat::request(config("alice", "bob"), env).unwrap());
    let mut alice = alice;
    assert_eq!(drawn, [CHAT_ID, SCALAR, NONCE, NONCE]);
    let TransmitKind::Request { public, .. } = public_of(&mut alice) else { panic!() };
    let invitation = Invitation::parse(&public, config("bob", "alice")).unwrap();
    let (mut bob, drawn) = rng.during(|env| invitation.accept(env).unwrap());
    assert_eq!(drawn, [CHAT_ID, SCALAR, NONCE, NONCE]);
    let TransmitKind::Accept { public, fingerprint, .. } = public_of(&mut bob) else { panic!() };

    let accepted = Input::accepted(&public, fingerprint);
    let (_, drawn) = rng.during(|env| alice.handle(accepted, env).unwrap());
    assert_eq!(drawn, [ID, RANDOM_BYTES, padding(NOTIFY_LAYER), NONCE, NONCE, NONCE]);

    let draft = Draft::text("hi");
    let (random_id, drawn) = rng.during(|env| alice.send(&draft, env).unwrap());
    assert_eq!(drawn, [ID, RANDOM_BYTES, padding(TEXT), NONCE, NONCE]);
    let (_, drawn) = rng.during(|env| alice.delete(&[random_id], env).unwrap());
    let deletion = [RANDOM_BYTES, padding(DELETE_ONE)];
    assert_eq!(drawn, [&[ID], &deletion[..], &deletion, &[NONCE; 3]].concat());

    let (_, drawn) = rng.during(|env| alice.rekey(env).unwrap());
    assert_eq!(drawn, [ID, SCALAR, ID, RANDOM_BYTES, padding(REQUEST_KEY), NONCE, NONCE, NONCE]);

    let (_, drawn) = rng.during(|env| ChainKey::random(env.rng));
    assert_eq!(drawn, [32, 32]);
}

#[test]
fn a_chat_without_records_draws_neither_its_name_nor_nonces() {
    let mut rng = Recorder::new();
    let (_, drawn) = rng.during(|env| Chat::request(Config::x25519("alice", "bob").unwrap(), env).unwrap());
    assert_eq!(drawn, [SCALAR]);
}
