//! The actions that a driver has for its host, and the errors that stop it.

use core::fmt;

use crate::frame::{Frame, FrameError};
use crate::output::{Event, Transmit};
use crate::record::Checkpoint;
use crate::store::ApplyError;
use crate::types::error::StoreError;
use crate::types::id::TransmitId;
use crate::types::names::names;

/// An action for the host.
///
/// ```
/// use secretchat::frame::{ChatTag, encode};
/// use secretchat::store::{Action, Driver, Store};
///
/// /// Does all that a chat asks for. Returns the packets that are to be carried.
/// fn work<S: Store>(driver: &mut Driver<S>, tag: ChatTag) -> Result<Vec<Vec<u8>>, Box<dyn std::error::Error>> {
///     let mut packets = Vec::new();
///     while let Some(action) = driver.next_action()? {
///         match &action {
///             Action::Event(event) => println!("{}", event.name()),
///             Action::Checkpoint(checkpoint) => println!("note {}", checkpoint.generation),
///             // A transmission or a receipt, which have frames.
///             _ => packets.extend(action.frame()?.map(|frame| encode(tag, &frame)).transpose()?),
///         }
///     }
///     Ok(packets)
/// }
/// # let mut rng = secretchat::rand_core::UnwrapErr(getrandom::SysRng);
/// # let env = &mut secretchat::Env::new(secretchat::Timestamp::default(), &mut rng);
/// # let chat = secretchat::Chat::request(secretchat::Config::x25519("alice", "bob")?, env)?;
/// # let mut driver = Driver::new(chat, secretchat::store::MemoryStore::default());
/// # assert_eq!(work(&mut driver, ChatTag([7; 16]))?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Action {
    /// Something happened. After a crash the event may come again, with the same id.
    Event(Event),
    /// Send this to the peer. It is durable.
    Transmit(Transmit),
    /// Tell the transport or the peer's host that this input need not come again.
    ///
    /// Not `#[non_exhaustive]`: it is a frame's receipt, field by field.
    Receipt {
        /// The peer's name of the transmission.
        id: TransmitId,
        /// For a Discard, the proof that this end is closed, as from
        /// [`Chat::discard_receipt`](crate::Chat::discard_receipt).
        proof: Option<[u8; 32]>,
    },
    /// A batch is durable, or the chat was restored from records that have another checkpoint than the expected
    /// one. A host that guards against rollback notes it in a separate place **before** it asks for the next
    /// action. [`Driver::restore`](super::Driver::restore) expects it. Other hosts can ignore it (SPEC REC-6).
    Checkpoint(Checkpoint),
}

names! {
    ref Action {
        1 "event" Event,
        2 "transmit" Transmit,
        3 "receipt" Receipt,
        4 "checkpoint" Checkpoint,
    }
}

impl Action {
    /// Returns the frame that carries the action over a transport of your own, or `None` for what stays here.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if the message's file is not named by the 16 bytes of a file id.
    pub fn frame(&self) -> Result<Option<Frame<'_>>, FrameError> {
        match self {
            Self::Event(_) | Self::Checkpoint(_) => Ok(None),
            Self::Transmit(transmit) => Frame::of(transmit).map(Some),
            Self::Receipt { id, proof } => Ok(Some(Frame::Receipt { transmit_id: *id, proof: *proof })),
        }
    }
}

/// The error that stopped a driver.
#[derive(Debug)]
#[non_exhaustive]
pub enum DriverError<E> {
    /// The store failed. Nothing that depends on the lost write came out. Drop the driver, repair the store, and
    /// restore the chat.
    Store(E),
    /// The records do not restore to a chat.
    Records(StoreError),
    /// Another driver of this chat wrote first. Nothing that this one did since its last batch came out, and
    /// nothing will. Drop this driver.
    Superseded,
    /// An earlier failure of the store has stopped this driver.
    Stopped,
}

#[cfg(test)]
impl crate::types::names::Listed for DriverError<()> {
    const NAMES: crate::types::names::Names =
        &[(901, "store", "Store"), (902, "superseded", "Superseded"), (903, "stopped", "Stopped")];
}

impl<E> DriverError<E> {
    /// Returns the name of the variant in snake case, or of the error of the records. It never changes.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::Records(error) => error.name(),
            Self::Superseded => "superseded",
            Self::Stopped => "stopped",
        }
    }

    /// Returns the code of the variant: 901 for the store, 902 for superseded, 903 for stopped, and for records that of
    /// [`StoreError`]. It never changes.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::Store(_) => 901,
            Self::Records(error) => error.code(),
            Self::Superseded => 902,
            Self::Stopped => 903,
        }
    }
}

impl<E: fmt::Display> fmt::Display for DriverError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "the store failed: {error}"),
            Self::Records(error) => error.fmt(f),
            Self::Superseded => ApplyError::<E>::Superseded.fmt(f),
            Self::Stopped => f.write_str("the store failed earlier; drop this driver and restore the chat"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for DriverError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        // The message already includes that of the store, and what lies below it would be lost.
        match self {
            Self::Store(error) => error.source(),
            Self::Records(_) | Self::Superseded | Self::Stopped => None,
        }
    }
}

impl<E> From<ApplyError<E>> for DriverError<E> {
    fn from(error: ApplyError<E>) -> Self {
        match error {
            ApplyError::Superseded => Self::Superseded,
            ApplyError::Store(error) => Self::Store(error),
        }
    }
}
