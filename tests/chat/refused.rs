//! What the user did and the transport refused for good is told by name, and the timer is what both ends know
//! (SPEC SEQ-8, DES-1).

use std::collections::VecDeque;

use proptest::prelude::*;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Draft, Event, Handled, Input, Notice, Output, RandomId, StoreKey, TransmitId, TransmitKind, Ttl,
    TypingAction, UserAction,
};

use crate::support::pair::{self, BOBS_STORE_KEY, Pair, ciphertext, env, outputs};
use crate::support::rng::Seeded;
use crate::support::stored::keep;
use crate::support::timed::{sealed_in, ttl};

fn refuse(chat: &mut Chat, id: TransmitId, rng: &mut Seeded) -> Vec<Output> {
    assert_eq!(chat.handle(Input::refused_for_good(id), &mut env(rng)), Ok(Handled::Applied));
    outputs(chat)
}

fn failed(told: &[Output]) -> Vec<(TransmitId, UserAction)> {
    let failed = told.iter().filter_map(|output| match output {
        Output::Event(Event::ActionFailed { id, action, .. }) => Some((*id, *action)),
        _ => None,
    });
    failed.collect()
}

fn last_id(told: &[Output]) -> TransmitId {
    let mut ids = told.iter().filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.id),
        _ => None,
    });
    ids.next_back().unwrap()
}

/// The timer of a message is not the chat's.
#[test]
fn a_refused_timer_gives_way_to_the_one_that_both_know() {
    let mut pair = Pair::ready();
    let acknowledged = |pair: &mut Pair| {
        for sealed in pair::all_sealed(&mut pair.alice) {
            pair.bob_gets(&sealed).unwrap();
        }
        outputs(&mut pair.bob);
        pair.bob.send(&Draft::text("seen"), &mut env(&mut pair.rng)).unwrap();
        let sealed = pair::sealed(&mut pair.bob);
        pair.alice.handle(ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
        outputs(&mut pair.alice);
    };
    pair.alice.set_ttl(ttl(5), &mut env(&mut pair.rng)).unwrap();
    acknowledged(&mut pair);
    pair.alice.send(&Draft::text("longer").with_ttl(ttl(30)), &mut env(&mut pair.rng)).unwrap();
    acknowledged(&mut pair);
    pair.alice.set_ttl(ttl(9), &mut env(&mut pair.rng)).unwrap();
    let id = last_id(&outputs(&mut pair.alice));
    refuse(&mut pair.alice, id, &mut pair.rng);
    assert_eq!(pair.alice.ttl(), ttl(5));
}

type Call = fn(&mut Chat, &mut secretchat::Env<'_>) -> Option<Notice>;

const ID: [RandomId; 1] = [RandomId(7)];

#[test]
fn fa_12_each_refused_action_is_told_by_its_name_over_a_restart_too() {
    let five = Ttl::from_seconds(5).unwrap();
    let actions: [(Call, Option<UserAction>); 6] = [
        (|chat, env| Some(chat.mark_read(&ID, env).unwrap()), Some(UserAction::MarkRead)),
        (|chat, env| Some(chat.delete(&ID, env).unwrap()), Some(UserAction::Delete)),
        (|chat, env| Some(chat.flush_history(env).unwrap()), Some(UserAction::FlushHistory)),
        (
            |chat, env| {
                chat.report_screenshot(&ID, env).unwrap();
                None
            },
            Some(UserAction::ReportScreenshot),
        ),
        (
            |chat, env| {
                chat.set_ttl(Ttl::from_seconds(5).unwrap(), env).unwrap();
                None
            },
            Some(UserAction::SetTtl { ttl: five }),
        ),
        // Nobody misses it.
        (
            |chat, env| {
                chat.typing(TypingAction::Typing, env).unwrap();
                None
            },
            None,
        ),
    ];
    for (call, action) in actions {
        for restarts in [false, true] {
            let mut store = MemoryStore::default();
            let mut pair = Pair::new();
            // Bob's records from his first batch on.
            let public = pair.request();
            let invitation = secretchat::Invitation::parse(&public, Pair::bob_config()).unwrap();
            pair.bob = invitation.accept(&mut env(&mut pair.rng)).unwrap();
            let accepted = keep(&mut pair.bob, &mut store);
            let Some(TransmitKind::Accept { public, fingerprint, .. }) =
                accepted.iter().find_map(|output| match output {
                    Output::Transmit(transmit) => Some(transmit.kind.clone()),
                    _ => None,
                })
            else {
                panic!("{accepted:?}")
            };
            let input = Input::accepted(&public, fingerprint);
            pair.alice.handle(input, &mut env(&mut pair.rng)).unwrap();
            for sealed in pair::all_sealed(&mut pair.alice) {
                pair.bob_gets(&sealed).unwrap();
            }
            keep(&mut pair.bob, &mut store);

            let notice = call(&mut pair.bob, &mut env(&mut pair.rng));
            let told = keep(&mut pair.bob, &mut store);
            let id = last_id(&told);
            assert!(notice.is_none_or(|notice| notice == Notice::Queued(id)), "{notice:?}");
            if restarts {
                let records = store.load(pair.bob.id().unwrap()).unwrap().unwrap();
                let key = StoreKey::new(BOBS_STORE_KEY);
                pair.bob = Chat::restore(&records, &key, None, &mut env(&mut pair.rng)).unwrap();
            }
            let told = refuse(&mut pair.bob, id, &mut pair.rng);
            assert_eq!(failed(&told), action.map(|action| (id, action)).into_iter().collect::<Vec<_>>());
            // Alice hears nothing, and no slot is missing.
            for sealed in sealed_in(&told) {
                assert_eq!(pair.alice.handle(ciphertext(&sealed), &mut env(&mut pair.rng)), Ok(Handled::Applied));
            }
            let heard = outputs(&mut pair.alice);
            assert!(!heard.iter().any(|output| matches!(output, Output::Event(_))), "{heard:?}");
            assert_eq!((pair.alice.ttl(), pair.bob.ttl()), (Ttl::OFF, Ttl::OFF));
            // Told once: what took its place has no name.
            let again = pair.bob.handle(Input::refused_for_good(id), &mut env(&mut pair.rng));
            assert_eq!(again, Ok(Handled::Ignored));
        }
    }
}

/// Two ends and what is on its way between them, in order.
struct Wire {
    ends: [Chat; 2],
    /// Of each end: what it has sealed, by its id.
    on_its_way: [VecDeque<(TransmitId, Vec<u8>)>; 2],
    rng: Seeded,
}

impl Wire {
    fn new() -> Self {
        let Pair { mut alice, mut bob, rng } = Pair::ready();
        outputs(&mut alice);
        outputs(&mut bob);
        Self { ends: [alice, bob], on_its_way: Default::default(), rng }
    }

    fn drain(&mut self, end: usize) {
        for output in outputs(&mut self.ends[end]) {
            let Output::Transmit(transmit) = output else { continue };
            let TransmitKind::Ciphertext { bytes, .. } = transmit.kind else { continue };
            match self.on_its_way[end].iter_mut().find(|(id, _)| *id == transmit.id) {
                Some((_, replaced)) => *replaced = bytes,
                None => self.on_its_way[end].push_back((transmit.id, bytes)),
            }
        }
    }

    fn set(&mut self, end: usize, seconds: u32) -> TransmitId {
        self.ends[end].set_ttl(ttl(seconds), &mut env(&mut self.rng)).unwrap();
        self.drain(end);
        self.on_its_way[end].back().unwrap().0
    }

    fn refuse(&mut self, end: usize, id: TransmitId) {
        let input = Input::refused_for_good(id);
        assert_eq!(self.ends[end].handle(input, &mut env(&mut self.rng)), Ok(Handled::Applied));
        self.drain(end);
    }

    fn deliver(&mut self, from: usize) -> bool {
        let Some((_, bytes)) = self.on_its_way[from].pop_front() else { return false };
        let handled = self.ends[1 - from].handle(ciphertext(&bytes), &mut env(&mut self.rng));
        assert_eq!(handled, Ok(Handled::Applied));
        self.drain(1 - from);
        true
    }

    fn settle(&mut self) {
        while self.deliver(0) | self.deliver(1) {}
    }

    fn say(&mut self, end: usize) {
        self.ends[end].send(&Draft::text("x"), &mut env(&mut self.rng)).unwrap();
        self.drain(end);
    }

    /// The timers of both ends, in seconds.
    fn timers(&self) -> [i32; 2] {
        self.ends.each_ref().map(|chat| chat.ttl().to_wire())
    }
}

const ALICE: usize = 0;
const BOB: usize = 1;

#[test]
fn fa_12_after_a_refused_timer_the_own_one_is_what_both_know() {
    for end in [ALICE, BOB] {
        let mut wire = Wire::new();
        let five = wire.set(end, 5);
        wire.refuse(end, five);
        assert_eq!(wire.timers(), [0, 0], "that of before");

        // Two on their way: the one that is left holds.
        let (seven, eight) = (wire.set(end, 7), wire.set(end, 8));
        wire.refuse(end, seven);
        assert_eq!(wire.timers()[end], 8);
        wire.refuse(end, eight);
        assert_eq!(wire.timers()[end], 0);
        let (seven, eight) = (wire.set(end, 7), wire.set(end, 8));
        wire.refuse(end, eight);
        assert_eq!(wire.timers()[end], 7);
        wire.refuse(end, seven);
        assert_eq!(wire.timers()[end], 0);
        wire.settle();

        // One that the peer has, and has said so.
        wire.set(end, 20);
        wire.settle();
        wire.say(1 - end);
        wire.settle();
        let five = wire.set(end, 5);
        wire.refuse(end, five);
        assert_eq!(wire.timers(), [20, 20]);
        // One of the peer.
        wire.settle();
        wire.set(1 - end, 10);
        wire.settle();
        let five = wire.set(end, 5);
        wire.refuse(end, five);
        assert_eq!(wire.timers(), [10, 10]);
    }
}

#[test]
fn fa_12_a_refused_timer_that_crossed_leaves_the_peers() {
    for end in [ALICE, BOB] {
        let mut wire = Wire::new();
        let five = wire.set(end, 5);
        wire.set(1 - end, 10);
        wire.deliver(1 - end);
        assert_eq!(wire.timers()[end], if end == ALICE { 5 } else { 10 }, "the initiator's holds (DES-1)");
        wire.refuse(end, five);
        assert_eq!(wire.timers(), [10, 10]);
        // It is not on its way any more, so that the next one of the peer crosses nothing.
        wire.settle();
        wire.set(1 - end, 30);
        wire.settle();
        assert_eq!(wire.timers(), [30, 30]);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Set(usize, u32),
    Say(usize),
    Deliver(usize),
    /// One of those on its way, by its place.
    Refuse(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..2_usize, 1..100_u32).prop_map(|(end, seconds)| Step::Set(end, seconds)),
        1 => (0..2_usize).prop_map(Step::Say),
        4 => (0..2_usize).prop_map(Step::Deliver),
        2 => (0..2_usize, 0..4_usize).prop_map(|(end, place)| Step::Refuse(end, place)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever crosses and whatever is refused, both ends agree once everything has arrived.
    #[test]
    fn fa_12_both_ends_agree_on_the_timer_whatever_is_refused(steps in prop::collection::vec(step(), 1..40)) {
        let mut wire = Wire::new();
        for step in steps {
            match step {
                Step::Set(end, seconds) => _ = wire.set(end, seconds),
                Step::Say(end) => wire.say(end),
                Step::Deliver(end) => _ = wire.deliver(end),
                Step::Refuse(end, place) => {
                    let Some((id, _)) = wire.on_its_way[end].get(place).cloned() else { continue };
                    let input = Input::refused_for_good(id);
                    let _ignored_twice = wire.ends[end].handle(input, &mut env(&mut wire.rng));
                    wire.drain(end);
                }
            }
        }
        wire.settle();
        let [alice, bob] = wire.timers();
        prop_assert_eq!(alice, bob);
    }
}
