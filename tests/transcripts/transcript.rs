//! The recorded format, as far as these tests need it (test-vectors/README.md).

use std::fs;
use std::path::Path;

use secretchat::{Role, Secret};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Python,
    Tdlib,
}

pub(crate) struct Transcript {
    pub(crate) name: String,
    pub(crate) generator: u32,
    pub(crate) verification: [u8; 36],
    pub(crate) keys: Vec<Key>,
    pub(crate) steps: Vec<Step>,
    python_role: Role,
}

pub(crate) struct Key {
    pub(crate) chat_key: Secret<256>,
    pub(crate) python_private: Vec<u8>,
    pub(crate) python_public: Vec<u8>,
    pub(crate) td_private: Vec<u8>,
    pub(crate) td_public: Vec<u8>,
}

pub(crate) struct Step {
    pub(crate) from: Party,
    pub(crate) wire: Vec<u8>,
    pub(crate) tl: Option<Vec<u8>>,
    pub(crate) padding: Option<Vec<u8>>,
    pub(crate) key_index: Option<usize>,
    pub(crate) lost: bool,
    /// Reached the other party only after the steps that follow.
    pub(crate) late: bool,
    pub(crate) tampered: Option<String>,
    pub(crate) is_malformed: bool,
    pub(crate) text: Option<String>,
    pub(crate) rekey: Option<Rekey>,
}

/// A message that carries a public value of a new key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Rekey {
    Request { exchange_id: i64, public: Vec<u8> },
    Accept { public: Vec<u8> },
}

impl Transcript {
    pub(crate) fn all(directory: &str) -> Vec<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/tdlib").join(directory);
        let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| Self::parse(&fs::read_to_string(path).unwrap())).collect()
    }

    pub(crate) fn role(&self, party: Party) -> Role {
        match party {
            Party::Python => self.python_role,
            Party::Tdlib => self.python_role.peer(),
        }
    }

    /// The exponent of a public value of `us`; exchanges that gave no key have none in the file.
    pub(crate) fn exponent_of(&self, us: Party, public: &[u8]) -> Option<Vec<u8>> {
        let halves = self.keys.iter().map(|key| match us {
            Party::Python => (&key.python_public, &key.python_private),
            Party::Tdlib => (&key.td_public, &key.td_private),
        });
        halves.into_iter().find(|(of, _)| *of == public).map(|(_, private)| private.clone())
    }

    /// The first key exchange itself is what is wrong.
    pub(crate) fn is_about_keys(&self) -> bool {
        self.name.starts_with("dh") || self.name.starts_with("early_traffic")
    }

    fn parse(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap();
        let secrets = &value["secrets"];
        let keys = secrets["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let steps: Vec<Step> = value["steps"].as_array().unwrap().iter().filter_map(step).collect();
        Self {
            name: value["name"].as_str().unwrap().to_owned(),
            generator: u32::try_from(secrets["g"].as_u64().unwrap_or(3)).unwrap(),
            verification: hex::decode(secrets["key_visualization"].as_str().unwrap_or_default())
                .unwrap()
                .try_into()
                .unwrap_or([0; 36]),
            keys: keys.iter().filter(|key| key["auth_key"].is_string()).map(key).collect(),
            steps,
            python_role: match secrets["python_role"].as_str().unwrap() {
                "originator" => Role::Initiator,
                _ => Role::Responder,
            },
        }
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap_or_default()).unwrap()
}

fn padded(value: &Value) -> Vec<u8> {
    let bytes = bytes(value);
    [vec![0; 256 - bytes.len()], bytes].concat()
}

fn key(value: &Value) -> Key {
    Key {
        chat_key: Secret::new(bytes(&value["auth_key"]).try_into().unwrap()),
        python_private: padded(&value["python_private"]),
        python_public: bytes(&value["python_public"]),
        td_private: padded(&value["td_private"]),
        td_public: bytes(&value["td_public"]),
    }
}

/// The text of a message; a service message has none.
fn text(message: &Value) -> Option<String> {
    let is_message = message["_"] == "decryptedMessage";
    message["message"].as_str().filter(|_| is_message).map(str::to_owned)
}

fn rekey(action: &Value) -> Option<Rekey> {
    match action["_"].as_str()? {
        "decryptedMessageActionRequestKey" => {
            Some(Rekey::Request { exchange_id: long(&action["exchange_id"]), public: bytes(&action["g_a"]) })
        }
        "decryptedMessageActionAcceptKey" => Some(Rekey::Accept { public: bytes(&action["g_b"]) }),
        _ => None,
    }
}

/// Written as a decimal string, as JSON's numbers are too small.
fn long(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

fn step(value: &Value) -> Option<Step> {
    if !matches!(value["dir"].as_str()?, "python->tdlib" | "tdlib->python") {
        return None;
    }
    Some(Step {
        from: if value["dir"] == "python->tdlib" { Party::Python } else { Party::Tdlib },
        wire: value["wire"].as_str().map(|wire| hex::decode(wire).unwrap())?,
        tl: value["tl"].is_string().then(|| bytes(&value["tl"])),
        padding: value["padding"].is_string().then(|| bytes(&value["padding"])),
        key_index: value["key_index"].as_u64().map(|index| usize::try_from(index).unwrap()),
        lost: value["lost"] == true,
        late: value["delivered_later"] == true,
        tampered: value["tampered"].as_str().map(str::to_owned),
        is_malformed: value["tl_error"].is_string(),
        text: text(&value["decoded"]["message"]),
        rekey: rekey(&value["decoded"]["message"]["action"]),
    })
}
