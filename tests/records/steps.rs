//! A driver whose host writes the batches: `Driver<()>` (SPEC DRV-1, DRV-11).

use secretchat::store::{Action, Driver, MemoryStore, Step, Store};
use secretchat::{
    Batch, Chat, Config, Draft, Env, History, Input, Invitation, Output, Records, StoreKey, Timestamp, Transmit,
    TransmitKind, Ttl,
};

use crate::support::rng::Seeded;

const NOW: i64 = 1_700_000_000;

fn env(seconds: i64, rng: &mut Seeded) -> Env<'_> {
    Env::new(Timestamp::from_unix_seconds(NOW + seconds), rng)
}

fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

fn request(rng: &mut Seeded) -> Chat {
    Chat::request(Config::x25519("alice", "bob").unwrap().with_store(key()), &mut env(0, rng)).unwrap()
}

/// Takes all actions of a driver without a store, whose batches are durable at once.
fn steps(driver: &mut Driver<()>, memory: &mut MemoryStore) -> Vec<Action> {
    let mut actions = Vec::new();
    while let Some(step) = driver.next_step() {
        match step {
            Step::Act(action) => actions.push(action),
            Step::Write(batch) => {
                memory.apply(&batch).unwrap();
                driver.written(&batch);
            }
        }
    }
    actions
}

fn transmits(actions: &[Action]) -> Vec<Transmit> {
    let of = |action: &Action| if let Action::Transmit(transmit) = action { Some(transmit.clone()) } else { None };
    actions.iter().filter_map(of).collect()
}

/// Both ends of a chat. Bob keeps no records, and every draw is from a seed.
struct Talk<S> {
    alice: Driver<S>,
    bob: Option<Chat>,
    rng: Seeded,
    of_bob: Seeded,
    /// All actions of Alice.
    log: Vec<String>,
}

impl<S> Talk<S> {
    fn new(store: S) -> Self {
        let mut rng = Seeded::new(1);
        let alice = Driver::new(request(&mut rng), store);
        Self { alice, bob: None, rng, of_bob: Seeded::new(2), log: Vec::new() }
    }

    /// Passes messages until nothing is left to say.
    fn pass(&mut self, seconds: i64, take: &mut impl FnMut(&mut Driver<S>) -> Vec<Action>) {
        loop {
            let actions = take(&mut self.alice);
            self.log.extend(actions.iter().map(|action| format!("{action:?} {:?}", action.frame().unwrap())));
            for Transmit { id, kind } in transmits(&actions) {
                match kind {
                    TransmitKind::Request { public, .. } if self.bob.is_none() => {
                        let invitation = Invitation::parse(&public, Config::x25519("bob", "alice").unwrap()).unwrap();
                        self.bob = Some(invitation.accept(&mut env(seconds, &mut self.of_bob)).unwrap());
                    }
                    TransmitKind::Ciphertext { bytes, .. } => {
                        let bob = self.bob.as_mut().unwrap();
                        bob.handle(Input::ciphertext(&bytes, None, None), &mut env(seconds, &mut self.of_bob)).unwrap();
                        self.alice.handle(Input::carried(id, None), None, &mut env(seconds, &mut self.rng)).unwrap();
                    }
                    _ => {}
                }
            }
            let mut said = 0;
            while let Some(output) = self.bob.as_mut().and_then(Chat::poll_output) {
                let Output::Transmit(Transmit { id, kind }) = output else { continue };
                said += 1;
                let env = &mut env(seconds, &mut self.rng);
                match kind {
                    TransmitKind::Accept { public, fingerprint, .. } => {
                        self.alice.handle(Input::accepted(&public, fingerprint), None, env).unwrap();
                    }
                    TransmitKind::Ciphertext { bytes, .. } => {
                        self.alice.handle(Input::ciphertext(&bytes, None, None), Some(id), env).unwrap();
                    }
                    TransmitKind::Discard { history, proof, .. } => {
                        self.alice.handle(Input::discarded(history, proof), Some(id), env).unwrap();
                    }
                    _ => {}
                }
            }
            if said == 0 && actions.is_empty() {
                return;
            }
        }
    }

    /// Sends both ways, lets a timer run out and time pass, and closes.
    fn run(&mut self, mut take: impl FnMut(&mut Driver<S>) -> Vec<Action>) {
        self.pass(0, &mut take);
        let timed = Draft::text("timed").with_ttl(Some(Ttl::from_seconds(5).unwrap()));
        for draft in [Draft::text("one"), timed, Draft::text("two")] {
            self.alice.send(&draft, &mut env(1, &mut self.rng)).unwrap();
        }
        for text in ["three", "four"] {
            self.bob.as_mut().unwrap().send(&Draft::text(text), &mut env(1, &mut self.of_bob)).unwrap();
        }
        for seconds in 1..40 {
            self.pass(seconds, &mut take);
            self.alice.handle_timeout(&mut env(seconds, &mut self.rng)).unwrap();
        }
        self.alice.close(History::Keep, &mut env(40, &mut self.rng));
        self.pass(40, &mut take);
    }
}

#[test]
fn the_same_actions_in_the_same_order_as_with_a_store() {
    let mut with_store = Talk::new(MemoryStore::default());
    with_store.run(|driver| {
        let mut actions = Vec::new();
        while let Some(action) = driver.next_action().unwrap() {
            actions.push(action);
        }
        actions
    });
    let (mut without, mut memory) = (Talk::new(()), MemoryStore::default());
    without.run(|driver| steps(driver, &mut memory));
    assert!(with_store.log.len() > 20);
    assert_eq!(without.log, with_store.log);
    let id = with_store.alice.chat().id().unwrap();
    let (one, other) = (memory.load(id).unwrap(), with_store.alice.store().load(id).unwrap());
    assert!(one.is_some() && one == other, "and the same records");
}

#[test]
fn nothing_comes_out_while_a_batch_is_written() {
    let mut rng = Seeded::new(3);
    let mut driver = Driver::new(request(&mut rng), ());
    let Some(Step::Write(batch)) = driver.next_step() else { panic!("the first batch") };
    assert!(driver.next_step().is_none());
    assert_eq!(driver.checkpoint(), None);

    // Batches of somebody else, and of another time.
    let mut other = Driver::new(request(&mut rng), ());
    let Some(Step::Write(_)) = other.next_step() else { panic!("the first batch") };
    let stale = Batch { follows: Some(batch.checkpoint), ..batch.clone() };
    driver.written(&stale);
    assert!(driver.next_step().is_none());

    driver.written(&batch);
    assert_eq!(driver.checkpoint(), Some(batch.checkpoint));
    let Some(Step::Act(Action::Checkpoint(checkpoint))) = driver.next_step() else { panic!("the checkpoint first") };
    assert_eq!(checkpoint, batch.checkpoint);
    assert!(matches!(driver.next_step(), Some(Step::Act(Action::Transmit(_)))));
    assert!(driver.next_step().is_none());
    // Once more, which changes nothing.
    driver.written(&batch);
    assert!(driver.next_step().is_none());
}

#[test]
fn a_chat_that_owes_something_is_due_now_and_one_at_rest_is_not() {
    let (mut talk, mut memory) = (Talk::new(()), MemoryStore::default());
    assert_eq!(talk.alice.due(), Some(Timestamp::from_unix_seconds(NOW)), "it awaits an answer");
    talk.pass(0, &mut |driver| steps(driver, &mut memory));
    let bob = talk.bob.as_mut().unwrap();
    bob.send(&Draft::text("hello"), &mut env(1, &mut talk.of_bob)).unwrap();
    talk.pass(1, &mut |driver| steps(driver, &mut memory));
    assert_eq!(talk.alice.due(), Some(Timestamp::from_unix_seconds(NOW + 1)), "it owes an acknowledgement");
    talk.alice.handle_timeout(&mut env(3, &mut talk.rng)).unwrap();
    talk.pass(3, &mut |driver| steps(driver, &mut memory));
    talk.bob.as_mut().unwrap().acknowledge(&mut env(3, &mut talk.of_bob)).unwrap();
    talk.pass(3, &mut |driver| steps(driver, &mut memory));
    assert!(!talk.alice.chat().awaits_transport() && !talk.alice.chat().owes_acknowledgement());
    // Nothing but a new key, a week after the first message under this one.
    let a_week = Timestamp::from_unix_seconds(NOW + 7 * 24 * 60 * 60);
    assert_eq!(talk.alice.due(), Some(a_week));
    talk.bob.as_mut().unwrap().close(History::Keep, &mut env(4, &mut talk.of_bob));
    talk.pass(4, &mut |driver| steps(driver, &mut memory));
    assert_eq!((talk.alice.is_over(), talk.alice.due()), (true, None));
}

#[test]
fn a_driver_goes_on_from_its_records() {
    let (mut talk, mut memory) = (Talk::new(()), MemoryStore::default());
    talk.pass(0, &mut |driver| steps(driver, &mut memory));
    talk.alice.send(&Draft::text("not carried"), &mut env(1, &mut talk.rng)).unwrap();
    let sent = transmits(&steps(&mut talk.alice, &mut memory));
    let records: Records = memory.load(talk.alice.chat().id().unwrap()).unwrap().unwrap();
    let restored = Driver::from_records(&records, &key(), talk.alice.checkpoint(), &mut env(2, &mut talk.rng));
    let again = transmits(&steps(&mut restored.unwrap(), &mut memory));
    assert!(again.contains(&sent[0]), "{again:?}");
    // Records that are older than the checkpoint that was noted.
    let mut newer = talk.alice.checkpoint().unwrap();
    newer.generation += 1;
    assert!(Driver::from_records(&records, &key(), Some(newer), &mut env(2, &mut talk.rng)).is_err());
}

#[test]
fn a_driver_may_move_between_threads() {
    fn moves<T: Send + Sync>() {}
    moves::<Driver<()>>();
}
