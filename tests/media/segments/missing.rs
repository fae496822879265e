//! Which segments are there, and where the others lie (SPEC SEG-10).

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{HEADER_LEN, Padding, Segment, SegmentLayout, SegmentOpener, SegmentReader, SegmentSealer};

use super::case::{base, cases, stream};
use super::chunks::{config, padding, size};
use super::sealing::seal;
use crate::support::rng::Seeded;

fn all(layout: &SegmentLayout) -> Vec<Segment> {
    (0..layout.count()).map(|index| layout.segment(index).unwrap()).collect()
}

fn bytes(segment: &Segment) -> Range<u64> {
    segment.offset..segment.offset + segment.stored_len as u64
}

/// The numbers of the segments that `which` names: one range, as segments lie in a row.
fn numbers(layout: &SegmentLayout, which: impl Fn(&Range<u64>) -> bool) -> Vec<u64> {
    all(layout).iter().filter(|segment| which(&bytes(segment))).map(|segment| segment.index).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bytes_and_segments_name_each_other(
        size in 1..400_000_u64, padding in padding(), start in 0..480_000_u64, len in 0..480_000_u64, numbers_of in (0..8_u64, 0..8_u64),
    ) {
        let layout = SegmentLayout::new(size, padding).unwrap();
        let asked = start..start + len;
        let whole = numbers(&layout, |segment| asked.start <= segment.start && segment.end <= asked.end);
        prop_assert_eq!(layout.whole_within(&asked).collect::<Vec<_>>(), whole);
        let touched = numbers(&layout, |segment| asked.start.max(segment.start) < asked.end.min(segment.end));
        prop_assert_eq!(layout.touched_by(&asked).collect::<Vec<_>>(), touched);

        let (first, end) = numbers_of;
        let named = layout.segment(first).zip(end.checked_sub(1).and_then(|last| layout.segment(last)));
        let named = named.filter(|(first, last)| first.index <= last.index);
        let expected = named.map(|(first, last)| bytes(&first).start..bytes(&last).end);
        prop_assert_eq!(layout.bytes_of(first..end), expected.clone());
        if let Some(bytes) = expected {
            prop_assert_eq!(layout.whole_within(&bytes), first..end);
            prop_assert_eq!(layout.touched_by(&bytes), first..end);
        }
    }

    /// What is missing is found by the tags alone, whatever lies in its place.
    #[test]
    fn what_is_missing_is_found(
        size in size(), padding in padding(), holes in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let sealer = SegmentSealer::new(size as u64, padding, &mut Seeded::new(4)).unwrap();
        let (key, layout) = (sealer.key().duplicate(), *sealer.layout());
        let mut stored = seal(sealer, &stream("what is missing", size), 8);
        for hole in &holes {
            let at = HEADER_LEN + hole.index(stored.len() - HEADER_LEN);
            // Zeros, as in a file that was made longer before its bytes came.
            let end = stored.len().min(at + 40);
            stored[at..end].fill(0);
        }
        if let Some(cut) = cut {
            stored.truncate(HEADER_LEN + cut.index(stored.len() - HEADER_LEN));
        }
        let mut expected = vec![];
        let whole = SegmentOpener::new(&key, size as u64, stored.first_chunk().unwrap()).unwrap();
        for segment in all(&layout) {
            let range = bytes(&segment);
            let sealed = stored.get(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap());
            if sealed.is_none_or(|sealed| whole.open(segment.index, &mut sealed.to_vec()).is_err()) {
                expected.push(segment.index);
            }
        }
        let mut reader = SegmentReader::new(Cursor::new(stored), &key, size as u64).unwrap();
        let missing = reader.missing().unwrap();
        prop_assert!(missing.windows(2).all(|pair| pair[0].end < pair[1].start), "{:?}", missing);
        prop_assert_eq!(missing.into_iter().flatten().collect::<Vec<_>>(), expected);
    }
}

/// A range of no segments begins where the next one would be, so nobody computes with one that ends before it begins.
#[test]
fn a_range_without_segments_is_empty() {
    // 65,568 bytes each behind the header, then the 3,424 of the last one.
    let layout = SegmentLayout::new(200_000, Padding::None).unwrap();
    let (header, stride, len) = (HEADER_LEN as u64, 65_568, layout.encrypted_len());
    assert_eq!((layout.count(), len), (4, header + 3 * stride + 3_392 + 32));
    let inside = header + stride + 1..header + 2 * stride - 1;
    assert_eq!((layout.whole_within(&inside), layout.touched_by(&inside)), (2..2, 1..2));
    for place in [0, 1, header, header + stride + 5, len - 1] {
        let touched = layout.touched_by(&(place..place));
        assert_eq!(touched.start, touched.end, "{place}");
    }
    assert_eq!(layout.touched_by(&Range { start: header + 2 * stride, end: header }), 2..2);
    for beyond in [len..len + 9, len + stride..u64::MAX] {
        assert_eq!((layout.whole_within(&beyond), layout.touched_by(&beyond)), (4..4, 4..4));
    }
}

/// A file that came in part, and the rest of it in any order: at its end nothing is missing, and it is whole.
#[test]
fn a_file_is_completed_by_its_segments() {
    let case = base();
    let stored = case.stored(8);
    let layout = case.layout();
    let mut here = vec![0; stored.len()];
    here[..HEADER_LEN + 65_568].copy_from_slice(&stored[..HEADER_LEN + 65_568]);
    let missing = |here: &[u8]| {
        let ranges = SegmentReader::new(Cursor::new(here), &case.key(), case.size()).unwrap().missing().unwrap();
        ranges.into_iter().flatten().collect::<Vec<_>>()
    };
    assert_eq!(missing(&here), (1..layout.count()).collect::<Vec<_>>());
    for index in (1..layout.count()).rev() {
        let range = layout.bytes_of(index..index + 1).unwrap();
        let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        here[range.clone()].copy_from_slice(&stored[range]);
        assert_eq!(missing(&here), (1..index).collect::<Vec<_>>());
    }
    assert!(here == stored);
}

/// A source that fails is another thing than one that ends.
#[test]
fn what_is_missing_is_not_known_of_a_source_that_fails() {
    struct Fails<R>(R);

    impl<R: Read> Read for Fails<R> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            match self.0.read(to)? {
                0 => Err(io::Error::other("the disk is gone")),
                read => Ok(read),
            }
        }
    }

    impl<R: Seek> Seek for Fails<R> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    let case = base();
    let mut stored = case.stored(8);
    stored.truncate(stored.len() - 1);
    let missing = |fails: bool| {
        let source = Cursor::new(stored.clone());
        if fails {
            SegmentReader::new(Fails(source), &case.key(), case.size()).unwrap().missing()
        } else {
            SegmentReader::new(source, &case.key(), case.size()).unwrap().missing()
        }
    };
    let last = case.layout().count() - 1;
    assert_eq!(missing(false).unwrap().into_iter().flatten().collect::<Vec<_>>(), [last]);
    assert_eq!(missing(true).unwrap_err().to_string(), "the disk is gone");
}

/// The tags of the vectors, and every way in which a segment is not the one that is asked for.
#[test]
fn verifying_leaves_a_segment_sealed() {
    for case in cases("file") {
        let stored = case.stored(8);
        let opener = SegmentOpener::new(&case.key(), case.size(), stored.first_chunk().unwrap()).unwrap();
        let segments = all(opener.layout());
        for segment in &segments {
            let start = usize::try_from(segment.offset).unwrap();
            let mut sealed = stored[start..][..segment.stored_len].to_vec();
            assert_eq!(opener.verify(segment.index, &sealed), Ok(()));
            assert_eq!(opener.verify(segments.len() as u64, &sealed), Err(MediaError::OutOfRange));
            assert_eq!(opener.verify(u64::MAX, &sealed), Err(MediaError::OutOfRange));
            assert_eq!(opener.verify(segment.index, &sealed[1..]), Err(MediaError::PartLength));
            assert_eq!(opener.verify(segment.index, &[]), Err(MediaError::PartLength));
            for other in segments.iter().filter(|other| other.index != segment.index) {
                assert!(opener.verify(other.index, &sealed).is_err());
            }
            for at in [0, sealed.len() - 33, sealed.len() - 32, sealed.len() - 1] {
                sealed[at] ^= 0x10;
                assert_eq!(opener.verify(segment.index, &sealed), Err(MediaError::NotAuthentic));
                sealed[at] ^= 0x10;
            }
            opener.open(segment.index, &mut sealed).unwrap();
        }
    }
    let padded = SegmentLayout::new(5, Padding::None).unwrap();
    assert_eq!((padded.bytes_of(0..0), padded.bytes_of(1..2), padded.bytes_of(0..2)), (None, None, None));
}
