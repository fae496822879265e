//! SHA-256 (FIPS 180-4) of a few blocks: the compression function of `sha2`, without the buffer of its hasher.
//!
//! A message is so short that a hasher would spend a third of the time on its buffer.

use sha2::block_api::compress256;
use zeroize::Zeroize;

use crate::types::secret::Scratch;

/// The length of a block, in bytes.
pub(super) const BLOCK_LEN: usize = 64;

/// A hash in progress. It is wiped on drop.
pub(super) struct Sha256 {
    state: [u32; 8],
    /// How many bytes have been hashed.
    len: usize,
}

impl Sha256 {
    pub(super) const fn new() -> Self {
        let state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        Self { state, len: 0 }
    }

    /// Hashes bytes that fill whole blocks.
    #[inline]
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks();
        debug_assert!(rest.is_empty(), "only the last bytes may end inside a block");
        self.len += bytes.len();
        self.compress(blocks);
    }

    /// Hashes the last bytes, of any number, and returns the words of the hash.
    #[inline]
    pub(super) fn finish(&mut self, last: &[u8]) -> &[u32; 8] {
        self.len += last.len();
        let (blocks, rest) = last.as_chunks();
        let tail = Tail::new(self.len, [rest, &[]]);
        self.compress(blocks);
        self.finish_with(&tail)
    }

    /// Hashes the end of the message, and returns the words of the hash.
    #[inline]
    pub(super) fn finish_with(&mut self, tail: &Tail) -> &[u32; 8] {
        self.compress(tail.blocks());
        &self.state
    }

    #[inline]
    fn compress(&mut self, blocks: &[[u8; BLOCK_LEN]]) {
        // Without blocks the call would still take the time of a few rounds.
        if !blocks.is_empty() {
            compress256(&mut self.state, blocks);
        }
    }
}

impl Drop for Sha256 {
    fn drop(&mut self) {
        self.state.as_mut_slice().zeroize();
    }
}

/// The end of a message with its padding: the last block or two.
pub(super) struct Tail {
    bytes: Scratch<{ 2 * BLOCK_LEN }>,
    len: usize,
}

impl Tail {
    /// Joins the two parts of the end, together shorter than a block, and pads a message that has `message_len`
    /// bytes with them.
    #[inline]
    pub(super) fn new(message_len: usize, [a, b]: [&[u8]; 2]) -> Self {
        let mut bytes = Scratch::new([0; 2 * BLOCK_LEN]);
        let (to_a, rest) = bytes.split_at_mut(a.len());
        let (to_b, padding) = rest.split_at_mut(b.len());
        to_a.copy_from_slice(a);
        to_b.copy_from_slice(b);
        if let Some(one) = padding.first_mut() {
            *one = 0x80;
        }
        let bits = (8 * message_len as u64).to_be_bytes();
        let len = (a.len() + b.len() + 1 + bits.len()).next_multiple_of(BLOCK_LEN);
        if let Some(end) = bytes.split_at_mut(len).0.last_chunk_mut() {
            *end = bits;
        }
        Self { bytes, len }
    }

    #[inline]
    fn blocks(&self) -> &[[u8; BLOCK_LEN]] {
        self.bytes.split_at(self.len).0.as_chunks().0
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;
    use sha2::Digest;

    use super::*;

    fn bytes_of(words: &[u32; 8]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    // FIPS 180-4's examples: one block, and two because the padding does not fit.
    #[test]
    fn published_examples() {
        let examples = [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (message, expected) in examples {
            assert_eq!(hex::encode(bytes_of(Sha256::new().finish(message.as_bytes()))), expected);
        }
    }

    #[test]
    fn all_lengths_around_the_borders_of_blocks() {
        let message: Vec<u8> = (0..=u8::MAX).cycle().take(5 * BLOCK_LEN).collect();
        for len in 0..=message.len() {
            let message = &message[..len];
            let expected = sha2::Sha256::digest(message);
            assert_eq!(bytes_of(Sha256::new().finish(message)), expected[..], "{len} bytes");
            for border in (0..=len).step_by(BLOCK_LEN) {
                let mut hash = Sha256::new();
                hash.update(&message[..border]);
                assert_eq!(bytes_of(hash.finish(&message[border..])), expected[..], "{len} bytes, {border} first");
            }
        }
    }

    proptest! {
        #[test]
        fn a_message_in_two_parts(message in prop::collection::vec(any::<u8>(), 0..BLOCK_LEN), split: prop::sample::Index) {
            let (a, b) = message.split_at(split.index(message.len() + 1));
            let words = bytes_of(Sha256::new().finish_with(&Tail::new(message.len(), [a, b])));
            prop_assert_eq!(words, sha2::Sha256::digest(&message).to_vec());
        }
    }
}
