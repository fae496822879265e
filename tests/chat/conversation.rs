//! Two hosts talk over a network that loses, repeats and reorders: every text arrives exactly once and in order.

use proptest::prelude::*;
use secretchat::{Chat, ChatState, CloseReason, History, Role};

use crate::support::host::{Host, Keeping, World};

/// What the network does with the oldest transmission of one side.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Deliver,
    Lose,
    Repeat,
    /// Behind the others that wait.
    Delay,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write(Role),
    Network(Role, Fate),
    Retransmit(Role),
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop_oneof![Just(Role::Initiator), Just(Role::Responder)];
    let fate =
        prop_oneof![4 => Just(Fate::Deliver), 1 => Just(Fate::Lose), 1 => Just(Fate::Repeat), 1 => Just(Fate::Delay)];
    prop_oneof![
        3 => role.clone().prop_map(Step::Write),
        6 => (role.clone(), fate).prop_map(|(role, fate)| Step::Network(role, fate)),
        1 => role.prop_map(Step::Retransmit),
    ]
}

struct Talk {
    world: World,
    alice: Host,
    bob: Host,
    written: usize,
}

impl Talk {
    fn new(seed: u64) -> Self {
        let mut world = World { now: 1_700_000_000_000, ..World::default() };
        let mut alice = Host::new(Role::Initiator, Keeping::OneDatabase, seed);
        alice.request(&mut world);
        Self { world, alice, bob: Host::new(Role::Responder, Keeping::OneDatabase, seed + 1), written: 0 }
    }

    fn sides(&mut self, from: Role) -> (&mut Host, &mut Host, &mut World) {
        match from {
            Role::Initiator => (&mut self.alice, &mut self.bob, &mut self.world),
            Role::Responder => (&mut self.bob, &mut self.alice, &mut self.world),
        }
    }

    fn take(&mut self, step: Step) {
        self.world.now += 50;
        match step {
            Step::Write(role) => {
                self.written += 1;
                let text = format!("{role:?} {}", self.written);
                let (host, _, world) = self.sides(role);
                host.write(text);
                host.send_next(world);
            }
            Step::Network(role, fate) => {
                let (from, to, world) = self.sides(role);
                let Some(transmit) = world.network.take(from.end()) else { return };
                match fate {
                    Fate::Lose => {}
                    Fate::Delay => drop(world.network.post(from.end(), transmit, world.now)),
                    Fate::Deliver | Fate::Repeat => {
                        if matches!(fate, Fate::Repeat) {
                            world.network.post(from.end(), transmit.clone(), world.now);
                        }
                        if to.receive(&transmit, world).unwrap() {
                            from.carried(transmit.id, to.discard_receipt(), world);
                        }
                    }
                }
            }
            Step::Retransmit(role) => {
                let (host, _, world) = self.sides(role);
                host.retransmit(world);
            }
        }
    }

    /// The network behaves from now on.
    fn settle(&mut self) {
        for _ in 0..200 {
            while !self.world.network.is_empty() {
                self.take(Step::Network(Role::Initiator, Fate::Deliver));
                self.take(Step::Network(Role::Responder, Fate::Deliver));
            }
            while self.alice.send_next(&mut self.world) || self.bob.send_next(&mut self.world) {}
            // Service messages count as well: one that was lost comes again like every other.
            let counts = |host: &Host| host.chat.as_ref().map(Chat::counters);
            let settled = |from: &Host, to: &Host| {
                from.to_send.is_empty()
                    && counts(from).map(|counts| counts.sent) == counts(to).map(|counts| counts.received)
            };
            let ready = self.alice.is_ready() && self.bob.is_ready() && self.world.network.is_empty();
            if ready && settled(&self.alice, &self.bob) && settled(&self.bob, &self.alice) {
                return;
            }
            self.take(Step::Retransmit(Role::Initiator));
            self.take(Step::Retransmit(Role::Responder));
        }
        panic!("the two ends do not settle");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_once_in_order_and_equal_at_both_ends(seed in any::<u32>(), steps in prop::collection::vec(step(), 1..120)) {
        let mut talk = Talk::new(u64::from(seed));
        for step in steps {
            talk.take(step);
        }
        talk.settle();
        prop_assert_eq!(&talk.alice.received, &talk.bob.sent);
        prop_assert_eq!(&talk.bob.received, &talk.alice.sent);
        let counters = |host: &Host| host.chat.as_ref().unwrap().counters();
        prop_assert_eq!(counters(&talk.alice).sent, counters(&talk.bob).received);
        prop_assert_eq!(counters(&talk.bob).sent, counters(&talk.alice).received);
        for host in [&talk.alice, &talk.bob] {
            for (id, ciphertexts) in &host.left {
                prop_assert!(ciphertexts.windows(2).all(|two| two[0] == two[1]), "{id} was sealed twice");
            }
        }
    }
}

#[test]
fn both_close_at_once() {
    let mut talk = Talk::new(3);
    talk.settle();
    assert!(talk.alice.is_ready() && talk.bob.is_ready());
    talk.alice.close(History::Keep, &mut talk.world);
    talk.bob.close(History::Delete, &mut talk.world);
    talk.take(Step::Network(Role::Initiator, Fate::Deliver));
    talk.take(Step::Network(Role::Responder, Fate::Deliver));
    for host in [&talk.alice, &talk.bob] {
        assert_eq!(host.chat.as_ref().unwrap().state(), ChatState::Closed(CloseReason::ByUs));
        assert!(host.keeps_no_key());
    }
}
