//! How much of the stack the steps of a program take.

use core::hint::black_box;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// More than any step here takes.
const DEPTH: usize = 128 * 1024;
const PAINT: u8 = 0xa7;

static MOST: AtomicUsize = AtomicUsize::new(0);

/// Returns the most that a step has taken since the last call, in bytes.
pub fn taken() -> usize {
    MOST.swap(0, Relaxed)
}

/// Paints the stack below, takes the step, and notes how far down the paint is gone.
#[inline(never)]
pub fn step<R>(work: impl FnOnce() -> R) -> R {
    let here = 0_u8;
    let top = (&raw const here).expose_provenance();
    paint();
    let result = apart(work);
    let is_painted = |address: &usize| {
        // SAFETY: `paint` has written there, on the stack of the only thread.
        let byte = unsafe { core::ptr::with_exposed_provenance::<u8>(*address).read_volatile() };
        byte == PAINT
    };
    black_box(&here);
    MOST.fetch_max((top - DEPTH..top).skip_while(is_painted).count(), Relaxed);
    result
}

#[inline(never)]
fn paint() {
    black_box(&mut [PAINT; DEPTH]);
}

#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}
