//! What callers can do wrong.

use core::{error, fmt};

/// Two buffers that must have one length do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthMismatch;

impl fmt::Display for LengthMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the buffers differ in length")
    }
}

impl error::Error for LengthMismatch {}
