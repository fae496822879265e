//! An end whose outbox and whose waiting queue are as full as one likes, and what may happen to it next.

use secretchat::{Chat, Draft, Handled, Limits, Output, RandomId, RekeyPolicy, Start, TransmitId};

use super::pair::{self, Pair, env};
use super::rng::Seeded;

/// One call of the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message of the peer's whose turn it is, and which acknowledges nothing.
    Receive,
    /// Its acknowledgement.
    Acknowledge,
    /// A message of the peer's that acknowledges one of ours.
    Acknowledged,
    /// A message of the peer's that must wait.
    ReceiveEarly,
    Send,
    /// With an id of the host's choice.
    SendById,
    /// The transport has taken over the newest message.
    Carried,
}

/// Once through all of them is a round.
pub(crate) const STEPS: [Step; 7] = [
    Step::Receive,
    Step::Acknowledge,
    Step::Acknowledged,
    Step::ReceiveEarly,
    Step::Send,
    Step::SendById,
    Step::Carried,
];

/// An end with a backlog; its outputs are taken.
pub(crate) struct Backlog {
    pub(crate) alice: Chat,
    rng: Seeded,
    /// What Bob wrote, the last first: two for each round, and one for each round that waits behind all others.
    next: Vec<Vec<u8>>,
    early: Vec<Vec<u8>>,
    drafts: u8,
}

impl Backlog {
    /// So many messages that the peer has not acknowledged, and so many of the peer's that wait for an earlier one,
    /// beside what `rounds` add.
    pub(crate) fn new(outbox: usize, waiting: usize, rounds: usize) -> Self {
        let mut limits = Limits::default();
        limits.outbox_messages = 1 << 20;
        limits.outbox_bytes = 1 << 30;
        limits.waiting_messages = 1 << 20;
        limits.waiting_bytes = 1 << 30;
        limits.waiting_span = 1 << 20;
        // One key for all of them.
        let mut rekey = RekeyPolicy::x25519();
        (rekey.initiator_messages, rekey.responder_messages, rekey.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
        let [alice, bob] = [Pair::alice_config(), Pair::bob_config()];
        let raised = |start: Start| start.map(|config| config.with_limits(limits).with_rekey(rekey));
        let mut pair = Pair::of(raised(alice), raised(bob));

        let mut sent = (0..outbox + rounds).map(|_| pair.alice_sends("ours")).collect::<Vec<_>>().into_iter();
        let mut next = Vec::new();
        for _ in 0..rounds {
            next.push(bob_sends(&mut pair));
            let read = sent.next().unwrap();
            assert_eq!(pair.bob_gets(&read), Ok(Handled::Applied));
            pair::outputs(&mut pair.bob);
            next.push(bob_sends(&mut pair));
        }
        // One is lost, so that those after it wait for ever.
        bob_sends(&mut pair);
        let mut early: Vec<_> = (0..=waiting + rounds).map(|_| bob_sends(&mut pair)).collect();
        let Pair { mut alice, mut rng, .. } = pair;
        // The first has the missing one asked for.
        let last = early.split_off(waiting + 1);
        for sealed in &early {
            assert_eq!(alice.handle(pair::ciphertext(sealed), &mut env(&mut rng)), Ok(Handled::Waiting));
            pair::outputs(&mut alice);
        }
        next.reverse();
        Self { alice, rng, next, early: last.into_iter().rev().collect(), drafts: 0 }
    }

    /// What [`Backlog::take`] needs, made before a measurement begins.
    pub(crate) fn prepare(&mut self, step: Step) -> Prepared {
        match step {
            Step::Receive | Step::Acknowledged => Prepared::Sealed(self.next.pop().unwrap(), Handled::Applied),
            Step::ReceiveEarly => Prepared::Sealed(self.early.pop().unwrap(), Handled::Waiting),
            Step::Acknowledge => Prepared::Acknowledge,
            Step::Send => Prepared::Draft(Draft::text("ours").into()),
            Step::SendById => {
                self.drafts += 1;
                let random_id = Some(RandomId(i64::from(self.drafts)));
                Prepared::Draft(Draft::text("ours").with_random_id(random_id).into())
            }
            Step::Carried => Prepared::Carried(TransmitId(16 + u64::from(self.alice.counters().sent) - 1)),
        }
    }

    /// One call.
    pub(crate) fn take(&mut self, prepared: &Prepared) {
        let env = &mut env(&mut self.rng);
        match prepared {
            Prepared::Sealed(sealed, handled) => {
                assert_eq!(self.alice.handle(pair::ciphertext(sealed), env), Ok(*handled));
            }
            Prepared::Draft(draft) => drop(self.alice.send(draft, env).unwrap()),
            Prepared::Acknowledge => self.alice.acknowledge(env).unwrap(),
            Prepared::Carried(id) => {
                let carried = secretchat::Input::carried(*id, None);
                assert_eq!(self.alice.handle(carried, env), Ok(Handled::Applied));
            }
        }
    }

    /// What the call added.
    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        pair::outputs(&mut self.alice)
    }
}

/// A step and what goes into it.
pub(crate) enum Prepared {
    Sealed(Vec<u8>, Handled),
    Draft(Box<Draft>),
    Acknowledge,
    Carried(TransmitId),
}

fn bob_sends(pair: &mut Pair) -> Vec<u8> {
    pair.bob.send(&Draft::text("theirs"), &mut env(&mut pair.rng)).unwrap();
    pair::sealed(&mut pair.bob)
}
