//! What a phone itself remembers, apart from the chat's records: what is to be sent, what arrived.
//!
//! The chat's records and these rows are two stores, so nothing writes both at once. Each row therefore goes to disk
//! **before** the batch that follows it, and is found again by its random id when the event comes once more after a
//! crash. A draft's id is here before the chat knows of it, so it is known for ever whether it was sent.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use secretchat::frame::{ChatTag, FileId};
use secretchat::{GroupedId, RandomId};

use crate::Result;
use crate::disk::{Hash, private};

#[derive(Clone)]
pub(crate) enum Row {
    /// What this directory is about: another plan or another profile needs another directory.
    Plan { hash: Hash, profile: String },
    /// The tag of the chat on the link.
    Tag(ChatTag),
    /// The chat's generation, once all its batches up to there were written.
    Generation(u64),
    /// The user has written this.
    Draft { id: RandomId, hash: Hash, step: String },
    /// The peer has it.
    Acknowledged(RandomId),
    /// This arrived, and what belongs to it is on disk.
    Received(Received),
    /// What arrived with a timer was decrypted and seen, or a file of an album was decrypted: its hash.
    Opened { id: RandomId, hash: Hash },
    /// Its timer has ended: a message of either end.
    Expired(RandomId),
    /// The chat goes on under this key.
    Key(Key),
}

/// A key that followed the first one, by its name; the key itself is the chat's alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) rekeys: u32,
    pub(crate) fingerprint: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}, {}", u64::from(self.rekeys) + 1, self.fingerprint)
    }
}

#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) id: RandomId,
    pub(crate) hash: Hash,
    pub(crate) what: What,
}

#[derive(Clone)]
pub(crate) enum What {
    Text(String),
    /// The name that the file was given here.
    File(String),
    /// It waits to be opened: the encrypted file, and that is what the hash is of.
    Hidden(FileId),
    /// It waits for the rest of its album: the hash is that of the encrypted file.
    Grouped(Grouped),
}

/// What decrypts a file of an album. The key lies in the journal **for this example only**, beside what it opens.
#[derive(Clone)]
pub(crate) struct Grouped {
    pub(crate) group: GroupedId,
    pub(crate) file: FileId,
    pub(crate) key: [u8; 32],
    pub(crate) iv: [u8; 32],
    /// Bytes of content.
    pub(crate) size: u64,
    /// The name that the file gets here.
    pub(crate) name: String,
}

/// Rows, in memory and, if there is a file, in it: one a line, each with a checksum.
#[derive(Default)]
pub(crate) struct Journal {
    file: Option<File>,
    rows: Vec<Row>,
}

impl Journal {
    /// Reads what is there. An unfinished last line is what a crash leaves and goes; damage elsewhere is an error.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut rows = Vec::new();
        let mut good = 0;
        for line in text.split_inclusive('\n') {
            let Some(row) = line.strip_suffix('\n').and_then(read_line) else { break };
            rows.push(row);
            good += line.len();
        }
        if text[good..].contains('\n') {
            return Err(format!("{} is damaged", path.display()).into());
        }
        file.set_len(good as u64)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file: Some(file), rows })
    }

    /// Durable on return.
    pub(crate) fn add(&mut self, row: Row) -> io::Result<()> {
        self.write(&row)?;
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Notes the generation. If the note is lost, an older one does: it only says how old records may not be.
    pub(crate) fn note_generation(&mut self, generation: u64) -> io::Result<()> {
        if self.generation() < Some(generation) {
            let row = Row::Generation(generation);
            self.write(&row)?;
            self.rows.push(row);
        }
        Ok(())
    }

    fn write(&mut self, row: &Row) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let line = to_line(row);
        file.write_all(format!("{line} {}\n", checksum(&line)).as_bytes())
    }

    pub(crate) fn plan(&self) -> Option<(Hash, &str)> {
        self.rows.iter().find_map(|row| match row {
            Row::Plan { hash, profile } => Some((*hash, profile.as_str())),
            _ => None,
        })
    }

    pub(crate) fn tag(&self) -> Option<ChatTag> {
        self.rows.iter().find_map(|row| if let Row::Tag(tag) = row { Some(*tag) } else { None })
    }

    pub(crate) fn generation(&self) -> Option<u64> {
        self.rows.iter().rev().find_map(|row| if let Row::Generation(number) = row { Some(*number) } else { None })
    }

    pub(crate) fn drafts(&self) -> impl Iterator<Item = (RandomId, Hash, &str)> {
        self.rows.iter().filter_map(|row| match row {
            Row::Draft { id, hash, step } => Some((*id, *hash, step.as_str())),
            _ => None,
        })
    }

    /// The message of this step of the story.
    pub(crate) fn draft(&self, step: &str) -> Option<RandomId> {
        self.drafts().find(|(_, _, known)| *known == step).map(|(id, ..)| id)
    }

    pub(crate) fn is_acknowledged(&self, id: RandomId) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Acknowledged(of) if *of == id))
    }

    pub(crate) fn received(&self) -> impl Iterator<Item = &Received> {
        self.rows.iter().filter_map(|row| if let Row::Received(received) = row { Some(received) } else { None })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.rows.iter().filter_map(|row| if let Row::Key(key) = row { Some(key) } else { None })
    }

    /// Files that came in albums.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = (RandomId, &Grouped)> {
        self.received().filter_map(|received| match &received.what {
            What::Grouped(grouped) => Some((received.id, grouped)),
            _ => None,
        })
    }

    /// Those that have not been decrypted.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = (RandomId, &Grouped)> {
        self.grouped().filter(|(id, _)| self.opened(*id).is_none())
    }

    /// The hash of what was seen of a message with a timer, or decrypted of an album.
    pub(crate) fn opened(&self, id: RandomId) -> Option<Hash> {
        self.rows.iter().find_map(|row| match row {
            Row::Opened { id: of, hash } if *of == id => Some(*hash),
            _ => None,
        })
    }

    pub(crate) fn has_expired(&self, id: RandomId) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Expired(of) if *of == id))
    }

    /// A message with a timer that arrived: its encrypted file and the hash of that.
    pub(crate) fn hidden(&self, id: RandomId) -> Option<(FileId, Hash)> {
        self.received().find(|received| received.id == id).and_then(|received| match received.what {
            What::Hidden(file) => Some((file, received.hash)),
            _ => None,
        })
    }

    pub(crate) fn has_received(&self, id: RandomId) -> bool {
        self.received().any(|received| received.id == id)
    }
}

fn to_line(row: &Row) -> String {
    match row {
        Row::Plan { hash, profile } => format!("plan {hash} {profile}"),
        Row::Tag(tag) => format!("tag {}", hex::encode(tag.0)),
        Row::Generation(number) => format!("generation {number}"),
        Row::Draft { id, hash, step } => format!("draft {id} {hash} {step}"),
        Row::Acknowledged(id) => format!("acknowledged {id}"),
        Row::Key(Key { rekeys, fingerprint }) => format!("key {rekeys} {fingerprint}"),
        Row::Received(Received { id, hash, what: What::Text(text) }) => {
            format!("text {id} {hash} {}", hex::encode(text))
        }
        Row::Received(Received { id, hash, what: What::File(name) }) => format!("file {id} {hash} {name}"),
        Row::Received(Received { id, hash, what: What::Hidden(file) }) => {
            format!("hidden {id} {hash} {}", hex::encode(file.0))
        }
        Row::Received(Received { id, hash, what: What::Grouped(grouped) }) => {
            let Grouped { group: GroupedId(group), file, key, iv, size, name } = grouped;
            let [file, key, iv] = [&file.0[..], key, iv].map(hex::encode);
            format!("grouped {id} {hash} {group} {file} {key} {iv} {size} {name}")
        }
        Row::Opened { id, hash } => format!("opened {id} {hash}"),
        Row::Expired(id) => format!("expired {id}"),
    }
}

fn read_line(line: &str) -> Option<Row> {
    let (line, check) = line.rsplit_once(' ')?;
    if checksum(line) != check {
        return None;
    }
    let mut words = line.split(' ');
    let kind = words.next()?;
    let mut word = || words.next();
    let hash = |word: &str| bytes(word).map(Hash);
    Some(match kind {
        "plan" => Row::Plan { hash: hash(word()?)?, profile: word()?.to_owned() },
        "tag" => Row::Tag(ChatTag(bytes(word()?)?)),
        "generation" => Row::Generation(word()?.parse().ok()?),
        "draft" => Row::Draft { id: id(word()?)?, hash: hash(word()?)?, step: word()?.to_owned() },
        "acknowledged" => Row::Acknowledged(id(word()?)?),
        "key" => Row::Key(Key { rekeys: word()?.parse().ok()?, fingerprint: word()?.to_owned() }),
        "text" => {
            let (id, hash) = (id(word()?)?, hash(word()?)?);
            let text = String::from_utf8(hex::decode(word()?).ok()?).ok()?;
            Row::Received(Received { id, hash, what: What::Text(text) })
        }
        "file" => {
            let (id, hash) = (id(word()?)?, hash(word()?)?);
            Row::Received(Received { id, hash, what: What::File(word()?.to_owned()) })
        }
        "hidden" => {
            let (id, hash) = (id(word()?)?, hash(word()?)?);
            let file = FileId(bytes(word()?)?);
            Row::Received(Received { id, hash, what: What::Hidden(file) })
        }
        "grouped" => {
            let (id, hash) = (id(word()?)?, hash(word()?)?);
            let (group, file) = (GroupedId(word()?.parse().ok()?), FileId(bytes(word()?)?));
            let (key, iv, size) = (bytes(word()?)?, bytes(word()?)?, word()?.parse().ok()?);
            let grouped = Grouped { group, file, key, iv, size, name: word()?.to_owned() };
            Row::Received(Received { id, hash, what: What::Grouped(grouped) })
        }
        "opened" => Row::Opened { id: id(word()?)?, hash: hash(word()?)? },
        "expired" => Row::Expired(id(word()?)?),
        _ => return None,
    })
}

fn id(word: &str) -> Option<RandomId> {
    word.parse().ok().map(RandomId)
}

fn bytes<const N: usize>(word: &str) -> Option<[u8; N]> {
    hex::decode(word).ok()?.try_into().ok()
}

fn checksum(line: &str) -> String {
    hex::encode(&Hash::of_bytes(line.as_bytes()).0[..4])
}
