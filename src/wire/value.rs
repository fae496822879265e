//! TL values for which Rust has no type.

use super::{Decode, DecodeError, Encode, Reader, Writer, opaque_debug};

/// A TL `string` or `bytes`. Both are bytes on the wire, and the layers above judge whether a string is UTF-8.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// A value without bytes.
    pub const EMPTY: Self = Self(&[]);

    /// The longest value, in bytes, whose length three bytes can express.
    pub const MAX_LEN: usize = 0x00ff_ffff;

    /// Wraps the bytes, or returns `None` if there are more than [`Bytes::MAX_LEN`].
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() <= Self::MAX_LEN { Some(Self(bytes)) } else { None }
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_slice(&self) -> &'a [u8] {
        self.0
    }
}

opaque_debug! { Bytes<'_>, Double, }

/// The first byte of the long form of a length. Three bytes of length follow it. Smaller first bytes are the length
/// itself.
const LONG: u8 = 254;

/// The zeros that fill up the last word after `len` bytes.
fn padding(len: usize) -> usize {
    len.wrapping_neg() % 4
}

impl<'a> Decode<'a> for Bytes<'a> {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let [first] = r.take_array()?;
        let (prefix, len) = match first {
            ..LONG => (1, usize::from(first)),
            LONG => {
                let [a, b, c] = r.take_array()?;
                let len = u32::from_le_bytes([a, b, c, 0]);
                if len < u32::from(LONG) {
                    return Err(DecodeError::NonCanonicalLength);
                }
                // Bytes beyond the address space cannot be there.
                (4, usize::try_from(len).map_err(|_| DecodeError::UnexpectedEnd)?)
            }
            _ => return Err(DecodeError::NonCanonicalLength),
        };
        let bytes = r.take(len)?;
        if r.take(padding(prefix + len))?.iter().any(|byte| *byte != 0) {
            return Err(DecodeError::NonZeroPadding);
        }
        Ok(Self(bytes))
    }
}

impl Encode for Bytes<'_> {
    fn write(&self, w: &mut Writer<'_>) {
        let len = self.0.len();
        let prefix = match u8::try_from(len) {
            Ok(short @ ..LONG) => {
                w.put(&[short]);
                1
            }
            _ => {
                let [a, b, c, ..] = len.to_le_bytes();
                w.put(&[LONG, a, b, c]);
                4
            }
        };
        w.put(self.0);
        w.put([0; 3].get(..padding(prefix + len)).unwrap_or_default());
    }
}

/// A TL `double`. Two are equal if their bits are, so that what is read equals what was written, even NaN.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Double(u64);

impl Double {
    /// Returns the number's bits.
    #[must_use]
    pub const fn from_f64(number: f64) -> Self {
        Self(number.to_bits())
    }

    /// Returns the number, which may be NaN or infinite.
    #[must_use]
    pub const fn to_f64(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl<'a> Decode<'a> for Double {
    fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        r.take_array().map(u64::from_le_bytes).map(Self)
    }
}

impl Encode for Double {
    fn write(&self, w: &mut Writer<'_>) {
        w.put(&self.0.to_le_bytes());
    }
}

/// The bits of a flags word on which no field depends: those with a meaning of their own, and undefined ones.
///
/// `FIELDS` are the other bits. They follow from the fields that are present, so they cannot be set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags<const FIELDS: u32>(u32);

impl<const FIELDS: u32> Flags<FIELDS> {
    /// A value without any bit set.
    pub const NONE: Self = Self(0);

    /// Keeps the bits of `word` that are not in `FIELDS`.
    #[must_use]
    pub const fn new(word: u32) -> Self {
        Self(word & !FIELDS)
    }

    /// Returns the bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Returns whether any of these bits is set.
    #[must_use]
    pub const fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }
}
