//! No key is left in memory that the heap has taken back (SPEC CLOSE-1, REKEY-4, DES-10).

use std::collections::BTreeSet;

use secretchat::media::{MediaKey, SegmentKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Draft, Event, History, Input, Invitation, Media, MediaLease, Output, Photo, RandomId, StoreKey, TransmitKind,
    Ttl,
};

use crate::allocator::in_freed_blocks;
use crate::support::agreement::{self, Agreement};
use crate::support::key_watch::KeyWatch;
use crate::support::pair::{self, BOBS_STORE_KEY, Pair, ciphertext, env, env_at};
use crate::support::rng;

const FILE_KEY: [u8; 32] = *b"the key of a photo with a timer.";
const PHOTO: RandomId = RandomId(46);

/// The life of two chats: an agreement, texts, a photo that is opened and ends, new keys, a restart, an end. `keep` is given
/// Bob's batches.
fn life(agreement: Agreement, mut keep: impl FnMut(&secretchat::Batch)) -> Option<Box<MediaLease>> {
    let mut rng = rng::Seeded::new(46);
    let mut alice = Chat::request(Pair::alice_in(agreement), &mut env(&mut rng)).unwrap();
    let request = std::iter::from_fn(|| alice.poll_output()).find_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    });
    let Some(TransmitKind::Request { public, .. }) = request else { panic!("a request") };
    let mut bob = Invitation::parse(&public, Pair::bob_in(agreement)).unwrap().accept(&mut env(&mut rng)).unwrap();
    let mut store = MemoryStore::default();
    let mut lease = None;
    let mut batches = |batch: &secretchat::Batch, store: &mut MemoryStore| {
        store.apply(batch).unwrap();
        keep(batch);
    };
    let (public, fingerprint) = accept_of_kept(&mut bob, |batch| batches(batch, &mut store));
    alice.handle(Input::accepted(&public, fingerprint), &mut env(&mut rng)).unwrap();
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
    for asks in [0, 0, 1] {
        let chat = if asks == 0 { &mut alice } else { &mut bob };
        chat.rekey(&mut env_at(6_000, &mut rng)).unwrap();
        carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
        for _ in 0..2 {
            alice.send(&Draft::text("to Bob"), &mut env_at(6_000, &mut rng)).unwrap();
            carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
            bob.send(&Draft::text("to Alice"), &mut env_at(6_000, &mut rng)).unwrap();
            carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
        }
    }
    assert_eq!((alice.rekeys(), bob.rekeys()), (3, 3));
    let records = store.load(bob.id().unwrap()).unwrap().unwrap();
    let key = StoreKey::new(BOBS_STORE_KEY);
    let mut bob = Chat::restore(&records, &key, None, &mut env_at(6_000, &mut rng)).unwrap();
    carry(&mut alice, &mut bob, &mut store, 6_000, &mut rng);
    bob.close(History::Delete, &mut env_at(6_000, &mut rng));
    alice.close(History::Delete, &mut env_at(6_000, &mut rng));
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
                if let TransmitKind::Accept { public, fingerprint, .. } = transmit.kind {
                    accept = Some((public, fingerprint));
                }
            }
            _ => {}
        }
    }
    accept.unwrap()
}

#[test]
fn at_46_no_key_is_left_in_memory_that_was_given_back() {
    agreement::EVERY.iter().for_each(|agreement| nothing_is_left(*agreement));
}

fn nothing_is_left(agreement: Agreement) {
    // What the keys are: the generator is the same each time.
    let (mut watch, mut current) = (KeyWatch::new(StoreKey::new(BOBS_STORE_KEY)), BTreeSet::new());
    let mut keys = BTreeSet::new();
    let lease = life(agreement, |batch| {
        watch.apply(batch);
        keys.extend(watch.secrets().cloned());
        if watch.kept().current.is_some() {
            current.insert(watch.current_key());
        }
    });
    assert!(lease.is_some());
    assert_eq!(current.len(), 4, "the first key and three that followed");
    let requests = keys.iter().filter(|secret| secret.len() == 64).count();
    assert_eq!(requests, usize::from(agreement != Agreement::X25519), "the seed with which Bob asked");
    let parts = keys.iter().flat_map(|key| key.as_chunks::<16>().0.iter().copied().step_by(5));
    let secrets = parts.chain([*FILE_KEY.first_chunk().unwrap()]).map(|part| &*part.to_vec().leak());
    let secrets = secrets.collect::<Vec<_>>().leak();

    // The detector finds what is not wiped.
    assert!(in_freed_blocks(secrets, || keys.iter().next().unwrap().clone()).found > 0);

    let seen = in_freed_blocks(secrets, || life(agreement, |_| ()));
    assert!(seen.looked_at > 100_000, "{}", seen.looked_at);
    assert_eq!(seen.found, 0, "parts of keys in blocks that were given back");
}
