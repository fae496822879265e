//! The system's heap, counted for each thread, since the tests of a program run side by side; a test stays on its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static HEAP: Watched = Watched;

struct Watched;

thread_local! {
    /// Negative where a thread gives back what another one asked for.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
    /// What is looked for in blocks that are given back.
    static SECRETS: Cell<&'static [&'static [u8]]> = const { Cell::new(&[]) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
    static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all calls go to the system's allocator as they came; a block is read before it is given back.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        IN_USE.set(IN_USE.get() + layout.size().cast_signed());
        MOST.set(MOST.get().max(IN_USE.get()));
        // SAFETY: as above. Zeroed, so that every byte that is read later was written.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        IN_USE.set(IN_USE.get() - layout.size().cast_signed());
        if !SECRETS.get().is_empty() {
            // SAFETY: the block has that size and is not given back yet.
            look(unsafe { std::slice::from_raw_parts(place, layout.size()) });
        }
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

/// Returns how many bytes are in use.
pub(crate) fn in_use() -> isize {
    IN_USE.get()
}

/// Returns the most that `work` had in use at once, beside what was there before.
pub(crate) fn most(work: impl FnOnce()) -> usize {
    let before = IN_USE.get();
    MOST.set(before);
    work();
    usize::try_from(MOST.get() - before).unwrap()
}

/// Returns what `work` gives, and what it asked the heap for.
pub(crate) fn taken<R>(work: impl FnOnce() -> R) -> (R, Taken) {
    let (bytes, calls) = (BYTES.get(), CALLS.get());
    let result = work();
    (result, Taken { bytes: BYTES.get() - bytes, calls: CALLS.get() - calls })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Taken {
    pub(crate) bytes: usize,
    pub(crate) calls: usize,
}

/// Looks for `secrets` in all blocks that `work` gives back, its result included.
pub(crate) fn in_freed_blocks<R>(secrets: &'static [&'static [u8]], work: impl FnOnce() -> R) -> Seen {
    let (found, looked_at) = (FOUND.get(), LOOKED_AT.get());
    SECRETS.set(secrets);
    drop(work());
    SECRETS.set(&[]);
    Seen { found: FOUND.get() - found, looked_at: LOOKED_AT.get() - looked_at }
}

pub(crate) struct Seen {
    pub(crate) found: usize,
    /// In bytes.
    pub(crate) looked_at: usize,
}

fn look(block: &[u8]) {
    LOOKED_AT.set(LOOKED_AT.get() + block.len());
    for secret in SECRETS.get() {
        FOUND.set(FOUND.get() + block.windows(secret.len()).filter(|window| window == secret).count());
    }
}
