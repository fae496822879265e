//! The block cipher as the key derivation of AES-256-GCM-SIV needs it (SPEC REC-2).

use aes::Aes256Enc;
use aes_gcm_siv::aead::consts::{U1, U16, U32};
use aes_gcm_siv::aead::{Key, KeyInit, KeySizeUser};
use cipher::inout::InOut;
use cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, ParBlocksSizeUser,
};
use zeroize::Zeroize;

/// RFC 8452, section 4, derives the keys of a record from six blocks: a counter and the nonce.
const DERIVED: usize = 6;

/// AES-256, which may know the blocks of a derivation beforehand. It encrypts every block as AES-256 does.
///
/// `aes-gcm-siv` asks for the six blocks one by one. To `aes`, a single block costs almost as much as six at once: with
/// VAES it spreads all round keys for each call, and in software it computes four blocks in place of one.
pub(super) enum DerivingAes<'a> {
    Knowing(Known<'a>),
    Plain(Aes256Enc),
}

impl<'a> DerivingAes<'a> {
    /// Computes the six blocks of the derivation under `nonce`.
    pub(super) fn new(aes: &'a Aes256Enc, nonce: [u8; 12]) -> Self {
        let asked = core::array::from_fn(|counter| block(counter, nonce));
        let mut answers = asked;
        aes.encrypt_blocks(&mut answers);
        Self::Knowing(Known { aes, asked, answers })
    }
}

/// Blocks that are not secret, and what AES makes of them, which is.
pub(super) struct Known<'a> {
    aes: &'a Aes256Enc,
    asked: [Block<Aes256Enc>; DERIVED],
    answers: [Block<Aes256Enc>; DERIVED],
}

fn block(counter: usize, nonce: [u8; 12]) -> Block<Aes256Enc> {
    let [a, b, c, d, ..] = counter.to_le_bytes();
    let [e, f, g, h, i, j, k, l, m, n, o, p] = nonce;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].into()
}

impl Drop for Known<'_> {
    fn drop(&mut self) {
        for answer in &mut self.answers {
            answer.as_mut_slice().zeroize();
        }
    }
}

impl BlockCipherEncrypt for DerivingAes<'_> {
    fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = U16>) {
        match self {
            Self::Knowing(known) => f.call(known),
            Self::Plain(aes) => aes.encrypt_with_backend(f),
        }
    }
}

impl BlockCipherEncBackend for Known<'_> {
    fn encrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
        match self.asked.iter().position(|asked| asked == block.get_in()).and_then(|at| self.answers.get(at)) {
            Some(answer) => *block.get_out() = *answer,
            None => self.aes.encrypt_block_inout(block),
        }
    }
}

/// The cipher of the record itself, under a derived key.
impl KeyInit for DerivingAes<'_> {
    fn new(key: &Key<Self>) -> Self {
        Self::Plain(Aes256Enc::new(key))
    }
}

impl KeySizeUser for DerivingAes<'_> {
    type KeySize = U32;
}

impl BlockSizeUser for DerivingAes<'_> {
    type BlockSize = U16;
}

impl BlockSizeUser for Known<'_> {
    type BlockSize = U16;
}

impl ParBlocksSizeUser for Known<'_> {
    type ParBlocksSize = U1;
}

#[cfg(test)]
mod tests {
    use aes_gcm_siv::AesGcmSiv;
    use aes_gcm_siv::aead::AeadInOut;

    use super::*;

    // FIPS 197, appendix C.3.
    #[test]
    fn a_block_that_is_not_of_the_derivation_is_encrypted() {
        let key = core::array::from_fn(|at| u8::try_from(at).unwrap());
        let aes = Aes256Enc::new(&key.into());
        let mut block = core::array::from_fn(|at| u8::try_from(at * 0x11).unwrap()).into();
        DerivingAes::new(&aes, [7; 12]).encrypt_block(&mut block);
        assert_eq!(hex::encode(block), "8ea2b7ca516745bfeafc49904b496089");
    }

    // RFC 8452, appendix C.2.
    #[test]
    fn records_are_aes_256_gcm_siv() {
        let (mut key, mut nonce) = ([0; 32], [0; 12]);
        (key[0], nonce[0]) = (1, 3);
        let aes = Aes256Enc::new(&key.into());
        let mut text = [1, 0, 0, 0, 0, 0, 0, 0];
        let cipher = AesGcmSiv::from(DerivingAes::new(&aes, nonce));
        let tag = cipher.encrypt_inout_detached(&nonce.into(), &[], text.as_mut_slice().into()).unwrap();
        let sealed = [hex::encode(text), hex::encode(tag)].concat();
        assert_eq!(sealed, "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28");
    }
}
