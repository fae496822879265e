//! The outputs of a chat: events, records to write, and transmissions.

mod discard;
mod event;
mod notice;
mod transmit;

pub use discard::{DiscardProof, History};
pub use event::Event;
pub use notice::{Notice, UserAction};
pub use transmit::{Transmit, TransmitKind};

use crate::record::Batch;
use crate::types::names::names;

/// One thing for the host to do. Outputs come in causal order (SPEC OUT-2).
///
/// Each call of the chat adds at most one group: events, then one batch, then transmissions. **Asking for the next
/// output means that the batch is durable.**
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Something happened. Show it to the user.
    Event(Event),
    /// Records to write before you ask for the next output. If the write fails, drop the chat and restore it.
    Persist(Batch),
    /// A transmission to send to the peer, any number of times.
    Transmit(Transmit),
}

names! {
    ref Output {
        1 "event" Event,
        2 "persist" Persist,
        3 "transmit" Transmit,
    }
}
