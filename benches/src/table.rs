//! Measurements as Markdown.

use std::fmt;
use std::time::Duration;

use crate::Unit;
use ige_lanes::Backend;

use crate::cases::{self, LIMIT, ONE_STREAM};
use crate::timing::{Measured, Row};

/// All measurements. `Display` writes one Markdown table for each group.
#[derive(Clone, Debug)]
pub struct Tables(pub Vec<Measured>);

impl Tables {
    /// Returns the speeds of a case in GB/s, in both directions.
    #[must_use]
    pub fn speeds(&self, title: &str, name: &str) -> Option<[f64; 2]> {
        self.0.iter().find(|measured| measured.title == title)?.speeds(name)
    }

    /// Returns the base for many streams: the fastest single stream on this machine, even in a build without `lanes`.
    #[must_use]
    pub fn one_stream(&self) -> Option<[f64; 2]> {
        self.speeds(ONE_STREAM, &cases::lanes(Backend::detect()))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for measured in &self.0 {
            writeln!(f, "### {}\n", capitalised(measured.title))?;
            match measured.unit {
                Unit::Stream(_) => speeds(f, measured, "of the limit", measured.speeds(LIMIT))?,
                Unit::Bytes(_) => speeds(f, measured, "x one stream", self.one_stream())?,
                Unit::Messages(count) => times(f, measured, count)?,
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn speeds(f: &mut fmt::Formatter<'_>, measured: &Measured, ratio: &str, base: Option<[f64; 2]>) -> fmt::Result {
    writeln!(f, "| GB/s | encrypt | {ratio} | decrypt | {ratio} |\n|---|---|---|---|---|")?;
    for Row { name, .. } in &measured.rows {
        let Some(speeds) = measured.speeds(name) else { continue };
        write!(f, "| {name} |")?;
        for (way, speed) in speeds.into_iter().enumerate() {
            match base.and_then(|base| base.get(way).copied()) {
                Some(base) => write!(f, " {speed:.3} | {:.2} |", speed / base)?,
                None => write!(f, " {speed:.3} | – |")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}

fn times(f: &mut fmt::Formatter<'_>, measured: &Measured, count: u32) -> fmt::Result {
    writeln!(f, "| ns each | encrypt | decrypt |\n|---|---|---|")?;
    for Row { name, encrypt, decrypt } in &measured.rows {
        let [encrypt, decrypt] = [encrypt, decrypt].map(|time: &Duration| (*time / count).as_nanos());
        writeln!(f, "| {name} | {encrypt} | {decrypt} |")?;
    }
    Ok(())
}

fn capitalised(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
