//! How much strangers can make a receiver of files keep (SPEC FILE-4).

use core::time::Duration;

/// How much a receiver keeps at most. Nothing that it takes is authentic, so this is what a stranger can make it keep.
/// Start from [`Bounds::default`] and set the fields that differ.
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
    /// Files that are arriving, or have arrived and are named by no message that the chat took.
    pub files: usize,
    /// Their bytes together, each file up to its last byte that came; no file is longer either.
    pub bytes: u64,
    /// Messages that wait for their file.
    pub messages: usize,
    /// Their bytes together.
    pub message_bytes: usize,
    /// How long nothing may come of a file before it is given up.
    pub patience: Duration,
}

impl Default for Bounds {
    /// 64 files of 4 GiB together, 64 messages of 2 MiB together, a day.
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

/// Ranges that one file arrives in. A part that would make more of them is dropped, and asked for later.
pub(super) const MAX_HOLES: usize = crate::frame::MAX_RANGES;

/// Files whose messages the chat took, and that are known as such without asking the host.
pub(super) const MAX_KEPT: usize = 256;

/// How long nothing has come of a file that has to make room for another one.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Answers to frames that wait for the transport. Whoever floods a link gets no more than so many; the peer asks again.
pub(super) const MAX_REPLIES: usize = 256;

/// How many bytes of a file may arrive before it is noted which are there: what a crash can cost.
pub(super) const NOTED_EVERY: u64 = 1 << 18;
