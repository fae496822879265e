//! What a phone itself remembers, apart from the chat's records: what is to be sent, what arrived.

use std::fmt;

use secretchat::frame::{ChatTag, FileId};
use secretchat::{Checkpoint, GroupedId, RandomId};

use super::disk::Hash;

pub(crate) enum Row {
    /// What this directory is about: another plan or another profile needs another directory.
    Plan { hash: Hash, profile: String },
    /// The tag of the chat on the link.
    Tag(ChatTag),
    /// What the newest batch that was written left: records with another one are not the chat's newest.
    Checkpoint(Checkpoint),
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

pub(crate) struct Received {
    pub(crate) id: RandomId,
    pub(crate) hash: Hash,
    pub(crate) what: What,
}

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

/// A row as one line of text.
impl Row {
    pub(crate) fn to_line(&self) -> String {
        match self {
            Self::Plan { hash, profile } => format!("plan {hash} {profile}"),
            Self::Tag(tag) => format!("tag {}", hex::encode(tag.0)),
            Self::Checkpoint(Checkpoint { generation, tag }) => format!("checkpoint {generation} {}", hex::encode(tag)),
            Self::Draft { id, hash, step } => format!("draft {id} {hash} {step}"),
            Self::Acknowledged(id) => format!("acknowledged {id}"),
            Self::Key(Key { rekeys, fingerprint }) => format!("key {rekeys} {fingerprint}"),
            Self::Received(Received { id, hash, what: What::Text(text) }) => {
                format!("text {id} {hash} {}", hex::encode(text))
            }
            Self::Received(Received { id, hash, what: What::File(name) }) => format!("file {id} {hash} {name}"),
            Self::Received(Received { id, hash, what: What::Hidden(file) }) => {
                format!("hidden {id} {hash} {}", hex::encode(file.0))
            }
            Self::Received(Received { id, hash, what: What::Grouped(grouped) }) => {
                let Grouped { group: GroupedId(group), file, key, iv, size, name } = grouped;
                let [file, key, iv] = [&file.0[..], key, iv].map(hex::encode);
                format!("grouped {id} {hash} {group} {file} {key} {iv} {size} {name}")
            }
            Self::Opened { id, hash } => format!("opened {id} {hash}"),
            Self::Expired(id) => format!("expired {id}"),
        }
    }

    /// `None` for a line that no row makes.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let kind = words.next()?;
        let mut word = || words.next();
        let hash = |word: &str| bytes(word).map(Hash);
        Some(match kind {
            "plan" => Self::Plan { hash: hash(word()?)?, profile: word()?.to_owned() },
            "tag" => Self::Tag(ChatTag(bytes(word()?)?)),
            "checkpoint" => Self::Checkpoint(Checkpoint { generation: word()?.parse().ok()?, tag: bytes(word()?)? }),
            "draft" => Self::Draft { id: id(word()?)?, hash: hash(word()?)?, step: word()?.to_owned() },
            "acknowledged" => Self::Acknowledged(id(word()?)?),
            "key" => Self::Key(Key { rekeys: word()?.parse().ok()?, fingerprint: word()?.to_owned() }),
            "text" => {
                let (id, hash) = (id(word()?)?, hash(word()?)?);
                let text = String::from_utf8(hex::decode(word()?).ok()?).ok()?;
                Self::Received(Received { id, hash, what: What::Text(text) })
            }
            "file" => {
                let (id, hash) = (id(word()?)?, hash(word()?)?);
                Self::Received(Received { id, hash, what: What::File(word()?.to_owned()) })
            }
            "hidden" => {
                let (id, hash) = (id(word()?)?, hash(word()?)?);
                let file = FileId(bytes(word()?)?);
                Self::Received(Received { id, hash, what: What::Hidden(file) })
            }
            "grouped" => {
                let (id, hash) = (id(word()?)?, hash(word()?)?);
                let (group, file) = (GroupedId(word()?.parse().ok()?), FileId(bytes(word()?)?));
                let (key, iv, size) = (bytes(word()?)?, bytes(word()?)?, word()?.parse().ok()?);
                let grouped = Grouped { group, file, key, iv, size, name: word()?.to_owned() };
                Self::Received(Received { id, hash, what: What::Grouped(grouped) })
            }
            "opened" => Self::Opened { id: id(word()?)?, hash: hash(word()?)? },
            "expired" => Self::Expired(id(word()?)?),
            _ => return None,
        })
    }
}

fn id(word: &str) -> Option<RandomId> {
    word.parse().ok().map(RandomId)
}

fn bytes<const N: usize>(word: &str) -> Option<[u8; N]> {
    hex::decode(word).ok()?.try_into().ok()
}
