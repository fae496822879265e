//! What is left of photos with a timer when they have ended: nothing, in no file of the phone, for nobody who has them all.
//!
//! The program is stopped again and again while it runs, and everything that lies on Bob's disk is copied. So there are all
//! records that the store ever had of these photos, and their encrypted files.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use getrandom::SysRng;
use rand_core::UnwrapErr;
use secretchat::{Chat, Env, RandomId, RecordName, Records, StoreKey, Timestamp};

use crate::phones::Scratch;

/// Bytes that stand in two files only if one was copied from the other.
const PIECE: usize = 16;

/// A countdown of a second, and a photo to be viewed once.
const TIMED: usize = 2;

/// What was found while the program ran.
#[derive(Default)]
struct Seen {
    /// Sealed records of messages with a timer.
    sealed: BTreeSet<Vec<u8>>,
    timed: BTreeSet<RandomId>,
    /// Encrypted files of such messages, and what was decrypted of them.
    media: BTreeSet<Vec<u8>>,
    /// A copy in which one of them can be opened.
    opens: Option<(PathBuf, RandomId)>,
}

/// `load` reads the records of the only chat in the directory of a phone, as far as they can be read.
pub(crate) fn nothing_is_left(program: &Path, kind: &str, load: impl Fn(&Path) -> Option<Records>) {
    let scratch = Scratch::new();
    let store = scratch.path("store");
    let bob = store.join("bob");
    let mut command = Command::new(program);
    command.args(["--ttl", "1", "--view-once", "--slow", "10", "--store", &format!("{kind}:{}", store.display())]);
    let copies = copies_of_a_run(&mut command, &bob, &scratch.path("copies"));

    let mut seen = Seen::default();
    for copy in &copies {
        seen.look(copy, &load);
    }
    // Or nothing would be shown below.
    assert_eq!(seen.timed.len(), TIMED, "{} copies", copies.len());
    assert!(
        seen.sealed.len() >= TIMED && seen.media.len() >= 2,
        "{} records, {} files",
        seen.sealed.len(),
        seen.media.len()
    );
    assert!(seen.opens.is_some(), "no copy from before the end opens a photo");

    let files = files_of(&bob);
    let pieces = seen.pieces();
    for (path, content) in &files {
        let found = content.windows(PIECE).position(|piece| pieces.contains(piece));
        assert!(found.is_none(), "{} holds what has ended at {found:?}", path.display());
    }

    // Nor does an older state of a file: it is a part of the file, from its beginning.
    let part = scratch.path("part");
    for (path, content) in &files {
        for len in prefixes(content.len()) {
            let _ = fs::remove_dir_all(&part);
            for (other, whole) in &files {
                let to = part.join(other.strip_prefix(&bob).unwrap());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, if other == path { &whole[..len] } else { whole }).unwrap();
            }
            for id in &seen.timed {
                assert!(!opens(&part, *id, &load), "{len} bytes of {} open it", path.display());
            }
        }
    }
}

/// Every length of a small file; of a large one those of its pages, and the ends.
fn prefixes(len: usize) -> Vec<usize> {
    let step = if len < 3_000 { 7 } else { len / 150 };
    (0..len).step_by(step.max(1)).chain([len.saturating_sub(1), len]).collect()
}

/// Runs the program to its end; copies of the directory from all the while.
fn copies_of_a_run(command: &mut Command, directory: &Path, to: &Path) -> Vec<PathBuf> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = child.id().to_string();
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, pid.as_str()]).stderr(Stdio::null()).status().unwrap();
        assert!(sent.success() || name == "-CONT");
    };
    let mut copies = Vec::new();
    while child.try_wait().unwrap().is_none() {
        if directory.join("key").exists() {
            signal("-STOP");
            let copy = to.join(copies.len().to_string());
            for (path, content) in files_of(directory) {
                let to = copy.join(path.strip_prefix(directory).unwrap());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, content).unwrap();
            }
            copies.push(copy);
            signal("-CONT");
        }
        thread::sleep(Duration::from_millis(15));
    }
    let ended = child.wait_with_output().unwrap();
    let story = String::from_utf8(ended.stdout).unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && story.ends_with("ok: 2 photos, 7 messages, 0 lost\n"), "{story}\n{said}");
    assert_eq!(story.matches("no copy of an older record that would\n").count(), TIMED, "{story}");
    copies
}

/// The files of a phone. What Bob received to keep is no part of this.
fn files_of(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && path.file_name().unwrap() != "received" {
            found.extend(files_of(&path));
        } else if path.is_file() {
            let content = fs::read(&path).unwrap();
            found.insert(path, content);
        }
    }
    found
}

impl Seen {
    fn look(&mut self, copy: &Path, load: impl Fn(&Path) -> Option<Records>) {
        for name in ["cached", "shown"] {
            let files = fs::read_dir(copy.join(name)).into_iter().flatten();
            self.media.extend(files.map(|entry| fs::read(entry.unwrap().path()).unwrap()));
        }
        let Some(records) = load(copy) else { return };
        for (name, sealed) in records.rows {
            if let RecordName::Timed(id) = name {
                self.sealed.insert(sealed);
                self.timed.insert(id);
                if self.opens.is_none() && opens(copy, id, &load) {
                    self.opens = Some((copy.to_owned(), id));
                }
            }
        }
    }

    fn pieces(&self) -> HashSet<[u8; PIECE]> {
        let pieces = self.sealed.iter().chain(&self.media).flat_map(|bytes| bytes.as_chunks().0);
        pieces.copied().filter(|piece| *piece != [0; PIECE]).collect()
    }
}

/// Whether a chat of the records in this directory lends the key of a photo.
fn opens(directory: &Path, id: RandomId, load: impl Fn(&Path) -> Option<Records>) -> bool {
    let Some(records) = load(directory) else { return false };
    let Ok(Ok(key)) = fs::read(directory.join("key")).map(<[u8; 32]>::try_from) else { return false };
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(Timestamp::from_millis(0), &mut rng);
    Chat::restore(&records, &StoreKey::new(key), None, env).is_ok_and(|mut chat| chat.open_view(id, env).is_ok())
}
