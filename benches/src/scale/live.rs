//! Messages in chats in random order: what they cost when there are so many that no cache holds them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use message_paths::{Counter, Profile, Settings, carry, draft, env};
use secretchat::{Chat, Draft, Timestamp, Timetable};

use crate::measure::Table;
use crate::measure::heap::taken;

/// The heading of the table.
pub const LIVE: &str = "A message there and one back, in one of many chats, in random order";
/// The heading of the other table.
pub const SWEEP: &str = "Looking through 100,000 chats for what is due";

/// The numbers of chats in one process, both ends of each.
const CHATS: [usize; 4] = [2, 2_000, 20_000, 100_000];
/// The messages of a lap.
const COUNT: usize = 512;

/// Returns the name of the column of so many chats.
#[must_use]
pub fn column(chats: usize) -> String {
    format!("{chats} chats")
}

/// Measures both tables.
#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
pub(super) fn measure(rounds: u32) -> [Table; 2] {
    let mut live = Table::new(LIVE, "ns a message");
    CHATS.iter().for_each(|chats| live.add_column(column(*chats), 0));
    live.add_column("KiB of heap a chat", 2);
    let mut sweep = Table::new(SWEEP, "ns a chat");
    sweep.add_column("ns", 0);
    for records in [false, true] {
        let settings = Settings { profile: Profile::X25519, records, rekeys: false };
        let mut rng = Counter::default();
        let (mut pairs, mut times) = (Vec::new(), Vec::new());
        let ((), taken) = taken(|| {
            for chats in CHATS {
                pairs.resize_with(chats / 2, || settings.ready(&mut rng));
                times.push(Some(least(&mut pairs, rounds, &mut rng).as_nanos() as f64));
            }
        });
        let heap = taken.bytes as f64 / (2 * pairs.len()) as f64 / 1024.0;
        let name = if records { "records" } else { "no records" };
        live.add_row(name, times.into_iter().chain([Some(heap)]));
        if !records {
            let chats = 2 * pairs.len();
            let ask = || pairs.as_flattened().iter().for_each(|chat| _ = black_box(chat.poll_timeout()));
            let (set, first) = timetable(chats, rounds);
            for (name, nanos) in [
                ("`Chat::poll_timeout` of each", least_of(rounds, ask) / chats as f64),
                ("`Timetable::set`, random times", set / chats as f64),
                ("`Timetable::first`, one call", first),
            ] {
                sweep.add_row(name, [Some(nanos)]);
            }
        }
    }
    let first = |row: &str| live.get(row, &column(CHATS[0]));
    let bases = ["no records", "records"].map(|row| (row, first(row)));
    live.add_ratio(&column(CHATS[CHATS.len() - 1]), "x 2 chats", |row| {
        bases.into_iter().find(|(name, _)| *name == row)?.1
    });
    [live, sweep]
}

/// Returns the time of a message, the least of all laps, each of which meets other chats.
fn least(pairs: &mut [[Chat; 2]], rounds: u32, rng: &mut Counter) -> Duration {
    let draft = draft();
    let mut order = Order(1);
    let mut lap = || {
        let start = Instant::now();
        for _ in 0..COUNT / 2 {
            let pair = &mut pairs[order.below(pairs.len())];
            say(pair, 0, &draft, rng);
            say(pair, 1, &draft, rng);
        }
        start.elapsed()
    };
    let laps = (0..rounds.max(1)).map(|_| lap()).min();
    laps.unwrap_or_default() / u32::try_from(COUNT).unwrap_or(u32::MAX)
}

fn say(pair: &mut [Chat; 2], from: usize, draft: &Draft, rng: &mut Counter) {
    pair[from].send(draft, &mut env(rng)).unwrap();
    carry(pair, from, rng);
}

/// Returns the least time in nanoseconds.
#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
fn least_of(rounds: u32, mut run: impl FnMut()) -> f64 {
    let mut lap = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..rounds.max(1)).map(|_| lap()).min().unwrap_or_default().as_nanos() as f64
}

/// Returns the time to set so many chats, and to find the first of them.
fn timetable(chats: usize, rounds: u32) -> (f64, f64) {
    let mut timetable = Timetable::new();
    let mut order = Order(2);
    let set = least_of(rounds.min(20), || {
        for _ in 0..chats {
            let time = Timestamp::from_millis(order.below(1 << 40) as u64);
            timetable.set(order.below(chats), Some(time));
        }
    });
    (set, least_of(rounds, || _ = black_box(timetable.first())))
}

/// A multiplicative generator (MMIX), whose high bits are an order that no prefetcher guesses.
struct Order(u64);

impl Order {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((u128::from(self.0) * bound as u128) >> 64).unwrap_or(0)
    }
}
