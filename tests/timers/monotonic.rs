//! A monotonic clock beside the wall clock (SPEC TIME-4): nobody who sets the wall clock prolongs a message or ends it
//! early, in a run, over restarts of the process, and as far as it can be over those of the device.

use std::time::Duration;

use proptest::prelude::*;
use secretchat::hazmat::records;
use secretchat::hazmat::time::{Elapsed, LogicalClock};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Env, Event, Handled, Input, Monotonic, Output, PeerFault, RandomId, RecordName, Records, StoreKey, Timestamp,
    TransmitId,
};

use crate::random::cases;
use crate::support::model::Kind;
use crate::support::rng::Seeded;
use crate::world::{ALICE, BOB, START, STORE_KEY, Step, World};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * 24 * HOUR;

/// A device with Bob's chat in it: what really passes, and what its clocks make of that.
struct Device {
    chat: Option<Chat>,
    store: MemoryStore,
    rng: Seeded,
    /// Milliseconds since Bob read Alice's text, his only message.
    passed: u64,
    /// How far the wall clock is off.
    off_by: i64,
    /// Whether the host gives its monotonic clock, too.
    has_monotonic: bool,
    boot: u128,
    booted_at: u64,
    /// When the text ended.
    ended: Option<u64>,
}

impl Device {
    /// Bob reads a text of so many seconds.
    fn reads(seconds: i32, has_monotonic: bool) -> Self {
        let mut world = World::ready();
        world.run(&[Step::Send(ALICE, Kind::Text, Some(seconds)), Step::Deliver(BOB)]);
        let [_, bob] = world.ends;
        let mut device = Self {
            chat: Some(bob.chat),
            store: bob.store,
            rng: bob.rng,
            passed: 0,
            off_by: 0,
            has_monotonic,
            boot: 1,
            booted_at: 0,
            ended: None,
        };
        device.timeout();
        device.call(|chat, env| chat.mark_read(&[RandomId(1)], env).map(drop).unwrap());
        device
    }

    fn wall(&self) -> Timestamp {
        Timestamp::from_millis((START + self.passed).saturating_add_signed(self.off_by))
    }

    fn monotonic(&self) -> Option<Monotonic> {
        let since_boot = Duration::from_millis(self.passed - self.booted_at);
        self.has_monotonic.then(|| Monotonic::new(self.boot, since_boot))
    }

    fn call<R>(&mut self, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> R {
        let (wall, monotonic) = (self.wall(), self.monotonic());
        let chat = self.chat.as_mut().unwrap();
        let result = call(chat, &mut Env::new(wall, &mut self.rng).with_monotonic(monotonic));
        while let Some(output) = chat.poll_output() {
            match output {
                Output::Persist(batch) => self.store.apply(&batch).unwrap(),
                Output::Event(Event::Expired { .. }) => self.ended = Some(self.passed),
                _ => {}
            }
        }
        result
    }

    fn timeout(&mut self) {
        self.call(Chat::handle_timeout);
    }

    /// Sleeps for so long, and calls whenever the chat asks: the distance from the time of the last call to what it asks
    /// for, on a clock that nobody sets.
    fn sleep(&mut self, millis: u64) {
        let until = self.passed + millis;
        while self.ended.is_none() {
            let called_at = self.wall();
            let Some(asked) = self.chat.as_ref().unwrap().poll_timeout() else { break };
            let wake = self.passed + u64::try_from(called_at.until(asked).as_millis()).unwrap();
            if wake > until {
                break;
            }
            self.passed = wake;
            self.timeout();
        }
        self.passed = until.max(self.passed);
    }

    /// The process dies, and starts again after so long.
    fn restarts(&mut self, after: u64) {
        self.passed += after;
        self.chat = None;
        let records = self.records();
        let (wall, monotonic) = (self.wall(), self.monotonic());
        let mut env = Env::new(wall, &mut self.rng).with_monotonic(monotonic);
        self.chat = Some(Chat::restore(&records, &StoreKey::new(STORE_KEY), None, &mut env).unwrap());
        self.timeout();
    }

    /// The device was off for so long.
    fn reboots(&mut self, after: u64) {
        self.boot += 1;
        self.booted_at = self.passed + after;
        self.restarts(after);
    }

    /// How long the text has to live, as the chat tells its host.
    fn left(&self) -> Option<u64> {
        let deadline = self.chat.as_ref().unwrap().deadline(RandomId(1))?;
        Some(u64::try_from(self.wall().until(deadline).as_millis()).unwrap())
    }

    fn records(&self) -> Records {
        let ids = self.store.chats().unwrap();
        self.store.load(ids[0]).unwrap().unwrap()
    }

    /// What the record of the state holds.
    fn state(&self) -> Vec<u8> {
        let opened = records::open(&self.records(), &StoreKey::new(STORE_KEY)).unwrap();
        let state = opened.into_iter().find(|(name, _, _)| *name == RecordName::State);
        state.unwrap().2.to_vec()
    }

    fn batches(&self) -> u64 {
        self.chat.as_ref().unwrap().checkpoint().unwrap().generation
    }
}

#[test]
fn a_wall_clock_that_is_set_neither_ends_a_message_early_nor_prolongs_it() {
    for off_by in [YEAR, HOUR, 1, -1, -HOUR, -YEAR] {
        let mut bob = Device::reads(60, true);
        bob.sleep(20 * SECOND);
        bob.off_by = off_by;
        bob.timeout();
        assert_eq!(bob.left(), Some(40 * SECOND), "{off_by}");
        bob.sleep(39_999);
        assert_eq!(bob.ended, None, "{off_by}");
        bob.sleep(1);
        assert_eq!(bob.ended, Some(60 * SECOND), "{off_by}");
    }
    // With the wall clock alone the first ends it, and the last prolongs it by what was not observed.
    let mut bob = Device::reads(60, false);
    bob.off_by = YEAR;
    bob.timeout();
    assert_eq!(bob.ended, Some(0));
    let mut bob = Device::reads(60, false);
    bob.passed = 20 * SECOND;
    bob.off_by = -HOUR;
    bob.timeout();
    assert_eq!(bob.left(), Some(60 * SECOND));
}

#[test]
fn a_restart_of_the_process_neither_shortens_nor_prolongs() {
    for (off_by, after) in [(0, 0), (0, 7 * SECOND), (YEAR, 7 * SECOND), (-YEAR, 7 * SECOND)] {
        let mut bob = Device::reads(600, true);
        // A second before the records would be told the time again: a restart alone counts the whole lag (SPEC DES-12).
        bob.sleep(59 * SECOND);
        bob.off_by = off_by;
        bob.restarts(after);
        assert_eq!(bob.left(), Some(600 * SECOND - 59 * SECOND - after), "{off_by} {after}");
        bob.sleep(10 * MINUTE);
        assert_eq!(bob.ended, Some(600 * SECOND));
    }
    let mut bob = Device::reads(600, false);
    bob.sleep(59 * SECOND);
    bob.restarts(0);
    assert_eq!(bob.left(), Some(540 * SECOND), "the whole lag");
}

#[test]
fn br_32_a_message_that_ended_while_the_process_was_down_is_over_when_it_starts() {
    let mut bob = Device::reads(60, true);
    bob.off_by = -HOUR;
    bob.restarts(61 * SECOND);
    assert_eq!(bob.ended, Some(61 * SECOND));
}

#[test]
fn over_a_restart_of_the_device_the_wall_clock_counts() {
    let mut bob = Device::reads(600, true);
    bob.sleep(100 * SECOND);
    bob.reboots(200 * SECOND);
    assert_eq!(bob.left(), Some(300 * SECOND));

    // Set back under the running process: the records are told at once, and the time off counts all the same.
    let mut bob = Device::reads(600, true);
    bob.sleep(100 * SECOND);
    bob.off_by = -HOUR;
    bob.timeout();
    bob.sleep(0);
    bob.reboots(200 * SECOND);
    assert_eq!(bob.left(), Some(300 * SECOND));
    bob.sleep(10 * MINUTE);
    assert_eq!(bob.ended, Some(600 * SECOND));

    // Set back while it is off: nothing can see that, and the lag is what counts.
    let mut bob = Device::reads(600, true);
    bob.sleep(60 * SECOND);
    bob.off_by = -HOUR;
    bob.reboots(200 * SECOND);
    assert_eq!(bob.left(), Some(600 * SECOND - 60 * SECOND - 60 * SECOND));
}

#[test]
fn a_reading_that_goes_back_is_none() {
    let mut bob = Device::reads(60, true);
    bob.sleep(10 * SECOND);
    // A machine that was put back to a snapshot: its clock of that start shows less than before, the wall clock is right.
    bob.passed += 20 * SECOND;
    bob.booted_at = bob.passed;
    bob.timeout();
    assert_eq!(bob.left(), Some(30 * SECOND));
    // From here on it goes on.
    bob.off_by = YEAR;
    bob.sleep(MINUTE);
    assert_eq!(bob.ended, Some(60 * SECOND));
}

#[test]
fn a_call_without_a_reading_goes_by_the_wall_clock_and_so_does_the_next() {
    let mut bob = Device::reads(60, true);
    bob.passed += 10 * SECOND;
    bob.has_monotonic = false;
    bob.off_by = 5_000;
    bob.timeout();
    assert_eq!(bob.left(), Some(45 * SECOND), "fifteen seconds by the wall clock");
    bob.passed += 10 * SECOND;
    bob.has_monotonic = true;
    bob.off_by = 0;
    bob.timeout();
    assert_eq!(bob.left(), Some(40 * SECOND), "five by the wall clock");
    bob.passed += 10 * SECOND;
    bob.off_by = -HOUR;
    bob.timeout();
    assert_eq!(bob.left(), Some(30 * SECOND), "ten by the other one");
}

#[test]
fn an_error_moves_neither_clock() {
    let mut bob = Device::reads(60, true);
    bob.passed += 10 * SECOND;
    let forged = bob.call(|chat, env| chat.handle(Input::ciphertext(&[0x5a; 64], None, None), env));
    assert_eq!(forged, Err(PeerFault::UnknownKey));
    bob.has_monotonic = false;
    bob.passed += 10 * SECOND;
    bob.timeout();
    assert_eq!(bob.left(), Some(40 * SECOND), "twenty by the wall clock, from the call before");
    let ignored = bob.call(|chat, env| chat.handle(Input::carried(TransmitId(99), None), env));
    assert_eq!(ignored, Ok(Handled::Ignored));
}

#[test]
fn clocks_that_differ_by_a_little_cause_no_write_at_each_call() {
    let mut bob = Device::reads(3_600, true);
    let read = bob.batches();
    for call in 0..100 {
        bob.passed += 500;
        bob.off_by = [3, -2, 0, -7][call % 4];
        bob.timeout();
    }
    assert_eq!(bob.batches(), read, "50 seconds: the lag is a minute");
}

/// The bytes of SPEC REC-9, by hand: number 2, 24 bytes, the start as 16 bytes, the milliseconds as u64.
#[test]
fn the_last_reading_stands_in_the_state_and_nothing_where_there_was_none() {
    let mut bob = Device::reads(3_600, true);
    bob.boot = 0x0102_0304;
    bob.sleep(MINUTE + 258);
    let mut option = vec![2, 24, 0, 0, 0, 4, 3, 2, 1];
    option.extend([0; 12]);
    // The records were told after a minute: 60,000 ms are 0xea60.
    option.extend([0x60, 0xea, 0, 0, 0, 0, 0, 0]);
    let with = bob.state();
    assert!(with.ends_with(&option), "{with:x?}");

    bob.has_monotonic = false;
    bob.sleep(MINUTE);
    let without = bob.state();
    assert_eq!(without.len(), with.len() - option.len(), "a chat without such a clock has no byte for it");
    // It comes back in either form.
    bob.restarts(0);
    bob.has_monotonic = true;
    bob.restarts(0);
}

/// What the host's clocks may say at a call.
fn readings() -> impl Strategy<Value = Vec<(i64, Option<(u8, u64)>)>> {
    let monotonic = prop::option::weighted(0.7, (0..3_u8, 0..200_000_u64));
    prop::collection::vec((-100_000_i64..100_000, monotonic), 0..60)
}

/// What happens to a device.
#[derive(Clone, Copy, Debug)]
enum Life {
    Sleep(u64),
    SetClock(i64),
    Restart(u64),
}

fn life() -> impl Strategy<Value = Life> {
    prop_oneof![
        3 => prop_oneof![0..3_000_u64, 0..90_000_u64].prop_map(Life::Sleep),
        2 => prop_oneof![-10_i64..10, -200_000..200_000_i64, -YEAR..YEAR].prop_map(Life::SetClock),
        2 => prop_oneof![Just(0), 0..30_000_u64].prop_map(Life::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), failure_persistence: None, ..ProptestConfig::default() })]

    /// Each step is that of the monotonic clock where two readings compare, else that of the wall clock; so what has
    /// elapsed is never more than the larger of the two at each step, nor less than the smaller.
    #[test]
    fn each_step_is_that_of_the_clock_that_counts(readings in readings()) {
        let mut wall = START;
        let mut clock = LogicalClock::start(Timestamp::from_millis(wall));
        let (mut last, mut elapsed, mut least, mut most) = (None, 0, 0, 0);
        for (step, monotonic) in readings {
            let by_the_wall = u64::try_from(step.max(0)).unwrap();
            wall = wall.saturating_add_signed(step);
            // By hand: the same start, and not back.
            let measured = match (last, monotonic) {
                (Some((boot, before)), Some((now_boot, now))) if boot == now_boot && now >= before => Some(now - before),
                _ => None,
            };
            elapsed += measured.unwrap_or(by_the_wall);
            least += measured.map_or(by_the_wall, |measured| measured.min(by_the_wall));
            most += measured.map_or(by_the_wall, |measured| measured.max(by_the_wall));

            let reading = |(boot, millis): (u8, u64)| Monotonic::new(boot.into(), Duration::from_millis(millis));
            let now = Timestamp::from_millis(wall);
            clock = match monotonic.map(reading).zip(last.map(reading)).and_then(|(now, last)| now.since(last)) {
                Some(step) => clock.advanced_by(now, step),
                None => clock.advanced(now),
            };
            last = monotonic;
            prop_assert_eq!(clock.elapsed(), Elapsed::from_millis(elapsed));
            prop_assert!((least..=most).contains(&elapsed));
            prop_assert_eq!(clock.raw(), now);
        }
    }

    /// However the wall clock is set and however often the process dies, the text ends when its time is over, to the
    /// millisecond if the process runs then, and else when it starts again.
    #[test]
    fn no_wall_clock_and_no_kill_moves_an_end(
        seconds in prop_oneof![Just(1), Just(5), Just(60), Just(600)],
        lives in prop::collection::vec(life(), 1..40),
    ) {
        let mut bob = Device::reads(seconds, true);
        let limit = u64::from(seconds.unsigned_abs()) * SECOND;
        for life in lives {
            let before = bob.passed;
            match life {
                Life::Sleep(millis) => bob.sleep(millis),
                Life::SetClock(millis) => bob.off_by = millis,
                Life::Restart(after) => bob.restarts(after),
            }
            bob.timeout();
            prop_assert_eq!(bob.ended.is_some(), bob.passed >= limit, "{} of {}", bob.passed, limit);
            if before < limit && bob.passed >= limit {
                let at = if let Life::Sleep(_) = life { limit } else { bob.passed };
                prop_assert_eq!(bob.ended, Some(at));
            }
        }
    }
}
