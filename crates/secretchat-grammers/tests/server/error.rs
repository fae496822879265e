//! Errors of calls.

use std::fmt;

use grammers_tl_types as tl;

/// An error as Telegram answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RpcError {
    pub(crate) code: i32,
    pub(crate) name: String,
}

impl RpcError {
    pub(crate) fn new(code: i32, name: impl Into<String>) -> Self {
        Self { code, name: name.into() }
    }

    /// The call is wrong.
    pub(crate) fn bad(name: impl Into<String>) -> Self {
        Self::new(400, name)
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.name)
    }
}

impl From<tl::deserialize::Error> for RpcError {
    fn from(error: tl::deserialize::Error) -> Self {
        match error {
            tl::deserialize::Error::UnexpectedEof => Self::bad("INPUT_FETCH_FAIL"),
            tl::deserialize::Error::UnexpectedConstructor { id } => {
                Self::bad(format!("INPUT_CONSTRUCTOR_INVALID_{id:X}"))
            }
        }
    }
}
