//! The store in files does what the databases do.

use secretchat::store::FileStore;
use store_contract::{processes, remains};

#[test]
fn fa_20_nothing_that_went_stays() {
    remains::nothing_that_went_stays(|directory| FileStore::open(directory));
}

#[test]
fn fa_21_of_two_processes_one_drives_a_chat() {
    let test = "fa_21_of_two_processes_one_drives_a_chat";
    processes::of_two_processes_one_drives_a_chat(test, false, |directory| FileStore::open(directory));
}
