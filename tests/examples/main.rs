//! The small examples as their readers run them.
#![cfg(all(feature = "std", feature = "hybrid"))]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use secretchat::frame::{Frame, decode_one};
use secretchat::store::{FileStore, Store};

#[path = "../two_phones/example.rs"]
mod example;

use example::example;

/// A program whose lines are read as they come.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    heard: Vec<String>,
}

impl Program {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(example(name));
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, heard: Vec::new() }
    }

    /// The next line; `None` when the program has ended.
    fn line(&mut self) -> Option<String> {
        self.lines.next().map(Result::unwrap)
    }

    /// Ctrl-D.
    fn end_input(&mut self) {
        self.child.stdin = None;
    }

    fn write(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Program {
    /// Waits for what the room passes on from another one. What was heard before may come again after a kill.
    fn hears(&mut self, text: &str) {
        loop {
            let line = self.line().unwrap();
            if line.ends_with(&format!(": {text}")) {
                self.heard.push(line);
                break;
            }
            assert!(self.heard.contains(&line), "{line}");
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
fn free_address() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// An empty folder.
fn empty_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("secretchat-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// Carries datagrams between whoever writes first and `listener`, each of them twice, behind what a stranger could make up:
/// noise, a frame that is cut off, a frame with another last byte.
fn carry_with_garbage(listener: SocketAddr) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let (mut buffer, mut caller) = ([0; 1 << 16], None);
        loop {
            let (len, from) = socket.recv_from(&mut buffer).unwrap();
            if from != listener {
                caller = Some(from);
            }
            let to = if from == listener { caller.unwrap() } else { listener };
            let packet = &buffer[..len];
            let mut packets = vec![vec![0xa5; 100], packet[..len - 1].to_vec()];
            // Another request is another chat: nothing in a request is authentic.
            if !matches!(decode_one(packet).unwrap().1, Frame::Request { .. }) {
                let mut changed = packet.to_vec();
                changed[len - 1] ^= 1;
                packets.push(changed);
            }
            packets.extend([packet.to_vec(), packet.to_vec()]);
            packets.iter().for_each(|packet| _ = socket.send_to(packet, to).unwrap());
        }
    });
    address
}

#[test]
fn every_small_example_is_under_100_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let programs: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    let mut names: Vec<_> = programs.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["hello", "many_chats", "photo", "restart", "timer"]);
    for path in &programs {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        assert!(lines < 100, "{}: {lines} lines", path.display());
    }
}

#[test]
fn hello_ends_with_its_input_although_nobody_has_called() {
    let mut listener = Program::start("hello", &["listen", &free_address().to_string()]);
    listener.write("Is anybody there?");
    assert_eq!(listener.line().as_deref(), Some("Not sent: nobody has called"));
    listener.end_input();
    assert_eq!(listener.line(), None);
    assert!(listener.child.wait().unwrap().success());
}

#[test]
fn hello_talks_both_ways_over_what_strangers_send_and_ends_at_both_ends() {
    let address = free_address();
    let mut listener = Program::start("hello", &["listen", &address.to_string()]);
    let mut caller = Program::start("hello", &["call", &carry_with_garbage(address).to_string()]);
    let seen = caller.line().unwrap();
    assert_eq!(seen.split(' ').count(), 17, "16 words to compare: {seen}");
    assert_eq!(listener.line(), Some(seen));
    caller.write("Is it raining?");
    assert_eq!(listener.line().as_deref(), Some("> Is it raining?"));
    listener.write("Not here, Łódź is dry.");
    assert_eq!(caller.line().as_deref(), Some("> Not here, Łódź is dry."));
    caller.end_input();
    for mut program in [caller, listener] {
        assert_eq!(program.line(), None);
        assert!(program.child.wait().unwrap().success());
    }
}

#[test]
fn photo_arrives_whole() {
    let folder = empty_folder("photo");
    let photo = format!("{}/examples/photos/chelsea.png", env!("CARGO_MANIFEST_DIR"));
    let mut program = Program::start("photo", &[&photo, folder.to_str().unwrap()]);
    let content = fs::read(photo).unwrap();
    assert_eq!(program.line(), Some(format!("Bob has {} bytes: my cat", content.len())));
    assert_eq!(program.line().as_deref(), Some("Alice has 0 files to send"));
    assert_eq!(program.line(), None);
    assert!(fs::read(folder.join("bob/photo.png")).unwrap() == content);
    // What was carried is sealed.
    let kept = fs::read_dir(folder.join("bob/kept")).unwrap().next().unwrap().unwrap();
    let kept = fs::read(kept.path()).unwrap();
    assert!(kept.len() >= content.len() && !kept.windows(16).any(|bytes| *bytes == content[1000..1016]));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn many_chats_goes_on_with_all_after_a_kill_and_removes_those_that_are_over() {
    let (folder, address) = (empty_folder("many"), free_address().to_string());
    let arguments = [folder.to_str().unwrap(), &address];
    let open_room = |chats: usize| {
        let mut room = Program::start("many_chats", &arguments);
        assert_eq!(room.line(), Some(format!("{chats} chats")));
        room
    };
    let room = open_room(0);
    let (mut people, mut words) = (Vec::<Program>::new(), BTreeSet::new());
    for _ in 0..3 {
        let mut person = Program::start("hello", &["call", &address]);
        words.insert(person.line().unwrap());
        // When the others hear it, the room knows that it may write to this one, too.
        person.write("here I am");
        people.iter_mut().for_each(|other| other.hears("here I am"));
        people.push(person);
    }
    assert_eq!(words.len(), 3, "each has a chat with keys of its own");
    let say = |people: &mut [Program], text: &str| {
        people[0].write(text);
        people[1..].iter_mut().for_each(|person| person.hears(text));
    };
    say(&mut people, "before");
    drop(room);
    let room = open_room(3);
    say(&mut people, "after");
    let mut gone = people.pop().unwrap();
    gone.end_input();
    assert_eq!(gone.line(), None);
    say(&mut people, "without one");
    drop(room);
    drop(open_room(2));
    assert_eq!(FileStore::open(&folder).unwrap().chats().unwrap().len(), 2);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn restart_goes_on_from_what_each_run_left() {
    let folder = empty_folder("restart");
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
