//! All states of two ends that ask for keys, write and hear each other in any order (SPEC REKEY-2 to REKEY-5, X25-8).
//!
//! The search is breadth first and exhaustive within [`Bounds`]. A state is what both ends keep in their records, and what
//! is on its way between them in order. An end is restored from its records for every call, and its draws depend on nothing
//! but how many calls it had: so equal histories give equal bytes, and a state that was seen is not gone on from again.
//!
//! In every state each call succeeds, and no chat ends, though this profile ends a chat at a message that is off the table.
//! What is on its way arrives sooner or later, so every state leads to one in which nothing is. In each of these the ends
//! come to rest: with one key, no old key, every text in its place, and able to agree on the next key from either side.
//!
//! **Not** here: an outbox without room for a step, an answer that does not come for an hour, values that are refused. So no
//! AbortKey is ever sent. `table.rs` and `failures.rs` have these.

use std::collections::{HashSet, VecDeque};

use recordings::{Scripted, Seeded};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    CallError, Chat, ChatState, CloseReason, Draft, Env, Event, Handled, History, Input, Invitation, Output, PeerFault,
    RandomId, Records, RekeyFailure, RekeyState, Role, StoreKey, Transmit, TransmitKind, Unavailable,
};
use sha2::{Digest, Sha256};

use crate::support::pair::{self, Pair, at, input_of};

const HOUR: u64 = 60 * 60 * 1000;

/// What may still happen: for each end, or in all.
#[derive(Clone, Copy)]
struct Bounds {
    /// How many keys an end asks for.
    requests: [u8; 2],
    /// How many texts an end writes.
    texts: [u8; 2],
    /// How many messages the transport refuses for good.
    refusals: u8,
    /// How many ends close.
    closes: u8,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The end takes the oldest message that is on its way to it.
    Takes(usize),
    /// The end asks for a key.
    Asks(usize),
    /// The end writes a text.
    Writes(usize),
    /// The transport refuses the oldest message of the end that has not arrived.
    IsRefused(usize),
    /// The end closes the chat.
    Closes(usize),
}

/// What was met. A search that does not meet all of it shows nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// States in which nothing is on its way.
    rests: usize,
    /// States in which both ends wait for an answer.
    crossed: usize,
    /// States behind the refusal of a request.
    refused_requests: usize,
    /// States in which one end has closed, and the other one does not know it.
    discards: usize,
    most_rekeys: u32,
}

/// Each end asks and writes once, and the transport refuses one message; the long form is wider.
fn bounds() -> Bounds {
    let requests = if is_slow() { [2, 2] } else { [1, 1] };
    Bounds { requests, texts: [1, 1], refusals: 1, closes: 0 }
}

// Of two requests that cross the one with the higher id wins.
#[test]
fn two_ends_come_to_rest_in_every_order_if_the_responder_wins() {
    let tally = search(World::new(bounds(), [1, 2]));
    assert!(tally.rests > 1_000 && tally.crossed > 100 && tally.refused_requests > 1_000, "{tally:?}");
    assert_eq!(tally.most_rekeys, 2, "{tally:?}");
}

#[test]
fn two_ends_come_to_rest_in_every_order_if_the_initiator_wins() {
    let tally = search(World::new(bounds(), [2, 1]));
    assert!(tally.rests > 1_000 && tally.crossed > 100 && tally.refused_requests > 1_000, "{tally:?}");
    assert_eq!(tally.most_rekeys, 2, "{tally:?}");
}

// Nothing is refused here: an end that has dropped its request for an equal one, and whose own is refused after that, leaves
// the other end waiting until its request counts as unanswered (REKEY-3).
#[test]
fn two_ends_come_to_rest_in_every_order_if_neither_wins() {
    let tally = search(World::new(Bounds { refusals: 0, ..bounds() }, [3, 3]));
    assert!(tally.rests > 100 && tally.crossed > 10, "{tally:?}");
    assert_eq!(tally.most_rekeys, 2, "{tally:?}");
}

// In whatever state one end closes, and whatever the other one does before it hears of it: it holds the key.
#[test]
fn a_discard_is_proved_in_every_order() {
    for ids in [[1, 2], [2, 1], [3, 3]] {
        let tally = search(World::new(Bounds { refusals: 0, closes: 1, ..bounds() }, ids));
        assert!(tally.discards > 1_000 && tally.crossed > 10, "{tally:?}");
        assert_eq!(tally.most_rekeys, 2, "{tally:?}");
    }
}

fn is_slow() -> bool {
    std::env::var_os("SECRETCHAT_SLOW").is_some()
}

/// Goes through every state that can be reached.
fn search(start: World) -> Tally {
    let mut tally = Tally::default();
    let mut seen = HashSet::from([start.digest()]);
    let mut open = VecDeque::from([start]);
    while let Some(world) = open.pop_front() {
        tally.crossed += usize::from(world.ends.iter().all(|end| matches!(end.rekey, RekeyState::Requested { .. })));
        tally.refused_requests += usize::from(world.ends.iter().any(|end| end.refused_requests > 0));
        tally.most_rekeys = tally.most_rekeys.max(world.ends[0].rekeys);
        if let Some(closed) = world.ends.iter().position(|end| end.discard.is_some()) {
            tally.discards += 1;
            world.clone().hears_discard(closed);
        } else if world.ends.iter().all(|end| end.leaving.is_empty()) {
            tally.rests += 1;
            world.clone().comes_to_rest();
        }
        for step in world.steps() {
            let mut next = world.clone();
            next.take(step);
            if seen.insert(next.digest()) {
                open.push_back(next);
            }
        }
    }
    tally
}

/// A state.
#[derive(Clone)]
struct World {
    ends: [End; 2],
    left: Bounds,
    /// What the ids of their exchanges begin with.
    ids: [i64; 2],
    hours: u64,
}

#[derive(Clone)]
struct End {
    role: Role,
    store: MemoryStore,
    /// How many calls it had.
    calls: u64,
    /// How many keys it asked for: no id comes back.
    asked: i64,
    /// Its messages that are on their way, in order.
    leaving: VecDeque<Transmit>,
    /// Once it has closed.
    discard: Option<Transmit>,
    /// Texts that it wrote and the transport did not refuse.
    written: usize,
    /// Texts that it got.
    heard: usize,
    /// How many messages it made before it closed.
    made: u32,
    rekey: RekeyState,
    rekeys: u32,
    refused_requests: usize,
}

impl World {
    /// Two ends that are ready, and nothing on its way.
    fn new(left: Bounds, ids: [i64; 2]) -> Self {
        let mut ends = [Role::Initiator, Role::Responder].map(End::new);
        let mut rng = Seeded::new(0);
        let mut alice = Chat::request(Pair::alice_config(), &mut pair::env(&mut rng)).unwrap();
        ends[0].drain(&mut alice);
        let TransmitKind::Request { public, .. } = ends[0].leaving.pop_front().unwrap().kind else { panic!() };
        let bob = Invitation::parse(&public, Pair::bob_config()).unwrap();
        let mut bob = bob.accept(&mut pair::env(&mut rng)).unwrap();
        ends[1].drain(&mut bob);
        let mut world = Self { ends, left, ids, hours: 0 };
        world.settle();
        world
    }

    fn steps(&self) -> Vec<Step> {
        let Bounds { requests, texts, refusals, closes } = self.left;
        let mut steps = Vec::new();
        for end in (0..2).filter(|end| self.ends[*end].discard.is_none()) {
            let kinds = [
                (!self.ends[1 - end].leaving.is_empty(), Step::Takes(end)),
                (requests[end] > 0, Step::Asks(end)),
                (texts[end] > 0, Step::Writes(end)),
                (refusals > 0 && !self.ends[end].leaving.is_empty(), Step::IsRefused(end)),
                (closes > 0, Step::Closes(end)),
            ];
            steps.extend(kinds.into_iter().filter_map(|(may, step)| may.then_some(step)));
        }
        steps
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Takes(end) => {
                let transmit = self.ends[1 - end].leaving.pop_front().unwrap();
                self.call(end, |chat, env| match chat.handle(input_of(&transmit), env) {
                    Ok(Handled::Applied | Handled::Waiting) => {}
                    // Behind what was refused there is a gap; what is asked for again may come twice.
                    Ok(Handled::Duplicate) | Err(PeerFault::UnknownKey) => {
                        assert!(transmit.id.slot().unwrap().get() < chat.counters().received);
                    }
                    other => panic!("{other:?}"),
                });
            }
            Step::Asks(end) => {
                // A key that is asked for too early may be asked for later.
                match self.asks(end) {
                    Ok(()) => self.left.requests[end] -= 1,
                    Err(refused) => assert_eq!(refused, Unavailable::RekeyInProgress.into()),
                }
            }
            Step::Writes(end) => {
                self.left.texts[end] -= 1;
                self.ends[end].written += 1;
                let random_id = RandomId(i64::try_from(self.ends[end].calls).unwrap());
                let draft = Draft::text("x").with_random_id(random_id);
                self.call(end, |chat, env| chat.send(&draft, env)).unwrap();
            }
            Step::IsRefused(end) => {
                self.left.refusals -= 1;
                let transmit = self.ends[end].leaving.pop_front().unwrap();
                let refused = Input::refused_for_good(transmit.id);
                match self.call(end, |chat, env| chat.handle(refused, env)) {
                    Ok(Handled::Applied) => {}
                    // A step that the peer must not miss is offered to the transport again.
                    Ok(Handled::Ignored) => self.ends[end].leaving.push_front(transmit),
                    other => panic!("{other:?}"),
                }
            }
            Step::Closes(end) => {
                self.left.closes -= 1;
                self.call(end, |chat, env| chat.close(History::Keep, env));
            }
        }
    }

    fn asks(&mut self, end: usize) -> Result<(), CallError> {
        let id = self.ids[end] + 10 * self.ends[end].asked;
        let asked = self.call_drawing(end, Some(id), Chat::rekey);
        self.ends[end].asked += i64::from(asked.is_ok());
        asked
    }

    /// Carries what is on its way, and what that causes.
    fn settle(&mut self) {
        for _ in 0..100 {
            let Some(from) = (0..2).find(|end| !self.ends[*end].leaving.is_empty()) else { return };
            self.take(Step::Takes(1 - from));
        }
        panic!("two ends that never rest");
    }

    /// Nothing is on its way: a few hours later the two ends have one key, and from either side there is a next one.
    fn comes_to_rest(mut self) {
        self.rests();
        for end in [0, 1] {
            assert_eq!(self.ends[end].heard, self.ends[1 - end].written);
        }
        for end in [0, 1] {
            let before = self.ends[end].rekeys;
            // An end asks once it knows that the peer has the key, so once it has heard of it (REKEY-5).
            self.left.texts[1 - end] += 1;
            self.take(Step::Writes(1 - end));
            self.settle();
            self.asks(end).unwrap();
            self.settle();
            self.rests();
            assert_eq!(self.ends[end].rekeys, before + 1);
        }
    }

    fn rests(&mut self) {
        for _ in 0..3 {
            self.hours += 1;
            for end in [0, 1] {
                self.call(end, |chat, env| {
                    chat.handle_timeout(env);
                    chat.acknowledge(env).unwrap();
                });
            }
            self.settle();
        }
        let [alice, bob] = [0, 1].map(|end| {
            self.call(end, |chat, _| {
                assert_eq!((chat.state(), chat.rekey_state()), (ChatState::Ready, RekeyState::Idle));
                // There is none while an old key is kept.
                (chat.check().unwrap(), chat.key_fingerprint(), chat.rekeys())
            })
        });
        assert_eq!(alice, bob);
    }

    /// The other end hears of it now, whatever is still on its way.
    fn hears_discard(mut self, closed: usize) {
        let made = self.ends[closed].made;
        let discard = self.ends[closed].discard.take().unwrap();
        self.call(1 - closed, |chat, env| {
            let received = chat.counters().received;
            assert_eq!(chat.handle(input_of(&discard), env), Ok(Handled::ChatClosed));
            let told = pair::outputs(chat).into_iter().find_map(|output| match output {
                Output::Event(Event::Closed { missing, set_back, .. }) => Some((missing, set_back)),
                _ => None,
            });
            assert_eq!(told, Some((Some(made - received), false)));
        });
    }

    fn call<R>(&mut self, end: usize, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> R {
        self.call_drawing(end, None, call)
    }

    /// Calls the chat of an end, restored from its records. Its first draw of eight bytes may be given.
    fn call_drawing<R>(&mut self, end: usize, id: Option<i64>, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> R {
        let end = &mut self.ends[end];
        end.calls += 1;
        let draws = Seeded::of(&[end.role as u64, end.calls].map(u64::to_le_bytes).concat());
        let mut rng = Scripted::with(id.map(|id| id.to_le_bytes().to_vec()), draws);
        let mut env = Env::new(at(self.hours * HOUR), &mut rng);
        let mut chat = end.restore(&mut env);
        let result = call(&mut chat, &mut env);
        end.drain(&mut chat);
        result
    }

    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for End { leaving, discard, .. } in &self.ends {
            hash.update(format!("{leaving:?} {discard:?}"));
        }
        for (name, row) in self.ends.iter().flat_map(|end| end.records().rows) {
            hash.update(format!("{name} {}", row.len()));
            hash.update(row);
        }
        let Bounds { requests, texts, refusals, closes } = self.left;
        hash.update([requests[0], requests[1], texts[0], texts[1], refusals, closes]);
        hash.finalize().into()
    }
}

impl End {
    fn new(role: Role) -> Self {
        Self {
            role,
            store: MemoryStore::default(),
            calls: 0,
            asked: 0,
            leaving: VecDeque::new(),
            discard: None,
            written: 0,
            heard: 0,
            made: 0,
            rekey: RekeyState::Idle,
            rekeys: 0,
            refused_requests: 0,
        }
    }

    fn records(&self) -> Records {
        let chats = self.store.chats().unwrap();
        self.store.load(chats[0]).unwrap().unwrap()
    }

    fn restore(&self, env: &mut Env<'_>) -> Chat {
        let key = match self.role {
            Role::Initiator => [1; 32],
            Role::Responder => pair::BOBS_STORE_KEY,
        };
        Chat::restore(&self.records(), &StoreKey::new(key), None, env).unwrap()
    }

    /// Takes what the chat asks for.
    fn drain(&mut self, chat: &mut Chat) {
        for output in pair::outputs(chat) {
            match output {
                Output::Persist(batch) => self.store.apply(&batch).unwrap(),
                Output::Transmit(transmit) if matches!(transmit.kind, TransmitKind::Discard { .. }) => {
                    self.discard = Some(transmit);
                }
                Output::Transmit(transmit) => self.leaving.push_back(transmit),
                Output::Event(Event::Message(_)) => self.heard += 1,
                Output::Event(Event::Failed { .. }) => self.written -= 1,
                Output::Event(Event::RekeyFailed { reason: RekeyFailure::Refused, .. }) => self.refused_requests += 1,
                Output::Event(Event::Closed { reason: CloseReason::ByUs, .. }) => {}
                Output::Event(event @ (Event::RekeyFailed { .. } | Event::Closed { .. })) => panic!("{event:?}"),
                _ => {}
            }
        }
        (self.rekey, self.rekeys) = (chat.rekey_state(), chat.rekeys());
        if chat.state() == ChatState::Ready {
            self.made = chat.counters().sent;
        }
    }
}
