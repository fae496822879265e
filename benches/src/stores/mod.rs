//! What it takes to write a message down: each store beside a bare client of the same database that writes the same bytes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use message_paths::{Hosts, Profile, Settings};
use secretchat::Batch;
use secretchat::store::{FileStore, MemoryStore, Store};
use secretchat_redb::RedbStore;
use secretchat_sqlite::SqliteStore;

use crate::measure::{Case, Group, Lap, Table, Unit, timing};

mod bare;
mod recorder;

/// A batch, as a driver gives it to its store.
pub const BATCHES: &str = "A batch of a chat of messages of 100 characters, written";
/// Whole hosts.
pub const HOSTS: &str = "Such a message through two drivers with receipts, each with a store";
/// How often they write.
pub const COUNTS: &str = "Batches of a message";

/// The stores and the bare clients that they are compared with.
pub const SQLITE: &str = "SqliteStore";
/// `synchronous = OFF`, set behind the back of the store.
pub const SQLITE_OFF: &str = "SqliteStore, not durable";
/// redb.
pub const REDB: &str = "RedbStore";
/// A file for each chat, written anew.
pub const FILES: &str = "FileStore";
const BARE_SQLITE: &str = "bare rusqlite, the same settings, statements prepared once";
const BARE_SQLITE_OFF: &str = "bare rusqlite, not durable";
const BARE_REDB: &str = "bare redb";
const APPEND: &str = "bare append and fdatasync";

/// The messages of an end go one way and come back.
const SETTINGS: Settings = Settings { profile: Profile::X25519, records: true, rekeys: false };
/// The batches of a lap.
const COUNT: usize = 16;

/// Measures all of it, in a folder beside the program, since a temporary one may be in memory.
///
/// # Errors
/// The folder cannot be made.
pub fn measure(rounds: u32) -> io::Result<Vec<Table>> {
    let folder = Folder::create()?;
    let mut tables = timing::measure(&mut groups(&folder.0, rounds), rounds);
    if let [batches, ..] = &mut tables[..] {
        let bases = [(SQLITE, BARE_SQLITE), (SQLITE_OFF, BARE_SQLITE_OFF), (REDB, BARE_REDB), (FILES, APPEND)]
            .map(|(store, bare)| (store, batches.get(bare, "us")));
        batches.add_ratio("us", "x bare client", |row| bases.into_iter().find(|(store, _)| *store == row)?.1);
    }
    tables.push(recorder::counts());
    Ok(tables)
}

/// Returns the cases, which write into `folder` and have batches for so many rounds.
fn groups(folder: &Path, rounds: u32) -> Vec<Group> {
    // Each round runs a lap twice.
    let batches: Rc<[Batch]> = recorder::batches(2 * COUNT * rounds as usize).into();
    let file = |name: &str| folder.join(name);
    let sqlite = |name| SqliteStore::open(file(name)).unwrap();
    let not_durable = |name| {
        let store = sqlite(name);
        store.connection().pragma_update(None, "synchronous", "OFF").unwrap();
        store
    };
    let redb = |name| RedbStore::open(file(name)).unwrap();
    let cases = vec![
        Case::new("MemoryStore", [replay(&batches, apply(MemoryStore::default()))]),
        Case::new(SQLITE_OFF, [replay(&batches, apply(not_durable("off.db")))]),
        Case::new(BARE_SQLITE_OFF, [replay(&batches, bare::sqlite(&file("bare-off.db"), false))]),
        Case::new(SQLITE, [replay(&batches, apply(sqlite("full.db")))]),
        Case::new(BARE_SQLITE, [replay(&batches, bare::sqlite(&file("bare.db"), true))]),
        Case::new(
            format!("{SQLITE}, {COUNT} batches in a commit"),
            [replay_together(&batches, apply_all(sqlite("all.db")))],
        ),
        Case::new(REDB, [replay(&batches, apply(redb("a.redb")))]),
        Case::new(BARE_REDB, [replay(&batches, bare::redb(&file("bare.redb")))]),
        Case::new(
            format!("{REDB}, {COUNT} batches in a commit"),
            [replay_together(&batches, apply_all(redb("all.redb")))],
        ),
        Case::new(FILES, [replay(&batches, apply(FileStore::open(file("files")).unwrap()))]),
        Case::new(APPEND, [replay(&batches, bare::append(&file("appended")))]),
    ];
    let hosts = vec![
        Case::new("MemoryStore", [talk([MemoryStore::default(), MemoryStore::default()])]),
        Case::new(SQLITE_OFF, [talk([not_durable("off-a.db"), not_durable("off-b.db")])]),
        Case::new(SQLITE, [talk([sqlite("a.db"), sqlite("b.db")])]),
        Case::new(REDB, [talk([redb("b.redb"), redb("c.redb")])]),
        Case::new(FILES, [talk(["a", "b"].map(|name| FileStore::open(file(name)).unwrap()))]),
    ];
    vec![
        Group { title: BATCHES, unit: Unit::Micros, columns: &["us"], cases },
        Group { title: HOSTS, unit: Unit::Micros, columns: &["us"], cases: hosts },
    ]
}

/// Writes the next batches in each lap, one after the other.
fn replay(batches: &Rc<[Batch]>, mut write: impl FnMut(&Batch) + 'static) -> Lap {
    replay_together(batches, move |batches| batches.iter().for_each(&mut write))
}

/// Writes the next batches in each lap.
fn replay_together(batches: &Rc<[Batch]>, mut write: impl FnMut(&[Batch]) + 'static) -> Lap {
    let (batches, mut next) = (Rc::clone(batches), 0);
    Lap::of(u32::try_from(COUNT).unwrap_or(u32::MAX), move || {
        write(&batches[next..next + COUNT]);
        next += COUNT;
    })
}

fn apply(mut store: impl Store) -> impl FnMut(&Batch) {
    move |batch| store.apply(batch).unwrap()
}

fn apply_all(mut store: impl Store) -> impl FnMut(&[Batch]) {
    move |batches| store.apply_all(batches).unwrap()
}

fn talk<S: Store + 'static>(stores: [S; 2]) -> Lap {
    let mut hosts = Hosts::on(SETTINGS, stores);
    Lap::of(8, move || (0..4).for_each(|_| hosts.say_both()))
}

/// A folder that is removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn create() -> io::Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.with_file_name(format!("stores-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_runs() {
        let folder = Folder::create().unwrap();
        for group in &mut groups(&folder.0, 1) {
            for case in &mut group.cases {
                for lap in &mut case.laps {
                    (lap.prepare)();
                    (lap.run)();
                }
            }
        }
    }
}
