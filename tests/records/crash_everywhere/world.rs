//! Two chats, their hosts, what lies between them, and one clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use recordings::Network;
use secretchat::{
    Chat, Config, Env, Invitation, Output, RandomId, RekeyState, Role, StoreKey, Timestamp, Transmit, TransmitId,
    TransmitKind, Ttl,
};

use super::drafts::What;
use super::end::End;
use super::script::{Act, Step};
use crate::support::host::{Fuse, Keeping};
use crate::support::rng::Seeded;

pub(crate) const ALICE: usize = 0;
pub(crate) const BOB: usize = 1;
pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];
const START: u64 = 1_700_000_000_000;

/// A message as its author made it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) by: Role,
    pub(crate) what: What,
    pub(crate) own_ttl: Option<Ttl>,
    /// The timer that was sealed into it.
    pub(crate) sealed: i32,
}

pub(crate) struct World {
    /// `None`: the chat is over and nothing of it is left.
    pub(crate) chats: [Option<Chat>; 2],
    pub(crate) ends: [End; 2],
    pub(crate) facts: Facts,
    pub(crate) fuses: VecDeque<Fuse>,
    pub(crate) crashes: usize,
    /// Whether a restart tells the chat the newest checkpoint.
    pub(crate) checkpoint_is_known: bool,
    /// An end offers again what the peer may not have.
    pub(crate) offers_again: bool,
}

/// Everything that no process holds.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) now: u64,
    pub(crate) outputs: usize,
    pub(crate) made: BTreeMap<RandomId, Made>,
    /// How often each end's user did what the other end is told by an event without an id.
    pub(crate) acts: BTreeMap<(usize, &'static str), usize>,
    /// What is on its way already is not posted a second time.
    pub(crate) network: Network<Transmit>,
    /// What of each end has arrived at the other at least once.
    pub(crate) arrived: BTreeSet<(usize, TransmitId)>,
    /// Receipts for each end that the network holds back, if it does.
    pub(crate) receipts: [Option<Vec<TransmitId>>; 2],
    /// How often each end sent something again that the other asked for.
    pub(crate) resent: [usize; 2],
    /// What was taken over for good and yet went out by itself once more.
    pub(crate) carried_again: Vec<(usize, TransmitId)>,
}

/// A world between two steps, without processes.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) ends: [End; 2],
    facts: Facts,
}

impl World {
    /// Both ends ready, nothing on its way, nothing counted.
    pub(crate) fn ready(set_up: fn(Role) -> Config, keeping: Keeping) -> Self {
        let config = |role| set_up(role).with_store(StoreKey::new(STORE_KEY));
        let mut rng = Seeded::new(1);
        let mut env = Env::new(Timestamp::from_millis(START), &mut rng);
        let mut alice = Chat::request(config(Role::Initiator), &mut env).unwrap();
        let end = |chat: &Chat, seed| End::new(chat.role(), keeping, chat.id().unwrap(), START, seed);
        let mut first = end(&alice, 3);
        let mut public = Vec::new();
        while let Some(output) = alice.poll_output() {
            match output {
                Output::Persist(batch) => first.persist(&batch),
                Output::Transmit(Transmit { kind: TransmitKind::Request { public: asked, .. }, .. }) => public = asked,
                other => panic!("{other:?}"),
            }
        }
        let bob = Invitation::parse(&public, config(Role::Responder)).unwrap().accept(&mut env).unwrap();
        let ends = [first, end(&bob, 4)];
        let facts = Facts {
            now: START,
            outputs: 0,
            made: BTreeMap::new(),
            acts: BTreeMap::new(),
            network: Network::default(),
            arrived: BTreeSet::new(),
            receipts: [None, None],
            resent: [0; 2],
            carried_again: Vec::new(),
        };
        let chats = [Some(alice), Some(bob)];
        let (fuses, crashes) = (VecDeque::new(), 0);
        let mut world = Self { chats, ends, facts, fuses, crashes, checkpoint_is_known: true, offers_again: false };
        world.drain(BOB);
        world.deliver_all();
        // Each chapter begins as its replay does, without what no batch has said (SPEC DRV-9).
        world.restore(ALICE);
        world.restore(BOB);
        for end in &mut world.ends {
            end.rows.clear();
            end.heard.clear();
        }
        world.facts.outputs = 0;
        world
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { ends: self.ends.clone(), facts: self.facts.clone() }
    }

    /// New processes over what a snapshot holds: restored, not replayed.
    pub(crate) fn resume(snapshot: &Snapshot) -> Self {
        let Snapshot { ends, facts } = snapshot.clone();
        let (fuses, crashes) = (VecDeque::new(), 0);
        let mut world =
            Self { chats: [None, None], ends, facts, fuses, crashes, checkpoint_is_known: true, offers_again: false };
        world.restore(ALICE);
        world.restore(BOB);
        world
    }

    pub(crate) fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(*step);
        }
    }

    pub(crate) fn step(&mut self, step: Step) {
        match step {
            Step::Act(end, act) => self.act(end, act),
            Step::Deliver(end) => drop(self.deliver(end)),
            Step::DeliverAll => self.deliver_all(),
            Step::Lose(end) => drop(self.take_newest(end)),
            Step::Reverse(end) => self.facts.network.reverse(end),
            Step::Repeat(end) => {
                let copy = self.facts.network.under_way(end).next().cloned();
                if self.deliver(1 - end) {
                    copy.map(|copy| self.facts.network.post(end, copy, self.facts.now));
                }
            }
            Step::Refuse { end, permanent } => self.refuse(end, permanent),
            Step::HoldReceipts(end) => {
                self.facts.receipts[end].get_or_insert_default();
            }
            Step::GiveReceipts { end, times } => self.give_receipts(end, times),
            Step::Retransmit(end) => self.retransmit(end),
            Step::Restart(end) => self.restart(end),
            Step::Wait(millis) => self.facts.now = self.facts.now.saturating_add_signed(millis),
            Step::Timeout(end) => self.timeout(end),
        }
        for (chat, end) in self.chats.iter().zip(&self.ends) {
            chat.iter().for_each(|chat| end.check_timers(chat));
        }
    }

    pub(crate) fn deliver_all(&mut self) {
        while self.deliver(ALICE) | self.deliver(BOB) {}
    }

    /// Everything arrives, everything is acknowledged, every timer that was started ends.
    pub(crate) fn finish(&mut self) {
        self.settle();
        // Longer than any timer of the scripts.
        self.facts.now += 2 * 60 * 60 * 1000;
        self.settle();
        if self.chats.iter().flatten().any(|chat| chat.rekey_state() != RekeyState::Idle) {
            self.give_up_exchange();
        }
    }

    /// A request for a key that crossed one that was then refused for good has no answer: it is given up after an hour
    /// and 16 messages of the peer (SPEC REKEY-3).
    fn give_up_exchange(&mut self) {
        assert!(self.ends.iter().any(|end| end.has_row("RekeyFailed", 0) > 0));
        for _ in 0..17 {
            self.act(ALICE, Act::Type);
            self.act(BOB, Act::Type);
            self.deliver_all();
        }
        self.settle();
    }

    pub(crate) fn settle(&mut self) {
        for end in [ALICE, BOB] {
            self.give_receipts(end, 1);
        }
        for round in 0.. {
            assert!(round < 20, "stuck: {:?}", self.chats);
            self.deliver_all();
            self.facts.now += 1_000;
            for end in [ALICE, BOB] {
                self.timeout(end);
                self.act(end, Act::Acknowledge);
                if self.chats[end].as_ref().is_some_and(Chat::awaits_transport) {
                    self.retransmit(end);
                }
            }
            if self.facts.network.is_empty() {
                break;
            }
        }
    }
}
