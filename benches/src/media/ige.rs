//! Implementations of AES-256-IGE under one interface. The key schedule is part of each call.

use std::mem;

use aes::{Aes256Dec, Aes256Enc};
use cipher::array::Array;
use cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ige_lanes::{Backend, DecryptionKey, EncryptionKey};
use openssl::aes::{AesKey, aes_ige};
use openssl::symm::Mode;
use secretchat::hazmat;

/// The key of every case.
pub(super) const KEY: [u8; 32] = [0x11; 32];
/// The iv of every case.
pub(super) const IV: [u8; 32] = [0x22; 32];

/// One implementation. The length of the buffer is a multiple of 16 bytes. Afterwards it holds the result; it may then be
/// another buffer.
pub(super) trait Ige {
    /// Encrypts the buffer as one stream, from its start.
    fn encrypt(&mut self, buffer: &mut Vec<u8>);
    /// Decrypts the buffer as one stream, from its start.
    fn decrypt(&mut self, buffer: &mut Vec<u8>);
}

/// `ige-lanes` on one path.
#[derive(Debug)]
pub(super) struct Lanes(pub(super) Backend);

impl Ige for Lanes {
    fn encrypt(&mut self, buffer: &mut Vec<u8>) {
        if let Some(key) = EncryptionKey::with_backend(&KEY, self.0) {
            key.encrypt(&mut IV.clone(), buffer.as_chunks_mut().0);
        }
    }

    fn decrypt(&mut self, buffer: &mut Vec<u8>) {
        if let Some(key) = DecryptionKey::with_backend(&KEY, self.0) {
            key.decrypt(&mut IV.clone(), buffer.as_chunks_mut().0);
        }
    }
}

/// `secretchat`, with its default path.
#[derive(Debug)]
pub(super) struct Secretchat;

impl Ige for Secretchat {
    fn encrypt(&mut self, buffer: &mut Vec<u8>) {
        hazmat::ige::encrypt(&KEY, &IV, buffer.as_chunks_mut().0);
    }

    fn decrypt(&mut self, buffer: &mut Vec<u8>) {
        hazmat::ige::decrypt(&KEY, &IV, buffer.as_chunks_mut().0);
    }
}

/// The `ige` crate over the `aes` crate.
#[derive(Debug)]
pub(super) struct IgeCrate;

impl Ige for IgeCrate {
    fn encrypt(&mut self, buffer: &mut Vec<u8>) {
        let blocks = Array::cast_slice_from_core_mut(buffer.as_chunks_mut().0);
        ige::Encryptor::<Aes256Enc>::new(&KEY.into(), &IV.into()).encrypt_blocks(blocks);
    }

    fn decrypt(&mut self, buffer: &mut Vec<u8>) {
        let blocks = Array::cast_slice_from_core_mut(buffer.as_chunks_mut().0);
        ige::Decryptor::<Aes256Dec>::new(&KEY.into(), &IV.into()).decrypt_blocks(blocks);
    }
}

/// `grammers-crypto`.
#[derive(Debug)]
pub(super) struct Grammers;

impl Ige for Grammers {
    fn encrypt(&mut self, buffer: &mut Vec<u8>) {
        grammers_crypto::aes::ige_encrypt(buffer, &KEY, &IV);
    }

    fn decrypt(&mut self, buffer: &mut Vec<u8>) {
        grammers_crypto::aes::ige_decrypt(buffer, &KEY, &IV);
    }
}

/// OpenSSL's `AES_ige_encrypt`. Its binding writes from one buffer into another; the two are then swapped.
#[derive(Debug, Default)]
pub(super) struct OpenSsl {
    other: Vec<u8>,
}

impl OpenSsl {
    fn run(&mut self, buffer: &mut Vec<u8>, key: &AesKey, mode: Mode) {
        self.other.resize(buffer.len(), 0);
        aes_ige(buffer, &mut self.other, key, &mut IV.clone(), mode);
        mem::swap(buffer, &mut self.other);
    }
}

impl Ige for OpenSsl {
    fn encrypt(&mut self, buffer: &mut Vec<u8>) {
        if let Ok(key) = AesKey::new_encrypt(&KEY) {
            self.run(buffer, &key, Mode::Encrypt);
        }
    }

    fn decrypt(&mut self, buffer: &mut Vec<u8>) {
        if let Ok(key) = AesKey::new_decrypt(&KEY) {
            self.run(buffer, &key, Mode::Decrypt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All implementations must do the same work.
    #[test]
    fn all_give_the_same_bytes() {
        let plain: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
        let mut expected = plain.clone();
        IgeCrate.encrypt(&mut expected);
        assert_ne!(expected, plain);

        let lanes = Backend::available().map(|backend| Box::new(Lanes(backend)) as Box<dyn Ige>);
        let others: [Box<dyn Ige>; 4] =
            [Box::new(Secretchat), Box::new(IgeCrate), Box::new(Grammers), Box::new(OpenSsl::default())];
        for mut peer in lanes.chain(others) {
            let mut buffer = plain.clone();
            peer.encrypt(&mut buffer);
            assert_eq!(buffer, expected);
            peer.decrypt(&mut buffer);
            assert_eq!(buffer, plain);
        }
    }
}
