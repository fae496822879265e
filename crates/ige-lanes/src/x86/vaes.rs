//! Up to twelve streams at once, four in each register.

use core::arch::x86_64::{
    __m128i, __m512i, _mm512_aesdec_epi128, _mm512_aesdeclast_epi128, _mm512_aesenc_epi128, _mm512_aesenclast_epi128,
    _mm512_extracti32x4_epi32, _mm512_inserti32x4, _mm512_setzero_si512, _mm512_xor_si512, _mm512_zextsi128_si512,
};

use cipher::InOutBuf;
use zeroize::Zeroizing;

use super::lane::{Lane, cut};
use super::schedule::Rounds;
use super::vector::{each, load, store};
use super::{AesNi, Wide, aes_ni};
use crate::direction::Order;
use crate::{Block, Iv};

/// Runs the first lanes, for `len` blocks that each of them has.
pub(super) fn run<D: Order>(aes_ni: AesNi, wide: Wide, lanes: &mut [Lane<'_, D>], active: usize, len: usize) {
    macro_rules! widths {
        ($($width:literal)*) => {
            match active {
                $($width => if let Some(lanes) = lanes.first_chunk_mut() {
                    run_all::<$width, { usize::div_ceil($width, 4) }, D>(wide, lanes, len);
                },)*
                // Separate registers are just as fast here.
                _ => aes_ni::run(aes_ni, lanes, active, len),
            }
        };
    }
    widths!(4 5 6 7 8 9 10 11 12);
}

fn run_all<const N: usize, const QUADS: usize, D: Order>(_: Wide, lanes: &mut [Lane<'_, D>; N], len: usize) {
    let rounds = lanes.each_ref().map(|lane| lane.rounds);
    let data = lanes.each_mut().map(|lane| lane.take(len));
    let mut ivs = lanes.each_mut().map(|lane| &mut *lane.iv);
    // SAFETY: a `Wide` exists only where the processor has all features that these functions enable.
    #[expect(unsafe_code, reason = "enters code for VAES")]
    unsafe {
        let keys = interleave::<N, QUADS>(rounds);
        chain::<N, QUADS, D>(&&*keys, &mut ivs, data, len);
    }
}

#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn interleave<const N: usize, const QUADS: usize>(rounds: [&Rounds; N]) -> Zeroizing<[[__m512i; 15]; QUADS]> {
    let mut keys = Zeroizing::new([[_mm512_setzero_si512(); 15]; QUADS]);
    for (q, keys) in keys.iter_mut().enumerate() {
        for (round, key) in keys.iter_mut().enumerate() {
            *key = quad::<N>(q, |i| rounds[i][round]);
        }
    }
    keys
}

// The keys come as a reference to a reference, and this is not inlined. The compiler then cannot know that no block aliases
// them, so it reads them in place and keeps no copies on the stack, where nothing would wipe them.
#[inline(never)]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn chain<const N: usize, const QUADS: usize, D: Order>(
    keys: &&[[__m512i; 15]; QUADS],
    ivs: &mut [&mut Iv; N],
    data: [InOutBuf<'_, '_, Block>; N],
    len: usize,
) {
    let Some(end) = len.checked_sub(1) else { return };
    let keys = *keys;
    let mut data = data;
    let zero = _mm512_setzero_si512();
    let (mut state, mut before, mut this) = ([zero; QUADS], [zero; QUADS], [zero; QUADS]);
    each!(12, |I| if I < N {
        cut(&mut data[I], len);
    });
    each!(3, |Q| if Q < QUADS {
        this[Q] = quad::<N>(Q, |i| load(&data[i].get_in()[0]));
        before[Q] = quad::<N>(Q, |i| load(D::halves(ivs[i])[1]));
        state[Q] = xor(xor(quad::<N>(Q, |i| load(D::halves(ivs[i])[0])), this[Q]), keys[Q][0]);
    });
    for at in 0..len {
        each!(13, |ROUND| each!(3, |Q| if Q < QUADS {
            state[Q] = middle::<D>(state[Q], keys[Q][ROUND + 1]);
        }));
        // After the last block any block will do here: its value cancels out.
        let ahead = (at + 1).min(end);
        each!(3, |Q| if Q < QUADS {
            let next = quad::<N>(Q, |i| load(&data[i].get_in()[ahead]));
            state[Q] = last::<D>(state[Q], xor(xor(before[Q], next), keys[Q][14]));
            let output = xor(xor(state[Q], next), keys[Q][0]);
            each!(4, |I| if 4 * Q + I < N {
                data[4 * Q + I].get_out()[at] = store(quarter::<I>(output));
            });
            before[Q] = this[Q];
            this[Q] = next;
        });
    }
    each!(3, |Q| if Q < QUADS {
        // The last block stood in for the one after it.
        let output = xor(xor(state[Q], this[Q]), keys[Q][0]);
        each!(4, |I| if 4 * Q + I < N {
            D::set_halves(ivs[4 * Q + I], &store(quarter::<I>(output)), &store(quarter::<I>(before[Q])));
        });
    });
}

/// Gathers a value of each stream of register `q`; zero if there is no stream.
#[inline]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn quad<const N: usize>(q: usize, of: impl Fn(usize) -> __m128i) -> __m512i {
    let mut quad = _mm512_zextsi128_si512(of(4 * q));
    if 4 * q + 1 < N {
        quad = _mm512_inserti32x4::<1>(quad, of(4 * q + 1));
    }
    if 4 * q + 2 < N {
        quad = _mm512_inserti32x4::<2>(quad, of(4 * q + 2));
    }
    if 4 * q + 3 < N {
        quad = _mm512_inserti32x4::<3>(quad, of(4 * q + 3));
    }
    quad
}

#[inline]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn quarter<const I: usize>(vector: __m512i) -> __m128i {
    match I {
        0 => _mm512_extracti32x4_epi32::<0>(vector),
        1 => _mm512_extracti32x4_epi32::<1>(vector),
        2 => _mm512_extracti32x4_epi32::<2>(vector),
        _ => _mm512_extracti32x4_epi32::<3>(vector),
    }
}

#[inline]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn xor(a: __m512i, b: __m512i) -> __m512i {
    _mm512_xor_si512(a, b)
}

#[inline]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn middle<D: Order>(state: __m512i, key: __m512i) -> __m512i {
    if D::DECRYPT { _mm512_aesdec_epi128(state, key) } else { _mm512_aesenc_epi128(state, key) }
}

#[inline]
#[target_feature(enable = "aes,avx512f,avx512vl,vaes")]
fn last<D: Order>(state: __m512i, key: __m512i) -> __m512i {
    if D::DECRYPT { _mm512_aesdeclast_epi128(state, key) } else { _mm512_aesenclast_epi128(state, key) }
}
