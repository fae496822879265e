//! Any place of a file.

use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{HEADER_LEN, SEGMENT_LEN, SegmentReader, SegmentSealer};

use super::case::{base, stream};
use super::chunks::{config, padding, size};
use super::readers::media_error;
use super::reference;
use super::sealing::seal;
use crate::support::rng::Seeded;

/// Most of them in a file of up to that size, and some before its start or beyond its end.
fn place() -> impl Strategy<Value = SeekFrom> {
    const FAR: i64 = 1_300_000;
    prop_oneof![
        (0..FAR.unsigned_abs()).prop_map(SeekFrom::Start),
        (-FAR..9).prop_map(SeekFrom::End),
        (-FAR..FAR).prop_map(SeekFrom::Current),
        (-9..9_i64).prop_map(SeekFrom::Current),
    ]
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_places_read_as_in_the_content_itself(
        size in size(), padding in padding(), reads in prop::collection::vec((place(), 0..150_000_u64), 1..30),
    ) {
        let content = stream("any places", size);
        let sealer = SegmentSealer::new(size as u64, padding, &mut Seeded::new(11)).unwrap();
        let key = sealer.key().duplicate();
        let stored = Cursor::new(seal(sealer, &content, 8));
        let mut reader = SegmentReader::new(stored, &key, size as u64).unwrap();
        let mut model = Cursor::new(content);
        for (place, len) in reads {
            prop_assert_eq!(reader.seek(place).ok(), model.seek(place).ok());
            let (mut given, mut expected) = (Vec::new(), Vec::new());
            reader.by_ref().take(len).read_to_end(&mut given).unwrap();
            model.by_ref().take(len).read_to_end(&mut expected).unwrap();
            prop_assert!(given == expected, "{} bytes from {:?}", len, place);
            prop_assert_eq!(reader.stream_position().unwrap(), model.position());
        }
    }
}

#[test]
fn any_place_of_a_file_can_be_read() {
    let case = base();
    let mut reader = SegmentReader::new(Cursor::new(case.stored(8)), &case.key(), case.size()).unwrap();
    let size = case.content.len();
    for at in [0, 1, 65_535, 65_536, 131_000, 196_607, 196_608, 196_612, 5] {
        reader.seek(SeekFrom::Start(at as u64)).unwrap();
        let mut out = vec![0; 70_000.min(size - at)];
        reader.read_exact(&mut out).unwrap();
        assert!(out == case.content[at..][..out.len()], "{at}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-5)).unwrap(), case.size() - 5);
    let mut out = Vec::new();
    reader.read_to_end(&mut out).unwrap();
    assert_eq!(out, case.content[size - 5..]);
    assert_eq!(reader.seek(SeekFrom::Current(-1)).unwrap(), case.size() - 1);
    assert_eq!(reader.seek(SeekFrom::End(9)).unwrap(), case.size() + 9);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    let error = reader.seek(SeekFrom::Current(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        reader.seek(SeekFrom::End(-1 - i64::try_from(size).unwrap())).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    assert_eq!(reader.stream_position().unwrap(), u64::MAX, "where it was");
}

/// A wrong segment fails each time and alone, and nothing of it comes out.
#[test]
fn at_51_a_wrong_segment_does_not_poison_the_others() {
    let case = base();
    let mut stored = case.stored(8);
    stored[HEADER_LEN + 65_568 + 9] ^= 1;
    let mut reader = SegmentReader::new(Cursor::new(stored), &case.key(), case.size()).unwrap();
    for _ in 0..2 {
        reader.seek(SeekFrom::Start(65_536)).unwrap();
        let mut out = [0xee; 100];
        assert_eq!(media_error(&reader.read(&mut out).unwrap_err()), MediaError::NotAuthentic);
        assert_eq!(out, [0xee; 100]);
        for at in [196_608, 65_530, 131_072, 196_608] {
            let mut out = [0; 5];
            reader.seek(SeekFrom::Start(at)).unwrap();
            reader.read_exact(&mut out).unwrap();
            assert_eq!(out, case.content[usize::try_from(at).unwrap()..][..5]);
        }
    }
}

#[test]
fn single_segments_of_a_file_that_is_cut() {
    let case = base();
    let stored = case.stored(8);
    let open = |end: usize| SegmentReader::new(Cursor::new(&stored[..end]), &case.key(), case.size());
    assert_eq!(media_error(&open(39).unwrap_err()), MediaError::Truncated);
    let mut reader = open(stored.len() - 1).unwrap();
    reader.read_exact(&mut [0; 65_536 * 3]).unwrap();
    assert_eq!(media_error(&reader.read(&mut [0]).unwrap_err()), MediaError::Truncated);
    let mut other = stored.clone();
    other[20] ^= 1;
    let error = SegmentReader::new(Cursor::new(other), &case.key(), case.size()).unwrap_err();
    assert_eq!(media_error(&error), MediaError::NotThisFile);
}

/// A file of 5 GiB of which two segments exist, one of them beyond 4 GiB.
struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    position: u64,
}

impl Read for Sparse {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let (start, piece) = self.pieces.iter().rfind(|(start, _)| *start <= self.position).unwrap();
        let within = usize::try_from(self.position - start).unwrap();
        let len = piece.get(within..).expect("nothing else is read").read(to)?;
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(position) = to else { panic!() };
        self.position = position;
        Ok(position)
    }
}

#[test]
fn beyond_32_bits_of_length() {
    let file = reference::File::new((5 << 30) + 3);
    let (far, last) = (stream("far", SEGMENT_LEN), stream("last", 3));
    let pieces = vec![
        (0, file.header()),
        (40 + 65_568 * 70_000, file.seal(70_000, &far)),
        (40 + 65_568 * 81_920, file.seal(81_920, &last)),
    ];
    let mut reader = SegmentReader::new(Sparse { pieces, position: 0 }, &file.key(), file.size).unwrap();
    reader.seek(SeekFrom::Start(65_536 * 70_000 + 6)).unwrap();
    let mut out = [0; 50];
    reader.read_exact(&mut out).unwrap();
    assert_eq!(out, far[6..56]);
    reader.seek(SeekFrom::End(-3)).unwrap();
    let mut out = Vec::new();
    reader.read_to_end(&mut out).unwrap();
    assert_eq!((out, reader.stream_position().unwrap()), (last, file.size));
}
