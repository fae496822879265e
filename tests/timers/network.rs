//! The two ends of a text agree on its end, as far as a network that loses and delays lets them (SPEC DES-4).

use std::collections::{BTreeMap, BTreeSet};

use recordings::{Faults, Network};
use secretchat::{
    Chat, Config, Draft, Env, Event, Invitation, Output, RandomId, Timestamp, Transmit, TransmitId, TransmitKind, Ttl,
};

use crate::support::pair::input_of;
use crate::support::rng::Seeded;
use crate::world::no_rekeys;

const START: u64 = 1_700_000_000_000;
/// Milliseconds at most on the way.
const DELAY: u64 = 2_000;
/// Everything unacknowledged goes out again this often.
const RETRY: u64 = 3_000;
/// The most that is lost of one transmission.
const LOSSES: u32 = 3;
/// When a message, or an action, has arrived at the latest, and all before it.
const LATEST: u64 = LOSSES as u64 * RETRY + DELAY;

struct Talk {
    now: u64,
    rng: Seeded,
    chats: [Chat; 2],
    network: Network<Transmit>,
    lost: BTreeMap<(usize, TransmitId), u32>,
    /// When Bob means to read.
    to_read: BTreeSet<(u64, RandomId)>,
    read: BTreeMap<RandomId, u64>,
    ended: [BTreeMap<RandomId, u64>; 2],
}

impl Talk {
    fn new(seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let config = |local, peer| Config::x25519(local, peer).unwrap().with_rekey(no_rekeys());
        let mut env = Env::new(Timestamp::from_millis(START), &mut rng);
        let mut alice = Chat::request(config("alice", "bob"), &mut env).unwrap();
        let Some(Output::Transmit(request)) = alice.poll_output() else { panic!("a request") };
        let TransmitKind::Request { public, .. } = request.kind else { panic!("a request") };
        let bob = Invitation::parse(&public, config("bob", "alice")).unwrap().accept(&mut env).unwrap();
        Self {
            now: START,
            rng,
            chats: [alice, bob],
            network: Network::new(seed, Faults { delay: DELAY, ..Faults::default() }),
            lost: BTreeMap::new(),
            to_read: BTreeSet::new(),
            read: BTreeMap::new(),
            ended: [BTreeMap::new(), BTreeMap::new()],
        }
    }

    fn call(&mut self, end: usize, call: impl FnOnce(&mut Chat, &mut Env<'_>)) {
        call(&mut self.chats[end], &mut Env::new(Timestamp::from_millis(self.now), &mut self.rng));
        while let Some(output) = self.chats[end].poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let losses = self.lost.entry((end, transmit.id)).or_default();
                    self.network.faults.lost = if *losses < LOSSES { 50 } else { 0 };
                    *losses += u32::from(!self.network.post(end, transmit, self.now));
                }
                Output::Event(Event::Message(message)) => {
                    let reads = self.now + self.rng.below(20_000);
                    self.to_read.insert((reads, message.random_id));
                }
                Output::Event(Event::Expired { random_id, .. }) => {
                    assert_eq!(self.ended[end].insert(random_id, self.now), None, "{random_id:?} ended twice");
                }
                _ => {}
            }
        }
    }

    /// Lets everything happen that happens until `end`, at its time.
    fn run_until(&mut self, end: u64) {
        loop {
            let arrival = self.network.next_arrival();
            let reading = self.to_read.first().map(|(at, _)| *at);
            let timeouts = [0, 1].map(|end| self.chats[end].poll_timeout().map(Timestamp::as_millis));
            let retry = START + (self.now - START) / RETRY * RETRY + RETRY;
            let times = [arrival, reading, timeouts[0], timeouts[1], Some(retry)];
            let next = times.into_iter().flatten().min().unwrap().max(self.now);
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            if arrival == Some(next) {
                let parcel = self.network.arrive(next).unwrap();
                // Bob has the request already.
                if matches!(parcel.load.kind, TransmitKind::Request { .. }) {
                    continue;
                }
                let input = input_of(&parcel.load);
                self.call(1 - parcel.from, |chat, env| {
                    // Before its answer has arrived Alice has no key.
                    let _handled = chat.handle(input, env);
                });
            } else if reading == Some(next) {
                let (_, id) = self.to_read.pop_first().unwrap();
                self.read.insert(id, self.now);
                self.call(1, |chat, env| _ = chat.mark_read(&[id], env).unwrap());
            } else if timeouts.contains(&Some(next)) {
                for end in [0, 1] {
                    self.call(end, Chat::handle_timeout);
                }
            } else {
                for end in [0, 1] {
                    self.call(end, Chat::retransmit);
                }
            }
        }
    }
}

#[test]
fn a_text_ends_at_the_sender_within_the_networks_delay_after_the_reader() {
    let seeds = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 2_000 } else { 40 };
    let mut latest = 0;
    for seed in 0..seeds {
        let mut talk = Talk::new(seed);
        talk.call(1, Chat::retransmit);
        talk.run_until(START + 60_000);
        let mut seconds_of = BTreeMap::new();
        for seconds in [1, 5, 30, 60, 61, 3_600] {
            let ttl = Some(Ttl::from_seconds(seconds).unwrap());
            let id = RandomId(i64::from(seconds));
            let draft = Draft::text("text").with_random_id(id).with_ttl(ttl);
            talk.call(0, |chat, env| assert_eq!(chat.send(&draft, env), Ok(id)));
            seconds_of.insert(id, u64::from(seconds));
            let next = talk.now + talk.rng.below(5_000);
            talk.run_until(next);
        }
        let end = talk.now + 4_000_000;
        talk.run_until(end);
        for (id, seconds) in seconds_of {
            let [at_alice, at_bob] = [0, 1].map(|end| talk.ended[end][&id]);
            assert_eq!(at_bob, talk.read[&id] + seconds * 1000, "{seed} {id:?}");
            assert!((at_bob..=at_bob + LATEST).contains(&at_alice), "{seed} {id:?} {at_bob} {at_alice}");
            latest = latest.max(at_alice - at_bob);
        }
    }
    assert!(latest > DELAY, "the network lost nothing: {latest}");
}
