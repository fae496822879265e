//! Other connections beside the one that writes.

use std::thread;

use secretchat::ChatId;
use secretchat::store::Store;
use secretchat_postgres::{BlockingStore, NoTls, WorkerId};
use store_contract::contract::batch;
use store_contract::{processes, readers};

use crate::database::{name_of, schema, server};

fn open(name: &str) -> BlockingStore {
    BlockingStore::open(schema(name), NoTls, WorkerId::ALONE).unwrap()
}

#[test]
fn a_reader_sees_whole_batches() {
    readers::a_reader_sees_whole_batches(open("readers"), open("readers"));
}

#[test]
fn several_may_make_the_same_tables_at_once() {
    for round in 0..5 {
        let name = format!("at_once_{round}");
        thread::scope(|scope| {
            for number in 0..4 {
                let name = &name;
                scope.spawn(move || open(name).apply(&batch(ChatId([number; 16]), 1, &[], &[])).unwrap());
            }
        });
        assert_eq!(open(&name).chats().unwrap().len(), 4, "{round}");
    }
}

#[test]
fn fa_21_of_two_processes_one_drives_a_chat() {
    server();
    let test = "readers::fa_21_of_two_processes_one_drives_a_chat";
    processes::of_two_processes_one_drives_a_chat(test, true, |directory| {
        BlockingStore::open(schema(&name_of(directory)), NoTls, WorkerId::ALONE)
    });
}
