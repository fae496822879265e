//! A file in segments by one thread and by two, each with a half of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;

use secretchat::media::{Padding, SegmentLayout, SegmentOpener, SegmentSealer};

use super::segments::InPlace;
use crate::measure::random::Constant;
use crate::measure::timing::BOTH_WAYS;
use crate::measure::{Case, Group, Lap, Unit};

pub(super) fn group(title: &'static str, len: usize) -> Group {
    let cases = [1, 2].map(|threads| {
        let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        Case::new(name, [seal(len, threads), open(len, threads)])
    });
    Group { title, unit: Unit::Bytes(len), columns: BOTH_WAYS, cases: cases.into() }
}

/// Returns how many segments each thread has, and their length in the file.
fn share(layout: &SegmentLayout, threads: u64) -> (u64, usize) {
    let segments = layout.count().div_ceil(threads);
    (segments, usize::try_from(segments).unwrap() * layout.segment(0).unwrap().stored_len)
}

/// Each thread seals segments that lie together.
fn seal(len: usize, threads: u64) -> Lap {
    let mut stored = InPlace::new(len).stored().clone();
    Lap::of(1, move || {
        let mut sealer = SegmentSealer::new(len as u64, Padding::None, &mut Constant).unwrap();
        let (segments, bytes) = share(sealer.layout(), threads);
        let mut rest = sealer.share();
        thread::scope(|scope| {
            for part in stored.chunks_mut(bytes) {
                let next = rest.split_off(rest.segments().start + segments);
                let mut share = std::mem::replace(&mut rest, next);
                scope.spawn(move || share.seal(part).and_then(|()| share.finish()).unwrap());
            }
        });
    })
}

/// Each thread opens segments that lie together.
fn open(len: usize, threads: u64) -> Lap {
    let file = InPlace::new(len);
    let opener = file.opener();
    let (segments, bytes) = share(opener.layout(), threads);
    let copy = Rc::new(RefCell::new(Vec::new()));
    let same = Rc::clone(&copy);
    let prepare = Box::new(move || same.borrow_mut().clone_from(file.stored()));
    let run = Box::new(move || {
        let mut copy = copy.borrow_mut();
        thread::scope(|scope| {
            for (first, part) in (0_u64..).zip(copy.chunks_mut(bytes)) {
                let opener: &SegmentOpener = &opener;
                scope.spawn(move || opener.open_all(first * segments, part).1.unwrap());
            }
        });
    });
    Lap { count: 1, prepare, run }
}
