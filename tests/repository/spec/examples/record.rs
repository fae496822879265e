//! A record that another program sealed.

use secretchat::{
    Batch, Chat, ChatState, Checkpoint, CloseReason, Config, Env, History, Output, RecordName, Records, StoreKey,
    Timestamp,
};

use super::{Example, cases, expand, hmac, same, vectors};

// SPEC REC-1, REC-2, REC-4: a record that another program sealed is one of ours.
#[test]
fn the_example_of_a_record_is_a_vector() {
    let example = Example::new("A record");
    let vector = &cases(vectors("records/chats.json"), "record")[0];
    example.equals(vector, &same(&["name", "nonce", "plain", "record", "prk"]));
    let others = [("store key", "store_key"), ("chat id", "chat"), ("record key", "record_key")];
    example.equals(vector, &others);
    example.equals(vector, &[("associated data", "associated_data")]);
    let generation = u64::from_le_bytes(example.bytes("generation").try_into().unwrap());
    assert_eq!(vector["generation"], generation.to_string());
    assert_eq!(example.bytes("prk"), hmac(&example.bytes("chat id"), &example.bytes("store key")));
    assert_eq!(expand(&example.bytes("prk"), b"secretchat/1 record key", 32), example.bytes("record key"));

    let name = RecordName::from_bytes(example.bytes("name").try_into().unwrap()).unwrap();
    let chat = secretchat::ChatId(example.bytes("chat id").try_into().unwrap());
    let records = Records { chat, rows: vec![(name, example.bytes("record"))] };
    let store_key = StoreKey::new(example.bytes("store key").try_into().unwrap());
    let plain = secretchat::hazmat::records::open(&records, &store_key).unwrap();
    assert_eq!(plain.len(), 1);
    let mut rng = crate::support::rng::Seeded::new(1);
    let mut env = Env::new(Timestamp::from_millis(1), &mut rng);
    let noted = Some(Checkpoint { generation: 9, tag: *example.bytes("record").last_chunk().unwrap() });
    let mut restored = Chat::restore(&records, &store_key, noted, &mut env).unwrap();
    assert_eq!(restored.state(), ChatState::Closed(CloseReason::ByUs));

    assert!(restored.poll_output().is_none());

    // The settings are the default ones: all but the Discard and the tag before, at its end, is what such a chat of ours writes.
    let config = Config::x25519("alice", "bob").unwrap().with_store(store_key.duplicate());
    let mut alice = Chat::request(config, &mut env).unwrap();
    alice.close(History::Keep, &mut env);
    let mut batch = None;
    while let Some(output) = alice.poll_output() {
        batch = if let Output::Persist(batch) = output { Some(batch) } else { batch };
    }
    let Batch { chat, put, .. } = batch.unwrap();
    let ours = secretchat::hazmat::records::open(&Records { chat, rows: put }, &store_key).unwrap();
    // Receipt, pending flag, the Discard, and what ends its repetition, tag.
    let discard = example.bytes("plain").len() - (33 + 1 + 38 + 3 * 33 + 16);
    assert_eq!((ours[0].0, &ours[0].2[..discard]), (name, &example.bytes("plain")[..discard]));
}
