//! Moves blocks in and out of registers. SSE2 is part of x86-64.

use core::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_unpackhi_epi64};

use crate::Block;

/// Loads a block with one instruction.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load(block: &Block) -> __m128i {
    let bits = u128::from_le_bytes(*block).cast_signed();
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    _mm_set_epi64x((bits >> 64) as i64, bits as i64)
}

/// Stores a block with one instruction.
#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store(vector: __m128i) -> Block {
    let low = _mm_cvtsi128_si64(vector).to_le_bytes();
    let high = _mm_cvtsi128_si64(_mm_unpackhi_epi64(vector, vector)).to_le_bytes();
    let mut block = [0; 16];
    for (to, from) in block.as_chunks_mut().0.iter_mut().zip([low, high]) {
        *to = from;
    }
    block
}

/// Repeats a step with 0, 1, ... as constants. The compiler would keep some loops, with the states in memory.
macro_rules! each {
    (3, |$n:ident| $step:expr) => { each!(|$n| $step; 0 1 2) };
    (4, |$n:ident| $step:expr) => { each!(|$n| $step; 0 1 2 3) };
    (8, |$n:ident| $step:expr) => { each!(|$n| $step; 0 1 2 3 4 5 6 7) };
    (12, |$n:ident| $step:expr) => { each!(|$n| $step; 0 1 2 3 4 5 6 7 8 9 10 11) };
    (13, |$n:ident| $step:expr) => { each!(|$n| $step; 0 1 2 3 4 5 6 7 8 9 10 11 12) };
    (|$n:ident| $step:expr; $($value:literal)*) => {{
        $({
            const $n: usize = $value;
            $step
        })*
    }};
}
pub(super) use each;
