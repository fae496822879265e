//! What was read is written again with the same bytes (SPEC REC-4).

use std::collections::BTreeSet;
use std::string::String;
use std::vec::Vec;

use serde_json::Value;
use zeroize::Zeroizing;

use super::*;
use crate::chat::model::{Arrived, Outgoing, State, TimedMessage};
use crate::media::FileForm;
use crate::record::{RecordName, Written, decode, encode};
use crate::types::error::StoreError;

const FILES: [&str; 3] = [
    include_str!("../../../test-vectors/records/chats.json"),
    include_str!("../../../test-vectors/records/host_data.json"),
    include_str!("../../../test-vectors/records/written.json"),
];

/// The contents of a record, read and written again.
fn again(name: RecordName, plain: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let written = Written::default();
    Ok(match name {
        RecordName::Keys => {
            let (setup, phase) = decode_keys(plain)?;
            encode_keys(&setup, &phase)
        }
        RecordName::State => encode(&decode::<State, _>(plain, &Heads { state: written, keys: written })?),
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
                // A build without a profile reads no set-up of it.
                Err(StoreError::ProfileOff) if cfg!(not(feature = "telegram")) => continue,
                again => again.unwrap(),
            };
            assert_eq!(hex::encode(&*again), hex::encode(&plain), "{name}");
            assert_eq!(again.capacity(), again.len(), "the buffer never grew: {name}");
            kinds.insert(String::from(row["name"].as_str().unwrap().get(..2).unwrap()));
        }
    }
    assert_eq!(kinds.len(), 7, "every kind: {kinds:?}");
}
