//! A shelf of files: the records in a [`FileStore`], and the rows in a journal next to it, one in each line.
//!
//! These are separate files, so nothing writes both at once. Each row therefore goes to disk **before** the batch that
//! follows it, and is found again by its random id when the event comes once more after a crash.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use secretchat::store::{ApplyError, FileStore, Store};
use secretchat::{Batch, ChatId, Records};

use crate::story::disk::{At, Hash, open_regular, private};
use crate::story::{Result, Row, Shelf};

pub(crate) struct Files {
    records: FileStore,
    journal: File,
}

impl Shelf for Files {
    const ATOMIC: bool = false;

    fn open(directory: &Path) -> Result<(Self, Vec<Row>)> {
        // It also ensures that no other process works here.
        let path = directory.join("records");
        let records = FileStore::open(&path).at("open", &path)?;
        let path = directory.join("journal");
        if !path.try_exists().at("read", &path)? && !records.chats()?.is_empty() {
            return Err(format!("{} is missing, but there are records of a chat", path.display()).into());
        }
        let (journal, rows) = open_journal(&path)?;
        Ok((Self { records, journal }, rows))
    }

    fn add(&mut self, row: &Row) -> Result<()> {
        let line = row.to_line();
        self.journal.write_all(format!("{line} {}\n", checksum(&line)).as_bytes())?;
        self.journal.sync_data()?;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Removes an unfinished last line, which a crash leaves. Damage elsewhere is an error.
fn open_journal(path: &Path) -> Result<(File, Vec<Row>)> {
    if path.exists() {
        open_regular(path).at("read", path)?;
    }
    let mut options = OpenOptions::new();
    let mut file = private(options.read(true).write(true).create(true).truncate(false)).open(path).at("write", path)?;
    let mut text = String::new();
    file.read_to_string(&mut text).at("read", path)?;
    let mut rows = Vec::new();
    let mut good = 0;
    for line in text.split_inclusive('\n') {
        let Some(row) = line.strip_suffix('\n').and_then(checked).and_then(Row::from_line) else { break };
        rows.push(row);
        good += line.len();
    }
    if text[good..].contains('\n') {
        return Err(format!("{} is damaged", path.display()).into());
    }
    file.set_len(good as u64).and_then(|()| file.seek(SeekFrom::End(0))).at("write", path)?;
    Ok((file, rows))
}

/// Returns the line without its checksum.
fn checked(line: &str) -> Option<&str> {
    let (line, check) = line.rsplit_once(' ')?;
    (checksum(line) == check).then_some(line)
}

fn checksum(line: &str) -> String {
    hex::encode(&Hash::of_bytes(line.as_bytes()).0[..4])
}

impl Store for Files {
    type Error = io::Error;

    fn apply(&mut self, batch: &Batch) -> std::result::Result<(), ApplyError<io::Error>> {
        self.records.apply(batch)
    }

    fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        self.records.load(chat)
    }

    fn chats(&self) -> io::Result<Vec<ChatId>> {
        self.records.chats()
    }

    fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        self.records.delete(chat)
    }

    fn scrub(&mut self) -> io::Result<bool> {
        self.records.scrub()
    }
}
