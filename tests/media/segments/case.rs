//! The files of `segments.json`.

use recordings::Scripted;
use secretchat::media::{Padding, SegmentKey, SegmentLayout, SegmentSealer, SegmentSize};
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
    pub(super) segment_size: SegmentSize,
}

impl Case {
    pub(super) fn new(value: &Value) -> Self {
        let content = stream(&format!("{} content", value["name"].as_str().unwrap()), number(&value["size"]));
        let padding = if value["padding"] == 1 { Padding::Padme } else { Padding::None };
        let segment_size = if value["segment_code"] == 12 { SegmentSize::Kib4 } else { SegmentSize::Kib64 };
        Self { value: value.clone(), content, padding, segment_size }
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
        SegmentSealer::with_layout(self.layout(), &mut self.rng())
    }

    pub(super) fn layout(&self) -> SegmentLayout {
        SegmentLayout::new(self.size(), self.padding).unwrap().with_segment_size(self.segment_size)
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
