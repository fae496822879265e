//! The key pictures of two phones, side by side, as their users would hold them.

use std::io::IsTerminal;

use secretchat::Verification;

use super::Result;
use super::say::say;

/// Colours in a terminal, shades elsewhere. A cell is two columns wide, which makes it about square.
pub(crate) fn print_side_by_side(left: (&str, Verification), right: (&str, Verification)) -> Result<()> {
    let coloured = std::io::stdout().is_terminal();
    let gap = "      ";
    say!("   {:24}{gap}{}", left.0, right.0)?;
    for (left, right) in left.1.cells().iter().zip(&right.1.cells()) {
        say!("   {}{gap}{}", row(left, coloured), row(right, coloured))?;
    }
    for (left, right) in left.1.hex_lines().iter().zip(&right.1.hex_lines()) {
        say!("   {:24}{gap}{}", left.as_str(), right.as_str())?;
    }
    Ok(())
}

fn row(cells: &[u8; 12], coloured: bool) -> String {
    let mut row: String = cells.iter().map(|cell| draw(usize::from(*cell & 3), coloured)).collect();
    if coloured {
        row.push_str("\x1b[0m");
    }
    row
}

fn draw(value: usize, coloured: bool) -> String {
    if coloured {
        let [_, red, green, blue] = Verification::COLOURS[value].to_be_bytes();
        format!("\x1b[48;2;{red};{green};{blue}m  ")
    } else {
        ["··", "░░", "▓▓", "▒▒"][value].to_owned()
    }
}
