//! Two chats with their stores, a network between them, one host clock, and the model beside each end. The process of
//! an end can die at any output.

use std::time::Duration;

use recordings::Network;
use secretchat::media::SegmentKey;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Config, Document, DocumentKind, Draft, Env, Input, Invitation, Media, Output, Photo, RandomId, RekeyPolicy,
    SeqNo, Start, StoreKey, Timestamp, TransmitId, TransmitKind, Ttl, Unavailable,
};

use crate::end::End;
use crate::support::host::Fuse;
use crate::support::model::{Cause, Kind, Model};
use crate::support::rng::Seeded;

pub(crate) const ALICE: usize = 0;
pub(crate) const BOB: usize = 1;
pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];
pub(crate) const START: u64 = 1_700_000_000_000;

/// What happens next. Messages are named by the order in which they were made, modulo how many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Send(usize, Kind, Option<i32>),
    SetTtl(usize, i32),
    /// The other end's oldest message on its way reaches this end, or is lost.
    Deliver(usize),
    Lose(usize),
    Retransmit(usize),
    Read(usize, usize),
    Open(usize, usize),
    Close(usize, usize),
    Delete(usize, usize),
    Timeout(usize),
    Restart(usize),
    /// Milliseconds by which the clock of both hosts moves.
    Clock(i64),
    /// It moves to the next deadline of this end, or to a millisecond before.
    ClockToDeadline(usize, u64),
}

pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) ends: [End; 2],
    pub(crate) network: Network<(TransmitId, Vec<u8>)>,
    pub(crate) fuse: Option<Fuse>,
    pub(crate) outputs: usize,
    pub(crate) crashes: usize,
    /// What was written, at both ends.
    made: Vec<Made>,
}

/// A message: its kind, and the timer that was sealed into it.
pub(crate) type Made = (RandomId, Kind, i32);

fn ttl(wire: i32) -> Ttl {
    Ttl::from_wire(wire)
}

fn media(kind: Kind) -> Option<Media> {
    let key = SegmentKey::from_parts([1; 32], [2; 32]);
    Some(match kind {
        Kind::Text | Kind::Hidden => return None,
        Kind::File => Media::Document(Document::new("a/b", 9, key)),
        Kind::Hideable(0) => Media::Photo(Photo::new(1, 1, 9, key)),
        Kind::Hideable(duration) => {
            let kind = DocumentKind::video(duration, 1, 1);
            Media::Document(Document::new("a/b", 9, key).with_kind(kind))
        }
    })
}

/// Seconds that no test waits.
const NEVER: u64 = 1 << 50;

/// Keys are never renewed: what is left in `poll_timeout` are timers and gaps.
pub(crate) fn no_rekeys() -> RekeyPolicy {
    let mut policy = RekeyPolicy::x25519();
    let never = Duration::from_secs(NEVER);
    (policy.initiator_messages, policy.responder_messages, policy.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
    (policy.age, policy.limit_age) = (never, never);
    policy
}

pub(crate) fn config(local: &str, peer: &str) -> Start {
    Config::x25519(local, peer).unwrap().with_rekey(no_rekeys()).with_store(StoreKey::new(STORE_KEY))
}

/// What a call does to the end's model, if the call succeeds.
type Effect<'a> = &'a dyn Fn(&mut Model);

impl World {
    /// Both ends ready and nothing on its way.
    pub(crate) fn ready() -> Self {
        let mut rng = Seeded::new(1);
        let mut env = Env::new(Timestamp::from_millis(START), &mut rng);
        let mut alice = Chat::request(config("alice", "bob"), &mut env).unwrap();
        let mut store = MemoryStore::default();
        let [TransmitKind::Request { public, .. }] = &drained(&mut alice, &mut store)[..] else { panic!("a request") };
        let mut rng = Seeded::new(2);
        let mut env = Env::new(Timestamp::from_millis(START), &mut rng);
        let mut bob = Invitation::parse(public, config("bob", "alice")).unwrap().accept(&mut env).unwrap();
        let mut bobs_store = MemoryStore::default();
        let [TransmitKind::Accept { public, fingerprint, .. }] = &drained(&mut bob, &mut bobs_store)[..] else {
            panic!("an acceptance")
        };
        alice.handle(Input::accepted(public, *fingerprint), &mut env).unwrap();
        let mut world = Self {
            now: START,
            ends: [End::new(alice, store, 3), End::new(bob, bobs_store, 4)],
            network: Network::default(),
            fuse: None,
            outputs: 0,
            crashes: 0,
            made: Vec::new(),
        };
        world.drain(ALICE);
        world.deliver_all();
        world.outputs = 0;
        world
    }

    pub(crate) fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(*step);
            self.ends.iter().for_each(End::check);
        }
    }

    pub(crate) fn step(&mut self, step: Step) {
        match step {
            Step::Send(end, kind, own) => self.send(end, kind, own),
            Step::SetTtl(end, wire) => self.call(end, |chat, env| chat.set_ttl(ttl(wire), env), &|_| {}).unwrap(),
            Step::Deliver(end) => self.deliver(end),
            Step::Lose(end) => drop(self.network.take(1 - end)),
            Step::Retransmit(end) => self.retransmit(end),
            Step::Read(end, which) => {
                let Some(id) = self.pick(which) else { return };
                self.call(end, |chat, env| chat.mark_read(&[id], env), &|model| model.start(id, Cause::Read)).unwrap();
            }
            Step::Open(end, which) => self.open(end, which),
            Step::Close(end, which) => {
                let Some(id) = self.pick(which) else { return };
                let timed = self.ends[end].model.may_open(id, self.now).is_some();
                let closed = self.call(end, |chat, env| chat.close_view(id, env), &|model| model.close(id));
                assert_eq!(closed, if timed { Ok(()) } else { Err(Unavailable::NotTimed) });
            }
            Step::Delete(end, which) => {
                let Some(id) = self.pick(which) else { return };
                self.call(end, |chat, env| chat.delete(&[id], env), &|model| model.delete(id)).unwrap();
            }
            Step::Timeout(end) => self.timeout(end),
            Step::Restart(end) => self.restart(end),
            Step::ClockToDeadline(end, before) => {
                let model = &self.ends[end].model;
                if let Some(first) = model.first_deadline() {
                    self.now = model.on_host_clock(first) - before;
                }
            }
            Step::Clock(millis) => self.now = self.now.saturating_add_signed(millis),
        }
    }

    /// Everything arrives, then two years pass: every timer that was started has ended, once.
    pub(crate) fn finish(&mut self) {
        for _ in 0..3 {
            self.run(&[Step::Retransmit(ALICE), Step::Retransmit(BOB)]);
            self.deliver_all();
        }
        assert!(self.ends.iter().all(|end| end.model.gaps.is_whole()), "something is missing for ever");
        self.step(Step::Clock(2 * 31_536_000_000));
        // Once more after a crash in the first.
        for _ in 0..2 {
            self.run(&[Step::Timeout(ALICE), Step::Timeout(BOB)]);
        }
        self.ends.iter().for_each(End::check_all_ended);
    }

    pub(crate) fn deliver_all(&mut self) {
        while !self.network.is_empty() {
            self.deliver(ALICE);
            self.deliver(BOB);
            self.ends.iter().for_each(End::check);
        }
    }

    fn pick(&self, which: usize) -> Option<RandomId> {
        (!self.made.is_empty()).then(|| self.made[which % self.made.len()].0)
    }

    fn send(&mut self, end: usize, kind: Kind, own: Option<i32>) {
        let id = RandomId(i64::try_from(self.made.len()).unwrap() + 1);
        let sealed = own.map_or(self.ends[end].chat.ttl(), ttl).to_wire();
        // Without a timer nothing is hidden.
        let kind = if kind == Kind::Hidden && sealed == 0 { Kind::Text } else { kind };
        let text = if matches!(kind, Kind::Text | Kind::Hidden) { "text" } else { "" };
        let draft = {
            let mut draft = Draft::default().with_random_id(id).with_ttl(own.map(ttl));
            draft.text = text.into();
            draft.media = media(kind);
            draft.hidden = kind == Kind::Hidden;
            draft
        };
        self.made.push((id, kind, sealed));
        let add = |model: &mut Model| model.add(id, true, kind, sealed);
        self.call(end, |chat, env| chat.send(&draft, env), &add).unwrap();
    }

    fn open(&mut self, end: usize, which: usize) {
        let Some(id) = self.pick(which) else { return };
        let allowed = self.ends[end].model.may_open(id, self.now);
        let opened =
            self.call(end, |chat, env| chat.open_view(id, env).map(drop), &|model| model.start(id, Cause::Opened));
        let expected = match allowed {
            Some(true) => Ok(()),
            Some(false) => Err(Unavailable::Expired.into()),
            None => Err(Unavailable::NotTimed.into()),
        };
        assert_eq!(opened, expected, "{id:?}");
    }

    fn deliver(&mut self, end: usize) {
        let Some((id, bytes)) = self.network.take(1 - end) else { return };
        let input = || Input::ciphertext(&bytes, None, None);
        let slot = id.slot().expect("the id of a message names its slot (SPEC FRM-5)").get();
        let arrive = |model: &mut Model| model.gaps.arrive(slot, model.elapsed);
        self.call(end, |chat, env| chat.handle(input(), env), &arrive).unwrap();
        self.call(1 - end, |chat, env| chat.handle(Input::carried(id, None), env), &|_| {}).unwrap();
    }

    fn retransmit(&mut self, end: usize) {
        self.call(
            end,
            |chat, env| {
                chat.retransmit(env);
                Ok::<_, ()>(())
            },
            &|model| model.gaps.retransmit(model.elapsed),
        )
        .unwrap();
    }

    /// What is over ends, what is missing is asked for again if its time has come (SPEC SEQ-11), and nothing else is said.
    fn timeout(&mut self, end: usize) {
        let End { chat, model, .. } = &self.ends[end];
        let on_the_way = self.network.under_way(end).count();
        let (crashes, sent) = (self.crashes, chat.counters().sent);
        let asks = model.gaps.is_due(model.elapsed_at(self.now));
        self.call(
            end,
            |chat, env| {
                chat.handle_timeout(env);
                Ok::<_, ()>(())
            },
            &|model| model.gaps.timeout(model.elapsed),
        )
        .unwrap();
        if self.crashes > crashes {
            return;
        }
        let End { chat, model, durable, .. } = &self.ends[end];
        let said: Vec<_> =
            self.network.under_way(end).skip(on_the_way).filter_map(|(id, _)| id.slot().map(SeqNo::get)).collect();
        assert_eq!(said, if asks { vec![sent] } else { vec![] }, "{model:?}");
        let first = model.first_deadline();
        assert!(first.is_none_or(|first| first > model.elapsed), "overdue: {model:?}");
        let timers = first.map(|first| durable.clock_due().unwrap().min(first));
        let next = timers.into_iter().chain(model.gaps.due()).min();
        // Nothing but the age of the key (`no_rekeys`) is left where the tables say nothing.
        let told = chat.poll_timeout().filter(|told| told.as_millis() < self.now + NEVER / 2 * 1000);
        assert_eq!(told, next.map(|next| Timestamp::from_millis(model.on_host_clock(next))), "{model:?}");
    }

    /// One call of a chat, what it means in the model, and what the host is asked for.
    fn call<R, E>(
        &mut self,
        end: usize,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
        effect: Effect<'_>,
    ) -> Result<R, E> {
        let now = self.now;
        let End { chat, rng, model, .. } = &mut self.ends[end];
        let result = call(chat, &mut Env::new(Timestamp::from_millis(now), rng));
        if result.is_ok() {
            model.advance(now);
            effect(model);
        }
        self.drain(end);
        result
    }

    fn drain(&mut self, end: usize) {
        while let Some(output) = self.ends[end].chat.poll_output() {
            let fuse = self.fuse.filter(|fuse| fuse.at == self.outputs);
            self.outputs += 1;
            if fuse.is_none_or(|fuse| fuse.done)
                && let Some(posted) = self.ends[end].take(output, &self.made)
            {
                self.network.post(end, posted, self.now);
            }
            if fuse.is_some() {
                self.fuse = None;
                self.crashes += 1;
                self.ends[end].come_back(self.now);
                self.retransmit(end);
            }
        }
    }

    /// A process that ends in peace and starts again: the records hold everything but the time of calls without a batch.
    fn restart(&mut self, end: usize) {
        let End { model, durable, .. } = &self.ends[end];
        assert_eq!(model.messages, durable.messages, "not in the records");
        assert_eq!(model.gaps, durable.gaps, "not in the records");
        self.ends[end].come_back(self.now);
    }
}

/// What is to be carried; batches go into the store.
fn drained(chat: &mut Chat, store: &mut MemoryStore) -> Vec<TransmitKind> {
    let mut kinds = Vec::new();
    while let Some(output) = chat.poll_output() {
        match output {
            Output::Persist(batch) => store.apply(&batch).unwrap(),
            Output::Transmit(transmit) => kinds.push(transmit.kind),
            _ => {}
        }
    }
    kinds
}
