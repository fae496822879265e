//! The host's generator, asked once for what belongs together (SPEC RNG-3).

use core::convert::Infallible;
use core::ops::Range;

use rand_core::utils::next_word_via_fill;
use rand_core::{CryptoRng, TryCryptoRng, TryRng};

/// The most bytes that are read ahead at once. The id, the random bytes and the padding of any message fit, and the
/// nonces of 42 records.
const MOST: usize = 512;

/// The host's generator. A source such as the operating system's takes time for each call, so what a message or a
/// batch needs is read ahead in one, and given out in the order in which it would have been drawn.
///
/// Only what the turn is sure to draw is read ahead, and never a secret.
pub(in crate::chat) struct Draws<'a> {
    rng: &'a mut dyn CryptoRng,
    ahead: [u8; MOST],
    /// The part of it that was not given out yet.
    left: Range<usize>,
}

impl<'a> Draws<'a> {
    pub(super) fn new(rng: &'a mut dyn CryptoRng) -> Self {
        Self { rng, ahead: [0; MOST], left: 0..0 }
    }

    /// Reads the next `len` bytes in one call to the generator, or as many as fit.
    pub(in crate::chat) fn read_ahead(&mut self, len: usize) {
        if len > 0
            && self.left.is_empty()
            && let Some(ahead) = self.ahead.get_mut(..len.min(MOST))
        {
            self.rng.fill_bytes(ahead);
            self.left = 0..ahead.len();
        }
    }
}

impl TryRng for Draws<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        let ahead = self.ahead.get(self.left.clone()).unwrap_or_default();
        let (known, rest) = to.split_at_mut(to.len().min(ahead.len()));
        if let Some((ahead, _)) = ahead.split_at_checked(known.len()) {
            known.copy_from_slice(ahead);
        }
        self.left.start += known.len();
        if !rest.is_empty() {
            self.rng.fill_bytes(rest);
        }
        Ok(())
    }
}

impl TryCryptoRng for Draws<'_> {}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use rand_core::Rng;

    use super::*;
    use crate::types::env::rng_from_fn;

    /// Draws these lengths, after so many bytes were read ahead: the bytes, and the calls to the generator.
    fn drawn(ahead: usize, lengths: &[usize]) -> (Vec<u8>, Vec<usize>) {
        let (mut next, mut calls) = (0_u8, Vec::new());
        let mut rng = rng_from_fn(|to: &mut [u8]| {
            calls.push(to.len());
            to.fill_with(|| {
                next = next.wrapping_add(1);
                next
            });
        });
        let mut draws = Draws::new(&mut rng);
        draws.read_ahead(ahead);
        let mut bytes = Vec::new();
        for &length in lengths {
            let mut part = std::vec![0; length];
            draws.fill_bytes(&mut part);
            bytes.extend(part);
        }
        (bytes, calls)
    }

    // SPEC RNG-3.
    #[test]
    fn what_is_read_ahead_comes_in_the_same_order_from_fewer_calls() {
        for (lengths, ahead, calls) in [
            (&[8, 31, 45], 0, &[8, 31, 45][..]),
            (&[8, 31, 45], 39, &[39, 45]),
            (&[8, 31, 45], 84, &[84]),
            (&[8, 31, 45], 50, &[50, 34]),
            (&[500, 12, 12], 524, &[512, 12]),
        ] {
            let count = (1..=lengths.iter().sum::<usize>()).map(|n| n.to_le_bytes()[0]).collect::<Vec<u8>>();
            assert_eq!(drawn(ahead, lengths), (count, calls.to_vec()), "{ahead} read ahead of {lengths:?}");
        }
    }

    #[test]
    fn words_come_from_what_is_read_ahead_too() {
        let mut next = 0_u8;
        let mut rng = rng_from_fn(|to: &mut [u8]| {
            to.fill_with(|| {
                next += 1;
                next
            });
        });
        let mut draws = Draws::new(&mut rng);
        draws.read_ahead(8);
        assert_eq!(draws.next_u32(), 0x0403_0201);
        assert_eq!(draws.next_u64(), 0x0c0b_0a09_0807_0605);
    }
}
