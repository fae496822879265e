//! The bytes of links, and of tokens that resume an upload or a download.

/// Reads the fields of a token in order. What is left can be taken at any time.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(crate) fn version(&mut self, expected: u8) -> Option<()> {
        self.array().filter(|[version]| *version == expected).map(drop)
    }

    /// Takes the rest, if it is `len` bytes.
    pub(crate) fn rest(self, len: usize) -> Option<&'a [u8]> {
        Some(self.0).filter(|rest| rest.len() == len)
    }
}
