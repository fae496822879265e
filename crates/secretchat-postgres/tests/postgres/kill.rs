//! The process dies; what the database holds is right.

use store_contract::kill;

use crate::database::{Postgres, server};

#[test]
fn each_message_is_there_once() {
    server();
    kill::each_message_is_there_once::<Postgres>("kill::each_message_is_there_once");
}
