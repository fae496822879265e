//! What a call of a receiver of files or of fragments asks of the heap, over what strangers let pile up in it (SPEC FILE-4,
//! FRAG-4, LIM-5).
//!
//! Time is measured by `benches`, over the same piles.

use crate::allocator::taken;
use crate::measuring::{Measured, Room, SIZES, assert_linear};
use crate::support::pair::at;
use crate::support::strangers::{
    FILE_CALLS, FILE_PILES, FRAGMENT_CALLS, FRAGMENT_PILES, Kind, LONGEST, NEW, Pile, file,
};

#[test]
fn what_a_call_of_a_receiver_of_files_takes_grows_no_faster_than_what_strangers_sent() {
    assert_all_linear(&FILE_PILES, &FILE_CALLS);
}

/// A fragment takes its own bytes, and the last one of a frame the frame's; however many frames are incomplete.
#[test]
fn what_a_fragment_takes_grows_no_faster_than_what_is_incomplete() {
    assert_all_linear(&FRAGMENT_PILES, &FRAGMENT_CALLS);
}

fn assert_all_linear<R>(piles: &[Pile<R>], kinds: &[Kind<R>]) {
    for (pile, later, make) in piles {
        for (kind, prepare) in kinds {
            let measured = SIZES.map(|size| {
                let (mut receiver, call) = (make(size), prepare(size));
                let ((), taken) = taken(|| call(&mut receiver, at(*later)));
                let room = Room { messages: size, bytes: size * LONGEST };
                Measured { taken, room, brought: 0, doubles: 0 }
            });
            assert_linear(&format!("{kind} over {pile}"), measured);
        }
    }
}

/// The calls reach what they are there for: what needs all room gets it from what is idle, and the last fragment is the last.
#[test]
fn what_strangers_sent_makes_room_once_it_is_idle() {
    let files = |pile, kind| {
        let receiver = after(&FILE_PILES, &FILE_CALLS, pile, kind);
        [NEW, file(0)].map(|file| receiver.there(file).is_some())
    };
    assert_eq!(files("files", "part that needs all room"), [false, true]);
    assert_eq!(files("idle files", "part that needs all room"), [true, false]);
    assert_eq!(files("messages", "message of a new file"), [false, true]);
    assert_eq!(files("messages of one file beside idle files", "message of a new file"), [true, false]);
    assert_eq!(files("messages of idle files", "next"), [false, true]);
    assert_eq!(files("messages of files that are given up", "next"), [false, false]);
    assert_eq!(files("durable files", "part of a new file"), [true, false]);

    let incomplete = |pile, kind| after(&FRAGMENT_PILES, &FRAGMENT_CALLS, pile, kind).missing().count();
    let [size, ..] = SIZES;
    assert_eq!(incomplete("frames", "fragment that needs all room"), size);
    assert_eq!(incomplete("idle frames", "fragment that needs all room"), 1);
    assert_eq!(incomplete("late copies of frames", "fragment that needs all room"), 1);
    assert_eq!(incomplete("frames that are given up", "frame that is whole"), 0);
    assert_eq!(incomplete("frames", "fragment that differs"), size - 1);
    assert_eq!(incomplete("frames, and one that lacks its last fragment", "copy of a fragment"), size + 1);
    assert_eq!(incomplete("frames, and one that lacks its last fragment", "last fragment"), size);
}

fn after<R>(piles: &[Pile<R>], kinds: &[Kind<R>], pile: &str, kind: &str) -> R {
    let [size, ..] = SIZES;
    let (_, later, make) = piles.iter().find(|(name, ..)| *name == pile).unwrap();
    let (_, prepare) = kinds.iter().find(|(name, _)| *name == kind).unwrap();
    let mut receiver = make(size);
    prepare(size)(&mut receiver, at(*later));
    receiver
}
