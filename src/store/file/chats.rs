//! Chats in one folder, each in a file that is replaced as a whole.

use std::collections::BTreeMap;
use std::format;
use std::io;
use std::slice;
use std::string::String;
use std::vec::Vec;

use super::folder::Folder;
use super::format::{CHECK_LEN, Rows, decode, encode, may_be_torn};
use crate::record::{Batch, ChatId, RecordName, Records};
use crate::store::ApplyError;

const ENDING: &str = ".secretchat";
/// The names of a file that is written next, and of one that is being removed. Each is a chat's file or a part of
/// one.
const NEXT: &str = ".secretchat.new";
const OLD: &str = ".secretchat.old";

#[derive(Debug)]
pub(super) struct Chats<F> {
    folder: F,
    chats: BTreeMap<ChatId, Kept>,
}

/// A chat's file.
#[derive(Debug)]
enum Kept {
    /// The contents of the file, and the check at its end.
    Rows(Rows, [u8; CHECK_LEN]),
    /// The file is not understood, or a write failed halfway. It stays as it is.
    Unclear(io::ErrorKind, String),
}

impl<F: Folder> Chats<F> {
    /// Reads the contents of the folder. A file that is not understood is an error of its own chat.
    pub(super) fn open(mut folder: F) -> io::Result<Self> {
        let mut chats = BTreeMap::new();
        let names = folder.names()?;
        for (name, chat) in names.iter().filter_map(|name| Some((name, chat_of(name, ENDING)?))) {
            chats.insert(chat, read(&folder, name, chat));
        }
        let mut cleaned = false;
        for (name, ending) in names.iter().flat_map(|name| [(name, NEXT), (name, OLD)]) {
            let Some(chat) = chat_of(name, ending) else { continue };
            match clean(&mut folder, name, chat) {
                Ok(()) => cleaned = true,
                Err(error) => _ = chats.insert(chat, Kept::unclear(name, &error)),
            }
        }
        if cleaned {
            folder.sync_names()?;
        }
        Ok(Self { folder, chats })
    }

    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), ApplyError<io::Error>> {
        self.apply_all(slice::from_ref(batch))
    }

    pub(super) fn apply_all(&mut self, batches: &[Batch]) -> Result<(), ApplyError<io::Error>> {
        let next = batches.iter().map(|batch| Ok((batch, self.rows_after(batch)?)));
        let next = next.collect::<Result<_, ApplyError<io::Error>>>()?;
        self.replace(next).map_err(|error| {
            // After a crash either file of a chat may be the newer one, and only opening shows which.
            for Batch { chat, .. } in batches {
                self.chats.insert(*chat, Kept::unclear(&format!("{chat}{ENDING}"), &error));
            }
            ApplyError::Store(error)
        })
    }

    /// Returns the records of a chat after a batch, if it follows those that are there.
    fn rows_after(&self, batch: &Batch) -> Result<Rows, ApplyError<io::Error>> {
        let mut rows = match self.chats.get(&batch.chat) {
            None => Rows::new(),
            Some(Kept::Rows(rows, _)) => rows.clone(),
            Some(unclear) => return Err(ApplyError::Store(unclear.error())),
        };
        let head = rows.get(&RecordName::State).or_else(|| rows.get(&RecordName::Tombstone));
        if !batch.fits(head.map(Vec::as_slice)) || !self.is_on_disk(batch.chat) {
            return Err(ApplyError::Superseded);
        }
        for name in &batch.delete {
            rows.remove(name);
        }
        rows.extend(batch.put.iter().cloned());
        Ok(rows)
    }

    pub(super) fn load(&self, chat: ChatId) -> io::Result<Option<Records>> {
        match self.chats.get(&chat) {
            None => Ok(None),
            Some(Kept::Rows(rows, _)) => {
                let rows = rows.iter().map(|(name, sealed)| (*name, sealed.clone())).collect();
                Ok(Some(Records { chat, rows }))
            }
            Some(unclear) => Err(unclear.error()),
        }
    }

    /// Reads the file of one chat, and changes nothing.
    pub(super) fn read_only(folder: &F, chat: ChatId) -> io::Result<Option<Records>> {
        let name = format!("{chat}{ENDING}");
        let mut kept = read(folder, &name, chat);
        if let Kept::Unclear(io::ErrorKind::InvalidData, _) = kept {
            // It may have been wiped while it was read. Then it has another name, or its name another file.
            kept = read(folder, &name, chat);
        }
        match kept {
            Kept::Rows(rows, _) => Ok(Some(Records { chat, rows: rows.into_iter().collect() })),
            Kept::Unclear(io::ErrorKind::NotFound, _) => Ok(None),
            unclear => Err(unclear.error()),
        }
    }

    pub(super) fn chats(&self) -> Vec<ChatId> {
        self.chats.keys().copied().collect()
    }

    /// The host's request suffices, even for a file that is not understood.
    pub(super) fn delete(&mut self, chat: ChatId) -> io::Result<()> {
        if self.chats.contains_key(&chat) { self.remove(chat) } else { Ok(()) }
    }

    /// Returns whether the file is the one that this store last read or wrote.
    fn is_on_disk(&self, chat: ChatId) -> bool {
        let tail = self.folder.tail(&format!("{chat}{ENDING}"), CHECK_LEN);
        match self.chats.get(&chat) {
            Some(Kept::Rows(_, check)) => tail.is_ok_and(|tail| tail == check),
            _ => tail.is_err_and(|error| error.kind() == io::ErrorKind::NotFound),
        }
    }

    /// Writes the new file of each chat, then renames them, and syncs the folder once. Before its rename the old file of
    /// a chat is complete, and after it the new one.
    fn replace(&mut self, next: Vec<(&Batch, Rows)>) -> io::Result<()> {
        let mut written = Vec::new();
        for (batch, rows) in next {
            let chat = batch.chat;
            if rows.is_empty() {
                self.remove(chat)?;
                continue;
            }
            let bytes = encode(chat, &rows).ok_or(io::ErrorKind::InvalidInput)?;
            let check = *bytes.last_chunk().ok_or(io::ErrorKind::InvalidInput)?;
            let mut file = self.folder.create(&format!("{chat}{NEXT}"), &bytes)?;
            self.folder.sync(&mut file)?;
            written.push((chat, Kept::Rows(rows, check), batch.destroys));
        }
        if written.is_empty() {
            return Ok(());
        }
        let mut old = Vec::new();
        for (chat, _, destroys) in &written {
            let name = format!("{chat}{ENDING}");
            // A file without a name can still be wiped through an open handle.
            if *destroys && self.chats.contains_key(chat) {
                old.push(self.folder.open(&name)?);
            }
            self.folder.rename(&format!("{chat}{NEXT}"), &name)?;
        }
        self.folder.sync_names()?;
        self.chats.extend(written.into_iter().map(|(chat, kept, _)| (chat, kept)));
        old.into_iter().try_for_each(|old| self.folder.wipe(old))
    }

    /// Renames the file first: a half-wiped file must not have the chat's name.
    fn remove(&mut self, chat: ChatId) -> io::Result<()> {
        let (name, old) = (format!("{chat}{ENDING}"), format!("{chat}{OLD}"));
        if self.folder.tail(&old, 0).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.folder.rename(&name, &old)?;
        self.folder.sync_names()?;
        self.chats.remove(&chat);
        wipe(&mut self.folder, &old)?;
        self.folder.sync_names()
    }
}

impl Kept {
    fn unclear(name: &str, error: &io::Error) -> Self {
        Self::Unclear(error.kind(), format!("{name}: {error}"))
    }

    /// Returns the error of an unclear file.
    fn error(&self) -> io::Error {
        match self {
            Self::Unclear(kind, what) => io::Error::new(*kind, what.clone()),
            Self::Rows(..) => io::ErrorKind::Other.into(),
        }
    }
}

fn read<F: Folder>(folder: &F, name: &str, chat: ChatId) -> Kept {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the records are damaged, or of another version");
    let read = folder.read(name).and_then(|bytes| {
        let rows = decode(chat, &bytes).ok_or_else(damaged)?;
        Ok((rows, *bytes.last_chunk().ok_or_else(damaged)?))
    });
    read.map_or_else(|error| Kept::unclear(name, &error), |(rows, check)| Kept::Rows(rows, check))
}

/// Wipes and removes what a crash left of a file that was being written or removed, and nothing else.
fn clean<F: Folder>(folder: &mut F, name: &str, chat: ChatId) -> io::Result<()> {
    if may_be_torn(chat, &folder.read(name)?) {
        wipe(folder, name)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "not a file of this store, and in its way"))
    }
}

fn wipe<F: Folder>(folder: &mut F, name: &str) -> io::Result<()> {
    let file = folder.open(name)?;
    folder.wipe(file)?;
    folder.remove(name)
}

/// Returns the chat whose file this is, if the name is exactly the one that this store gives it.
fn chat_of(name: &str, ending: &str) -> Option<ChatId> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = name.strip_suffix(ending)?.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<Vec<_>>>()?;
    let chat = bytes.try_into().ok().map(ChatId).filter(|_| rest.is_empty())?;
    (format!("{chat}{ending}") == name).then_some(chat)
}
