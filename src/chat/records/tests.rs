//! Records that were read are written again with the same bytes (SPEC REC-4).

use std::collections::BTreeSet;
use std::string::String;

use serde_json::Value;

use super::*;
use crate::chat::Chat;
use crate::chat::model::{Arrived, Outgoing, TimedMessage};
use crate::media::FileForm;
use crate::record::{ChatId, Plain, RecordName, Records, StoreKey, Written, decode, encode};
use crate::types::env::Env;
use crate::types::error::StoreError;
use crate::types::time::Timestamp;

const FILES: [&str; 5] = [
    include_str!("../../../test-vectors/records/chats.json"),
    include_str!("../../../test-vectors/records/host_data.json"),
    include_str!("../../../test-vectors/records/hidden.json"),
    include_str!("../../../test-vectors/records/options.json"),
    include_str!("../../../test-vectors/records/written.json"),
];

/// Reads the contents of a record and writes them again.
fn again(name: RecordName, plain: &[u8]) -> Result<Plain, StoreError> {
    let written = Written::default();
    Ok(match name {
        RecordName::Keys => {
            let (setup, phase) = decode_keys(plain)?;
            encode_keys(&setup, &phase)
        }
        RecordName::State => {
            let (state, kept) = decode_state(plain, &written)?;
            encode_state(&state, &kept)
        }
        RecordName::Outgoing(slot) => encode(&decode::<Outgoing, _>(plain, &Place { slot, written })?),
        RecordName::Waiting(slot) | RecordName::Unopened(slot) => {
            encode(&decode::<Arrived, _>(plain, &Place { slot, written })?)
        }
        RecordName::Timed(_) => {
            // A key of either form is 64 bytes.
            encode(&decode::<TimedMessage, _>(plain, &Known { written, form: FileForm::Segments })?)
        }
        RecordName::Tombstone => {
            let (setup, tombstone, before) = decode_tombstone(plain)?;
            encode_tombstone(&setup, &tombstone, &before)
        }
    })
}

#[test]
fn records_of_every_kind_are_written_as_they_were_read() {
    let mut kinds = BTreeSet::new();
    for file in FILES {
        let file: Value = serde_json::from_str(file).unwrap();
        for row in file["rows"].as_array().unwrap() {
            // Rows that no chat comes from have no contents in the files.
            let Some(plain) = row["plain"].as_str() else { continue };
            let bytes = hex::decode(row["name"].as_str().unwrap()).unwrap();
            let name = RecordName::from_bytes(bytes.try_into().unwrap()).unwrap();
            let plain = hex::decode(plain).unwrap();
            let again = match again(name, &plain) {
                // A build without a profile cannot read its configuration.
                Err(StoreError::ProfileOff) if cfg!(not(all(feature = "hybrid", feature = "telegram"))) => continue,
                again => again.unwrap(),
            };
            assert_eq!(hex::encode(&*again), hex::encode(&plain), "{name}");
            assert_eq!(again.room(), 16, "the buffer never grew, and the tag fits: {name}");
            kinds.insert(String::from(row["name"].as_str().unwrap().get(..2).unwrap()));
        }
    }
    assert_eq!(kinds.len(), 7, "every kind: {kinds:?}");
}

// SPEC REC-5.
#[test]
fn a_chat_of_a_profile_that_the_build_lacks_is_refused_by_its_own_error() {
    let file: Value = serde_json::from_str(FILES[0]).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let mut restored = BTreeSet::new();
    for case in file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "chat") {
        let rows = case["rows"].as_array().unwrap().iter().map(|place| {
            let row = &file["rows"][usize::try_from(place.as_u64().unwrap()).unwrap()];
            (RecordName::from_bytes(bytes(&row["name"]).try_into().unwrap()).unwrap(), bytes(&row["sealed"]))
        });
        let records = Records { chat: ChatId(bytes(&case["chat"]).try_into().unwrap()), rows: rows.collect() };
        let store_key = StoreKey::new(bytes(&case["store_key"]).try_into().unwrap());
        let rng = &mut rand_core::UnwrapErr(getrandom::SysRng);
        let is_on = match case["profile"].as_str().unwrap() {
            "x25519" => true,
            "hybrid" => cfg!(feature = "hybrid"),
            "telegram" => cfg!(feature = "telegram"),
            other => panic!("{other}"),
        };
        let chat = Chat::restore(&records, &store_key, None, &mut Env::new(Timestamp::default(), rng));
        let expected = if is_on { Ok(()) } else { Err(StoreError::ProfileOff) };
        assert_eq!(chat.map(drop), expected, "{}", case["comment"]);
        restored.insert((case["profile"].as_str().unwrap(), case["state"].as_str().unwrap()));
    }
    // Each profile before, in and after an open chat.
    for profile in ["x25519", "hybrid", "telegram"] {
        for state in ["Requested", "Ready", "ByUs"] {
            assert!(restored.contains(&(profile, state)), "{profile} {state}");
        }
    }
}
