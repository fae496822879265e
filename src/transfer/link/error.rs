//! Errors that stop a link, or that its chat returns.

use core::fmt;

use crate::store::DriverError;
use crate::types::error::CallError;

/// The error that stopped a [`Link`](super::Link), or that its chat returned.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinkError<S, F> {
    /// The driver has stopped.
    Driver(DriverError<S>),
    /// The storage of the files failed.
    Files(F),
    /// The chat refuses the call. Nothing has changed.
    Call(CallError),
    /// The draft names a file that is not stored, or its name is not a file id, or a stored file has become shorter.
    NoFile,
}

impl<S, F> From<CallError> for LinkError<S, F> {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl<S: fmt::Display, F: fmt::Display> fmt::Display for LinkError<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(error) => error.fmt(f),
            Self::Files(error) => write!(f, "the stored files failed: {error}"),
            Self::Call(error) => error.fmt(f),
            Self::NoFile => f.write_str("the file of the message is not stored, or has become shorter"),
        }
    }
}

impl<S: core::error::Error, F: core::error::Error> core::error::Error for LinkError<S, F> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        // The text already includes that of the wrapped error; only the errors below it would be lost.
        match self {
            Self::Driver(error) => error.source(),
            Self::Files(error) => error.source(),
            Self::Call(error) => error.source(),
            Self::NoFile => None,
        }
    }
}
