//! Nothing is left of photos with a timer that have ended, in SQLite and in redb.
#![cfg(unix)]

#[path = "../../../tests/two_phones/phones.rs"]
#[allow(dead_code)] // The tests of `secretchat` use the rest.
mod phones;
#[path = "../../../tests/two_phones/photos_end.rs"]
mod photos_end;

use std::path::Path;

use secretchat::Records;
use secretchat::store::Store;
use secretchat_redb::RedbStore;
use secretchat_sqlite::SqliteStore;

#[test]
fn fa_20_nothing_is_left_in_sqlite() {
    nothing_is_left("sqlite", |phone| load(&SqliteStore::open(phone.join("phone.sqlite")).ok()?));
}

#[test]
fn fa_20_nothing_is_left_in_redb() {
    nothing_is_left("redb", |phone| load(&RedbStore::open(phone.join("phone.redb")).ok()?));
}

fn nothing_is_left(kind: &str, load: impl Fn(&Path) -> Option<Records>) {
    photos_end::nothing_is_left(Path::new(env!("CARGO_BIN_EXE_two_phones")), kind, load);
}

fn load(store: &impl Store) -> Option<Records> {
    store.load(*store.chats().ok()?.first()?).ok()?
}
