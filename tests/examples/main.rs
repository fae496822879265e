//! The small examples as their readers run them.
#![cfg(all(feature = "std", feature = "hybrid"))]

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

#[path = "../two_phones/example.rs"]
mod example;

use example::example;

/// A program whose lines are read as they come.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(example(name));
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line; `None` when the program has ended.
    fn line(&mut self) -> Option<String> {
        self.lines.next().map(Result::unwrap)
    }

    fn write(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Starts the one who calls, again until somebody listens, and gives its first line, too.
fn connect(address: &str) -> (Program, String) {
    loop {
        let mut caller = Program::start("hello", &["connect", address]);
        if let Some(line) = caller.line() {
            return (caller, line);
        }
    }
}

#[test]
fn hello_talks_both_ways_and_ends_with_the_other_end() {
    let address = free_address();
    let mut listener = Program::start("hello", &["listen", &address]);
    let (mut caller, first) = connect(&address);
    assert_eq!(Some(first), listener.line(), "both ask to compare");
    for _ in 0..4 {
        let line = caller.line().unwrap();
        assert_eq!(line.split_whitespace().map(str::len).collect::<Vec<_>>(), [2; 8], "eight bytes in hex");
        assert_eq!(Some(line), listener.line());
    }
    caller.write("Is it raining?");
    assert_eq!(listener.line().as_deref(), Some("> Is it raining?"));
    listener.write("Not here, Łódź is dry.");
    assert_eq!(caller.line().as_deref(), Some("> Not here, Łódź is dry."));
    drop(caller);
    assert_eq!(listener.line(), None);
    assert!(listener.child.wait().unwrap().success());
}

#[test]
fn restart_goes_on_from_what_each_run_left() {
    let folder = std::env::temp_dir().join(format!("secretchat-restart-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    for run in 1..=4 {
        let mut program = Program::start("restart", &[folder.to_str().unwrap()]);
        assert_eq!(program.line(), Some(format!("message {run} of Alice")));
        assert_eq!(program.line(), None, "nothing comes twice");
        assert!(program.child.wait().unwrap().success());
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn timer_gives_no_key_before_it_is_opened_and_ends_at_both_ends() {
    let mut program = Program::start("timer", &[]);
    for expected in [
        "Bob has a message with a photo, and no key",
        "Bob sees: the bytes of a photo",
        "Bob: it is gone",
        "Alice: it is gone",
    ] {
        assert_eq!(program.line().as_deref(), Some(expected));
    }
    assert_eq!(program.line(), None);
    assert!(program.child.wait().unwrap().success());
}
