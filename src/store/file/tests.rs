//! Batches over a folder that may lose power at any step.

mod fake;

use std::string::{String, ToString};
use std::{format, vec};

use fake::Fake;

use super::chats::Chats;
use super::folder::Folder;
use super::format::{CHECK_LEN, HEADER_LEN, Rows, decode, encode};
use super::*;
use crate::record::{Checkpoint, RecordName};

const CHAT: ChatId = ChatId([0xab; 16]);
const OTHER: ChatId = ChatId([0xac; 16]);
/// In every record that is to be destroyed, and nowhere else.
const SECRET: &[u8] = b"what is to be gone";

fn record(generation: u64, contents: &[u8]) -> Vec<u8> {
    [&[2][..], &generation.to_le_bytes(), &[0; 12], contents, &[u8::try_from(generation).unwrap(); 16]].concat()
}

fn rows(generation: u64, contents: &[u8]) -> Rows {
    Rows::from([(RecordName::Keys, contents.to_vec()), (RecordName::State, record(generation, contents))])
}

fn checkpoint(generation: u64) -> Checkpoint {
    Checkpoint { generation, tag: [u8::try_from(generation).unwrap(); 16] }
}

/// The batch that leads from `rows(generation - 1)` to `rows(generation)`.
fn batch(generation: u64, contents: &[u8], destroys: bool) -> Batch {
    Batch {
        chat: CHAT,
        follows: (generation > 1).then(|| checkpoint(generation - 1)),
        checkpoint: checkpoint(generation),
        put: rows(generation, contents).into_iter().collect(),
        delete: Vec::new(),
        destroys,
    }
}

fn loaded(chats: &Chats<Fake>) -> Option<Rows> {
    chats.load(CHAT).unwrap().map(|records| records.rows.into_iter().collect())
}

fn name(ending: &str) -> String {
    format!("{CHAT}.secretchat{ending}")
}

fn files(state: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    state.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

/// A batch, over a store that has the chat or not, and what it leads to.
fn replaced(destroys: bool, first: bool) -> (Fake, Batch, Option<Rows>, Rows) {
    let old = rows(1, SECRET);
    let file = encode(CHAT, &old).unwrap();
    let name = name("");
    let disk = if first { Fake::new(&[]) } else { Fake::new(&[(&name, &file)]) };
    let batch = if first { batch(1, b"new", destroys) } else { batch(2, b"new", destroys) };
    let new = if first { rows(1, b"new") } else { rows(2, b"new") };
    (disk, batch, (!first).then_some(old), new)
}

// SPEC DRV-4, DRV-1.
#[test]
fn fa_44_a_batch_is_synced_before_its_name_and_its_name_before_it_returns() {
    for first in [true, false] {
        let (disk, batch, _, new) = replaced(false, first);
        let mut chats = Chats::open(disk.clone()).unwrap();
        chats.apply(&batch).unwrap();
        assert_eq!(disk.0.borrow().calls, ["create", "sync", "rename", "sync names"]);
        for state in disk.after_a_cut() {
            assert_eq!(loaded(&Chats::open(Fake::new(&files(&state))).unwrap()), Some(new.clone()));
        }
    }
}

// SPEC DRV-10.
#[test]
fn a_power_cut_at_every_step_leaves_each_of_two_chats_before_or_after() {
    let batches = || {
        let (disk, first, ..) = replaced(true, false);
        (disk, [first, Batch { chat: OTHER, ..batch(1, b"new", false) }])
    };
    let steps = {
        let (disk, batches) = batches();
        Chats::open(disk.clone()).unwrap().apply_all(&batches).unwrap();
        let calls = disk.0.borrow().calls.clone();
        assert_eq!(calls, ["create", "sync", "create", "sync", "open", "rename", "rename", "sync names", "wipe"]);
        assert!(!disk.holds(SECRET));
        calls.len()
    };
    for fuse in 0..=steps {
        let (disk, batches) = batches();
        let mut chats = Chats::open(disk.clone()).unwrap();
        disk.0.borrow_mut().fuse = Some(fuse);
        assert_eq!(chats.apply_all(&batches).is_ok(), fuse == steps);
        for state in disk.after_a_cut() {
            let chats = Chats::open(Fake::new(&files(&state))).unwrap();
            let found = loaded(&chats).unwrap();
            let other = chats.load(OTHER).unwrap().map(|records| records.rows.into_iter().collect::<Rows>());
            assert!(found == rows(1, SECRET) || found == rows(2, b"new"), "{fuse}");
            assert!(other.as_ref().is_none_or(|other| *other == rows(1, b"new")), "{fuse}");
            if fuse == steps {
                assert_eq!((found, other), (rows(2, b"new"), Some(rows(1, b"new"))));
            }
        }
    }
}

#[test]
fn fa_17_fa_19_a_power_cut_at_every_step_leaves_the_chat_before_or_after_and_no_stray_file() {
    for (destroys, first) in [(false, true), (false, false), (true, false)] {
        let steps = {
            let (disk, batch, ..) = replaced(destroys, first);
            Chats::open(disk.clone()).unwrap().apply(&batch).unwrap();
            disk.0.borrow().calls.len()
        };
        assert_eq!(steps, if destroys { 6 } else { 4 });
        for fuse in 0..=steps {
            let (disk, batch, old, new) = replaced(destroys, first);
            let mut chats = Chats::open(disk.clone()).unwrap();
            disk.0.borrow_mut().fuse = Some(fuse);
            assert_eq!(chats.apply(&batch).is_ok(), fuse == steps);
            if fuse < steps {
                // What is there is not known: the chat is refused until the store is opened again.
                assert!(matches!(chats.apply(&batch), Err(ApplyError::Store(_))));
                assert!(chats.load(CHAT).is_err());
            }
            for state in disk.after_a_cut() {
                let disk = Fake::new(&files(&state));
                let chats = Chats::open(disk.clone()).unwrap();
                let found = loaded(&chats);
                assert!(found == old || found.as_ref() == Some(&new), "{fuse}: {state:?}");
                let names: Vec<_> = found.iter().map(|_| name("")).collect();
                assert_eq!(disk.names().unwrap(), names, "{fuse}");
                assert_eq!(disk.holds(SECRET), found.is_some() && found == old, "{fuse}");
            }
        }
    }
}

// SPEC DRV-6.
#[test]
fn fa_20_what_a_batch_destroys_is_wiped_and_what_a_deleted_chat_had_is_too() {
    let (disk, batch, _, new) = replaced(true, false);
    let mut chats = Chats::open(disk.clone()).unwrap();
    assert!(disk.holds(SECRET));
    chats.apply(&batch).unwrap();
    assert!(!disk.holds(SECRET) && disk.holds(b"new"));
    assert_eq!(loaded(&chats), Some(new));
    let fuse_at = |fuse: Option<usize>| {
        let (disk, _, old, _) = replaced(true, false);
        let mut chats = Chats::open(disk.clone()).unwrap();
        disk.0.borrow_mut().fuse = fuse;
        let done = chats.delete(CHAT).is_ok();
        for state in disk.after_a_cut() {
            let disk = Fake::new(&files(&state));
            let found = loaded(&Chats::open(disk.clone()).unwrap());
            assert!(found == old || found.is_none(), "whole or gone");
            assert_eq!(disk.holds(SECRET), found.is_some());
            assert!(!done || found.is_none());
            assert_eq!(disk.names().unwrap().len(), usize::from(found.is_some()));
        }
        done
    };
    assert!(fuse_at(None));
    assert!((0..6).all(|fuse| !fuse_at(Some(fuse))));
}

#[test]
fn fa_17_every_bit_flipped_every_byte_cut_or_added_is_the_error_of_this_chat_and_the_file_stays() {
    let whole = encode(CHAT, &rows(1, b"kept")).unwrap();
    let other = encode(OTHER, &rows(1, b"kept")).unwrap();
    let (name, other_name) = (name(""), format!("{OTHER}.secretchat"));
    let damaged = |bytes: &[u8]| {
        let disk = Fake::new(&[(&name, bytes), (&other_name, &other)]);
        let mut chats = Chats::open(disk.clone()).unwrap();
        assert_eq!(chats.chats(), [CHAT, OTHER]);
        let error = chats.load(CHAT).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains(&name), "{error}");
        assert!(chats.load(OTHER).unwrap().is_some());
        for batch in [batch(1, b"over it", true), batch(2, b"over it", true)] {
            assert!(matches!(chats.apply(&batch), Err(ApplyError::Store(_))));
        }
        assert_eq!(disk.read(&name).unwrap(), bytes, "untouched");
        assert!(disk.0.borrow().calls.is_empty());
    };
    assert!(decode(CHAT, &whole).is_some());
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        damaged(&flipped);
    }
    for length in 0..whole.len() {
        damaged(&whole[..length]);
        damaged(&whole[length + 1..]);
        // What a power cut leaves of the end.
        damaged(&[&whole[..length], &vec![0; whole.len() - length][..]].concat());
    }
    // FA-18: zeros after it.
    for zeros in [1, 21, 4096] {
        damaged(&[whole.clone(), vec![0; zeros]].concat());
    }
    damaged(&other);
}

/// The check is right, and what it is over is not what this store writes.
#[test]
fn a_file_that_says_other_numbers_than_it_has_is_damage() {
    let whole = encode(CHAT, &rows(1, b"kept")).unwrap();
    let checked = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - CHECK_LEN);
        let check = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        [bytes, check.to_vec()].concat()
    };
    assert_eq!(checked(whole.clone()), whole);
    for byte in 0..HEADER_LEN {
        for change in [1, 2, 0x80, 0xff] {
            let mut said = whole.clone();
            said[byte] ^= change;
            assert!(decode(CHAT, &checked(said)).is_none(), "{byte} {change}");
        }
    }
    assert!(decode(CHAT, &encode(CHAT, &Rows::new()).unwrap()).is_none(), "a chat without records has no file");
}

#[test]
fn fa_19_a_stray_file_that_is_not_surely_ours_stays_and_is_the_error_of_its_chat() {
    let whole = encode(CHAT, &rows(1, SECRET)).unwrap();
    for ending in [".new", ".old"] {
        let (name, stray) = (name(""), name(ending));
        // Any beginning of ours, and zeros: wiped and gone.
        for length in 0..=whole.len() {
            for bytes in [whole[..length].to_vec(), vec![0; length]] {
                let disk = Fake::new(&[(&name, &whole), (&stray, &bytes)]);
                let chats = Chats::open(disk.clone()).unwrap();
                assert_eq!(loaded(&chats), Some(rows(1, SECRET)));
                assert_eq!(disk.names().unwrap(), [name.as_str()]);
                assert!(disk.0.borrow().inodes[1].durable.iter().all(|byte| *byte == 0));
            }
        }
        for foreign in [&b"notes"[..], &encode(OTHER, &rows(1, b"x")).unwrap()] {
            let disk = Fake::new(&[(&name, &whole), (&stray, foreign)]);
            let mut chats = Chats::open(disk.clone()).unwrap();
            assert!(chats.load(CHAT).unwrap_err().to_string().contains(&stray));
            assert!(chats.apply(&batch(2, b"new", true)).is_err());
            assert_eq!(disk.read(&stray).unwrap(), foreign);
            assert_eq!(disk.read(&name).unwrap(), whole);
        }
    }
    // Names that this store does not give are nobody's.
    let others =
        ["lock", "notes.new", "AB.secretchat", &name("").to_uppercase(), &format!("{}.secretchat", "AB".repeat(16))];
    let disk = Fake::new(&others.map(|name| (name, SECRET)));
    let chats = Chats::open(disk.clone()).unwrap();
    assert_eq!(chats.chats(), []);
    assert_eq!(disk.names().unwrap().len(), others.len());
}

// SPEC REC-7.
#[test]
fn fa_21_a_batch_over_a_file_that_somebody_else_replaced_is_superseded() {
    let (name, whole) = (name(""), encode(CHAT, &rows(1, b"ours")).unwrap());
    let disk = Fake::new(&[(&name, &whole)]);
    let mut chats = Chats::open(disk.clone()).unwrap();
    for wrong in [batch(1, b"first again", false), batch(3, b"too late", false)] {
        assert!(matches!(chats.apply(&wrong), Err(ApplyError::Superseded)));
    }
    // A store whose lock was not heeded: of the same generation, too.
    let inode = disk.inode(&name).unwrap();
    let theirs = encode(CHAT, &rows(1, b"theirs")).unwrap();
    disk.0.borrow_mut().inodes[inode].seen = theirs.clone();
    assert!(matches!(chats.apply(&batch(2, b"new", false)), Err(ApplyError::Superseded)));
    assert_eq!(disk.read(&name).unwrap(), theirs);
    disk.change(|names| names.remove(&name).map(drop).ok_or(io::ErrorKind::NotFound.into())).unwrap();
    assert!(matches!(chats.apply(&batch(2, b"new", false)), Err(ApplyError::Superseded)));

    let mut chats = Chats::open(Fake::new(&[])).unwrap();
    assert!(matches!(chats.apply(&batch(2, b"follows nothing", false)), Err(ApplyError::Superseded)));
    chats.apply(&batch(1, b"first", false)).unwrap();
    chats.apply(&batch(2, b"second", false)).unwrap();
}
