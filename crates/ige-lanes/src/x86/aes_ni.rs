//! Up to eight streams at once, each in a register of its own.

use core::arch::x86_64::{
    __m128i, _mm_aesdec_si128, _mm_aesdeclast_si128, _mm_aesenc_si128, _mm_aesenclast_si128, _mm_setzero_si128,
    _mm_xor_si128,
};
use core::array;

use cipher::InOutBuf;

use super::AesNi;
use super::lane::{Lane, cut};
use super::schedule::Rounds;
use super::vector::{each, load, store};
use crate::direction::Order;
use crate::{Block, Iv};

/// Runs the first lanes, for `len` blocks that each of them has.
pub(super) fn run<D: Order>(aes_ni: AesNi, lanes: &mut [Lane<'_, D>], active: usize, len: usize) {
    macro_rules! widths {
        ($($width:literal)*) => {
            match active {
                $($width => if let Some(lanes) = lanes.first_chunk_mut::<$width>() { run_all(aes_ni, lanes, len) },)*
                // There are never so many lanes, but this is correct for any number.
                _ => lanes.iter_mut().take(active).for_each(|lane| run_all(aes_ni, array::from_mut(lane), len)),
            }
        };
    }
    widths!(1 2 3 4 5 6 7 8);
}

pub(super) fn run_all<const N: usize, D: Order>(_: AesNi, lanes: &mut [Lane<'_, D>; N], len: usize) {
    let rounds = lanes.each_ref().map(|lane| lane.rounds);
    let data = lanes.each_mut().map(|lane| lane.take(len));
    let mut ivs = lanes.each_mut().map(|lane| &mut *lane.iv);
    // SAFETY: an `AesNi` exists only where the processor has AES-NI and AVX.
    #[expect(unsafe_code, reason = "enters code for AES-NI")]
    unsafe {
        chain::<N, D>(rounds, &mut ivs, data, len);
    }
}

#[target_feature(enable = "aes,avx")]
fn chain<const N: usize, D: Order>(
    rounds: [&Rounds; N],
    ivs: &mut [&mut Iv; N],
    data: [InOutBuf<'_, '_, Block>; N],
    len: usize,
) {
    let Some(end) = len.checked_sub(1) else { return };
    let mut data = data;
    let zero = _mm_setzero_si128();
    let (mut state, mut before, mut this) = ([zero; N], [zero; N], [zero; N]);
    each!(8, |I| if I < N {
        cut(&mut data[I], len);
        this[I] = load(&data[I].get_in()[0]);
        let [output, input] = D::halves(ivs[I]);
        before[I] = load(input);
        state[I] = _mm_xor_si128(_mm_xor_si128(load(output), this[I]), rounds[I][0]);
    });
    for at in 0..len {
        each!(13, |ROUND| each!(8, |I| if I < N {
            state[I] = middle::<D>(state[I], rounds[I][ROUND + 1]);
        }));
        // After the last block any block will do here: its value cancels out.
        let ahead = (at + 1).min(end);
        each!(8, |I| if I < N {
            let next = load(&data[I].get_in()[ahead]);
            let folded = _mm_xor_si128(_mm_xor_si128(before[I], next), rounds[I][14]);
            state[I] = last::<D>(state[I], folded);
            data[I].get_out()[at] = store(_mm_xor_si128(_mm_xor_si128(state[I], next), rounds[I][0]));
            before[I] = this[I];
            this[I] = next;
        });
    }
    each!(8, |I| if I < N {
        // The last block stood in for the one after it.
        let output = _mm_xor_si128(_mm_xor_si128(state[I], this[I]), rounds[I][0]);
        D::set_halves(ivs[I], &store(output), &store(before[I]));
    });
}

#[inline]
#[target_feature(enable = "aes,avx")]
fn middle<D: Order>(state: __m128i, key: __m128i) -> __m128i {
    if D::DECRYPT { _mm_aesdec_si128(state, key) } else { _mm_aesenc_si128(state, key) }
}

#[inline]
#[target_feature(enable = "aes,avx")]
fn last<D: Order>(state: __m128i, key: __m128i) -> __m128i {
    if D::DECRYPT { _mm_aesdeclast_si128(state, key) } else { _mm_aesenclast_si128(state, key) }
}
