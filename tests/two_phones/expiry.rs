//! In the example `two_phones` nothing is left of photos with a timer that have ended: in files. `crates/two-phones` shows
//! the same for its databases.

use secretchat::store::{FileStore, Store};

use crate::example;
use crate::photos_end as expiry;

#[test]
fn fa_20_nothing_is_left_of_photos_that_have_ended() {
    expiry::nothing_is_left(&example::example("two_phones"), "file", |phone| {
        let store = FileStore::open(phone.join("records")).ok()?;
        store.load(*store.chats().ok()?.first()?).ok()?
    });
}
