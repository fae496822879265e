//! The value as numbers (SPEC VER-2).

use super::value::Verification;

impl Verification {
    /// Returns the text next to the picture: the first 32 bytes as four lines of eight two-digit hexadecimal
    /// numbers.
    #[must_use]
    pub fn hex_lines(self) -> [HexLine; 4] {
        let bytes = self.to_bytes();
        let mut bytes = bytes.iter();
        core::array::from_fn(|_| {
            let mut line = [b' '; HexLine::LEN];
            for (cell, byte) in line.chunks_mut(3).zip(bytes.by_ref().take(8)) {
                for (digit, nibble) in cell.iter_mut().zip([byte >> 4, byte & 15]) {
                    *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
                }
            }
            HexLine(line)
        })
    }
}

/// One line of the text: `"d8 73 84 5f 3c 22 a0 11"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HexLine([u8; Self::LEN]);

impl HexLine {
    const LEN: usize = 23;

    /// Returns the line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only digits, letters a to f and spaces are written into it.
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl core::fmt::Display for HexLine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_the_first_32_bytes() {
        let bytes = core::array::from_fn(|i| u8::try_from(i * 7).unwrap());
        let lines = Verification::from_bytes(bytes).hex_lines();
        assert_eq!(lines[0].as_str(), "00 07 0e 15 1c 23 2a 31");
        assert_eq!(lines[3].as_str(), "a8 af b6 bd c4 cb d2 d9");
    }
}
