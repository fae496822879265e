//! A process that dies at any output goes on from its records: nothing lost, nothing sealed twice, and no repeat that
//! the rules do not allow (SPEC OUT-2).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "support/host.rs"]
mod host;
#[path = "support/rng.rs"]
mod rng;

use std::collections::BTreeSet;

use host::{Fuse, Host, Keeping, World};
use secretchat::Role;

struct Story {
    /// The network delivers the newest first, so that nearly everything waits and is asked for.
    backwards: bool,
    world: World,
    alice: Host,
    bob: Host,
}

const TEXTS: [&str; 3] = ["first", "second", "third"];

impl Story {
    /// A request, an acceptance, three texts each way, a close.
    fn tell(keeping: Keeping, fuse: Option<Fuse>) -> Self {
        Self::tell_over(false, keeping, fuse)
    }

    fn tell_over(backwards: bool, keeping: Keeping, fuse: Option<Fuse>) -> Self {
        let mut story = Self {
            backwards,
            world: World { now: 1_700_000_000_000, fuse, ..World::default() },
            alice: Host::new(Role::Initiator, keeping, 1),
            bob: Host::new(Role::Responder, keeping, 2),
        };
        for text in TEXTS {
            story.alice.write(format!("alice: {text}"));
            story.bob.write(format!("bob: {text}"));
        }
        story.alice.request(&mut story.world);
        story.settle(|story| story.alice.received.len() >= 3 && story.bob.received.len() >= 3 && story.all_queued());
        story
    }

    fn all_queued(&self) -> bool {
        self.alice.to_send.is_empty() && self.bob.to_send.is_empty()
    }

    /// Carries and writes until nothing moves; then lets the hosts' timers fire, until it is `done`.
    fn settle(&mut self, done: impl Fn(&Self) -> bool) {
        for round in 0..1_000 {
            self.world.now += 100;
            let mut moved = false;
            if self.backwards {
                // Let some gather before one of them arrives.
                moved |= self.alice.send_next(&mut self.world) | self.bob.send_next(&mut self.world);
                if moved {
                    continue;
                }
                let latest = |host: &mut Host| host.outgoing.make_contiguous().reverse();
                latest(&mut self.alice);
                latest(&mut self.bob);
            }
            moved |= carry(&mut self.alice, &mut self.bob, &mut self.world);
            moved |= carry(&mut self.bob, &mut self.alice, &mut self.world);
            moved |= self.alice.send_next(&mut self.world);
            moved |= self.bob.send_next(&mut self.world);
            if !moved {
                if done(self) {
                    return;
                }
                self.alice.retransmit(&mut self.world);
                self.bob.retransmit(&mut self.world);
            }
            assert!(round < 999, "stuck: {:?} {:?}", self.alice.received, self.bob.received);
        }
    }

    fn check(&self, keeping: Keeping) {
        for (from, to) in [(&self.alice, &self.bob), (&self.bob, &self.alice)] {
            let mut seen = BTreeSet::new();
            let once: Vec<_> = to.received.iter().filter(|row| seen.insert(row.0)).cloned().collect();
            assert_eq!(once, from.sent, "everything that was queued arrives once, in order");
            if keeping == Keeping::OneDatabase {
                assert_eq!(to.received.len(), once.len(), "no repeats with one database");
            } else {
                assert!(to.received.len() <= once.len() + self.world.crashes, "a repeat needs a crash");
            }
            for (id, ciphertexts) in &from.left {
                let different: BTreeSet<_> = ciphertexts.iter().collect();
                assert_eq!(different.len(), 1, "{id} was sealed twice");
            }
        }
        let verification = |host: &Host| host.chat.as_ref().unwrap().verification().unwrap();
        assert_eq!(verification(&self.alice), verification(&self.bob));
    }
}

fn carry(from: &mut Host, to: &mut Host, world: &mut World) -> bool {
    let Some(transmit) = from.outgoing.pop_front() else { return false };
    if to.receive(&transmit, world).unwrap() {
        from.carried(transmit.id, world);
    }
    true
}

#[test]
fn every_output_before_and_after_the_host_did_what_it_says() {
    for keeping in [Keeping::OneDatabase, Keeping::TwoStores] {
        let plain = Story::tell(keeping, None);
        plain.check(keeping);
        assert_eq!(plain.world.crashes, 0);
        let outputs = plain.world.outputs;
        assert!(outputs > 40, "{outputs}");
        for at in 0..outputs {
            for done in [false, true] {
                let story = Story::tell(keeping, Some(Fuse { at, done }));
                assert_eq!(story.world.crashes, 1, "{at} {done}");
                story.check(keeping);
            }
        }
    }
}

#[test]
fn every_output_while_messages_wait_for_earlier_ones() {
    let keeping = Keeping::OneDatabase;
    let plain = Story::tell_over(true, keeping, None);
    plain.check(keeping);
    let asked = |host: &Host| host.left.len() > 1 + TEXTS.len();
    assert!(asked(&plain.alice) || asked(&plain.bob), "somebody asked for what was missing");
    for at in 0..plain.world.outputs {
        for done in [false, true] {
            let story = Story::tell_over(true, keeping, Some(Fuse { at, done }));
            assert_eq!(story.world.crashes, 1, "{at} {done}");
            story.check(keeping);
        }
    }
}

#[test]
fn two_crashes_in_a_row() {
    let keeping = Keeping::OneDatabase;
    let outputs = Story::tell(keeping, None).world.outputs;
    for at in 0..outputs {
        for second in [0, 1, 2, 5] {
            let mut story = Story::tell(keeping, Some(Fuse { at, done: at % 2 == 0 }));
            story.world.fuse = Some(Fuse { at: story.world.outputs + second, done: false });
            story.alice.write("after all that");
            let sent = story.alice.sent.len();
            story.settle(|story| story.alice.sent.len() > sent && story.bob.received.len() >= story.alice.sent.len());
            story.check(keeping);
        }
    }
}

#[test]
fn a_close_reaches_the_peer_over_a_crash_at_every_output() {
    let keeping = Keeping::OneDatabase;
    let plain = Story::tell(keeping, None).world.outputs;
    for after in 0..6 {
        for done in [false, true] {
            let mut story = Story::tell(keeping, None);
            story.world.fuse = Some(Fuse { at: plain + after, done });
            for _ in 0..20 {
                story.alice.close(true, &mut story.world);
                for _ in 0..20 {
                    carry(&mut story.alice, &mut story.bob, &mut story.world);
                    carry(&mut story.bob, &mut story.alice, &mut story.world);
                }
                story.alice.retransmit_if_alive(&mut story.world);
                story.bob.retransmit_if_alive(&mut story.world);
            }
            assert!(story.bob.notes.contains(&"Closed".to_owned()), "{after} {done}");
            assert!(story.alice.keeps_no_key(), "{after} {done}");
            assert!(story.bob.keeps_no_key(), "{after} {done}");
        }
    }
}
