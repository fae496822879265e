//! What a fragment asks of the heap (SPEC FRAG-4).

use secretchat::TransmitId;
use secretchat::frame::{ChatTag, FRAGMENT_HEADER_LEN, FragmentBounds, Frame, Reassembler, encode, fragment};

use crate::allocator::taken;
use crate::measuring::{Measured, Room, SIZES, assert_linear};

/// Nodes of a map, and lists that grow.
const FEW: usize = 16 << 10;

/// A fragment takes its own bytes, and the last one of a frame the frame's; however many frames are incomplete (SPEC FRAG-4).
#[test]
fn what_a_fragment_takes_grows_no_faster_than_what_is_incomplete() {
    const MTU: usize = 100;
    let now = crate::support::pair::at(0);
    let frame = |number: usize, pieces: usize| {
        let bytes = vec![7; pieces * (MTU - FRAGMENT_HEADER_LEN) - 100];
        let transmit_id = TransmitId(u64::try_from(number).unwrap());
        encode(ChatTag([7; 16]), &Frame::Ciphertext { transmit_id, file: None, bytes: &bytes }).unwrap()
    };
    let measured = SIZES.map(|size| {
        let mut bounds = FragmentBounds::default();
        bounds.frames = size + 1;
        let mut receiver = Reassembler::new(bounds);
        for number in 0..size {
            let incomplete = frame(number, 3);
            let first = fragment(&incomplete, MTU).unwrap().next().unwrap().to_vec();
            assert!(receiver.take(&first, now).unwrap().is_none());
        }
        let whole = frame(size, size);
        let pieces: Vec<_> = fragment(&whole, MTU).unwrap().map(|piece| piece.to_vec()).collect();
        let (last, earlier) = pieces.split_last().unwrap();
        for piece in earlier {
            let (none, taken) = taken(|| receiver.take(piece, now).unwrap().is_none());
            assert!(none && taken.bytes <= 2 * MTU + FEW, "{taken:?}");
        }
        let (came, taken) = taken(|| receiver.take(last, now).unwrap().is_some());
        assert!(came);
        Measured { taken, room: Room { messages: size, bytes: whole.len() }, brought: last.len(), doubles: 0 }
    });
    assert_linear("the last fragment", measured);
}
