//! The promise of [`HostRows`]: the host's rows and the batch are stored together or not at all (SPEC DRV-5).

use secretchat::ChatId;
use secretchat::store::{HostRows, Store};

use crate::contract::{batch, state};
use crate::{Database, Directory, Row};

const CHAT: ChatId = ChatId([7; 16]);

/// Tests that a batch ends the transaction of the rows before it; the next rows are in another one.
pub fn rows_and_batch_are_there_together<D: Database>() {
    let directory = Directory::new("together");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    D::append(&mut store, &row("first")).unwrap();
    D::append(&mut store, &row("second")).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    D::append(&mut store, &row("behind the batch")).unwrap();
    drop(store);

    let store = D::open(&path).unwrap();
    assert_eq!(D::list(&store).unwrap(), [row("first"), row("second")]);
    assert_eq!(store.load(CHAT).unwrap().unwrap().rows, [state(1)]);
}

/// Tests that rows without a batch are stored once they are committed.
pub fn rows_may_come_without_a_batch<D: Database>() {
    let directory = Directory::new("without");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    store.commit().unwrap();
    D::append(&mut store, &row("alone")).unwrap();
    store.commit().unwrap();
    store.commit().unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    assert_eq!(D::list(&store).unwrap(), [row("alone")]);
    drop(store);
    assert_eq!(D::list(&D::open(&path).unwrap()).unwrap(), [row("alone")]);
}

/// Tests that undone rows are not in the transaction of the next batch.
pub fn rows_may_be_undone<D: Database>() {
    let directory = Directory::new("undone");
    let mut store = D::open(&directory.file("store")).unwrap();
    store.rollback().unwrap();
    D::append(&mut store, &row("undone")).unwrap();
    store.rollback().unwrap();
    store.rollback().unwrap();
    D::append(&mut store, &row("kept")).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();
    assert_eq!(D::list(&store).unwrap(), [row("kept")]);
}

/// Tests that a chat and the host's rows about it can be deleted together: an open transaction includes the deletion.
pub fn a_deletion_belongs_to_the_open_transaction<D: Database>() {
    let directory = Directory::new("deletion");
    let path = directory.file("store");
    let mut store = D::open(&path).unwrap();
    store.apply(&batch(CHAT, 1, &[], &[])).unwrap();

    D::append(&mut store, &row("undone")).unwrap();
    store.delete(CHAT).unwrap();
    drop(store);
    let mut store = D::open(&path).unwrap();
    assert!(store.load(CHAT).unwrap().is_some());
    assert_eq!(D::list(&store).unwrap(), []);

    D::append(&mut store, &row("the chat was deleted")).unwrap();
    store.delete(CHAT).unwrap();
    store.commit().unwrap();
    drop(store);
    let store = D::open(&path).unwrap();
    assert_eq!(store.load(CHAT).unwrap(), None);
    assert_eq!(D::list(&store).unwrap(), [row("the chat was deleted")]);
}

fn row(text: &str) -> Row {
    Row { received: true, text: text.to_owned() }
}
