//! The key schedule of AES-256 (FIPS 197, section 5.2), in the form that the folded chain needs.

#[cfg(not(miri))]
use core::arch::x86_64::_mm_aeskeygenassist_si128 as assist;
use core::arch::x86_64::{
    __m128i, _mm_aesimc_si128, _mm_setzero_si128, _mm_shuffle_epi32, _mm_slli_si128, _mm_xor_si128,
};
use core::marker::PhantomData;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::vector::load;
use super::{AesNi, Wide};
use crate::direction::Order;

/// The values that are added to the state: the first round key, then 13 round keys, then the last one XOR the first.
pub(super) type Rounds = [__m128i; 15];

/// The round keys of one direction; they exist only where the processor has AES-NI.
pub(crate) struct Key<D> {
    pub(super) rounds: Rounds,
    pub(super) aes_ni: AesNi,
    pub(super) wide: Option<Wide>,
    direction: PhantomData<D>,
}

impl<D: Order> Key<D> {
    pub(crate) fn new(key: &[u8; 32], aes_ni: AesNi, wide: Option<Wide>) -> Self {
        // SAFETY: `aes_ni` exists only where the processor has AES-NI and AVX.
        #[expect(unsafe_code, reason = "enters code for AES-NI")]
        let rounds = unsafe { expand::<D>(key) };
        Self { rounds, aes_ni, wide, direction: PhantomData }
    }
}

impl<D> Drop for Key<D> {
    fn drop(&mut self) {
        self.rounds.zeroize();
    }
}

impl<D> ZeroizeOnDrop for Key<D> {}

#[target_feature(enable = "aes,avx")]
fn expand<D: Order>(key: &[u8; 32]) -> Rounds {
    let mut halves = key.as_chunks().0.iter().map(|half| load(half));
    let zero = _mm_setzero_si128();
    let (mut even, mut odd) = (halves.next().unwrap_or(zero), halves.next().unwrap_or(zero));
    let mut rounds = Zeroizing::new([zero; 15]);
    rounds[0] = even;
    rounds[1] = odd;
    // The round constants are immediate operands of the instruction.
    macro_rules! two_rounds {
        ($at:literal, $constant:literal) => {
            even = next(even, _mm_shuffle_epi32::<0xff>(assist::<$constant>(odd)));
            rounds[$at] = even;
            odd = next(odd, _mm_shuffle_epi32::<0xaa>(assist::<0>(even)));
            rounds[$at + 1] = odd;
        };
    }
    two_rounds!(2, 0x01);
    two_rounds!(4, 0x02);
    two_rounds!(6, 0x04);
    two_rounds!(8, 0x08);
    two_rounds!(10, 0x10);
    two_rounds!(12, 0x20);
    rounds[14] = next(even, _mm_shuffle_epi32::<0xff>(assist::<0x40>(odd)));

    if D::DECRYPT {
        // The equivalent inverse cipher (section 5.3.5).
        rounds.reverse();
        for round in &mut rounds[1..14] {
            *round = _mm_aesimc_si128(*round);
        }
    }
    rounds[14] = _mm_xor_si128(rounds[14], rounds[0]);
    *rounds
}

/// Adds to each of the four words the words before it and the substituted word.
#[inline]
#[target_feature(enable = "aes,avx")]
fn next(mut words: __m128i, substituted: __m128i) -> __m128i {
    words = _mm_xor_si128(words, _mm_slli_si128::<4>(words));
    words = _mm_xor_si128(words, _mm_slli_si128::<8>(words));
    _mm_xor_si128(words, substituted)
}

/// The two upper words of `_mm_aeskeygenassist_si128`, which Miri does not know: the last round substitutes each byte, and moves
/// none if all columns are equal.
#[cfg(miri)]
#[target_feature(enable = "aes,avx")]
fn assist<const CONSTANT: i32>(words: __m128i) -> __m128i {
    use core::arch::x86_64::{
        _mm_aesenclast_si128, _mm_or_si128, _mm_set_epi32, _mm_slli_epi32, _mm_srli_epi32, _mm_unpackhi_epi32,
    };

    let substituted = _mm_aesenclast_si128(_mm_shuffle_epi32::<0xff>(words), _mm_setzero_si128());
    let rotated = _mm_or_si128(_mm_srli_epi32::<8>(substituted), _mm_slli_epi32::<24>(substituted));
    let constant = _mm_set_epi32(CONSTANT, 0, 0, 0);
    // The word of `rotated` above that of `substituted`.
    _mm_xor_si128(_mm_unpackhi_epi32(substituted, rotated), constant)
}
