//! The mistakes that callers can make.

use core::{error, fmt};

/// Two buffers that must have one length do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthMismatch;

impl fmt::Display for LengthMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two buffers differ in length; pass buffers of one length")
    }
}

impl error::Error for LengthMismatch {}
