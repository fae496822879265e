//! The proof that `secretchat` needs no std: a program without std and libc that links it and gets known answers.
//!
//! Exit code: 0, or the number of the first check that fails. With n arguments on the command line, check n sees a
//! flipped bit, so prove.sh sees that each check can fail; 255: there is no check n.

#![no_std]
#![no_main]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
mod chat;
mod runtime;
#[cfg(feature = "alloc")]
mod stack;

use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{DirectionKey, Layout, open, seal};
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::schedule::{Ends, Labels, Root, Transcript};
use secretchat::hazmat::{ige, x25519};
use secretchat::{FnRng, KeyFingerprint, PeerFault, Role, rng_from_fn};

/// Draws known bytes.
fn drawn(mut bytes: impl Iterator<Item = u8>) -> FnRng<impl FnMut(&mut [u8])> {
    rng_from_fn(move |to: &mut [u8]| to.iter_mut().zip(&mut bytes).for_each(|(to, byte)| *to = byte))
}

fn run(argc: usize) -> u8 {
    let checks: &[fn(u8) -> bool] = &[
        raw_ige,
        seal_and_open,
        a_changed_message_is_refused,
        x25519_handshake,
        #[cfg(feature = "hybrid")]
        hybrid_handshake,
        #[cfg(feature = "alloc")]
        on_the_heap,
        #[cfg(feature = "alloc")]
        chat::x25519,
        #[cfg(feature = "alloc")]
        chat::x25519_on_little_stack,
        #[cfg(all(feature = "alloc", feature = "hybrid"))]
        chat::hybrid,
        #[cfg(feature = "telegram")]
        telegram_fingerprints,
    ];
    if argc > checks.len() + 1 {
        return 255;
    }
    let passes = |number: u8, check: fn(u8) -> bool| check(u8::from(usize::from(number) + 1 == argc));
    (1..).zip(checks).find(|(number, check)| !passes(*number, **check)).map_or(0, |(number, _)| number)
}

/// The chat key 00 01 .. ff of the known answers.
fn chat_key() -> ChatKey {
    Secret::new(counting_from(0))
}

fn counting_from<const N: usize>(first: u8) -> [u8; N] {
    core::array::from_fn(|i| first.wrapping_add(i as u8))
}

/// There and back; the answer itself is that of the message below.
fn raw_ige(flip: u8) -> bool {
    let (key, iv) = (counting_from(0), counting_from(32));
    let mut blocks = [counting_from(64), counting_from(80)];
    ige::encrypt(&key, &iv, &mut blocks);
    let changed = blocks[0] != counting_from(64);
    ige::decrypt(&key, &iv, &mut blocks);
    blocks[1][15] ^= flip;
    changed && blocks == [counting_from(64), counting_from(80)]
}

const SEALED: [u8; 56] = hex(
    b"32d1586ea457dfc8e178ec6da394f429e69b35da5bd39bdddadfe47aba26d7c5aa890a81ebe92c74cc6d32a4e9e816f6d09a36b9ddd8b19b",
);

fn with_message_key<T>(f: impl FnOnce(&DirectionKey<'_>) -> T) -> T {
    let fingerprint = KeyFingerprint::from_bytes(hex(b"32d1586ea457dfc8"));
    f(&DirectionKey { chat_key: &chat_key(), fingerprint, x: Offset::TELEGRAM_RESPONDER })
}

fn sealed_into(buffer: &mut [u8]) -> bool {
    let Ok(layout) = Layout::with_padding(4, 24) else { return false };
    with_message_key(|key| {
        let sealed = seal(key, layout, &mut drawn(0..), buffer, |body| body.copy_from_slice(b"ABCD"));
        sealed.is_ok_and(|sealed| *sealed == SEALED)
    })
}

fn seal_and_open(flip: u8) -> bool {
    let mut buffer = [0; SEALED.len()];
    let sealed = sealed_into(&mut buffer);
    buffer[40] ^= flip;
    sealed && with_message_key(|key| open(key, &mut buffer).is_ok_and(|body| *body == *b"ABCD"))
}

fn a_changed_message_is_refused(flip: u8) -> bool {
    let mut buffer = SEALED;
    buffer[40] ^= 1 ^ flip;
    with_message_key(|key| open(key, &mut buffer) == Err(PeerFault::NotAuthentic))
}

fn x25519_handshake(flip: u8) -> bool {
    let [a, b] = [0, 32].map(|first| x25519::KeyPair::resume(Secret::new(counting_from(first))));
    let Ok(ends) = Ends::new(b"alice", b"bob", b"") else { return false };
    let transcript = Transcript::new(&Labels::X25519, &ends, a.public(), b.public());
    [(&a, b.public()), (&b, a.public())].into_iter().all(|(own, other)| {
        let Ok(shared) = own.shared_secret(other) else { return false };
        let root = Root::of_handshake(&Labels::X25519, &shared, &transcript);
        let mut fingerprint = root.fingerprint().to_bytes();
        fingerprint[0] ^= flip;
        let proof = root.discard_keys().of(Role::Initiator).prove(false, 0);
        fingerprint == hex(b"701739e8d46d61fb")
            && proof[..16] == hex::<16>(b"4577349a8e71fe69158b174f129385d9")
            && transcript.verification()[..16] == hex::<16>(b"ae6e848f39d8c14db11ae84007205655")
    })
}

/// The first of the published handshakes.
#[cfg(feature = "hybrid")]
fn hybrid_handshake(flip: u8) -> bool {
    use secretchat::hazmat::handshake::{Binding, hybrid};
    const SEED: [u8; 64] = hex(
        b"09bc7a16c31a454c8d6098e459e741bdd4816c25bdc4cdfb57ec844c0e1c9b820a17f0c0c684d3fe369abaa366fd5803996d3df1c13700b55357e5ec95417c7e",
    );
    const RANDOM: [u8; 32] = hex(b"d17e8b0922817cf70e39c7ced942d326a2a4cc04f1e2bece0c88f654837ce621");
    let Ok(ends) = Ends::new(b"alice", b"bob", b"") else { return false };
    let binding = Binding::Handshake(ends);
    let request = hybrid::Request::resume(Secret::new(counting_from(0)), Secret::new(SEED));
    let Ok(mut asked) = hybrid::check_request(request.public()) else { return false };
    asked[1000] ^= flip;
    let mut rng = drawn((32..64).chain(RANDOM));
    let Ok((answer, answered)) = hybrid::answer(&binding, &asked, &mut rng) else { return false };
    let Ok(confirmed) = request.confirm(&binding, &answer) else { return false };
    [answered, confirmed].iter().all(|established| {
        established.fingerprint.to_bytes() == hex(b"ef527b3c1b745d7f")
            && established.transcript.verification()[..16] == hex::<16>(b"cc0390f3ef606c4cb5ad0a1f05ae7f1c")
    })
}

#[cfg(feature = "alloc")]
fn on_the_heap(flip: u8) -> bool {
    let mut buffer = alloc::vec![0; SEALED.len()];
    let sealed = sealed_into(&mut buffer);
    buffer[0] ^= flip;
    sealed && buffer == SEALED
}

#[cfg(feature = "telegram")]
fn telegram_fingerprints(flip: u8) -> bool {
    use secretchat::hazmat::fingerprint;
    let (key, iv) = (Secret::new(counting_from(flip)), Secret::new(counting_from(32)));
    fingerprint::key_fingerprint(&chat_key()).to_bytes() == hex(b"32d1586ea457dfc8")
        && fingerprint::file_key_fingerprint(&key, &iv) == -217_561_997
        && fingerprint::verification(&chat_key())[..16] == hex::<16>(b"4916d6bdb7f78e6803698cab32d1586e")
}

const fn hex<const N: usize>(digits: &[u8]) -> [u8; N] {
    assert!(digits.len() == 2 * N);
    const fn nibble(digit: u8) -> u8 {
        if digit < b'a' { digit - b'0' } else { digit - b'a' + 10 }
    }
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]);
        i += 1;
    }
    bytes
}
