//! AES-256 in Infinite Garble Extension mode (SPEC IGE-1): one chain, or several independent ones at once.
//!
//! **IGE alone authenticates nothing.** A changed ciphertext decrypts without an error. An attacker who knows some
//! plaintext can make changes that garble only three blocks.
//!
//! The 32-byte iv is the previous ciphertext block, then the previous plaintext block, in both directions.

#[cfg(feature = "lanes")]
mod lanes;
#[cfg(any(test, not(feature = "lanes")))]
mod plain;

use core::fmt;
#[cfg(feature = "alloc")]
use core::hint::black_box;

#[cfg(feature = "lanes")]
use lanes as backend;
#[cfg(not(feature = "lanes"))]
use plain as backend;

use crate::types::secret;

/// One AES block.
pub type Block = [u8; 16];

/// How many blocks to process in a call when a hash takes turns with the chain, so that the processor runs both.
pub(crate) const TURN: usize = backend::TURN;

/// Encrypts whole blocks in place.
pub fn encrypt(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    Encryptor::new(key, iv).encrypt(blocks);
}

/// Decrypts whole blocks in place.
pub fn decrypt(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    Decryptor::new(key, iv).decrypt(blocks);
}

/// An encryption that continues the chain from call to call. It is wiped on drop.
pub struct Encryptor(backend::Encryptor);

impl Encryptor {
    /// Starts a chain.
    #[must_use]
    pub fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self(backend::Encryptor::new(key, iv))
    }

    /// Encrypts the next blocks in place. Any split of a stream gives the same bytes.
    pub fn encrypt(&mut self, blocks: &mut [Block]) {
        self.0.encrypt(blocks);
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("Encryptor(..)")
    }
}

/// A decryption that continues the chain from call to call. It is wiped on drop.
pub struct Decryptor(backend::Decryptor);

impl Decryptor {
    /// Starts a chain.
    #[must_use]
    pub fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self(backend::Decryptor::new(key, iv))
    }

    /// Decrypts the next blocks in place. Any split of a stream gives the same bytes.
    pub fn decrypt(&mut self, blocks: &mut [Block]) {
        self.0.decrypt(blocks);
    }
}

impl fmt::Debug for Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("Decryptor(..)")
    }
}

/// Blocks of one chain. `iv` is the state of the chain before them, and afterwards the state after them.
pub(crate) struct Job<'a> {
    pub(crate) key: &'a [u8; 32],
    pub(crate) iv: &'a mut [u8; 32],
    pub(crate) blocks: &'a mut [Block],
}

/// Encrypts the blocks of all jobs in place. The order of the jobs is lost.
pub(crate) fn encrypt_many(jobs: &mut [Job<'_>]) {
    backend::encrypt_many(jobs);
}

/// Decrypts the blocks of all jobs in place. The order of the jobs is lost.
pub(crate) fn decrypt_many(jobs: &mut [Job<'_>]) {
    backend::decrypt_many(jobs);
}

/// Runs the cipher of a file, then clears the stack that it used, and leaves round keys of no secret in the registers. A
/// later call may store a whole register of which it has set only a part, and keep in the heap what was left there.
pub(crate) fn swept<R>(cipher: impl FnOnce() -> R) -> R {
    secret::swept(|| {
        let result = cipher();
        #[cfg(feature = "alloc")]
        {
            let mut blocks = black_box([[0; 16]; 2]);
            encrypt(&[0; 32], &[0; 32], &mut blocks);
            decrypt(&[0; 32], &[0; 32], &mut blocks);
            black_box(&blocks);
        }
        result
    })
}

#[cfg(test)]
mod tests {
    use cipher::array::Array;
    use cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};

    // The two vectors of OpenSSL's test/igetest.c (B. Laurie, 2006) use AES-128, and this code path exists only
    // here. They fix the order of the iv's halves, on which libraries disagree.
    #[test]
    fn published_128_bit_vectors() {
        let vectors = [
            (
                "000102030405060708090a0b0c0d0e0f",
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "1a8519a6557be652e9da8e43da4ef4453cf456b4ca488aa383c79c98b34797cb",
            ),
            (
                "5468697320697320616e20696d706c65",
                "6d656e746174696f6e206f6620494745206d6f646520666f72204f70656e5353",
                "99706487a1cde613bc6de0b6f24b1c7aa448c8b9c3403e3467a8cad89340f53b",
                "4c2e204c6574277320686f70652042656e20676f74206974207269676874210a",
            ),
        ];
        for (key, iv, plain, expected) in vectors {
            let key: [u8; 16] = hex::decode(key).unwrap().try_into().unwrap();
            let iv: [u8; 32] = hex::decode(iv).unwrap().try_into().unwrap();
            let plain = hex::decode(plain).unwrap();
            let mut data = plain.clone();
            let blocks = Array::cast_slice_from_core_mut(data.as_chunks_mut::<16>().0);
            ige::Encryptor::<aes::Aes128>::new(&key.into(), &iv.into()).encrypt_blocks(blocks);
            assert_eq!(hex::encode(&data), expected);
            let blocks = Array::cast_slice_from_core_mut(data.as_chunks_mut::<16>().0);
            ige::Decryptor::<aes::Aes128>::new(&key.into(), &iv.into()).decrypt_blocks(blocks);
            assert_eq!(data, plain);
        }
    }
}
