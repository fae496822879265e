//! Readers beside the writer.

use std::thread;

use secretchat::store::Store;
use secretchat::{ChatId, RecordName};

use crate::contract::batch;

const CHAT: ChatId = ChatId([8; 16]);
const BATCHES: u64 = 200;

/// A reader in another thread sees each batch whole or not at all, and never an older one after a newer one.
pub fn a_reader_sees_whole_batches<W: Store, R: Store + Send>(mut writer: W, reader: R) {
    let write = |writer: &mut W, generation: u64| {
        let value = generation.to_be_bytes();
        let put: [(_, &[u8]); 2] = [(RecordName::Keys, &value), (RecordName::State, &value)];
        writer.apply(&batch(CHAT, generation, &put, &[])).unwrap();
    };
    write(&mut writer, 1);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut seen = 0;
            while seen < BATCHES {
                let rows = reader.load(CHAT).unwrap().unwrap().rows;
                let [(_, one), (_, other)] = rows.as_slice() else { panic!("a part of a batch") };
                assert_eq!(one, other, "two batches mixed");
                let generation = u64::from_be_bytes(one.as_slice().try_into().unwrap());
                assert!(generation >= seen, "an older batch after a newer one");
                assert_eq!(reader.chats().unwrap(), [CHAT]);
                seen = generation;
            }
        });
        for generation in 2..=BATCHES {
            write(&mut writer, generation);
        }
    });
}
