//! Discards: the keys of every root, the count, what is missing, the note, the receipt (SPEC X25-6 to X25-11).

use std::collections::VecDeque;

use std::time::Duration;

use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::store::{Driver, MemoryStore, Store};
use secretchat::{
    Chat, ChatState, CloseReason, DiscardProof, Draft, Env, Event, Handled, History, Input, Invitation, Limits, Output,
    PeerFault, Records, RekeyState, Role, StoreKey, Timestamp, TransmitId, TransmitKind,
};

use crate::support::agreement::{self, Agreement};
use crate::support::forger::Forger;
use crate::support::pair::{self, NOW, Pair, ciphertext, discard_in, env, env_at, outputs};
use crate::support::rng::Seeded;
use crate::support::twin;

const HOUR: u64 = 60 * 60 * 1000;
const DAY: u64 = 24 * HOUR;

/// Two chats with records, and what each wants carried.
struct Two {
    pair: Pair,
    stores: [MemoryStore; 2],
    under_way: [VecDeque<Vec<u8>>; 2],
}

const ALICE: usize = 0;
const BOB: usize = 1;

impl Two {
    fn ready() -> Self {
        Self::ready_in(Agreement::X25519)
    }

    fn ready_in(agreement: Agreement) -> Self {
        let mut pair = Pair::asked(agreement, 5);
        let mut stores = [MemoryStore::default(), MemoryStore::default()];
        take(&mut pair.alice, &mut stores[ALICE]);
        pair.alice.retransmit(&mut env(&mut pair.rng));
        let public = pair.request();
        let invitation = Invitation::parse(&public, Pair::bob_in(agreement)).unwrap();
        pair.bob = invitation.accept(&mut env(&mut pair.rng)).unwrap();
        let (mut answer, mut name) = (Vec::new(), None);
        for output in outputs(&mut pair.bob) {
            match output {
                Output::Persist(batch) => stores[BOB].apply(&batch).unwrap(),
                Output::Transmit(transmit) => {
                    let TransmitKind::Accept { public, fingerprint, .. } = transmit.kind else { panic!() };
                    (answer, name) = (public, Some(fingerprint));
                }
                _ => {}
            }
        }
        let input = Input::accepted(&answer, name.unwrap());
        pair.alice.handle(input, &mut env(&mut pair.rng)).unwrap();
        let mut two = Self { pair, stores, under_way: Default::default() };
        two.deliver_all();
        assert_eq!(two.pair.bob.state(), ChatState::Ready);
        two
    }

    fn chat(&mut self, end: usize) -> (&mut Chat, &mut Seeded) {
        (if end == ALICE { &mut self.pair.alice } else { &mut self.pair.bob }, &mut self.pair.rng)
    }

    fn poll(&mut self, end: usize) -> Vec<Event> {
        let Self { pair, stores, under_way } = self;
        let chat = if end == ALICE { &mut pair.alice } else { &mut pair.bob };
        let mut events = Vec::new();
        for output in outputs(chat) {
            match output {
                Output::Event(event) => events.push(event),
                Output::Persist(batch) => stores[end].apply(&batch).unwrap(),
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                        under_way[end].push_back(bytes);
                    }
                }
                _ => {}
            }
        }
        events
    }

    fn deliver(&mut self, from: usize) -> Handled {
        self.poll(from);
        let sealed = self.under_way[from].pop_front().unwrap();
        let (chat, rng) = self.chat(1 - from);
        let handled = chat.handle(ciphertext(&sealed), &mut env(rng)).unwrap();
        self.poll(1 - from);
        handled
    }

    fn deliver_all(&mut self) {
        loop {
            self.poll(ALICE);
            self.poll(BOB);
            let Some(from) = (0..2).find(|end| !self.under_way[*end].is_empty()) else { return };
            self.deliver(from);
        }
    }

    fn says(&mut self, end: usize, text: &str) {
        let (chat, rng) = self.chat(end);
        chat.send(&Draft::text(text), &mut env(rng)).unwrap();
        self.poll(end);
    }

    fn acknowledges(&mut self, end: usize) {
        let (chat, rng) = self.chat(end);
        chat.acknowledge(&mut env(rng)).unwrap();
        self.poll(end);
    }

    fn asks(&mut self, end: usize) {
        let (chat, rng) = self.chat(end);
        chat.rekey(&mut env(rng)).unwrap();
        self.poll(end);
    }

    fn records(&mut self, end: usize) -> Records {
        let id = self.chat(end).0.id().unwrap();
        self.stores[end].load(id).unwrap().unwrap()
    }

    /// What an end that these records bring back says when it closes.
    fn discard_from(&mut self, records: &Records, end: usize, history: History) -> DiscardProof {
        let key = if end == ALICE { [1; 32] } else { pair::BOBS_STORE_KEY };
        let mut chat = Chat::restore(records, &StoreKey::new(key), None, &mut env(&mut self.pair.rng)).unwrap();
        chat.close(history, &mut env(&mut self.pair.rng));
        discard_in(&outputs(&mut chat)).1
    }

    fn closes(&mut self, end: usize, history: History) -> DiscardProof {
        let (chat, rng) = self.chat(end);
        chat.close(history, &mut env(rng));
        discard_in(&outputs(chat)).1
    }

    fn hears(&mut self, end: usize, history: History, proof: DiscardProof) -> Result<Handled, PeerFault> {
        let (chat, rng) = self.chat(end);
        chat.handle(Input::discarded(history, Some(proof)), &mut env(rng))
    }
}

fn take(chat: &mut Chat, store: &mut MemoryStore) {
    for output in outputs(chat) {
        if let Output::Persist(batch) = output {
            store.apply(&batch).unwrap();
        }
    }
}

/// Why the chat is over, what is missing, and whether the peer was set back.
fn told(chat: &mut Chat) -> (CloseReason, History, Option<u32>, bool) {
    outputs(chat)
        .into_iter()
        .find_map(|output| match output {
            Output::Event(Event::Closed { reason, history, missing, set_back, .. }) => {
                Some((reason, history, missing, set_back))
            }
            _ => None,
        })
        .unwrap()
}

// SPEC X25-8, X25-9: an attacker with the first root could end the chat after any number of rekeys.
#[test]
fn fa_48_a_key_of_an_old_root_ends_the_chat_only_while_it_is_held() {
    twin::unchanged(|twin| {
        let (mut two, old_of_alice, old_of_bob) = after_a_rekey(ALICE);
        for (end, old) in [(BOB, old_of_alice), (ALICE, old_of_bob)] {
            let chat = if end == ALICE { &mut two.pair.alice } else { &mut two.pair.bob };
            twin.bad(chat, |chat, env| {
                let input = Input::discarded(History::Delete, Some(old));
                assert_eq!(chat.handle(input, env), Err(PeerFault::NotAuthentic));
            });
            twin.compare(chat);
        }
    });
}

// The same end under its newest root.
#[test]
fn fa_48_a_discard_is_proved_under_the_root_of_today() {
    for asks in [ALICE, BOB] {
        let (mut two, old_of_alice, _) = after_a_rekey(asks);
        let proof = two.closes(ALICE, History::Delete);
        assert_ne!(proof.mac, old_of_alice.mac);
        assert_eq!(two.hears(BOB, History::Delete, proof), Ok(Handled::ChatClosed));
        assert_eq!(told(&mut two.pair.bob).0, CloseReason::ByPeer);
    }
}

/// Both ends have wiped the first key; what each would have said under it.
fn after_a_rekey(asks: usize) -> (Two, DiscardProof, DiscardProof) {
    let mut two = Two::ready();
    let (alices, bobs) = (two.records(ALICE), two.records(BOB));
    let olds = (two.discard_from(&alices, ALICE, History::Delete), two.discard_from(&bobs, BOB, History::Delete));
    two.asks(asks);
    two.deliver_all();
    for end in [ALICE, BOB, ALICE, BOB] {
        two.acknowledges(end);
        two.deliver_all();
    }
    assert_eq!(two.pair.alice.rekeys(), 1);
    assert!(two.pair.alice.check().is_some() && two.pair.bob.check().is_some(), "no old key is kept");
    (two, olds.0, olds.1)
}

// SPEC X25-8, the rows of the answerer and of the starter, and X25-9: at every step of an exchange.
#[test]
fn fa_48_a_discard_is_taken_at_each_step_of_an_exchange() {
    // How many messages of the exchange arrived, in the order RequestKey, AcceptKey, CommitKey, Noop, Noop.
    for (arrived, agreement) in (0..6).flat_map(|arrived| agreement::EVERY.iter().map(move |of| (arrived, *of))) {
        for closes in [ALICE, BOB] {
            let mut two = Two::ready_in(agreement);
            two.asks(ALICE);
            for step in 0..arrived {
                if step == 4 {
                    two.acknowledges(ALICE);
                }
                two.deliver(if step % 2 == 0 { ALICE } else { BOB });
            }
            let other = 1 - closes;
            let (made, processed) = (two.chat(closes).0.counters().sent, two.chat(other).0.counters().received);
            let proof = two.closes(closes, History::Keep);
            assert_eq!(proof.sent, made);
            assert_eq!(two.hears(other, History::Keep, proof), Ok(Handled::ChatClosed), "{arrived} {closes}");
            assert_eq!(told(two.chat(other).0), (CloseReason::ByPeer, History::Keep, Some(made - processed), false));
            // And each believes the other's receipt, whatever root that was at (SPEC X25-11).
            let receipt = two.chat(other).0.discard_receipt().unwrap();
            let (chat, rng) = two.chat(closes);
            assert!(chat.awaits_transport());
            let input = Input::discard_receipt(Some(&receipt));
            assert_eq!(chat.handle(input, &mut env(rng)), Ok(Handled::Applied), "{arrived} {closes}");
            assert!(!chat.awaits_transport());
        }
    }
}

// SPEC X25-8: CommitKey was lost, and the Discard comes under the key that only it would have brought.
#[test]
fn fa_48_a_discard_under_the_candidate_is_taken_and_moves_nothing() {
    let mut two = Two::ready();
    let alices = two.records(ALICE);
    let before = two.discard_from(&alices, ALICE, History::Keep);
    two.asks(ALICE);
    two.deliver(ALICE);
    two.deliver(BOB);
    assert!(matches!(two.pair.bob.rekey_state(), RekeyState::Accepted { .. }));
    assert_eq!(two.pair.alice.rekeys(), 1);
    let proof = two.closes(ALICE, History::Keep);
    // RequestKey and CommitKey were made since.
    assert_eq!(proof.sent, before.sent + 2);
    assert_eq!(two.hears(BOB, History::Keep, proof), Ok(Handled::ChatClosed));
    assert_eq!(told(&mut two.pair.bob), (CloseReason::ByPeer, History::Keep, Some(1), false), "CommitKey is missing");
    assert_eq!(two.pair.bob.rekeys(), 0);
}

// SPEC X25-9.
#[test]
fn fa_48_one_s_own_proof_never_fits_nor_one_without_its_own_count() {
    twin::unchanged(|twin| {
        let (forger, mut bob) = Forger::meet();
        outputs(&mut bob);
        let (own, peer) = (forger.discard_keys().of(Role::Responder), forger.discard_keys().of(Role::Initiator));
        let mut attempts = vec![DiscardProof { sent: 0, mac: own.prove(false, 0) }];
        // A count that no end reaches, rightly proved; and proofs of other counts.
        for sent in [1 << 30, u32::MAX] {
            attempts.push(DiscardProof { sent, mac: peer.prove(false, sent) });
        }
        for bit in 0..32 {
            attempts.push(DiscardProof { sent: 1 << bit, mac: peer.prove(false, 0) });
        }
        attempts.push(DiscardProof { sent: 0, mac: peer.prove(true, 0) });
        attempts.push(DiscardProof { sent: 0, mac: peer.receipt() });
        twin.bad(&mut bob, |bob, env| {
            for proof in attempts {
                let input = Input::discarded(History::Keep, Some(proof));
                assert_eq!(bob.handle(input, env), Err(PeerFault::NotAuthentic), "{}", proof.sent);
            }
        });
        twin.compare(&mut bob);
    });
}

#[test]
fn fa_49_the_largest_count_is_taken() {
    let (forger, mut bob) = Forger::meet();
    let sent = (1 << 30) - 1;
    let mac = forger.discard_keys().of(Role::Initiator).prove(false, sent);
    let input = Input::discarded(History::Keep, Some(DiscardProof { sent, mac }));
    assert_eq!(bob.handle(input, &mut env(&mut Seeded::new(1))), Ok(Handled::ChatClosed));
    assert_eq!(told(&mut bob), (CloseReason::ByPeer, History::Keep, Some(sent), false));
}

// SPEC X25-9: a Discard overtook three messages, and a fourth waits for its turn.
#[test]
fn fa_49_the_event_says_how_many_messages_are_missing() {
    for lost in 0..4 {
        let mut two = Two::ready();
        for text in 0..4 {
            two.says(ALICE, &text.to_string());
        }
        // The last one came before the lost ones.
        let last = two.under_way[ALICE].pop_back().unwrap();
        for _ in lost..3 {
            assert_eq!(two.deliver(ALICE), Handled::Applied);
        }
        let (bob, rng) = two.chat(BOB);
        let handled = bob.handle(ciphertext(&last), &mut env(rng));
        assert_eq!(handled, Ok(if lost == 0 { Handled::Applied } else { Handled::Waiting }));
        two.poll(BOB);
        let proof = two.closes(ALICE, History::Delete);
        assert_eq!(two.hears(BOB, History::Delete, proof), Ok(Handled::ChatClosed));
        let missing = if lost == 0 { 0 } else { lost + 1 };
        assert_eq!(told(&mut two.pair.bob), (CloseReason::ByPeer, History::Delete, Some(missing), false));
    }
}

// SPEC X25-9: an older copy of the same end closes.
#[test]
fn fa_49_a_peer_that_was_set_back_is_told_so() {
    let mut two = Two::ready();
    two.says(ALICE, "before");
    let older = two.records(ALICE);
    let proof = two.discard_from(&older, ALICE, History::Delete);
    two.says(ALICE, "one");
    two.says(ALICE, "two");
    assert_eq!(proof.sent, 2);

    // Everything arrived: the older copy knows of two messages less.
    let mut whole = Two::ready();
    for text in ["before", "one", "two"] {
        whole.says(ALICE, text);
    }
    whole.deliver_all();
    assert_eq!(whole.hears(BOB, History::Delete, proof), Ok(Handled::ChatClosed));
    assert_eq!(told(&mut whole.pair.bob), (CloseReason::ByPeer, History::Delete, Some(0), true));

    // Only the newest arrived and waits: two are missing of those that the copy knows, NotifyLayer having come.
    let newest = two.under_way[ALICE].pop_back().unwrap();
    let (bob, rng) = two.chat(BOB);
    assert_eq!(bob.handle(ciphertext(&newest), &mut env(rng)), Ok(Handled::Waiting));
    two.poll(BOB);
    assert_eq!(two.hears(BOB, History::Delete, proof), Ok(Handled::ChatClosed));
    assert_eq!(told(&mut two.pair.bob), (CloseReason::ByPeer, History::Delete, Some(1), true));
}

/// Two drivers, a line between them that carries encoded frames, and a clock that moves from one duty to the next.
struct Line {
    now: u64,
    rng: Seeded,
    ends: [Option<Driver<MemoryStore>>; 2],
    under_way: VecDeque<(usize, Vec<u8>)>,
    /// How many frames each end has sent.
    frames: [usize; 2],
    events: [Vec<Event>; 2],
}

const TAG: ChatTag = ChatTag([9; 16]);

impl Line {
    fn new() -> Self {
        let mut rng = Seeded::new(11);
        let alice = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
        let ends = [Some(Driver::new(alice, MemoryStore::default())), None];
        let (frames, events) = ([0; 2], Default::default());
        Self { now: NOW, rng, ends, under_way: VecDeque::new(), frames, events }
    }

    fn ready() -> Self {
        let mut line = Self::new();
        line.run(60_000, |_, _| true);
        assert!((0..2).all(|end| line.state(end) == ChatState::Ready));
        line
    }

    fn state(&self, end: usize) -> ChatState {
        self.ends[end].as_ref().unwrap().chat().state()
    }

    fn take(&mut self, end: usize) {
        while let Some(action) = self.ends[end].as_mut().and_then(|driver| driver.next_action().unwrap()) {
            if let Some(frame) = action.frame().unwrap() {
                self.under_way.push_back((end, encode(TAG, &frame).unwrap()));
                self.frames[end] += 1;
            }
            if let secretchat::store::Action::Event(event) = action {
                self.events[end].push(event);
            }
        }
    }

    /// Delivers what `passes`, until nothing is under way.
    fn deliver(&mut self, mut passes: impl FnMut(usize, &Frame<'_>) -> bool) {
        loop {
            self.take(ALICE);
            self.take(BOB);
            let Some((from, bytes)) = self.under_way.pop_front() else { return };
            let (_, frame) = decode_one(&bytes).unwrap();
            if !passes(from, &frame) {
                continue;
            }
            let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
            match (&mut self.ends[1 - from], &frame) {
                (Some(driver), _) => drop(driver.handle_frame(&frame, &mut env)),
                (none, Frame::Request { public }) => {
                    let bob = Invitation::parse(public, Pair::bob_config()).unwrap().accept(&mut env).unwrap();
                    *none = Some(Driver::new(bob, MemoryStore::default()));
                }
                _ => {}
            }
        }
    }

    fn run(&mut self, millis: u64, mut passes: impl FnMut(usize, &Frame<'_>) -> bool) {
        let end = self.now + millis;
        loop {
            self.deliver(&mut passes);
            let next = self.ends.iter().flatten().filter_map(Driver::poll_timeout).min();
            let Some(next) = next.map(Timestamp::as_millis).filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            for driver in self.ends.iter_mut().flatten() {
                if driver.poll_timeout().is_some_and(|at| at.as_millis() <= self.now) {
                    let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
                    driver.handle_timeout(&mut env).unwrap();
                }
            }
        }
        self.now = end;
    }

    fn close(&mut self, end: usize, history: History) {
        let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
        self.ends[end].as_mut().unwrap().close(history, &mut env);
    }

    fn restart(&mut self, end: usize) {
        let mut driver = self.ends[end].take().unwrap();
        let id = driver.chat().id().unwrap();
        let key = if end == ALICE { [1; 32] } else { pair::BOBS_STORE_KEY };
        let store = std::mem::take(driver.store_mut());
        let mut env = Env::new(Timestamp::from_millis(self.now), &mut self.rng);
        self.ends[end] = Driver::restore(store, id, &StoreKey::new(key), None, &mut env).ok();
    }

    /// How many frames both send in the next `days`.
    fn frames_in(&mut self, days: u64, passes: impl FnMut(usize, &Frame<'_>) -> bool) -> usize {
        let before: usize = self.frames.iter().sum();
        self.run(days * DAY, passes);
        self.frames.iter().sum::<usize>() - before
    }
}

// SPEC X25-10: the initiator closed before the acceptance came.
#[test]
fn fa_42_closing_before_the_acceptance_arrives_comes_to_rest() {
    for restarts in [false, true] {
        let mut line = Line::new();
        line.deliver(|_, frame| !matches!(frame, Frame::Accept { .. }));
        assert_eq!((line.state(ALICE), line.state(BOB)), (ChatState::Requested, ChatState::Accepted));
        line.close(ALICE, History::Delete);
        line.run(HOUR, |_, _| true);
        assert_eq!(line.state(BOB), ChatState::Accepted, "noted, not believed");
        let after_an_hour = line.frames;
        if restarts {
            line.restart(BOB);
        }
        line.run(DAY - 2 * HOUR, |_, _| true);
        assert_eq!(line.frames, after_an_hour, "both rest");
        assert_eq!(line.state(BOB), ChatState::Accepted);
        line.run(2 * HOUR, |_, _| true);
        assert_eq!(line.state(BOB), ChatState::Closed(CloseReason::Unproved));
        let over = line.events[BOB].last().unwrap();
        assert!(
            matches!(
                over,
                Event::Closed {
                    reason: CloseReason::Unproved,
                    history: History::Keep,
                    missing: None,
                    set_back: false,
                    ..
                }
            ),
            "{over:?}"
        );
        let all: usize = line.frames.iter().sum();
        assert!(all <= 8, "{:?}", line.frames);
        assert_eq!(line.frames_in(30, |_, _| true), 0, "and for ever");
    }
}

// SPEC X25-10: the host sets the patience, and the wait goes on over a restart.
#[test]
fn fa_42_the_patience_is_the_host_s_and_time_off_counts() {
    let limits = || {
        let mut limits = Limits::default();
        limits.discard_patience = Duration::from_secs(100);
        limits
    };
    let mut rng = Seeded::new(3);
    let mut alice = Chat::request(Pair::alice_config(), &mut env(&mut rng)).unwrap();
    let mut store = MemoryStore::default();
    let public = pair::request_of(&mut alice);
    let config = Pair::bob_config().map(|config| config.with_limits(limits()));
    let mut bob = Invitation::parse(&public, config).unwrap().accept(&mut env(&mut rng)).unwrap();
    take(&mut bob, &mut store);
    let unproved = || Input::discarded(History::Delete, None);
    assert_eq!(bob.handle(unproved(), &mut env_at(1_000, &mut rng)), Ok(Handled::Applied));
    take(&mut bob, &mut store);
    // A second one moves nothing: who repeats it cannot put the end off.
    assert_eq!(bob.handle(unproved(), &mut env_at(60_000, &mut rng)), Ok(Handled::Duplicate));
    let records = store.load(bob.id().unwrap()).unwrap().unwrap();
    let key = StoreKey::new(pair::BOBS_STORE_KEY);
    let mut bob = Chat::restore(&records, &key, None, &mut env_at(90_000, &mut rng)).unwrap();
    assert_eq!(bob.poll_timeout(), Some(Timestamp::from_millis(NOW + 101_000)));
    bob.handle_timeout(&mut env_at(100_999, &mut rng));
    assert_eq!(bob.state(), ChatState::Accepted);
    bob.handle_timeout(&mut env_at(101_000, &mut rng));
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Unproved));
    let outputs = outputs(&mut bob);
    let (history, proof) = discard_in(&outputs);
    assert_eq!((history, proof.sent), (History::Keep, 0), "told, and proved");
    // The initiator that waits, if there is one, believes it.
    let input = Input::discarded(history, Some(proof));
    assert_eq!(alice.handle(input, &mut env_at(101_000, &mut rng)), Ok(Handled::ChatClosed));
    assert_eq!(alice.discard_receipt(), None);
    // It never had a key, so a plain receipt ends the repetition.
    let plain = Input::discard_receipt(None);
    assert_eq!(bob.handle(plain, &mut env_at(102_000, &mut rng)), Ok(Handled::Applied));
    assert!(!bob.awaits_transport());
}

// SPEC X25-10: somebody on the way makes the Discard up; the initiator is there all the time.
#[test]
fn fa_42_a_forged_note_costs_nothing() {
    let mut line = Line::new();
    line.deliver(|_, frame| !matches!(frame, Frame::Accept { .. }));
    line.under_way.push_back((ALICE, encode(TAG, &Frame::Discard { history: History::Delete, proof: None }).unwrap()));
    // Its Receipt goes to the true initiator, which has no Discard under way.
    let mut accepts = 0;
    line.run(10 * 60_000, |_, frame| {
        accepts += usize::from(matches!(frame, Frame::Accept { .. }));
        true
    });
    assert_eq!((line.state(ALICE), line.state(BOB)), (ChatState::Ready, ChatState::Ready));
    assert_eq!(accepts, 1, "in answer to the Request");
    line.run(3 * DAY, |_, _| true);
    assert_eq!((line.state(ALICE), line.state(BOB)), (ChatState::Ready, ChatState::Ready), "the note is gone");
    // Once something authentic came, an unproved one is refused.
    let mut env = Env::new(Timestamp::from_millis(line.now), &mut line.rng);
    let bob = line.ends[BOB].as_mut().unwrap();
    let forged = Frame::Discard { history: History::Delete, proof: None };
    assert_eq!(bob.handle_frame(&forged, &mut env), Err(PeerFault::NotAuthentic));
    assert!(bob.next_action().unwrap().is_none(), "and has no receipt");
}

// SPEC X25-11, DRV-2.
#[test]
fn fa_51_only_the_peer_s_own_receipt_ends_the_repetition() {
    let mut line = Line::ready();
    let mut other = Pair::ready_with_seed(99);
    other.alice.close(History::Keep, &mut env(&mut other.rng));
    let foreign = other.alice.discard_receipt().unwrap();
    line.close(ALICE, History::Keep);
    // The Discard is lost, and somebody says that it was not.
    line.deliver(|_, frame| !matches!(frame, Frame::Discard { .. }));
    let alice = line.ends[ALICE].as_mut().unwrap();
    let own = alice.chat().discard_receipt().unwrap();
    let mut env = Env::new(Timestamp::from_millis(line.now), &mut line.rng);
    let plain = Frame::Receipt { transmit_id: TransmitId::DISCARD, proof: None };
    assert_eq!(alice.handle_frame(&plain, &mut env), Ok(Handled::Ignored));
    assert_eq!(alice.handle(Input::carried(TransmitId::DISCARD, None), None, &mut env), Ok(Handled::Ignored));
    for forged in [[0; 32], own, foreign] {
        let receipt = Frame::Receipt { transmit_id: TransmitId::DISCARD, proof: Some(forged) };
        assert_eq!(alice.handle_frame(&receipt, &mut env), Err(PeerFault::NotAuthentic));
    }
    assert!(alice.chat().awaits_transport());
    line.run(60_000, |_, _| true);
    assert_eq!(line.state(BOB), ChatState::Closed(CloseReason::ByPeer));
    assert!(!line.ends[ALICE].as_ref().unwrap().chat().awaits_transport());
    assert_eq!(line.frames_in(30, |_, _| true), 0);
}

// SPEC X25-11: the receipt was lost, and the closed end was restarted meanwhile.
#[test]
fn fa_51_a_closed_end_answers_a_late_discard() {
    let mut line = Line::ready();
    line.close(ALICE, History::Keep);
    line.run(1, |_, frame| !matches!(frame, Frame::Receipt { .. }));
    assert_eq!(line.state(BOB), ChatState::Closed(CloseReason::ByPeer));
    line.restart(BOB);
    line.restart(ALICE);
    assert!(line.ends[ALICE].as_ref().unwrap().chat().awaits_transport());
    line.run(60_000, |_, _| true);
    assert!(!line.ends[ALICE].as_ref().unwrap().chat().awaits_transport());
    assert_eq!(line.frames_in(10, |_, _| true), 0);
    // A forged one is answered as well: it says what is true.
    let forged = Frame::Discard { history: History::Delete, proof: Some(DiscardProof { sent: 7, mac: [1; 32] }) };
    line.under_way.push_back((ALICE, encode(TAG, &forged).unwrap()));
    let mut receipts = 0;
    line.deliver(|_, frame| {
        receipts += usize::from(matches!(frame, Frame::Receipt { proof: Some(_), .. }));
        true
    });
    assert_eq!(receipts, 1);
}

// SPEC X25-9, X25-11.
#[test]
fn fa_51_crossing_discards_come_to_rest_at_both_ends() {
    for lost in 0..8_u32 {
        let mut line = Line::ready();
        line.close(ALICE, History::Delete);
        line.close(BOB, History::Keep);
        // Of the first frames of each end some are lost.
        let mut seen = 0;
        line.run(DAY, |_, _| {
            seen += 1;
            seen > 3 || lost >> (seen - 1) & 1 == 0
        });
        for end in [ALICE, BOB] {
            assert_eq!(line.state(end), ChatState::Closed(CloseReason::ByUs));
            assert!(!line.ends[end].as_ref().unwrap().chat().awaits_transport(), "{lost:b} {end}");
        }
        assert_eq!(line.frames_in(30, |_, _| true), 0, "{lost:b}");
    }
}

// SPEC DRV-2: the peer is gone for good.
#[test]
fn fa_51_the_pause_between_discards_doubles_up_to_a_day() {
    let mut line = Line::ready();
    line.close(ALICE, History::Keep);
    let mut times = Vec::new();
    let from = line.now;
    for hour in 0..40 * 24 {
        let before = line.frames[ALICE];
        line.run(HOUR, |_, _| false);
        times.extend((before..line.frames[ALICE]).map(|_| hour));
    }
    assert_eq!(line.now, from + 40 * DAY);
    // 5 s doubled up to a day: 14 pauses are 5 * (2^14 - 1) s = 22.8 h, the 15th would be 22.8 h, the 16th a day.
    assert!((45..60).contains(&times.len()), "{}", times.len());
    let last = &times[times.len() - 10..];
    assert!(last.windows(2).all(|pair| pair[1] - pair[0] == 24), "{last:?}");
}

// DIS-10 of the restored: an end whose records are older than a completed rekey is refused, and says nothing.
#[test]
fn fa_48_an_end_that_was_set_back_past_a_rekey_neither_ends_nor_is_ended() {
    let mut two = Two::ready();
    let older = two.records(ALICE);
    two.asks(ALICE);
    two.deliver_all();
    for end in [ALICE, BOB, ALICE, BOB] {
        two.acknowledges(end);
        two.deliver_all();
    }
    let mut back = Chat::restore(&older, &StoreKey::new([1; 32]), None, &mut env(&mut two.pair.rng)).unwrap();
    let proof = two.closes(BOB, History::Keep);
    let input = Input::discarded(History::Keep, Some(proof));
    assert_eq!(back.handle(input, &mut env(&mut two.pair.rng)), Err(PeerFault::NotAuthentic));
    assert_eq!(back.state(), ChatState::Ready);
    assert!(outputs(&mut back).is_empty());
}
