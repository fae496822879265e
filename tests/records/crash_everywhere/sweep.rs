//! Every output of every chapter, before and after.

use secretchat::{Config, Role};

use super::drafts::ALL;
use super::end::End;
use super::script::{Step, close, close_crossing, every_kind, gaps, keys, timers};
use super::world::{ALICE, BOB, Snapshot, World};
#[cfg(feature = "hybrid")]
use crate::support::host::hybrid;
use crate::support::host::{Fuse, Keeping, x25519};

#[cfg(feature = "telegram")]
pub(crate) fn telegram(role: Role) -> Config {
    use secretchat::{DhGroup, PeerPolicy};
    let policy = if role == Role::Initiator { PeerPolicy::Default } else { PeerPolicy::Strict };
    Config::telegram(DhGroup::published(3).unwrap(), policy).with_view_once()
}

/// A chapter told without a crash, with the world as it was before each step.
pub(crate) struct Plain {
    pub(crate) name: &'static str,
    script: Vec<Step>,
    /// With the number of outputs so far.
    before: Vec<(usize, Snapshot)>,
    pub(crate) outputs: usize,
    /// How it ends.
    end: fn(&mut World),
}

impl Plain {
    pub(crate) fn tell(name: &'static str, script: Vec<Step>, mut world: World, end: fn(&mut World)) -> Self {
        let mut before = Vec::new();
        for step in &script {
            before.push((world.facts.outputs, world.snapshot()));
            world.step(*step);
        }
        before.push((world.facts.outputs, world.snapshot()));
        end(&mut world);
        Self { name, script, before, outputs: world.facts.outputs, end }
    }

    /// The same with these crashes, from before the step of the first.
    pub(crate) fn again(&self, fuses: &[Fuse]) -> World {
        let first = fuses[0].at;
        let step = self.before.partition_point(|(outputs, _)| *outputs <= first) - 1;
        self.again_from(step, fuses)
    }

    pub(crate) fn again_from(&self, step: usize, fuses: &[Fuse]) -> World {
        let mut world = World::resume(&self.before[step].1);
        let _named = Named(format!("{}: from step {step} {:?}, {fuses:?}", self.name, self.script.get(step)));
        world.fuses = fuses.iter().copied().collect();
        world.checkpoint_is_known = fuses[0].at.is_multiple_of(2) == fuses[0].done;
        world.run(&self.script[step..]);
        (self.end)(&mut world);
        assert!(world.crashes > 0, "a process died");
        world
    }

    pub(crate) fn stop_everywhere(&self) {
        for at in 0..self.outputs {
            for done in [false, true] {
                let world = self.again(&[Fuse { at, done }]);
                assert_eq!(world.crashes, 1);
            }
        }
    }

    /// A second crash some outputs after the first.
    pub(crate) fn stop_twice(&self, stride: usize, apart: &[usize]) {
        for at in (0..self.outputs).step_by(stride) {
            for apart in apart.iter().filter(|apart| at + *apart < self.outputs) {
                let second = Fuse { at: at + apart, done: (at + apart).is_multiple_of(2) };
                self.again(&[Fuse { at, done: at.is_multiple_of(3) }, second]);
            }
        }
    }
}

/// Says where it happened, if it happened.
pub(crate) struct Named(pub(crate) String);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

pub(crate) fn arrives(world: &mut World) {
    world.finish();
    world.check();
}

fn is_over(world: &mut World) {
    world.settle();
    world.check_closed();
}

const BOTH: [Keeping; 2] = [Keeping::OneDatabase, Keeping::TwoStores];

type Script = fn() -> Vec<Step>;
type SetUp = fn(Role) -> Config;

const OPEN: [(&str, Script); 4] = [("every kind", every_kind), ("gaps", gaps), ("timers", timers), ("keys", keys)];
const CLOSED: [(&str, Script); 2] = [("close", close), ("close, crossing", close_crossing)];

fn chapters(set_up: SetUp, keeping: Keeping) -> impl Iterator<Item = Plain> {
    let tell = move |name, script: Script, end| Plain::tell(name, script(), World::ready(set_up, keeping), end);
    let open = OPEN.map(|(name, script)| tell(name, script, arrives));
    open.into_iter().chain(CLOSED.map(|(name, script)| tell(name, script, is_over)))
}

/// Every output once; pairs of outputs from every `stride`th on, or, where there is time, from three times as many and with
/// all near ones and many far ones.
fn once_and_twice(set_up: SetUp, keepings: &[Keeping], stride: usize) {
    for keeping in keepings {
        for plain in chapters(set_up, *keeping) {
            plain.stop_everywhere();
            if slow() {
                let far = (40..plain.outputs).step_by(13);
                plain.stop_twice(stride / 3, &(1..40).chain(far).collect::<Vec<_>>());
            } else {
                plain.stop_twice(stride, &[1, 2, 3, 8, 31]);
            }
        }
    }
}

pub(crate) fn slow() -> bool {
    std::env::var_os("SECRETCHAT_SLOW").is_some()
}

#[test]
fn every_output_in_the_x25519_profile() {
    once_and_twice(x25519, &BOTH, 3);
}

#[cfg(feature = "hybrid")]
#[test]
fn every_output_in_the_hybrid_profile() {
    once_and_twice(hybrid, if slow() { &BOTH } else { &BOTH[..1] }, 11);
}

#[cfg(feature = "telegram")]
#[test]
fn every_output_in_the_telegram_profile() {
    // An exponentiation takes longer than all the rest.
    once_and_twice(telegram, if slow() { &BOTH } else { &BOTH[..1] }, 11);
}

/// A chat that was restored between two calls does what the chat before it would have done, to the byte, unless it has
/// forgotten what the transport took over: then its batches are others (SPEC DRV-9).
#[test]
fn a_restored_chat_goes_on_as_the_chat_itself() {
    restored_is_replayed(x25519);
    #[cfg(feature = "hybrid")]
    restored_is_replayed(hybrid);
}

fn restored_is_replayed(set_up: SetUp) {
    let mut compared = 0;
    for plain in chapters(set_up, Keeping::OneDatabase) {
        let forgets = |world: &Snapshot| world.ends.iter().any(End::would_forget);
        for (at, _) in plain.before.iter().filter(|(at, world)| *at < plain.outputs && !forgets(world)) {
            compared += 1;
            let fuse = [Fuse { at: *at, done: at.is_multiple_of(2) }];
            let (restored, replayed) = (plain.again(&fuse), plain.again_from(0, &fuse));
            for (restored, replayed) in restored.ends.iter().zip(&replayed.ends) {
                // A restart counts for the lag of the clock (DES-12): a message may end before it is deleted.
                let rows = |end: &End| end.rows.iter().filter(|row| row.0 != "Expired").copied().collect::<Vec<_>>();
                assert_eq!(rows(restored), rows(replayed));
                assert!(restored.left == replayed.left);
            }
        }
    }
    assert!(compared > 50, "only {compared} steps");
}

/// What the chapters are for, counted by hand from the scripts.
#[test]
fn without_a_crash_each_chapter_shows_what_it_is_for() {
    let told = |script: Script, end: fn(&mut World)| {
        let mut world = World::ready(x25519, Keeping::OneDatabase);
        world.run(&script());
        end(&mut world);
        world
    };
    let count =
        |world: &World, name| world.ends.each_ref().map(|end| end.rows.iter().filter(|row| row.0 == name).count());
    let slots_twice = |world: &World| {
        world.ends.each_ref().map(|end| end.left.values().filter(|(_, sealed)| sealed.len() == 2).count())
    };

    let world = told(every_kind, arrives);
    // Each kind, and an album of three.
    assert_eq!(count(&world, "Message"), [ALL.len() + 3; 2]);
    assert_eq!(
        (count(&world, "Screenshot"), count(&world, "Typing"), count(&world, "ReadByPeer")),
        ([1; 2], [1; 2], [2; 2])
    );

    let world = told(gaps, arrives);
    // One text and one action of each are refused.
    assert_eq!((count(&world, "Failed"), world.ends.each_ref().map(|end| end.refused.len())), ([1; 2], [2; 2]));
    // Besides, of what was lost: a text of Alice's that she deletes, one that Bob deletes, one each that is flushed.
    assert_eq!(slots_twice(&world), [2 + 3, 2 + 1]);
    assert_eq!(count(&world, "HistoryFlushed"), [0, 1]);
    assert!(world.facts.resent.iter().all(|times| *times >= 3), "each asked for what was missing");

    let world = told(timers, arrives);
    let ended = |end: usize| world.ends[end].model.ended.iter().map(|id| id.0).collect::<Vec<_>>();
    // View once ends where it was seen. Bob's word that he has read the eighth is lost until all is deleted.
    assert_eq!((ended(ALICE), ended(BOB)), (vec![1, 2, 5, 6], vec![1, 2, 3, 5, 6, 8]));

    let world = told(keys, arrives);
    assert_eq!(count(&world, "Rekeyed"), [2; 2]);
    let again = world.ends[ALICE].left.values().filter(|(_, sealed)| sealed.len() == 2);
    let under_one_key: Vec<bool> = again.map(|(_, sealed)| sealed[0][..8] == sealed[1][..8]).collect();
    assert!(!under_one_key.is_empty() && under_one_key.iter().all(|one| *one), "a slot of the old key, again");

    for script in [close as Script, close_crossing] {
        assert_eq!(count(&told(script, is_over), "Closed"), [1; 2]);
    }
}
