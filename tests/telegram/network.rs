//! Two ends of a Telegram chat over a network that loses, repeats, reorders, delays and damages, with restarts on the
//! way, in virtual time: when the network delivers again, both transcripts are equal, exactly once and in order.

use rand_core::Rng;
use recordings::{Faults, Network, Parcel};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Config, DhGroup, Draft, Env, Event, Handled, Input, Invitation, Output, PeerFault, PeerPolicy,
    RandomId, Start, StoreKey, Timestamp, Transmit, TransmitKind,
};

use crate::support::leaving::Leaving;
use crate::support::rng::Seeded;

const STORE_KEY: [u8; 32] = [3; 32];

/// What a user did or heard of. The ids of a deletion stand beside it: an empty message looks like one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    Text(RandomId, String),
    Read(Vec<RandomId>),
    Delete(Vec<RandomId>),
    Screenshot(Vec<RandomId>),
}

struct Side {
    chat: Option<Chat>,
    store: MemoryStore,
    rng: Seeded,
    did: Vec<Line>,
    heard: Vec<Line>,
    /// Texts of either end that the user sees.
    seen: Vec<(RandomId, String)>,
    sent: Vec<RandomId>,
    /// How many of these a batch came after.
    sent_written: usize,
    acknowledged: Vec<RandomId>,
    leaving: Leaving,
}

impl Side {
    fn new(seed: u64) -> Self {
        Self {
            chat: None,
            store: MemoryStore::default(),
            rng: Seeded::new(seed),
            did: vec![],
            heard: vec![],
            seen: vec![],
            sent: vec![],
            sent_written: 0,
            acknowledged: vec![],
            leaving: Leaving::default(),
        }
    }

    /// A call of the chat, and what it asks for.
    fn call<R>(&mut self, now: u64, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> Option<R> {
        let chat = self.chat.as_mut()?;
        let result = call(chat, &mut Env::new(Timestamp::from_millis(now), &mut self.rng));
        self.drain();
        Some(result)
    }

    fn drain(&mut self) {
        while let Some(output) = self.chat.as_mut().and_then(Chat::poll_output) {
            match output {
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    self.sent_written = self.sent.len();
                }
                Output::Transmit(transmit) => self.leaving.push(transmit),
                Output::Event(event) => self.hear(event),
                other => panic!("{other:?}"),
            }
        }
    }

    fn hear(&mut self, event: Event) {
        let line = match event {
            Event::Message(message) => {
                self.seen.push((message.random_id, message.content.text.clone()));
                Line::Text(message.random_id, message.content.text)
            }
            Event::ReadByPeer { random_ids, .. } => Line::Read(random_ids),
            Event::Deleted { random_ids, .. } => {
                self.seen.retain(|(id, _)| !random_ids.contains(id));
                Line::Delete(random_ids)
            }
            Event::Screenshot { random_ids, .. } => Line::Screenshot(random_ids),
            Event::Sent { random_id, .. } => return self.sent.push(random_id),
            Event::Acknowledged { random_ids, .. } => return self.acknowledged.extend(random_ids),
            // A restored end may hear what was sealed under a key that it has wiped (SPEC REC-8): a suspicion, no fault.
            Event::RollbackSuspected | Event::Ready { .. } | Event::PeerLayer { .. } | Event::Rekeyed { .. } => return,
            other => panic!("{other:?}"),
        };
        self.heard.push(line);
    }

    fn restart(&mut self, now: u64) {
        let Some(chat) = self.chat.take() else { return };
        // What no batch came after is told again (SPEC DRV-9).
        self.sent.truncate(self.sent_written);
        let records = self.store.load(chat.id().unwrap()).unwrap().unwrap();
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        self.chat = Some(Chat::restore(&records, &StoreKey::new(STORE_KEY), chat.checkpoint(), &mut env).unwrap());
    }

    fn is_ready(&self) -> bool {
        self.chat.as_ref().is_some_and(|chat| chat.state() == ChatState::Ready)
    }

    fn texts(&self) -> impl Iterator<Item = RandomId> {
        self.did.iter().filter_map(|line| match line {
            Line::Text(id, _) => Some(*id),
            _ => None,
        })
    }
}

/// What the network does until it delivers again.
const FAULTS: Faults = Faults { lost: 20, repeated: 15, damaged: 15, delay: 3_000 };
/// How long it is cut at a time, in milliseconds.
const CUT: u64 = 10_000;

/// What happened on the way: a test whose network never does this tests nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    before_the_key: u32,
    waited: u32,
    repeated: u32,
    damaged: u32,
    restarts: u32,
    cuts: u32,
    emptied: u32,
    lines: u32,
}

struct Talk {
    tally: Tally,
    now: u64,
    dice: Seeded,
    sides: [Side; 2],
    network: Network<Transmit>,
    written: u32,
    policy: PeerPolicy,
}

impl Talk {
    fn new(seed: u64) -> Self {
        let policy = if seed.is_multiple_of(2) { PeerPolicy::Default } else { PeerPolicy::Tolerant };
        let mut talk = Self {
            tally: Tally::default(),
            now: 1_700_000_000_000,
            dice: Seeded::new(3 * seed),
            sides: [Side::new(3 * seed + 1), Side::new(3 * seed + 2)],
            network: Network::new(3 * seed, FAULTS),
            written: 0,
            policy,
        };
        let config = talk.config();
        let alice = &mut talk.sides[0];
        let mut env = Env::new(Timestamp::from_millis(talk.now), &mut alice.rng);
        alice.chat = Some(Chat::request(config, &mut env).unwrap());
        alice.drain();
        talk
    }

    fn config(&self) -> Start {
        Config::telegram(DhGroup::published(3).unwrap(), self.policy).with_store(StoreKey::new(STORE_KEY))
    }

    /// Hands what the ends want carried to the talk.
    fn post(&mut self) {
        for from in 0..2 {
            for transmit in self.sides[from].leaving.take() {
                self.network.post(from, transmit, self.now);
            }
        }
    }

    /// Delivers what is due, in the order of time.
    fn deliver(&mut self) {
        loop {
            self.post();
            let Some(parcel) = self.network.arrive(self.now) else { return };
            self.arrive(parcel);
        }
    }

    fn arrive(&mut self, parcel: Parcel<Transmit>) {
        let Parcel { from, load: transmit, is_damaged: damaged, .. } = parcel;
        let (now, to) = (self.now, 1 - from);
        let taken = match transmit.kind {
            TransmitKind::Request { public, .. } => {
                if self.sides[to].chat.is_none() && !damaged {
                    let invitation = Invitation::parse(&public, self.config()).unwrap();
                    let bob = &mut self.sides[to];
                    let mut env = Env::new(Timestamp::from_millis(now), &mut bob.rng);
                    bob.chat = Some(invitation.accept(&mut env).unwrap());
                    bob.drain();
                }
                return;
            }
            TransmitKind::Accept { public, fingerprint, .. } => {
                let input = Input::accepted(&public, fingerprint);
                let handled = self.sides[to].call(now, |chat, env| chat.handle(input, env)).unwrap();
                assert!(matches!(handled, Ok(Handled::Applied | Handled::Ignored)), "{handled:?}");
                return;
            }
            TransmitKind::Ciphertext { mut bytes, .. } => {
                if damaged {
                    self.network.damage(&mut bytes);
                }
                let input = Input::ciphertext(&bytes, None, None);
                let had_key = self.sides[to].is_ready();
                let Some(handled) = self.sides[to].call(now, |chat, env| chat.handle(input, env)) else { return };
                self.tally.before_the_key += u32::from(!had_key);
                if damaged {
                    self.tally.damaged += 1;
                    assert!(if had_key { handled.is_err() } else { handled.is_ok() }, "{handled:?}");
                    return;
                }
                // A repeat from before the last new key: its slot was processed, or the key would be there still.
                let received = self.sides[to].chat.as_ref().map_or(0, |chat| chat.counters().received);
                let is_repeat = transmit.id.slot().is_some_and(|slot| slot.get() < received);
                let handled = match handled {
                    Err(PeerFault::UnknownKey) if is_repeat => Ok(Handled::Duplicate),
                    handled => handled,
                };
                assert_ne!(handled, Ok(Handled::ChatClosed));
                self.tally.waited += u32::from(had_key && handled == Ok(Handled::Waiting));
                self.tally.repeated += u32::from(handled == Ok(Handled::Duplicate));
                handled.unwrap() != Handled::NoRoom
            }
            other => panic!("{other:?}"),
        };
        // The server says that it has it; that word may be lost as well.
        if taken && self.dice.percent(60) {
            let input = Input::carried(transmit.id, None);
            self.sides[from].call(now, |chat, env| chat.handle(input, env)).unwrap().unwrap();
        }
    }

    /// A user does something, as far as the chat lets it.
    fn act(&mut self, who: usize) {
        if !self.sides[who].is_ready() {
            return;
        }
        let (now, dice) = (self.now, self.dice.below(100));
        let some = {
            let seen = self.sides[who].seen.clone();
            let start = usize::try_from(self.dice.next_u64() % (seen.len() as u64 + 1)).unwrap();
            seen[start..].iter().take(3).map(|(id, _)| *id).collect::<Vec<_>>()
        };
        let line = match dice {
            0..60 => {
                self.written += 1;
                let id = RandomId((self.dice.next_u64() >> 1).cast_signed() | 1);
                Line::Text(id, format!("{who}: text {}", self.written))
            }
            60..70 if !some.is_empty() => Line::Read(some),
            70..82 if !some.is_empty() => Line::Delete(some),
            _ => Line::Screenshot(some),
        };
        let side = &mut self.sides[who];
        side.call(now, |chat, env| match &line {
            Line::Text(id, text) => chat.send(&Draft::text(text.clone()).with_random_id(*id), env).map(drop),
            Line::Read(ids) => chat.mark_read(ids, env).map(drop),
            Line::Delete(ids) => chat.delete(ids, env).map(drop),
            Line::Screenshot(ids) => chat.report_screenshot(ids, env),
        })
        .unwrap()
        .unwrap();
        match &line {
            Line::Text(id, text) => side.seen.push((*id, text.clone())),
            Line::Delete(ids) => side.seen.retain(|(id, _)| !ids.contains(id)),
            _ => {}
        }
        side.did.push(line);
    }

    fn step(&mut self) {
        self.now += self.dice.below(400);
        let who = usize::from(self.dice.percent(50));
        match self.dice.below(100) {
            0..50 => self.act(who),
            50..62 => drop(self.sides[who].call(self.now, Chat::retransmit)),
            62..70 => drop(self.sides[who].call(self.now, Chat::acknowledge)),
            70..76 => {
                self.tally.restarts += 1;
                self.sides[who].restart(self.now);
            }
            // A clock that is set back costs nothing.
            76..78 => self.now -= 1_000,
            78 => {
                self.tally.cuts += 1;
                self.network.cut(self.now + CUT);
            }
            _ => {}
        }
        self.deliver();
    }

    fn is_settled(&self) -> bool {
        let [alice, bob] = &self.sides;
        let done = |from: &Side, to: &Side| {
            let (Some(sender), Some(receiver)) = (&from.chat, &to.chat) else { return false };
            from.is_ready()
                && sender.counters().sent == receiver.counters().received
                && from.acknowledged.len() == from.texts().count()
        };
        self.network.is_empty() && done(alice, bob) && done(bob, alice)
    }

    /// The network delivers again.
    fn settle(&mut self) {
        self.network.faults = Faults::default();
        self.network.cut(0);
        for _ in 0..100 {
            self.now += 5_000;
            self.deliver();
            if self.is_settled() {
                return;
            }
            for who in 0..2 {
                self.sides[who].call(self.now, Chat::retransmit);
                self.deliver();
                if self.sides[who].is_ready() {
                    self.sides[who].call(self.now, Chat::acknowledge).unwrap().unwrap();
                }
            }
        }
        panic!("the two ends do not settle");
    }
}

/// What one end did is what the other heard; a text that was deleted may have arrived as its own deletion.
fn assert_same(seed: u64, from: &Side, to: &Side, deleted: &[RandomId]) {
    assert_eq!(from.did.len(), to.heard.len(), "seed {seed}: {:?}\n{:?}", from.did, to.heard);
    for (did, heard) in from.did.iter().zip(&to.heard) {
        match (did, heard) {
            (Line::Text(id, _), Line::Delete(ids)) if deleted.contains(id) => assert_eq!(ids, &[*id], "seed {seed}"),
            _ => assert_eq!(did, heard, "seed {seed}"),
        }
    }
    assert_eq!(from.acknowledged, from.texts().collect::<Vec<_>>(), "seed {seed}");
    let mut sent = from.sent.clone();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), from.sent.len(), "seed {seed}: one answer for each");
    assert_eq!(sent.len(), from.acknowledged.len(), "seed {seed}");
}

fn talk(seed: u64, steps: u64) -> Tally {
    let mut talk = Talk::new(seed);
    for _ in 0..steps {
        talk.step();
    }
    talk.settle();
    let [alice, bob] = &talk.sides;
    let verification = |side: &Side| side.chat.as_ref().unwrap().verification().unwrap();
    assert_eq!(verification(alice), verification(bob), "seed {seed}");
    let deleted: Vec<RandomId> = [alice, bob]
        .iter()
        .flat_map(|side| &side.did)
        .filter_map(|line| match line {
            Line::Delete(ids) => Some(ids.clone()),
            _ => None,
        })
        .flatten()
        .collect();
    assert_same(seed, alice, bob, &deleted);
    assert_same(seed, bob, alice, &deleted);
    // What both users see in the end, apart from whose text came first.
    let sorted = |side: &Side| {
        let mut seen = side.seen.clone();
        seen.sort_unstable();
        seen
    };
    assert_eq!(sorted(alice), sorted(bob), "seed {seed}");
    let count = |number: usize| u32::try_from(number).unwrap();
    let emptied = alice.leaving.check(seed) + bob.leaving.check(seed);
    Tally { lines: count(alice.did.len() + bob.did.len()), emptied: count(emptied), ..talk.tally }
}

#[test]
fn both_transcripts_are_equal_when_the_network_delivers_again() {
    let seeds = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 2_000 } else { 40 };
    let mut all = Tally::default();
    for seed in 0..seeds {
        let Tally { before_the_key, waited, repeated, damaged, restarts, cuts, emptied, lines } = talk(seed, 120);
        all.before_the_key += before_the_key;
        all.waited += waited;
        all.repeated += repeated;
        all.damaged += damaged;
        all.restarts += restarts;
        all.cuts += cuts;
        all.emptied += emptied;
        all.lines += lines;
    }
    let Tally { before_the_key, waited, repeated, damaged, restarts, cuts, emptied, lines } = all;
    for count in [before_the_key, waited, repeated, damaged, restarts, cuts, emptied] {
        assert!(count >= 20, "{all:?}");
    }
    assert!(lines >= 40 * 20, "{all:?}");
}

#[test]
fn a_long_talk_loses_nothing() {
    let steps = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 20_000 } else { 1_500 };
    talk(1_000_000, steps);
}
