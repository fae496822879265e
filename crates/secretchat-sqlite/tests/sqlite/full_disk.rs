//! A write that SQLite refuses for want of room.

use secretchat_sqlite::SqliteStore;
use store_contract::full;

use crate::database::Sqlite;

/// `SQLITE_FULL` at the next page, as from a full disk; the limit is the connection's, so opening again lifts it.
fn fill(store: &mut SqliteStore) {
    let pages: i64 = store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = store.connection().pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0));
    assert_eq!(limit.unwrap(), pages);
}

#[test]
fn a_batch_that_does_not_fit_leaves_nothing() {
    full::a_batch_that_does_not_fit_leaves_nothing::<Sqlite>(fill);
}

#[test]
fn nothing_leaves_and_the_chat_goes_on() {
    full::nothing_leaves_and_the_chat_goes_on::<Sqlite>(fill);
}
