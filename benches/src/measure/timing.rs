//! Measures the least time of many runs. All cases take turns, so that other load on the machine affects all of them.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{Row, Table};

/// The same work in both directions.
pub trait Work {
    /// Encrypts or seals.
    fn encrypt(&mut self);
    /// Decrypts or opens.
    fn decrypt(&mut self);

    /// Prepares what a run destroys. This is not timed.
    fn prepare(&mut self) {}
}

/// Work that is timed as a whole: a number of equal operations, because the clock is too coarse for a short one.
pub struct Lap {
    /// The number of operations in one run.
    pub count: u32,
    /// What comes before a run, and is not timed.
    pub prepare: Box<dyn FnMut()>,
    /// One run.
    pub run: Box<dyn FnMut()>,
}

impl Lap {
    /// Runs an operation so many times.
    pub fn new(count: u32, mut operation: impl FnMut() + 'static) -> Self {
        Self::of(count, move || (0..count).for_each(|_| operation()))
    }

    /// Work that is this many operations.
    pub fn of(count: u32, run: impl FnMut() + 'static) -> Self {
        Self { count, prepare: Box::new(|| ()), run: Box::new(run) }
    }
}

impl fmt::Debug for Lap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lap").field("count", &self.count).finish_non_exhaustive()
    }
}

/// One line of a table.
#[derive(Debug)]
pub struct Case {
    /// The name of what is measured.
    pub name: String,
    /// A lap for each column.
    pub laps: Vec<Lap>,
}

impl Case {
    /// Creates a line with the laps of its columns.
    pub fn new(name: impl Into<String>, laps: impl Into<Vec<Lap>>) -> Self {
        Self { name: name.into(), laps: laps.into() }
    }

    /// Creates a line with a column for each direction, whose runs are single operations.
    pub fn both_ways<W: Work + 'static>(name: impl Into<String>, work: W) -> Self {
        let work = Rc::new(RefCell::new(work));
        let lap = |run: fn(&mut W)| {
            let (before, work) = (Rc::clone(&work), Rc::clone(&work));
            let prepare = Box::new(move || before.borrow_mut().prepare());
            Lap { count: 1, prepare, run: Box::new(move || run(&mut work.borrow_mut())) }
        };
        Self::new(name, [lap(W::encrypt), lap(W::decrypt)])
    }
}

/// What a table shows of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The speed of an operation on this many bytes, in GB/s.
    Bytes(usize),
    /// The time of an operation in nanoseconds.
    Nanos,
    /// The time of an operation in microseconds.
    Micros,
}

impl Unit {
    #[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
    fn of(self, time: Duration, count: u32) -> f64 {
        let seconds = time.as_secs_f64() / f64::from(count);
        match self {
            Self::Bytes(bytes) => bytes as f64 / seconds / 1e9,
            Self::Nanos => seconds * 1e9,
            Self::Micros => seconds * 1e6,
        }
    }

    const fn digits(self) -> usize {
        match self {
            Self::Bytes(_) => 3,
            Self::Nanos => 0,
            Self::Micros => 1,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bytes(_) => "GB/s",
            Self::Nanos => "ns",
            Self::Micros => "us",
        }
    }
}

/// One table that is to be measured.
#[derive(Debug)]
pub struct Group {
    /// The heading of the table, and its name for criterion.
    pub title: &'static str,
    /// What its figures are.
    pub unit: Unit,
    /// The names of its columns.
    pub columns: &'static [&'static str],
    /// Its lines.
    pub cases: Vec<Case>,
}

/// The columns of [`Work`].
pub const BOTH_WAYS: &[&str] = &["encrypt", "decrypt"];

/// Runs every lap in every round, and returns the least times as tables.
#[must_use]
pub fn measure(groups: &mut [Group], rounds: u32) -> Vec<Table> {
    let mut least: Vec<Vec<Vec<Duration>>> = groups
        .iter()
        .map(|group| group.cases.iter().map(|case| vec![Duration::MAX; case.laps.len()]).collect())
        .collect();
    for _ in 0..rounds {
        for (group, least) in groups.iter_mut().zip(&mut least) {
            for (case, least) in group.cases.iter_mut().zip(least) {
                for (lap, least) in case.laps.iter_mut().zip(least) {
                    *least = time(lap).min(*least);
                }
            }
        }
    }
    groups.iter().zip(least).map(|(group, least)| table(group, least)).collect()
}

/// Measures a run. Runs it twice, because the caches had the data of another case.
fn time(lap: &mut Lap) -> Duration {
    let mut once = || {
        (lap.prepare)();
        let start = Instant::now();
        (lap.run)();
        start.elapsed()
    };
    once().min(once())
}

fn table(group: &Group, least: Vec<Vec<Duration>>) -> Table {
    let mut table = Table::new(group.title, group.unit.name());
    for column in group.columns {
        table.add_column(*column, group.unit.digits());
    }
    for (case, times) in group.cases.iter().zip(least) {
        let values = case.laps.iter().zip(times).map(|(lap, time)| Some(group.unit.of(time, lap.count)));
        table.rows.push(Row { name: case.name.clone(), values: values.collect() });
    }
    table
}
