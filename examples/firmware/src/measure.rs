//! How much memory the two ends take: each has a heap of its own, and the stack is painted before each step.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::hint::black_box;
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use embedded_alloc::LlffHeap;

/// The bytes of RAM for the heap of one end.
const HEAP: usize = 40 * 1024;
/// The bytes of RAM that are painted below a step: more than a step takes, and no more than there are.
const STACK: usize = 32 * 1024;
const PAINT: u8 = 0xa7;

static HEAPS: Heaps = Heaps {
    memory: UnsafeCell::new([[0; HEAP]; 2]),
    heaps: [LlffHeap::empty(), LlffHeap::empty()],
    owner: AtomicUsize::new(0),
    most_heap: [AtomicUsize::new(0), AtomicUsize::new(0)],
};
static MOST_STACK: AtomicUsize = AtomicUsize::new(0);

/// The most that was used since the last call of [`taken`], in bytes.
pub struct Taken {
    pub stack: usize,
    pub heaps: [usize; 2],
}

/// Prepares the heaps. Call it once, first of all.
pub fn start() {
    for (end, heap) in HEAPS.heaps.iter().enumerate() {
        // SAFETY: nothing else uses that memory, and the assertion in `init` fails at a second call.
        unsafe { heap.init(HEAPS.memory.get().expose_provenance() + end * HEAP, HEAP) }
    }
}

/// Takes a step of one end (0 or 1), on that end's heap, and notes how deep the stack was.
#[inline(never)]
pub fn step<R>(end: usize, work: impl FnOnce() -> R) -> R {
    let here = 0_u8;
    let top = (&raw const here).expose_provenance();
    let others = HEAPS.owner.swap(end, Relaxed);
    paint();
    let result = apart(work);
    HEAPS.owner.store(others, Relaxed);
    let is_painted = |address: &usize| {
        // SAFETY: `paint` has written there, on the stack of the only thread.
        let byte = unsafe { core::ptr::with_exposed_provenance::<u8>(*address).read_volatile() };
        byte == PAINT
    };
    black_box(&here);
    MOST_STACK.fetch_max((top - STACK..top).skip_while(is_painted).count(), Relaxed);
    result
}

pub fn taken() -> Taken {
    let heaps = [0, 1].map(|end| HEAPS.most_heap[end].swap(HEAPS.heaps[end].used(), Relaxed));
    Taken { stack: MOST_STACK.swap(0, Relaxed), heaps }
}

#[inline(never)]
fn paint() {
    black_box(&mut [PAINT; STACK]);
}

#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}

struct Heaps {
    memory: UnsafeCell<[[u8; HEAP]; 2]>,
    heaps: [LlffHeap; 2],
    /// The end that takes a step.
    owner: AtomicUsize,
    most_heap: [AtomicUsize; 2],
}

#[global_allocator]
static ALLOCATOR: &Heaps = &HEAPS;

// SAFETY: the memory is reached through the heaps alone, and they lock.
unsafe impl Sync for Heaps {}

// SAFETY: a block is returned to the heap that it came from, which the address tells.
unsafe impl GlobalAlloc for &'static Heaps {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let end = self.owner.load(Relaxed);
        // SAFETY: the caller's promises are those of the heap.
        let block = unsafe { self.heaps[end].alloc(layout) };
        self.most_heap[end].fetch_max(self.heaps[end].used(), Relaxed);
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let end = (block.addr() - self.memory.get().addr()) / mem::size_of::<[u8; HEAP]>();
        // SAFETY: the caller's promises are those of the heap.
        unsafe { self.heaps[end].dealloc(block, layout) }
    }
}
