//! A message from its parts to the bytes that are sent.

use super::{Example, cases, same, sha256, vectors};
use crate::spec::table;

#[test]
fn a_message_with_every_step() {
    let example = Example::new("A message, with every step");
    example.equals(&cases(vectors("fingerprints.json"), "chat-key")[0], &same(&["key", "fingerprint"]));
    let messages = cases(vectors("kdf.json"), "message");
    let message = &messages[0];
    assert_eq!(message["x"], 0);
    example.equals(message, &[("msg_key", "msg_key"), ("ciphertext", "cipher")]);
    let plain = example.joined(&["length", "body", "padding"]);
    assert_eq!(hex::encode(&plain), message["plain"].as_str().unwrap());

    let (key, msg_key) = (example.bytes("key"), example.bytes("msg_key"));
    assert_eq!(example.bytes("msg_key input"), [&key[88..120], &plain].concat());
    assert_eq!(example.bytes("its SHA-256"), sha256(&example.bytes("msg_key input")));
    assert_eq!(example.bytes("its SHA-256")[8..24], msg_key);
    assert_eq!(example.bytes("A input"), [&msg_key, &key[..36]].concat());
    assert_eq!(example.bytes("B input"), [&key[40..76], &msg_key].concat());
    let (a, b) = (sha256(&example.bytes("A input")), sha256(&example.bytes("B input")));
    assert_eq!((example.bytes("A"), example.bytes("B")), (a.clone(), b.clone()));
    assert_eq!(example.bytes("aes_key"), [&a[..8], &b[8..24], &a[24..]].concat());
    assert_eq!(example.bytes("aes_iv"), [&b[..8], &a[8..24], &b[24..]].concat());
    assert_eq!(example.bytes("message"), example.joined(&["fingerprint", "msg_key", "ciphertext"]));

    let rows = table("| x | `msg_key` | ciphertext |");
    assert_eq!(rows.len(), messages.len());
    for (row, message) in rows.iter().zip(&messages) {
        assert_eq!(row[0], message["x"].to_string());
        assert_eq!([row[1], row[2]], ["msg_key", "cipher"].map(|name| message[name].as_str().unwrap()));
    }
}

#[test]
fn the_example_of_a_message_was_recorded() {
    let example = Example::new("A message of TDLib");
    let file = vectors("tdlib/conversations/text_layer73_td_orig.json");
    let step = file["steps"].as_array().unwrap().iter().find(|step| step["n"] == 11).unwrap();
    example.equals(&file["secrets"]["keys"][0], &[("chat key", "auth_key")]);
    example.equals(step, &[("padding", "padding"), ("msg_key", "msg_key"), ("sealed", "wire")]);
    let header = ["decryptedMessageLayer", "random_bytes", "layer", "in_seq_no", "out_seq_no"];
    let message = ["decryptedMessage", "flags", "random_id", "ttl", "message"];
    let body = example.joined(&[&header[..], &message[..]].concat());
    assert_eq!(hex::encode(&body), step["tl"].as_str().unwrap());
    assert_eq!(example.bytes("length"), u32::try_from(body.len()).unwrap().to_le_bytes());
    let plain = [example.bytes("length"), body, example.bytes("padding")].concat();
    let hash = sha256(&[&example.bytes("chat key")[88..120], &plain].concat());
    assert_eq!(hash[8..24], example.bytes("msg_key"));
}
