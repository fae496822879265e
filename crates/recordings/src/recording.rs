//! A recorded conversation (`test-vectors/README.md`).

use std::fs::{self, DirEntry};
use std::path::Path;

use serde_json::Value;

use crate::json::{bytes, number, read};

/// The value of a recording's `format` field, where a vector file names its format.
const FORMAT: &str = "see ../README.md";

/// One file.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The name of the conversation.
    pub name: String,
    /// `g` of the key exchange.
    pub generator: u32,
    /// The verification value; empty if there is no key.
    pub verification: Vec<u8>,
    /// The keys of the chat, the first one first.
    pub keys: Vec<Key>,
    /// The steps of the conversation, in the order in which they were recorded.
    pub steps: Vec<Step>,
    /// Whether the recording consists of wrong or unusual inputs; the other files are conversations.
    pub is_hostile: bool,
    /// The party that requested the chat.
    pub initiator: Party,
}

/// A party of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// An independent program.
    Python,
    /// TDLib's own code.
    Tdlib,
}

/// A key, and the values from which each party made it.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key of the chat.
    pub chat_key: [u8; 256],
    python: Half,
    tdlib: Half,
}

/// What one party contributed to a key.
#[derive(Clone, Debug)]
pub struct Half {
    /// The exponent.
    pub private: Vec<u8>,
    /// The public value.
    pub public: Vec<u8>,
}

/// One step between the parties, or between a party and the server.
#[derive(Clone, Debug)]
pub struct Step {
    /// The whole step.
    pub value: Value,
    /// The encrypted message, if one party sent one to the other.
    pub message: Option<Message>,
}

/// An encrypted message.
#[derive(Clone, Debug)]
pub struct Message {
    /// The sender.
    pub from: Party,
    /// The sealed message, as it was carried.
    pub wire: Vec<u8>,
    /// The plaintext without its padding.
    pub tl: Option<Vec<u8>>,
    /// The padding.
    pub padding: Option<Vec<u8>>,
    /// The place of its key in [`Recording::keys`].
    pub key_index: Option<usize>,
    /// Whether the message never reached the other party.
    pub lost: bool,
    /// Whether the message reached the other party only after later steps.
    pub late: bool,
    /// How the sender broke the rules in this message.
    pub tampered: Option<String>,
    /// Whether TDLib could not read the plaintext.
    pub is_malformed: bool,
    /// The text. A service message has none.
    pub text: Option<String>,
    /// The public value of a new key, if the message carries one.
    pub rekey: Option<Rekey>,
}

/// A message that carries a public value of a new key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rekey {
    /// `RequestKey`.
    Request {
        /// The exchange that this request begins.
        exchange_id: i64,
        /// `g_a`.
        public: Vec<u8>,
    },
    /// `AcceptKey`.
    Accept {
        /// `g_b`.
        public: Vec<u8>,
    },
}

impl Recording {
    /// Reads all recordings in a folder, in the order of their names.
    ///
    /// # Errors
    ///
    /// The folder or a file in it cannot be read, or a file is not a recording.
    pub fn all(folder: &Path) -> Result<Vec<Self>, String> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut paths: Vec<_> = entries.map_err(|error| error.to_string())?.iter().map(DirEntry::path).collect();
        paths.sort();
        paths.iter().map(|path| Self::of(&read(path)?)).collect()
    }

    /// Returns whether a file claims to be a recording.
    #[must_use]
    pub fn is_one(file: &Value) -> bool {
        file["format"] == FORMAT
    }

    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// A field is missing or has the wrong form.
    pub fn of(file: &Value) -> Result<Self, String> {
        let secrets = &file["secrets"];
        let keys = secrets["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let steps = file["steps"].as_array().ok_or("no steps")?;
        Ok(Self {
            name: file["name"].as_str().unwrap_or_default().to_owned(),
            generator: secrets["g"].as_u64().and_then(|g| u32::try_from(g).ok()).ok_or("no generator")?,
            verification: bytes(&secrets["key_visualization"])?,
            keys: keys.iter().filter(|key| key["auth_key"].is_string()).map(key).collect::<Result<_, _>>()?,
            steps: steps.iter().map(step).collect::<Result<_, _>>()?,
            is_hostile: file["outcome"].is_array(),
            initiator: match secrets["python_role"].as_str().ok_or("no python_role")? {
                "originator" => Party::Python,
                _ => Party::Tdlib,
            },
        })
    }

    /// Returns the messages that the parties sent to each other.
    #[must_use]
    pub fn messages(&self) -> Vec<&Message> {
        self.steps.iter().filter_map(|step| step.message.as_ref()).collect()
    }

    /// Returns the decoded form of the first step to or from the server that has this name.
    #[must_use]
    pub fn server(&self, name: &str) -> Option<&Value> {
        self.steps.iter().map(|step| &step.value["decoded"]).find(|decoded| decoded["_"] == name)
    }

    /// Returns the exponent of a party's public value. Exchanges that gave no key have none in the file.
    #[must_use]
    pub fn exponent_of(&self, party: Party, public: &[u8]) -> Option<&[u8]> {
        let halves = self.keys.iter().map(|key| key.half(party));
        // A value may have been shorter on the wire.
        let significant = |value: &[u8]| value.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
        let public = significant(public);
        halves.into_iter().find(|half| significant(&half.public) == public).map(|half| &half.private[..])
    }
}

impl Key {
    /// Returns the contribution of a party.
    #[must_use]
    pub const fn half(&self, party: Party) -> &Half {
        match party {
            Party::Python => &self.python,
            Party::Tdlib => &self.tdlib,
        }
    }
}

impl Party {
    /// Returns the other party.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Python => Self::Tdlib,
            Self::Tdlib => Self::Python,
        }
    }
}

impl Message {
    /// Returns whether the message is sealed under MTProto 1.0.
    #[must_use]
    pub fn is_under_old_protocol(&self) -> bool {
        self.tampered.as_deref().is_some_and(|how| how.starts_with("MTProto 1.0"))
    }

    /// Returns whether its sender should no longer have the key. Such messages show how the other party reacts.
    #[must_use]
    pub fn is_under_old_key(&self) -> bool {
        self.tampered.as_deref() == Some("old key")
    }
}

fn key(value: &Value) -> Result<Key, String> {
    Ok(Key {
        chat_key: bytes(&value["auth_key"])?.try_into().map_err(|_| "a key of another length")?,
        python: Half { private: padded(&value["python_private"])?, public: bytes(&value["python_public"])? },
        tdlib: Half { private: padded(&value["td_private"])?, public: bytes(&value["td_public"])? },
    })
}

fn padded(value: &Value) -> Result<Vec<u8>, String> {
    let bytes = bytes(value)?;
    Ok([vec![0; 256_usize.saturating_sub(bytes.len())], bytes].concat())
}

fn step(value: &Value) -> Result<Step, String> {
    let from = match value["dir"].as_str().ok_or("a step without a direction")? {
        "python->tdlib" => Some(Party::Python),
        "tdlib->python" => Some(Party::Tdlib),
        _ => None,
    };
    let some = |value: &Value| if value.is_string() { bytes(value).map(Some) } else { Ok(None) };
    let message = match (from, some(&value["wire"])?) {
        (Some(from), Some(wire)) => Some(Message {
            from,
            wire,
            tl: some(&value["tl"])?,
            padding: some(&value["padding"])?,
            key_index: value["key_index"].as_u64().and_then(|index| usize::try_from(index).ok()),
            lost: value["lost"] == true,
            late: value["delivered_later"] == true,
            tampered: value["tampered"].as_str().map(str::to_owned),
            is_malformed: value["tl_error"].is_string(),
            text: text(&value["decoded"]["message"]),
            rekey: rekey(&value["decoded"]["message"]["action"])?,
        }),
        _ => None,
    };
    Ok(Step { value: value.clone(), message })
}

fn text(message: &Value) -> Option<String> {
    message["message"].as_str().filter(|_| message["_"] == "decryptedMessage").map(str::to_owned)
}

fn rekey(action: &Value) -> Result<Option<Rekey>, String> {
    Ok(match action["_"].as_str() {
        Some("decryptedMessageActionRequestKey") => {
            Some(Rekey::Request { exchange_id: number(&action["exchange_id"]), public: bytes(&action["g_a"])? })
        }
        Some("decryptedMessageActionAcceptKey") => Some(Rekey::Accept { public: bytes(&action["g_b"])? }),
        _ => None,
    })
}
