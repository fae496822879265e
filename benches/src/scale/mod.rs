//! Many chats, and much in one chat.

use crate::measure::Table;

mod backlog;
mod live;
mod resting;

pub use backlog::ACKNOWLEDGED;
pub use live::{LIVE, SWEEP, column};
pub use resting::RESTING;

/// Measures all of it.
#[must_use]
pub fn measure(rounds: u32) -> Vec<Table> {
    let [live, sweep] = live::measure(rounds);
    vec![resting::measure(rounds), live, sweep, backlog::measure()]
}
