//! The limits of the processor: chains of instructions that depend on each other, and nothing else. They are timed with the
//! rest, so ratios hold on every processor.
//!
//! IGE chains in both directions and SHA-256 from block to block, so no code can process one stream faster than the rounds
//! of one block after the other. Only different streams, or the cipher and the hash, can run beside each other.

#[cfg(target_arch = "x86_64")]
mod x86;

/// What runs beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chains {
    /// 14 dependent AES rounds for each block of 16 bytes, encrypting.
    Encryption,
    /// The same, decrypting.
    Decryption,
    /// 32 dependent double rounds of SHA-256 for each block of 64 bytes.
    Hash,
    /// Two streams of them.
    TwoHashes,
    /// The encryption and the hash of the same bytes.
    EncryptionAndHash,
    /// The decryption and the hash of the same bytes.
    DecryptionAndHash,
}

impl Chains {
    /// Returns the chains of an encryption or decryption alone.
    pub const CIPHER: [Self; 2] = [Self::Encryption, Self::Decryption];
}

/// A processor whose AES and SHA instructions can be timed.
#[derive(Clone, Copy, Debug)]
pub struct Units(());

#[cfg(target_arch = "x86_64")]
impl Units {
    /// `None` if the processor lacks AES-NI or SHA-NI.
    #[must_use]
    pub fn detect() -> Option<Self> {
        let has_both = std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("sha");
        has_both.then_some(Self(()))
    }

    /// Runs the rounds for `count` messages, one after the other: a cipher over `plain` bytes, then a hash over `hashed`.
    pub fn run_messages(self, cipher: Chains, [plain, hashed]: [usize; 2], count: u32) {
        // SAFETY: as in `run`.
        #[expect(unsafe_code, reason = "instructions that not every processor has")]
        unsafe {
            x86::run_messages(cipher == Chains::Decryption, [plain, hashed], count);
        }
    }

    /// Runs the rounds for this many bytes, of both streams together if there are two; a multiple of 128.
    pub fn run(self, chains: Chains, bytes: usize) {
        // SAFETY: `Units` exist only where `detect` found the features that the function needs.
        #[expect(unsafe_code, reason = "instructions that not every processor has")]
        unsafe {
            x86::run(chains, bytes);
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Units {
    /// Returns `None`: this is **not** implemented for this architecture.
    #[must_use]
    pub const fn detect() -> Option<Self> {
        None
    }

    /// Never called.
    pub const fn run_messages(self, _cipher: Chains, _lens: [usize; 2], _count: u32) {}

    /// Never called.
    pub const fn run(self, _chains: Chains, _bytes: usize) {}
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// A chain whose rounds the compiler has removed, or that is not dependent, would be too fast to be a limit.
    #[test]
    fn a_chain_takes_at_least_a_cycle_for_each_instruction() {
        let Some(units) = Units::detect() else { return };
        let least = |chains| {
            let time = || {
                let start = Instant::now();
                units.run(chains, 1 << 16);
                start.elapsed()
            };
            (0..20).map(|_| time()).min().unwrap_or_default()
        };
        // At no more than 8 GHz.
        let instructions =
            [(Chains::Encryption, 14 * 4096), (Chains::Decryption, 14 * 4096), (Chains::Hash, 32 * 1024)];
        for (chains, count) in instructions {
            assert!(least(chains) > Duration::from_nanos(count / 8), "{chains:?}");
        }
        // What depends on each other takes as long as the two together.
        let message = (0..20).map(|_| {
            let start = Instant::now();
            units.run_messages(Chains::Encryption, [1 << 10, 1 << 12], 16);
            start.elapsed()
        });
        assert!(message.min().unwrap_or_default() > Duration::from_nanos((14 * 1024 + 32 * 1024) / 8));
        assert!(least(Chains::EncryptionAndHash) >= least(Chains::Hash).max(least(Chains::Encryption)) * 9 / 10);
    }
}
