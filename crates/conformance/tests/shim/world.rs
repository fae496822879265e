//! Two shims, a network that drops, duplicates and reorders, and processes that die.

use std::collections::BTreeSet;

use rand_core::Rng;
use recordings::{Faults, Network, Seeded};
use serde_json::{Value, json};

use crate::end::{End, TTL, photo_key};
use crate::peer::config;
use crate::process::{Answer, START, Shim};

/// Delays are steps of the world.
const FAULTS: Faults = Faults { lost: 10, repeated: 10, damaged: 0, delay: 8 };
/// What exceeds so many transmissions on their way from one end is lost.
const CAPACITY: usize = 30;
/// A host with so many messages on their way does not write.
const BACKLOG: usize = 10;

pub(crate) struct World {
    ends: [End; 2],
    /// Each transmission with its number.
    network: Network<(usize, Value)>,
    posted: usize,
    steps: u64,
    rng: Seeded,
    now: u64,
    /// Messages of both ends that were queued durably.
    pub(crate) sent: usize,
    pub(crate) seen: Seen,
}

/// What came about, so that a test can tell that it did.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    pub(crate) mixed_up: usize,
    pub(crate) crashes: usize,
    pub(crate) restarts: usize,
    pub(crate) rolled_back: usize,
    pub(crate) albums: usize,
    pub(crate) opened: usize,
    pub(crate) rekeys: u64,
}

impl World {
    pub(crate) fn new(profile: &str, seed: u64, more: &Value) -> Self {
        let end = |is_alice| End::new(Shim::set_up(&config(profile, is_alice, more)));
        let ends = [end(true), end(false)];
        let (network, rng) = (Network::new(seed, FAULTS), Seeded::new(seed));
        Self { ends, network, posted: 0, steps: 0, rng, now: START, sent: 0, seen: Seen::default() }
    }

    /// Takes steps until so many messages were queued.
    pub(crate) fn talk(&mut self, messages: usize) {
        while self.sent < messages {
            self.step();
            self.steps += 1;
            assert!(self.steps < 200 * (messages as u64 + 10), "it does not get on: {:?}", self.seen);
        }
    }

    /// Delivers the rest without faults, and checks that everything arrived once and in order and that every timer ended.
    pub(crate) fn end_of_talk(&mut self) {
        self.network.faults = Faults::default();
        self.settle();
        for end in 0..2 {
            while !self.ends[end].closed.is_empty() {
                self.open(end);
            }
        }
        // After so many views a new key may be due.
        self.settle();
        self.pass(TTL * 1000);
        for (from, to) in [(0, 1), (1, 0)] {
            let (from, to) = (&self.ends[from], &self.ends[to]);
            assert_eq!(from.sent, to.received);
            let timed: BTreeSet<_> = from.sent.iter().filter(|told| told.2).map(|told| &told.0).collect();
            for end in [from, to] {
                let mut ended: Vec<_> = end.expired.iter().filter(|id| timed.contains(id)).collect();
                ended.sort_unstable();
                assert!(ended.into_iter().eq(timed.iter().copied()), "each ends once at each end");
            }
        }
        let states = [0, 1].map(|end| self.ends[end].shim.state());
        for name in ["key_fingerprint", "verification", "rekeys", "check"] {
            assert_eq!(states[0][name], states[1][name], "{name}");
        }
        self.seen.rekeys = states[0]["rekeys"].as_u64().unwrap();
        self.seen.opened = self.ends.iter().map(|end| end.opened.len()).sum();
    }

    /// Closes at the initiator, over crashes. Nothing of the chat is left but, where it is proved, what answers a Discard.
    pub(crate) fn close(&mut self) {
        self.crash_at(0, 2);
        self.tell(0, "close", &json!({"history": true}));
        self.tell(0, "retransmit", &json!({}));
        self.deliver_all();
        self.tell(0, "carried", &json!({"id": 2}));
        let receipt = self.ends[1].shim.state()["discard_receipt"].clone();
        let is_proved = !receipt.is_null();
        if is_proved {
            // Where the peer can prove that it is closed, the word of the transport is not enough (SPEC X25-11).
            assert_eq!(self.tell(0, "retransmit", &json!({})).out("transmit").count(), 1);
            let answer = self.tell(0, "discard_receipt", &json!({"proof": receipt}));
            assert_eq!(answer.done(), "applied");
        }
        let again = self.ends[0].shim.tell("retransmit", &json!({}));
        assert_eq!(again.out("transmit").count(), 0, "nothing is left to tell");
        // What answers the peer's own Discards stays (SPEC CLOSE-3).
        let restarted = self.ends[0].shim.tell("restart", &json!({}));
        assert_eq!(restarted.err(), (!is_proved).then_some(("store", "Missing")));
        for end in &self.ends {
            assert_eq!(end.events.iter().filter(|name| *name == "closed").count(), 1);
        }
        assert_eq!(self.ends[1].shim.state()["state"], "closed");
    }

    pub(crate) fn transcript(&self) -> String {
        self.ends.iter().map(|end| end.shim.transcript.as_str()).collect()
    }

    fn settle(&mut self) {
        for round in 0.. {
            for end in 0..2 {
                self.tell(end, "retransmit", &json!({}));
                self.deliver_all();
                self.tell(end, "acknowledge", &json!({}));
                self.deliver_all();
            }
            if self.is_settled() {
                break;
            }
            assert!(round < 50, "it does not settle");
            if round == 10 {
                // The Noop that lets the peer wipe an old key may be held back so long (SPEC REKEY-4).
                self.pass(10 * 60 * 1000);
            }
        }
    }

    /// Returns whether all has arrived and no exchange is open. But in Telegram's profile an end has a check once it holds no old key (SPEC
    /// REKEY-7).
    fn is_settled(&mut self) -> bool {
        let has_all = [(0, 1), (1, 0)].iter().all(|(a, b)| self.ends[*a].sent.len() == self.ends[*b].received.len());
        let is_idle = |state: Value| {
            let is_alone = state["profile"] == "telegram" || state["check"].is_string();
            state["rekey"]["state"] == "idle" && is_alone
        };
        has_all && self.ends.iter_mut().all(|end| is_idle(end.shim.state()))
    }

    /// Lets time pass at both ends.
    fn pass(&mut self, millis: u64) {
        self.now += millis;
        for end in 0..2 {
            self.tell(end, "now", &json!({"now": self.now}));
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.next_u64() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn step(&mut self) {
        let end = self.below(2);
        if !self.ends[end].has_chat {
            if end == 0 {
                self.crash_at_times(0);
                self.tell(0, "request", &json!({}));
            } else {
                self.arrive();
            }
            return;
        }
        match self.below(100) {
            0..30 if self.network.under_way(end).count() < BACKLOG => self.write(end),
            30..78 => self.arrive(),
            78..82 => self.restart(end, 0),
            82..85 => self.roll_back(end),
            85..89 => {
                self.tell(end, "acknowledge", &json!({}));
            }
            89..93 => self.open(end),
            93..95 => {
                let millis = u64::try_from(self.below(2_000)).unwrap();
                self.pass(millis);
            }
            95 => {
                // One may be on its way already.
                self.tell(end, "rekey", &json!({}));
            }
            96.. => {
                self.tell(end, "retransmit", &json!({}));
            }
            _ => {}
        }
    }

    /// Sends a text, a photo with a timer or an album.
    fn write(&mut self, end: usize) {
        let ids: Vec<_> = (0..3).map(|_| (self.rng.next_u64() >> 1 | 1).to_string()).collect();
        let (first, key) = (&ids[0], photo_key(&ids[0]));
        let photo = |size| json!({"kind": "photo", "size": size, "key": key, "iv": "0b".repeat(32)});
        let kind = self.below(20);
        let (command, fields, told) = match kind {
            0 => {
                let item = |id: &String| json!({"random_id": id, "text": format!("album {id}"), "media": photo(5)});
                let told = ids.iter().map(|id| (id.clone(), format!("album {id}"), false)).collect();
                ("send_album", json!({"items": ids.iter().map(item).collect::<Vec<_>>()}), told)
            }
            1 => {
                let text = format!("photo {first}");
                let fields = json!({"random_id": first, "text": text, "media": photo(7), "ttl": TTL});
                ("send", fields, vec![(first.clone(), text, true)])
            }
            _ => {
                let text = format!("text {first}");
                ("send", json!({"random_id": first, "text": text}), vec![(first.clone(), text, false)])
            }
        };
        self.crash_at_times(end);
        let answer = self.tell(end, command, &fields);
        if answer.out("persist").next().is_some() {
            self.sent += told.len();
            self.seen.albums += usize::from(kind == 0);
            self.ends[end].sent.extend(told);
        }
    }

    /// Delivers what arrives next.
    fn arrive(&mut self) {
        let Some(parcel) = self.network.arrive(self.steps) else { return };
        let (from, (number, line)) = (parcel.from, parcel.load);
        self.seen.mixed_up += usize::from(self.network.under_way(from).any(|(other, _)| *other < number));
        self.crash_at_times(1 - from);
        let is_taken = self.take(1 - from, &line);
        // The transport says so, or forgets to.
        if is_taken && self.below(2) == 0 {
            self.crash_at_times(from);
            self.tell(from, "carried", &json!({"id": line["id"]}));
        }
    }

    fn deliver_all(&mut self) {
        while let Some((from, (_, line))) = (0..2).find_map(|from| self.network.take(from).map(|load| (from, load))) {
            self.take(1 - from, &line);
        }
    }

    /// Gives a command, and posts what the end transmits.
    fn tell(&mut self, end: usize, command: &str, fields: &Value) -> Answer {
        let answer = self.ends[end].tell(command, fields);
        for line in answer.out("transmit") {
            let before = self.network.under_way(end).count();
            if before < CAPACITY {
                self.network.post(end, (self.posted, line.clone()), self.steps);
            }
            self.posted += 1;
            match self.network.under_way(end).count() - before {
                0 => self.seen.lost += 1,
                copies => self.seen.doubled += copies - 1,
            }
        }
        answer
    }

    /// Gives a transmission of the peer to a shim.
    fn take(&mut self, at: usize, line: &Value) -> bool {
        let answer = match line["kind"].as_str().unwrap() {
            "request" if self.ends[at].has_chat => return true,
            "request" => {
                self.ends[at].shim.tell("invitation", &json!({"public": line["public"]})).done();
                self.tell(at, "accept", &json!({}))
            }
            "accept" => {
                let fields = json!({"public": line["public"], "fingerprint": line["fingerprint"]});
                self.tell(at, "accepted", &fields)
            }
            "discard" => {
                let fields = json!({"history": line["history"], "proof": line["proof"], "sent": line["sent"]});
                self.tell(at, "discarded", &fields)
            }
            _ => self.tell(at, "ciphertext", &json!({"bytes": line["bytes"]})),
        };
        match answer.err() {
            None => answer.done() != "crashed" && answer.done() != "no_room",
            // The acceptance was not written.
            Some(("store", "Missing")) => false,
            // A repeat from before the last new key: its slot was processed, or the key would be there still.
            Some(("peer", "UnknownKey")) => {
                let slot = line["id"].as_u64().unwrap() - 16;
                assert!(slot < self.ends[at].shim.state()["received"].as_u64().unwrap(), "{line}");
                true
            }
            Some(err) => panic!("{err:?} of {line}"),
        }
    }

    fn open(&mut self, end: usize) {
        let Some(id) = self.ends[end].closed.pop_front() else { return };
        let answer = self.tell(end, "open_view", &json!({"id": id}));
        assert_eq!(answer.err(), None);
    }

    fn restart(&mut self, end: usize, dropped: usize) {
        self.seen.restarts += 1;
        self.tell(end, "restart", &json!({"drop_batches": dropped, "expect_checkpoint": dropped == 0}));
        self.tell(end, "retransmit", &json!({}));
    }

    /// Makes a step, and then restores the store of before. That is allowed as long as nobody has heard of the step.
    fn roll_back(&mut self, end: usize) {
        let arriving = self.network.under_way(1 - end).next().filter(|(_, line)| line["kind"] == "ciphertext");
        let arriving = arriving.map(|(_, line)| json!({"bytes": line["bytes"]}));
        let shim = &mut self.ends[end].shim;
        let answer = match arriving {
            Some(fields) => shim.tell("ciphertext", &fields),
            None => shim.tell("send", &json!({"text": "never"})),
        };
        let written = answer.out("persist").count();
        self.seen.rolled_back += written;
        self.restart(end, written);
    }

    fn crash_at_times(&mut self, end: usize) {
        if self.below(12) == 0 {
            let outputs = self.below(4);
            self.crash_at(end, outputs);
        }
    }

    fn crash_at(&mut self, end: usize, outputs: usize) {
        self.seen.crashes += 1;
        self.ends[end].shim.tell("crash_after", &json!({"outputs": outputs})).done();
    }
}
