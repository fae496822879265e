//! From the start of any source to its end.

use std::io::{self, Cursor, ErrorKind, Read};

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{
    HEADER_LEN, Padding, SegmentDecryptReader, SegmentEncryptReader, SegmentReader, SegmentSealer,
};
use subtle::ConstantTimeEq;

use super::case::{base, cases, sha256, stream};
use super::chunks::{config, padding, size};
use super::hostile::hostile;
use super::sealing::seal;
use crate::ragged::ragged;
use crate::support::rng::Seeded;

pub(super) fn media_error(error: &io::Error) -> MediaError {
    *error.get_ref().unwrap().downcast_ref().unwrap()
}

/// What came out, and how it ended: twice.
fn read_all(mut reader: impl Read, len: usize) -> (Vec<u8>, Result<(), MediaError>) {
    let (mut out, mut chunk) = (Vec::new(), vec![0; len]);
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => {
                assert_eq!(reader.read(&mut chunk).unwrap(), 0);
                return (out, Ok(()));
            }
            Ok(given) => out.extend_from_slice(&chunk[..given]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => {
                assert_eq!(media_error(&reader.read(&mut chunk).unwrap_err()), media_error(&error));
                return (out, Err(media_error(&error)));
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_source_and_any_reads_give_the_same_bytes(
        size in size(), padding in padding(), up in 1..=300_000_usize, down in 1..=300_000_usize, seed: u64,
    ) {
        let content = stream("any source", size);
        let sealer = SegmentSealer::new(size as u64, padding, &mut Seeded::new(seed)).unwrap();
        let key = sealer.key().duplicate();
        let whole = seal(sealer, &content, 1);
        let source = ragged(&content, seed);
        let reader = SegmentEncryptReader::new(source, size as u64, padding, &mut Seeded::new(seed)).unwrap();
        prop_assert!(read_all(reader, up) == (whole.clone(), Ok(())));
        let reader = SegmentDecryptReader::new(ragged(&whole, !seed), &key, size as u64).unwrap();
        prop_assert!(read_all(reader, down) == (content, Ok(())));
    }
}

#[test]
fn sealed_files_from_any_source() {
    for (case, len) in cases("file").into_iter().zip([1, 7, 100, 1000, 99_999, 65_536, 65_568, 1 << 20].iter().cycle())
    {
        let source = ragged(&case.content, case.size());
        let reader = SegmentEncryptReader::with_layout(source, case.layout(), &mut case.rng());
        assert!(bool::from(reader.key().ct_eq(&case.key())));
        let (stored, result) = read_all(reader, *len);
        assert_eq!((case.value["stored_sha256"].as_str().unwrap(), result), (&*sha256(&stored), Ok(())));
        let reader = SegmentDecryptReader::new(ragged(&stored, !case.size()), &case.key(), case.size()).unwrap();
        assert!(read_all(reader, *len) == (case.content, Ok(())));
    }
}

#[test]
fn hostile_segments_from_any_source() {
    for case in hostile() {
        let reader = SegmentDecryptReader::new(ragged(&case.stored, 5), &case.key, case.size).unwrap();
        let (released, result) = read_all(reader, 70_000);
        assert_eq!(result, Err(case.error), "{}", case.what);
        assert!(released == case.released, "{}: {}", case.what, released.len());
    }
}

#[test]
fn a_source_of_another_length() {
    let case = base();
    let sealing = |size| {
        let reader = SegmentEncryptReader::new(&case.content[..], size, Padding::None, &mut case.rng());
        read_all(reader.unwrap(), 4096).1
    };
    assert_eq!(sealing(case.size()), Ok(()));
    assert_eq!(sealing(case.size() + 1), Err(MediaError::Truncated));
    assert_eq!(sealing(case.size() - 1), Err(MediaError::TooLong));
}

#[test]
fn nothing_is_read_before_it_is_asked_for() {
    struct Never;
    impl Read for Never {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("read")
        }
    }
    let case = base();
    let mut sealing = SegmentEncryptReader::new(Never, 5, Padding::None, &mut case.rng()).unwrap();
    assert_eq!(sealing.read(&mut []).unwrap(), 0);
    sealing.read_exact(&mut [0; HEADER_LEN]).unwrap();
    let mut opening = SegmentDecryptReader::new(Never, &case.key(), 5).unwrap();
    assert_eq!(opening.read(&mut []).unwrap(), 0);
}

#[test]
fn debug_shows_how_far_and_nothing_else() {
    let case = base();
    let mut sealing = SegmentEncryptReader::new(&[0xa7; 30][..], 30, Padding::None, &mut case.rng()).unwrap();
    let key = sealing.key().duplicate();
    let mut stored = Vec::new();
    sealing.read_to_end(&mut stored).unwrap();
    let progress = "progress: Progress { done: 30, total: 30 }";
    let shown =
        format!("SegmentEncryptReader {{ encryptor: SegmentEncryptor {{ {progress}, .. }}, failed: None, .. }}");
    assert_eq!(format!("{sealing:?}"), shown);
    let mut opening = SegmentDecryptReader::new(&stored[..], &key, 30).unwrap();
    opening.read_exact(&mut [0; 3]).unwrap();
    let shown =
        format!("SegmentDecryptReader {{ decryptor: SegmentDecryptor {{ {progress}, failed: None, .. }}, .. }}");
    assert_eq!(format!("{opening:?}"), shown);
    let mut reader = SegmentReader::new(Cursor::new(stored), &key, 30).unwrap();
    reader.read_exact(&mut [0; 3]).unwrap();
    let opener = "opener: SegmentOpener { layout: SegmentLayout { size: 30, padding: None, segment_size: Kib64 }, .. }";
    assert_eq!(format!("{reader:?}"), format!("SegmentReader {{ {opener}, position: 3, .. }}"));
}
