//! What the users have compared is kept, and falls with what it speaks for (SPEC VER-4, VER-6).

use secretchat::store::MemoryStore;
use secretchat::{
    CallError, Chat, Draft, Event, History, Output, PeerFault, RecordName, StoreError, Unavailable, Verification,
    Verified, VerifyError,
};

use crate::support::pair::{self, Pair, all_sealed, env};
use crate::support::rng::Seeded;
use crate::support::stored;

const KEY: [u8; 32] = [1; 32];

/// Everything that either says, until both are quiet; returns the events of Alice.
fn talk(pair: &mut Pair) -> Vec<Event> {
    let mut told = Vec::new();
    for _ in 0..4 {
        for output in pair::outputs(&mut pair.alice) {
            match output {
                Output::Transmit(transmit) => {
                    pair.bob.handle(pair::input_of(&transmit), &mut env(&mut pair.rng)).unwrap();
                }
                Output::Event(event) => told.push(event),
                _ => {}
            }
        }
        for sealed in all_sealed(&mut pair.bob) {
            pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
        }
    }
    told
}

fn rekey(pair: &mut Pair) -> Vec<Event> {
    pair.alice.rekey(&mut env(&mut pair.rng)).unwrap();
    let mut told = talk(pair);
    // Each hears of the other under the new key: the old one goes, and another exchange may begin.
    pair.alice.send(&Draft::text("new"), &mut env(&mut pair.rng)).unwrap();
    told.extend(talk(pair));
    pair.bob.send(&Draft::text("new"), &mut env(&mut pair.rng)).unwrap();
    told.extend(talk(pair));
    assert_eq!(pair.alice.check(), pair.bob.check());
    told
}

fn check_of(chat: &Chat) -> Option<Option<u32>> {
    chat.verified().map(|Verified { check, .. }| check)
}

/// Each value that differs from `value` in one bit, in every eighth bit place.
fn near(value: Verification) -> impl Iterator<Item = Verification> {
    (0..36).map(move |place| {
        let mut bytes = value.to_bytes();
        bytes[place] ^= 1 << (place % 8);
        Verification::from_bytes(bytes)
    })
}

#[test]
fn the_mark_is_set_by_the_value_of_the_chat_alone() {
    let mut pair = Pair::ready();
    let value = pair.alice.verification().unwrap();
    assert_eq!(pair.alice.verified(), None);
    for other in near(value) {
        let marked = pair.alice.mark_verified(other, &mut env(&mut pair.rng));
        assert_eq!(marked, Err(CallError::Unverified(VerifyError::Mismatch)));
    }
    assert_eq!(pair.alice.verified(), None);
    assert!(pair::outputs(&mut pair.alice).is_empty(), "nothing was written");

    pair.alice.mark_verified(value, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(None));
    assert_eq!(pair.bob.verified(), None, "each end keeps what its own user compared");
    let [Output::Persist(batch)] = &pair::outputs(&mut pair.alice)[..] else { panic!("one batch and nothing else") };
    assert_eq!(batch.put.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [RecordName::State]);

    pair.alice.mark_verified(value, &mut env(&mut pair.rng)).unwrap();
    assert!(pair::outputs(&mut pair.alice).is_empty(), "known already");
    pair.alice.clear_verified(&mut env(&mut pair.rng));
    assert_eq!(pair.alice.verified(), None);
    assert_eq!(pair::outputs(&mut pair.alice).len(), 1);
    pair.alice.clear_verified(&mut env(&mut pair.rng));
    assert!(pair::outputs(&mut pair.alice).is_empty());
}

#[test]
fn a_check_speaks_for_the_handshake_too_and_falls_with_the_next_key() {
    let mut pair = Pair::ready();
    let first = pair.alice.check().unwrap();
    pair.alice.mark_verified(first, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(Some(0)));
    pair::outputs(&mut pair.alice);

    let told = rekey(&mut pair);
    let fallen: Vec<u32> = told
        .iter()
        .filter_map(|event| match event {
            Event::CheckOutdated { compared_at, .. } => Some(*compared_at),
            _ => None,
        })
        .collect();
    assert_eq!(fallen, [0], "{told:?}");
    assert_eq!(check_of(&pair.alice), Some(None), "the handshake stands");

    let marked = pair.alice.mark_verified(first, &mut env(&mut pair.rng));
    assert_eq!(marked, Err(VerifyError::Mismatch.into()), "the check of a key that is gone");
    let second = pair.bob.check().unwrap();
    pair.alice.mark_verified(second, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(Some(1)));
    // The value of the handshake says less, and takes nothing away.
    pair.alice.mark_verified(pair.bob.verification().unwrap(), &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(Some(1)));

    // The end that answers loses it, too.
    pair.bob.mark_verified(second, &mut env(&mut pair.rng)).unwrap();
    rekey(&mut pair);
    assert_eq!((check_of(&pair.alice), check_of(&pair.bob)), (Some(None), Some(None)));
    let quiet = rekey(&mut pair);
    assert!(!quiet.iter().any(|event| matches!(event, Event::CheckOutdated { .. })), "it falls once: {quiet:?}");
}

#[test]
fn without_keys_there_is_nothing_to_mark_and_closing_ends_it() {
    let mut pair = Pair::new();
    let value = Verification::from_bytes([0; 36]);
    let mark = |chat: &mut Chat, value| chat.mark_verified(value, &mut env(&mut Seeded::new(1)));
    assert_eq!(mark(&mut pair.alice, value), Err(Unavailable::NotReady.into()));
    assert_eq!(pair.alice.scan_code(), None);
    let (mut accepted, ..) = Pair::accepted();
    let value = accepted.bob.verification().unwrap();
    assert_eq!(mark(&mut accepted.bob, value), Ok(()), "what is accepted can be compared");
    accepted.bob.close(History::Keep, &mut env(&mut accepted.rng));
    assert_eq!((accepted.bob.verified(), accepted.bob.scan_code()), (None, None));
    assert_eq!(mark(&mut accepted.bob, value), Err(Unavailable::ChatClosed.into()));
    accepted.bob.clear_verified(&mut env(&mut accepted.rng));
}

#[test]
fn a_scanned_code_of_the_peer_sets_the_mark() {
    let mut pair = Pair::ready();
    let of = |chat: &Chat| chat.scan_code().unwrap().to_string();
    let (alices, bobs) = (of(&pair.alice), of(&pair.bob));
    let mut stranger = Pair::ready_with_seed(77);
    for (scanned, error) in [
        (alices.as_str(), VerifyError::OwnCode),
        (&of(&stranger.bob), VerifyError::Mismatch),
        ("https://example.org", VerifyError::NoCode),
        ("SECRETCHAT:2:", VerifyError::NewerCode),
    ] {
        assert_eq!(pair.alice.mark_scanned(scanned, &mut env(&mut pair.rng)), Err(error.into()));
        assert_eq!(pair.alice.verified(), None);
    }
    pair.alice.mark_scanned(&bobs, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(None));
    pair.bob.mark_scanned(&alices, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.bob), Some(None));
    assert_eq!(stranger.alice.mark_scanned(&bobs, &mut env(&mut pair.rng)), Err(VerifyError::Mismatch.into()));
    // A check is scanned as well.
    let shown = pair.bob.check().unwrap().scan_code(pair.bob.role()).to_string();
    pair.alice.mark_scanned(&shown, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(check_of(&pair.alice), Some(Some(0)));
}

/// Anyone can make up what looks like a rollback, so nothing falls by it.
#[test]
fn a_suspicion_leaves_the_mark() {
    let mut store = MemoryStore::default();
    let mut pair = Pair::new_unpolled(9);
    stored::keep(&mut pair.alice, &mut store);
    pair.finish_handshake(|alice| stored::keep(alice, &mut store));
    let check = pair.alice.check().unwrap();
    pair.alice.mark_verified(check, &mut env(&mut pair.rng)).unwrap();
    stored::keep(&mut pair.alice, &mut store);
    let mut restored = stored::restore(&stored::records(&pair.alice, &store), KEY, None).unwrap();
    for made_up in 1..=3_u8 {
        let refused = restored.handle(pair::ciphertext(&[made_up; 56]), &mut env(&mut pair.rng));
        assert_eq!(refused, Err(PeerFault::UnknownKey));
    }
    restored.handle_timeout(&mut env(&mut pair.rng));
    let told = pair::events(&mut restored);
    assert!(told.iter().any(|event| matches!(event, Event::RollbackSuspected)), "{told:?}");
    assert_eq!(check_of(&restored), Some(Some(0)));
}

/// What a crash leaves is what the batches say, before and after each.
#[test]
fn the_mark_survives_a_restart() {
    let mut store = MemoryStore::default();
    let mut pair = Pair::new_unpolled(9);
    stored::keep(&mut pair.alice, &mut store);
    pair.finish_handshake(|alice| stored::keep(alice, &mut store));
    let before = stored::records(&pair.alice, &store);
    let noted = pair.alice.checkpoint();

    let check = pair.alice.check().unwrap();
    pair.alice.mark_verified(check, &mut env(&mut pair.rng)).unwrap();
    assert_eq!(stored::restore(&before, KEY, noted).unwrap().verified(), None, "the batch was lost");
    stored::keep(&mut pair.alice, &mut store);
    let marked = stored::records(&pair.alice, &store);
    let mut restored = stored::restore(&marked, KEY, pair.alice.checkpoint()).unwrap();
    assert_eq!(check_of(&restored), Some(Some(0)));
    restored.clear_verified(&mut env(&mut pair.rng));
    stored::keep(&mut restored, &mut store);
    let cleared = stored::records(&restored, &store);
    assert_eq!(stored::restore(&cleared, KEY, restored.checkpoint()).unwrap().verified(), None);

    // Older records bring back what they had, keys and all, where nothing refuses them (SPEC REC-8).
    assert_eq!(check_of(&stored::restore(&marked, KEY, None).unwrap()), Some(Some(0)));
    let refused = stored::restore(&marked, KEY, restored.checkpoint()).map(drop);
    assert_eq!(refused, Err(StoreError::RolledBack));

    // A state without a mark is as long as ever; a mark takes its number, a length and a byte.
    let state = |records: &secretchat::Records| {
        records.rows.iter().find(|(name, _)| *name == RecordName::State).map(|(_, sealed)| sealed.len()).unwrap()
    };
    assert_eq!(state(&cleared), state(&before));
    assert_eq!(state(&marked), state(&before) + 1 + 4 + 1);
}
