//! No key is left in memory that the heap has taken back (SPEC CLOSE-1, REKEY-4, DES-10).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "support/key_watch.rs"]
mod key_watch;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/rng.rs"]
mod rng;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use key_watch::KeyWatch;
use pair::{BOBS_STORE_KEY, Pair, ciphertext, env, env_at};
use secretchat::media::{MediaKey, SegmentKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Draft, Event, Input, Invitation, Media, MediaLease, Output, Photo, RandomId, StoreKey, TransmitKind, Ttl,
};

/// The heap, which looks into every block that is given back.
struct Looking;

/// Parts of what must not be in them.
static SECRETS: OnceLock<Vec<[u8; 16]>> = OnceLock::new();
static FOUND: AtomicUsize = AtomicUsize::new(0);
static LOOKED_AT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static LOOKS: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: all calls go to the system's allocator as they came; a block is read before it is given back.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above. Zeroed, so that every byte that is read later was written.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if LOOKS.get() {
            // SAFETY: the block has that size and is not given back yet.
            look(unsafe { std::slice::from_raw_parts(place, layout.size()) });
        }
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static HEAP: Looking = Looking;

fn look(block: &[u8]) {
    LOOKED_AT.fetch_add(block.len(), Relaxed);
    let Some(secrets) = SECRETS.get() else { return };
    let holds = |secret: &[u8; 16]| block.windows(16).any(|window| window == secret);
    FOUND.fetch_add(secrets.iter().filter(|secret| holds(secret)).count(), Relaxed);
}

/// What was found in blocks that `work` gave back.
fn found_in_freed_blocks<R>(work: impl FnOnce() -> R) -> (usize, usize) {
    let before = (FOUND.load(Relaxed), LOOKED_AT.load(Relaxed));
    LOOKS.set(true);
    drop(work());
    LOOKS.set(false);
    (FOUND.load(Relaxed) - before.0, LOOKED_AT.load(Relaxed) - before.1)
}

const FILE_KEY: [u8; 32] = *b"the key of a photo with a timer.";
const PHOTO: RandomId = RandomId(46);

/// The life of two chats: an agreement, texts, a photo that is opened and ends, new keys, a restart, an end. `keep` is given
/// Bob's batches.
fn life(mut keep: impl FnMut(&secretchat::Batch)) -> Option<Box<MediaLease>> {
    let mut rng = rng::Seeded::new(46);
    let mut alice = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
    let request = std::iter::from_fn(|| alice.poll_output()).find_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    });
    let Some(TransmitKind::Request { public }) = request else { panic!("a request") };
    let mut bob = Invitation::parse(&public, Pair::bob_config()).unwrap().accept(&mut env(&mut rng)).unwrap();
    let mut store = MemoryStore::default();
    let mut lease = None;
    let mut batches = |batch: &secretchat::Batch, store: &mut MemoryStore| {
        store.apply(batch).unwrap();
        keep(batch);
    };
    let (public, fingerprint) = accept_of_kept(&mut bob, |batch| batches(batch, &mut store));
    alice.handle(Input::Accepted { public: &public, fingerprint }, &mut env(&mut rng)).unwrap();
    let mut carry = |alice: &mut Chat, bob: &mut Chat, store: &mut MemoryStore, now: u64, rng: &mut rng::Seeded| {
        loop {
            let to_bob = pair::all_sealed(alice);
            let mut to_alice = vec![];
            for output in pair::outputs(bob) {
                match output {
                    Output::Persist(batch) => batches(&batch, store),
                    Output::Event(Event::Opened { lease: given, .. }) => lease = given,
                    Output::Transmit(transmit) => {
                        if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                            to_alice.push(bytes);
                        }
                    }
                    _ => {}
                }
            }
            if to_bob.is_empty() && to_alice.is_empty() {
                return;
            }
            for bytes in to_bob {
                bob.handle(ciphertext(&bytes), &mut env_at(now, rng)).unwrap();
            }
            for bytes in to_alice {
                alice.handle(ciphertext(&bytes), &mut env_at(now, rng)).unwrap();
            }
        }
    };
    carry(&mut alice, &mut bob, &mut store, 0, &mut rng);
    let key = MediaKey::Segments(SegmentKey::from_parts(FILE_KEY, FILE_KEY));
    let photo = Photo::new(9, 9, 1_000, key);
    let ttl = Some(Ttl::from_seconds(5).unwrap());
    let draft = Draft::media(Media::Photo(photo), "").with_random_id(PHOTO).with_ttl(ttl);
    alice.send(&draft, &mut env(&mut rng)).unwrap();
    carry(&mut alice, &mut bob, &mut store, 0, &mut rng);
    bob.open_view(PHOTO, &mut env(&mut rng)).unwrap();
    carry(&mut alice, &mut bob, &mut store, 0, &mut rng);
    bob.handle_timeout(&mut env_at(6_000, &mut rng));
    alice.handle_timeout(&mut env_at(6_000, &mut rng));
    for _ in 0..2 {
        alice.rekey(&mut env_at(6_000, &mut rng)).unwrap();
        carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
        for _ in 0..2 {
            alice.send(&Draft::text("to Bob"), &mut env_at(6_000, &mut rng)).unwrap();
            carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
            bob.send(&Draft::text("to Alice"), &mut env_at(6_000, &mut rng)).unwrap();
            carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
        }
    }
    assert_eq!((alice.rekeys(), bob.rekeys()), (2, 2));
    let records = store.load(bob.id().unwrap()).unwrap().unwrap();
    let key = StoreKey::new(BOBS_STORE_KEY);
    let mut bob = Chat::restore(&records, &key, None, &mut env_at(6_000, &mut rng)).unwrap();
    carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
    bob.close(true, &mut env_at(6_000, &mut rng));
    alice.close(true, &mut env_at(6_000, &mut rng));
    pair::outputs(&mut bob);
    pair::outputs(&mut alice);
    lease
}

fn accept_of_kept(bob: &mut Chat, mut keep: impl FnMut(&secretchat::Batch)) -> (Vec<u8>, secretchat::KeyFingerprint) {
    let mut accept = None;
    for output in pair::outputs(bob) {
        match output {
            Output::Persist(batch) => keep(&batch),
            Output::Transmit(transmit) => {
                if let TransmitKind::Accept { public, fingerprint } = transmit.kind {
                    accept = Some((public, fingerprint));
                }
            }
            _ => {}
        }
    }
    accept.unwrap()
}

/// One test, as the heap is one for the whole program.
#[test]
fn at_46_no_key_is_left_in_memory_that_was_given_back() {
    // What the keys are: the generator is the same each time.
    let (mut watch, mut keys) = (KeyWatch::new(StoreKey::new(BOBS_STORE_KEY)), BTreeSet::new());
    let lease = life(|batch| {
        watch.apply(batch);
        if watch.kept().current.is_some() {
            keys.insert(watch.current_key());
        }
    });
    assert!(lease.is_some());
    assert_eq!(keys.len(), 3, "the first key and two that followed");
    let parts = keys.iter().flat_map(|key| key.as_chunks().0.iter().copied().step_by(5));
    SECRETS.set(parts.chain([*FILE_KEY.first_chunk().unwrap()]).collect()).unwrap();

    // The detector finds what is not wiped.
    let (found, _) = found_in_freed_blocks(|| keys.iter().next().unwrap().clone());
    assert!(found > 0);

    let (found, looked_at) = found_in_freed_blocks(|| life(|_| ()));
    assert!(looked_at > 100_000, "{looked_at}");
    assert_eq!(found, 0, "parts of keys in blocks that were given back");
}
