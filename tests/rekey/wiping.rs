//! A key is wiped when nothing under it can be on its way, and what is sent again under a wiped one comes to an end
//! (SPEC REKEY-4, DRV-1 to DRV-3).

use rand_core::Rng;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{
    Chat, Config, Draft, Env, Event, Handled, Input, Invitation, PeerFault, RekeyPolicy, RekeyState, StoreKey,
    Timestamp, Transmit, TransmitId, TransmitKind,
};

use crate::support::pair;
use crate::support::rng::Seeded;

const NOW: u64 = 1_700_000_000_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

struct Line {
    now: u64,
    rng: Seeded,
    dice: Seeded,
    ends: [Driver<MemoryStore>; 2],
    under_way: Vec<(usize, Transmit)>,
    heard: [u32; 2],
    under_wiped: u32,
    lossy: bool,
}

fn env(now: u64, rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_millis(now), rng)
}

fn first_transmit(driver: &mut Driver<MemoryStore>) -> Option<TransmitKind> {
    std::iter::from_fn(|| driver.next_action().unwrap()).find_map(|action| match action {
        Action::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    })
}

impl Line {
    fn new(seed: u64) -> Self {
        let mut rng = Seeded::new(seed);
        let mut policy = RekeyPolicy::x25519();
        (policy.initiator_messages, policy.responder_messages) = (6, 8);
        let config =
            |local, peer| Config::x25519(local, peer).unwrap().with_rekey(policy).with_store(StoreKey::new([3; 32]));
        let alice = Chat::request(config("alice", "bob"), &mut env(NOW, &mut rng)).unwrap();
        let mut alice = Driver::new(alice, MemoryStore::default());
        let Some(TransmitKind::Request { public, .. }) = first_transmit(&mut alice) else { panic!() };
        let bob = Invitation::parse(&public, config("bob", "alice")).unwrap();
        let mut bob = Driver::new(bob.accept(&mut env(NOW, &mut rng)).unwrap(), MemoryStore::default());
        let Some(TransmitKind::Accept { public, fingerprint, .. }) = first_transmit(&mut bob) else { panic!() };
        alice.handle(Input::accepted(&public, fingerprint), None, &mut env(NOW, &mut rng)).unwrap();
        let dice = Seeded::new(!seed);
        Self { now: NOW, rng, dice, ends: [alice, bob], under_way: vec![], heard: [0; 2], under_wiped: 0, lossy: true }
    }

    fn loses(&mut self, percent: u64) -> bool {
        self.lossy && self.dice.next_u64() % 100 < percent
    }

    /// What an end asks for; receipts go at once or are lost.
    fn take_actions(&mut self, who: usize) {
        while let Some(action) = self.ends[who].next_action().unwrap() {
            match action {
                Action::Event(Event::Message(_)) => self.heard[who] += 1,
                Action::Event(event) => assert!(!matches!(event, Event::Closed { .. } | Event::RekeyFailed { .. })),
                Action::Transmit(transmit) => self.under_way.push((who, transmit)),
                Action::Receipt { id, .. } => self.receipt(1 - who, id),
                Action::Checkpoint(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn receipt(&mut self, to: usize, id: TransmitId) {
        if !self.loses(70) {
            self.ends[to].handle(Input::carried(id, None), None, &mut env(self.now, &mut self.rng)).unwrap();
            self.take_actions(to);
        }
    }

    fn deliver(&mut self) {
        while !self.under_way.is_empty() {
            let (from, transmit) = self.under_way.remove(0);
            let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { continue };
            if self.loses(20) {
                continue;
            }
            let input = Input::ciphertext(bytes, None, None);
            let taken = self.ends[1 - from].handle(input, Some(transmit.id), &mut env(self.now, &mut self.rng));
            self.under_wiped += u32::from(taken == Err(PeerFault::UnknownKey));
            assert!(matches!(taken, Ok(_) | Err(PeerFault::UnknownKey)), "{taken:?}");
            self.take_actions(1 - from);
        }
    }

    /// Time goes on to the next thing that is due, if that is before `until`.
    fn wait(&mut self, until: u64) -> bool {
        let next = self.ends.iter().filter_map(Driver::poll_timeout).min().map(Timestamp::as_millis);
        let Some(next) = next.filter(|next| *next < until) else { return false };
        self.now = self.now.max(next);
        for who in 0..2 {
            self.ends[who].handle_timeout(&mut env(self.now, &mut self.rng)).unwrap();
            self.take_actions(who);
        }
        self.deliver();
        true
    }
}

#[test]
fn drivers_fall_silent_when_the_network_delivers_again() {
    let mut under_wiped = 0;
    for seed in 0..420 {
        let mut line = Line::new(seed);
        let mut written = [0; 2];
        for _ in 0..20 {
            let who = usize::from(line.dice.next_u64().is_multiple_of(2));
            let draft = Draft::text("text");
            if line.ends[who].send(&draft, &mut env(line.now, &mut line.rng)).is_ok() {
                written[1 - who] += 1;
            }
            line.take_actions(who);
            line.deliver();
            if line.dice.next_u64().is_multiple_of(2) {
                let until = line.now + 3_000;
                line.wait(until);
            }
        }
        line.lossy = false;
        let rounds = (0..200).take_while(|_| line.wait(line.now + DAY)).count();
        assert!(rounds < 60, "seed {seed}: still talking after {} s", (line.now - NOW) / 1000);
        assert_eq!(line.heard, written, "seed {seed}");
        for end in &line.ends {
            assert_eq!(end.chat().rekey_state(), RekeyState::Idle, "seed {seed}");
            assert!(!end.chat().awaits_transport() && end.chat().rekeys() >= 1, "seed {seed}");
        }
        assert_eq!(line.ends[0].chat().key_fingerprint(), line.ends[1].chat().key_fingerprint(), "seed {seed}");
        under_wiped += line.under_wiped;
    }
    assert!(under_wiped > 100, "{under_wiped}");
}

/// Bob's bare acknowledgement got no receipt, and Alice has wiped its key: she cannot give one any more, so she must say
/// by herself what she has processed, or Bob sends it again for ever.
#[test]
fn what_was_processed_under_a_wiped_key_is_acknowledged() {
    let mut pair = pair::Pair::ready();
    let text = |chat: &mut Chat, rng: &mut Seeded| {
        chat.send(&Draft::text("text"), &mut pair::env(rng)).unwrap();
        pair::sealed(chat)
    };
    pair.alice.rekey(&mut pair::env(&mut pair.rng)).unwrap();
    let request = pair::sealed(&mut pair.alice);
    pair.bob_gets(&request).unwrap();
    let accept = pair::sealed(&mut pair.bob);
    let under_old_key = text(&mut pair.alice, &mut pair.rng);
    pair.bob_gets(&under_old_key).unwrap();
    pair.bob.acknowledge(&mut pair::env(&mut pair.rng)).unwrap();
    let bare = pair::sealed(&mut pair.bob);

    pair.alice.handle(pair::ciphertext(&accept), &mut pair::env(&mut pair.rng)).unwrap();
    let commit = pair::sealed(&mut pair.alice);
    let under_new_key = text(&mut pair.alice, &mut pair.rng);
    pair.alice.handle(pair::ciphertext(&bare), &mut pair::env(&mut pair.rng)).unwrap();
    pair.bob_gets(&commit).unwrap();
    let switched = pair::sealed(&mut pair.bob);
    pair.bob_gets(&under_new_key).unwrap();
    pair.alice.handle(pair::ciphertext(&switched), &mut pair::env(&mut pair.rng)).unwrap();

    let again = pair.alice.handle(pair::ciphertext(&bare), &mut pair::env(&mut pair.rng));
    assert_eq!(again, Err(PeerFault::UnknownKey));
    assert!(pair.bob.awaits_transport());
    pair.alice.acknowledge(&mut pair::env(&mut pair.rng)).unwrap();
    let acknowledgement = pair::sealed(&mut pair.alice);
    pair.bob_gets(&acknowledgement).unwrap();
    assert!(!pair.bob.awaits_transport());
}

/// Bob empties a slot from before the switch while a later one, sealed before under the old key, is still on its way: both
/// come under the old key (SPEC SEQ-8).
#[test]
fn an_emptied_slot_comes_under_the_key_of_the_slots_behind_it() {
    let mut pair = pair::Pair::ready();
    pair.alice.rekey(&mut pair::env(&mut pair.rng)).unwrap();
    let request = pair::sealed(&mut pair.alice);
    pair.bob_gets(&request).unwrap();
    let accept = pair::sealed(&mut pair.bob);
    pair.alice.handle(pair::ciphertext(&accept), &mut pair::env(&mut pair.rng)).unwrap();
    let commit = pair::sealed(&mut pair.alice);

    let [regretted, _] =
        ["regretted", "kept"].map(|text| pair.bob.send(&Draft::text(text), &mut pair::env(&mut pair.rng)).unwrap());
    let [lost, kept] = &pair::all_sealed(&mut pair.bob)[..] else { panic!() };
    pair.bob_gets(&commit).unwrap();
    pair.bob.delete(&[regretted], &mut pair::env(&mut pair.rng)).unwrap();
    pair::outputs(&mut pair.bob);
    pair.bob.retransmit(&mut pair::env(&mut pair.rng));
    let again = pair::all_sealed(&mut pair.bob);
    let emptied = &again[again.iter().position(|sealed| sealed == kept).unwrap() - 1];
    assert_ne!(emptied, lost);
    assert!([emptied, kept].iter().all(|sealed| sealed[..8] == lost[..8]));

    for sealed in [emptied, kept] {
        let handled = pair.alice.handle(pair::ciphertext(sealed), &mut pair::env(&mut pair.rng));
        assert_eq!(handled, Ok(Handled::Applied));
    }
    assert_eq!(pair::texts(&mut pair.alice), ["kept"]);
}
