//! Messages as TL values: strict, borrowed, without allocation (SPEC TL-1 to TL-5).
//!
//! The types of the schema ([`DecryptedMessageLayer`] and its contents) are generated from `schema/secret.tl`.
//! Names are those of the schema. A number at the end of a name is the layer that introduced that form.
//!
//! Reading and writing are inverse: what [`decode_exact`] accepts is written as the same bytes, and every value that
//! can be built is written ([`Encode`]) and read back as the same value.
//!
//! # What is tolerated
//!
//! One value has one encoding, and everything else is a [`DecodeError`]. The exceptions below are produced by
//! official apps or newer layers, and the layers above judge them:
//!
//! * undefined bits of a flags word, which are kept: a newer peer may use them;
//! * strings that are not UTF-8: on the wire a string is bytes, so both kinds are [`Bytes`];
//! * any value of an integer or a double: negative sizes, durations and offsets, zero ids, NaN;
//! * any length of `random_bytes`, keys and ivs;
//! * any mixture of layers: all ids are unique, so a form is known by its id and not by the layer around it.

mod header;
mod reader;
mod schema;
mod value;
mod vector;
mod writer;

use core::fmt;

pub use header::LayerHeader;
pub use reader::{Decode, Reader, decode_exact};
pub use schema::*;
pub use value::{Bytes, Double, Flags};
pub use vector::{Iter, Vector};
pub use writer::{Encode, Writer, encode_exact};

/// Implements a `Debug` that shows only the name: messages and keys must not reach a log.
macro_rules! opaque_debug {
    ($($name:ident $(<$lifetime:lifetime $(, $parameter:ident)?>)?,)+) => {
        $(impl $(<$($parameter)?>)? core::fmt::Debug for $name $(<$lifetime $(, $parameter)?>)? {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}
use opaque_debug;

/// Bytes are not a value of the expected type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeError {
    /// The value is cut short.
    UnexpectedEnd,
    /// Bytes follow the value.
    TrailingBytes,
    /// No constructor of the expected type has this id.
    UnknownConstructor(u32),
    /// The length of a string is not in its shortest form.
    NonCanonicalLength,
    /// A string is padded with bytes other than zero.
    NonZeroPadding,
    /// A vector was expected, but this id came.
    NotAVector(u32),
    /// A vector's count is negative, or larger than the remaining bytes can hold.
    BadCount,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd => f.write_str("the value is cut short"),
            Self::TrailingBytes => f.write_str("bytes follow the value"),
            Self::UnknownConstructor(id) => write!(f, "no constructor of the expected type has the id {id:#010x}"),
            Self::NonCanonicalLength => f.write_str("the length of a string is not in its shortest form"),
            Self::NonZeroPadding => f.write_str("the padding of a string is not zero"),
            Self::NotAVector(id) => write!(f, "a vector cannot begin with {id:#010x}"),
            Self::BadCount => f.write_str("the count of a vector does not fit the bytes that are left"),
        }
    }
}

impl core::error::Error for DecodeError {}
