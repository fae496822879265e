//! Messages under a secret chat key.

use std::hint::black_box;

use ige_lanes::{Backend, DecryptionKey, EncryptionKey, Iv};
use recordings::Seeded;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::{ChatKey, MsgKey, Offset};
use secretchat::{KeyFingerprint, PeerFault};
use subtle::ConstantTimeEq;

use crate::judge::{NOT_HERE, Public};
use crate::memory::{hide, reveal, reveal_bytes};

const FINGERPRINT: KeyFingerprint = KeyFingerprint::from_bytes(*b"a finger");
const BODY: [u8; 200] = [0x5b; 200];

/// Branches after a message has proved authentic; its length is known to whoever is told so.
pub(crate) const OPENED: &[Public] = &[
    Public {
        file: "src/envelope/mod.rs",
        line: "if !bool::from(genuine & well_formed)",
        why: "the verdict is returned",
    },
    Public {
        file: "src/envelope/mod.rs",
        line: "plain.get_mut(LENGTH_LEN..LENGTH_LEN + body_len)",
        why: "the length of a message that is authentic",
    },
];
/// The one branch of a message that is not.
pub(crate) const REFUSED: &[Public] = OPENED.split_at(1).0;

fn chat_key() -> ChatKey {
    Secret::random(&mut Seeded::new(1))
}

fn secret_chat_key() -> ChatKey {
    let known = chat_key();
    Secret::fill_with(|key| {
        key.copy_from_slice(known.expose());
        hide(key);
    })
}

fn direction(chat_key: &ChatKey) -> DirectionKey<'_> {
    DirectionKey { chat_key, fingerprint: FINGERPRINT, x: Offset::X25519_RESPONDER }
}

pub(crate) fn compare() {
    let mut plain = [3; 64];
    hide(&mut plain);
    let computed = MsgKey::of(&secret_chat_key(), Offset::INITIATOR, &plain);
    let same = computed.ct_eq(&MsgKey::from_bytes([7; 16])).unwrap_u8();
    assert_eq!(reveal(same), 0);
}

pub(crate) fn derive() {
    let (key, iv) = MsgKey::from_bytes([7; 16]).aes_key_iv(&secret_chat_key(), Offset::TELEGRAM_RESPONDER);
    black_box((key.expose(), iv.expose()));
}

fn ige_of(backend: Backend) {
    let (mut key, mut iv, mut data) = ([1; 32], [2; 32], [[3; 16]; 40]);
    [&mut key, &mut iv].into_iter().for_each(|bytes| hide(bytes));
    hide(data.as_flattened_mut());
    let Some(encryption) = EncryptionKey::with_backend(&key, backend) else {
        std::process::exit(NOT_HERE);
    };
    let (mut forth, mut back): (Iv, Iv) = (iv, iv);
    encryption.encrypt(&mut forth, &mut data);
    DecryptionKey::with_backend(&key, backend).expect("as above").decrypt(&mut back, &mut data);
    let data = reveal(data);
    assert_eq!(data, [[3; 16]; 40]);
}

pub(crate) fn ige_vaes() {
    ige_of(Backend::Vaes);
}

pub(crate) fn ige_aes_ni() {
    ige_of(Backend::AesNi);
}

pub(crate) fn ige_portable() {
    ige_of(Backend::Portable);
}

pub(crate) fn ige() {
    let (mut key, mut iv, mut data) = ([1; 32], [2; 32], [[3; 16]; 40]);
    [&mut key, &mut iv].into_iter().for_each(|bytes| hide(bytes));
    hide(data.as_flattened_mut());
    ige::encrypt(&key, &iv, &mut data);
    ige::decrypt(&key, &iv, &mut data);
    assert_eq!(reveal(data), [[3; 16]; 40]);
}

fn sealed(chat_key: &ChatKey) -> Vec<u8> {
    let layout = Layout::size_class(BODY.len()).expect("a good length");
    let mut sealed = vec![0; layout.sealed_len()];
    let body = |to: &mut [u8]| {
        to.copy_from_slice(&BODY);
        hide(to);
    };
    envelope::seal(&direction(chat_key), layout, &mut Seeded::new(2), &mut sealed, body).expect("it fits");
    sealed
}

pub(crate) fn seal() {
    black_box(sealed(&secret_chat_key()));
}

pub(crate) fn open() {
    let mut message = sealed(&chat_key());
    reveal_bytes(&message);
    let key = secret_chat_key();
    envelope::open(&direction(&key), &mut message).expect("it is authentic");
    reveal_bytes(&message);
    assert_eq!(message[envelope::HEADER_LEN + 4..][..BODY.len()], BODY);
}

pub(crate) fn open_forged() {
    let mut message = sealed(&chat_key());
    reveal_bytes(&message);
    message[100] ^= 1;
    let key = secret_chat_key();
    assert_eq!(envelope::open(&direction(&key), &mut message).expect_err("it is forged"), PeerFault::NotAuthentic);
}
