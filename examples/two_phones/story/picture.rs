//! The key pictures of two phones, side by side, as their users would hold them.

use std::io::IsTerminal;

use secretchat::Verification;

use super::Result;
use super::say::say;

/// Colours in a terminal, shades elsewhere.
pub(crate) fn print_side_by_side(left: (&str, Verification), right: (&str, Verification)) -> Result<()> {
    let coloured = std::io::stdout().is_terminal();
    let gap = "      ";
    say!("   {:24}{gap}{}", left.0, right.0)?;
    for (left, right) in left.1.rows().iter().zip(&right.1.rows()) {
        if coloured {
            say!("   {}{gap}{}", left.coloured(), right.coloured())?;
        } else {
            say!("   {left}{gap}{right}")?;
        }
    }
    for (left, right) in left.1.hex_lines().iter().zip(&right.1.hex_lines()) {
        say!("   {:24}{gap}{}", left.as_str(), right.as_str())?;
    }
    Ok(())
}
