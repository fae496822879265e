//! The files of `segments.json`.

use recordings::Scripted;
use secretchat::media::{Padding, SegmentKey, SegmentSealer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::sealing::seal;

/// As `segments.py` makes its bytes.
pub(super) fn stream(label: &str, len: usize) -> Vec<u8> {
    (0..=len / 32).flat_map(|i| Sha256::digest(format!("{label} {i}"))).take(len).collect()
}

/// The cases of a kind.
pub(super) fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../test-vectors/segments.json")).unwrap();
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned().collect()
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub(super) fn half(value: &Value) -> [u8; 32] {
    bytes(value).try_into().unwrap()
}

pub(super) fn number(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}

pub(super) fn sha256(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

pub(super) struct Case {
    pub(super) value: Value,
    pub(super) content: Vec<u8>,
    pub(super) padding: Padding,
}

impl Case {
    pub(super) fn new(value: &Value) -> Self {
        let content = stream(&format!("{} content", value["name"].as_str().unwrap()), number(&value["size"]));
        let padding = if value["padding"] == 1 { Padding::Padme } else { Padding::None };
        Self { value: value.clone(), content, padding }
    }

    /// The secret, then the salt.
    pub(super) fn rng(&self) -> Scripted {
        Scripted::new([bytes(&self.value["secret"]), bytes(&self.value["salt"])])
    }

    pub(super) fn size(&self) -> u64 {
        self.content.len() as u64
    }

    pub(super) fn key(&self) -> SegmentKey {
        key(&self.value)
    }

    pub(super) fn sealer(&self) -> SegmentSealer {
        SegmentSealer::new(self.size(), self.padding, &mut self.rng()).unwrap()
    }

    /// Sealed `at_once` segments a call.
    pub(super) fn stored(&self, at_once: usize) -> Vec<u8> {
        seal(self.sealer(), &self.content, at_once)
    }
}

pub(super) fn key(value: &Value) -> SegmentKey {
    SegmentKey::from_parts(half(&value["secret"]), half(&value["commitment"]))
}

pub(super) fn cases(kind: &str) -> Vec<Case> {
    vectors(kind).iter().map(Case::new).collect()
}

pub(super) fn base() -> Case {
    let case = cases("file").into_iter().find(|case| case.value["name"] == "segments 196613");
    case.unwrap()
}
