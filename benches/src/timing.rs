//! Measures the least time of many runs. All cases take turns, so that other load on the machine affects all of them.

use std::time::{Duration, Instant};

use crate::{Group, Unit};

/// The least times of one case.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the implementation.
    pub name: String,
    /// The time of one call that encrypts.
    pub encrypt: Duration,
    /// The time of one call that decrypts.
    pub decrypt: Duration,
}

/// One table, measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The heading of the table.
    pub title: &'static str,
    /// The amount of work in one call.
    pub unit: Unit,
    /// The lines of the table.
    pub rows: Vec<Row>,
}

/// Runs every case in every round.
#[must_use]
pub fn measure(groups: &mut [Group], rounds: u32) -> Vec<Measured> {
    let mut measured: Vec<_> = groups.iter().map(Measured::nothing_yet).collect();
    for _ in 0..rounds {
        for (group, measured) in groups.iter_mut().zip(&mut measured) {
            for (case, row) in group.cases.iter_mut().zip(&mut measured.rows) {
                row.encrypt = row.encrypt.min(time(|| case.work.encrypt()));
                row.decrypt = row.decrypt.min(time(|| case.work.decrypt()));
            }
        }
    }
    measured
}

/// Measures a run. Runs it twice, because the caches had the data of another case.
fn time(mut run: impl FnMut()) -> Duration {
    let mut once = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    once().min(once())
}

impl Measured {
    fn nothing_yet(group: &Group) -> Self {
        let row = |name: &String| Row { name: name.clone(), encrypt: Duration::MAX, decrypt: Duration::MAX };
        Self { title: group.title, unit: group.unit, rows: group.cases.iter().map(|case| row(&case.name)).collect() }
    }

    /// Returns the speeds of one case in GB/s, encrypting and decrypting; `None` for messages or if there is no such case.
    #[must_use]
    pub fn speeds(&self, name: &str) -> Option<[f64; 2]> {
        let (Unit::Stream(bytes) | Unit::Bytes(bytes)) = self.unit else { return None };
        let row = self.rows.iter().find(|row| row.name == name)?;
        Some([row.encrypt, row.decrypt].map(|time| gigabytes_per_second(bytes, time)))
    }
}

/// Returns a speed in units of 10^9 bytes per second.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub fn gigabytes_per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / 1e9
}
