//! Errors of the crate as exceptions of the package.

use std::fmt::Display;

use pyo3::exceptions::PyFileNotFoundError;
use pyo3::prelude::*;
use secretchat::frame::FrameError;
use secretchat::store::DriverError;
use secretchat::transfer::LinkError;
use secretchat::{ApiMisuse, CallError, DhGroupError, MediaError, PeerFault, StoreError, Unavailable, VerifyError};

use crate::store::StoreFailed;

/// An error that has an exception.
pub(crate) trait Raise {
    /// Returns the exception.
    fn raise(self) -> PyErr;
}

/// Results whose error has an exception.
pub(crate) trait OrRaise<T> {
    /// Returns the value, or the exception of the error.
    fn or_raise(self) -> PyResult<T>;
}

impl<T, E: Raise> OrRaise<T> for Result<T, E> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(E::raise)
    }
}

/// Returns an exception of the package with the crate's code, name and text.
fn exception(class: &str, code: u16, name: &str, text: &impl Display) -> PyErr {
    Python::attach(|py| {
        let class = py.import("secretchat.errors").and_then(|errors| errors.getattr(class));
        class
            .and_then(|class| class.call1((text.to_string(), code, name)))
            .map_or_else(|error| error, PyErr::from_value)
    })
}

macro_rules! raises {
    ($($error:ident,)+) => {$(
        impl Raise for $error {
            fn raise(self) -> PyErr {
                exception(stringify!($error), self.code(), self.name(), &self)
            }
        }
    )+};
}

raises!(ApiMisuse, DhGroupError, FrameError, MediaError, PeerFault, StoreError, Unavailable, VerifyError,);

impl Raise for CallError {
    fn raise(self) -> PyErr {
        match self {
            Self::Misuse(error) => error.raise(),
            Self::Unavailable(error) => error.raise(),
            Self::Unverified(error) => error.raise(),
            other => exception("SecretchatError", other.code(), other.name(), &other),
        }
    }
}

impl Raise for DriverError<StoreFailed> {
    fn raise(self) -> PyErr {
        match self {
            Self::Store(StoreFailed(error)) => error,
            Self::Records(error) => error.raise(),
            other => exception(
                if matches!(other, Self::Superseded) { "Superseded" } else { "DriverError" },
                other.code(),
                other.name(),
                &other,
            ),
        }
    }
}

impl Raise for LinkError<StoreFailed, std::io::Error> {
    fn raise(self) -> PyErr {
        match self {
            Self::Driver(error) => error.raise(),
            Self::Files(error) => error.into(),
            Self::Call(error) => error.raise(),
            other => PyFileNotFoundError::new_err(other.to_string()),
        }
    }
}

impl Raise for PyErr {
    fn raise(self) -> PyErr {
        self
    }
}
