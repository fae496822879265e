//! The example `two_phones` as its users run it: what it prints and writes, pictures, files, and that no kill stops it.
#![cfg(feature = "std")]

mod drawing;
mod example;
#[cfg(unix)]
mod expiry;
#[cfg(unix)]
mod files;
mod icc;
mod killer;
mod phones;
#[cfg(unix)]
mod photos_end;
mod pictures;
#[cfg(feature = "hybrid")]
mod printed;
mod program;
mod received;
mod saved;
mod usage;
