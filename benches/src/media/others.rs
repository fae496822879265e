//! The same file under ciphers that are not Telegram's.

use std::hint::black_box;
use std::io::{Read, Write};

use age::x25519::{Identity, Recipient};
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use ring::aead::{AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use super::ige::KEY;
use crate::measure::{Case, Work};

/// The length of a record, as long as a segment.
const RECORD_LEN: usize = 1 << 16;
const TAG_LEN: usize = 16;

pub(super) fn cases(len: usize) -> [Case; 4] {
    [
        Case::both_ways("ring, AES-256-GCM, records of 64 KiB", Ring::new(&AES_256_GCM, len)),
        Case::both_ways("ring, ChaCha20-Poly1305, records of 64 KiB", Ring::new(&CHACHA20_POLY1305, len)),
        Case::both_ways("OpenSSL, AES-256-GCM, in one piece", OpenSsl::new(len)),
        Case::both_ways("age (crate), with its file key for one X25519 recipient", Age::new(len)),
    ]
}

/// Records one after the other, in place, with the key set up for each file.
struct Ring {
    algorithm: &'static Algorithm,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    tags: Vec<[u8; TAG_LEN]>,
    /// The two that a run destroys.
    copies: [Vec<u8>; 2],
}

impl Ring {
    fn new(algorithm: &'static Algorithm, len: usize) -> Self {
        let mut ring =
            Self { algorithm, plain: vec![0; len], sealed: Vec::new(), tags: Vec::new(), copies: Default::default() };
        ring.prepare();
        ring.encrypt();
        ring.sealed = ring.copies[0]
            .chunks(RECORD_LEN)
            .zip(&ring.tags)
            .flat_map(|(text, tag)| [text, &tag[..]].concat())
            .collect();
        ring
    }

    fn key(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(self.algorithm, &KEY).unwrap())
    }
}

fn nonce(number: usize) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&(number as u64).to_le_bytes());
    Nonce::assume_unique_for_key(nonce)
}

impl Work for Ring {
    fn encrypt(&mut self) {
        self.tags.clear();
        let key = self.key();
        for (number, record) in self.copies[0].chunks_mut(RECORD_LEN).enumerate() {
            let tag = key.seal_in_place_separate_tag(nonce(number), Aad::empty(), record).unwrap();
            self.tags.push(tag.as_ref().try_into().unwrap());
        }
    }

    fn decrypt(&mut self) {
        let key = self.key();
        for (number, record) in self.copies[1].chunks_mut(RECORD_LEN + TAG_LEN).enumerate() {
            black_box(key.open_in_place(nonce(number), Aad::empty(), record).unwrap());
        }
    }

    fn prepare(&mut self) {
        let [plain, sealed] = &mut self.copies;
        plain.clone_from(&self.plain);
        sealed.clone_from(&self.sealed);
    }
}

/// Its binding writes into a new buffer.
struct OpenSsl {
    plain: Vec<u8>,
    sealed: Vec<u8>,
    tag: [u8; TAG_LEN],
}

impl OpenSsl {
    fn new(len: usize) -> Self {
        let mut openssl = Self { plain: vec![0; len], sealed: Vec::new(), tag: [0; TAG_LEN] };
        openssl.encrypt();
        openssl
    }
}

impl Work for OpenSsl {
    fn encrypt(&mut self) {
        let cipher = Cipher::aes_256_gcm();
        self.sealed = encrypt_aead(cipher, &KEY, Some(&[0; 12]), &[], &self.plain, &mut self.tag).unwrap();
    }

    fn decrypt(&mut self) {
        let cipher = Cipher::aes_256_gcm();
        black_box(decrypt_aead(cipher, &KEY, Some(&[0; 12]), &[], &self.sealed, &self.tag).unwrap());
    }
}

struct Age {
    identity: Identity,
    recipient: Recipient,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    copy: Vec<u8>,
}

impl Age {
    fn new(len: usize) -> Self {
        let identity = Identity::generate();
        let recipient = identity.to_public();
        let mut age = Self { identity, recipient, plain: vec![0; len], sealed: Vec::new(), copy: vec![0; len] };
        age.encrypt();
        age
    }
}

impl Work for Age {
    fn encrypt(&mut self) {
        self.sealed.clear();
        let recipients = std::iter::once(&self.recipient as &dyn age::Recipient);
        let encryptor = age::Encryptor::with_recipients(recipients).unwrap();
        let mut writer = encryptor.wrap_output(&mut self.sealed).unwrap();
        writer.write_all(&self.plain).unwrap();
        writer.finish().unwrap();
    }

    fn decrypt(&mut self) {
        let decryptor = age::Decryptor::new(&self.sealed[..]).unwrap();
        let mut reader = decryptor.decrypt(std::iter::once(&self.identity as &dyn age::Identity)).unwrap();
        reader.read_exact(&mut self.copy).unwrap();
        black_box(&self.copy);
    }
}
