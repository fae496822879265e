//! Text and byte forms of ids.

use core::fmt;

/// The text is not an id as `Display` writes it, or the number of bytes is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not an id of that kind")
    }
}

impl core::error::Error for ParseIdError {}

/// Implements hexadecimal text and conversions from slices and to arrays for an id of bytes.
macro_rules! byte_id {
    ($name:ident[$len:literal]) => {
        /// Writes two lower-case hexadecimal digits per byte.
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        /// Reads two hexadecimal digits per byte, in either case.
        impl core::str::FromStr for $name {
            type Err = $crate::types::id::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::types::id::bytes_of_hex(text).map(Self)
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; $len] {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// Fails for any other length.
        impl TryFrom<&[u8]> for $name {
            type Error = $crate::types::id::ParseIdError;

            fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
                bytes.try_into().map(Self).map_err(|_| $crate::types::id::ParseIdError)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    };
}

pub(crate) use byte_id;

/// Reads exactly `N` bytes of two digits each.
pub(crate) fn bytes_of_hex<const N: usize>(text: &str) -> Result<[u8; N], ParseIdError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(ParseIdError);
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

fn digit(character: u8) -> Result<u8, ParseIdError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        b'A'..=b'F' => Ok(character - b'A' + 10),
        _ => Err(ParseIdError),
    }
}
