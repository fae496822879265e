//! The parts of a chat: plain data, which turns change and records hold.

mod doubt;
mod journal;
mod keeping;
mod keys;
mod meaning;
mod named;
mod outbox;
mod phase;
mod plaintext;
mod rest;
mod setup;
mod state;
mod timed;
mod waiting;

pub(in crate::chat) use doubt::Doubt;
pub(in crate::chat) use journal::Journal;
pub use journal::{Cause, Outcome};
pub(in crate::chat) use keeping::{Keeping, Kept};
pub(in crate::chat) use keys::{Bound, Exchange, Keys, MAX_LIVE_KEYS, NextKey, OldKey, SealingKey};
pub(in crate::chat) use meaning::{Meaning, deletes_itself};
pub(in crate::chat) use named::{Name, Named};
pub(in crate::chat) use outbox::{Delivery, Kind, Load, Outbox, Outgoing};
pub(in crate::chat) use phase::{PendingDiscard, Phase, Tombstone, Until};
pub(in crate::chat) use plaintext::Plaintext;
pub(in crate::chat) use rest::Rest;
pub(in crate::chat) use setup::{Choice, Setup};
pub(in crate::chat) use state::{Compared, State, StateOptions};
pub(in crate::chat) use timed::{Timed, TimedMessage, TimedOptions};
pub(in crate::chat) use waiting::{Arrived, Waiting};
