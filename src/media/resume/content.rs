//! Content as a chain of hashes of its parts (SPEC RES-4).

use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::media::chain::PartSize;
use crate::media::progress::Progress;

const PART: &[u8] = b"secretchat/1 resume part";

/// The chain of hashes of a content up to a border of two parts (SPEC RES-4).
pub(in crate::media) type Border = [u8; 32];

pub(in crate::media) const NOTHING: Border = [0; 32];

/// Content that is shown in chunks of any length.
pub(super) struct Shown {
    part_len: u64,
    pub(super) progress: Progress,
    /// The digest at the last border.
    pub(super) digest: Border,
    /// The hash of the part that is not complete yet.
    hash: Sha256,
}

impl Shown {
    pub(super) fn nothing(part_size: PartSize, total: u64) -> Self {
        Self {
            part_len: part_size.bytes().into(),
            progress: Progress::new(0, total),
            digest: NOTHING,
            hash: begin_part(&NOTHING),
        }
    }

    /// Calls `border` with the digest at each border that is reached. Returns false if there is too much. Nothing
    /// has changed then.
    pub(super) fn take(&mut self, content: &[u8], mut border: impl FnMut(Border)) -> bool {
        if content.len() as u64 > self.progress.left() {
            return false;
        }
        let mut rest = content;
        while !rest.is_empty() {
            let left_of_part = self.progress.left().min(self.part_len - self.progress.done % self.part_len);
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

/// The one content that a key encrypts, as it was planned: the border at the end of each part (SPEC RES-6).
#[derive(Default)]
pub(in crate::media) struct Planned(Vec<Border>);

impl Planned {
    pub(in crate::media) fn note(&mut self, border: Border) {
        self.0.push(border);
    }

    /// Returns the border of all content.
    pub(in crate::media) fn all(&self) -> Border {
        self.0.last().copied().unwrap_or(NOTHING)
    }

    /// Returns whether this is the planned content of the part with that number. Other content under the same key
    /// at the same place would show where the two differ.
    pub(in crate::media) fn is_part(&self, number: u64, content: &[u8]) -> bool {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let before = number.checked_sub(1).map_or(Some(&NOTHING), |before| self.0.get(before));
        let planned = before.zip(self.0.get(number));
        planned.is_some_and(|(before, after)| after_part(before, content).ct_eq(after).into())
    }
}

pub(in crate::media) fn after_part(before: &Border, part: &[u8]) -> Border {
    begin_part(before).chain_update(part).finalize().into()
}

fn begin_part(digest: &Border) -> Sha256 {
    Sha256::new().chain_update(PART).chain_update(digest)
}
