//! What a chat asks its host to do and tells it.

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

/// One thing for the host to do, in the order of causes (SPEC OUT-2).
///
/// Each call of the chat adds at most one group: news, then one batch, then transmissions. **Asking for the next output
/// says that the batch is durable.**
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Something happened.
    Event(Event),
    /// Write this before asking for the next output. If it cannot be written, drop the chat and restore it.
    Persist(Batch),
    /// Carry this to the peer, any number of times.
    Transmit(Transmit),
}

names! {
    ref Output {
        1 "event" Event,
        2 "persist" Persist,
        3 "transmit" Transmit,
    }
}
