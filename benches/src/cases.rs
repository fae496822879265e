//! What is measured, for the table and for criterion.

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
/// `secretchat` with what the build gives it.
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
    /// Whose work.
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

/// What one call of a case amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// That many bytes of one stream: compared with the limit.
    Stream(usize),
    /// That many bytes of what may run side by side: compared with one stream.
    Bytes(usize),
    /// That many messages.
    Messages(u32),
}

/// One table.
#[derive(Debug)]
pub struct Group {
    /// Its heading, and its name for criterion.
    pub title: &'static str,
    /// What each of its cases works on.
    pub unit: Unit,
    /// Its lines.
    pub cases: Vec<Case>,
}

/// One stream of 64 KiB, which everything is compared with.
pub const ONE_STREAM: &str = "one stream of 64 KiB";
/// One stream of 1 MiB.
pub const LONG_STREAM: &str = "one stream of 1 MiB";
/// A file of 8 MiB in segments.
pub const SEGMENTED_FILE: &str = "a file of 8 MiB in segments, authentication included";

/// Everything.
#[must_use]
pub fn all() -> Vec<Group> {
    [streams::group(ONE_STREAM, 1 << 16), streams::group(LONG_STREAM, 1 << 20)]
        .into_iter()
        .chain(Album::ALL.iter().map(albums::group))
        .chain([segments::group(SEGMENTED_FILE, 8 << 20), messages::group()])
        .collect()
}

/// The name of a case that is `ige-lanes` on one path.
#[must_use]
pub fn lanes(backend: ige_lanes::Backend) -> String {
    format!("ige-lanes, {backend:?}")
}
