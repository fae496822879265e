//! Older records put back, at every point of a conversation and as old as can be: refused by a host that noted the
//! newest checkpoint (SPEC REC-6). Otherwise the chat goes on as long as nothing contradicts it: it closes at a message of the
//! peer that is ahead of it, unless as many new messages were made as were lost (SPEC REC-8). What is found and what is
//! not stands in `rollback_shown.rs`, too.

use std::collections::BTreeMap;

use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Checkpoint, CloseReason, Config, Draft, Event, Handled, History, Input, Invitation, Output,
    PeerFault, Records, RekeyState, StoreError, StoreKey, Transmit, TransmitId, TransmitKind, Ttl,
};

use crate::support::pair::{self, ciphertext, env};
use crate::support::rng::Seeded;
use crate::support::stored;

const STORE_KEY: [u8; 32] = [0x5a; 32];

/// A chat with every state that its records ever had.
struct End {
    chat: Chat,
    store: MemoryStore,
    history: Vec<Records>,
    /// What it sealed last for each slot.
    left: BTreeMap<TransmitId, Vec<u8>>,
    closed: usize,
    texts: Vec<String>,
}

impl End {
    fn new(chat: Chat) -> Self {
        let (store, history) = (MemoryStore::default(), Vec::new());
        Self { chat, store, history, left: BTreeMap::new(), closed: 0, texts: Vec::new() }
    }

    fn restored(records: &Records) -> Self {
        Self { store: stored::store_of(records), ..Self::new(restore(records, None).unwrap()) }
    }

    /// What is to be carried.
    fn drain(&mut self) -> Vec<Transmit> {
        let mut carried = Vec::new();
        for output in pair::outputs(&mut self.chat) {
            match output {
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    self.history.extend(self.store.load(batch.chat).unwrap());
                }
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind {
                        self.left.insert(transmit.id, bytes.clone());
                    }
                    carried.push(transmit);
                }
                Output::Event(Event::Closed { .. }) => self.closed += 1,
                Output::Event(Event::Message(message)) => self.texts.push(message.content.text),
                _ => {}
            }
        }
        carried
    }

    fn takes(&mut self, transmit: &Transmit, rng: &mut Seeded) -> Result<Handled, PeerFault> {
        let input = match &transmit.kind {
            TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
            TransmitKind::Ciphertext { bytes, .. } => ciphertext(bytes),
            TransmitKind::Discard { history, proof, .. } => Input::discarded(*history, *proof),
            // A server keeps the first request, and Bob knows whom he answered.
            _ => return Ok(Handled::Ignored),
        };
        self.chat.handle(input, &mut env(rng))
    }

    fn writes(&mut self, text: &str, rng: &mut Seeded) {
        self.chat.send(&Draft::text(text), &mut env(rng)).unwrap();
    }

    fn records(&self) -> Records {
        self.store.load(self.chat.id().unwrap()).unwrap().unwrap()
    }
}

fn restore(records: &Records, expected: Option<Checkpoint>) -> Result<Chat, StoreError> {
    stored::restore(records, STORE_KEY, expected)
}

struct Story {
    alice: End,
    bob: End,
    rng: Seeded,
}

/// What happens next.
type Scene = fn(&mut Story);

/// Own messages, the peer's, both at once, a message with a timer at either end, new keys of either, and each thing once
/// more with what is on its way left there.
const SCENES: [Scene; 12] = [
    |story| story.alice.writes("one", &mut story.rng),
    |story| story.settle(),
    |story| story.bob.writes("two", &mut story.rng),
    |story| story.settle(),
    |story| {
        story.alice.writes("three", &mut story.rng);
        story.bob.writes("four", &mut story.rng);
        story.settle();
    },
    |story| story.timed(),
    |story| {
        story.alice.chat.acknowledge(&mut env(&mut story.rng)).unwrap();
        story.bob.chat.acknowledge(&mut env(&mut story.rng)).unwrap();
        story.settle();
    },
    |story| story.alice.chat.rekey(&mut env(&mut story.rng)).unwrap(),
    |story| _ = story.one_way(),
    |story| story.settle(),
    |story| {
        story.bob.writes("five", &mut story.rng);
        story.settle();
        story.alice.writes("six", &mut story.rng);
        story.settle();
    },
    |story| story.alice.writes("never acknowledged", &mut story.rng),
];

impl Story {
    fn begin(config: fn(&str, &str) -> Config) -> Self {
        let mut rng = Seeded::new(7);
        let with_store = |config: Config| config.with_store(StoreKey::new(STORE_KEY));
        let mut alice = End::new(Chat::request(with_store(config("alice", "bob")), &mut env(&mut rng)).unwrap());
        let request = alice.drain().remove(0);
        let TransmitKind::Request { public, .. } = request.kind else { panic!("a request") };
        let invitation = Invitation::parse(&public, with_store(config("bob", "alice"))).unwrap();
        let bob = End::new(invitation.accept(&mut env(&mut rng)).unwrap());
        let mut story = Self { alice, bob, rng };
        story.settle();
        story
    }

    /// Both ends as their newest records have them, and Alice's before so many batches.
    fn as_it_is(&self, back: usize) -> Self {
        let alice = End::restored(&self.alice.history[self.alice.history.len() - 1 - back]);
        let records = self.bob.records();
        let mut bob = End::restored(&records);
        // Bob knows that his are the newest.
        bob.chat = restore(&records, bob.chat.checkpoint()).unwrap();
        Self { alice, bob, rng: Seeded::new(99) }
    }

    fn one_way(&mut self) -> bool {
        let carried = self.alice.drain();
        for transmit in &carried {
            may_be_under_an_old_key(self.bob.takes(transmit, &mut self.rng));
        }
        !carried.is_empty()
    }

    fn other_way(&mut self) -> bool {
        let carried = self.bob.drain();
        for transmit in &carried {
            may_be_under_an_old_key(self.alice.takes(transmit, &mut self.rng));
        }
        !carried.is_empty()
    }

    fn settle(&mut self) {
        while self.one_way() | self.other_way() {}
    }

    fn timed(&mut self) {
        let draft = Draft::text("soon gone").with_ttl(Ttl::from_seconds(5).unwrap());
        self.alice.chat.send(&draft, &mut env(&mut self.rng)).unwrap();
        let random_id = self.bob.chat.send(&draft, &mut env(&mut self.rng)).unwrap();
        self.settle();
        self.alice.chat.open_view(random_id, &mut env(&mut self.rng)).unwrap();
        self.settle();
    }

    /// Bob can seal nothing that Alice's records can open.
    fn alice_is_deaf(&self) -> bool {
        let accepted = match self.alice.chat.rekey_state() {
            RekeyState::Accepted { fingerprint, .. } => Some(fingerprint),
            _ => None,
        };
        let bobs = self.bob.chat.key_fingerprint();
        self.alice.chat.state() == ChatState::Ready && bobs != self.alice.chat.key_fingerprint() && bobs != accepted
    }
}

fn x25519(local: &str, peer: &str) -> Config {
    Config::x25519(local, peer).unwrap()
}

#[cfg(feature = "hybrid")]
fn hybrid(local: &str, peer: &str) -> Config {
    Config::hybrid(local, peer).unwrap()
}

#[cfg(feature = "telegram")]
fn telegram(_: &str, _: &str) -> Config {
    Config::telegram(secretchat::DhGroup::published(3).unwrap(), secretchat::PeerPolicy::Default)
}

const EACH_PROFILE: &[fn(&str, &str) -> Config] = &[
    x25519,
    #[cfg(feature = "hybrid")]
    hybrid,
    #[cfg(feature = "telegram")]
    telegram,
];

/// Old messages, sent again, are repeats or no longer known.
fn may_be_under_an_old_key(handled: Result<Handled, PeerFault>) {
    assert!(matches!(handled, Ok(_) | Err(PeerFault::UnknownKey)), "{handled:?}");
}

/// How a life after older records went.
#[derive(Debug, Default)]
struct Lives {
    healed: usize,
    closed: usize,
    deaf: usize,
}

#[test]
fn at_44_a_host_that_notes_the_checkpoint_has_every_older_state_refused() {
    for config in EACH_PROFILE {
        let mut story = Story::begin(*config);
        SCENES.iter().for_each(|scene| scene(&mut story));
        story.settle();
        story.alice.chat.close(History::Keep, &mut env(&mut story.rng));
        story.alice.drain();
        let newest = story.alice.chat.checkpoint();
        let (last, older) = story.alice.history.split_last().unwrap();
        assert!(restore(last, newest).is_ok());
        assert!(older.len() > 15, "{}", older.len());
        for records in older {
            assert_eq!(restore(records, newest).unwrap_err(), StoreError::RolledBack);
        }
    }
}

#[test]
fn without_it_the_chat_heals_or_closes_at_the_first_word_that_knows_better() {
    for config in EACH_PROFILE {
        let mut lives = Lives::default();
        let mut story = Story::begin(*config);
        for scene in SCENES {
            scene(&mut story);
            let batches = story.alice.history.len();
            for back in 0..batches {
                let second = story.as_it_is(back);
                // In a request there are no messages yet: what it heals or not is that of the handshake.
                if second.alice.chat.state() == ChatState::Ready {
                    live_again(&story, second, back, &mut lives);
                }
            }
        }
        assert!(lives.healed > 15 && lives.closed > 30 && lives.deaf > 20, "{lives:?}");
    }
}

/// Bob speaks; what he says and what is on its way decides.
fn live_again(first: &Story, mut second: Story, back: usize, lives: &mut Lives) {
    let known = second.alice.chat.counters().sent;
    let contradicted = known < second.bob.chat.counters().received;
    let deaf = second.alice_is_deaf();
    second.bob.writes("do you hear me", &mut second.rng);
    let said = second.bob.drain().pop().unwrap();
    let before = format!("{:?}", second.alice.chat);
    let handled = second.alice.takes(&said, &mut second.rng);
    if deaf {
        lives.deaf += 1;
        assert_eq!(handled, Err(PeerFault::UnknownKey), "{back}");
        assert_eq!(format!("{:?}", second.alice.chat), before);
    } else if contradicted {
        lives.closed += 1;
        assert_eq!(handled, Ok(Handled::ChatClosed), "{back} back, {known} sent");
        assert_closed(&mut second);
    } else {
        lives.healed += 1;
        assert!(matches!(handled, Ok(Handled::Applied | Handled::Waiting)), "{back}: {handled:?}");
        second.alice.chat.retransmit(&mut env(&mut second.rng));
        second.bob.chat.retransmit(&mut env(&mut second.rng));
        second.settle();
        second.alice.writes("as if nothing had happened", &mut second.rng);
        second.settle();
        assert_eq!(second.alice.texts.last().map(String::as_str), Some("do you hear me"), "{back}");
        assert_eq!(second.bob.texts.last().map(String::as_str), Some("as if nothing had happened"), "{back}");
        for (slot, sealed) in &second.alice.left {
            let same = first.alice.left.get(slot).is_none_or(|before| before == sealed);
            let new = slot.0 >= 16 + u64::from(known);
            assert!(same || new, "{back}: {slot:?} was sealed again");
        }
    }
}

/// Nothing is sealed any more, and it says so once.
fn assert_closed(second: &mut Story) {
    let alice = &mut second.alice;
    assert_eq!(alice.chat.state(), ChatState::Closed(CloseReason::RolledBack));
    let told = alice.drain();
    assert!(told.iter().all(|transmit| matches!(transmit.kind, TransmitKind::Discard { .. })), "{told:?}");
    assert_eq!((told.len(), alice.closed), (1, 1));
    assert!(alice.chat.send(&Draft::text("more"), &mut env(&mut second.rng)).is_err());
    alice.chat.retransmit(&mut env(&mut second.rng));
    assert!(alice.drain().iter().all(|transmit| matches!(transmit.kind, TransmitKind::Discard { .. })));
    assert!(alice.left.is_empty());
    // Over a restart, too: what was found out stands in the records.
    let again = restore(&alice.records(), None).unwrap();
    assert_eq!(again.state(), ChatState::Closed(CloseReason::RolledBack));
}

/// What she writes before she can know goes under slots that Bob has had, and he takes it for repeats. His next word ends
/// it, unless she has filled every slot that is lost: then nothing contradicts (SPEC REC-8).
#[test]
fn what_is_written_before_it_is_known_is_never_read_and_the_next_word_closes_or_finds_nothing() {
    for config in EACH_PROFILE {
        let mut story = Story::begin(*config);
        for text in ["one", "two", "three"] {
            story.alice.writes(text, &mut story.rng);
            story.settle();
        }
        for back in 1..=3 {
            let mut second = story.as_it_is(back);
            second.alice.writes("another", &mut second.rng);
            let [transmit] = &second.alice.drain()[..] else { panic!("one message") };
            assert_eq!(second.bob.takes(transmit, &mut second.rng), Ok(Handled::Duplicate));
            assert_ne!(story.alice.left[&transmit.id], second.alice.left[&transmit.id]);
            second.alice.left.clear();
            second.bob.writes("you said three things", &mut second.rng);
            let said = second.bob.drain().pop().unwrap();
            let handled = second.alice.takes(&said, &mut second.rng);
            // The one that she wrote again fills the slot of the one that is lost: not found, for ever.
            if back == 1 {
                assert_eq!(handled, Ok(Handled::Applied));
            } else {
                assert_eq!(handled, Ok(Handled::ChatClosed));
                assert_closed(&mut second);
            }
        }
    }
}

#[test]
fn both_ends_and_the_same_end_twice() {
    for config in EACH_PROFILE {
        let mut story = Story::begin(*config);
        story.alice.writes("before", &mut story.rng);
        story.settle();
        let both = [story.alice.records(), story.bob.records()];
        for text in ["one", "two"] {
            story.alice.writes(text, &mut story.rng);
            story.bob.writes(text, &mut story.rng);
            story.settle();
        }
        // Both at the same point: nothing contradicts, and it goes on.
        let [alice, bob] = both.each_ref().map(End::restored);
        let mut second = Story { alice, bob, rng: Seeded::new(3) };
        second.alice.writes("again", &mut second.rng);
        second.bob.writes("again", &mut second.rng);
        second.settle();
        assert_eq!((&second.alice.texts[..], &second.bob.texts[..]), (&["again".into()][..], &["again".into()][..]));

        // The same records once more, against the Bob of the second life.
        let mut third = Story { alice: End::restored(&both[0]), bob: second.bob, rng: Seeded::new(4) };
        third.bob.writes("I know you", &mut third.rng);
        let said = third.bob.drain().pop().unwrap();
        assert_eq!(third.alice.takes(&said, &mut third.rng), Ok(Handled::ChatClosed));
        assert_closed(&mut third);
    }
}
