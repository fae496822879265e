//! Datagrams.

use secretchat::Timestamp;
use secretchat::frame::{FragmentBounds, MIN_MTU, Reassembler, decode_one, encode, fragment};

/// Checks that any datagrams, at any times, keep memory within its bounds and give frames, and that any frame cut to any size
/// comes out again (SPEC FRAG).
///
/// The input: datagrams, each after its length and the seconds since the previous one. It is also taken for a frame, after
/// the size to cut it to.
pub fn fragments(data: &[u8]) {
    check(data, |_, datagram| datagram);
}

/// With what becomes of each datagram of a frame.
fn check(data: &[u8], sent: fn(usize, Vec<u8>) -> Vec<u8>) {
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
    let fragments = fragment(frame, MIN_MTU + usize::from(more)).unwrap().map(|one| one.to_vec());
    let fragments: Vec<_> = fragments.enumerate().map(|(number, one)| sent(number, one)).collect();
    let (last, first) = fragments.split_last().unwrap();
    for datagram in first.iter().rev() {
        assert_eq!(receiver.take(datagram, Timestamp::default()), Ok(None));
    }
    assert_eq!(receiver.take(last, Timestamp::default()), Ok(Some(expected)));
}

#[test]
fn a_link_that_changes_a_fragment_is_found() {
    let data = include_bytes!("../../../fuzz/seeds/fragments/cut");
    fragments(data);
    let changed = |number: usize, mut datagram: Vec<u8>| {
        let last = datagram.len() - 1;
        datagram[last] ^= u8::from(number == 1);
        datagram
    };
    assert!(crate::fails(|| check(data, changed)));
}
