//! The state of a phone apart from the chat's records: messages to send, and messages that arrived.

use std::fmt;

use secretchat::frame::{ChatTag, FileId};
use secretchat::{Checkpoint, GroupedId, RandomId};

use super::disk::Hash;

pub(crate) enum Row {
    /// The plan and the profile of this directory.
    Plan(Plan),
    /// The tag of the chat on the link.
    Tag(ChatTag),
    /// The checkpoint of the newest written batch: records with another checkpoint are not the chat's newest.
    Checkpoint(Checkpoint),
    /// The user has written this message.
    Draft(Draft),
    /// The peer has this message.
    Acknowledged(RandomId),
    /// This message arrived, and its file is on disk.
    Received(Received),
    /// This file was decrypted after it had arrived.
    Opened(Opened),
    /// The timer of this message, of either end, has ended.
    Expired(RandomId),
    /// The chat continues under this key.
    Key(Key),
}

/// Another plan or another profile needs another directory.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) hash: Hash,
    pub(crate) profile: String,
}

/// A message of a step of the story, and the content that the peer must receive.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) id: RandomId,
    pub(crate) hash: Hash,
    pub(crate) step: String,
}

/// A later key, by its name; the key itself never leaves the chat.
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
    /// The hash of the content or, for a waiting message, of the encrypted file.
    pub(crate) hash: Hash,
    pub(crate) what: What,
}

pub(crate) enum What {
    Text(String),
    /// The file, and the name that it got here.
    File(FileId, String),
    /// The encrypted file waits to be opened.
    Hidden(FileId),
    /// The file waits for the rest of its album.
    Grouped(Grouped),
}

impl What {
    pub(crate) const fn file(&self) -> Option<FileId> {
        match self {
            Self::Text(_) => None,
            Self::File(file, _) | Self::Hidden(file) | Self::Grouped(Grouped { file, .. }) => Some(*file),
        }
    }

    pub(crate) const fn grouped(&self) -> Option<&Grouped> {
        match self {
            Self::Grouped(grouped) => Some(grouped),
            _ => None,
        }
    }
}

/// The key and the size of a file of an album. The key is in the journal, next to the file that it opens, **only in this
/// example**.
#[derive(Clone)]
pub(crate) struct Grouped {
    pub(crate) group: GroupedId,
    pub(crate) file: FileId,
    pub(crate) key: [u8; 32],
    pub(crate) iv: [u8; 32],
    /// Bytes of content.
    pub(crate) size: u64,
    /// The name that the file gets here, if that is free.
    pub(crate) name: String,
}

/// The hash of the content that was seen of a message with a timer, or decrypted of an album. The latter has a name.
pub(crate) struct Opened {
    pub(crate) id: RandomId,
    pub(crate) hash: Hash,
    pub(crate) name: Option<String>,
}

/// Returns a row as one line of text: words separated by spaces.
impl Row {
    pub(crate) fn to_line(&self) -> String {
        match self {
            Self::Plan(Plan { hash, profile }) => format!("plan {hash} {profile}"),
            Self::Tag(tag) => format!("tag {}", hex::encode(tag.0)),
            Self::Checkpoint(Checkpoint { generation, tag }) => format!("checkpoint {generation} {}", hex::encode(tag)),
            Self::Draft(Draft { id, hash, step }) => format!("draft {id} {hash} {step}"),
            Self::Acknowledged(id) => format!("acknowledged {id}"),
            Self::Key(Key { rekeys, fingerprint }) => format!("key {rekeys} {fingerprint}"),
            Self::Received(Received { id, hash, what }) => match what {
                What::Text(text) => format!("text {id} {hash} {}", hex::encode(text)),
                What::File(file, name) => format!("file {id} {hash} {} {name}", hex::encode(file.0)),
                What::Hidden(file) => format!("hidden {id} {hash} {}", hex::encode(file.0)),
                What::Grouped(Grouped { group: GroupedId(group), file, key, iv, size, name }) => {
                    let [file, key, iv] = [&file.0[..], key, iv].map(hex::encode);
                    format!("grouped {id} {hash} {group} {file} {key} {iv} {size} {name}")
                }
            },
            Self::Opened(Opened { id, hash, name: None }) => format!("opened {id} {hash}"),
            Self::Opened(Opened { id, hash, name: Some(name) }) => format!("opened {id} {hash} {name}"),
            Self::Expired(id) => format!("expired {id}"),
        }
    }

    /// Returns the row of a line; `None` if no row has this line.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let kind = words.next()?;
        let mut word = || words.next();
        let hash = |word: &str| bytes(word).map(Hash);
        let file = |word: &str| bytes(word).map(FileId);
        Some(match kind {
            "plan" => Self::Plan(Plan { hash: hash(word()?)?, profile: word()?.to_owned() }),
            "tag" => Self::Tag(ChatTag(bytes(word()?)?)),
            "checkpoint" => Self::Checkpoint(Checkpoint { generation: word()?.parse().ok()?, tag: bytes(word()?)? }),
            "draft" => Self::Draft(Draft { id: id(word()?)?, hash: hash(word()?)?, step: word()?.to_owned() }),
            "acknowledged" => Self::Acknowledged(id(word()?)?),
            "key" => Self::Key(Key { rekeys: word()?.parse().ok()?, fingerprint: word()?.to_owned() }),
            "text" | "file" | "hidden" | "grouped" => {
                let (id, hash) = (id(word()?)?, hash(word()?)?);
                let what = match kind {
                    "text" => What::Text(String::from_utf8(hex::decode(word()?).ok()?).ok()?),
                    "file" => What::File(file(word()?)?, word()?.to_owned()),
                    "hidden" => What::Hidden(file(word()?)?),
                    _ => {
                        let (group, file) = (GroupedId(word()?.parse().ok()?), file(word()?)?);
                        let (key, iv, size) = (bytes(word()?)?, bytes(word()?)?, word()?.parse().ok()?);
                        What::Grouped(Grouped { group, file, key, iv, size, name: word()?.to_owned() })
                    }
                };
                Self::Received(Received { id, hash, what })
            }
            "opened" => {
                Self::Opened(Opened { id: id(word()?)?, hash: hash(word()?)?, name: word().map(str::to_owned) })
            }
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
