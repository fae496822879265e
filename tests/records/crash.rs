//! A process that dies at any output goes on from its records: nothing lost, nothing sealed twice, and no repeat that
//! the rules do not allow (SPEC OUT-2).

use std::collections::BTreeSet;

use secretchat::{Config, History, RandomId, RekeyState, Role, Transmit, TransmitKind};

use crate::support::host::{Fuse, Host, Keeping, World, x25519};

struct Story {
    /// The network loses this text of Alice's as she wrote it.
    lost: Option<RandomId>,
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
            lost: None,
            backwards,
            world: World { now: 1_700_000_000_000, fuse, ..World::default() },
            alice: Host::new(Role::Initiator, keeping, 1),
            bob: Host::new(Role::Responder, keeping, 2),
        };
        story.begin();
        story
    }

    /// A request, an acceptance, three texts each way, a new key that Alice asks for, and one that Bob asks for.
    ///
    /// A text that Alice writes while she waits for the answer is lost. She deletes it when she has committed to the new
    /// key, so that its slot comes again under that key, ahead of the commit.
    fn tell_of_new_keys(set_up: fn(Role) -> Config, keeping: Keeping, fuse: Option<Fuse>) -> Self {
        let mut story = Self {
            lost: None,
            backwards: false,
            world: World { now: 1_700_000_000_000, fuse, ..World::default() },
            alice: Host::new(Role::Initiator, keeping, 1),
            bob: Host::new(Role::Responder, keeping, 2),
        };
        story.alice.set_up = set_up;
        story.bob.set_up = set_up;
        story.begin();
        story.alice.wanted_rekeys = 1;
        for round in 0.. {
            story.alice.renew_key(&mut story.world);
            if matches!(story.alice.rekey_state(), RekeyState::Requested { .. }) {
                break;
            }
            assert!(round < 3, "Alice may ask");
        }
        story.alice.write("alice: regretted");
        story.lost = story.alice.to_send.front().map(|(id, _)| *id);
        story.alice.send_next(&mut story.world);
        story.settle(|story| story.keys_are(1) && story.alice.deleted.len() == 1 && story.all_queued());
        story.bob.wanted_rekeys = 2;
        story.settle(|story| story.keys_are(2));
        for host in [&mut story.alice, &mut story.bob] {
            host.write(format!("{:?}: afterwards", host.role));
        }
        story.settle(|story| story.all_queued() && story.keys_are(2) && story.all_arrived());
        story
    }

    fn keys_are(&self, rekeys: u32) -> bool {
        [&self.alice, &self.bob].iter().all(|host| host.rekeys() == rekeys && host.rekey_state() == RekeyState::Idle)
    }

    fn all_arrived(&self) -> bool {
        let done = |from: &Host, to: &Host| to.received.len() >= from.sent.len() - from.deleted.len();
        done(&self.alice, &self.bob) && done(&self.bob, &self.alice)
    }

    fn begin(&mut self) {
        let story = self;
        for text in TEXTS {
            story.alice.write(format!("alice: {text}"));
            story.bob.write(format!("bob: {text}"));
        }
        story.alice.request(&mut story.world);
        story.settle(|story| story.alice.received.len() >= 3 && story.bob.received.len() >= 3 && story.all_queued());
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
                [0, 1].into_iter().for_each(|end| self.world.network.reverse(end));
            }
            self.lose();
            moved |= carry(&mut self.alice, &mut self.bob, &mut self.world);
            moved |= carry(&mut self.bob, &mut self.alice, &mut self.world);
            moved |= self.alice.send_next(&mut self.world);
            moved |= self.bob.send_next(&mut self.world);
            moved |= self.alice.renew_key(&mut self.world) | self.bob.renew_key(&mut self.world);
            if let Some(id) = self.lost.filter(|_| self.alice.rekeys() > 0) {
                moved |= self.alice.delete(id, &mut self.world);
            }
            if !moved {
                if done(self) {
                    return;
                }
                self.alice.retransmit(&mut self.world);
                self.bob.retransmit(&mut self.world);
                if self.alice.wanted_rekeys > 0 {
                    self.alice.acknowledge(&mut self.world);
                    self.bob.acknowledge(&mut self.world);
                }
            }
            let ends = [&self.alice, &self.bob];
            assert!(round < 999, "stuck: {:?}", ends.map(|host| (&host.received, &host.chat, host.rekey_state())));
        }
    }

    /// Every copy of the text as it was written.
    fn lose(&mut self) {
        let Some(lost) = self.lost else { return };
        let written = self.alice.left.values().filter_map(|ciphertexts| ciphertexts.first());
        let written: BTreeSet<_> = written.cloned().collect();
        let is_lost = |transmit: &Transmit| match &transmit.kind {
            TransmitKind::Ciphertext { random_id, bytes, .. } => *random_id == lost && written.contains(bytes),
            _ => false,
        };
        self.world.network.retain(self.alice.end(), |transmit| !is_lost(transmit));
    }

    fn check(&self, keeping: Keeping) {
        for (from, to) in [(&self.alice, &self.bob), (&self.bob, &self.alice)] {
            let mut seen = BTreeSet::new();
            let once: Vec<_> = to.received.iter().filter(|row| seen.insert(row.0)).cloned().collect();
            let kept: Vec<_> = from.sent.iter().filter(|row| !from.deleted.contains(&row.0)).cloned().collect();
            assert_eq!(once, kept, "everything that was queued arrives once, in order");
            if keeping == Keeping::OneDatabase {
                assert_eq!(to.received.len(), once.len(), "no repeats with one database");
            } else {
                assert!(to.received.len() <= once.len() + self.world.crashes, "a repeat needs a crash");
            }
            let mut emptied = 0;
            for (id, ciphertexts) in &from.left {
                let different: BTreeSet<_> = ciphertexts.iter().collect();
                assert!(different.len() <= 2, "{id} was sealed three times");
                emptied += different.len() - 1;
            }
            assert_eq!(emptied, from.deleted.len(), "a slot was sealed twice");
        }
        let verification = |host: &Host| host.chat.as_ref().unwrap().verification().unwrap();
        assert_eq!(verification(&self.alice), verification(&self.bob));
    }
}

fn carry(from: &mut Host, to: &mut Host, world: &mut World) -> bool {
    let Some(transmit) = world.network.take(from.end()) else { return false };
    if to.receive(&transmit, world).unwrap() {
        from.carried(transmit.id, to.discard_receipt(), world);
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
                story.alice.close(History::Delete, &mut story.world);
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

fn stop_everywhere_between_new_keys(set_up: fn(Role) -> Config, keeping: Keeping) {
    let check = |story: &Story| {
        story.check(keeping);
        assert_eq!(story.alice.deleted.len(), 1);
        let key = |host: &Host| host.chat.as_ref().unwrap().key_fingerprint().unwrap();
        assert_eq!(key(&story.alice), key(&story.bob));
        assert!(story.keys_are(2));
        for host in [&story.alice, &story.bob] {
            let told = host.notes.iter().filter(|note| *note == "Rekeyed").count();
            let repeats = if keeping == Keeping::OneDatabase { 0 } else { story.world.crashes };
            assert!((2..=2 + repeats).contains(&told), "{:?}", host.notes);
            assert!(!host.notes.iter().any(|note| ["RekeyFailed", "Closed"].contains(&note.as_str())));
        }
    };
    let plain = Story::tell_of_new_keys(set_up, keeping, None);
    check(&plain);
    let emptied: Vec<_> = plain.alice.left.values().filter(|two| two.iter().any(|sealed| *sealed != two[0])).collect();
    assert_eq!(emptied.len(), 1, "the slot of the text that Alice deleted");
    assert!(emptied[0].iter().all(|sealed| sealed[..8] == emptied[0][0][..8]), "under the key that has gone since");
    let outputs = plain.world.outputs;
    assert!(outputs > 80, "{outputs}");
    for at in 0..outputs {
        for done in [false, true] {
            let story = Story::tell_of_new_keys(set_up, keeping, Some(Fuse { at, done }));
            assert_eq!(story.world.crashes, 1, "{at} {done}");
            check(&story);
        }
    }
}

#[test]
fn every_output_of_two_exchanges_of_keys() {
    for keeping in [Keeping::OneDatabase, Keeping::TwoStores] {
        stop_everywhere_between_new_keys(x25519, keeping);
    }
}

#[cfg(feature = "hybrid")]
#[test]
fn every_output_of_two_exchanges_of_keys_in_the_hybrid_profile() {
    stop_everywhere_between_new_keys(crate::support::host::hybrid, Keeping::OneDatabase);
}

#[cfg(feature = "telegram")]
#[test]
fn every_output_of_two_exchanges_of_keys_in_the_telegram_profile() {
    use secretchat::{DhGroup, PeerPolicy};
    let set_up = |role| {
        let policy = if role == Role::Initiator { PeerPolicy::Default } else { PeerPolicy::Strict };
        Config::telegram(DhGroup::published(3).unwrap(), policy)
    };
    stop_everywhere_between_new_keys(set_up, Keeping::OneDatabase);
}
