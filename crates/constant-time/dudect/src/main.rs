#![doc = include_str!("../README.md")]

use std::hint::black_box;

use dudect_bencher::rand::{Rng, RngExt};
use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use ml_kem::kem::Decapsulate;
use ml_kem::ml_kem_768::DecapsulationKey;
use recordings::Seeded;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::fingerprint as identifiers;
use secretchat::hazmat::kdf::{ChatKey, MsgKey, Offset};
use secretchat::hazmat::modp::{DhGroup, KeyPair as ModpPair};
use secretchat::hazmat::x25519::KeyPair;
use secretchat::hazmat::{Secret, ige, records};
use secretchat::{KeyFingerprint, StoreKey, Verification};
use subtle::ConstantTimeEq;

use kept::records_of_a_chat;

#[path = "../../src/kept.rs"]
mod kept;

/// Times `run` over inputs of both classes in a random order. All of them are made before the first is timed.
fn compare<T, R>(
    runner: &mut CtRunner,
    rng: &mut BenchRng,
    samples: usize,
    make: impl Fn(Class, &mut BenchRng) -> T,
    run: impl Fn(&T) -> R,
) {
    let inputs: Vec<(Class, T)> = (0..samples)
        .map(|_| {
            let class = if rng.random::<bool>() { Class::Left } else { Class::Right };
            (class, make(class, rng))
        })
        .collect();
    for (class, input) in inputs {
        runner.run_one(class, || black_box(run(black_box(&input))));
    }
}

/// A fixed secret on the left, a random one on the right; both are copied from a fresh draw.
fn secret<const N: usize>(class: Class, rng: &mut BenchRng) -> Secret<N> {
    let mut drawn = [0; N];
    rng.fill_bytes(&mut drawn);
    let fixed = [0x5a; N];
    let chosen = if matches!(class, Class::Left) { fixed } else { drawn };
    Secret::fill_with(|bytes| bytes.copy_from_slice(&chosen))
}

/// Leaks on purpose: it stops at the first byte that differs.
fn control_leaks(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |class, _: &mut BenchRng| {
        let mut claimed = [7_u8; 256];
        claimed[if matches!(class, Class::Left) { 255 } else { 0 }] = 0;
        claimed
    };
    compare(runner, rng, 100_000, make, |claimed| {
        claimed.iter().zip(&[7_u8; 256]).all(|(one, other)| black_box(*one) == *other)
    });
}

fn message_key_compare(runner: &mut CtRunner, rng: &mut BenchRng) {
    let make = |class, _: &mut BenchRng| {
        let mut claimed = [7; 16];
        claimed[if matches!(class, Class::Left) { 15 } else { 0 }] = 0;
        MsgKey::from_bytes(claimed)
    };
    let computed = MsgKey::from_bytes([7; 16]);
    compare(runner, rng, 100_000, make, |claimed| computed.ct_eq(claimed).unwrap_u8());
}

fn message_key_derive(runner: &mut CtRunner, rng: &mut BenchRng) {
    let msg_key = MsgKey::from_bytes([9; 16]);
    compare(runner, rng, 100_000, secret, |chat_key: &ChatKey| msg_key.aes_key_iv(chat_key, Offset::INITIATOR));
}

fn ige_encrypt(runner: &mut CtRunner, rng: &mut BenchRng) {
    ige_by(runner, rng, ige::encrypt);
}

fn ige_decrypt(runner: &mut CtRunner, rng: &mut BenchRng) {
    ige_by(runner, rng, ige::decrypt);
}

fn ige_by(runner: &mut CtRunner, rng: &mut BenchRng, run: fn(&[u8; 32], &[u8; 32], &mut [ige::Block])) {
    let make = |class, rng: &mut BenchRng| (secret::<32>(class, rng), secret::<32>(class, rng));
    compare(runner, rng, 100_000, make, |(key, iv)| {
        let mut data = [[3; 16]; 16];
        run(key.expose(), iv.expose(), &mut data);
        data
    });
}

/// Two forged messages: in one the last byte of `msg_key` differs, in the other one all bytes do.
fn message_open_forged(runner: &mut CtRunner, rng: &mut BenchRng) {
    const FINGERPRINT: KeyFingerprint = KeyFingerprint::from_bytes(*b"a finger");
    let chat_key: ChatKey = Secret::random(&mut Seeded::new(1));
    let direction = || DirectionKey { chat_key: &chat_key, fingerprint: FINGERPRINT, x: Offset::INITIATOR };
    let layout = Layout::size_class(200).expect("a good length");
    let mut sealed = vec![0; layout.sealed_len()];
    envelope::seal(&direction(), layout, &mut Seeded::new(2), &mut sealed, |body| body.fill(0x5b)).expect("it fits");
    let make = |class, _: &mut BenchRng| {
        let mut message = sealed.clone();
        let first = if matches!(class, Class::Left) { 23 } else { 8 };
        message[first..24].iter_mut().for_each(|byte| *byte ^= 0xff);
        message
    };
    compare(runner, rng, 50_000, make, |message| envelope::open(&direction(), &mut message.clone()).is_err());
}

fn modp_shared_key(runner: &mut CtRunner, rng: &mut BenchRng) {
    let group = DhGroup::published(3).expect("a generator");
    let peer = ModpPair::resume(&group, Secret::random(&mut Seeded::new(6))).expect("an honest value");
    let make = |class, rng: &mut BenchRng| ModpPair::resume(&group, secret(class, rng)).expect("an honest value");
    compare(runner, rng, 3_000, make, |own| own.shared_key(&group, peer.public()).is_ok());
}

fn x25519_shared_secret(runner: &mut CtRunner, rng: &mut BenchRng) {
    let peer = *KeyPair::resume(Secret::random(&mut Seeded::new(8))).public();
    let make = |class, rng: &mut BenchRng| KeyPair::resume(secret(class, rng));
    compare(runner, rng, 30_000, make, |own| own.shared_secret(&peer).is_ok());
}

/// A ciphertext as it was made, and one in which a bit has changed.
fn ml_kem_decapsulate(runner: &mut CtRunner, rng: &mut BenchRng) {
    let key = DecapsulationKey::from_seed([9; 64].into());
    let (ciphertext, _) = key.encapsulation_key().encapsulate_deterministic(&[4; 32].into());
    let make = |class, _: &mut BenchRng| {
        let mut ciphertext = ciphertext;
        ciphertext[77] ^= u8::from(matches!(class, Class::Right));
        ciphertext
    };
    compare(runner, rng, 30_000, make, |ciphertext| key.decapsulate(ciphertext));
}

fn fingerprint_of_key(runner: &mut CtRunner, rng: &mut BenchRng) {
    compare(runner, rng, 100_000, secret, |chat_key: &ChatKey| identifiers::key_fingerprint(chat_key));
}

fn verification_compare(runner: &mut CtRunner, rng: &mut BenchRng) {
    let own = Verification::from_bytes([7; 36]);
    let make = |class, _: &mut BenchRng| {
        let mut claimed = [7; 36];
        claimed[if matches!(class, Class::Left) { 35 } else { 0 }] = 0;
        Verification::from_bytes(claimed)
    };
    compare(runner, rng, 100_000, make, |claimed| own == *claimed);
}

/// Two damaged records: in one the last byte of the tag differs, in the other one its first.
fn record_open_damaged(runner: &mut CtRunner, rng: &mut BenchRng) {
    let key = StoreKey::new([0x6b; 32]);
    let whole = records_of_a_chat([0x6b; 32]);
    let make = |class, _: &mut BenchRng| {
        let mut records = whole.clone();
        let len = records.rows[0].1.len();
        records.rows[0].1[if matches!(class, Class::Left) { len - 1 } else { len - 16 }] ^= 1;
        records
    };
    compare(runner, rng, 30_000, make, |damaged| records::open(damaged, &key).is_err());
}

ctbench_main!(
    control_leaks,
    message_key_compare,
    message_key_derive,
    ige_encrypt,
    ige_decrypt,
    message_open_forged,
    modp_shared_key,
    x25519_shared_secret,
    ml_kem_decapsulate,
    fingerprint_of_key,
    verification_compare,
    record_open_damaged
);
