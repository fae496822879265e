//! The canonical name of an end.

use secretchat::RecordName;
use sha2::{Digest, Sha256};

use super::End;

impl End {
    /// Returns the canonical name: equal ends have equal names, whatever way led to them.
    #[must_use]
    pub fn name(&self) -> u128 {
        let mut hash = Sha256::new();
        for (name, plain) in &self.opened {
            hash.update(name.to_bytes());
            let plain = masked(*name, plain);
            hash.update(u64::try_from(plain.len()).unwrap_or(0).to_le_bytes());
            hash.update(plain);
        }
        for packet in self.sent.values() {
            hash.update([packet.name.kind as u8, packet.name.copy]);
            hash.update(packet.name.slot.to_le_bytes());
            hash.update(packet.digest);
        }
        let Self { accepted, withdrawn, now, acts, ticks, refusals, rollbacks, rows, deadlines, delays, .. } = self;
        let known = self.checkpoint.is_some();
        let copies: Vec<u128> = self.backups.iter().map(|(name, _)| *name).collect();
        hash.update(format!("{accepted:?} {withdrawn:?} {now} {acts} {ticks} {refusals} {rollbacks} {rows:?} {known}"));
        hash.update(format!("{deadlines:?} {copies:?} {delays}"));
        if let Some(old) = &self.old {
            hash.update(old.name());
        }
        let name: [u8; 32] = hash.finalize().into();
        name.iter().take(16).fold(0, |name, byte| name << 8 | u128::from(*byte))
    }
}

/// The contents of a record without what depends on its history alone: the tag of the *state* before, and the sums over
/// seals (SPEC REC-4).
pub(super) fn masked(name: RecordName, plain: &[u8]) -> Vec<u8> {
    let mut plain = plain.to_vec();
    let history = match name {
        // The tag, and the digests of five kinds.
        RecordName::State => 151..151 + 16 + 5 * 36,
        // The tag is the last field of a chat without data of its host.
        RecordName::Tombstone => plain.len().saturating_sub(16)..plain.len(),
        _ => 0..0,
    };
    if let Some(history) = plain.get_mut(history) {
        history.fill(0);
    }
    plain
}
