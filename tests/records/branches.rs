//! Records of two branches of one chat, and records put back (SPEC REC-3, REC-6).

use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Batch, Chat, Checkpoint, Draft, History, Input, Invitation, Output, RecordName, Records, StoreError, Transmit,
    TransmitId, TransmitKind, Ttl,
};

use crate::support::pair::{self, Pair, env};
use crate::support::rng::Seeded;
use crate::support::stored;

const STORE_KEY: [u8; 32] = [1; 32];

fn restore(records: &Records, expected: Option<Checkpoint>) -> Result<Chat, StoreError> {
    stored::restore(records, STORE_KEY, expected)
}

/// A chat, its records after each batch, and the checkpoint of each.
struct End {
    chat: Chat,
    store: MemoryStore,
    history: Vec<(Checkpoint, Records)>,
    follows: Option<Checkpoint>,
    destroyed: Vec<bool>,
    rng: Seeded,
}

impl End {
    fn keep(&mut self) {
        for output in pair::outputs(&mut self.chat) {
            if let Output::Persist(batch) = output {
                assert_eq!(batch.follows, self.follows.replace(batch.checkpoint), "SPEC REC-7");
                self.destroyed.push(batch.destroys);
                self.store.apply(&batch).unwrap();
                let records = self.store.load(batch.chat).unwrap();
                self.history.extend(records.map(|records| (batch.checkpoint, records)));
            }
        }
    }

    fn does(&mut self, act: impl FnOnce(&mut Chat, &mut Seeded)) {
        act(&mut self.chat, &mut self.rng);
        self.keep();
    }

    fn newest(&self) -> &(Checkpoint, Records) {
        self.history.last().unwrap()
    }

    /// Goes on from the newest records, with other random bytes.
    fn branch(&self, seed: u64) -> Self {
        let (checkpoint, records) = self.newest();
        let mut store = MemoryStore::default();
        let (chat, put) = (records.chat, records.rows.clone());
        let copy = Batch { chat, follows: None, checkpoint: *checkpoint, put, delete: Vec::new(), destroys: false };
        store.apply(&copy).unwrap();
        let chat = restore(records, Some(*checkpoint)).unwrap();
        let history = vec![(*checkpoint, records.clone())];
        Self { chat, store, history, follows: Some(*checkpoint), destroyed: Vec::new(), rng: Seeded::new(seed) }
    }
}

/// Alice with three messages that wait for acknowledgement.
/// Without a key: what tells its end is done when the transport has taken it over.
fn asked() -> End {
    let mut rng = Seeded::new(9);
    let chat = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
    let (store, history) = (MemoryStore::default(), Vec::new());
    let mut end = End { chat, store, history, follows: None, destroyed: Vec::new(), rng };
    end.keep();
    end
}

fn alice() -> End {
    let mut end = asked();
    end.chat.retransmit(&mut env(&mut end.rng));
    let again = pair::outputs(&mut end.chat).pop();
    let Some(Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })) = again else { panic!() };
    let bob = Invitation::parse(&public, Pair::bob_config()).unwrap();
    let (public, fingerprint) = pair::accept_of(&mut bob.accept(&mut env(&mut end.rng)).unwrap());
    end.does(|chat, rng| _ = chat.handle(Input::accepted(&public, fingerprint), &mut env(rng)).unwrap());
    for text in ["one", "two"] {
        end.does(|chat, rng| _ = chat.send(&Draft::text(text), &mut env(rng)).unwrap());
    }
    end
}

/// The same generations twice: own messages, one of them taken over, new keys.
fn two_branches() -> [End; 2] {
    let first = alice();
    let mut second = first.branch(77);
    let mut first = first.branch(78);
    for (branch, text) in [(&mut first, "to keep"), (&mut second, "to lose")] {
        branch.does(|chat, rng| _ = chat.send(&Draft::text(text), &mut env(rng)).unwrap());
        let carried = Input::carried(TransmitId(16 + 1), None);
        branch.does(|chat, rng| _ = chat.handle(carried, &mut env(rng)).unwrap());
        branch.does(|chat, rng| chat.rekey(&mut env(rng)).unwrap());
    }
    [first, second]
}

/// Every choice, for each record, of one branch or the other.
fn mixtures(one: &Records, other: &Records) -> impl Iterator<Item = Records> {
    let names: Vec<RecordName> = one.rows.iter().map(|row| row.0).collect();
    assert_eq!(names, other.rows.iter().map(|row| row.0).collect::<Vec<_>>());
    let differing: Vec<usize> = (0..names.len()).filter(|row| one.rows[*row] != other.rows[*row]).collect();
    assert!(differing.len() >= 2, "{names:?}");
    (1..(1_u32 << differing.len()) - 1).map(move |choice| {
        let mut mixed = one.clone();
        for (_, row) in differing.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1) {
            mixed.rows[*row] = other.rows[*row].clone();
        }
        mixed
    })
}

#[test]
fn fa_46_no_mixture_of_two_branches_of_one_generation_is_a_chat() {
    let [first, second] = two_branches();
    let mut mixed = 0;
    for ((one, kept), (other, lost)) in first.history.iter().zip(&second.history).skip(1) {
        assert_eq!(one.generation, other.generation);
        assert_ne!(one.tag, other.tag);
        for records in mixtures(kept, lost) {
            // Not even with the note of one of them.
            for expected in [None, Some(*one), Some(*other)] {
                assert_eq!(restore(&records, expected).unwrap_err(), StoreError::Mismatch);
            }
            mixed += 1;
        }
        assert!(restore(kept, Some(*one)).is_ok() && restore(lost, Some(*other)).is_ok());
    }
    assert!(mixed >= 2 + 6 + 14, "{mixed}");
}

#[test]
fn fa_46_the_other_branch_as_a_whole_is_refused_by_name() {
    let [first, second] = two_branches();
    for (at, (noted, _)) in first.history.iter().enumerate().skip(1) {
        for (of, (_, records)) in second.history.iter().enumerate().skip(1) {
            let expected = if of < at { StoreError::RolledBack } else { StoreError::Branched };
            assert_eq!(restore(records, Some(*noted)).unwrap_err(), expected, "{at} {of}");
        }
    }
}

#[test]
fn fa_46_a_crash_between_batch_and_note_is_no_branch_and_two_batches_are() {
    let end = alice();
    for (at, (noted, _)) in end.history.iter().enumerate() {
        for (of, (_, records)) in end.history.iter().enumerate() {
            let restored = restore(records, Some(*noted)).map(drop);
            let expected = match of {
                _ if of < at => Err(StoreError::RolledBack),
                _ if of <= at + 1 => Ok(()),
                _ => Err(StoreError::Branched),
            };
            assert_eq!(restored, expected, "{at} {of}");
        }
    }
}

#[test]
fn fa_46_a_closed_chat_names_what_was_before_it_and_its_end_is_noted_too() {
    for end in [alice(), asked()] {
        is_named_and_noted(end);
    }
}

fn is_named_and_noted(mut end: End) {
    let has_key = end.chat.verification().is_some();
    let (open, older) = end.newest().clone();
    end.does(|chat, rng| chat.close(History::Delete, &mut env(rng)));
    let (closed, tombstone) = end.newest().clone();
    assert!(restore(&tombstone, Some(open)).is_ok() && restore(&tombstone, Some(closed)).is_ok());
    assert_eq!(restore(&older, Some(closed)).unwrap_err(), StoreError::RolledBack);
    if has_key {
        // It stays until the host deletes it, to answer the peer (SPEC CLOSE-3).
        return;
    }
    end.does(|chat, rng| {
        _ = chat.handle(Input::carried(TransmitId(2), None), &mut env(rng)).unwrap();
    });
    assert_eq!(end.store.chats().unwrap(), []);
    let gone = end.chat.checkpoint().unwrap();
    assert_eq!(gone, Checkpoint { generation: closed.generation + 1, tag: [0; 16] });
    for records in [&older, &tombstone] {
        assert_eq!(restore(records, Some(gone)).unwrap_err(), StoreError::RolledBack);
    }
}

/// What is noted is what stands in plain at both ends of the record (SPEC REC-2).
#[test]
fn a_checkpoint_is_the_generation_and_the_tag_of_the_state() {
    let end = alice();
    let mut before = None;
    for (checkpoint, records) in &end.history {
        let (_, sealed) = records.rows.iter().find(|(name, _)| *name == RecordName::State).unwrap();
        assert_eq!(sealed[0], 2, "the version");
        assert_eq!(sealed[1..9], checkpoint.generation.to_le_bytes());
        assert_eq!(sealed[sealed.len() - 16..], checkpoint.tag);
        assert_eq!(Checkpoint::of_record(sealed), Some(*checkpoint));
        assert!((0..37).all(|length| Checkpoint::of_record(&sealed[..length]).is_none()));
        assert_eq!(restore(records, None).unwrap().checkpoint(), Some(*checkpoint));
        assert_eq!(checkpoint.generation, before.map_or(1, |before: u64| before + 1));
        before = Some(checkpoint.generation);
    }
    assert_eq!(end.chat.checkpoint(), before.map(|_| end.newest().0));
}

// SPEC DRV-6.
#[test]
fn fa_20_a_batch_says_when_what_it_replaces_must_not_come_back() {
    let mut end = alice();
    let later = end.destroyed.len();
    let carried = Input::carried(TransmitId(16 + 1), None);
    end.does(|chat, rng| _ = chat.handle(carried, &mut env(rng)).unwrap());
    end.does(|chat, rng| chat.rekey(&mut env(rng)).unwrap());
    let text = Draft::text("soon gone").with_ttl(Ttl::from_seconds(5).unwrap());
    end.does(|chat, rng| _ = chat.send(&text, &mut env(rng)).unwrap());
    let random_id = end.chat.send(&Draft::text("taken back"), &mut env(&mut end.rng)).unwrap();
    end.keep();
    end.does(|chat, rng| _ = chat.delete(&[random_id], &mut env(rng)).unwrap());
    end.does(|chat, rng| chat.close(History::Keep, &mut env(rng)));
    // Taken over, which makes no batch (SPEC DRV-9); a key asked for, whose secret goes into the record of keys; two
    // messages; one emptied; the end.
    assert_eq!(end.destroyed[later..], [true, false, false, true, true]);
    // The request has an exponent in the record of keys, which the acceptance replaces.
    assert_eq!(end.destroyed[..later], [false, true, false, false]);
}
