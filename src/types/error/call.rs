//! What a call of a chat fails with.

use core::fmt;

use super::{ApiMisuse, VerifyError};

errors! {
    /// A call is not possible now. Nothing has changed, and nobody made a mistake: it depends on the peer or on time.
    ///
    /// The documentation of each value says what to do.
    Unavailable {
        /// The keys do not exist yet, or the responder has no sign of the initiator yet (SPEC X25-5).
        ///
        /// Wait for [`Event::Ready`](crate::Event::Ready) and call again.
        201 "not_ready" NotReady => "the chat is not ready",
        /// The chat is over (SPEC CLOSE-1). The peer may have ended it, too.
        ///
        /// Ask for a new chat.
        202 "chat_closed" ChatClosed => "the chat is closed",
        /// All 2^30 slots of this chat are used up (SPEC SEQ-6).
        ///
        /// Ask for a new chat.
        203 "seq_exhausted" SeqExhausted => "all sequence numbers are used up",
        /// Too many messages, or too many bytes, wait for the peer's acknowledgement (SPEC LIM-1).
        ///
        /// Keep the message, and send it after [`Event::Acknowledged`](crate::Event::Acknowledged).
        204 "outbox_full" OutboxFull => "too much waits for the peer's acknowledgement",
        /// The key has served too many messages or too long, and there is no new one yet (SPEC REKEY-6).
        ///
        /// Keep the message, and send it after [`Event::Rekeyed`](crate::Event::Rekeyed).
        205 "rekey_required" RekeyRequired => "the key has served too long and no new one is there yet",
        /// An exchange of keys is open, or an old key may still be needed (SPEC REKEY-5).
        ///
        /// Wait: a new key is on its way.
        206 "rekey_in_progress" RekeyInProgress => "an exchange of keys is not finished",
        /// More messages with a timer than may be kept (SPEC LIM-3).
        ///
        /// Wait until some have ended ([`Event::Expired`](crate::Event::Expired)), or send it without a timer.
        207 "too_many_timers" TooManyTimers => "too many messages with a timer",
        /// Nothing with a timer is kept under this id: it has none, has ended, was deleted, or is one's own (SPEC DES-4).
        ///
        /// There is nothing to open. A message that was there is gone: take it off the screen.
        208 "not_timed" NotTimed => "no message of the peer with a timer has this id",
        /// The message has ended, or was view once and was seen (SPEC DES-8).
        ///
        /// Take it off the screen.
        209 "expired" Expired => "the message has ended",
        /// The chat keeps no exporter: its set-up asked for none, or it was forgotten (SPEC EXP-2).
        ///
        /// Ask for one with [`Config::with_exporter`](crate::Config::with_exporter); after
        /// [`Chat::forget_exporter`](crate::Chat::forget_exporter) the next key brings another.
        210 "no_exporter" NoExporter => "the chat keeps no exporter",
    }
}

/// Why a call of a chat was refused. Nothing has changed.
///
/// ```
/// use secretchat::{ApiMisuse, CallError, Unavailable};
///
/// fn what_to_show(error: CallError) -> &'static str {
///     match error {
///         CallError::Unavailable(Unavailable::NotReady) => "Waiting for the other side",
///         CallError::Unavailable(Unavailable::OutboxFull | Unavailable::RekeyRequired) => "Will be sent later",
///         CallError::Unavailable(_) => "Not possible any more",
///         CallError::Misuse(ApiMisuse::MessageTooLong) => "Too long",
///         CallError::Misuse(_) => "This program has a bug",
///         _ => "Something else",
///     }
/// }
///
/// assert_eq!(what_to_show(Unavailable::NotReady.into()), "Waiting for the other side");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallError {
    /// The host made a mistake.
    Misuse(ApiMisuse),
    /// The call is not possible now.
    Unavailable(Unavailable),
    /// What the users compared is not what the chat has: [`Chat::mark_verified`](crate::Chat::mark_verified) and
    /// [`Chat::mark_scanned`](crate::Chat::mark_scanned) alone.
    Unverified(VerifyError),
}

impl CallError {
    /// Returns the name of the error inside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Misuse(misuse) => misuse.name(),
            Self::Unavailable(unavailable) => unavailable.name(),
            Self::Unverified(error) => error.name(),
        }
    }

    /// Returns the code of the error inside. Those of [`ApiMisuse`], [`Unavailable`] and [`VerifyError`] differ.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::Misuse(misuse) => misuse.code(),
            Self::Unavailable(unavailable) => unavailable.code(),
            Self::Unverified(error) => error.code(),
        }
    }
}

impl From<ApiMisuse> for CallError {
    fn from(misuse: ApiMisuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<Unavailable> for CallError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<VerifyError> for CallError {
    fn from(error: VerifyError) -> Self {
        Self::Unverified(error)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Unavailable(unavailable) => unavailable.fmt(f),
            Self::Unverified(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CallError {}
