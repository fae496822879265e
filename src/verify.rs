//! What the two users compare to know that nobody sits between them (SPEC VER-1 to VER-3).

/// A 36-byte verification value with its picture and its text.
///
/// Until both users have compared it over another way, a relay may sit in the middle and nothing is claimed. It is
/// made from the first handshake and never changes.
///
/// Compare all of it. A part of n bytes is worth 8n bits and no more: whoever sits in the middle tries keys until that part
/// is the same at both ends. At least 16 bytes are compared (SPEC VER-3); four take one core 42 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification([u8; 36]);

impl Verification {
    /// The colours of cell values 0 to 3, as `0xRRGGBB`.
    pub const COLOURS: [u32; 4] = [0xff_ffff, 0xd5_e6f3, 0x2d_5775, 0x2f_99c9];

    /// Creates a value from the bytes that the profile computes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 36]) -> Self {
        Self(bytes)
    }

    /// Returns all 36 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 36] {
        self.0
    }

    /// Returns the picture: 12 rows of 12 cells, each a value of 0 to 3.
    ///
    /// Two bits a cell, taken from the least significant end of each byte upwards, left to right, top to bottom.
    #[must_use]
    pub fn cells(self) -> [[u8; 12]; 12] {
        let mut values = self.0.iter().flat_map(|byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
        // 36 bytes are exactly 144 cells.
        core::array::from_fn(|_| core::array::from_fn(|_| values.next().unwrap_or(0)))
    }

    /// Returns the text next to the picture: the first 32 bytes as four lines of eight two-digit hexadecimal numbers.
    #[must_use]
    pub fn hex_lines(self) -> [HexLine; 4] {
        let mut bytes = self.0.iter();
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
        // Only digits, letters a to f and spaces are ever written into it.
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl core::fmt::Display for HexLine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Cells worked out by hand from the published bit order: 0b11_10_01_00 is 0, 1, 2, 3.
    #[test]
    fn cells_run_from_the_low_bits_and_row_by_row() {
        let mut bytes = [0; 36];
        bytes[0] = 0b11_10_01_00;
        bytes[3] = 0b00_00_00_01;
        bytes[35] = 0b10_00_00_00;
        let cells = Verification::from_bytes(bytes).cells();
        assert_eq!(cells[0], [0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(cells[1][0], 1, "byte 3 starts the second row");
        assert_eq!(cells[11][11], 2);
    }

    #[test]
    fn text_is_the_first_32_bytes() {
        let bytes = core::array::from_fn(|i| u8::try_from(i * 7).unwrap());
        let lines = Verification::from_bytes(bytes).hex_lines();
        assert_eq!(lines[0].as_str(), "00 07 0e 15 1c 23 2a 31");
        assert_eq!(lines[3].as_str(), "a8 af b6 bd c4 cb d2 d9");
    }
}
