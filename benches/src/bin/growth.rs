//! Prints how the time of a call grows with what piled up and with what it brings, the steepest first, as Markdown; fails where
//! it grows faster than in proportion (SPEC LIM-5). The arguments are the number of runs, of which the fastest counts, and a part
//! of the names of the calls that are wanted.
// This program uses only a part of `tests/support`.
#![allow(dead_code)]

#[path = "../../../tests/support/agreement.rs"]
mod agreement;
#[path = "../../../tests/support/early.rs"]
mod early;
#[path = "../../../tests/support/forger.rs"]
mod forger;
#[path = "../../../tests/support/kinds.rs"]
mod kinds;
#[path = "../../../tests/support/meeting.rs"]
mod meeting;
#[path = "../../../tests/support/pair.rs"]
mod pair;
#[path = "../../../tests/support/piles.rs"]
mod piles;
#[path = "../../../tests/support/profile.rs"]
mod profile;
#[path = "../../../tests/support/rng.rs"]
mod rng;
#[path = "../../../tests/support/stored.rs"]
mod stored;
#[path = "../../../tests/support/strangers.rs"]
mod strangers;
#[path = "../../../tests/support/telegram.rs"]
mod telegram;

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use early::EARLY;
use kinds::{BY_LENGTH, KINDS, LARGE, LENGTHS, Ready};
use pair::outputs;
use piles::PILES;
use profile::{Profile, every_profile};
use secretchat::{Handled, Input};
use strangers::{FILE_CALLS, FILE_PILES, FRAGMENT_CALLS, FRAGMENT_PILES, Kind, Pile};

const RUNS: usize = 7;
/// What piles up, and twice and four times as much: about what the default limits allow.
const SIZES: [usize; 3] = [250, 500, 1_000];
/// What strangers pile up: more, since less is done for each of it.
const STRANGERS: [usize; 3] = [1_000, 2_000, 4_000];

/// A time may grow by so much more than in proportion: caches and the allocator's lists hold what is small, and trees get deeper.
/// Where each looks at each, it is 4.
const TOLERANCE: f64 = 1.6;
/// What seems steep is measured again so often, since another program may have been in the way.
const AGAIN: usize = 4;
/// Below it, a time is noise.
const FLOOR: Duration = Duration::from_micros(50);

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let runs = arguments.next().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    let wanted = arguments.next().unwrap_or_default();
    let plan = Plan { sizes: SIZES, strangers: STRANGERS, lengths: LENGTHS, runs, wanted };
    let mut grown = plan.measure();
    for _ in 0..AGAIN {
        grown.iter_mut().filter(|grown| grown.is_steep()).for_each(|grown| plan.measure_again(grown));
    }
    grown.sort_by(|one, other| other.steepness().total_cmp(&one.steepness()));
    println!("| call | n, us | 2n, us | 4n, us | 4n to n |\n|---|--:|--:|--:|--:|");
    for Grown { what, times } in &grown {
        let [one, two, four] = times.map(|time| time.as_secs_f64() * 1e6);
        println!("| {what} | {one:.1} | {two:.1} | {four:.1} | {:.2} |", four / one);
    }
    let steep: Vec<_> = grown.iter().filter(|grown| grown.is_steep()).collect();
    println!("\n{} calls, {} of them steeper than in proportion.", grown.len(), steep.len());
    if steep.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The least times of a call over so much, twice and four times as much.
struct Grown {
    what: String,
    times: [Duration; 3],
}

impl Grown {
    /// How many times what is in proportion the largest one takes.
    fn steepness(&self) -> f64 {
        let [one, _, four] = self.times.map(|time| time.max(FLOOR).as_secs_f64());
        four / (4.0 * one)
    }

    fn is_steep(&self) -> bool {
        self.steepness() > TOLERANCE
    }
}

/// What is measured.
struct Plan {
    sizes: [usize; 3],
    strangers: [usize; 3],
    lengths: [usize; 3],
    runs: usize,
    /// A part of the names.
    wanted: String,
}

impl Plan {
    fn measure(&self) -> Vec<Grown> {
        let profiles = every_profile();
        let mut grown: Vec<_> = profiles.iter().flat_map(|profile| self.over_piles(*profile)).collect();
        grown.extend(profiles.iter().flat_map(|profile| self.by_length(*profile)));
        grown.extend(self.answers());
        grown.extend(self.over_strangers("Files", &FILE_PILES, &FILE_CALLS));
        grown.extend(self.over_strangers("Fragments", &FRAGMENT_PILES, &FRAGMENT_CALLS));
        grown
    }

    fn measure_again(&self, grown: &mut Grown) {
        let alone = Self { wanted: grown.what.clone(), ..*self };
        for again in alone.measure().into_iter().filter(|again| again.what == grown.what) {
            grown.times = std::array::from_fn(|size| grown.times[size].min(again.times[size]));
        }
    }

    fn over_piles(&self, profile: Profile) -> Vec<Grown> {
        let mut grown = Vec::new();
        for (pile, make) in PILES {
            let name = |kind: &str| format!("{profile:?}: {kind} over {pile}");
            let kinds: Vec<_> = KINDS.into_iter().filter(|(kind, _)| self.wants(&name(kind))).collect();
            let restart = name("restart");
            if kinds.is_empty() && !self.wants(&restart) {
                continue;
            }
            let mut piled = self.sizes.map(|size| {
                let mut meeting = profile.meet(size);
                make(&mut meeting, size);
                let records = meeting.records();
                (size, meeting, records)
            });
            for (kind, call) in kinds {
                let times = piled.each_mut().map(|(size, meeting, records)| {
                    let call = call(meeting, *size);
                    self.least(|| {
                        let mut ready = Ready::new(&call, meeting, records);
                        time(|| ready.make(&call, meeting))
                    })
                });
                grown.push(Grown { what: name(kind), times });
            }
            if self.wants(&restart) {
                let times = piled
                    .each_mut()
                    .map(|(_, meeting, records)| self.least(|| time(|| drop(meeting.restart(records)))));
                grown.push(Grown { what: restart, times });
            }
        }
        grown
    }

    fn by_length(&self, profile: Profile) -> Vec<Grown> {
        let mut meeting = profile.meet(LARGE);
        let records = meeting.records();
        let mut grown = Vec::new();
        for (kind, call) in BY_LENGTH {
            let what = format!("{profile:?}: {kind}");
            if self.wants(&what) {
                let times = self.lengths.map(|length| {
                    let call = call(length);
                    self.least(|| {
                        let mut ready = Ready::new(&call, &mut meeting, &records);
                        time(|| ready.make(&call, &mut meeting))
                    })
                });
                grown.push(Grown { what, times });
            }
        }
        grown
    }

    /// What came before the key is gone through with the answer (SPEC MODP-6).
    fn answers(&self) -> Vec<Grown> {
        let named = EARLY.map(|(what, message)| (format!("Telegram: answer over early {what}"), message));
        let wanted = named.into_iter().filter(|(what, _)| self.wants(what));
        wanted.map(|(what, message)| Grown { what, times: self.sizes.map(|size| self.answer(size, message)) }).collect()
    }

    fn answer(&self, size: usize, message: fn(usize) -> Vec<u8>) -> Duration {
        self.least(|| {
            let (mut alice, mut forger) = early::asked(size, message);
            let public = telegram::public_value();
            let answer = Input::accepted(&public, forger.fingerprint);
            let time = time(|| {
                assert_eq!(alice.handle(answer, &mut pair::env(&mut forger.rng)), Ok(Handled::Applied));
            });
            assert!(outputs(&mut alice).len() >= 2 * size, "all of them came out");
            time
        })
    }

    /// Whoever can send on the link piles it up, and nothing of it is authentic (SPEC FILE-4, FRAG-4).
    fn over_strangers<R>(&self, receiver: &str, piles: &[Pile<R>], kinds: &[Kind<R>]) -> Vec<Grown> {
        let every = piles.iter().flat_map(|pile| kinds.iter().map(move |kind| (pile, kind)));
        let named = every.map(|(pile, kind)| (format!("{receiver}: {} over {}", kind.0, pile.0), pile, kind));
        let wanted = named.filter(|(what, ..)| self.wants(what));
        let measured = wanted.map(|(what, (_, later, make), (_, prepare))| {
            let times = self.strangers.map(|size| {
                let call = prepare(size);
                self.least(|| {
                    let mut receiver = make(size);
                    time(|| call(&mut receiver, pair::at(*later)))
                })
            });
            Grown { what, times }
        });
        measured.collect()
    }

    fn wants(&self, what: &str) -> bool {
        what.contains(&self.wanted)
    }

    fn least(&self, run: impl FnMut() -> Duration) -> Duration {
        std::iter::repeat_with(run).take(self.runs).min().unwrap_or_default()
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_made_once() {
        let profiles = every_profile().len();
        let sizes = [1, 2, 4];
        let lengths = [1_000, 2_000, 4_000];
        let grown = Plan { sizes, strangers: sizes, lengths, runs: 1, wanted: String::new() }.measure();
        let of_chats = profiles * (PILES.len() * (KINDS.len() + 1) + BY_LENGTH.len()) + EARLY.len();
        let of_strangers = FILE_PILES.len() * FILE_CALLS.len() + FRAGMENT_PILES.len() * FRAGMENT_CALLS.len();
        assert_eq!(grown.len(), of_chats + of_strangers);
    }

    #[test]
    fn what_is_steep_is_found_and_noise_is_not() {
        let steep =
            |micros: [u64; 3]| Grown { what: String::new(), times: micros.map(Duration::from_micros) }.is_steep();
        assert!(!steep([100, 200, 400]), "in proportion");
        assert!(!steep([100, 250, 640]), "the tolerance itself");
        assert!(steep([100, 400, 1_600]), "each of them looks at each");
        assert!(!steep([1, 4, 100]), "below the floor");
    }
}
