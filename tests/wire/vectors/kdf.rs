//! `msg_key`, AES key and iv (SPEC KDF-1 to KDF-3).

use secretchat::Role;
use secretchat::hazmat::Secret;
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::{MsgKey, Offset};

use super::json::{array, bytes, cases, file};

pub(crate) fn offset(x: &serde_json::Value) -> Offset {
    match x.as_u64().unwrap() {
        0 => Offset::INITIATOR,
        8 => Offset::TELEGRAM_RESPONDER,
        128 => Offset::X25519_RESPONDER,
        x => panic!("no direction has x = {x}"),
    }
}

#[test]
fn aes_key_and_iv_of_a_message_key() {
    let cases = cases(&file!("kdf.json"), "derived");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let key = Secret::new(array(&case["key"]));
        let (aes_key, aes_iv) = MsgKey::from_bytes(array(&case["msg_key"])).aes_key_iv(&key, offset(&case["x"]));
        assert_eq!(aes_key.expose(), &array(&case["aes_key"]), "x = {}", case["x"]);
        assert_eq!(aes_iv.expose(), &array(&case["aes_iv"]), "x = {}", case["x"]);
    }
}

#[test]
fn message_key_and_cipher_of_a_plaintext() {
    let cases = cases(&file!("kdf.json"), "message");
    assert_eq!(cases.len(), 3);
    for case in &cases {
        let key = Secret::new(array(&case["key"]));
        let x = offset(&case["x"]);
        let mut plain = bytes(&case["plain"]);
        let msg_key = MsgKey::of(&key, x, &plain);
        assert_eq!(msg_key.to_bytes(), array(&case["msg_key"]), "x = {}", case["x"]);
        let (aes_key, aes_iv) = msg_key.aes_key_iv(&key, x);
        ige::encrypt(aes_key.expose(), aes_iv.expose(), plain.as_chunks_mut().0);
        assert_eq!(plain, bytes(&case["cipher"]), "x = {}", case["x"]);
    }
}

// SPEC KDF-3.
#[test]
fn direction_follows_from_the_role_of_the_sender() {
    assert_eq!(Offset::telegram(Role::Initiator), Offset::INITIATOR);
    assert_eq!(Offset::telegram(Role::Responder), Offset::TELEGRAM_RESPONDER);
    assert_eq!(Offset::x25519(Role::Initiator), Offset::INITIATOR);
    assert_eq!(Offset::x25519(Role::Responder), Offset::X25519_RESPONDER);
}

/// Which bytes of the chat key a direction reads, found by changing each of them.
fn bytes_read(x: Offset) -> Vec<usize> {
    let result = |key: &Secret<256>| {
        let (aes_key, aes_iv) = MsgKey::from_bytes([7; 16]).aes_key_iv(key, x);
        (MsgKey::of(key, x, b"plaintext").to_bytes(), *aes_key.expose(), *aes_iv.expose())
    };
    let before = result(&Secret::new([0; 256]));
    (0..256)
        .filter(|i| {
            let mut key = [0; 256];
            key[*i] = 1;
            result(&Secret::new(key)) != before
        })
        .collect()
}

#[test]
fn at_12_directions_of_the_x25519_profile_share_no_byte_of_the_key() {
    let window = |x: usize| [x..x + 36, x + 40..x + 76, x + 88..x + 120].into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(bytes_read(Offset::INITIATOR), window(0));
    assert_eq!(bytes_read(Offset::TELEGRAM_RESPONDER), window(8));
    assert_eq!(bytes_read(Offset::X25519_RESPONDER), window(128));
}
