//! What must be true when everything has arrived, wherever processes died.

use std::collections::BTreeSet;

use secretchat::{Chat, ChatState, RandomId, RecordName, RekeyState};

use super::end::End;
use super::world::{ALICE, BOB, World};
use crate::support::host::{Keeping, is_among_ourselves};

impl World {
    /// After [`World::finish`].
    pub(crate) fn check(&self) {
        let [Some(alice), Some(bob)] = &self.chats else { panic!("a chat is gone") };
        self.check_keys(alice, bob);
        for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
            self.check_messages(from, to);
            self.check_acts(from, to);
            let end = &self.ends[from];
            check_repeats(end);
            check_slots(end);
            check_timers(end);
            assert!(end.has_row("RekeyFailed", 0) == 0 || self.ends.iter().any(|end| !end.refused.is_empty()));
        }
        self.check_carried();
    }

    /// The same where the chat was closed on the way, with the wish that the history go, too.
    pub(crate) fn check_closed(&self) {
        for (chat, end) in self.chats.iter().zip(&self.ends) {
            assert!(chat.as_ref().is_none_or(|chat| matches!(chat.state(), ChatState::Closed(_))));
            assert_eq!(end.records(|name| name != RecordName::Tombstone), [], "a record with a key");
            let told = end.has_row("Closed", 1);
            assert!(told == 1 || (told > 1 && end.keeping == Keeping::TwoStores), "told {told} times");
            check_repeats(end);
            check_slots(end);
        }
        for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
            self.arrived(from, to);
        }
        self.check_carried();
    }

    fn check_carried(&self) {
        assert_eq!(self.facts.carried_again, [], "taken over, and sent again after a restart");
    }

    /// What `to` has of `from`, in order and once.
    fn arrived(&self, from: usize, to: usize) -> BTreeSet<i64> {
        let rows = self.ends[to].rows.iter().filter(|row| row.0 == "Message").map(|row| row.1);
        let mut once = BTreeSet::new();
        let arrived: Vec<_> = match self.ends[from].keeping {
            Keeping::OneDatabase => rows.collect(),
            Keeping::TwoStores => rows.filter(|id| once.insert(*id)).collect(),
        };
        assert!(arrived.is_sorted_by(|one, next| one < next), "in order, once: {arrived:?}");
        arrived.into_iter().collect()
    }

    fn check_keys(&self, alice: &Chat, bob: &Chat) {
        for (one, other) in [(alice, bob), (bob, alice)] {
            assert_eq!(one.counters().sent, other.counters().received, "{one:?} {other:?}");
            assert_eq!(one.rekey_state(), RekeyState::Idle);
        }
        // Telegram's apps take each other's timer when two cross (SPEC DES-1); nobody hears of what was refused.
        if is_among_ourselves(alice.profile()) && self.ends.iter().all(|end| end.refused.is_empty()) {
            assert_eq!(alice.ttl(), bob.ttl());
        }
        assert!(alice.verification().is_some());
        assert_eq!(alice.verification(), bob.verification());
        assert_eq!(alice.key_fingerprint(), bob.key_fingerprint());
        assert_eq!((alice.rekeys(), alice.check()), (bob.rekeys(), bob.check()));
    }

    /// Everything that `from` made arrived once and in order, and had one final answer.
    fn check_messages(&self, from: usize, to: usize) {
        let author = &self.ends[from];
        let arrived = self.arrived(from, to);
        for (RandomId(id), _) in self.facts.made.iter().filter(|(_, made)| made.by == author.role) {
            let gone = author.destroyed.contains(&RandomId(*id)) || author.has_row("Failed", *id) > 0;
            assert!(gone || arrived.contains(id), "{id} was lost");
            let answers = (author.has_row("Sent", *id), author.has_row("Failed", *id));
            match author.keeping {
                Keeping::OneDatabase => assert!(matches!(answers, (1, 0) | (0, 1)), "answers to {id}: {answers:?}"),
                Keeping::TwoStores => assert!((answers.0 > 0) != (answers.1 > 0), "answers to {id}: {answers:?}"),
            }
            assert!(answers.1 == 0 || !arrived.contains(id), "{id} arrived and failed");
        }
    }

    /// The other end was told of everything else that `from` did, as often as it did it.
    fn check_acts(&self, from: usize, to: usize) {
        for ((_, name), done) in self.facts.acts.iter().filter(|((end, _), _)| *end == from) {
            let told = self.ends[to].has_row(name, 0);
            let at_most = match self.ends[from].keeping {
                Keeping::OneDatabase => *done,
                // Done again, or told again.
                Keeping::TwoStores => done + self.crashes,
            };
            // A refused one is not told of at all.
            let refused = self.ends[from].refused.len();
            assert!((*done..=at_most + refused).contains(&(told + refused)), "{name}: {told} of {done}");
        }
    }
}

/// SPEC OUT-2: what is told again had a crash between it and its batch.
fn check_repeats(end: &End) {
    // Users may do these more than once.
    let often = ["ReadByPeer", "Deleted"];
    for (news, heard) in end.heard.iter().filter(|((name, id), _)| *id != 0 && !often.contains(name)) {
        let excused = end.excused.get(news).copied().unwrap_or(0);
        assert!(*heard <= 1 + excused, "{news:?} was told {heard} times, {excused} of them excused");
        if end.keeping == Keeping::OneDatabase {
            assert!(end.has_row(news.0, news.1) <= 1, "{news:?} is in the database twice");
        }
    }
}

/// SPEC SEQ-8: what left a slot is one ciphertext, or one and an empty one.
fn check_slots(end: &End) {
    for (id, (random_id, ciphertexts)) in &end.left {
        let emptied = end.destroyed.contains(random_id) || end.refused.contains(id);
        assert!(ciphertexts.len() <= 1 + usize::from(emptied), "{id:?} of {random_id:?}: {}", ciphertexts.len());
    }
}

/// SPEC DES-8: what was started has ended, and nothing of it is left.
fn check_timers(end: &End) {
    let model = &end.model;
    assert!(model.messages.values().all(|timed| timed.deadline.is_none()), "{model:?}");
    for id in &model.started {
        assert!(model.ended.contains(id) || model.deleted.contains(id), "{id:?} was lost: {model:?}");
        assert_eq!(end.records(|name| name == RecordName::Timed(*id)), []);
    }
    assert!(model.ended.iter().all(|id| end.has_row("Expired", id.0) > 0), "{model:?}");
    let kept: Vec<_> = model.messages.keys().map(|id| RecordName::Timed(*id)).collect();
    assert_eq!(end.records(|name| matches!(name, RecordName::Timed(_))), kept);
}
