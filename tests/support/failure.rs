//! An error of a host's own, with another one below it.

use std::error::Error;
use std::fmt;

#[derive(Debug)]
pub(crate) struct Disk(Sector);

#[derive(Debug)]
pub(crate) struct Sector;

impl Disk {
    pub(crate) const BROKEN: Self = Self(Sector);
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk is broken")
    }
}

impl fmt::Display for Sector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sector 7")
    }
}

impl Error for Disk {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Error for Sector {}

/// Returns what the error below says.
pub(crate) fn below(error: &dyn Error) -> Option<String> {
    error.source().map(ToString::to_string)
}
