//! Files that were changed on the way, or sealed wrong, and what came out before that showed.

use std::collections::HashMap;

use secretchat::MediaError;
use secretchat::media::{SEGMENT_LEN, SegmentKey, TAG_LEN};
use serde_json::Value;

use super::case::{Case, bytes, cases, half, key, number, sha256, vectors};
use super::opening::open_each;
use super::reference;

/// The changed file, its message, and what must come of it.
pub(super) struct Hostile {
    pub(super) what: String,
    pub(super) key: SegmentKey,
    pub(super) size: u64,
    pub(super) stored: Vec<u8>,
    pub(super) released: Vec<u8>,
    pub(super) error: MediaError,
}

pub(super) fn hostile() -> Vec<Hostile> {
    let whole = cases("file").into_iter().chain([Case::new(&vectors("other")[0])]);
    let files = whole.map(|case| (case.value["name"].as_str().unwrap().to_owned(), (case.stored(8), case)));
    let files: HashMap<_, _> = files.collect();
    let file = |name: &Value| &files[name.as_str().unwrap()];
    let from_vectors = |value: &Value, stored: Vec<u8>| Hostile {
        what: value["comment"].as_str().unwrap().to_owned(),
        key: key(value),
        size: value["size"].as_u64().unwrap(),
        stored,
        released: file(&value["file"]).1.content[..number(&value["released"])].to_vec(),
        error: error_named(value["error"].as_str().unwrap()),
    };
    let changed = |value: &Value| {
        let mut stored = Vec::new();
        for piece in value["pieces"].as_array().unwrap() {
            stored.extend_from_slice(&file(&piece[0]).0[number(&piece[1])..number(&piece[2])]);
        }
        if let Some(flip) = value["flip"].as_array() {
            stored[number(&flip[0])] ^= u8::try_from(number(&flip[1])).unwrap();
        }
        assert_eq!(value["stored_sha256"], sha256(&stored), "{}", value["comment"]);
        let hostile = from_vectors(value, stored);
        assert_eq!(value["released_sha256"], sha256(&hostile.released), "{}", value["comment"]);
        hostile
    };
    let sealed_wrong = |value: &Value| {
        let kept = &file(&value["file"]).0[..number(&value["kept"])];
        from_vectors(value, [kept, &bytes(&value["stored"])].concat())
    };
    let mut all: Vec<_> = vectors("hostile").iter().map(changed).collect();
    all.extend(vectors("sealed-wrong").iter().map(sealed_wrong));
    let (stored, case) = &files["padded segments 4194305"];
    all.push(padding_alone_that_is_not_zero(case, stored));
    assert_eq!(all.len(), 75);
    all
}

/// Too long for the vectors. All of the content came out before.
fn padding_alone_that_is_not_zero(case: &Case, stored: &[u8]) -> Hostile {
    let (secret, salt) = (half(&case.value["secret"]), half(&case.value["salt"]));
    let file = reference::File { size: case.size(), padding: case.padding, secret, salt };
    let mut padding = vec![0; SEGMENT_LEN];
    padding[SEGMENT_LEN - 1] = 1;
    let kept = &stored[..stored.len() - SEGMENT_LEN - TAG_LEN];
    Hostile {
        what: "padding alone that is not zero".to_owned(),
        key: case.key(),
        size: case.size(),
        stored: [kept, &file.seal(65, &padding)].concat(),
        released: case.content.clone(),
        error: MediaError::Padding,
    }
}

fn error_named(name: &str) -> MediaError {
    use MediaError::{Header, NotAuthentic, NotThisFile, Padding, TooLong, Truncated};
    let all = [Header, NotAuthentic, NotThisFile, Padding, TooLong, Truncated];
    all.into_iter().find(|error| format!("{error:?}") == name).unwrap()
}

#[test]
fn at_50_hostile_segments_do_not_open() {
    for case in hostile() {
        let (released, result) = open_each(&case.key, case.size, &case.stored);
        assert_eq!(result, Err(case.error), "{}", case.what);
        assert!(released == case.released, "{}: {}", case.what, released.len());
    }
}
