//! The measured cases, for the table and for criterion.

use std::fmt;

mod albums;
mod messages;
mod segments;
mod streams;

pub use albums::Album;
#[cfg(test)]
pub(crate) use messages::BODY_LEN;

/// The latency of the AES instructions alone.
pub const LIMIT: &str = "limit: latency of the AES rounds";
/// `secretchat` with the features of this build.
pub const SECRETCHAT: &str = "secretchat";
/// The `ige` crate.
pub const IGE_CRATE: &str = "ige + aes crates";
/// `grammers-crypto`.
pub const GRAMMERS: &str = "grammers-crypto";
/// OpenSSL.
pub const OPENSSL: &str = "OpenSSL AES_ige_encrypt";
/// A file in segments, fed in chunks.
pub const SEGMENTS: &str = "SegmentEncryptor, SegmentDecryptor";

/// The same work in both directions.
pub trait Work {
    /// Encrypts or seals.
    fn encrypt(&mut self);
    /// Decrypts or opens.
    fn decrypt(&mut self);
}

/// One line of a table.
pub struct Case {
    /// The name of the implementation.
    pub name: String,
    /// The work.
    pub work: Box<dyn Work>,
}

impl Case {
    fn new(name: impl Into<String>, work: impl Work + 'static) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, work: _ } = self;
        f.debug_struct("Case").field("name", name).finish_non_exhaustive()
    }
}

/// The amount of work in one call of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// This many bytes of one stream, compared with the limit.
    Stream(usize),
    /// This many bytes of streams that may run in parallel, compared with one stream.
    Bytes(usize),
    /// This many messages.
    Messages(u32),
}

/// One table.
#[derive(Debug)]
pub struct Group {
    /// The heading of the table, and its name for criterion.
    pub title: &'static str,
    /// The work of each of its cases.
    pub unit: Unit,
    /// The lines of the table.
    pub cases: Vec<Case>,
}

/// One stream of 64 KiB, the base of all comparisons.
pub const ONE_STREAM: &str = "one stream of 64 KiB";
/// One stream of 1 MiB.
pub const LONG_STREAM: &str = "one stream of 1 MiB";
/// A file of 8 MiB in segments.
pub const SEGMENTED_FILE: &str = "a file of 8 MiB in segments, authentication included";

/// Returns all tables.
#[must_use]
pub fn all() -> Vec<Group> {
    [streams::group(ONE_STREAM, 1 << 16), streams::group(LONG_STREAM, 1 << 20)]
        .into_iter()
        .chain(Album::ALL.iter().map(albums::group))
        .chain([segments::group(SEGMENTED_FILE, 8 << 20), messages::group()])
        .collect()
}

/// Returns the name of the case with `ige-lanes` on one path.
#[must_use]
pub fn lanes(backend: ige_lanes::Backend) -> String {
    format!("ige-lanes, {backend:?}")
}
