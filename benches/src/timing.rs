//! The least time of many, all cases in turn: what disturbs the machine then falls on all of them.

use std::time::{Duration, Instant};

use crate::{Group, Unit};

/// The least times of one case.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose work.
    pub name: String,
    /// Of one call that encrypts.
    pub encrypt: Duration,
    /// Of one call that decrypts.
    pub decrypt: Duration,
}

/// One table, measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its heading.
    pub title: &'static str,
    /// What one call amounts to.
    pub unit: Unit,
    /// Its lines.
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

/// Twice: the caches belonged to another case before.
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

    /// The speeds of one case in GB/s, encrypting and decrypting; `None` for messages or if there is no such case.
    #[must_use]
    pub fn speeds(&self, name: &str) -> Option<[f64; 2]> {
        let (Unit::Stream(bytes) | Unit::Bytes(bytes)) = self.unit else { return None };
        let row = self.rows.iter().find(|row| row.name == name)?;
        Some([row.encrypt, row.decrypt].map(|time| gigabytes_per_second(bytes, time)))
    }
}

/// 10^9 bytes in a second.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub fn gigabytes_per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / 1e9
}
