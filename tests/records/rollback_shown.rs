//! What older records show and what they do not, if nothing refused them (SPEC REC-8).

use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Checkpoint, CloseReason, Draft, Event, Handled, Output, PeerFault, RandomId, Records, StoreError,
    StoreKey, Timestamp, Transmit, TransmitKind, Ttl,
};

use crate::support::pair::{BOBS_STORE_KEY, NOW, Pair, ciphertext, env, outputs};
use crate::support::rng::Seeded;
use crate::support::stored::{self, keep};
use crate::support::timed::{kinds, opened, photo, sealed_in};

/// Two chats with their records.
struct Story {
    alice: Chat,
    alices_store: MemoryStore,
    bob: Chat,
    store: MemoryStore,
    rng: Seeded,
}

impl Story {
    fn begin() -> Self {
        let mut store = MemoryStore::default();
        let mut rng = Seeded::new(7);
        let mut alice = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
        let mut alices_store = MemoryStore::default();
        let request = match &keep(&mut alice, &mut alices_store)[..] {
            [Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })] => public.clone(),
            told => panic!("{told:?}"),
        };
        let invitation = secretchat::Invitation::parse(&request, Pair::bob_config()).unwrap();
        let mut bob = invitation.accept(&mut env(&mut rng)).unwrap();
        let (public, fingerprint) = {
            let told = keep(&mut bob, &mut store);
            told.iter()
                .find_map(|output| match output {
                    Output::Transmit(transmit) => match &transmit.kind {
                        TransmitKind::Accept { public, fingerprint, .. } => Some((public.clone(), *fingerprint)),
                        _ => None,
                    },
                    _ => None,
                })
                .unwrap()
        };
        alice.handle(secretchat::Input::accepted(&public, fingerprint), &mut env(&mut rng)).unwrap();
        let mut story = Self { alice, alices_store, bob, store, rng };
        story.settle();
        story
    }

    /// Everything arrives at both ends; what Alice and what Bob was told.
    fn settle(&mut self) -> (Vec<Output>, Vec<Output>) {
        let (mut to_alice, mut to_bob) = (Vec::new(), Vec::new());
        loop {
            let from_alice = keep(&mut self.alice, &mut self.alices_store);
            for sealed in sealed_in(&from_alice) {
                let _old = self.bob.handle(ciphertext(&sealed), &mut env(&mut self.rng));
            }
            let from_bob = keep(&mut self.bob, &mut self.store);
            for sealed in sealed_in(&from_bob) {
                let _old = self.alice.handle(ciphertext(&sealed), &mut env(&mut self.rng));
            }
            if from_alice.is_empty() && from_bob.is_empty() {
                return (to_alice, to_bob);
            }
            to_alice.extend(from_alice);
            to_bob.extend(from_bob);
        }
    }

    fn records(&self) -> Records {
        self.store.load(self.bob.id().unwrap()).unwrap().unwrap()
    }

    fn bob_goes_on_from(&mut self, records: &Records) {
        self.bob = restored(records, None);
        self.store = stored::store_of(records);
    }

    /// Alice asks for a new key, and both have used it.
    fn renew_key(&mut self) {
        self.alice.rekey(&mut env(&mut self.rng)).unwrap();
        for _ in 0..2 {
            self.settle();
            self.alice.send(&Draft::text("under the new key"), &mut env(&mut self.rng)).unwrap();
            self.settle();
            self.bob.send(&Draft::text("under the new key"), &mut env(&mut self.rng)).unwrap();
        }
        self.settle();
        assert_eq!((self.alice.rekeys(), self.bob.rekeys()), (1, 1));
    }

    fn alice_writes(&mut self) -> Vec<u8> {
        self.alice.send(&Draft::text("do you hear me"), &mut env(&mut self.rng)).unwrap();
        sealed_in(&outputs(&mut self.alice)).remove(0)
    }

    fn bob_gets(&mut self, sealed: &[u8]) -> Result<Handled, PeerFault> {
        self.bob.handle(ciphertext(sealed), &mut env(&mut self.rng))
    }
}

fn restored(records: &Records, noted: Option<Checkpoint>) -> Chat {
    stored::restore(records, BOBS_STORE_KEY, noted).unwrap()
}

/// No output waits, and what the chat says of itself.
fn state_of(chat: &mut Chat) -> String {
    assert!(outputs(chat).is_empty());
    format!("{chat:?}")
}

fn suspicions(chat: &mut Chat, rng: &mut Seeded) -> usize {
    let asked = chat.poll_timeout() == Some(Timestamp::from_millis(NOW));
    chat.handle_timeout(&mut env(rng));
    let told = outputs(chat);
    let told = told.iter().filter(|output| matches!(output, Output::Event(Event::RollbackSuspected))).count();
    assert!(told == 0 || asked, "the host was asked to call");
    told
}

#[test]
fn fa_10_records_from_before_a_new_key_are_told_as_a_suspicion_once() {
    let mut story = Story::begin();
    story.alice.send(&Draft::text("before"), &mut env(&mut story.rng)).unwrap();
    story.settle();
    let old = story.records();
    story.renew_key();
    story.bob_goes_on_from(&old);
    for message in 1..=10 {
        let sealed = story.alice_writes();
        // One that comes again is no other sign.
        for _ in 0..3 {
            assert_eq!(story.bob_gets(&sealed), Err(PeerFault::UnknownKey));
        }
        let told = suspicions(&mut story.bob, &mut story.rng);
        assert_eq!(told, usize::from(message == 3), "{message}");
        assert_eq!(story.bob.state(), ChatState::Ready);
    }
}

// Nothing is queued and nothing stored by what anyone may have made up: the host is told when it lets time pass.
#[test]
fn fa_10_the_suspicion_itself_changes_nothing() {
    let mut story = Story::begin();
    let (records, noted) = (story.records(), story.bob.checkpoint());
    story.bob = restored(&records, noted);
    let before = state_of(&mut story.bob);
    let forged = |first: u8| [first; 24 + 64];
    for first in [1, 2] {
        assert_eq!(story.bob_gets(&forged(first)), Err(PeerFault::UnknownKey));
        assert_eq!(suspicions(&mut story.bob, &mut story.rng), 0);
    }
    assert_eq!(story.bob_gets(&forged(3)), Err(PeerFault::UnknownKey));
    assert_eq!(state_of(&mut story.bob), before);
    // With the newest checkpoint, too: whole devices are restored with what they remember.
    assert_eq!(suspicions(&mut story.bob, &mut story.rng), 1);
    let sealed = story.alice_writes();
    assert_eq!(story.bob_gets(&sealed), Ok(Handled::Applied), "it goes on");
}

#[test]
fn fa_10_nothing_is_suspected_without_a_restore_or_after_the_peer_has_answered() {
    let mut story = Story::begin();
    for first in 1..=9 {
        assert_eq!(story.bob_gets(&[first; 24 + 64]), Err(PeerFault::UnknownKey));
    }
    assert_eq!(suspicions(&mut story.bob, &mut story.rng), 0);

    let records = story.records();
    story.bob_goes_on_from(&records);
    for first in 1..=3 {
        assert_eq!(story.bob_gets(&[first; 24 + 64]), Err(PeerFault::UnknownKey));
    }
    // Alice acknowledges what Bob has written since: she has his key.
    story.bob.send(&Draft::text("after"), &mut env(&mut story.rng)).unwrap();
    story.settle();
    story.alice.send(&Draft::text("heard"), &mut env(&mut story.rng)).unwrap();
    story.settle();
    for first in 1..=9 {
        assert_eq!(story.bob_gets(&[first; 24 + 64]), Err(PeerFault::UnknownKey));
    }
    assert_eq!(suspicions(&mut story.bob, &mut story.rng), 0);
}

// The other end's records are old: its messages are under a key that Bob has wiped. He was restored from his newest.
#[test]
fn fa_10_an_end_that_was_restored_is_told_of_its_peers_old_records_too() {
    let mut story = Story::begin();
    let old = story.alices_store.load(story.alice.id().unwrap()).unwrap().unwrap();
    story.renew_key();
    let mut alice = Chat::restore(&old, &StoreKey::new([1; 32]), None, &mut env(&mut story.rng)).unwrap();
    let from_the_past: Vec<_> = (0..3)
        .flat_map(|_| {
            alice.send(&Draft::text("from the past"), &mut env(&mut story.rng)).unwrap();
            sealed_in(&outputs(&mut alice))
        })
        .collect();
    for restarts in [false, true] {
        if restarts {
            story.bob = restored(&story.records(), story.bob.checkpoint());
        }
        for sealed in &from_the_past {
            assert_eq!(story.bob_gets(sealed), Err(PeerFault::UnknownKey));
        }
        assert_eq!(suspicions(&mut story.bob, &mut story.rng), usize::from(restarts));
    }
}

#[test]
fn fa_11_a_message_that_is_ahead_closes_unless_as_many_new_ones_were_made_as_were_lost() {
    for made in 0..=3 {
        let mut story = Story::begin();
        let old = story.records();
        for _ in 0..2 {
            story.bob.send(&Draft::text("lost"), &mut env(&mut story.rng)).unwrap();
        }
        story.settle();
        story.bob_goes_on_from(&old);
        let made: Vec<RandomId> =
            (0..made).map(|_| story.bob.send(&Draft::text("new"), &mut env(&mut story.rng)).unwrap()).collect();
        let (to_alice, _) = story.settle();
        let read = kinds(&to_alice).iter().filter(|kind| **kind == "Message").count();
        assert_eq!(read, made.len().saturating_sub(2), "what takes a used slot is not read");
        let sealed = story.alice_writes();
        let handled = story.bob_gets(&sealed);
        let told = outputs(&mut story.bob);
        if made.len() < 2 {
            assert_eq!(handled, Ok(Handled::ChatClosed));
            assert_eq!(story.bob.state(), ChatState::Closed(CloseReason::RolledBack));
        } else {
            assert_eq!(handled, Ok(Handled::Applied));
            let acknowledged = told.iter().find_map(|output| match output {
                Output::Event(Event::Acknowledged { random_ids, .. }) => Some(random_ids.clone()),
                _ => None,
            });
            assert_eq!(acknowledged, Some(made), "nobody has read the first two");
        }
    }
}

#[test]
fn fa_11_nothing_shows_a_rollback_past_batches_that_sent_nothing_but_the_checkpoint() {
    let mut story = Story::begin();
    let id = story.alice.send(&photo(Ttl::VIEW_ONCE), &mut env(&mut story.rng)).unwrap();
    story.settle();
    let old = story.records();
    for _ in 0..3 {
        story.bob.open_view(id, &mut env(&mut story.rng)).unwrap();
        assert!(opened(&keep(&mut story.bob, &mut story.store)).1, "it was not seen before");
        story.bob.close_view(id, &mut env(&mut story.rng)).unwrap();
        keep(&mut story.bob, &mut story.store);
        let newest = story.bob.checkpoint();
        let refused = Chat::restore(&old, &StoreKey::new(BOBS_STORE_KEY), newest, &mut env(&mut story.rng));
        assert_eq!(refused.map(drop), Err(StoreError::RolledBack));
        story.bob_goes_on_from(&old);
    }
    let sealed = story.alice_writes();
    assert_eq!(story.bob_gets(&sealed), Ok(Handled::Applied), "it goes on");
}
