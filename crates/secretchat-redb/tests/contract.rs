//! What every store must do.

#[path = "support/host.rs"]
mod host;
#[path = "support/in_file.rs"]
mod in_file;

use std::sync::Arc;

use in_file::InFile;
use secretchat_redb::RedbStore;
use store_contract::{Directory, contract, readers, rows};

macro_rules! hold {
    ($($module:ident :: $name:ident)+) => {$(
        #[test]
        fn $name() {
            $module::$name::<InFile>();
        }
    )+};
}

hold! {
    contract::a_chat_is_what_its_batches_left
    contract::chats_do_not_touch_each_other
    contract::an_emptied_chat_is_none
    contract::any_batches_leave_what_they_leave_in_memory
    contract::a_batch_that_does_not_follow_is_superseded
    contract::batches_of_several_chats_are_one_commit
    rows::rows_and_batch_are_there_together
    rows::rows_may_come_without_a_batch
    rows::rows_may_be_undone
    rows::a_deletion_belongs_to_the_open_transaction
}

#[test]
fn a_reader_sees_whole_batches() {
    let directory = Directory::new("reader");
    let writer = RedbStore::open(directory.file("store")).unwrap();
    let reader = RedbStore::with_database(Arc::clone(writer.database())).unwrap();
    readers::a_reader_sees_whole_batches(writer, reader);
}
