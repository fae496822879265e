//! Finds the traces of secrets: on the stack below the caller, in heap blocks when they are freed, and in heap blocks in
//! use.
//!
//! The secrets are kept masked, so that the search does not find its own copy. It cannot see registers and swapped pages,
//! and it only examines the build that runs: another compiler or build may leave other traces.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};

/// A trace of this length cannot occur by chance.
const LEN: usize = 16;
const MASK: u8 = 0xa5;
/// How far below the caller the stack is searched. The thread needs a larger stack than that.
const DEPTH: usize = 512 * 1024;
/// The space between the caller and the frames of a step, so that the search does not overwrite them.
const PAD: usize = 8 * 1024;

/// The index of a secret, and a part of it.
#[derive(Debug)]
struct Part {
    secret: usize,
    masked: [u8; LEN],
}

impl Part {
    fn first(&self) -> u64 {
        u64::from_le_bytes(self.masked[..8].try_into().unwrap())
    }
}

/// The parts to search for, arranged so that the first eight bytes rule out most places.
#[derive(Debug)]
struct Parts {
    /// The parts, in the order of their first eight bytes.
    all: Vec<Part>,
    /// One bit for each hash of those eight bytes.
    hashes: Box<[u64; 1 << 10]>,
}

impl Parts {
    fn new(mut all: Vec<Part>) -> Self {
        all.sort_by_key(Part::first);
        let mut hashes = Box::new([0; 1 << 10]);
        for part in &all {
            let (word, bit) = Self::hash(part.first());
            hashes[word] |= bit;
        }
        Self { all, hashes }
    }

    fn hash(first: u64) -> (usize, u64) {
        let hash = first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Returns the parts that may begin with these bytes.
    fn beginning_with(&self, first: u64) -> &[Part] {
        let (word, bit) = Self::hash(first);
        if self.hashes[word] & bit == 0 {
            return &[];
        }
        let from = &self.all[self.all.partition_point(|part| part.first() < first)..];
        &from[..from.partition_point(|part| part.first() == first)]
    }
}

/// The parts to search for in freed blocks; null when there is no search.
static PARTS: AtomicPtr<Parts> = AtomicPtr::new(std::ptr::null_mut());
const SECRETS: usize = 512;
static FREED: [AtomicUsize; SECRETS] = [const { AtomicUsize::new(0) }; SECRETS];

/// The system's heap. Each freed block is searched, then cleared.
#[derive(Debug)]
pub struct Heap {
    blocks: UnsafeCell<[(usize, usize); BLOCKS]>,
    locked: AtomicBool,
    /// Whether a block found no place among them.
    overflowed: AtomicBool,
}

/// The greatest number of blocks that a test uses at once.
const BLOCKS: usize = 1 << 15;

// SAFETY: `blocks` is touched under the lock alone.
unsafe impl Sync for Heap {}

impl Heap {
    /// Creates a heap for `#[global_allocator]`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            blocks: UnsafeCell::new([(0, 0); BLOCKS]),
            locked: AtomicBool::new(false),
            overflowed: AtomicBool::new(false),
        }
    }

    fn with_blocks<R>(&self, work: impl FnOnce(&mut [(usize, usize); BLOCKS]) -> R) -> R {
        while self.locked.swap(true, SeqCst) {
            std::hint::spin_loop();
        }
        // SAFETY: the lock is held, and `work` takes no memory.
        let result = work(unsafe { &mut *self.blocks.get() });
        self.locked.store(false, SeqCst);
        result
    }

    /// Returns the traces of secrets in blocks that are in use.
    ///
    /// # Panics
    /// Panics if there were more blocks at once than it can keep.
    #[must_use]
    pub fn in_use(&self, watch: &Watch) -> Vec<Trace> {
        assert!(!self.overflowed.load(SeqCst), "too many blocks");
        let mut found = vec![0; watch.secrets];
        self.with_blocks(|blocks| {
            for (place, len) in blocks.iter().filter(|(place, _)| *place != 0) {
                // SAFETY: a block in use, which the one thread of the test does not change meanwhile.
                unsafe { search(watch.parts, *place, *len, &mut |secret| found[secret] += 1) };
            }
        });
        traces(Place::InUse, found).collect()
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: all memory is the system's allocator's; a block is cleared before it goes back.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the arguments are the caller's.
        let place = unsafe { System.alloc(layout) };
        self.with_blocks(|blocks| {
            if let Some(free) = blocks.iter_mut().find(|(place, _)| *place == 0) {
                *free = (place as usize, layout.size());
            } else {
                self.overflowed.store(true, SeqCst);
            }
        });
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.with_blocks(|blocks| {
            if let Some(block) = blocks.iter_mut().find(|(at, _)| *at == place as usize) {
                *block = (0, 0);
            }
        });
        let parts = PARTS.load(SeqCst);
        // SAFETY: the block is still ours; the parts are never freed.
        unsafe {
            if let Some(parts) = parts.as_ref() {
                search(parts, place as usize, layout.size(), &mut |secret| {
                    FREED[secret].fetch_add(1, SeqCst);
                });
            }
            place.write_bytes(0, layout.size());
            black_box(place);
            System.dealloc(place, layout);
        }
    }
}

/// Where a trace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the stack below the caller.
    Stack,
    /// In a block that was given back.
    Freed,
    /// In a block that is in use.
    InUse,
}

/// What was found of one secret in one kind of place.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    /// The place of the secret among those that are looked for.
    pub secret: usize,
    /// Where it was found.
    pub place: Place,
    /// How many parts of it.
    pub parts: usize,
}

/// Secrets that are looked for.
#[derive(Debug)]
pub struct Watch {
    secrets: usize,
    parts: &'static Parts,
}

/// A secret, masked.
#[derive(Clone, Debug)]
pub struct Masked(Vec<u8>);

impl Masked {
    /// Masks a secret. The caller is responsible for its own copy.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.iter().map(|byte| byte ^ MASK).collect())
    }

    /// Returns the secret, which the caller must wipe.
    #[must_use]
    pub fn unmasked(&self) -> Vec<u8> {
        self.bytes().collect()
    }

    /// Returns the bytes of the secret one by one.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map(|byte| byte ^ MASK)
    }
}

impl Watch {
    /// Searches for these secrets from now on, except for parts of few values and many zeros, which occur everywhere.
    ///
    /// # Panics
    /// Panics if there are more secrets than counters.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Masked>) -> Self {
        let (mut parts, mut count) = (Vec::new(), 0);
        for (secret, masked) in secrets.into_iter().enumerate() {
            let telling = masked.0.as_chunks().0.iter().filter(|part| is_telling(part));
            parts.extend(telling.map(|masked| Part { secret, masked: *masked }));
            count = secret + 1;
        }
        assert!(count <= SECRETS);
        let parts: &'static Parts = Box::leak(Box::new(Parts::new(parts)));
        PARTS.store(std::ptr::from_ref(parts).cast_mut(), SeqCst);
        Self { secrets: count, parts }
    }

    /// Runs a step. Returns the traces that it left on the stack and in freed blocks.
    pub fn step(&self, mut step: impl FnMut()) -> Vec<Trace> {
        FREED.iter().for_each(|count| count.store(0, SeqCst));
        clear();
        padded(&mut step);
        let mut stack = [0; SECRETS];
        look(self.parts, &mut stack);
        let freed = FREED.iter().map(|count| count.load(SeqCst));
        traces(Place::Stack, stack).chain(traces(Place::Freed, freed)).collect()
    }
}

/// Returns whether a masked part is not one of those of few values and many zeros, which occur everywhere. Polynomials of small
/// numbers have parts that are telling and parts that are not.
fn is_telling(masked: &[u8; LEN]) -> bool {
    let zeros = masked.iter().filter(|byte| **byte == MASK).count();
    let values = (1..=LEN).filter(|n| !masked[*n..].contains(&masked[n - 1])).count();
    zeros <= LEN * 5 / 8 && values >= 4 && masked[..8] != [MASK; 8]
}

fn traces(place: Place, parts: impl IntoIterator<Item = usize>) -> impl Iterator<Item = Trace> {
    let all = parts.into_iter().enumerate().map(move |(secret, parts)| Trace { secret, place, parts });
    all.filter(|trace| trace.parts > 0)
}

/// Runs the step deeper in the stack.
#[inline(never)]
fn padded(step: &mut dyn FnMut()) {
    let mut pad = [0_u8; PAD];
    black_box(&mut pad);
    step();
    black_box(&mut pad);
}

/// Clears the stack below.
#[inline(never)]
fn clear() {
    let here = 0_u8;
    let end = std::ptr::from_ref(black_box(&here)) as usize - 512;
    for place in (end - DEPTH..end).step_by(8) {
        // SAFETY: the thread's own stack, below everything that is in use.
        unsafe { std::ptr::with_exposed_provenance_mut::<u64>(place & !7).write_volatile(0) };
    }
}

/// Searches the stack below.
#[inline(never)]
fn look(parts: &Parts, found: &mut [usize; SECRETS]) {
    let here = 0_u8;
    let end = std::ptr::from_ref(black_box(&here)) as usize;
    // SAFETY: the thread's own stack.
    unsafe { search(parts, end - DEPTH, DEPTH, &mut |secret| found[secret] += 1) };
}

/// # Safety
/// The bytes must be readable.
unsafe fn search(parts: &Parts, place: usize, len: usize, found: &mut dyn FnMut(usize)) {
    let mask = u64::from_ne_bytes([MASK; 8]);
    for at in place..(place + len).saturating_sub(LEN - 1) {
        // SAFETY: within the caller's bytes.
        let word = |n: usize| unsafe { std::ptr::with_exposed_provenance::<[u8; 8]>(at + n).read_volatile() };
        let first = u64::from_le_bytes(word(0));
        // Most of the stack is like this, and no part is.
        if first == 0 {
            continue;
        }
        for part in parts.beginning_with(first ^ mask) {
            if part.masked[8..] == (u64::from_le_bytes(word(8)) ^ mask).to_le_bytes() {
                found(part.secret);
            }
        }
    }
}
