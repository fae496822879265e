//! Errors: a number each. Names and advice are those of `secretchat`; only misuse of this interface is added.

use core::ffi::c_char;
use core::fmt::{self, Write as _};

use secretchat::frame::FrameError;
use secretchat::{ApiMisuse, CallError, DhGroupError, MediaError, PeerFault, StoreError, Unavailable, VerifyError};

use crate::border::Out;

/// The result of a function: 0, or the number of an error.
pub type ScStatus = i32;

/// Everything went well.
pub const SC_OK: ScStatus = 0;
/// A pointer is null that must not be.
pub const SC_ERROR_NULL: ScStatus = 1;
/// A length is not the one that is needed.
pub const SC_ERROR_LENGTH: ScStatus = 2;
/// A number names nothing.
pub const SC_ERROR_VALUE: ScStatus = 3;
/// A text is not UTF-8.
pub const SC_ERROR_TEXT: ScStatus = 4;
/// A handle was used up, or there is no output to take this from.
pub const SC_ERROR_USE: ScStatus = 5;
/// There is no randomness. Nothing has changed: give more and repeat the call.
pub const SC_ERROR_RANDOM: ScStatus = 6;
/// The library has a defect. Nothing has changed.
pub const SC_ERROR_PANIC: ScStatus = 7;

/// Misuse of this interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Null,
    Length,
    Value,
    Text,
    Use,
    Random,
    Panic,
}

impl Own {
    const ALL: [Self; 7] = [Self::Null, Self::Length, Self::Value, Self::Text, Self::Use, Self::Random, Self::Panic];

    const fn words(self) -> (ScStatus, &'static str, &'static str) {
        match self {
            Self::Null => (SC_ERROR_NULL, "null", "a pointer is null that must not be"),
            Self::Length => (SC_ERROR_LENGTH, "length", "a length is not the one that is needed"),
            Self::Value => (SC_ERROR_VALUE, "value", "a number names nothing; use the constants of the header"),
            Self::Text => (SC_ERROR_TEXT, "text", "a text is not UTF-8"),
            Self::Use => (SC_ERROR_USE, "use", "the handle was used up, or the last output has nothing of the kind"),
            Self::Random => (SC_ERROR_RANDOM, "random", "there is no randomness; give more bytes and repeat the call"),
            Self::Panic => (SC_ERROR_PANIC, "panic", "the library has a defect; nothing has changed"),
        }
    }
}

/// The reason why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) ScStatus);

impl From<Own> for Fault {
    fn from(own: Own) -> Self {
        Self(own.words().0)
    }
}

macro_rules! errors {
    ($($error:ident)+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self(error.code().into())
            }
        })+

        /// Calls `see` with the name and the advice of an error of `secretchat`.
        fn find(code: ScStatus, see: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
            $(for error in $error::ALL {
                if ScStatus::from(error.code()) == code {
                    see(error.name(), error);
                }
            })+
        }
    };
}

errors! { ApiMisuse Unavailable VerifyError PeerFault StoreError MediaError FrameError DhGroupError }

impl From<CallError> for Fault {
    fn from(error: CallError) -> Self {
        Self(error.code().into())
    }
}

/// Makes a call at the border: an error becomes its number, and so does a panic.
pub(crate) fn guard(call: impl FnOnce() -> Result<(), Fault>) -> ScStatus {
    #[cfg(feature = "std")]
    let done = std::panic::catch_unwind(core::panic::AssertUnwindSafe(call))
        .unwrap_or_else(|panic| Err(if panic.is::<crate::env::Exhausted>() { Own::Random } else { Own::Panic }.into()));
    #[cfg(not(feature = "std"))]
    let done = call();
    match done {
        Ok(()) => SC_OK,
        Err(Fault(code)) => code,
    }
}

/// Writes the name of an error, such as `outbox_full`, into `buffer` with a zero behind it. A name that needs more than
/// `len` bytes is shortened.
///
/// Returns the bytes of the whole name without the zero, and 0 for a number that is no error.
#[unsafe(no_mangle)]
pub extern "C" fn sc_error_name(error: ScStatus, buffer: Out<c_char>, len: usize) -> usize {
    let mut text = "";
    for own in Own::ALL {
        if own.words().0 == error {
            text = own.words().1;
        }
    }
    find(error, &mut |name, _| text = name);
    buffer.put_text(len, text)
}

/// Writes what happened and what to do about it, as one English sentence for developers. Otherwise as `sc_error_name`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_error_advice(error: ScStatus, buffer: Out<c_char>, len: usize) -> usize {
    let mut text = alloc::string::String::new();
    for own in Own::ALL {
        if own.words().0 == error {
            text.push_str(own.words().2);
        }
    }
    // A `String` takes everything.
    find(error, &mut |_, advice| _ = write!(text, "{advice}"));
    buffer.put_text(len, &text)
}
