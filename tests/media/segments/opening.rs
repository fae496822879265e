//! Single segments, in the caller's memory.

use secretchat::MediaError;
use secretchat::media::{HEADER_LEN, Padding, SEGMENT_LEN, SegmentKey, SegmentLayout, SegmentOpener, TAG_LEN};

use super::case::{base, stream};
use super::hostile::hostile;
use super::reference;

/// By segments, one at a time: what came out, and how it ended.
pub(super) fn open_each(key: &SegmentKey, size: u64, stored: &[u8]) -> (Vec<u8>, Result<(), MediaError>) {
    let mut content = Vec::new();
    let result = (|| {
        let (header, mut rest) = stored.split_first_chunk::<HEADER_LEN>().ok_or(MediaError::Truncated)?;
        let opener = SegmentOpener::new(key, size, header)?;
        for index in 0..opener.layout().count() {
            let segment = opener.layout().segment(index).unwrap();
            let (stored, behind) = rest.split_at_checked(segment.stored_len).ok_or(MediaError::Truncated)?;
            content.extend_from_slice(opener.open(index, &mut stored.to_vec())?);
            rest = behind;
        }
        if rest.is_empty() { Ok(()) } else { Err(MediaError::TooLong) }
    })();
    (content, result)
}

#[test]
fn any_segment_of_the_largest_file() {
    let file = reference::File::new(SegmentLayout::MAX_SIZE);
    let opener = SegmentOpener::new(&file.key(), file.size, &file.header().try_into().unwrap()).unwrap();
    assert_eq!(opener.layout().count(), 1 << 24);
    let content = stream("a segment", SEGMENT_LEN);
    for index in [0, 1, 65_535, 65_536, 70_000, (1 << 24) - 1] {
        let mut stored = file.seal(index, &content);
        assert_eq!(opener.layout().segment(index).unwrap().offset, 40 + 65_568 * index);
        for wrong in [index ^ 1, index ^ 65_536, (1 << 24) - 1 - index] {
            assert_eq!(opener.open(wrong, &mut stored).unwrap_err(), MediaError::NotAuthentic);
        }
        assert!(*opener.open(index, &mut stored).unwrap() == content[..], "{index}");
    }
    assert_eq!(opener.open(1 << 24, &mut file.seal(1 << 24, &content)).unwrap_err(), MediaError::OutOfRange);
    assert_eq!(opener.open(u64::MAX, &mut []).unwrap_err(), MediaError::OutOfRange);
    for len in [0, 1, 32, 65_567, 65_569] {
        assert_eq!(opener.open(0, &mut vec![0; len]).unwrap_err(), MediaError::PartLength);
    }
}

/// More than eight in a row, the twelfth of them changed, and a last one that is not whole.
#[test]
fn several_segments_open_in_place() {
    let stored_len = SEGMENT_LEN + TAG_LEN;
    let file = reference::File::new(20 * SEGMENT_LEN as u64);
    let opener = SegmentOpener::new(&file.key(), file.size, &file.header().try_into().unwrap()).unwrap();
    let content = |index: u64| stream(&format!("segment {index}"), SEGMENT_LEN);
    let mut stored: Vec<u8> = (3..17).flat_map(|index| file.seal(index, &content(index))).collect();
    stored.truncate(14 * stored_len - 1);
    assert_eq!(opener.open_all(3, &mut stored.clone()), (13, Ok(())));
    assert_eq!(opener.open_all(4, &mut stored.clone()), (0, Err(MediaError::NotAuthentic)));
    assert_eq!(opener.open_all(u64::MAX, &mut stored.clone()), (0, Ok(())));

    stored[11 * stored_len] ^= 1;
    let before = stored.clone();
    assert_eq!(opener.open_all(3, &mut stored), (11, Err(MediaError::NotAuthentic)));
    for (index, segment) in (3..14).zip(stored.chunks(stored_len)) {
        assert!(segment[..SEGMENT_LEN] == content(index)[..], "{index}");
    }
    assert!(stored[11 * stored_len..] == before[11 * stored_len..], "nothing behind it is decrypted");
}

/// Padmé gives 66 segments to 4 MiB and a byte: the content ends in the last but one.
#[test]
fn segments_of_padding_alone_open_to_nothing() {
    let file = reference::File { padding: Padding::Padme, ..reference::File::new((1 << 22) + 1) };
    let opener = SegmentOpener::new(&file.key(), file.size, &file.header().try_into().unwrap()).unwrap();
    let alone = opener.layout().segment(65).unwrap();
    assert_eq!((opener.layout().count(), alone.content_len, alone.is_last), (66, 0, false));
    let mut end = vec![0; SEGMENT_LEN];
    assert!(opener.open(65, &mut file.seal(65, &end)).unwrap().is_empty());
    assert_eq!(opener.open(64, &mut file.seal(65, &end)).unwrap_err(), MediaError::NotAuthentic);
    end[0] = 7;
    assert_eq!(opener.open(64, &mut file.seal(64, &end)).unwrap(), [7]);
    for (index, at) in [(64, 1), (64, SEGMENT_LEN - 1), (65, 0), (65, 32_768), (65, SEGMENT_LEN - 1)] {
        let mut sealed = vec![0; SEGMENT_LEN];
        sealed[at] = 1;
        let mut sealed = file.seal(index, &sealed);
        assert_eq!(opener.open(index, &mut sealed).unwrap_err(), MediaError::Padding, "{index} {at}");
        assert!(sealed[..SEGMENT_LEN].iter().all(|byte| *byte == 0));
    }
}

/// In the caller's memory: what does not open stays as it was, what its sender padded with something is wiped.
#[test]
fn at_51_what_is_left_of_a_segment_that_does_not_open() {
    let case = base();
    let (key, stored) = (case.key(), case.stored(1));
    let opener = SegmentOpener::new(&key, case.size(), stored.first_chunk().unwrap()).unwrap();
    let mut segment = stored[HEADER_LEN..][..SEGMENT_LEN + TAG_LEN].to_vec();
    segment[5] ^= 1;
    let before = segment.clone();
    assert_eq!(opener.open(0, &mut segment).unwrap_err(), MediaError::NotAuthentic);
    assert!(segment == before);
    let padded = hostile().into_iter().find(|case| case.error == MediaError::Padding).unwrap();
    let (header, rest) = padded.stored.split_first_chunk().unwrap();
    let mut rest = rest.to_vec();
    let opener = SegmentOpener::new(&padded.key, padded.size, header).unwrap();
    assert_eq!(opener.open(0, &mut rest).unwrap_err(), MediaError::Padding);
    assert_eq!(rest[..32], [0; 32]);
}
