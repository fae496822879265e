//! Content as a chain of hashes of its parts (SPEC RES-4).

use sha2::{Digest, Sha256};

use crate::media::chain::part::PartSize;
use crate::media::progress::Progress;

const PART: &[u8] = b"secretchat/1 resume part";

/// The chain of hashes of a content up to a border of two parts (SPEC RES-4).
pub(super) type Border = [u8; 32];

pub(super) const NOTHING: Border = [0; 32];

/// Content that is shown in chunks of any length.
pub(super) struct Shown {
    part_size: PartSize,
    pub(super) progress: Progress,
    /// At the last border.
    pub(super) digest: Border,
    /// The hash of the part that is not complete yet.
    hash: Sha256,
}

impl Shown {
    pub(super) fn nothing(part_size: PartSize, total: u64) -> Self {
        Self { part_size, progress: Progress { done: 0, total }, digest: NOTHING, hash: begin_part(&NOTHING) }
    }

    /// Calls `border` with the digest at each border that is reached. Returns false if there is too much: nothing has
    /// changed then.
    pub(super) fn take(&mut self, content: &[u8], mut border: impl FnMut(Border)) -> bool {
        if content.len() as u64 > self.progress.left() {
            return false;
        }
        let mut rest = content;
        while !rest.is_empty() {
            let part_len = u64::from(self.part_size.bytes());
            let left_of_part = self.progress.left().min(part_len - self.progress.done % part_len);
            let len = usize::try_from(left_of_part).unwrap_or(usize::MAX).min(rest.len());
            self.hash.update(rest.split_off(..len).unwrap_or_default());
            self.progress.done += len as u64;
            if len as u64 == left_of_part {
                self.digest = self.hash.finalize_reset().into();
                self.hash = begin_part(&self.digest);
                border(self.digest);
            }
        }
        true
    }
}

pub(super) fn after_part(before: &Border, part: &[u8]) -> Border {
    begin_part(before).chain_update(part).finalize().into()
}

fn begin_part(digest: &Border) -> Sha256 {
    Sha256::new().chain_update(PART).chain_update(digest)
}
