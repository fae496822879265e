//! The value as a picture: cells, rows of text, SVG (SPEC VER-2).

use core::fmt;

use super::value::Verification;

/// How many cells each side has.
const SIDE: usize = 12;

impl Verification {
    /// The colours of cell values 0 to 3, as `0xRRGGBB`.
    pub const COLOURS: [u32; 4] = [0xff_ffff, 0xd5_e6f3, 0x2d_5775, 0x2f_99c9];

    /// Returns the picture: 12 rows of 12 cells, each a value of 0 to 3.
    ///
    /// Each cell takes two bits, from the least significant end of each byte upwards, left to right, top to bottom.
    #[must_use]
    pub fn cells(self) -> [[u8; SIDE]; SIDE] {
        let bytes = self.to_bytes();
        let mut values = bytes.iter().flat_map(|byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
        // 36 bytes are exactly 144 cells.
        core::array::from_fn(|_| core::array::from_fn(|_| values.next().unwrap_or(0)))
    }

    /// Returns the picture as 12 rows of text, for a terminal.
    ///
    /// ```
    /// # let verification = secretchat::Verification::from_bytes([0b11_10_01_00; 36]);
    /// for (row, line) in verification.rows().iter().zip(verification.hex_lines()) {
    ///     println!("{row}   {line}");
    /// }
    /// assert_eq!(verification.rows()[0].to_string(), "··░░▓▓▒▒··░░▓▓▒▒··░░▓▓▒▒");
    /// ```
    #[must_use]
    pub fn rows(self) -> [PictureRow; SIDE] {
        self.cells().map(PictureRow)
    }

    /// Returns the picture as an SVG image of 12 by 12 units, which scales to any size. Write it with `Display`.
    ///
    /// ```
    /// # let verification = secretchat::Verification::from_bytes([7; 36]);
    /// let image = verification.svg().to_string();
    /// assert!(image.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 12 12\""));
    /// ```
    #[must_use]
    pub const fn svg(self) -> Svg {
        Svg(self)
    }
}

/// One row of the picture. A cell is two characters wide, which makes it about square.
///
/// `Display` writes shades that can be told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureRow([u8; SIDE]);

impl PictureRow {
    /// Returns the row in the picture's colours, as escape sequences for a terminal with 24-bit colours.
    ///
    /// ```
    /// # let verification = secretchat::Verification::from_bytes([0; 36]);
    /// for row in verification.rows() {
    ///     println!("{}", row.coloured());
    /// }
    /// ```
    #[must_use]
    pub const fn coloured(self) -> impl fmt::Display {
        Coloured(self)
    }
}

impl fmt::Display for PictureRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|cell| {
            f.write_str(match cell {
                0 => "··",
                1 => "░░",
                2 => "▓▓",
                _ => "▒▒",
            })
        })
    }
}

/// A row with its colours.
struct Coloured(PictureRow);

impl fmt::Display for Coloured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(PictureRow(cells)) = self;
        for cell in cells {
            let [_, red, green, blue] = colour(*cell).to_be_bytes();
            write!(f, "\x1b[48;2;{red};{green};{blue}m  ")?;
        }
        f.write_str("\x1b[0m")
    }
}

/// Writes the picture for a terminal, with the numbers of [`Verification::hex_lines`] beside its first rows: 12 lines, without
/// an end behind the last. `{:#}` writes it in colours, as [`PictureRow::coloured`].
///
/// ```
/// # let verification = secretchat::Verification::from_bytes([0b11_10_01_00; 36]);
/// let lines: Vec<_> = verification.to_string().lines().map(str::to_owned).collect();
/// assert_eq!(lines.len(), 12);
/// assert_eq!(lines[0], "··░░▓▓▒▒··░░▓▓▒▒··░░▓▓▒▒  e4 e4 e4 e4 e4 e4 e4 e4");
/// assert_eq!(lines[4], "··░░▓▓▒▒··░░▓▓▒▒··░░▓▓▒▒");
/// assert!(format!("{verification:#}").starts_with("\x1b[48;2;255;255;255m  \x1b[48;2;213;230;243m"));
/// ```
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.hex_lines();
        for (at, row) in self.rows().into_iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if f.alternate() {
                write!(f, "{}", row.coloured())?;
            } else {
                write!(f, "{row}")?;
            }
            if let Some(numbers) = numbers.get(at) {
                write!(f, "  {numbers}")?;
            }
        }
        Ok(())
    }
}

/// An SVG image of the picture, with one path for each colour, and no script, font or reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Svg(Verification);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" shape-rendering="crispEdges">"#
        )?;
        let cells = self.0.cells();
        for value in 0..4 {
            write!(f, r##"<path fill="#{:06x}" d=""##, colour(value))?;
            for (y, row) in cells.iter().enumerate() {
                for (x, _) in row.iter().enumerate().filter(|(_, cell)| **cell == value) {
                    write!(f, "M{x} {y}h1v1h-1z")?;
                }
            }
            f.write_str(r#""/>"#)?;
        }
        f.write_str("</svg>")
    }
}

fn colour(cell: u8) -> u32 {
    let [zero, one, two, three] = Verification::COLOURS;
    match cell {
        0 => zero,
        1 => one,
        2 => two,
        _ => three,
    }
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::*;

    /// Returns a value with cells 0, 1, 2, 3 in the first row, 1 at the start of the second, 2 at the end of the
    /// last.
    fn verification() -> Verification {
        let mut bytes = [0; 36];
        bytes[0] = 0b11_10_01_00;
        bytes[3] = 0b00_00_00_01;
        bytes[35] = 0b10_00_00_00;
        Verification::from_bytes(bytes)
    }

    // Cells worked out by hand from the published bit order: 0b11_10_01_00 is 0, 1, 2, 3.
    #[test]
    fn cells_run_from_the_low_bits_and_row_by_row() {
        let cells = verification().cells();
        assert_eq!(cells[0], [0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(cells[1][0], 1, "byte 3 starts the second row");
        assert_eq!(cells[11][11], 2);
    }

    #[test]
    fn a_terminal_shows_each_row_and_numbers_beside_the_first() {
        let shown = verification().to_string();
        let lines: Vec<_> = shown.split('\n').collect();
        assert_eq!(lines.len(), 12);
        assert_eq!(lines[0], "··░░▓▓▒▒················  e4 00 00 01 00 00 00 00");
        assert_eq!(lines[1], "░░······················  00 00 00 00 00 00 00 00");
        assert_eq!(lines[3], "························  00 00 00 00 00 00 00 00");
        assert_eq!(lines[4], "························");
        assert_eq!(lines[11], "······················▓▓");
        // White, in full, is the first colour.
        assert!(std::format!("{:#}", verification()).starts_with("\x1b[48;2;255;255;255m  \x1b["));
    }

    /// Returns the cells of one colour in the image, read back from its path.
    fn painted(image: &str, colour: &str) -> Vec<(usize, usize)> {
        let (_, rest) = image.split_once(&std::format!("fill=\"#{colour}\" d=\"")).unwrap();
        let (path, _) = rest.split_once('"').unwrap();
        let moves = path.split_terminator("h1v1h-1z").map(|part| part.strip_prefix('M').unwrap());
        moves.map(|at| at.split_once(' ').unwrap()).map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).collect()
    }

    #[test]
    fn the_image_has_each_cell_once_in_its_colour() {
        let image = verification().svg().to_string();
        assert_eq!(painted(&image, "d5e6f3"), [(1, 0), (0, 1)]);
        assert_eq!(painted(&image, "2d5775"), [(2, 0), (11, 11)]);
        assert_eq!(painted(&image, "2f99c9"), [(3, 0)]);
        assert_eq!(painted(&image, "ffffff").len(), 144 - 5);
        assert_eq!(image.matches("<path").count(), 4);
        assert!(image.ends_with("</svg>"));
    }

    #[test]
    fn rows_have_the_same_cells() {
        let rows = verification().rows();
        let dots = |count| "·".repeat(count);
        assert_eq!(rows[0].to_string(), std::format!("··░░▓▓▒▒{}", dots(16)));
        assert_eq!(rows[11].to_string(), std::format!("{}▓▓", dots(22)));
        let white = "\x1b[48;2;255;255;255m  ";
        let expected: String = [&white.repeat(11), "\x1b[48;2;45;87;117m  ", "\x1b[0m"].concat();
        assert_eq!(rows[11].coloured().to_string(), expected);
    }
}
