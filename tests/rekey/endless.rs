//! Exchanges of keys that the transport, a crossing or an impatient peer could have stopped or kept going for ever
//! (SPEC REKEY-2 to REKEY-5).

use std::collections::{BTreeSet, VecDeque};

use rand_core::Rng;
use secretchat::{
    Chat, Config, Draft, Env, Event, ExchangeId, Handled, Input, Invitation, Output, PeerFault, PeerPolicy,
    RekeyFailure, RekeyState, Timestamp, Transmit, TransmitId, TransmitKind, Unavailable,
};

use crate::support::pair::{self, NOW, outputs};
use crate::support::rekeyer::{DEFAULT, EACH_PROFILE, EVERY, Rekeyer, Rules, THEIRS};
use crate::support::rng::Seeded;
use crate::support::telegram::group;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
const ALICE: usize = 0;
const BOB: usize = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The user of this end wants a new key.
    Ask(usize),
    /// What this end sent first arrives, and it hears so.
    Deliver(usize),
    /// The same is lost, and it hears nothing.
    Lose(usize),
    /// The transport refuses it for good, and it does not arrive.
    Refuse(usize),
    Write(usize),
    Again(usize),
    Acknowledge(usize),
    Hour,
}

use Step::{Acknowledge, Again, Ask, Deliver, Hour, Lose, Refuse, Write};

/// Two chats over a transport that is truthful about what it took over.
struct World {
    chats: [Chat; 2],
    rng: Seeded,
    now: u64,
    wire: [VecDeque<Transmit>; 2],
    delivered: [BTreeSet<TransmitId>; 2],
    failed: Vec<RekeyFailure>,
}

fn config(rules: Rules, end: usize) -> Config {
    let (local, peer) = if end == ALICE { ("alice", "bob") } else { ("bob", "alice") };
    match rules {
        Rules::Bound(agreement) => agreement.config(local, peer),
        Rules::Telegram(policy) => Config::telegram(group(), policy),
    }
}

impl World {
    fn ready(rules: Rules, seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let alice = Chat::request(config(rules, ALICE), &mut pair::env(&mut rng)).unwrap();
        let mut world = Self {
            chats: [alice, Chat::request(config(rules, BOB), &mut pair::env(&mut rng)).unwrap()],
            rng,
            now: NOW,
            wire: Default::default(),
            delivered: Default::default(),
            failed: Vec::new(),
        };
        let Some(TransmitKind::Request { public, .. }) = world.first(ALICE) else { panic!("a request") };
        let invitation = Invitation::parse(&public, config(rules, BOB)).unwrap();
        world.chats[BOB] = invitation.accept(&mut pair::env(&mut world.rng)).unwrap();
        let Some(TransmitKind::Accept { public, fingerprint, .. }) = world.first(BOB) else { panic!("an acceptance") };
        let input = Input::accepted(&public, fingerprint);
        world.chats[ALICE].handle(input, &mut pair::env(&mut world.rng)).unwrap();
        world.deliver_all();
        world
    }

    /// Takes the outputs, and the first of them that is no message.
    fn first(&mut self, end: usize) -> Option<TransmitKind> {
        let mut first = None;
        for output in outputs(&mut self.chats[end]) {
            if let Output::Transmit(transmit) = output {
                match transmit.kind {
                    TransmitKind::Ciphertext { .. } => self.wire[end].push_back(transmit),
                    kind => first = first.or(Some(kind)),
                }
            }
        }
        first
    }

    fn take(&mut self, end: usize) {
        for output in outputs(&mut self.chats[end]) {
            match output {
                Output::Event(Event::RekeyFailed { reason, .. }) => self.failed.push(reason),
                Output::Event(event @ Event::Closed { .. }) => panic!("{event:?}"),
                Output::Transmit(transmit) if matches!(transmit.kind, TransmitKind::Ciphertext { .. }) => {
                    self.wire[end].push_back(transmit);
                }
                _ => {}
            }
        }
    }

    fn on<R>(&mut self, end: usize, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> R {
        let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
        let result = call(&mut self.chats[end], &mut env);
        self.take(end);
        result
    }

    /// Whether it did anything.
    fn step(&mut self, step: Step) -> bool {
        match step {
            Ask(end) => self.on(end, Chat::rekey).is_ok(),
            Write(end) => self.on(end, |chat, env| chat.send(&Draft::text("text"), env)).is_ok(),
            Again(end) => {
                self.on(end, Chat::retransmit);
                true
            }
            Acknowledge(end) => {
                let owes = self.chats[end].owes_acknowledgement();
                owes && self.on(end, Chat::acknowledge).is_ok()
            }
            Hour => {
                self.now += 70 * MINUTE;
                self.on(ALICE, Chat::handle_timeout);
                self.on(BOB, Chat::handle_timeout);
                true
            }
            Lose(end) => self.wire[end].pop_front().is_some(),
            Deliver(end) => {
                let Some(transmit) = self.wire[end].pop_front() else { return false };
                let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { panic!() };
                let came = self.on(1 - end, |chat, env| chat.handle(pair::ciphertext(bytes), env));
                match came {
                    Ok(Handled::Ignored) => return true,
                    // A repeat from before the last new key.
                    Err(PeerFault::UnknownKey) if self.delivered[end].contains(&transmit.id) => {}
                    came => assert!(came.is_ok(), "{came:?}"),
                }
                self.delivered[end].insert(transmit.id);
                self.on(end, |chat, env| chat.handle(Input::carried(transmit.id, None), env)).unwrap();
                true
            }
            Refuse(end) => {
                let Some(transmit) = self.wire[end].pop_front() else { return false };
                let id = transmit.id;
                if self.delivered[end].contains(&id) {
                    return false;
                }
                self.wire[end].retain(|other| other.id != id);
                self.on(end, |chat, env| chat.handle(Input::refused_for_good(id), env)).unwrap();
                true
            }
        }
    }

    fn deliver_all(&mut self) {
        self.take(ALICE);
        self.take(BOB);
        while self.step(Deliver(ALICE)) || self.step(Deliver(BOB)) {}
    }

    /// The network is fair from now on, and both users want a new key. How many hours it took.
    fn settle(&mut self, story: &[Step]) {
        let before = self.rekeys();
        for _ in 0..40 {
            for step in [Again(ALICE), Again(BOB)] {
                self.step(step);
            }
            self.deliver_all();
            for step in [Acknowledge(ALICE), Acknowledge(BOB)] {
                self.step(step);
                self.deliver_all();
            }
            let idle = self.chats.iter().all(|chat| chat.rekey_state() == RekeyState::Idle);
            let now = self.rekeys();
            if idle && now[0] == now[1] && now[0] > before[0].max(before[1]) {
                assert_eq!(self.chats[ALICE].key_fingerprint(), self.chats[BOB].key_fingerprint());
                for end in [ALICE, BOB] {
                    assert!(self.step(Write(end)), "{story:?}");
                }
                return self.deliver_all();
            }
            self.step(Hour);
            for step in [Ask(ALICE), Ask(BOB)] {
                self.step(step);
            }
        }
        panic!("no new key after {story:?}: {:?}", self.chats.each_ref().map(Chat::rekey_state));
    }

    fn rekeys(&self) -> [u32; 2] {
        self.chats.each_ref().map(Chat::rekeys)
    }

    fn exchange(&self, end: usize) -> ExchangeId {
        let RekeyState::Requested { exchange_id } = self.chats[end].rekey_state() else { panic!() };
        exchange_id
    }
}

/// Both have asked, and Bob's id wins.
fn crossing(rules: Rules) -> World {
    (1..100)
        .find_map(|seed| {
            let mut world = World::ready(rules, seed);
            assert!(world.step(Ask(ALICE)) && world.step(Ask(BOB)));
            (world.exchange(BOB).0 > world.exchange(ALICE).0).then_some(world)
        })
        .unwrap()
}

// The story of the fault: Bob ignored Alice's request for the sake of his own, which was then refused for good.
#[test]
fn fa_40_the_loser_of_a_crossing_is_answered_when_the_winner_was_refused() {
    for rules in EVERY {
        for restarted in [false, true] {
            let mut world = crossing(rules);
            let asked = world.exchange(ALICE);
            assert!(world.step(Deliver(ALICE)));
            assert!(matches!(world.chats[BOB].rekey_state(), RekeyState::Requested { .. }), "ignored");
            if restarted {
                // The key is a month old: nobody may write.
                world.now += 31 * DAY;
            }
            assert!(world.step(Refuse(BOB)));
            assert_eq!(world.failed, [RekeyFailure::Refused]);
            let RekeyState::Accepted { exchange_id, .. } = world.chats[BOB].rekey_state() else {
                panic!("{rules:?}: {:?}", world.chats[BOB].rekey_state())
            };
            assert_eq!(exchange_id, asked);
            world.deliver_all();
            assert_eq!(world.rekeys(), [1, 1], "{rules:?}");
            assert!(world.step(Write(ALICE)) && world.step(Write(BOB)));
            world.deliver_all();
        }
    }
}

// What Bob remembers, his records remember.
#[test]
fn fa_40_an_ignored_request_survives_a_restart() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob, _) = Rekeyer::requested(rules);
        let refused = peer.last_id.unwrap();
        // It crossed.
        peer.received -= 1;
        assert_eq!(peer.asks(&mut bob, i64::MIN, 0x55), Handled::Applied);
        assert_eq!(peer.take(&mut bob), [""; 0]);
        let mut bob = peer.restart(&bob);
        bob.handle(Input::refused_for_good(refused), &mut peer.env()).unwrap();
        let told = peer.take(&mut bob);
        assert_eq!(told, ["RekeyFailed Refused", "0: Noop", "0: AcceptKey"]);
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob)[0], "Rekeyed 1");
    }
}

// The peer gave its request up, and the AbortKey that said so was left out or refused for good.
#[test]
fn fa_40_a_peer_that_asks_anew_is_answered_by_every_policy() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        assert_eq!(peer.asks(&mut bob, THEIRS + 1, 0x55), Handled::Applied, "{rules:?}");
        assert_eq!(peer.take(&mut bob), ["0: AcceptKey"]);
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "2: Noop"]);
    }
}

/// Every story of so many steps, each of which does something.
fn explore(rules: Rules, seed: u64, depth: usize, told: &mut usize, story: &mut Vec<Step>) {
    let ends = [ALICE, BOB];
    // Most of them do nothing here.
    let mut world = World::ready(rules, seed);
    for step in story.iter() {
        world.step(*step);
    }
    let empty = |end: usize| world.wire[end].is_empty();
    let idle = |end: usize| world.chats[end].rekey_state() == RekeyState::Idle;
    let may = |step: &Step| match step {
        Ask(end) => idle(*end),
        Deliver(end) | Refuse(end) => !empty(*end),
        Acknowledge(end) => world.chats[*end].owes_acknowledgement(),
        _ => false,
    };
    let steps = ends.map(Ask).into_iter().chain(ends.map(Deliver)).chain(ends.map(Refuse)).chain(ends.map(Acknowledge));
    let steps: Vec<_> = steps.filter(may).collect();
    for step in steps {
        let mut world = World::ready(rules, seed);
        for step in story.iter() {
            world.step(*step);
        }
        if !world.step(step) {
            continue;
        }
        story.push(step);
        *told += 1;
        if story.len() < depth {
            explore(rules, seed, depth, told, story);
        } else {
            // A month: what the users write is refused, if the profile has it so.
            world.now += if (*told).is_multiple_of(2) { 31 * DAY } else { 0 };
            world.settle(story);
        }
        story.pop();
    }
}

// Bounded, and complete within the bound: whatever crossed and was refused for good, a new key comes in the end.
#[test]
fn fa_40_from_every_state_within_reach_a_fair_network_brings_a_new_key() {
    let strict = Rules::Telegram(PeerPolicy::Strict);
    let mut starts = vec![(Rules::X25519, 1, 5), (Rules::X25519, 2, 5), (DEFAULT, 1, 3), (strict, 2, 3)];
    #[cfg(feature = "hybrid")]
    starts.push((Rules::HYBRID, 1, 4));
    for (rules, seed, depth) in starts {
        let mut told = 0;
        explore(rules, seed, depth, &mut told, &mut Vec::new());
        assert!(told >= 4 * depth, "{rules:?}: {told}");
    }
}

// The same with losses, messages and hours, deeper, at random.
#[test]
fn fa_40_long_stories_at_random_end_with_a_new_key() {
    for seed in 0..if std::env::var_os("SECRETCHAT_SLOW").is_some() { 1000 } else { 20 } {
        let mut dice = Seeded::new(seed + 1000);
        // Every other story in the one or the other profile whose keys are bound.
        let mut bound = EACH_PROFILE.into_iter().filter(|rules| rules.bind()).cycle();
        let rules = bound.nth(usize::try_from(seed / 2 % 2).unwrap()).unwrap();
        let mut world = World::ready(rules, seed);
        let mut story = Vec::new();
        for _ in 0..60 {
            let end = usize::from(dice.next_u64().is_multiple_of(2));
            let step = match dice.next_u64() % 20 {
                0..4 => Ask(end),
                4..9 => Deliver(end),
                9..12 => Refuse(end),
                12..14 => Lose(end),
                14..16 => Write(end),
                16 => Hour,
                17 => Acknowledge(end),
                _ => Again(end),
            };
            if world.step(step) {
                story.push(step);
            }
        }
        world.now += if seed % 2 == 0 { 31 * DAY } else { 0 };
        world.settle(&story);
    }
}

/// A peer that never resets its count: it asks for a key upon each message that it gets.
fn insatiable(rules: Rules) -> (Vec<u64>, Rekeyer, Chat) {
    let (mut peer, mut bob) = Rekeyer::meet(rules);
    let (begin, mut times) = (peer.now, Vec::new());
    peer.writes(&mut bob, "one text").unwrap();
    let mut told = peer.take(&mut bob);
    assert_eq!(told, ["one text"]);
    told = vec!["0: Noop".into()];
    while peer.now < begin + 60 * MINUTE {
        if told.iter().any(|told| told.ends_with("Noop")) {
            let number = times.len();
            assert!(number < 400, "no end");
            peer.asks(&mut bob, i64::try_from(number).unwrap() + 1, u8::try_from(number % 200).unwrap() + 1);
            // No request is ignored.
            assert!(peer.take(&mut bob).last().unwrap().ends_with("AcceptKey"));
            peer.commits(&mut bob);
            times.push(peer.now - begin);
            told = peer.take(&mut bob);
            assert_eq!(told[0], format!("Rekeyed {}", times.len()));
            continue;
        }
        // As a driver does it: an acknowledgement after a second, and what is due.
        peer.now += 1000;
        if bob.owes_acknowledgement() {
            bob.acknowledge(&mut peer.env()).unwrap();
        }
        if bob.poll_timeout().is_some_and(|at| at.as_millis() <= peer.now) {
            bob.handle_timeout(&mut peer.env());
        }
        told = peer.take(&mut bob);
    }
    (times, peer, bob)
}

#[test]
fn fa_54_a_peer_that_never_resets_its_count_is_answered_twice_in_ten_minutes() {
    for rules in EACH_PROFILE {
        let (times, ..) = insatiable(rules);
        assert!((6..=14).contains(&times.len()), "{rules:?}: {times:?}");
        let in_a_row = times.windows(3).map(|three| three[2] - three[0]).min().unwrap();
        assert!(in_a_row >= 10 * MINUTE, "{rules:?}: {times:?}");
    }
}

/// Two exchanges in a row: the Noop of the second is held back.
fn held(rules: Rules) -> (Rekeyer, Chat) {
    let (mut peer, mut bob) = Rekeyer::accepted(rules);
    peer.commits(&mut bob);
    assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "1: Noop"], "the first is confirmed at once");
    peer.asks(&mut bob, 7, 0x66);
    assert_eq!(peer.take(&mut bob), ["1: AcceptKey"]);
    peer.commits(&mut bob);
    assert_eq!(peer.take(&mut bob), ["Rekeyed 2"]);
    (peer, bob)
}

#[test]
fn fa_54_the_noop_comes_after_the_pause_also_after_a_restart() {
    for restarted in [false, true] {
        let (mut peer, mut bob) = held(Rules::X25519);
        if restarted {
            bob = peer.restart(&bob);
        }
        assert!(!bob.owes_acknowledgement());
        let due = bob.poll_timeout().unwrap().as_millis();
        assert_eq!(due, peer.now + 10 * MINUTE);
        peer.now = due - 1;
        bob.handle_timeout(&mut peer.env());
        assert_eq!(peer.take(&mut bob), [""; 0]);
        peer.now = due;
        bob.handle_timeout(&mut peer.env());
        assert_eq!(peer.take(&mut bob), ["2: Noop"]);
        assert!(bob.poll_timeout().is_none_or(|next| next.as_millis() > due), "and nothing is due at once again");
    }
}

#[test]
fn fa_54_whatever_the_user_says_takes_the_place_of_the_noop() {
    let (mut peer, mut bob) = held(Rules::X25519);
    bob.send(&Draft::text("under the new key"), &mut peer.env()).unwrap();
    assert_eq!(peer.take(&mut bob), ["2: text"]);
    peer.now += 11 * MINUTE;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(&mut bob), [""; 0]);
    // A key that is no longer young is confirmed at once.
    peer.asks(&mut bob, 9, 0x77);
    assert_eq!(peer.take(&mut bob), ["2: AcceptKey"]);
    peer.commits(&mut bob);
    assert_eq!(peer.take(&mut bob), ["Rekeyed 3", "3: Noop"]);
    assert_eq!(bob.rekey(&mut peer.env()), Err(Unavailable::RekeyInProgress.into()));
}
