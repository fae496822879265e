//! The chains in the instructions of x86-64.

use std::arch::x86_64::{
    __m128i, _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_set1_epi8,
    _mm_sha256rnds2_epu32,
};
use std::hint::black_box;

use super::Chains;

#[target_feature(enable = "aes,sha,sse2")]
pub(super) fn run(chains: Chains, bytes: usize) {
    let key = black_box(_mm_set1_epi8(0x3c));
    let mut block = black_box(_mm_set1_epi8(0));
    let (mut hash, mut other) = (black_box([key; 2]), black_box([key; 2]));
    match chains {
        Chains::Encryption => (0..bytes / 16).for_each(|_| block = encrypted(block, key)),
        Chains::Decryption => (0..bytes / 16).for_each(|_| block = decrypted(block, key)),
        Chains::Hash => (0..bytes / 64).for_each(|_| hash = compressed(hash, key)),
        Chains::TwoHashes => {
            for _ in 0..bytes / 128 {
                for _ in 0..16 {
                    (hash, other) = (four_rounds(hash, key), four_rounds(other, key));
                }
            }
        }
        Chains::EncryptionAndHash => {
            for _ in 0..bytes / 64 {
                for _ in 0..4 {
                    (block, hash) = (encrypted(block, key), quarter(hash, key));
                }
            }
        }
        Chains::DecryptionAndHash => {
            for _ in 0..bytes / 64 {
                for _ in 0..4 {
                    (block, hash) = (decrypted(block, key), quarter(hash, key));
                }
            }
        }
    }
    black_box((block, hash, other));
}

#[target_feature(enable = "aes,sha,sse2")]
pub(super) fn run_messages(decrypts: bool, [plain, hashed]: [usize; 2], count: u32) {
    let key = black_box(_mm_set1_epi8(0x3c));
    let mut block = black_box(_mm_set1_epi8(0));
    for _ in 0..count {
        for _ in 0..plain / 16 {
            block = if decrypts { decrypted(block, key) } else { encrypted(block, key) };
        }
        let mut hash = [block; 2];
        for _ in 0..hashed / 64 {
            hash = compressed(hash, key);
        }
        block = hash[0];
    }
    black_box(block);
}

#[target_feature(enable = "aes")]
fn encrypted(mut block: __m128i, key: __m128i) -> __m128i {
    for _ in 0..13 {
        block = _mm_aesenc_si128(block, key);
    }
    _mm_aesenclast_si128(block, key)
}

#[target_feature(enable = "aes")]
fn decrypted(mut block: __m128i, key: __m128i) -> __m128i {
    for _ in 0..13 {
        block = _mm_aesdec_si128(block, key);
    }
    _mm_aesdeclast_si128(block, key)
}

#[target_feature(enable = "sha,sse2")]
fn compressed(mut state: [__m128i; 2], words: __m128i) -> [__m128i; 2] {
    for _ in 0..4 {
        state = quarter(state, words);
    }
    state
}

/// A quarter of the rounds of a block.
#[target_feature(enable = "sha,sse2")]
fn quarter(mut state: [__m128i; 2], words: __m128i) -> [__m128i; 2] {
    for _ in 0..4 {
        state = four_rounds(state, words);
    }
    state
}

/// Two instructions, of which the second needs the result of the first.
#[target_feature(enable = "sha,sse2")]
fn four_rounds([abef, cdgh]: [__m128i; 2], words: __m128i) -> [__m128i; 2] {
    let cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
    [_mm_sha256rnds2_epu32(abef, cdgh, words), cdgh]
}
