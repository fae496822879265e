//! One file sealed by several threads (SPEC SEG-9).

use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{Padding, SEGMENT_LEN, SegmentLayout, SegmentSealer, TAG_LEN};

use super::case::{cases, sha256};
use super::chunks::{config, padding, segment_size, size};
use crate::support::rng::Seeded;

/// The file with the content in its places, not sealed yet.
fn laid_out(sealer: &SegmentSealer, content: &[u8]) -> Vec<u8> {
    let (mut stored, mut rest) = (Vec::new(), content);
    for segment in (0..).map_while(|index| sealer.layout().segment(index)) {
        stored.extend(rest.split_off(..segment.content_len).unwrap());
        // What lies behind the content does not count.
        stored.resize(stored.len() + segment.stored_len - segment.content_len, 0xee);
    }
    stored
}

/// The stored file, sealed by one thread for each share.
fn seal(mut sealer: SegmentSealer, content: &[u8], splits: &[u64]) -> Vec<u8> {
    let (header, layout) = (sealer.header(), *sealer.layout());
    let mut stored = laid_out(&sealer, content);
    let mut rest = &mut stored[..];
    thread::scope(|scope| {
        let mut share = sealer.share();
        for at in splits.iter().copied().chain([u64::MAX]) {
            let next = share.split_off(at);
            let len = layout.bytes_of(share.segments()).map_or(0, |bytes| bytes.end - bytes.start);
            let bytes = rest.split_off_mut(..usize::try_from(len).unwrap()).unwrap();
            scope.spawn(move || {
                share.seal(bytes).unwrap();
                share.finish().unwrap();
            });
            share = next;
        }
        share.finish().unwrap();
    });
    assert!(rest.is_empty());
    sealer.finish().unwrap();
    [&header[..], &stored].concat()
}

#[test]
fn files_of_the_vectors_seal_in_two_threads_to_their_bytes() {
    for case in cases("file") {
        let half = case.sealer().layout().count() / 2;
        let stored = seal(case.sealer(), &case.content, &[half]);
        assert_eq!(case.value["stored_sha256"], sha256(&stored));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_shares_give_the_same_bytes(size in size(), padding in padding(), segments in segment_size(), mut splits in vec(0..20_u64, 0..4)) {
        splits.sort_unstable();
        let layout = SegmentLayout::new(size as u64, padding).unwrap().with_segment_size(segments);
        let sealer = || SegmentSealer::with_layout(layout, &mut Seeded::new(1));
        let content = vec![7; size];
        prop_assert!(seal(sealer(), &content, &splits) == super::sealing::seal(sealer(), &content, 3));
    }
}

#[test]
fn each_segment_is_sealed_once() {
    let mut sealer = SegmentSealer::new(4 * SEGMENT_LEN as u64, Padding::None, &mut Seeded::new(1)).unwrap();
    let one = SEGMENT_LEN + TAG_LEN;
    let mut stored = vec![1; 2 * one];
    sealer.seal(&mut stored[..one]).unwrap();

    let mut front = sealer.share();
    assert_eq!(front.segments(), 1..4);
    assert_eq!(format!("{front:?}").matches("left: 1..4").count(), 1);
    let mut back = front.split_off(2);
    assert_eq!((front.segments(), back.segments()), (1..2, 2..4));
    // Nothing beyond the share, and nothing before it.
    let before = stored.clone();
    assert_eq!(front.seal(&mut stored), Err(MediaError::PartLength));
    assert!(stored == before);
    assert!(front.split_off(0).segments() == (1..2) && front.segments().is_empty());
    assert_eq!(front.seal(&mut stored[..one]), Err(MediaError::PartLength));
    assert_eq!(front.finish(), Ok(()));
    back.seal(&mut stored[..one]).unwrap();
    assert_eq!(back.segments(), 3..4);
    assert_eq!(back.finish(), Err(MediaError::Truncated));

    // Nothing is left for a second sharing.
    assert!(sealer.share().segments().is_empty());
    assert_eq!(sealer.seal(&mut stored[..one]), Err(MediaError::PartLength));
}
