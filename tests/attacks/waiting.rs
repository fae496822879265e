//! What a peer can make wait (SPEC LIM-2, SEQ-3, SEQ-6).

use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction, Service17};
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, ChatState, Handled, Limits, Output, RecordName, StoreKey};

use crate::support::forger::{self, Around, Forger, encoded};
use crate::support::pair::{BOBS_STORE_KEY, ciphertext, env, outputs};

fn text(length: usize) -> Vec<u8> {
    forger::text(7, &"x".repeat(length))
}

fn give(forger: &mut Forger, bob: &mut Chat, slot: i32, message: &[u8]) -> Handled {
    let around = Around { out_seq_no: 2 * slot + 1, ..forger.around() };
    let sealed = forger.say(around, message);
    bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap()
}

#[test]
fn at_41_jumps_wait_within_the_span_and_are_nothing_beyond_it() {
    let span = i32::try_from(Limits::default().waiting_span).unwrap();
    for (slot, handled) in [
        (1, Handled::Waiting),
        (span, Handled::Waiting),
        (span + 1, Handled::NoRoom),
        (2 * span, Handled::NoRoom),
        ((1 << 30) - 2, Handled::NoRoom),
    ] {
        let (mut forger, mut bob) = Forger::meet();
        assert_eq!(give(&mut forger, &mut bob, slot, &text(1)), handled, "{slot}");
        let kept = outputs(&mut bob).iter().any(|output| {
            let Output::Persist(batch) = output else { return false };
            batch.put.iter().any(|(name, _)| matches!(name, RecordName::Waiting(_)))
        });
        assert_eq!(kept, handled == Handled::Waiting, "{slot}");
        assert_eq!(bob.counters().received, 0);
    }
}

/// Both bounds, filled to the brim by one peer that never fills the gap; a restart does not make them larger.
#[test]
fn at_41_what_waits_stays_within_both_bounds() {
    let limits = Limits::default();
    for length in [1, 60_000] {
        let (mut forger, mut bob, first) = Forger::meet_and_keep();
        let mut store = MemoryStore::default();
        first.iter().for_each(|batch| store.apply(batch).unwrap());
        let (mut waiting, message) = (0, text(length));
        for slot in 1..=1_500 {
            match give(&mut forger, &mut bob, slot, &message) {
                Handled::Waiting => waiting += 1,
                other => assert_eq!(other, Handled::NoRoom),
            }
            for output in outputs(&mut bob) {
                if let Output::Persist(batch) = output {
                    store.apply(&batch).unwrap();
                }
            }
        }
        let most = limits.waiting_messages.min(limits.waiting_bytes / u32::try_from(message.len()).unwrap());
        assert!(waiting <= most && waiting > most / 2, "{waiting} of {length} bytes, at most {most}");
        let records = store.load(bob.id().unwrap()).unwrap().unwrap();
        let rows = records.rows.iter().filter(|(name, _)| matches!(name, RecordName::Waiting(_)));
        assert_eq!(u32::try_from(rows.count()).unwrap(), waiting);

        let key = StoreKey::new(BOBS_STORE_KEY);
        let mut bob = Chat::restore(&records, &key, None, &mut env(&mut forger.rng)).unwrap();
        assert_eq!(give(&mut forger, &mut bob, 1_501, &message), Handled::NoRoom);
        // The way out is what it always was.
        let action = DecryptedMessageAction::Noop;
        let gap = encoded(&DecryptedMessage::Service17(Service17 { random_id: 9, action }));
        assert_eq!(give(&mut forger, &mut bob, 0, &gap), Handled::Applied);
        assert_eq!(bob.counters().received, waiting + 1);
        assert_eq!(bob.state(), ChatState::Ready);
    }
}
