//! Records that are damaged, missing, extra, swapped, put back, foreign, newer or old give a typed error, and a chat goes
//! on from those that are whole (SPEC REC-1 to REC-6).

use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Checkpoint, CloseReason, Draft, Event, Handled, History, Input, Output, RandomId, RecordName,
    Records, SeqNo, StoreError, StoreKey,
};

use crate::support::pair::{self, Pair, env};
use crate::support::rng;
use crate::support::stored::{self, keep};

/// Applies a chat's batches and returns everything else.
/// Alice with three messages that wait for acknowledgement, and her records.
fn alice_with_records() -> (Pair, MemoryStore, Records) {
    let mut store = MemoryStore::default();
    let mut pair = Pair::new_unpolled(9);
    keep(&mut pair.alice, &mut store);
    pair.finish_handshake(|alice| keep(alice, &mut store));
    for text in ["one", "two"] {
        pair.alice.send(&Draft::text(text), &mut env(&mut pair.rng)).unwrap();
        keep(&mut pair.alice, &mut store);
    }
    let records = store.load(pair.alice.id().unwrap()).unwrap().unwrap();
    (pair, store, records)
}

fn restore(records: &Records, expected: Option<Checkpoint>) -> Result<Chat, StoreError> {
    stored::restore(records, [1; 32], expected)
}

fn slot(number: u32) -> RecordName {
    RecordName::Outgoing(SeqNo::new(number).unwrap())
}

#[test]
fn whole_records_give_the_chat_back_and_it_goes_on() {
    let (mut pair, _, records) = alice_with_records();
    let names: Vec<String> = records.rows.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["keys", "state", "outgoing/0", "outgoing/1", "outgoing/2"]);
    assert_eq!(RecordName::Waiting(SeqNo::new(7).unwrap()).to_string(), "waiting/7");
    assert_eq!(RecordName::Timed(RandomId(-2)).to_string(), "timed/fffffffffffffffe");
    let mut restored = restore(&records, pair.alice.checkpoint()).unwrap();
    assert_eq!(format!("{restored:?}"), format!("{:?}", pair.alice));
    assert_eq!(restored.verification(), pair.alice.verification());

    restored.retransmit(&mut env(&mut pair.rng));
    let again = pair::all_sealed(&mut restored);
    pair.alice.retransmit(&mut env(&mut pair.rng));
    assert_eq!(again, pair::all_sealed(&mut pair.alice), "sealed once");
    for sealed in &again {
        pair.bob_gets(sealed).unwrap();
    }
    assert_eq!(pair::texts(&mut pair.bob), ["one", "two"]);
}

#[test]
fn a_request_and_an_acceptance_survive() {
    let mut store = MemoryStore::default();
    let mut pair = Pair::new_unpolled(9);
    keep(&mut pair.alice, &mut store);
    let records = store.load(pair.alice.id().unwrap()).unwrap().unwrap();
    pair.alice = restore(&records, pair.alice.checkpoint()).unwrap();
    assert_eq!(pair.alice.state(), ChatState::Requested);
    pair.alice.retransmit(&mut env(&mut pair.rng));
    pair.finish_handshake(pair::outputs);
    assert_eq!(pair.alice.state(), ChatState::Ready);
    assert_eq!(pair.bob.state(), ChatState::Ready);
    assert_eq!(pair.alice.verification(), pair.bob.verification());
}

#[test]
fn at_48_and_br_38_every_bit_of_every_record_counts() {
    let (_, _, records) = alice_with_records();
    for row in 0..records.rows.len() {
        let mut changed = records.clone();
        for bit in 0..records.rows[row].1.len() * 8 {
            changed.rows[row].1[bit / 8] ^= 1 << (bit % 8);
            let error = restore(&changed, None).unwrap_err();
            let is_version = bit < 8 && matches!(error, StoreError::NewerVersion | StoreError::OlderVersion);
            assert!(error == StoreError::Damaged || is_version, "{row} {bit}: {error:?}");
            changed.rows[row].1[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(restore(&changed, None).is_ok(), "as it was");
        for length in 0..records.rows[row].1.len() {
            let mut changed = records.clone();
            changed.rows[row].1.truncate(length);
            assert_eq!(restore(&changed, None).unwrap_err(), StoreError::Damaged);
        }
        let mut longer = records.clone();
        longer.rows[row].1.push(0);
        assert_eq!(restore(&longer, None).unwrap_err(), StoreError::Damaged);
    }
}

#[test]
fn missing_extra_swapped_repeated_and_foreign_records_are_found() {
    let (_, _, records) = alice_with_records();
    for row in 0..records.rows.len() {
        let mut changed = records.clone();
        let (name, _) = changed.rows.remove(row);
        let expected = match name {
            RecordName::Keys | RecordName::State => StoreError::Missing,
            _ => StoreError::Mismatch,
        };
        assert_eq!(restore(&changed, None).unwrap_err(), expected, "{name}");

        let mut repeated = records.clone();
        repeated.rows.push(records.rows[row].clone());
        assert_eq!(restore(&repeated, None).unwrap_err(), StoreError::Mismatch, "{name}");
    }
    let position = |name| records.rows.iter().position(|row| row.0 == name).unwrap();
    let mut swapped = records.clone();
    swapped.rows[position(slot(1))].0 = slot(2);
    swapped.rows[position(slot(2))].0 = slot(1);
    assert_eq!(restore(&swapped, None).unwrap_err(), StoreError::Damaged);

    let mut renamed = records.clone();
    renamed.rows.push((slot(3), records.rows[position(slot(2))].1.clone()));
    assert_eq!(restore(&renamed, None).unwrap_err(), StoreError::Damaged);

    let mut foreign = records.clone();
    foreign.chat.0[0] ^= 1;
    assert_eq!(restore(&foreign, None).unwrap_err(), StoreError::Damaged);
    let other_key = Chat::restore(&records, &StoreKey::new([3; 32]), None, &mut env(&mut rng::Seeded::new(0)));
    assert_eq!(other_key.unwrap_err(), StoreError::Damaged);

    let mut newer = records.clone();
    newer.rows[0].1[0] = 3;
    assert_eq!(restore(&newer, None).unwrap_err(), StoreError::NewerVersion);
    let mut older = records.clone();
    older.rows[0].1[0] = 1;
    assert_eq!(restore(&older, None).unwrap_err(), StoreError::OlderVersion);
    let nothing = Records { chat: records.chat, rows: Vec::new() };
    assert_eq!(restore(&nothing, None).unwrap_err(), StoreError::Missing);
}

#[test]
fn an_older_record_put_back_is_found() {
    let (mut pair, mut store, before) = alice_with_records();
    let id = pair.alice.id().unwrap();
    // Slot 1 is carried, which rewrites its record; everything else is as it was.
    let carried = secretchat::TransmitId(16 + 1);
    pair.alice.handle(Input::carried(carried, None), &mut env(&mut pair.rng)).unwrap();
    keep(&mut pair.alice, &mut store);
    let after = store.load(id).unwrap().unwrap();
    assert!(restore(&after, None).is_ok());
    for row in 0..after.rows.len() {
        let name = after.rows[row].0;
        let old = before.rows.iter().find(|(old, _)| *old == name).unwrap();
        if *old == after.rows[row] {
            continue;
        }
        let mut mixed = after.clone();
        mixed.rows[row] = old.clone();
        assert_eq!(restore(&mixed, None).unwrap_err(), StoreError::Mismatch, "{name}");
    }
}

#[test]
fn a_rollback_is_refused_with_the_checkpoint_and_closes_the_chat_without_it() {
    let (mut pair, mut store, old) = alice_with_records();
    pair.alice.retransmit(&mut env(&mut pair.rng));
    pair.alice.send(&Draft::text("three"), &mut env(&mut pair.rng)).unwrap();
    let outputs = keep(&mut pair.alice, &mut store);
    for output in outputs {
        if let Output::Transmit(transmit) = output
            && let secretchat::TransmitKind::Ciphertext { bytes, .. } = transmit.kind
        {
            pair.bob_gets(&bytes).unwrap();
        }
    }
    pair::outputs(&mut pair.bob);

    assert_eq!(restore(&old, pair.alice.checkpoint()).unwrap_err(), StoreError::RolledBack);
    let mut alice = restore(&old, None).unwrap();
    pair.bob.send(&Draft::text("I have read three"), &mut env(&mut pair.rng)).unwrap();
    let sealed = pair::sealed(&mut pair.bob);
    let handled = alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng));
    assert_eq!(handled, Ok(Handled::ChatClosed));
    assert_eq!(alice.state(), ChatState::Closed(CloseReason::RolledBack));
    let told = pair::outputs(&mut alice);
    assert!(matches!(told[0], Output::Event(Event::Closed { reason: CloseReason::RolledBack, .. })), "{told:?}");
}

// SPEC CLOSE-3.
#[test]
fn a_tombstone_holds_the_discard_until_the_peer_is_closed_then_only_the_answer_to_its_own() {
    let (mut pair, mut store, _) = alice_with_records();
    let id = pair.alice.id().unwrap();
    let (history, proof) = {
        pair.alice.close(History::Delete, &mut env(&mut pair.rng));
        let outputs = keep(&mut pair.alice, &mut store);
        pair::discard_in(&outputs)
    };
    let records = store.load(id).unwrap().unwrap();
    assert_eq!(records.rows.len(), 1);
    assert_eq!(records.rows[0].0, RecordName::Tombstone);
    let mut restored = restore(&records, pair.alice.checkpoint()).unwrap();
    assert_eq!(restored.state(), ChatState::Closed(CloseReason::ByUs));
    restored.retransmit(&mut env(&mut pair.rng));
    assert_eq!(pair::discard_in(&keep(&mut restored, &mut store)), (history, proof));
    let mut both = records.clone();
    both.rows.push((RecordName::State, Vec::new()));
    assert_eq!(restore(&both, None).unwrap_err(), StoreError::Mismatch);

    let carried = Input::carried(secretchat::TransmitId(2), None);
    assert_eq!(restored.handle(carried, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    let input = Input::discarded(history, Some(proof));
    assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Ok(Handled::ChatClosed));
    let receipt = pair.bob.discard_receipt().unwrap();
    let answer = Input::discard_receipt(Some(&receipt));
    assert_eq!(restored.handle(answer, &mut env(&mut pair.rng)), Ok(Handled::Applied));
    keep(&mut restored, &mut store);
    let records = store.load(id).unwrap().unwrap();
    assert_eq!(records.rows.len(), 1);
    let mut again = restore(&records, restored.checkpoint()).unwrap();
    assert!(!again.awaits_transport());
    again.retransmit(&mut env(&mut pair.rng));
    assert!(again.poll_output().is_none());
    assert_eq!(again.discard_receipt(), pair.alice.discard_receipt());
    assert_ne!(again.discard_receipt(), Some(receipt));
}
