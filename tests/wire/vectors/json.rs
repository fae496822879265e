//! Reading the vector files.

use serde_json::Value;

/// A file of `test-vectors/`.
macro_rules! file {
    ($name:literal) => {
        crate::vectors::json::parse(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/", $name)))
    };
}
pub(crate) use file;

pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The cases of a kind; none tests nothing.
pub(crate) fn cases(file: &Value, kind: &str) -> Vec<Value> {
    let cases: Vec<_> = list(&file["cases"]).iter().filter(|case| case["kind"] == kind).cloned().collect();
    assert!(!cases.is_empty(), "{kind}");
    cases
}

/// The cases of a kind in `primitives.json`, whose source must be `source`.
pub(crate) fn published(kind: &str, source: &str) -> Vec<Value> {
    let cases = cases(&file!("primitives.json"), kind);
    assert!(cases.iter().all(|case| text(&case["comment"]).contains(source)), "{kind} names its source");
    cases
}

/// The elements of a list; an empty one tests nothing.
pub(crate) fn list(value: &Value) -> &[Value] {
    let list = value.as_array().unwrap();
    assert!(!list.is_empty());
    list
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).unwrap()
}

/// Exactly `N` bytes.
pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

/// `N` bytes whose leading zeros may be missing.
pub(crate) fn padded<const N: usize>(value: &Value) -> [u8; N] {
    let digits = format!("{:0>width$}", text(value), width = 2 * N);
    hex::decode(digits).unwrap().try_into().unwrap()
}

#[test]
fn missing_leading_zeros_are_put_back() {
    assert_eq!(padded::<2>(&Value::from("7f")), [0, 0x7f]);
    assert_eq!(padded::<2>(&Value::from("abc")), [0x0a, 0xbc]);
    assert_eq!(padded::<2>(&Value::from("00ab")), [0, 0xab]);
}
