//! What is left of records that went, and two processes.

use secretchat_redb::RedbStore;
use store_contract::{processes, remains};

#[test]
fn fa_20_nothing_that_went_stays() {
    remains::nothing_that_went_stays(|directory| RedbStore::open(directory.join("store")));
}

#[test]
fn fa_21_of_two_processes_one_drives_a_chat() {
    let test = "fa_21_of_two_processes_one_drives_a_chat";
    processes::of_two_processes_one_drives_a_chat(test, false, |directory| RedbStore::open(directory.join("store")));
}
