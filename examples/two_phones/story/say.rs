//! The output of the program. A reader may go away (`two_phones | head`) and a disk may be full. `println!` would then
//! panic; here it is an error like any other.

use std::fmt;
use std::io::{self, Write};

use super::Result;

/// Prints one line, like `println!`, but returns a `Result`.
macro_rules! say {
    ($($text:tt)*) => { $crate::story::say::line(format_args!($($text)*)) };
}
pub(crate) use say;

pub(crate) fn line(text: fmt::Arguments<'_>) -> Result<()> {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{text}").and_then(|()| out.flush());
    said.map_err(|error| format!("cannot write to standard output: {error}").into())
}

/// Prints a line about a failure. If this fails, too, there is nowhere to report it.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    let _nobody_hears = writeln!(io::stderr().lock(), "{text}");
}
