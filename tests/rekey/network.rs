//! New keys at random moments from both ends, over a network that loses, repeats and reorders, with restarts: nothing
//! is lost, nothing gets stuck, and a wiped key or the secret of a request that is over is in no record (SPEC REKEY-1 to
//! REKEY-5, HYB-6, HYB-7).

use std::collections::BTreeSet;

use rand_core::Rng;
use recordings::{Faults, Network};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    CallError, Chat, ChatState, Config, Draft, Env, Event, Handled, Input, Invitation, KeyFingerprint, Limits, Notice,
    Output, PeerFault, RandomId, RekeyFailure, RekeyPolicy, RekeyState, Start, StoreKey, Timestamp, Transmit,
    TransmitId, TransmitKind, Unavailable,
};

use crate::support::agreement;
use crate::support::key_watch::KeyWatch;
use crate::support::leaving::Leaving;
use crate::support::rng::Seeded;

const STORE_KEY: [u8; 32] = [9; 32];
const HOUR: u64 = 60 * 60 * 1000;

struct Side {
    chat: Chat,
    store: MemoryStore,
    watch: KeyWatch,
    rng: Seeded,
    written: Vec<(RandomId, String)>,
    /// Of those, what its own user deleted or the transport refused for good.
    gone: BTreeSet<RandomId>,
    refused: BTreeSet<RandomId>,
    heard: Vec<(RandomId, String)>,
    acknowledged: Vec<RandomId>,
    rekeyed: u32,
    failures: Vec<RekeyFailure>,
    leaving: Leaving,
    /// What has come to the peer, at least once.
    arrived: BTreeSet<TransmitId>,
}

impl Side {
    fn new(chat: Chat, rng: Seeded) -> Self {
        let mut side = Self {
            chat,
            store: MemoryStore::default(),
            watch: KeyWatch::new(StoreKey::new(STORE_KEY)),
            rng,
            written: vec![],
            gone: BTreeSet::new(),
            refused: BTreeSet::new(),
            heard: vec![],
            acknowledged: vec![],
            rekeyed: 0,
            failures: vec![],
            leaving: Leaving::default(),
            arrived: BTreeSet::new(),
        };
        side.drain();
        side
    }

    /// A call of the chat, and what it asks for.
    fn call<R>(&mut self, now: u64, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> R {
        let result = call(&mut self.chat, &mut Env::new(Timestamp::from_millis(now), &mut self.rng));
        self.drain();
        result
    }

    fn drain(&mut self) {
        while let Some(output) = self.chat.poll_output() {
            match output {
                Output::Persist(batch) => {
                    self.store.apply(&batch).unwrap();
                    self.watch.apply(&batch);
                }
                Output::Transmit(transmit) => self.leaving.push(transmit),
                Output::Event(event) => self.hear(event),
                other => panic!("{other:?}"),
            }
        }
        let kept = self.watch.kept();
        assert!(kept.keys() <= 3, "{kept:?}");
        assert_eq!(kept.current.map(KeyFingerprint::from_bytes), self.chat.key_fingerprint());
        let exchange = match self.chat.rekey_state() {
            RekeyState::Idle => 0,
            RekeyState::Requested { .. } => 1,
            RekeyState::Asked { .. } => 2,
            RekeyState::Accepted { fingerprint, .. } => {
                assert_eq!(kept.candidate.map(KeyFingerprint::from_bytes), Some(fingerprint));
                3
            }
            RekeyState::Answered { .. } => 4,
            other => panic!("{other:?}"),
        };
        assert_eq!(kept.exchange, exchange);
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Message(message) => self.heard.push((message.random_id, message.content.text)),
            Event::Acknowledged { random_ids, .. } => self.acknowledged.extend(random_ids),
            Event::Rekeyed { rekeys, .. } => {
                self.rekeyed += 1;
                assert_eq!(rekeys, self.rekeyed, "each new key is told once");
            }
            Event::RekeyFailed { reason, .. } => self.failures.push(reason),
            Event::Failed { random_id, .. } => {
                self.gone.insert(random_id);
                self.refused.insert(random_id);
            }
            // Honest repeats from before a new key look like a rollback after a restart (SPEC REC-8).
            Event::RollbackSuspected
            | Event::ActionFailed { .. }
            | Event::Ready { .. }
            | Event::PeerLayer { .. }
            | Event::Sent { .. }
            | Event::Deleted { .. } => {}
            other => panic!("{other:?}"),
        }
    }

    fn restart(&mut self, now: u64) {
        let records = self.store.load(self.chat.id().unwrap()).unwrap().unwrap();
        self.watch.check_all(&records);
        let checkpoint = self.chat.checkpoint();
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        let chat = Chat::restore(&records, &StoreKey::new(STORE_KEY), checkpoint, &mut env).unwrap();
        assert_eq!(chat.rekey_state(), self.chat.rekey_state());
        self.chat = chat;
        self.drain();
    }
}

/// What the network does until it delivers again.
const FAULTS: Faults = Faults { lost: 20, repeated: 15, damaged: 0, delay: 3_000 };

/// What happened: a test in which this never happens tests nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    rekeys: u32,
    crossed: u32,
    under_wiped: u32,
    emptied: u32,
    refused: u32,
    restarts_in_exchange: u32,
    three_keys: u32,
    full: u32,
}

struct Talk {
    tally: Tally,
    now: u64,
    dice: Seeded,
    sides: [Side; 2],
    network: Network<Transmit>,
    written: usize,
    reliable: bool,
    /// The transport refuses some messages for good.
    refuses: bool,
}

/// Keys are due early, or nearly always on request; and an outbox may be small.
fn with_seed(config: Config, mut policy: RekeyPolicy, seed: u64) -> Start {
    (policy.initiator_messages, policy.responder_messages) = if seed.is_multiple_of(2) { (60, 70) } else { (10, 13) };
    // Both ends must be far from this all the time.
    policy.limit_messages = 400;
    let mut limits = Limits::default();
    if seed.is_multiple_of(4) {
        limits.outbox_messages = 12;
    }
    config.with_rekey(policy).with_limits(limits).with_store(StoreKey::new(STORE_KEY))
}

impl Talk {
    /// Two ends that have just agreed on their first key.
    fn new(configs: [Config; 2], policy: RekeyPolicy, seed: u64) -> Self {
        let [alice, bob] = configs.map(|config| with_seed(config, policy, seed));
        let now = 1_700_000_000_000;
        let (mut alice_rng, mut bob_rng) = (Seeded::new(3 * seed + 1), Seeded::new(3 * seed + 2));
        let alice = Chat::request(alice, &mut Env::new(Timestamp::from_millis(now), &mut alice_rng)).unwrap();
        let mut alice = Side::new(alice, alice_rng);
        let TransmitKind::Request { public, .. } = alice.leaving.take().remove(0).kind else { panic!() };
        let bob = Invitation::parse(&public, bob).unwrap();
        let bob = bob.accept(&mut Env::new(Timestamp::from_millis(now), &mut bob_rng)).unwrap();
        let mut bob = Side::new(bob, bob_rng);
        let TransmitKind::Accept { public, fingerprint, .. } = bob.leaving.take().remove(0).kind else { panic!() };
        let accepted = Input::accepted(&public, fingerprint);
        alice.call(now, |chat, env| chat.handle(accepted, env)).unwrap();
        Self {
            tally: Tally::default(),
            now,
            dice: Seeded::new(3 * seed),
            sides: [alice, bob],
            network: Network::new(3 * seed, FAULTS),
            written: 0,
            reliable: false,
            refuses: seed.is_multiple_of(3),
        }
    }

    /// Hands what the ends want carried to the talk.
    fn post(&mut self) {
        for from in 0..2 {
            for transmit in self.sides[from].leaving.take() {
                if !self.reliable && self.refuses && self.dice.below(1_000) < 3 && self.never_left(from, transmit.id) {
                    self.tally.refused += 1;
                    let refused = Input::refused_for_good(transmit.id);
                    let now = self.now;
                    self.sides[from].call(now, |chat, env| chat.handle(refused, env)).unwrap();
                    continue;
                }
                self.network.post(from, transmit, self.now);
            }
        }
    }

    /// The transport never had it, nor any other ciphertext of its slot.
    fn never_left(&self, from: usize, id: TransmitId) -> bool {
        let under_way = self.network.under_way(from).any(|transmit| transmit.id == id);
        !under_way && !self.sides[from].arrived.contains(&id)
    }

    /// Delivers what is due, in the order of time.
    fn deliver(&mut self) {
        loop {
            self.post();
            let Some(parcel) = self.network.arrive(self.now) else { return };
            self.arrive(parcel.from, parcel.load);
        }
    }

    fn arrive(&mut self, from: usize, transmit: Transmit) {
        let now = self.now;
        let to = &mut self.sides[1 - from];
        match transmit.kind {
            TransmitKind::Accept { public, fingerprint, .. } => {
                let input = Input::accepted(&public, fingerprint);
                to.call(now, |chat, env| chat.handle(input, env)).unwrap();
                return;
            }
            TransmitKind::Ciphertext { bytes, .. } => {
                let input = Input::ciphertext(&bytes, None, None);
                match to.call(now, |chat, env| chat.handle(input, env)) {
                    Ok(handled) => {
                        assert_ne!(handled, Handled::ChatClosed, "{:?}", to.chat.state());
                        if handled == Handled::NoRoom {
                            return;
                        }
                    }
                    Err(fault) => {
                        assert_eq!(fault, PeerFault::UnknownKey);
                        let processed = to.chat.counters().received;
                        assert!(transmit.id.slot().unwrap().get() < processed, "the key of a new message is known");
                        self.tally.under_wiped += 1;
                    }
                }
            }
            other => panic!("{other:?}"),
        }
        self.sides[from].arrived.insert(transmit.id);
        // The transport says so; that word may be lost as well.
        if self.dice.percent(60) {
            let input = Input::carried(transmit.id, None);
            self.sides[from].call(now, |chat, env| chat.handle(input, env)).unwrap();
        }
    }

    fn write(&mut self, who: usize) {
        let random_id = RandomId((self.dice.next_u64() >> 1).cast_signed() | 1);
        let text = format!("{who}: text {}", self.written);
        let draft = Draft::text(text.clone()).with_random_id(random_id);
        let now = self.now;
        let side = &mut self.sides[who];
        match side.call(now, |chat, env| chat.send(&draft, env)) {
            Ok(_) => {
                side.written.push((random_id, text));
                self.written += 1;
            }
            Err(CallError::Unavailable(Unavailable::OutboxFull)) => self.tally.full += 1,
            Err(misuse) => panic!("{misuse:?}"),
        }
    }

    fn delete(&mut self, who: usize) {
        let now = self.now;
        let side = &mut self.sides[who];
        let unproved = side.written.iter().rev().map(|(id, _)| *id).filter(|id| side.chat.holds(*id));
        let ids: Vec<_> = unproved.filter(|id| !side.gone.contains(id)).take(2).collect();
        match side.call(now, |chat, env| chat.delete(&ids, env)) {
            // What cannot be told is gone at this end all the same.
            Ok(notice) => {
                side.gone.extend(ids);
                self.tally.full += u32::from(matches!(notice, Notice::LeftOut(Unavailable::OutboxFull)));
            }
            Err(misuse) => panic!("{misuse:?}"),
        }
    }

    fn rekey(&mut self, who: usize) {
        let now = self.now;
        if self.sides[who].chat.state() != ChatState::Ready {
            return;
        }
        match self.sides[who].call(now, Chat::rekey) {
            Ok(()) => {
                let peer = self.sides[1 - who].chat.rekey_state();
                self.tally.crossed += u32::from(matches!(peer, RekeyState::Requested { .. }));
            }
            Err(CallError::Unavailable(Unavailable::RekeyInProgress)) => {}
            Err(misuse) => panic!("{misuse:?}"),
        }
    }

    fn step(&mut self) {
        self.now += self.dice.below(400);
        let (who, now) = (usize::from(self.dice.percent(50)), self.now);
        let exchange_is_open = self.sides[who].chat.rekey_state() != RekeyState::Idle;
        if self.sides[who].chat.state() == ChatState::Ready {
            match self.dice.below(1_000) {
                0..500 => self.write(who),
                500..540 => self.delete(who),
                540..580 => self.rekey(who),
                580..600 => [who, 1 - who].into_iter().for_each(|who| self.rekey(who)),
                600..720 => self.sides[who].call(now, Chat::retransmit),
                720..800 => match self.sides[who].call(now, Chat::acknowledge) {
                    Ok(()) | Err(CallError::Unavailable(Unavailable::OutboxFull)) => {}
                    Err(misuse) => panic!("{misuse:?}"),
                },
                800..840 => {
                    self.tally.restarts_in_exchange += u32::from(exchange_is_open);
                    self.sides[who].restart(now);
                }
                840..860 => self.sides[who].call(now, Chat::handle_timeout),
                // A clock that is set back costs nothing, hours without a word neither.
                860..870 => self.now -= 1_000,
                870..872 => self.now += 2 * HOUR,
                _ => {}
            }
        } else {
            self.sides.iter_mut().for_each(|side| side.call(now, Chat::retransmit));
        }
        self.tally.three_keys += u32::from(self.sides.iter().any(|side| side.watch.kept().keys() == 3));
        self.deliver();
    }

    /// One round of a network that delivers, between hosts that send again and acknowledge.
    fn round(&mut self) {
        self.now += 5_000;
        self.deliver();
        for who in 0..2 {
            let now = self.now;
            self.sides[who].call(now, Chat::retransmit);
            self.deliver();
            self.sides[who].call(now, Chat::acknowledge).unwrap();
            self.deliver();
        }
    }

    fn is_settled(&self) -> bool {
        let [alice, bob] = &self.sides;
        let done = |from: &Side, to: &Side| {
            from.chat.counters().sent == to.chat.counters().received
                && from.acknowledged.len() == from.written.len() - from.refused.len()
                && from.chat.rekey_state() == RekeyState::Idle
        };
        self.network.is_empty() && done(alice, bob) && done(bob, alice)
    }

    fn settle(&mut self, seed: u64) {
        self.reliable = true;
        self.network.faults = Faults::default();
        for _ in 0..30 {
            self.round();
            if self.is_settled() {
                return;
            }
        }
        let states = self.sides.each_ref().map(|side| format!("{:?} {:?}", side.chat, side.chat.rekey_state()));
        panic!("seed {seed}: the two ends do not settle: {states:#?}");
    }

    /// One more exchange that `who` asks for.
    fn rekey_once_more(&mut self, who: usize, seed: u64) {
        let mut asked = None;
        for _ in 0..30 {
            let now = self.now;
            if asked.is_none() && self.sides[who].call(now, Chat::rekey).is_ok() {
                asked = Some(self.sides[who].chat.rekeys());
            }
            self.round();
            // Behind a young key the Noop of a switch is held back for ten minutes (SPEC REKEY-8).
            self.now += HOUR / 60;
            if asked.is_some_and(|rekeys| self.sides.iter().all(|side| side.chat.rekeys() > rekeys))
                && self.is_settled()
            {
                return;
            }
        }
        let kept = self.sides.each_ref().map(|side| format!("{:?} {:?}", side.chat, side.watch.kept()));
        panic!("seed {seed}: {who} gets no new key, asked {asked:?}: {kept:#?}");
    }

    /// Until a Noop that was held back behind a young key has gone, and the old key with it (SPEC REKEY-8).
    fn rest(&mut self) {
        for _ in 0..15 {
            self.now += HOUR / 60;
            self.round();
        }
    }

    fn check(&self, seed: u64) {
        let [alice, bob] = &self.sides;
        assert_eq!(alice.chat.key_fingerprint(), bob.chat.key_fingerprint(), "seed {seed}");
        assert_eq!(alice.chat.rekeys(), bob.chat.rekeys(), "seed {seed}");
        assert_eq!(alice.chat.verification(), bob.chat.verification(), "seed {seed}");
        for (from, to) in [(alice, bob), (bob, alice)] {
            assert_eq!(from.chat.state(), ChatState::Ready, "seed {seed}");
            let wanted = |rows: &[(RandomId, String)]| {
                rows.iter().filter(|(id, _)| !from.gone.contains(id)).cloned().collect::<Vec<_>>()
            };
            assert_eq!(wanted(&to.heard), wanted(&from.written), "seed {seed}: once and in order");
            let mut left = from.written.iter();
            assert!(to.heard.iter().all(|row| left.any(|written| written == row)), "seed {seed}: deleted ones too");
            let named = from.written.iter().map(|(id, _)| *id).filter(|id| !from.refused.contains(id));
            assert!(named.eq(from.acknowledged.iter().copied()), "seed {seed}");
            from.leaving.check(seed);
            let reasons_known = from.failures.iter().all(|reason| self.refuses && *reason == RekeyFailure::Refused);
            assert!(reasons_known, "seed {seed}: {:?}", from.failures);
            assert!((2..=3).contains(&from.watch.most_keys), "seed {seed}: {}", from.watch.most_keys);
            // Chat key, chain and secret for each, in the X25519 profile.
            assert!(from.watch.wiped_secrets >= usize::try_from(from.rekeyed).unwrap(), "seed {seed}");
            from.watch.check_all(&from.store.load(from.chat.id().unwrap()).unwrap().unwrap());
        }
    }
}

fn talk(configs: [Config; 2], policy: RekeyPolicy, seed: u64, messages: usize) -> Tally {
    let mut talk = Talk::new(configs, policy, seed);
    let first_key = talk.sides[0].watch.current_key();
    for step in 0.. {
        talk.step();
        if talk.written >= messages {
            break;
        }
        assert!(step < 100 * messages, "seed {seed}: {:?}", talk.tally);
    }
    talk.settle(seed);
    talk.check(seed);
    for who in [0, 1] {
        talk.rekey_once_more(who, seed);
        talk.check(seed);
    }
    talk.rest();
    talk.check(seed);
    let planted = [b"before", first_key.as_slice(), b"after"].concat();
    for side in &talk.sides {
        assert!(side.watch.holds_wiped(&planted) && side.watch.kept().old.is_none(), "seed {seed}");
    }
    let mut emptied = 0;
    for side in &talk.sides {
        // No key comes back.
        let mut keys: Vec<&[u8]> = side.leaving.ciphertexts().map(|bytes| &bytes[..8]).collect();
        keys.dedup();
        let once: BTreeSet<&[u8]> = keys.iter().copied().collect();
        assert_eq!(once.len(), keys.len(), "seed {seed}");
        emptied += side.leaving.check(seed);
    }
    Tally { rekeys: talk.sides[0].chat.rekeys(), emptied: u32::try_from(emptied).unwrap(), ..talk.tally }
}

fn seeds(few: u64, many: u64) -> u64 {
    if std::env::var_os("SECRETCHAT_SLOW").is_some() { many } else { few }
}

fn sum(all: &mut Tally, one: Tally) {
    let Tally { rekeys, crossed, under_wiped, emptied, refused, restarts_in_exchange, three_keys, full } = one;
    all.rekeys += rekeys;
    all.crossed += crossed;
    all.under_wiped += under_wiped;
    all.emptied += emptied;
    all.refused += refused;
    all.restarts_in_exchange += restarts_in_exchange;
    all.three_keys += three_keys;
    all.full += full;
}

#[test]
fn new_keys_at_random_moments_in_the_profiles_that_bind_them() {
    for (&agreement, seeds) in agreement::EVERY.iter().zip([seeds(20, 200), seeds(4, 40)]) {
        let mut all = Tally::default();
        for seed in 0..seeds {
            let configs = [("alice", "bob"), ("bob", "alice")].map(|(local, peer)| agreement.config(local, peer));
            sum(&mut all, talk(configs, RekeyPolicy::x25519(), seed, 2_000));
        }
        println!("{agreement:?}: {all:?}");
        let Tally { rekeys, crossed, under_wiped, emptied, refused, restarts_in_exchange, full, .. } = all;
        assert!(u64::from(rekeys) >= 20 * seeds, "{all:?}");
        for count in [crossed, under_wiped, emptied, refused, restarts_in_exchange, full] {
            assert!(u64::from(count) >= seeds, "{all:?}");
        }
    }
}

#[cfg(feature = "telegram")]
#[test]
fn new_keys_at_random_moments_in_the_telegram_profile() {
    use secretchat::{DhGroup, PeerPolicy};
    let seeds = seeds(1, 10);
    let mut all = Tally::default();
    for seed in 2..2 + seeds {
        let policies = match seed % 3 {
            0 => [PeerPolicy::Default, PeerPolicy::Default],
            2 => [PeerPolicy::Default, PeerPolicy::Strict],
            _ => [PeerPolicy::Strict, PeerPolicy::Default],
        };
        let configs = policies.map(|policy| Config::telegram(DhGroup::published(3).unwrap(), policy));
        sum(&mut all, talk(configs, RekeyPolicy::telegram(), seed, 2_000));
    }
    println!("{all:?}");
    let Tally { rekeys, crossed, under_wiped, emptied, restarts_in_exchange, .. } = all;
    assert!(u64::from(rekeys) >= 20 * seeds, "{all:?}");
    for count in [crossed, under_wiped, emptied, restarts_in_exchange] {
        assert!(count >= 1, "{all:?}");
    }
}

#[test]
fn two_ends_that_write_nothing_may_ask_again_and_again() {
    let configs = [("alice", "bob"), ("bob", "alice")].map(|(local, peer)| Config::x25519(local, peer).unwrap());
    let mut talk = Talk::new(configs, RekeyPolicy::x25519(), 1);
    talk.settle(1);
    for who in [0, 0, 1, 1, 0] {
        talk.rekey_once_more(who, 1);
        talk.check(1);
    }
    assert_eq!(talk.sides.map(|side| side.chat.rekeys()), [5, 5]);
}
