//! Files that were changed on the way, or sealed wrong, and what came out before that showed.

use std::collections::HashMap;

use secretchat::MediaError;
#[cfg(feature = "alloc")]
use secretchat::media::{self, FileForm, HEADER_LEN, Padding, SegmentSealer};
use secretchat::media::{SEGMENT_LEN, SegmentKey, TAG_LEN};
use serde_json::Value;

use super::case::{Case, bytes, cases, half, key, number, sha256, vectors};
use super::opening::open_each;
use super::reference;
#[cfg(feature = "alloc")]
use crate::support::rng::Seeded;

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

/// A file of each size around the borders of segments, in every way that a carrier can put together what it has: of this
/// file, of another one, and of another version of this one under the same key.
#[cfg(feature = "alloc")]
#[test]
fn at_50_no_file_of_any_size_opens_from_other_pieces() {
    const C: usize = SEGMENT_LEN;
    const STORED: usize = C + TAG_LEN;
    assert_eq!(SegmentSealer::new(0, Padding::None, &mut Seeded::new(1)).unwrap_err(), MediaError::Empty);
    for size in [1, C - 1, C, C + 1, 2 * C, 2 * C + 1, 3 * C] {
        let seal =
            |byte: u8, seed: u64| media::seal(FileForm::Segments, &vec![byte; size], &mut Seeded::new(seed)).unwrap();
        let (key, stored) = seal(0x11, 50);
        // A generator that repeats itself gives both versions one key.
        let ((same_key, version), (_, other)) = (seal(0x22, 50), seal(0x33, 51));
        assert_eq!(same_key.parts(), key.parts());
        let claimed = u64::try_from(size).unwrap();
        assert_eq!(media::open(&key, claimed, &stored).unwrap(), vec![0x11; size]);

        let refused = |stored: &[u8], what: &str| {
            assert!(media::open(&key, claimed, stored).is_err(), "{size}: {what}");
        };
        let (header, body) = stored.split_at(HEADER_LEN);
        let segments: Vec<&[u8]> = body.chunks(STORED).collect();
        let of = |other: &'_ [u8], at: usize| other[HEADER_LEN..].chunks(STORED).nth(at).unwrap().to_vec();
        let join = |segments: &[&[u8]]| [header, &segments.concat()].concat();
        assert_eq!(join(&segments), stored);
        for at in 0..segments.len() {
            let mut fewer = segments.clone();
            fewer.remove(at);
            refused(&join(&fewer), &format!("without segment {at}"));
            let mut twice = segments.clone();
            twice.insert(at, segments[at]);
            refused(&join(&twice), &format!("segment {at} twice"));
            for to in 0..segments.len() {
                let mut swapped = segments.clone();
                swapped.swap(at, to);
                if at != to {
                    refused(&join(&swapped), &format!("{at} and {to} swapped"));
                    swapped = segments.clone();
                    swapped[at] = segments[to];
                    refused(&join(&swapped), &format!("{to} in place of {at}"));
                }
            }
            let spliced = of(&other, at);
            let mut mixed = segments.clone();
            mixed[at] = &spliced;
            refused(&join(&mixed), &format!("segment {at} of another file"));
            refused(&[header, &stored[HEADER_LEN..], &spliced].concat(), "a segment of another file at the end");
        }
        refused(&other, "another file");
        refused(&[header, &other[HEADER_LEN..]].concat(), "another file under this header");
        for end in [0, 1, HEADER_LEN - 1, HEADER_LEN, HEADER_LEN + 1, stored.len() - TAG_LEN, stored.len() - 1] {
            refused(&stored[..end], &format!("{end} bytes"));
        }
        for more in [1, 16, TAG_LEN, STORED] {
            refused(&[&stored[..], &vec![0; more]].concat(), &format!("{more} bytes more"));
        }
        // The size is part of what is authentic: what the message claims and the file's own are one.
        for other_size in [1, claimed - 1, claimed + 1, claimed + 65_536] {
            if other_size != claimed && other_size != 0 {
                assert!(media::open(&key, other_size, &stored).is_err(), "{size} as {other_size}");
            }
        }
        // What nothing can prevent, because both are of one key, one size and one place (SPEC SEG-5): it is what SECURITY.md
        // says of a generator that was rolled back.
        assert!(media::open(&key, claimed, &version).is_ok(), "{size}");
    }
}

/// Every bit of the header, before any content comes out.
#[cfg(feature = "alloc")]
#[test]
fn at_52_every_bit_of_the_header_counts() {
    let (key, stored) = media::seal(FileForm::Segments, &[7; 100], &mut Seeded::new(52)).unwrap();
    for bit in 0..HEADER_LEN * 8 {
        let mut changed = stored.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = media::open(&key, 100, &changed).unwrap_err();
        assert!(matches!(error, MediaError::Header | MediaError::NotThisFile), "{bit}: {error:?}");
    }
}
