//! What is asked for and sent again until it is proved, and that two ends at rest come to rest
//! (SPEC SEQ-11, SEQ-12, OUT-4, DRV-8, DRV-2, DRV-3).

use std::collections::VecDeque;
use std::time::Duration;

use rand_core::Rng;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{
    CallError, Chat, Config, DhGroup, Draft, Env, Event, Handled, Input, Invitation, Limits, Output, PeerPolicy,
    StoreKey, Timestamp, Transmit, TransmitId, TransmitKind,
};

use crate::support::forger::text;
use crate::support::pair::{self, NOW, Pair};
use crate::support::rekeyer::{EVERY, Rekeyer, Rules};
use crate::support::rng::Seeded;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// What the chat asks for now, as "Resend".
fn asks(peer: &mut Rekeyer, chat: &mut Chat) -> usize {
    peer.take(chat).iter().filter(|said| *said == "0: Resend").count()
}

/// Lets time pass until then, waking the chat when it wants to be woken; when it asked, in seconds from `from`.
fn asked_until(peer: &mut Rekeyer, chat: &mut Chat, from: u64, until: u64) -> Vec<u64> {
    let mut asked = vec![];
    while let Some(wakes) = chat.poll_timeout().map(Timestamp::as_millis).filter(|wakes| *wakes <= until) {
        assert!(wakes >= peer.now, "it wakes in the past");
        peer.now = wakes;
        chat.handle_timeout(&mut peer.env());
        for _ in 0..asks(peer, chat) {
            asked.push((peer.now - from) / SECOND);
        }
    }
    peer.now = until;
    asked
}

/// A chat of which the peer's slot `sent` is missing, and that has asked for it.
fn with_gap(rules: Rules) -> (Rekeyer, Chat, u64) {
    let mut policy = rules.renewal();
    (policy.age, policy.limit_age) = (Duration::from_secs(1 << 30), Duration::from_secs(1 << 30));
    let (mut peer, mut bob) = Rekeyer::meet_with(rules.config().map(|config| config.with_rekey(policy)), rules);
    peer.acknowledges = false;
    let early = peer.seal(peer.sent + 2, &text(1, "early"));
    assert_eq!(peer.gives(&mut bob, &early), Ok(Handled::Waiting));
    assert_eq!(asks(&mut peer, &mut bob), 1);
    let now = peer.now;
    (peer, bob, now)
}

#[test]
fn fa_06_a_gap_is_asked_for_again_while_it_stays() {
    for rules in EVERY {
        let (mut peer, mut bob, from) = with_gap(rules);
        assert_eq!(asked_until(&mut peer, &mut bob, from, from + HOUR), [30, 90, 210, 450, 930, 1890], "{rules:?}");
        // The records know it.
        let mut bob = peer.restart(&bob);
        assert_eq!(asked_until(&mut peer, &mut bob, from, from + 3 * HOUR), [3810, 7650]);
        // A pause is never longer than a day.
        let asked = asked_until(&mut peer, &mut bob, from, from + 30 * DAY);
        assert!(asked.windows(2).all(|two| two[1] - two[0] <= DAY / SECOND) && asked.len() >= 28, "{asked:?}");
        // Something of the gap comes: the rest has time again, then is asked for alone.
        let from = peer.now;
        let next = peer.seal(peer.sent, &text(2, "first of two"));
        assert_eq!(peer.gives(&mut bob, &next), Ok(Handled::Applied));
        assert_eq!(asks(&mut peer, &mut bob), 0);
        assert_eq!(asked_until(&mut peer, &mut bob, from, from + 100 * SECOND), [30, 90]);
        let last = peer.seal(peer.sent + 1, &text(3, "second of two"));
        assert_eq!(peer.gives(&mut bob, &last), Ok(Handled::Applied));
        assert_eq!(bob.counters().received, peer.sent.cast_unsigned() + 3);
        let from = peer.now;
        assert_eq!(asked_until(&mut peer, &mut bob, from, from + 30 * DAY), [0; 0]);
    }
}

#[test]
fn fa_06_a_refused_request_is_made_anew() {
    for rules in EVERY {
        let (mut peer, mut bob, from) = with_gap(rules);
        let id = peer.last_id.unwrap();
        let refused = Input::refused_for_good(id);
        assert_eq!(bob.handle(refused, &mut peer.env()), Ok(Handled::Applied));
        assert_eq!(peer.take(&mut bob), ["0: Noop"]);
        assert_eq!(asked_until(&mut peer, &mut bob, from, from + MINUTE), [30], "{rules:?}");
    }
}

#[test]
fn fa_06_an_old_request_is_made_anew_when_all_is_sent_again() {
    for rules in EVERY {
        let (mut peer, mut bob, _) = with_gap(rules);
        bob.retransmit(&mut peer.env());
        let made = bob.counters().sent;
        peer.take(&mut bob);
        // Hours later nothing has come, and the next request is not due.
        for _ in 0..9 {
            peer.now = bob.poll_timeout().unwrap().as_millis();
            bob.handle_timeout(&mut peer.env());
            peer.take(&mut bob);
        }
        assert_eq!(bob.counters().sent, made + 9);
        peer.now += 10 * MINUTE - 1;
        bob.retransmit(&mut peer.env());
        assert_eq!(bob.counters().sent, made + 9, "{rules:?}: not old yet");
        peer.now += 1;
        bob.retransmit(&mut peer.env());
        assert_eq!(bob.counters().sent, made + 10, "{rules:?}");
        // Each transmission once: what is new is not sent again at once.
        let outputs = pair::outputs(&mut bob);
        let slots: Vec<_> = outputs
            .iter()
            .filter_map(|output| match output {
                Output::Transmit(transmit) => Some(transmit.id),
                _ => None,
            })
            .skip_while(|id| id.0 < 16 + u64::from(made + 9))
            .collect();
        assert_eq!(slots.iter().filter(|id| id.0 == 16 + u64::from(made + 9)).count(), 1);
        outputs.into_iter().for_each(|output| drop(peer.take_one(output)));
        // A host that does so all the time fills no outbox.
        for _ in 0..1_000 {
            peer.now += 10 * MINUTE;
            bob.retransmit(&mut peer.env());
            peer.take(&mut bob);
        }
        assert!(bob.counters().sent < made + 50, "{rules:?}: {:?}", bob.counters());
    }
}

// SPEC SEQ-11: if fewer than 32 were made; from then on time alone asks.
#[test]
fn fa_06_a_gap_is_asked_for_32_times_when_all_is_sent_again() {
    for rules in EVERY {
        let (mut peer, mut bob, _) = with_gap(rules);
        let before = bob.counters().sent;
        for _ in 0..50 {
            peer.now += 10 * MINUTE;
            bob.retransmit(&mut peer.env());
            peer.take(&mut bob);
        }
        assert_eq!(bob.counters().sent - before + 1, 32, "{rules:?}: with the first");
    }
}

#[test]
fn fa_43_no_second_noop_while_one_is_not_taken_over() {
    for rules in EVERY {
        let mut limits = Limits::default();
        limits.outbox_messages = 8;
        let (mut peer, mut bob) = Rekeyer::meet_with(rules.config().map(|config| config.with_limits(limits)), rules);
        peer.acknowledges = false;
        let mut noops = 0;
        for _ in 0..50 {
            peer.writes(&mut bob, "text").unwrap();
            bob.acknowledge(&mut peer.env()).unwrap();
            noops += peer.take(&mut bob).iter().filter(|said| *said == "0: Noop").count();
        }
        assert_eq!(noops, 1, "{rules:?}");
        assert!(bob.owes_acknowledgement());
        let id = peer.last_id.unwrap();
        assert_eq!(bob.handle(Input::carried(id, None), &mut peer.env()), Ok(Handled::Applied));
        bob.acknowledge(&mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: Noop"]);
        assert!(!bob.owes_acknowledgement());
        bob.send(&Draft::text("there is room"), &mut peer.env()).unwrap();
    }
}

/// Two drivers and what lies between them.
struct Line {
    now: u64,
    rng: Seeded,
    dice: Seeded,
    ends: [Driver<MemoryStore>; 2],
    under_way: VecDeque<(usize, Transmit)>,
    receipts: VecDeque<(usize, TransmitId)>,
    heard: [usize; 2],
    sent: [usize; 2],
    /// Of how many in a hundred each transmission, and each receipt, is lost.
    lost: [u64; 2],
    /// The server takes everything over, whatever becomes of it.
    server: bool,
}

fn env(now: u64, rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_millis(now), rng)
}

impl Line {
    fn new(server: bool, limits: Limits, seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let mut configs = [("alice", "bob"), ("bob", "alice")].map(|(local, peer)| {
            let config = if server {
                Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Strict)
            } else {
                Config::x25519(local, peer).unwrap()
            };
            Some(config.with_limits(limits).with_store(StoreKey::new([3; 32])))
        });
        let alice = Chat::request(configs[0].take().unwrap(), &mut env(NOW, &mut rng)).unwrap();
        let mut alice = Driver::new(alice, MemoryStore::default());
        let TransmitKind::Request { public, .. } = transmits(&mut alice).remove(0).kind else { panic!() };
        let bob = Invitation::parse(&public, configs[1].take().unwrap()).unwrap();
        let mut bob = Driver::new(bob.accept(&mut env(NOW, &mut rng)).unwrap(), MemoryStore::default());
        let mut said = transmits(&mut bob);
        let TransmitKind::Accept { public, fingerprint, .. } = said.remove(0).kind else { panic!() };
        alice.handle(Input::accepted(&public, fingerprint), None, &mut env(NOW, &mut rng)).unwrap();
        Self {
            now: NOW,
            rng,
            dice: Seeded::new(!seed),
            ends: [alice, bob],
            under_way: said.into_iter().map(|transmit| (1, transmit)).collect(),
            receipts: VecDeque::new(),
            heard: [0; 2],
            sent: [0; 2],
            lost: [0; 2],
            server,
        }
    }

    fn loses(&mut self, what: usize) -> bool {
        self.dice.next_u64() % 100 < self.lost[what]
    }

    fn take_actions(&mut self, who: usize) {
        while let Some(action) = self.ends[who].next_action().unwrap() {
            match action {
                Action::Event(Event::Message(_)) => self.heard[who] += 1,
                Action::Event(event) => assert!(!matches!(event, Event::Closed { .. }), "{event:?}"),
                Action::Transmit(transmit) => {
                    self.sent[who] += 1;
                    if self.server {
                        self.receipts.push_back((who, transmit.id));
                    }
                    self.under_way.push_back((who, transmit));
                }
                Action::Receipt { id, .. } if !self.server => self.receipts.push_back((1 - who, id)),
                Action::Receipt { .. } | Action::Checkpoint(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn deliver(&mut self) {
        loop {
            if let Some((from, transmit)) = self.under_way.pop_front() {
                let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { continue };
                if !self.loses(0) {
                    let input = Input::ciphertext(bytes, None, None);
                    // What comes again under a key that was wiped meanwhile says nothing.
                    let _ = self.ends[1 - from].handle(input, Some(transmit.id), &mut env(self.now, &mut self.rng));
                    self.take_actions(1 - from);
                }
            } else if let Some((to, id)) = self.receipts.pop_front() {
                if !self.loses(1) {
                    self.carried(to, id);
                }
            } else {
                return;
            }
        }
    }

    fn carried(&mut self, to: usize, id: TransmitId) {
        self.ends[to].handle(Input::carried(id, None), None, &mut env(self.now, &mut self.rng)).unwrap();
        self.take_actions(to);
    }

    /// The next thing that is due, if that is before `until`.
    fn wait(&mut self, until: u64) -> bool {
        let next = self.ends.iter().filter_map(Driver::poll_timeout).min().map(Timestamp::as_millis);
        let Some(next) = next.filter(|next| *next < until) else {
            self.now = until;
            return false;
        };
        self.now = self.now.max(next);
        for who in 0..2 {
            self.ends[who].handle_timeout(&mut env(self.now, &mut self.rng)).unwrap();
            self.take_actions(who);
        }
        self.deliver();
        true
    }

    fn waits(&mut self, millis: u64) {
        let until = self.now + millis;
        while self.wait(until) {}
    }

    fn writes(&mut self, who: usize) -> Result<(), CallError> {
        let wrote = self.ends[who].send(&Draft::text("text"), &mut env(self.now, &mut self.rng)).map(drop);
        self.take_actions(who);
        wrote
    }
}

fn transmits(driver: &mut Driver<MemoryStore>) -> Vec<Transmit> {
    let actions = std::iter::from_fn(|| driver.next_action().unwrap());
    actions.filter_map(|action| if let Action::Transmit(transmit) = action { Some(transmit) } else { None }).collect()
}

#[test]
fn fa_43_two_drivers_at_rest_say_nothing_more() {
    for server in [false, true] {
        for seed in 0..if server { 6 } else { 40 } {
            let mut limits = Limits::default();
            limits.outbox_messages = [8, 16, 48, 1000][seed % 4];
            let mut line = Line::new(server, limits, u64::try_from(seed).unwrap());
            line.take_actions(0);
            line.deliver();
            // A server loses nothing that it took over.
            line.lost = if server { [0, 40] } else { [[20, 70], [50, 20], [0, 90], [0, 0]][seed / 4 % 4] };
            let mut written = [0; 2];
            for _ in 0..120 {
                let who = usize::from(line.dice.next_u64().is_multiple_of(4));
                if line.writes(who).is_ok() {
                    written[who] += 1;
                }
                if line.dice.next_u64().is_multiple_of(3) {
                    line.deliver();
                }
                let pause = line.dice.next_u64() % (4 * SECOND);
                line.waits(pause);
            }
            line.lost = [0, 0];
            line.waits(DAY);
            assert_eq!([line.heard[1], line.heard[0]], written, "{server} {seed}");
            let said = line.sent;
            // No key is due for six days.
            line.waits(5 * DAY);
            assert_eq!(line.sent, said, "{server} {seed}: something is said for ever");
            for who in [0, 1] {
                assert!(!line.ends[who].chat().awaits_transport(), "{server} {seed} {who}");
                line.writes(who).unwrap_or_else(|full| panic!("{server} {seed} {who}: {full:?}"));
            }
        }
    }
}

/// Alice's message, ready and quiet before, under way and lost.
fn quiet() -> Line {
    let mut line = Line::new(false, Limits::default(), 3);
    line.take_actions(0);
    line.deliver();
    line.waits(HOUR);
    assert!(line.ends.iter().all(|end| !end.chat().awaits_transport()));
    line
}

#[test]
fn fa_51_a_receipt_that_is_made_up_ends_no_repetition() {
    for forgers in [1, 2] {
        let mut line = quiet();
        line.writes(0).unwrap();
        let id = line.under_way.pop_front().unwrap().1.id;
        let mut repeated = 0;
        // Ten hours in which nothing arrives and every repetition, and every second, has its receipt.
        let until = line.now + 10 * HOUR;
        while line.now < until {
            for _ in 0..forgers {
                line.carried(0, id);
            }
            let wakes = line.ends[0].poll_timeout().unwrap().as_millis();
            line.now = if forgers == 1 { wakes } else { wakes.min(line.now + 10 * SECOND) };
            line.ends[0].handle_timeout(&mut env(line.now, &mut line.rng)).unwrap();
            line.take_actions(0);
            repeated += line.under_way.drain(..).filter(|(_, transmit)| transmit.id == id).count();
        }
        assert!((8..60).contains(&repeated), "{repeated}");
        // What the peer proves ends it.
        line.waits(DAY);
        assert_eq!(line.heard[1], 1);
        assert!(!line.ends[0].chat().awaits_transport());
    }
}

#[test]
fn fa_51_a_noop_that_was_lost_under_a_made_up_receipt_comes_again() {
    let mut line = quiet();
    line.writes(0).unwrap();
    line.deliver();
    assert_eq!(line.heard[1], 1);
    // Bob's acknowledgement is taken off the way, and a receipt for it is made up.
    line.now += 2 * SECOND;
    line.ends[1].handle_timeout(&mut env(line.now, &mut line.rng)).unwrap();
    line.take_actions(1);
    let (_, noop) = line.under_way.pop_front().unwrap();
    line.carried(1, noop.id);
    assert!(!line.ends[1].chat().awaits_transport() && line.ends[0].chat().awaits_transport());
    line.waits(HOUR);
    assert!(line.ends.iter().all(|end| !end.chat().awaits_transport()));
    let said = line.sent;
    line.waits(DAY);
    assert_eq!(line.sent, said);
}

// SPEC OUT-4: only a Noop is woken. A word rests after a receipt, and comes again by itself.
#[test]
fn what_comes_twice_wakes_no_word_that_rests() {
    let mut pair = Pair::ready();
    let old = pair.alice_sends("old");
    assert_eq!(pair.bob_gets(&old), Ok(Handled::Applied));
    pair.bob.send(&Draft::text("a word"), &mut env(NOW, &mut pair.rng)).unwrap();
    let id = transmit_of(&mut pair.bob);
    assert_eq!(pair.bob.handle(Input::carried(id, None), &mut env(NOW, &mut pair.rng)), Ok(Handled::Applied));
    pair::outputs(&mut pair.bob);
    assert_eq!(pair.bob_gets(&old), Ok(Handled::Duplicate));
    pair.bob.retransmit(&mut env(NOW, &mut pair.rng));
    assert_eq!(pair::all_sealed(&mut pair.bob).len(), 0);
}

// SPEC OUT-4: the next message of this end acknowledges all, so the old Noop says nothing more.
#[test]
fn what_comes_twice_wakes_no_noop_while_a_new_acknowledgement_is_owed() {
    for owed in [false, true] {
        let mut pair = Pair::ready();
        let old = pair.alice_sends("old");
        assert_eq!(pair.bob_gets(&old), Ok(Handled::Applied));
        pair.bob.acknowledge(&mut env(NOW, &mut pair.rng)).unwrap();
        let id = transmit_of(&mut pair.bob);
        assert_eq!(pair.bob.handle(Input::carried(id, None), &mut env(NOW, &mut pair.rng)), Ok(Handled::Applied));
        if owed {
            let new = pair.alice_sends("new");
            assert_eq!(pair.bob_gets(&new), Ok(Handled::Applied));
        }
        pair::outputs(&mut pair.bob);
        assert_eq!(pair.bob_gets(&old), Ok(Handled::Duplicate));
        pair.bob.retransmit(&mut env(NOW, &mut pair.rng));
        assert_eq!(pair::all_sealed(&mut pair.bob).len(), usize::from(!owed), "{owed}");
    }
}

/// The id of the one message that leaves.
fn transmit_of(chat: &mut Chat) -> TransmitId {
    let mut left = pair::outputs(chat).into_iter().filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.id),
        _ => None,
    });
    let id = left.next().unwrap();
    assert_eq!(left.next(), None);
    id
}

#[test]
fn fa_51_a_receipt_for_another_slot_loses_nothing() {
    let mut line = quiet();
    line.writes(0).unwrap();
    line.writes(0).unwrap();
    // The first is taken off the way; the second comes under its transmit id.
    let (_, first) = line.under_way.pop_front().unwrap();
    let (_, second) = line.under_way.pop_front().unwrap();
    line.under_way.push_back((0, Transmit { id: first.id, kind: second.kind }));
    line.deliver();
    line.waits(HOUR);
    assert_eq!(line.heard[1], 2);
    assert!(line.ends.iter().all(|end| !end.chat().awaits_transport()));
}

// SPEC DRV-3.
#[test]
fn fa_44_a_receipt_comes_after_the_batch_and_never_for_what_has_no_room() {
    let mut limits = Limits::default();
    limits.waiting_messages = 1;
    let mut line = Line::new(false, limits, 4);
    line.take_actions(0);
    line.deliver();
    for _ in 0..4 {
        line.writes(0).unwrap();
    }
    let sealed: Vec<Transmit> = line.under_way.drain(..).map(|(_, transmit)| transmit).collect();
    // The second waits, the third has no room, the first is applied and has the second follow.
    for (index, expected, receipt) in [
        (1, Handled::Waiting, true),
        (2, Handled::NoRoom, false),
        (1, Handled::Duplicate, true),
        (0, Handled::Applied, true),
    ] {
        let TransmitKind::Ciphertext { bytes, .. } = &sealed[index].kind else { panic!() };
        let input = Input::ciphertext(bytes, None, None);
        let before = line.ends[1].checkpoint();
        let id = sealed[index].id;
        assert_eq!(line.ends[1].handle(input, Some(id), &mut env(line.now, &mut line.rng)), Ok(expected));
        let actions: Vec<Action> = std::iter::from_fn(|| line.ends[1].next_action().unwrap()).collect();
        let receipts =
            actions.iter().filter(|action| matches!(action, Action::Receipt { id: given, .. } if *given == id)).count();
        assert_eq!(receipts, usize::from(receipt), "{expected:?}");
        if receipt {
            assert!(matches!(actions.last(), Some(Action::Receipt { .. })), "behind everything else: {actions:?}");
        }
        let batch = matches!(expected, Handled::Waiting | Handled::Applied);
        assert_eq!(line.ends[1].checkpoint() != before, batch);
        let written = actions.iter().position(|action| matches!(action, Action::Checkpoint(_)));
        assert_eq!(written.is_some(), batch, "{expected:?}: the batch is durable before the receipt");
    }
}
