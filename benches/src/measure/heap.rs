//! The system's heap, counted for a thread while it asks for that. Elsewhere this costs a look at one flag.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[global_allocator]
static HEAP: Counted = Counted;

struct Counted;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
    /// Negative where the thread frees what it has allocated before.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: all calls go to the system's allocator as they came.
#[expect(unsafe_code, reason = "an allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.get() {
            CALLS.set(CALLS.get() + 1);
            IN_USE.set(IN_USE.get() + layout.size().cast_signed());
        }
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if COUNTING.get() {
            IN_USE.set(IN_USE.get() - layout.size().cast_signed());
        }
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTING.get() {
            CALLS.set(CALLS.get() + 1);
            IN_USE.set(IN_USE.get() + size.cast_signed() - layout.size().cast_signed());
        }
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// What work has taken from the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How often memory was asked for, or for more of it.
    pub calls: usize,
    /// How many bytes more are in use than before.
    pub bytes: isize,
}

/// Returns what `work` gives, and what it has taken from the heap on this thread.
pub fn taken<R>(work: impl FnOnce() -> R) -> (R, Taken) {
    let (calls, bytes) = (CALLS.get(), IN_USE.get());
    let was_counting = COUNTING.replace(true);
    let result = work();
    COUNTING.set(was_counting);
    (result, Taken { calls: CALLS.get() - calls, bytes: IN_USE.get() - bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_and_what_was_asked_for_are_counted() {
        let (kept, taken) = taken(|| {
            drop(vec![1_u8; 100]);
            vec![2_u8; 300]
        });
        assert_eq!((taken, kept.len()), (Taken { calls: 2, bytes: 300 }, 300));
    }
}
