//! Restoring takes memory in proportion to the records, whatever lengths and counts are sealed in them (SPEC REC-5).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "support/pair.rs"]
mod pair;
#[path = "support/rich.rs"]
mod rich;
#[path = "support/rng.rs"]
mod rng;
#[path = "support/timed.rs"]
mod timed;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rich::{every_chat, plain, restore, with_plain};
use secretchat::Records;

/// The system's heap, and how much of it is and was in use.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(NOW.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static HEAP: Counting = Counting;

/// Of the chat itself, its keys and, in the Telegram profile, the numbers of the group.
const FIXED: usize = 64 << 10;

fn within_bounds(records: &Records) {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    drop(restore(records));
    let most = MOST.load(Relaxed) - before;
    let len: usize = records.rows.iter().map(|row| row.1.len()).sum();
    assert!(most <= 4 * len + FIXED, "{most} for {len}");
}

/// One test, so that nothing else takes memory meanwhile.
#[test]
fn lengths_alone_take_no_memory() {
    for chat in every_chat(1) {
        let whole = chat.newest();
        within_bounds(whole);
        for row in 0..whole.rows.len() {
            let (_, contents) = plain(whole, row);
            // Each place where a length may stand; the numbers of the group take long and are no lengths.
            let step = if contents.len() < 700 { 2 } else { 61 };
            for place in (0..contents.len()).step_by(step) {
                for value in [u32::MAX, 0x1000_0000] {
                    let mut said = contents.clone();
                    said.iter_mut().skip(place).zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
                    within_bounds(&with_plain(whole, row, &said));
                }
            }
        }
    }
}
