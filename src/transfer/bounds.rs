//! Limits on what strangers can make a receiver of files keep (SPEC FILE-4).

use core::time::Duration;

/// Limits on what a receiver keeps. Nothing that it accepts is authentic, so this is what a stranger can make it
/// keep. Start from [`Bounds::default`] and set the fields that differ.
///
/// ```
/// use secretchat::transfer::{Bounds, FileReceiver};
///
/// // A phone: 32 files and 256 MiB are all that strangers can make it keep.
/// let mut bounds = Bounds::default();
/// bounds.files = 32;
/// bounds.bytes = 256 << 20;
/// let receiver = FileReceiver::new(bounds);
/// # let _ = receiver;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// How many files may be arriving, or have arrived without a message of the chat that names them.
    pub files: usize,
    /// How many bytes they may have in total, each file up to its last byte that came. No single file may be longer
    /// either.
    pub bytes: u64,
    /// How many messages may wait for their file.
    pub messages: usize,
    /// How many bytes those messages may have in total.
    pub message_bytes: usize,
    /// How long a file may be silent before it is given up.
    pub patience: Duration,
}

impl Default for Bounds {
    /// Returns 64 files of 4 GiB in total, 64 messages of 2 MiB in total, and one day.
    fn default() -> Self {
        Self {
            files: 64,
            bytes: 1 << 32,
            messages: 64,
            message_bytes: 1 << 21,
            patience: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// The most ranges in which one file arrives. A part that would exceed them is dropped, and requested later.
pub(super) const MAX_HOLES: usize = crate::frame::MAX_RANGES;

/// How many files, whose messages the chat accepted, are remembered without asking the host.
pub(super) const MAX_KEPT: usize = 256;

/// How long a file must have been silent before it can be dropped to make room for another one.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Answers to frames that wait for the transport. Whoever floods a link gets no more than so many; the peer asks again.
pub(super) const MAX_REPLIES: usize = 256;

/// How many bytes of a file may arrive before it is noted which are there: what a crash can cost.
pub(super) const NOTED_EVERY: u64 = 1 << 18;
