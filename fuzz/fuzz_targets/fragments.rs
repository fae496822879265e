//! Any datagrams, at any times: memory use stays within its bounds, and each result is a frame of its id. Any frame cut to
//! any size comes out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use secretchat::Timestamp;
use secretchat::frame::{FragmentBounds, MIN_MTU, Reassembler, decode_one, encode, fragment};

// The input: datagrams, each after its length and the seconds since the previous one.
fuzz_target!(|data: &[u8]| {
    let mut bounds = FragmentBounds::default();
    (bounds.frames, bounds.bytes) = (3, 400);
    let mut receiver = Reassembler::new(bounds);
    let (mut rest, mut seconds) = (data, 0);
    while let [len, pause, behind @ ..] = rest {
        let (datagram, others) = behind.split_at(behind.len().min((*len).into()));
        (rest, seconds) = (others, seconds + i64::from(*pause));
        if let Ok(Some((tag, frame))) = receiver.take(datagram, Timestamp::from_unix_seconds(seconds)) {
            assert!(encode(tag, &frame).is_ok());
        }
        assert!(receiver.byte_count() <= bounds.bytes && receiver.missing().count() <= bounds.frames);
    }

    let Some((&more, frame)) = data.split_first() else { return };
    let Ok(expected) = decode_one(frame) else { return };
    let mut receiver = Reassembler::new(FragmentBounds::default());
    let fragments: Vec<_> = fragment(frame, MIN_MTU + usize::from(more)).unwrap().map(|one| one.to_vec()).collect();
    let (last, first) = fragments.split_last().unwrap();
    for datagram in first.iter().rev() {
        assert_eq!(receiver.take(datagram, Timestamp::default()), Ok(None));
    }
    assert_eq!(receiver.take(last, Timestamp::default()), Ok(Some(expected)));
});
