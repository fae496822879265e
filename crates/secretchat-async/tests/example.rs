//! The example `shard`, as its users run it.

#[path = "../../../tests/two_phones/example.rs"]
mod example;

use std::process::Command;

#[test]
fn all_messages_arrive() {
    let output = Command::new(example::example("shard")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ok: 900 messages\n");
}
