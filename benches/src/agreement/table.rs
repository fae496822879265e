//! The times as Markdown.

use std::fmt;
use std::time::Duration;

use super::{Row, Table};

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(base) = self.0.first() else { return Ok(()) };
        writeln!(f, "### A key, and the next one\n")?;
        writeln!(
            f,
            "| us | request | answer | finish | handshake | x {base} | bytes | new key | x {base} | bytes |",
            base = base.name
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|")?;
        for row in &self.0 {
            let Row { name, times: [request, answer, finish, rekey], handshake_bytes, rekey_bytes } = row;
            write!(f, "| {name} | {} | {} | {} |", micros(*request), micros(*answer), micros(*finish))?;
            write!(
                f,
                " {} | {:.2} | {handshake_bytes} |",
                micros(row.handshake()),
                ratio(row.handshake(), base.handshake())
            )?;
            writeln!(f, " {} | {:.2} | {rekey_bytes} |", micros(*rekey), ratio(*rekey, base.rekey()))?;
        }
        writeln!(f)
    }
}

fn micros(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e6)
}

fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64()
}
