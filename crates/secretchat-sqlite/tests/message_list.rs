//! The example `message_list` as its users run it: killed at random moments, its list is complete and without repeats.
#![cfg(unix)]

#[path = "../../../tests/two_phones/example.rs"]
mod example;
#[path = "../../../tests/two_phones/killer.rs"]
mod killer;

use std::process::Command;
use std::time::Duration;

use killer::{killed_until_it_ends, paced, stdout};
use store_contract::Directory;

#[test]
fn each_message_is_in_both_lists_once() {
    let wanted = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 100 } else { 10 };
    let (mut kills, mut longest) = (0, Duration::from_millis(800));
    while kills < wanted {
        let directory = Directory::new("message-list");
        let mut command = Command::new(example::example("message_list"));
        let (killed, output) = killed_until_it_ends(command.arg(directory.path()), longest);
        assert!(output.status.success());
        let list = stdout(&output);
        assert!(list.ends_with("0 lost, 0 doubled\n"), "{list}");
        // The count at the end is the example's own: here are 100 texts of each, in both lists.
        for writer in ["  alice: ", "  bob: "] {
            assert_eq!(list.lines().filter(|line| line.starts_with(writer)).count(), 200, "{list}");
        }
        kills += killed.len();
        longest = paced(longest, killed.len());
    }
}
