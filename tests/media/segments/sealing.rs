//! Sealing in the caller's memory, keys and sizes.

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{Padding, SEGMENT_LEN, SegmentKey, SegmentLayout, SegmentOpener, SegmentSealer, TAG_LEN};
use subtle::ConstantTimeEq;

use super::case::{Case, base, bytes, cases, number, sha256, vectors};
use super::opening::open_each;
use crate::support::rng::Seeded;

/// The stored file, sealed `at_once` segments a call.
pub(super) fn seal(mut sealer: SegmentSealer, mut content: &[u8], at_once: usize) -> Vec<u8> {
    let mut stored = sealer.header().to_vec();
    while let Some(next) = sealer.next_segment() {
        let mut run = Vec::new();
        for segment in (next.index..).map_while(|index| sealer.layout().segment(index)).take(at_once) {
            assert_eq!(segment.offset, (stored.len() + run.len()) as u64);
            // What lies behind the content does not count.
            let mut slot = vec![0xee; segment.stored_len];
            slot[..segment.content_len].copy_from_slice(content.split_off(..segment.content_len).unwrap());
            run.extend(slot);
        }
        sealer.seal(&mut run).unwrap();
        stored.extend(run);
    }
    assert!(content.is_empty());
    sealer.finish().unwrap();
    stored
}

#[test]
fn files_of_the_vectors_seal_to_their_bytes() {
    let cases = cases("file");
    let sizes: Vec<_> = cases.iter().map(Case::size).collect();
    assert_eq!(sizes[..8], [1, 15, 16, 17, 65_535, 65_536, 65_537, 196_613]);
    assert_eq!(sizes[8..14], [1, 17, 5000, 100_000, (1 << 22) + 1, (1 << 22) + 65_536]);
    assert_eq!(sizes[14..], [1, 4095, 4096, 4097, 12_293, 65_537, 5000, (1 << 18) + 1]);
    for case in cases {
        let (name, value) = (case.value["name"].as_str().unwrap(), &case.value);
        assert_eq!(case.sealer().header().to_vec(), bytes(&value["header"]), "{name}");
        assert!(bool::from(case.sealer().key().ct_eq(&case.key())), "{name}");
        assert_eq!(case.sealer().layout().count(), value["count"].as_u64().unwrap());
        assert_eq!(case.sealer().layout().encrypted_len(), value["stored_len"].as_u64().unwrap());
        let stored = case.stored(1);
        for segment in value["segments"].as_array().unwrap() {
            let end = number(&segment["end"]);
            assert_eq!(stored[end - TAG_LEN..end].to_vec(), bytes(&segment["tag"]), "{name}");
        }
        assert_eq!(value["stored_sha256"], sha256(&stored), "{name}");
        if let Some(hex) = value["stored"].as_str() {
            assert_eq!(hex::encode(&stored), hex);
        }
        for at_once in [2, 3, 7, 8, 9, 100] {
            assert!(case.stored(at_once) == stored, "{name}: {at_once} at once");
        }
        let (content, result) = open_each(&case.key(), case.size(), &stored);
        assert_eq!(result, Ok(()), "{name}");
        assert!(content == case.content, "{name}");
    }
}

#[test]
fn sealing_takes_the_next_segments_whole() {
    let case = base();
    let mut sealer = case.sealer();
    let whole = SEGMENT_LEN + TAG_LEN;
    for len in [1, SEGMENT_LEN, whole - 1, whole + 1, whole + 48, 3 * whole + 47, 4 * whole] {
        let mut memory = vec![7; len];
        assert_eq!(sealer.seal(&mut memory), Err(MediaError::PartLength), "{len}");
        assert_eq!((sealer.next_segment().unwrap().index, memory), (0, vec![7; len]));
    }
    assert_eq!(sealer.seal(&mut []), Ok(()));
    sealer.seal(&mut vec![7; 3 * whole]).unwrap();
    assert_eq!(sealer.next_segment().unwrap().stored_len, 48);
    assert_eq!(sealer.finish(), Err(MediaError::Truncated));
}

#[test]
fn at_53_a_new_key_for_each_file() {
    let mut rng = Seeded::new(1);
    let mut new = || SegmentSealer::new(5, Padding::None, &mut rng).unwrap();
    let (one, other) = (new(), new());
    assert!(!bool::from(one.key().ct_eq(other.key())) && one.header() != other.header());
    // Where a generator repeats itself, files of different sizes still have different keys.
    let sized = |size| SegmentSealer::new(size, Padding::None, &mut Seeded::new(1)).unwrap();
    let (mut five, mut six) = (sized(5), sized(6));
    let (mut a, mut b) = ([9; 48], [9; 48]);
    five.seal(&mut a).unwrap();
    six.seal(&mut b).unwrap();
    assert_ne!(five.key().parts().1, six.key().parts().1);
    assert!(a[..16] != b[..16] && a[16..] != b[16..]);
}

#[test]
fn keys_show_nothing() {
    let key = SegmentKey::from_parts([0xa7; 32], [0xa7; 32]);
    assert_eq!(format!("{key:?}"), "SegmentKey(..)");
    let equal = |other: &SegmentKey| bool::from(key.ct_eq(other));
    assert!(equal(&key.duplicate()));
    assert!(
        !equal(&SegmentKey::from_parts([0xa7; 32], [1; 32])) && !equal(&SegmentKey::from_parts([1; 32], [0xa7; 32]))
    );
    let sealer = SegmentSealer::new(5, Padding::Padme, &mut Scripted::new([vec![0xa7; 32], vec![0xa7; 32]])).unwrap();
    let layout = "layout: SegmentLayout { size: 5, padding: Padme, segment_size: Kib64 }";
    assert_eq!(format!("{sealer:?}"), format!("SegmentSealer {{ {layout}, next: 0, .. }}"));
    let opener = SegmentOpener::new(sealer.key(), 5, &sealer.header()).unwrap();
    assert_eq!(format!("{opener:?}"), format!("SegmentOpener {{ {layout}, .. }}"));
}

#[test]
fn sizes_have_bounds() {
    for padding in [Padding::None, Padding::Padme] {
        let error = |size| SegmentLayout::new(size, padding).unwrap_err();
        assert_eq!(error(0), MediaError::Empty);
        assert_eq!((error((1 << 40) + 1), error(u64::MAX)), (MediaError::TooLarge, MediaError::TooLarge));
        let largest = SegmentLayout::new(1 << 40, padding).unwrap();
        assert_eq!(largest.encrypted_len(), 40 + (1 << 40) + (32 << 24));
    }
    let rng = &mut Seeded::new(0);
    assert_eq!(SegmentSealer::new(0, Padding::None, rng).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentSealer::new(u64::MAX, Padding::None, rng).unwrap_err(), MediaError::TooLarge);
    let key = SegmentKey::from_parts([1; 32], [2; 32]);
    assert_eq!(SegmentOpener::new(&key, 0, &[0; 40]).unwrap_err(), MediaError::Empty);
    assert_eq!(SegmentOpener::new(&key, u64::MAX, &[0; 40]).unwrap_err(), MediaError::TooLarge);
}

#[test]
fn padded_lengths_are_those_of_padme() {
    for case in vectors("padme") {
        let (size, padded) = (case["length"].as_u64().unwrap(), case["padded"].as_u64().unwrap().next_multiple_of(16));
        let layout = SegmentLayout::new(size, Padding::Padme).unwrap();
        let count = padded.div_ceil(SEGMENT_LEN as u64);
        assert_eq!((layout.count(), layout.encrypted_len()), (count, 40 + padded + 32 * count), "{size}");
        assert!(padded <= size + size * 12 / 100 + 16, "{size}");
    }
}
