//! A file in segments by one thread and by two, each with a half of it.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;

use secretchat::media::SegmentOpener;

use super::segments::InPlace;
use crate::measure::{Case, Group, Lap, Unit};

pub(super) fn group(title: &'static str, len: usize) -> Group {
    let cases = [1, 2].map(|threads| {
        let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        Case::new(name, [open(len, threads)])
    });
    Group { title, unit: Unit::Bytes(len), columns: &["decrypt"], cases: cases.into() }
}

/// Each thread opens segments that lie together.
fn open(len: usize, threads: u64) -> Lap {
    let file = InPlace::new(len);
    let opener = file.opener();
    let layout = opener.layout();
    let segments = layout.count().div_ceil(threads);
    let stored = usize::try_from(segments).unwrap() * layout.segment(0).unwrap().stored_len;
    let copy = Rc::new(RefCell::new(Vec::new()));
    let same = Rc::clone(&copy);
    let prepare = Box::new(move || same.borrow_mut().clone_from(file.stored()));
    let run = Box::new(move || {
        let mut copy = copy.borrow_mut();
        thread::scope(|scope| {
            for (first, part) in (0_u64..).zip(copy.chunks_mut(stored)) {
                let opener: &SegmentOpener = &opener;
                scope.spawn(move || opener.open_all(first * segments, part).1.unwrap());
            }
        });
    });
    Lap { count: 1, prepare, run }
}
