//! Readers at the same time as the writer.

use std::thread;

use secretchat::store::Store;
use secretchat::{ChatId, RecordName};

use crate::contract::{batch, state};

const CHAT: ChatId = ChatId([8; 16]);
const BATCHES: u64 = 200;

/// Tests that a reader in another thread sees each batch whole or not at all, and never an older one after a newer one.
pub fn a_reader_sees_whole_batches<W: Store, R: Store + Send>(mut writer: W, reader: R) {
    let write = |writer: &mut W, generation: u64| {
        let value = generation.to_le_bytes();
        writer.apply(&batch(CHAT, generation, &[(RecordName::Keys, &value)], &[])).unwrap();
    };
    write(&mut writer, 1);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut seen = 0;
            while seen < BATCHES {
                let rows = reader.load(CHAT).unwrap().unwrap().rows;
                let [(_, one), (_, other)] = rows.as_slice() else { panic!("a part of a batch") };
                let generation = u64::from_le_bytes(one.as_slice().try_into().unwrap());
                assert_eq!(*other, state(generation).1, "two batches mixed");
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
