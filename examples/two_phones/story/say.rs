//! What the program says. A reader may go away (`two_phones | head`) and a disk may be full. `println!` would panic
//! then; here it is an error like any other one.

use std::fmt;
use std::io::{self, Write};

use super::Result;

/// Says one line, as `println!`. Its value is a `Result`.
macro_rules! say {
    ($($text:tt)*) => { $crate::story::say::line(format_args!($($text)*)) };
}
pub(crate) use say;

pub(crate) fn line(text: fmt::Arguments<'_>) -> Result<()> {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{text}").and_then(|()| out.flush());
    said.map_err(|error| format!("cannot write to standard output: {error}").into())
}

/// Says something about a failure. Where nobody can hear that, there is nobody to tell.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    let _nobody_hears = writeln!(io::stderr().lock(), "{text}");
}
