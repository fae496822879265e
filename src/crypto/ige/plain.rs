//! IGE with the `ige` and `aes` crates, one chain after the other.

use aes::{Aes256Dec, Aes256Enc};
use cipher::array::Array;
use cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};

use super::{Block, Job};

/// It is long, because each call of the `aes` crate loads the round keys anew.
#[cfg(not(feature = "lanes"))]
pub(super) const TURN: usize = 256;

pub(super) struct Encryptor(ige::Encryptor<Aes256Enc>);

impl Encryptor {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self(ige::Encryptor::new(key.into(), iv.into()))
    }

    pub(super) fn encrypt(&mut self, blocks: &mut [Block]) {
        self.0.encrypt_blocks(Array::cast_slice_from_core_mut(blocks));
    }
}

pub(super) struct Decryptor(ige::Decryptor<Aes256Dec>);

impl Decryptor {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; 32]) -> Self {
        Self(ige::Decryptor::new(key.into(), iv.into()))
    }

    pub(super) fn decrypt(&mut self, blocks: &mut [Block]) {
        self.0.decrypt_blocks(Array::cast_slice_from_core_mut(blocks));
    }
}

pub(super) fn encrypt_many(jobs: &mut [Job<'_>]) {
    for Job { key, iv, blocks } in jobs {
        let Some(plain) = blocks.last().copied() else { continue };
        Encryptor::new(key, iv).encrypt(blocks);
        let Some(cipher) = blocks.last() else { continue };
        **iv = join(cipher, &plain);
    }
}

pub(super) fn decrypt_many(jobs: &mut [Job<'_>]) {
    for Job { key, iv, blocks } in jobs {
        let Some(cipher) = blocks.last().copied() else { continue };
        Decryptor::new(key, iv).decrypt(blocks);
        let Some(plain) = blocks.last() else { continue };
        **iv = join(&cipher, plain);
    }
}

fn join(cipher: &Block, plain: &Block) -> [u8; 32] {
    let mut iv = [0; 32];
    for (to, from) in iv.iter_mut().zip(cipher.iter().chain(plain)) {
        *to = *from;
    }
    iv
}
