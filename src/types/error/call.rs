//! Errors of the calls of a chat.

use core::fmt;

use super::{ApiMisuse, VerifyError};

errors! {
    /// The call is not possible now. Nothing has changed, and nobody made a mistake: the reason lies with the peer
    /// or with time.
    ///
    /// The documentation of each variant says what to do.
    Unavailable {
        /// The keys do not exist yet, or the responder has not heard from the initiator yet (SPEC X25-5).
        ///
        /// Wait for [`Event::Ready`](crate::Event::Ready) and call again.
        201 "not_ready" NotReady => "the chat is not ready yet; repeat this call after `Event::Ready`",
        /// The chat is over (SPEC CLOSE-1). It may have been the peer that ended it.
        ///
        /// Ask for a new chat.
        202 "chat_closed" ChatClosed => "the chat is closed; ask for a new one",
        /// All 2^30 slots of this chat are used up (SPEC SEQ-6).
        ///
        /// Ask for a new chat.
        203 "seq_exhausted" SeqExhausted => "all sequence numbers of the chat are used up; ask for a new chat",
        /// Too many messages, or too many bytes, are waiting for the peer's acknowledgement (SPEC LIM-1).
        ///
        /// Keep the message, and send it after [`Event::Acknowledged`](crate::Event::Acknowledged).
        204 "outbox_full" OutboxFull => "too many messages await the peer's acknowledgement; send this one after `Event::Acknowledged`",
        /// The key has protected too many messages or is too old, and there is no new one yet (SPEC REKEY-6).
        ///
        /// Keep the message, and send it after [`Event::Rekeyed`](crate::Event::Rekeyed).
        205 "rekey_required" RekeyRequired => "the key must be renewed first; send the message after `Event::Rekeyed`",
        /// A key exchange is in progress, or an old key may still be needed (SPEC REKEY-5).
        ///
        /// Wait: a new key is on its way.
        206 "rekey_in_progress" RekeyInProgress => "a key exchange is already in progress; wait for it to finish",
        /// The chat already keeps as many messages with a timer as it may (SPEC LIM-3).
        ///
        /// Wait until some have ended ([`Event::Expired`](crate::Event::Expired)), or send the message without a
        /// timer.
        207 "too_many_timers" TooManyTimers => "too many messages with a timer; wait until some expire, or send without a timer",
        /// No message of the peer with a timer is kept under this id: it has no timer, has ended, was deleted, or
        /// is one of this end's own (SPEC DES-4).
        ///
        /// There is nothing to open. If the message was on the screen, remove it.
        208 "not_timed" NotTimed => "no message of the peer with a timer has this id; if it is on the screen, remove it",
        /// The message has ended, or it was view once and has been seen (SPEC DES-8).
        ///
        /// Remove it from the screen.
        209 "expired" Expired => "the message has ended; remove it from the screen",
        /// The chat keeps no exporter: its configuration did not ask for one, or it was forgotten (SPEC EXP-2).
        ///
        /// Ask for one with [`Config::with_exporter`](crate::Config::with_exporter). After
        /// [`Chat::forget_exporter`](crate::Chat::forget_exporter) the next key brings a new one.
        210 "no_exporter" NoExporter => "the chat keeps no exporter; ask for one with `Config::with_exporter`",
    }
}

/// A call of a chat was refused. Nothing has changed.
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
    /// The value that the users compared does not match this chat. Only
    /// [`Chat::mark_verified`](crate::Chat::mark_verified) and [`Chat::mark_scanned`](crate::Chat::mark_scanned)
    /// return it.
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

    /// Returns the code of the error inside. The codes of [`ApiMisuse`], [`Unavailable`] and [`VerifyError`] do not
    /// overlap.
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
