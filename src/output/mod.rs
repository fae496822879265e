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
///
/// ```
/// use secretchat::{Batch, Chat, Event, Output, Transmit};
///
/// /// What a host without a `Driver` does after each call, in this order.
/// fn drain(
///     chat: &mut Chat,
///     mut show: impl FnMut(Event),
///     mut write: impl FnMut(Batch) -> std::io::Result<()>,
///     mut carry: impl FnMut(Transmit),
/// ) -> std::io::Result<()> {
///     while let Some(output) = chat.poll_output() {
///         match output {
///             Output::Event(event) => show(event),
///             // If it fails, drop the chat and restore it: nothing that depends on the batch has left.
///             Output::Persist(batch) => write(batch)?,
///             Output::Transmit(transmit) => carry(transmit),
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
/// # let env = &mut secretchat::Env::new(secretchat::Timestamp::default(), &mut rng);
/// # let mut chat = Chat::request(secretchat::Config::x25519("alice", "bob")?, env)?;
/// # let mut carried = 0;
/// # drain(&mut chat, |_| {}, |_| Ok(()), |_| carried += 1)?;
/// # assert_eq!(carried, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
