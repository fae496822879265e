//! A small farm, with everything killed that can be.

use std::process::Command;

#[test]
fn nothing_is_lost_or_doubled_while_workers_and_the_server_are_killed() {
    let plan = "--conversations 60 --workers 3 --seconds 8 --rate 60 --kills 3 --leaves 1 --server-kills 1";
    let output = Command::new(env!("CARGO_BIN_EXE_relay_farm")).args(plan.split(' ')).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let reported = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{reported}");
    assert_eq!(printed.lines().last(), Some("ok: 480 messages, 0 lost, 0 doubled, 0 slots twice"), "{printed}");
    for (blow, times) in [("Kill,", 3), ("Leave,", 1), ("Server,", 1)] {
        assert_eq!(printed.matches(blow).count(), times, "{blow}: {printed}");
    }
}
