//! The recorded format.

use std::path::Path;

use secretchat::{Role, Secret};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    Python,
    Tdlib,
}

/// One file.
pub(crate) struct Transcript {
    pub(crate) generator: u32,
    pub(crate) verification: Vec<u8>,
    pub(crate) keys: Vec<Key>,
    pub(crate) steps: Vec<Step>,
    /// Of wrong or unusual inputs; the other files are conversations.
    pub(crate) is_hostile: bool,
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
    /// The whole step.
    pub(crate) value: Value,
    /// Bytes from one party to the other.
    pub(crate) message: Option<Recorded>,
}

/// An encrypted message.
pub(crate) struct Recorded {
    pub(crate) from: Party,
    pub(crate) wire: Vec<u8>,
    pub(crate) tl: Option<Vec<u8>>,
    pub(crate) padding: Option<Vec<u8>>,
    pub(crate) key_index: Option<usize>,
    /// Never reached the other party.
    pub(crate) lost: bool,
    /// Reached the other party only after the steps that follow.
    pub(crate) late: bool,
    pub(crate) is_tampered: bool,
    /// Sealed under MTProto 1.0.
    pub(crate) is_under_old_protocol: bool,
    /// Made with a key that its sender should not have any more, to see what the other party does.
    pub(crate) is_under_old_key: bool,
    pub(crate) is_malformed: bool,
}

/// A file as it stands there.
pub(crate) fn read(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    serde_json::from_str(&without_lone_surrogates(&text)).map_err(|error| error.to_string())
}

/// What stands where a vector file names its format.
const FORMAT: &str = "see ../README.md";

pub(crate) fn is_recording(value: &Value) -> bool {
    value["format"] == FORMAT
}

impl Transcript {
    pub(crate) fn role(&self, party: Party) -> Role {
        match party {
            Party::Python => self.python_role,
            Party::Tdlib => self.python_role.peer(),
        }
    }

    /// The decoded form of the first step to or from the server that is called `name`.
    pub(crate) fn server(&self, name: &str) -> Option<&Value> {
        self.steps.iter().map(|step| &step.value["decoded"]).find(|decoded| decoded["_"] == name)
    }

    pub(crate) fn of(value: &Value) -> Result<Self, String> {
        let secrets = &value["secrets"];
        let keys = secrets["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        let steps = value["steps"].as_array().ok_or("no steps")?;
        let steps = steps.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        let keys = keys.iter().filter(|key| key["auth_key"].is_string()).map(key).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            generator: secrets["g"].as_u64().and_then(|g| u32::try_from(g).ok()).ok_or("no generator")?,
            verification: bytes(&secrets["key_visualization"])?,
            keys,
            steps,
            is_hostile: value["outcome"].is_array(),
            python_role: match secrets["python_role"].as_str().ok_or("no python_role")? {
                "originator" => Role::Initiator,
                _ => Role::Responder,
            },
        })
    }
}

/// An escape that stands for half a character is no JSON; some recorded texts hold one.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                clean.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // The escaped character goes with its backslash.
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        clean.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    clean.push_str(rest);
    clean
}

/// The bytes of a hex string; none if there is no string.
pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    hex::decode(value.as_str().unwrap_or_default()).map_err(|error| error.to_string())
}

/// A number, which may be written as a decimal string.
pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

fn padded(value: &Value) -> Result<Vec<u8>, String> {
    let bytes = bytes(value)?;
    Ok([vec![0; 256_usize.saturating_sub(bytes.len())], bytes].concat())
}

fn key(value: &Value) -> Result<Key, String> {
    Ok(Key {
        chat_key: Secret::new(bytes(&value["auth_key"])?.try_into().map_err(|_| "a key of another length")?),
        python_private: padded(&value["python_private"])?,
        python_public: bytes(&value["python_public"])?,
        td_private: padded(&value["td_private"])?,
        td_public: bytes(&value["td_public"])?,
    })
}

fn step(value: &Value) -> Result<Step, String> {
    let from = match value["dir"].as_str().ok_or("a step without a direction")? {
        "python->tdlib" => Some(Party::Python),
        "tdlib->python" => Some(Party::Tdlib),
        _ => None,
    };
    let some = |value: &Value| if value.is_string() { bytes(value).map(Some) } else { Ok(None) };
    let message = match (from, some(&value["wire"])?) {
        (Some(from), Some(wire)) => Some(Recorded {
            from,
            wire,
            tl: some(&value["tl"])?,
            padding: some(&value["padding"])?,
            key_index: value["key_index"].as_u64().and_then(|index| usize::try_from(index).ok()),
            lost: value["lost"] == true,
            late: value["delivered_later"] == true,
            is_tampered: value["tampered"].is_string(),
            is_under_old_protocol: value["tampered"].as_str().is_some_and(|how| how.starts_with("MTProto 1.0")),
            is_under_old_key: value["tampered"] == "old key",
            is_malformed: value["tl_error"].is_string(),
        }),
        _ => None,
    };
    Ok(Step { value: value.clone(), message })
}
