//! A process that is killed hundreds of times, between any two steps of what it does.

#[path = "support/host.rs"]
mod host;
#[path = "support/in_file.rs"]
mod in_file;

use in_file::InFile;
use store_contract::kill;

#[test]
fn each_message_is_there_once() {
    kill::each_message_is_there_once::<InFile>("each_message_is_there_once");
}
