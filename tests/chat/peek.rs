//! A look at a message for a notification shows what its event will, or less by rights, and changes nothing (SPEC PEEK-1 to
//! PEEK-4).

use std::collections::BTreeMap;

use proptest::prelude::*;
#[cfg(feature = "telegram")]
use proptest::test_runner::TestRunner;
use secretchat::store::MemoryStore;
use secretchat::{
    Chat, Document, DocumentKind, Draft, Entity, EntityKind, Event, Handled, History, Invitation, Media, Message,
    Notification, Output, Peek, Peeker, PeerFault, Position, Preview, RandomId, SeqNo, Start, StoreKey, TransmitKind,
    Ttl,
};
#[cfg(feature = "telegram")]
use secretchat::{Config, DhGroup, PeerPolicy};

use crate::support::forger::{self, Forger};
use crate::support::pair::{self, BOBS_STORE_KEY, Pair, ciphertext, env, env_at};
use crate::support::rng::Seeded;
use crate::support::stored::{keep, records};
use crate::support::timed;

/// What is compared of a preview: all of it.
type Shown = (RandomId, Position, bool, Notification, Option<(String, Vec<Entity>, Option<&'static str>)>);

fn shown(preview: &Preview) -> Shown {
    let Preview { random_id, position, silent, most, ref content, .. } = *preview;
    let content = content.as_ref().map(|content| (content.text.clone(), content.entities.clone(), content.media));
    (random_id, position, silent, most, content)
}

/// What RIGHT-5 and PEEK-2 leave of a message.
fn allowed(message: &Message) -> Shown {
    let content = &message.content;
    let kind = |media: &Media| match media {
        Media::Document(document) => document.kind.name(),
        other => other.name(),
    };
    let most = content.rights.notification();
    let all = most == Notification::All;
    let said = all.then(|| (content.text.clone(), content.entities.clone(), content.media.as_ref().map(kind)));
    (message.random_id, message.position, message.silent, most, said)
}

fn preview(peek: Peek) -> Preview {
    match peek {
        Peek::Message(preview) => *preview,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_is_shown_and_nothing_happens() {
    let mut pair = Pair::ready();
    let bytes = pair.alice_sends("Hello");
    let before = format!("{:?}", pair.bob);
    let look = preview(pair.bob.peek(&bytes).unwrap());
    let content = look.content.as_ref().unwrap();
    assert_eq!((&*content.text, content.media, look.most, look.is_early), ("Hello", None, Notification::All, false));
    assert!(!format!("{look:?}").contains("Hello"));
    assert_eq!(format!("{:?}", pair.bob), before);
    assert!(pair.bob.poll_output().is_none());
    assert_eq!(pair.bob_gets(&bytes), Ok(Handled::Applied));
    assert_eq!(pair::texts(&mut pair.bob), ["Hello"]);
    assert!(matches!(pair.bob.peek(&bytes), Ok(Peek::Seen)));
}

// SPEC PEEK-2, RIGHT-5, RIGHT-6: the kind of a medium at most, and of what is not kept the sender.
#[test]
fn no_more_than_rights_allow_is_shown() {
    let voice = DocumentKind::voice(9, Vec::new());
    let voice = Document::new("audio/ogg", 1000, timed::file_key()).with_kind(voice).with_file_name("secret name");
    let mut pair = Pair::ready();
    for (draft, most, media) in [
        (Draft::text("secret"), Notification::All, None),
        (timed::photo(Ttl::OFF), Notification::All, Some("photo")),
        (Draft::media(Media::Document(voice), "secret"), Notification::All, Some("voice")),
        (Draft::text("secret").protected(), Notification::Sender, None),
        (timed::text(timed::ttl(3_600)), Notification::Sender, None),
        (timed::photo(timed::ttl(5)), Notification::Sender, None),
        (timed::text(timed::ttl(3_600)).hidden(), Notification::Sender, None),
    ] {
        pair.alice.send(&draft, &mut env(&mut pair.rng)).unwrap();
        let bytes = pair::sealed(&mut pair.alice);
        let look = preview(pair.bob.peek(&bytes).unwrap());
        assert_eq!((look.most, look.content.is_some()), (most, most == Notification::All));
        assert_eq!(look.content.and_then(|content| content.media), media);
        pair.bob_gets(&bytes).unwrap();
    }
}

// SPEC RIGHT-7.
#[test]
fn no_more_than_the_host_allows_is_shown() {
    for most in [Notification::Nothing, Notification::Sender] {
        let bob = Pair::bob_config().map(|config| config.with_notification_cap(most));
        let mut pair = Pair::of(Pair::alice_config(), bob);
        let bytes = pair.alice_sends("secret");
        let look = preview(pair.bob.peek(&bytes).unwrap());
        assert_eq!((look.most, look.content.is_some()), (most, false));
    }
}

// SPEC PEEK-1.
#[test]
fn what_is_changed_on_the_way_shows_nothing() {
    let mut pair = Pair::ready();
    let bytes = pair.alice_sends("Hello");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (place % 8);
        let fault = if place < 8 { PeerFault::UnknownKey } else { PeerFault::NotAuthentic };
        assert_eq!(pair.bob.peek(&changed).unwrap_err(), fault, "{place}");
    }
    for length in 0..bytes.len() {
        assert!(pair.bob.peek(&bytes[..length]).is_err(), "{length}");
    }
    assert_eq!(pair.bob.peek(&[&bytes[..], &[0; 16]].concat()).unwrap_err(), PeerFault::NotAuthentic);
    assert_eq!(pair.bob.peek(&vec![0; 1 << 20]).unwrap_err(), PeerFault::NotAuthentic);
    // Nor what this end said itself.
    pair.bob.send(&Draft::text("mine"), &mut env(&mut pair.rng)).unwrap();
    let own = pair::sealed(&mut pair.bob);
    assert_eq!(pair.bob.peek(&own).unwrap_err(), PeerFault::NotAuthentic);
}

// SPEC PEEK-3: what would end the chat ends nothing, and is not shown.
#[test]
fn what_breaks_the_protocol_is_not_shown() {
    let (mut forger, mut bob) = Forger::meet();
    assert_eq!(forger.give_next(&mut bob, &forger::text(1, "hello")), Handled::Applied);
    pair::outputs(&mut bob);
    // It has processed what was never sent: these records may be old.
    forger.received = 5;
    let ahead = forger.say_next(&forger::text(2, "ahead"));
    assert!(matches!(bob.peek(&ahead), Ok(Peek::Stale)), "{:?}", bob.peek(&ahead));
    assert_eq!(bob.handle(ciphertext(&ahead), &mut env(&mut Seeded::new(1))), Ok(Handled::ChatClosed));
    assert!(matches!(bob.peek(&ahead), Ok(Peek::NoKeys)));
}

#[test]
fn a_chat_without_keys_says_so() {
    let pair = Pair::new();
    assert!(matches!(pair.alice.peek(b"anything"), Ok(Peek::NoKeys)));
    let mut pair = Pair::ready();
    let bytes = pair.alice_sends("Hello");
    pair.bob.close(History::Keep, &mut env(&mut pair.rng));
    assert!(matches!(pair.bob.peek(&bytes), Ok(Peek::NoKeys)));
}

/// Two ends with stores, and what is on its way between them.
struct World {
    ends: [(Chat, MemoryStore); 2],
    queues: [Vec<Vec<u8>>; 2],
    rng: Seeded,
    millis: u64,
    photo: fn(Ttl) -> Draft,
    peeks: bool,
    /// What was shown of messages that wait for their turn.
    early: [BTreeMap<SeqNo, Shown>; 2],
    previews: usize,
}

const KEYS: [[u8; 32]; 2] = [[1; 32], BOBS_STORE_KEY];

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize, u8),
    Act(usize, u8),
    /// The message at this place of the queue, so that they overtake each other; or again, without taking it.
    Deliver(usize, usize, bool),
    Lose(usize),
    Retransmit(usize),
    Rekey(usize),
    Restart(usize),
    Clock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let end = || 0..2_usize;
    prop_oneof![
        6 => (end(), 0..8_u8).prop_map(|(end, what)| Step::Send(end, what)),
        2 => (end(), 0..4_u8).prop_map(|(end, what)| Step::Act(end, what)),
        12 => (end(), 0..3_usize, any::<bool>()).prop_map(|(end, place, again)| Step::Deliver(end, place, again)),
        1 => end().prop_map(Step::Lose),
        1 => end().prop_map(Step::Retransmit),
        1 => end().prop_map(Step::Rekey),
        2 => end().prop_map(Step::Restart),
        1 => (0..100_000_u64).prop_map(Step::Clock),
    ]
}

impl World {
    fn x25519(peeks: bool) -> Self {
        Self::of(Pair::alice_config(), Pair::bob_config(), timed::photo, peeks)
    }

    #[cfg(feature = "telegram")]
    fn telegram(peeks: bool) -> Self {
        let config = || Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default);
        let [alice, bob] = KEYS.map(|key| config().with_store(StoreKey::new(key)));
        Self::of(alice, bob, timed::telegram_photo, peeks)
    }

    fn of(alice: Start, bob: Start, photo: fn(Ttl) -> Draft, peeks: bool) -> Self {
        let mut rng = Seeded::new(8);
        let (mut store, mut bobs_store) = (MemoryStore::default(), MemoryStore::default());
        let mut alice = Chat::request(alice, &mut env(&mut rng)).unwrap();
        let asked = keep(&mut alice, &mut store);
        let public = asked.into_iter().find_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Request { public, .. } => Some(public),
                _ => None,
            },
            _ => None,
        });
        let bob = Invitation::parse(&public.unwrap(), bob).unwrap().accept(&mut env(&mut rng)).unwrap();
        let mut world = Self {
            ends: [(alice, store), (bob, MemoryStore::default())],
            queues: Default::default(),
            rng,
            millis: 0,
            photo,
            peeks,
            early: Default::default(),
            previews: 0,
        };
        let accepted = keep(&mut world.ends[1].0, &mut bobs_store);
        world.ends[1].1 = bobs_store;
        for output in &accepted {
            if let Output::Transmit(transmit) = output {
                world.ends[0].0.handle(pair::input_of(transmit), &mut env(&mut world.rng)).unwrap();
            }
        }
        world.drain(0);
        while !world.queues[0].is_empty() {
            world.deliver(1, 0, false);
        }
        world
    }

    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.millis += 1;
            match *step {
                Step::Send(end, what) => self.send(end, what),
                Step::Act(end, what) => self.act(end, what),
                Step::Deliver(end, place, again) => self.deliver(end, place, again),
                Step::Lose(end) => drop(self.queues[end].pop()),
                Step::Retransmit(end) => self.ends[end].0.retransmit(&mut env_at(self.millis, &mut self.rng)),
                Step::Rekey(end) => drop(self.ends[end].0.rekey(&mut env_at(self.millis, &mut self.rng))),
                Step::Restart(end) => {
                    let (chat, store) = &mut self.ends[end];
                    let env = &mut env_at(self.millis, &mut self.rng);
                    let restored =
                        Chat::restore(&records(chat, store), &StoreKey::new(KEYS[end]), chat.checkpoint(), env);
                    *chat = restored.unwrap();
                }
                Step::Clock(millis) => {
                    self.millis += millis;
                    self.ends
                        .iter_mut()
                        .for_each(|(chat, _)| chat.handle_timeout(&mut env_at(self.millis, &mut self.rng)));
                }
            }
            self.drain(0);
            self.drain(1);
        }
    }

    fn send(&mut self, end: usize, what: u8) {
        let bold = Draft::text("bold words").with_entities(vec![Entity::new(EntityKind::Bold, 0, 4)]);
        let draft = match what {
            0 => timed::text(timed::ttl(30)),
            1 => (self.photo)(timed::ttl(5)),
            2 => (self.photo)(Ttl::OFF),
            3 => Draft::text("not to be kept").protected(),
            4 => Draft::text("quiet").silently(),
            5 => bold,
            _ => Draft::text("words"),
        };
        // Some cannot be sent in this profile, or not now.
        let _ = self.ends[end].0.send(&draft, &mut env_at(self.millis, &mut self.rng));
    }

    fn act(&mut self, end: usize, what: u8) {
        let env = &mut env_at(self.millis, &mut self.rng);
        let chat = &mut self.ends[end].0;
        let _ = match what {
            0 => chat.set_ttl(timed::ttl(30), env),
            1 => chat.delete(&[RandomId(7)], env).map(drop),
            2 => chat.report_screenshot(&[], env),
            _ => chat.acknowledge(env),
        };
    }

    fn deliver(&mut self, end: usize, place: usize, again: bool) {
        let queue = &mut self.queues[1 - end];
        let Some(bytes) = queue.get(place).cloned() else { return };
        if !again {
            queue.remove(place);
        }
        let looked = self.peeks.then(|| self.peek(end, &bytes));
        let (chat, store) = &mut self.ends[end];
        let handled = chat.handle(ciphertext(&bytes), &mut env_at(self.millis, &mut self.rng));
        let outputs = keep(chat, store);
        let messages = outputs.iter().filter_map(|output| match output {
            Output::Event(Event::Message(message)) => Some(allowed(message)),
            _ => None,
        });
        let mut messages: Vec<_> = messages.collect();
        if let Some(looked) = looked {
            self.agree(end, handled, looked, &mut messages);
        }
        self.carry(end, outputs);
    }

    /// Looks in both ways.
    fn peek(&self, end: usize, bytes: &[u8]) -> Result<Peek, PeerFault> {
        let (chat, store) = &self.ends[end];
        let live = chat.peek(bytes);
        let read = records(chat, store);
        let apart = Peeker::new(&read, &StoreKey::new(KEYS[end])).unwrap().peek(bytes);
        let summary = |peek: &Result<Peek, PeerFault>| match peek {
            Ok(Peek::Message(preview)) => Ok((shown(preview), preview.is_early)),
            Ok(other) => Err(other.name()),
            Err(fault) => Err(fault.name()),
        };
        assert_eq!(summary(&live), summary(&apart), "the chat, and its records");
        live
    }

    fn agree(
        &mut self,
        end: usize,
        handled: Result<Handled, PeerFault>,
        looked: Result<Peek, PeerFault>,
        messages: &mut Vec<Shown>,
    ) {
        match (handled, looked) {
            (Err(fault), looked) => assert_eq!(looked.unwrap_err(), fault),
            (Ok(Handled::Applied), Ok(Peek::Message(preview))) => {
                self.previews += 1;
                assert!(!preview.is_early);
                assert_eq!(messages.remove(0), shown(&preview));
            }
            (Ok(Handled::Waiting), Ok(Peek::Message(preview))) => {
                self.previews += 1;
                assert!(preview.is_early);
                self.early[end].insert(preview.position.slot(), shown(&preview));
            }
            (Ok(Handled::Duplicate), Ok(Peek::Message(preview))) => {
                assert_eq!(self.early[end].get(&preview.position.slot()), Some(&shown(&preview)));
            }
            (Ok(Handled::Duplicate), Ok(Peek::Seen | Peek::Nothing))
            | (Ok(Handled::Applied | Handled::Waiting), Ok(Peek::Nothing)) => {}
            unexpected => panic!("{unexpected:?}"),
        }
        // The others waited.
        for message in messages.drain(..) {
            assert_eq!(self.early[end].remove(&message.1.slot()), Some(message));
        }
    }

    fn drain(&mut self, end: usize) {
        let (chat, store) = &mut self.ends[end];
        let outputs = keep(chat, store);
        self.carry(end, outputs);
    }

    fn carry(&mut self, end: usize, outputs: Vec<Output>) {
        for output in outputs {
            if let Output::Transmit(transmit) = output
                && let TransmitKind::Ciphertext { bytes, .. } = transmit.kind
            {
                self.queues[end].push(bytes);
            }
        }
    }
}

/// The same conversation with and without looks: each is what the event will be, and the records are the same bytes.
fn compare(world: fn(bool) -> World, steps: &[Step]) -> usize {
    let [looked, blind] = [true, false].map(|peeks| {
        let mut world = world(peeks);
        world.run(steps);
        world
    });
    for ((chat, store), (other, others_store)) in looked.ends.iter().zip(&blind.ends) {
        assert_eq!(records(chat, store).rows, records(other, others_store).rows);
    }
    assert_eq!(looked.queues, blind.queues);
    looked.previews
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    // SPEC PEEK-1, PEEK-2.
    #[test]
    fn a_look_is_what_the_event_will_be(steps in prop::collection::vec(step(), 1..60)) {
        compare(World::x25519, &steps);
    }
}

/// A conversation with 2048-bit keys takes long: their number is not that of the other properties.
#[cfg(feature = "telegram")]
#[test]
fn a_look_in_the_telegram_profile_shows_neither_sender_nor_text() {
    let cases = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 120 } else { 6 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let walk = TestRunner::new(config).run(&prop::collection::vec(step(), 1..60), |steps| {
        compare(World::telegram, &steps);
        Ok(())
    });
    walk.unwrap();
}

/// The walk above meets previews at all, in time and early.
#[test]
fn gaps_and_new_keys_are_looked_through() {
    let mut steps = vec![Step::Send(0, 6), Step::Send(0, 4), Step::Send(0, 5), Step::Deliver(1, 2, false)];
    steps.extend([Step::Restart(1), Step::Deliver(1, 1, true), Step::Deliver(1, 0, false), Step::Deliver(1, 0, false)]);
    // The one that was carried twice was shown once, and taken in by the end.
    assert_eq!(compare(World::x25519, &steps), 3);
    // Under the candidate key: Bob has accepted the exchange and not seen Alice's CommitKey.
    let mut world = World::x25519(true);
    world.run(&[Step::Rekey(0), Step::Deliver(1, 0, false), Step::Deliver(0, 0, false), Step::Send(0, 6)]);
    assert_eq!(world.queues[0].len(), 2, "CommitKey and a text under the new key");
    world.run(&[Step::Deliver(1, 1, false), Step::Deliver(1, 0, false)]);
    assert_eq!((world.previews, world.ends[1].0.rekeys()), (1, 1));
}

// SPEC PEEK-3, PEEK-4: records from before a message still open it, and those from before a new key say that they do not.
#[test]
fn old_records_show_too_much_rather_than_wrong() {
    let mut world = World::x25519(true);
    let (chat, store) = &world.ends[1];
    let old = Peeker::new(&records(chat, store), &StoreKey::new(KEYS[1])).unwrap();
    world.run(&[Step::Send(0, 6), Step::Send(0, 6)]);
    let queue = world.queues[0].clone();
    assert!(!preview(old.peek(&queue[0]).unwrap()).is_early);
    assert!(preview(old.peek(&queue[1]).unwrap()).is_early);
    world.run(&[Step::Deliver(1, 0, false), Step::Deliver(1, 0, false)]);
    assert!(matches!(world.ends[1].0.peek(&queue[1]), Ok(Peek::Seen)));
    // Bob writes, and Alice has read it: these records do not know that he did.
    world.run(&[Step::Send(1, 6), Step::Deliver(0, 0, false), Step::Send(0, 6)]);
    let answer = world.queues[0].last().unwrap().clone();
    assert!(matches!(old.peek(&answer), Ok(Peek::Stale)));
    world.run(&[Step::Deliver(1, 0, false), Step::Rekey(0)]);
    world.run(&[Step::Deliver(1, 0, false), Step::Deliver(0, 0, false), Step::Send(0, 6)]);
    let under_new_key = world.queues[0].last().unwrap().clone();
    assert_eq!(old.peek(&under_new_key).unwrap_err(), PeerFault::UnknownKey);
    assert!(preview(world.ends[1].0.peek(&under_new_key).unwrap()).is_early);
}

#[test]
fn a_peeker_refuses_what_is_no_chat() {
    let world = World::x25519(true);
    let (chat, store) = &world.ends[1];
    let mut read = records(chat, store);
    let peeker = Peeker::new(&read, &StoreKey::new(KEYS[1])).unwrap();
    assert_eq!((peeker.id(), peeker.host_data()), (chat.id(), &b""[..]));
    assert!(Peeker::new(&read, &StoreKey::new([9; 32])).is_err());
    read.rows.pop();
    assert!(Peeker::new(&read, &StoreKey::new(KEYS[1])).is_err());
}
