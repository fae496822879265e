//! What is drawn from the host's generator, in which order (SPEC RNG-3).

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use secretchat::media::ChainKey;
use secretchat::{
    Chat, Config, Draft, Env, Input, Invitation, MessagePadding, Output, StoreKey, Timestamp, TransmitKind,
};

use crate::support::agreement::{self, Agreement};
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
#[cfg(feature = "hybrid")]
const SEED: usize = 64;
#[cfg(feature = "hybrid")]
const M: usize = 32;
const NONCE: usize = 12;

/// Most bodies here end at the first size of SPEC ENV-2.
fn padding(message_len: usize) -> usize {
    padding_to(128, message_len)
}

fn padding_to(size: usize, message_len: usize) -> usize {
    const HEADER: usize = 4 + 32 + 4 + 4 + 4;
    size - 4 - HEADER - message_len
}

// constructor, random_id, action: its constructor and its fields.
const NOTIFY_LAYER: usize = 4 + 8 + 4 + 4;
const REQUEST_KEY: usize = 4 + 8 + 4 + 8;
const ACCEPT_KEY: usize = 4 + 8 + 4 + 8 + 8;
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

/// What an exchange draws at the end that asks and at the one that answers.
struct Exchange {
    asks: &'static [usize],
    answers: &'static [usize],
    /// Of RequestKey and of AcceptKey, whose public values are TL strings here.
    paddings: [usize; 2],
}

fn exchange(agreement: Agreement) -> Exchange {
    match agreement {
        Agreement::X25519 => Exchange {
            asks: &[SCALAR],
            answers: &[SCALAR],
            paddings: [padding(REQUEST_KEY + 36), padding_to(192, ACCEPT_KEY + 36)],
        },
        #[cfg(feature = "hybrid")]
        Agreement::Hybrid => Exchange {
            asks: &[SCALAR, SEED],
            answers: &[SCALAR, M],
            paddings: [padding_to(1728, REQUEST_KEY + 4 + 1216), padding_to(1280, ACCEPT_KEY + 4 + 1120)],
        },
    }
}

#[test]
fn a_chat_draws_what_the_document_says() {
    for &agreement in agreement::EVERY {
        let Exchange { asks, answers, paddings } = exchange(agreement);
        let mut rng = Recorder::new();
        let config = |ours, theirs| agreement.config(ours, theirs).with_store(StoreKey::new([1; 32]));
        let (mut alice, drawn) = rng.during(|env| Chat::request(config("alice", "bob"), env).unwrap());
        assert_eq!(drawn, [&[CHAT_ID], asks, &[2 * NONCE]].concat());
        let TransmitKind::Request { public, .. } = public_of(&mut alice) else { panic!() };
        let invitation = Invitation::parse(&public, config("bob", "alice")).unwrap();
        let (mut bob, drawn) = rng.during(|env| invitation.accept(env).unwrap());
        assert_eq!(drawn, [&[CHAT_ID], answers, &[2 * NONCE]].concat());
        let TransmitKind::Accept { public, fingerprint, .. } = public_of(&mut bob) else { panic!() };

        let accepted = Input::accepted(&public, fingerprint);
        let (_, drawn) = rng.during(|env| alice.handle(accepted, env).unwrap());
        assert_eq!(drawn, [ID + RANDOM_BYTES + padding(NOTIFY_LAYER), 3 * NONCE]);

        let draft = Draft::text("hi");
        let (random_id, drawn) = rng.during(|env| alice.send(&draft, env).unwrap());
        assert_eq!(drawn, [ID + RANDOM_BYTES + padding(TEXT), 2 * NONCE]);
        let (_, drawn) = rng.during(|env| alice.delete(&[random_id], env).unwrap());
        let deletion = RANDOM_BYTES + padding(DELETE_ONE);
        assert_eq!(drawn, [ID + deletion, deletion, 3 * NONCE]);

        let [request_key, accept_key] = paddings;
        let (_, drawn) = rng.during(|env| alice.rekey(env).unwrap());
        assert_eq!(drawn, [&[ID], asks, &[ID + RANDOM_BYTES + request_key, 3 * NONCE]].concat());
        let mut drawn = vec![];
        for output in std::iter::from_fn(|| alice.poll_output()) {
            if let Output::Transmit(transmit) = output
                && let TransmitKind::Ciphertext { bytes, .. } = transmit.kind
            {
                (_, drawn) = rng.during(|env| bob.handle(Input::ciphertext(&bytes, None, None), env).unwrap());
            }
        }
        assert_eq!(drawn, [answers, &[ID + RANDOM_BYTES + accept_key, 3 * NONCE]].concat());
    }
    let (_, drawn) = Recorder::new().during(|env| ChainKey::random(env.rng));
    assert_eq!(drawn, [32, 32]);
}

// SPEC ENV-6.
#[test]
fn with_small_padding_a_message_draws_less() {
    let config = |ours, theirs| Config::x25519(ours, theirs).unwrap().with_message_padding(MessagePadding::Small);
    let mut rng = Recorder::new();
    let mut alice = rng.during(|env| Chat::request(config("alice", "bob").unwrap(), env).unwrap()).0;
    let TransmitKind::Request { public, .. } = public_of(&mut alice) else { panic!() };
    let invitation = Invitation::parse(&public, config("bob", "alice").unwrap()).unwrap();
    let mut bob = rng.during(|env| invitation.accept(env).unwrap()).0;
    let TransmitKind::Accept { public, fingerprint, .. } = public_of(&mut bob) else { panic!() };
    let (_, drawn) = rng.during(|env| alice.handle(Input::accepted(&public, fingerprint), env).unwrap());
    // Of a body of 32 + 20 bytes: 4 + 52 + 24 = 80.
    assert_eq!(drawn, [ID + 15 + 24]);
    let (_, drawn) = rng.during(|env| alice.send(&Draft::text("hi"), env).unwrap());
    // Of one of 32 + 24 bytes: 4 + 56 + 20 = 80.
    assert_eq!(drawn, [ID + 15 + 20]);
}

#[test]
fn a_chat_without_records_draws_neither_its_name_nor_nonces() {
    for &agreement in agreement::EVERY {
        let mut rng = Recorder::new();
        let (_, drawn) = rng.during(|env| Chat::request(agreement.config("alice", "bob"), env).unwrap());
        assert_eq!(drawn, exchange(agreement).asks);
    }
}
