//! Fragments (SPEC FRAG-1 to FRAG-4): over a link that loses, repeats and reorders, frames come out whole or not at all,
//! and what a stranger sends is bounded.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use secretchat::frame::{
    ChatTag, FRAGMENT_HEADER_LEN, FragmentBounds, Frame, FrameError, FrameId, HEADER_LEN, MAX_FRAME_LEN, MIN_MTU, Next,
    Reassembler, decode_one, encode, fragment,
};
use secretchat::hazmat::envelope::MAX_SEALED_LEN;
use secretchat::{Timestamp, TransmitId};
use sha2::{Digest, Sha256};

const TAG: ChatTag = ChatTag([0x77; 16]);
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn after(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + 1000 * seconds)
}

/// A message of so many sealed bytes, told apart from others by `number`.
fn message(number: u64, len: usize) -> Vec<u8> {
    let bytes: Vec<u8> = (0..=255).cycle().skip(31).take(len).collect();
    encode(TAG, &Frame::Ciphertext { transmit_id: TransmitId(number), file: None, bytes: &bytes }).unwrap()
}

fn datagrams(frame: &[u8], mtu: usize) -> Vec<Vec<u8>> {
    fragment(frame, mtu).unwrap().map(|fragment| fragment.to_vec()).collect()
}

/// What comes out, as bytes.
fn take(receiver: &mut Reassembler, datagram: &[u8], now: Timestamp) -> Result<Option<Vec<u8>>, FrameError> {
    let whole = receiver.take(datagram, now)?;
    Ok(whole.map(|(tag, frame)| encode(tag, &frame).unwrap()))
}

/// The first frame that comes out.
fn take_all(receiver: &mut Reassembler, datagrams: &[Vec<u8>], now: Timestamp) -> Option<Vec<u8>> {
    datagrams.iter().find_map(|datagram| take(receiver, datagram, now).unwrap())
}

/// The header by hand.
fn forged(id: [u8; 6], index: u16, count: u16, bytes: &[u8]) -> Vec<u8> {
    [&[1, 9], &id[..], &index.to_le_bytes(), &count.to_le_bytes(), bytes].concat()
}

/// Fragments by hand of any bytes, with the id that belongs to them.
fn forged_whole(bytes: &[u8]) -> Vec<Vec<u8>> {
    let id = Sha256::digest(bytes)[..6].try_into().unwrap();
    let pieces: Vec<&[u8]> = bytes.chunks(40).collect();
    let count = u16::try_from(pieces.len()).unwrap();
    (0..).zip(pieces).map(|(index, piece)| forged(id, index, count, piece)).collect()
}

fn missing(receiver: &Reassembler) -> Vec<Vec<u16>> {
    receiver.missing().map(|(_, missing)| missing.collect()).collect()
}

/// What happens to one datagram.
#[derive(Clone, Copy, Debug)]
struct Fate {
    copies: usize,
    /// Where it gets among the others.
    order: u32,
}

fn fate() -> impl Strategy<Value = Fate> {
    let copies = prop_oneof![3 => Just(0), 6 => Just(1_usize), 1 => Just(2), 1 => Just(3)];
    (copies, any::<u32>()).prop_map(|(copies, order)| Fate { copies, order })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_frames_come_out_of_a_lossy_link_or_nothing(
        lens in prop::collection::vec(prop_oneof![56..400_usize, 56..4000_usize], 1..8),
        mtu in prop_oneof![Just(MIN_MTU), 50..=255_usize, 50..=1500_usize],
        rounds in prop::collection::vec(prop::collection::vec(fate(), 32), 1..4),
    ) {
        let frames: Vec<_> = (0..).zip(lens).map(|(number, len)| message(number, len)).collect();
        let sent: Vec<_> = frames.iter().flat_map(|frame| datagrams(frame, mtu)).collect();
        prop_assert!(sent.iter().all(|datagram| datagram.len() <= mtu));
        let mut receiver = Reassembler::new(FragmentBounds::default());
        let mut arrived = BTreeSet::new();
        for (round, fates) in (0..).zip(rounds) {
            let fates = fates.iter().cycle();
            let mut on_the_air: Vec<_> =
                sent.iter().zip(fates).flat_map(|(datagram, fate)| vec![(fate.order, datagram); fate.copies]).collect();
            on_the_air.sort_by_key(|(order, _)| *order);
            for (_, datagram) in on_the_air {
                let whole = take(&mut receiver, datagram, after(5 * round)).unwrap();
                prop_assert!(whole.iter().all(|frame| frames.contains(frame)));
                arrived.extend(whole);
            }
        }
        // What has not come yet is filled by one sending that loses nothing.
        for datagram in &sent {
            arrived.extend(take(&mut receiver, datagram, after(20)).unwrap());
        }
        prop_assert_eq!(arrived, BTreeSet::from_iter(frames));
    }

    #[test]
    fn any_datagrams_are_read_without_harm(
        datagrams in prop::collection::vec((
            prop::sample::select(vec![&[][..], &[1], &[1, 9], &[1, 9, 7, 7, 7, 7, 7, 7], &[1, 9, 7, 7, 7, 7, 7, 7, 0, 0, 2, 0]]),
            prop::collection::vec(0..4_u8, 0..120),
        ), 0..60),
    ) {
        let bounds = bounds(3, 500);
        let mut receiver = Reassembler::new(bounds);
        for (start, rest) in datagrams {
            let _ = take(&mut receiver, &[start, &rest].concat(), START);
            prop_assert!(receiver.byte_count() <= bounds.bytes && receiver.missing().count() <= bounds.frames);
        }
    }
}

fn bounds(frames: usize, bytes: usize) -> FragmentBounds {
    let mut bounds = FragmentBounds::default();
    (bounds.frames, bounds.bytes) = (frames, bytes);
    bounds
}

#[test]
fn a_frame_is_cut_as_the_clause_says() {
    let frame = message(16, 152);
    assert_eq!(frame.len(), 183);
    let id: [u8; 6] = Sha256::digest(&frame)[..6].try_into().unwrap();
    let cut = datagrams(&frame, 50);
    let expected: Vec<_> = (0..).zip(frame.chunks(38)).map(|(index, bytes)| forged(id, index, 5, bytes)).collect();
    assert_eq!(cut, expected);
    assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 50, 50, 12 + 31]);

    let fragments = fragment(&frame, 50).unwrap();
    assert_eq!((fragments.len(), fragments.id()), (5, FrameId(id)));
    assert_eq!(fragments.clone().nth(3).unwrap().to_vec(), cut[3]);
    assert_eq!(fragments.clone().nth(5), None);
    for (fragment, datagram) in fragments.zip(&cut) {
        let mut buffer = [0; 50];
        assert_eq!(fragment.write(&mut buffer), Some(&datagram[..]));
        assert_eq!(fragment.write(&mut buffer[..datagram.len() - 1]), None);
    }
}

#[test]
fn a_frame_that_fits_goes_whole() {
    let frame = message(16, 152);
    let mut receiver = Reassembler::new(FragmentBounds::default());
    for mtu in [183, 184, 1500, usize::MAX] {
        assert_eq!(datagrams(&frame, mtu), std::slice::from_ref(&frame));
        assert_eq!(take(&mut receiver, &frame, START), Ok(Some(frame.clone())));
    }
    assert_eq!(datagrams(&frame, 182).len(), 2);
    assert_eq!(receiver.byte_count(), 0);
}

#[test]
fn what_is_no_frame_is_not_cut() {
    let frame = message(16, 152);
    for mtu in [0, 1, FRAGMENT_HEADER_LEN, 49] {
        assert_eq!(fragment(&frame, mtu).map(drop), Err(FrameError::SmallMtu));
    }
    assert_eq!(fragment(&frame[..182], 50).map(drop), Err(FrameError::Truncated));
    assert_eq!(fragment(&[&frame[..], b"x"].concat(), 50).map(drop), Err(FrameError::Malformed));
    assert_eq!(fragment(&datagrams(&frame, 100)[0], 50).map(drop), Err(FrameError::Fragment), "never nested");
}

#[test]
fn fragments_stand_neither_in_streams_nor_in_fragments() {
    let cut = datagrams(&message(16, 152), 50);
    assert_eq!(decode_one(&cut[0]), Err(FrameError::Fragment));
    let mut decoder = secretchat::frame::Decoder::new();
    assert_eq!(decoder.push(&cut[0]), HEADER_LEN);
    assert_eq!(decoder.next(), Err(FrameError::Fragment));
    assert!(!matches!(decoder.next(), Ok(Next::Frame { .. })));

    let mut receiver = Reassembler::new(FragmentBounds::default());
    let (last, others) = (forged_whole(&cut[0]), 2);
    assert_eq!(last.len(), others);
    assert_eq!(take(&mut receiver, &last[0], START), Ok(None));
    assert_eq!(take(&mut receiver, &last[1], START), Err(FrameError::Fragment));
    assert_eq!(receiver.byte_count(), 0);
}

#[test]
fn datagrams_that_are_none_are_refused() {
    let ok = [5; 40];
    for (what, datagram, error) in [
        ("nothing", vec![], FrameError::Truncated),
        ("a version", vec![2, 9], FrameError::UnknownVersion),
        ("a kind", vec![1, 10], FrameError::UnknownKind),
        ("a kind and nothing else", vec![1, 9], FrameError::Truncated),
        ("half a header", forged([7; 6], 0, 2, &ok)[..11].to_vec(), FrameError::Truncated),
        ("no bytes", forged([7; 6], 1, 2, &[]), FrameError::Truncated),
        ("no fragments", forged([7; 6], 0, 0, &ok), FrameError::Malformed),
        ("one fragment", forged([7; 6], 0, 1, &ok), FrameError::Malformed),
        ("behind the last", forged([7; 6], 2, 2, &ok), FrameError::Malformed),
        ("the largest index", forged([7; 6], u16::MAX, 2, &ok), FrameError::Malformed),
        ("smaller than it need be", forged([7; 6], 0, 2, &ok[..37]), FrameError::Malformed),
        ("more than the longest frame has", forged([7; 6], 0, 13_827, &ok), FrameError::TooLong),
        ("the most fragments", forged([7; 6], 0, u16::MAX, &ok), FrameError::TooLong),
    ] {
        let mut receiver = Reassembler::new(FragmentBounds::default());
        assert_eq!(take(&mut receiver, &datagram, START), Err(error), "{what}");
        assert_eq!((receiver.byte_count(), receiver.missing().count()), (0, 0), "{what}");
    }
    let mut receiver = Reassembler::new(FragmentBounds::default());
    assert_eq!(take(&mut receiver, &forged([7; 6], 0, 2, &ok[..38]), START), Ok(None));
    assert_eq!(take(&mut receiver, &forged([8; 6], 13_825, 13_826, &[1]), START), Ok(None));
    assert_eq!(receiver.byte_count(), 39);
}

#[test]
fn the_longest_frame_goes_through_the_smallest_link() {
    let frame = encode(
        TAG,
        &Frame::Ciphertext {
            transmit_id: TransmitId(16),
            file: Some(secretchat::frame::FileId([3; 16])),
            bytes: &vec![9; MAX_SEALED_LEN],
        },
    )
    .unwrap();
    assert_eq!(frame.len(), MAX_FRAME_LEN);
    let mut cut = datagrams(&frame, 50);
    assert_eq!(cut.len(), 13_826);
    cut.reverse();
    let mut receiver = Reassembler::new(FragmentBounds::default());
    let (last, others) = cut.split_last().unwrap();
    assert_eq!(take_all(&mut receiver, others, START), None);
    assert_eq!(missing(&receiver), [[0]]);
    assert!(take(&mut receiver, last, START) == Ok(Some(frame)));
    assert_eq!(receiver.byte_count(), 0);
}

#[test]
fn no_frame_grows_beyond_the_longest() {
    let mut receiver = Reassembler::new(bounds(1, usize::MAX));
    let piece = vec![1; MAX_FRAME_LEN / 2];
    for index in 0..8 {
        assert_eq!(take(&mut receiver, &forged([7; 6], index, 9, &piece), START), Ok(None));
        assert!(receiver.byte_count() <= MAX_FRAME_LEN);
    }
}

/// A frame that came out makes room for one that did not, even if it is the only one that is remembered, and even for one that
/// has been silent for longer.
#[test]
fn a_frame_that_came_out_gives_up_its_room_first() {
    let (frame, second) = (message(16, 152), message(17, 152));
    let (cut, cut_second) = (datagrams(&frame, 50), datagrams(&second, 50));
    let mut receiver = Reassembler::new(bounds(1, usize::MAX));
    assert_eq!(take_all(&mut receiver, &cut, START), Some(frame.clone()));
    assert_eq!(take(&mut receiver, &cut[0], START), Ok(None));
    assert_eq!(take_all(&mut receiver, &cut_second, START), Some(second));

    let mut receiver = Reassembler::new(bounds(2, usize::MAX));
    let later = after(61);
    assert_eq!(take_all(&mut receiver, &cut, START), Some(frame));
    assert_eq!(take(&mut receiver, &forged([7; 6], 0, 2, &[1; 40]), START), Ok(None));
    assert_eq!(take(&mut receiver, &cut[0], later), Ok(None));
    assert_eq!(take(&mut receiver, &forged([8; 6], 0, 3, &[1; 40]), later), Ok(None));
    assert_eq!(missing(&receiver), [vec![1], vec![1, 2]]);
}

#[test]
fn what_is_missing_can_be_asked_for() {
    let frame = message(16, 152);
    let cut = datagrams(&frame, 50);
    let mut receiver = Reassembler::new(FragmentBounds::default());
    for index in [3, 1, 3, 1] {
        assert_eq!(take(&mut receiver, &cut[index], START), Ok(None));
    }
    let (id, asked): (_, Vec<u16>) = receiver.missing().map(|(id, missing)| (id, missing.collect())).next().unwrap();
    assert_eq!((id, &asked[..]), (fragment(&frame, 50).unwrap().id(), &[0, 2, 4][..]));
    let again: Vec<_> =
        asked.iter().map(|index| fragment(&frame, 50).unwrap().nth((*index).into()).unwrap().to_vec()).collect();
    assert_eq!(take_all(&mut receiver, &again, START), Some(frame));
    assert_eq!(receiver.missing().count(), 0);
}

/// A stranger heard the id and makes up one fragment, before or after the right one.
#[test]
fn a_forged_fragment_costs_one_fragment() {
    let frame = message(16, 152);
    let cut = datagrams(&frame, 50);
    let mut wrong = cut[2].clone();
    *wrong.last_mut().unwrap() ^= 1;
    for both in [[&cut[2], &wrong], [&wrong, &cut[2]]] {
        let mut receiver = Reassembler::new(FragmentBounds::default());
        for datagram in [&cut[0], both[0], &cut[1], both[1], &cut[3], &cut[4]] {
            assert_eq!(take(&mut receiver, datagram, START), Ok(None));
        }
        assert_eq!((missing(&receiver), receiver.byte_count()), (vec![vec![2]], 183 - 38));
        assert_eq!(take(&mut receiver, &cut[2], START), Ok(Some(frame.clone())));
    }
}

#[test]
fn a_frame_with_a_foreign_fragment_does_not_come_out() {
    let frame = message(16, 152);
    let cut = datagrams(&frame, 50);
    let mut wrong = cut[2].clone();
    *wrong.last_mut().unwrap() ^= 1;
    let mut receiver = Reassembler::new(FragmentBounds::default());
    for datagram in [&cut[0], &cut[1], &wrong, &cut[3]] {
        assert_eq!(take(&mut receiver, datagram, START), Ok(None));
    }
    assert_eq!(take(&mut receiver, &cut[4], START), Err(FrameError::Mixed));
    assert_eq!(receiver.byte_count(), 0);
    assert_eq!(take_all(&mut receiver, &cut, START), Some(frame));
}

#[test]
fn strangers_do_not_push_out_a_frame_on_its_way() {
    let frame = message(16, 152);
    let cut = datagrams(&frame, 50);
    let mut receiver = Reassembler::new(bounds(4, 1000));
    // Something of it comes every 59 seconds.
    for (minute, datagram) in (0..).zip(&cut) {
        let whole = take(&mut receiver, datagram, after(59 * minute)).unwrap();
        assert_eq!(whole.is_some(), minute == 4);
        for stranger in 0..200_u8 {
            let datagram = forged([stranger, 1, 2, 3, 4, 5], 0, 2, &[1; 300]);
            assert_eq!(take(&mut receiver, &datagram, after(59 * minute + 58)), Ok(None));
            assert!(receiver.missing().count() <= 4 && receiver.byte_count() <= 1000);
        }
    }
}

#[test]
fn a_new_frame_gets_the_place_of_an_idle_one() {
    let frame = message(16, 152);
    let cut = datagrams(&frame, 50);
    for bounds in [bounds(4, usize::MAX), bounds(100, 4 * 60 + 40)] {
        let mut receiver = Reassembler::new(bounds);
        for stranger in 0..4 {
            let datagram = forged([stranger; 6], 0, 2, &[1; 60]);
            assert_eq!(take(&mut receiver, &datagram, after(stranger.into())), Ok(None));
        }
        assert_eq!(take_all(&mut receiver, &cut, after(59)), None, "no room");
        assert!(receiver.missing().count() >= 4);
        assert_eq!(take_all(&mut receiver, &cut, after(63)), Some(frame.clone()), "the frames are idle for a minute");
    }
}

#[test]
fn late_copies_take_no_place_of_new_frames() {
    let mut receiver = Reassembler::new(bounds(4, usize::MAX));
    let frames: Vec<_> = (0..5).map(|number| message(16 + number, 152)).collect();
    for frame in frames[..4].iter().chain([&frames[3]; 4]) {
        assert_eq!(take_all(&mut receiver, &datagrams(frame, 50), START), Some(frame.clone()));
    }
    let late = frames[..3].iter().map(|frame| datagrams(frame, 50).remove(1));
    for datagram in late.chain([forged([7; 6], 0, 2, &[1; 40])]) {
        assert_eq!(take(&mut receiver, &datagram, START), Ok(None));
    }
    assert_eq!(receiver.missing().count(), 4);
    assert_eq!(take_all(&mut receiver, &datagrams(&frames[4], 50), START), Some(frames[4].clone()));
    // A repetition comes out again: the receipt may have been lost.
    assert_eq!(take_all(&mut receiver, &datagrams(&frames[3], 50), START), Some(frames[3].clone()));
}

#[test]
fn a_frame_is_given_up_after_the_patience() {
    let mut bounds = FragmentBounds::default();
    bounds.patience = Duration::from_secs(100);
    let cut = datagrams(&message(16, 152), 50);
    for (seconds, waits) in [(99, true), (100, false)] {
        let mut receiver = Reassembler::new(bounds);
        assert_eq!(take(&mut receiver, &cut[0], START), Ok(None));
        assert_eq!(take_all(&mut receiver, &cut[1..], after(seconds)).is_some(), waits);
    }
}

#[test]
fn another_size_of_datagrams_disturbs_nothing() {
    let [frame, second, third] = [16, 17, 18].map(|number| message(number, 152));
    let mut receiver = Reassembler::new(bounds(2, usize::MAX));
    assert_eq!(take(&mut receiver, &datagrams(&frame, 100)[0], START), Ok(None));
    assert_eq!(take_all(&mut receiver, &datagrams(&frame, 50), START), Some(frame));
    // What came in the other size is a late copy.
    assert_eq!(take(&mut receiver, &datagrams(&second, 50)[0], START), Ok(None));
    assert_eq!(take_all(&mut receiver, &datagrams(&third, 50), START), Some(third));
}
