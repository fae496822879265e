//! Other connections beside the one that writes.

use std::thread;

use secretchat::ChatId;
use secretchat::store::Store;
use store_contract::contract::batch;
use store_contract::{Directory, processes, readers};

use crate::database::{open, server};

#[test]
fn a_reader_sees_whole_batches() {
    let directory = Directory::new("readers");
    let opened = || open(&server(), directory.path()).unwrap();
    readers::a_reader_sees_whole_batches(opened(), opened());
}

#[test]
fn several_may_make_the_same_tables_at_once() {
    for round in 0..5 {
        let directory = Directory::new(&format!("at-once-{round}"));
        let opened = || open(&server(), directory.path()).unwrap();
        thread::scope(|scope| {
            for number in 0..4 {
                scope.spawn(move || opened().apply(&batch(ChatId([number; 16]), 1, &[], &[])).unwrap());
            }
        });
        assert_eq!(opened().chats().unwrap().len(), 4, "{round}");
    }
}

#[test]
fn fa_21_of_two_processes_one_drives_a_chat() {
    server();
    let test = "readers::fa_21_of_two_processes_one_drives_a_chat";
    processes::of_two_processes_one_drives_a_chat(test, true, |directory| open(&server(), directory));
}
