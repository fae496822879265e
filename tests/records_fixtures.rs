//! Records of format version 1 are read for ever: those that an independent program sealed by SPEC alone, and those that
//! this crate wrote (`test-vectors/records`, SPEC REC-1 to REC-5).
//!
//! With `SECRETCHAT_WRITE_RECORDS` set the second file is written anew, for `records.py --check` to read field by field.
//! What is committed is of a released format: it is added to, never replaced.
#![cfg(all(feature = "telegram", feature = "std"))]

#[path = "support/pair.rs"]
mod pair;
#[path = "support/rich.rs"]
mod rich;
#[path = "support/rng.rs"]
mod rng;
#[path = "support/timed.rs"]
mod timed;

use std::fs;

use pair::{NOW, env};
use rich::{answer, every_chat};
use rng::Seeded;
use secretchat::{
    Chat, ChatId, ChatState, Env, Output, Profile, RandomId, RecordName, Records, RekeyState, StoreKey, Timestamp,
    TransmitId, TransmitKind, Ttl,
};
use serde_json::{Value, json};

const SEALED_BY_SPEC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/records/chats.json");
const WRITTEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/records/written.json");

fn chats(path: &str) -> Vec<Value> {
    let mut file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    file["chats"].as_array_mut().map(std::mem::take).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn restored(chat: &Value) -> Chat {
    let row = |row: &Value| {
        let name = RecordName::from_bytes(bytes(&row["name"])).unwrap();
        (name, hex::decode(row["sealed"].as_str().unwrap()).unwrap())
    };
    let rows = chat["rows"].as_array().unwrap().iter().map(row).collect();
    let records = Records { chat: ChatId(bytes(&chat["chat"])), rows };
    let (what, generation) = (&chat["what"], chat["expected"]["generation"].as_u64());
    let store_key = StoreKey::new(bytes(&chat["store_key"]));
    let mut rng = Seeded::new(1);
    let chat = Chat::restore(&records, &store_key, generation, &mut Env::new(Timestamp::from_millis(NOW), &mut rng));
    chat.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

fn state(chat: &Chat) -> String {
    match chat.state() {
        ChatState::Closed(reason) => format!("{reason:?}"),
        state => format!("{state:?}"),
    }
}

#[test]
fn an_independent_program_seals_what_the_crate_reads() {
    let chats = chats(SEALED_BY_SPEC);
    assert_eq!(chats.len(), 17);
    for fixture in chats {
        let (what, expected) = (&fixture["what"], &fixture["expected"]);
        let mut chat = restored(&fixture);
        assert_eq!(state(&chat), expected["state"], "{what}");
        assert_eq!(matches!(chat.profile(), Profile::X25519), expected["profile"] == "x25519", "{what}");
        assert_eq!(chat.generation(), expected["generation"], "{what}");
        let optional = |field: &str| expected[field].as_str().map(str::to_owned);
        assert_eq!(chat.verification().map(|value| hex::encode(value.to_bytes())), optional("verification"), "{what}");
        assert_eq!(chat.key_fingerprint().map(|name| hex::encode(name.to_bytes())), optional("fingerprint"), "{what}");
        let counts = chat.counters();
        assert_eq!(
            [counts.sent, counts.acknowledged, counts.received].map(u64::from).map(Some),
            ["sent", "acknowledged", "received"].map(|field| expected[field].as_u64()),
            "{what}"
        );
        let exchange = match chat.rekey_state() {
            RekeyState::Requested { exchange_id } => ("requested", exchange_id.0),
            RekeyState::Accepted { exchange_id, .. } => ("accepted", exchange_id.0),
            _ => ("idle", 0),
        };
        let ids = [("idle", 0), ("requested", -9), ("accepted", 77)];
        assert!(ids.contains(&exchange), "{what} {exchange:?}");
        assert_eq!(exchange.0, expected["rekey"].as_str().unwrap_or("idle"), "{what}");
        if let Some(seconds) = expected["ttl"].as_u64() {
            assert_eq!(chat.ttl(), Ttl::from_seconds(u32::try_from(seconds).unwrap()).unwrap(), "{what}");
        }
        asks_again(&mut chat, expected);
        answer(chat);
    }
}

/// What was on its way goes out again, as it was.
fn asks_again(chat: &mut Chat, expected: &Value) {
    chat.retransmit(&mut env(&mut Seeded::new(1)));
    let mut slots = Vec::new();
    for output in pair::outputs(chat) {
        let Output::Transmit(transmit) = output else { continue };
        match transmit.kind {
            TransmitKind::Request { public } => {
                if let Some(known) = expected["public"].as_str() {
                    assert_eq!(hex::encode(public), known);
                }
            }
            TransmitKind::Ciphertext { random_id, bytes, silent, file, .. } => {
                let slot = transmit.id;
                assert!([TransmitId(16 + 3), TransmitId(16 + 4)].contains(&slot));
                assert_eq!(random_id, RandomId(100 + i64::try_from(slot.0 - 16).unwrap()));
                assert_eq!((bytes.len(), silent, file.as_deref()), (24 + 128, false, Some(&b"there"[..])));
                assert_eq!(hex::encode(&bytes[..8]), expected["fingerprint"]);
                slots.push(slot);
            }
            TransmitKind::Discard { history, proof } => {
                assert!(history && proof.is_some() == (expected["profile"] == "x25519"));
            }
            _ => {}
        }
    }
    assert_eq!(slots.len() as u64, expected["sent"].as_u64().unwrap() - expected["acknowledged"].as_u64().unwrap());
}

#[test]
fn what_the_crate_wrote_is_read_and_goes_on() {
    if std::env::var_os("SECRETCHAT_WRITE_RECORDS").is_some() {
        write();
    }
    let chats = chats(WRITTEN);
    assert_eq!(chats.len(), 6);
    for fixture in chats {
        let chat = restored(&fixture);
        assert_eq!(state(&chat), fixture["expected"]["state"], "{}", fixture["what"]);
        answer(chat);
    }
}

fn write() {
    let chats: Vec<_> = every_chat(8)
        .iter()
        .map(|chat| {
            let (records, restored) = (chat.newest(), rich::restore(chat.newest()).unwrap());
            let row = |(name, sealed): &(RecordName, Vec<u8>)| {
                json!({ "name": hex::encode(name.to_bytes()), "sealed": hex::encode(sealed) })
            };
            json!({
                "what": chat.what,
                "chat": records.chat.to_string(),
                "store_key": hex::encode(rich::STORE_KEY),
                "expected": { "generation": restored.generation(), "state": state(&restored) },
                "rows": records.rows.iter().map(row).collect::<Vec<_>>(),
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "chats": chats })).unwrap();
    fs::write(WRITTEN, text + "\n").unwrap();
}
