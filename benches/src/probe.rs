//! The limit of one stream: 14 dependent AES rounds for each block, and nothing else.
//!
//! IGE chains in both directions, so no code can process a stream faster than the rounds of one block after the other.

/// A processor with AES instructions whose latency can be measured.
#[derive(Clone, Copy, Debug)]
pub struct AesUnit(());

#[cfg(target_arch = "x86_64")]
impl AesUnit {
    /// `None` if the processor has no AES-NI.
    #[must_use]
    pub fn detect() -> Option<Self> {
        std::arch::is_x86_feature_detected!("aes").then_some(Self(()))
    }

    /// Runs the rounds of this many blocks, encrypting.
    pub fn encryption_rounds(self, blocks: usize) {
        // SAFETY: an `AesUnit` exists only where `detect` found the feature that the function needs.
        #[expect(unsafe_code, reason = "instructions that not every processor has")]
        unsafe {
            x86::encryption_rounds(blocks);
        }
    }

    /// Runs the rounds of this many blocks, decrypting.
    pub fn decryption_rounds(self, blocks: usize) {
        // SAFETY: an `AesUnit` exists only where `detect` found the feature that the function needs.
        #[expect(unsafe_code, reason = "instructions that not every processor has")]
        unsafe {
            x86::decryption_rounds(blocks);
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl AesUnit {
    /// Returns `None`: this is **not** implemented for this architecture.
    #[must_use]
    pub const fn detect() -> Option<Self> {
        None
    }

    /// Never called.
    pub const fn encryption_rounds(self, _blocks: usize) {}

    /// Never called.
    pub const fn decryption_rounds(self, _blocks: usize) {}
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_set1_epi8,
    };
    use std::hint::black_box;

    #[target_feature(enable = "aes")]
    pub(super) fn encryption_rounds(blocks: usize) {
        let round_key = black_box(_mm_set1_epi8(0x3c));
        let mut state = black_box(_mm_set1_epi8(0));
        for _ in 0..blocks {
            for _ in 0..13 {
                state = _mm_aesenc_si128(state, round_key);
            }
            state = _mm_aesenclast_si128(state, round_key);
        }
        black_box(state);
    }

    #[target_feature(enable = "aes")]
    pub(super) fn decryption_rounds(blocks: usize) {
        let round_key = black_box(_mm_set1_epi8(0x3c));
        let mut state = black_box(_mm_set1_epi8(0));
        for _ in 0..blocks {
            for _ in 0..13 {
                state = _mm_aesdec_si128(state, round_key);
            }
            state = _mm_aesdeclast_si128(state, round_key);
        }
        black_box(state);
    }
}
