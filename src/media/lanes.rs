//! Several independent chains in one call, one after the other.

use crate::crypto::ige::{self, Block};

/// Blocks of one chain. `iv` is the state of the chain before them, and then behind them.
pub(super) struct Job<'a> {
    pub(super) key: &'a [u8; 32],
    pub(super) iv: &'a mut [u8; 32],
    pub(super) blocks: &'a mut [Block],
}

/// Encrypts the blocks of all jobs in place.
pub(super) fn encrypt_many(jobs: &mut [Job<'_>]) {
    for Job { key, iv, blocks } in jobs {
        let Some(plain) = blocks.last().copied() else { continue };
        ige::encrypt(key, iv, blocks);
        let Some(cipher) = blocks.last() else { continue };
        **iv = join(cipher, &plain);
    }
}

/// Decrypts the blocks of all jobs in place.
pub(super) fn decrypt_many(jobs: &mut [Job<'_>]) {
    for Job { key, iv, blocks } in jobs {
        let Some(cipher) = blocks.last().copied() else { continue };
        ige::decrypt(key, iv, blocks);
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
