//! The two directions, and how each reads the state of a chain.

use crate::{Block, Iv};

/// From plaintext to ciphertext.
#[derive(Clone, Copy, Debug)]
pub enum Encrypt {}
/// From ciphertext to plaintext.
#[derive(Clone, Copy, Debug)]
pub enum Decrypt {}

/// The differences of the mode between the two directions.
pub trait Order {
    const DECRYPT: bool;

    /// Returns the previous output block and the previous input block.
    fn halves(iv: &Iv) -> [&Block; 2] {
        let [cipher, plain] = iv.as_chunks().0 else { return [&[0; 16]; 2] };
        if Self::DECRYPT { [plain, cipher] } else { [cipher, plain] }
    }

    /// Replaces both blocks.
    fn set_halves(iv: &mut Iv, output: &Block, input: &Block) {
        let [cipher, plain] = iv.as_chunks_mut().0 else { return };
        (*cipher, *plain) = if Self::DECRYPT { (*input, *output) } else { (*output, *input) };
    }
}

impl Order for Encrypt {
    const DECRYPT: bool = false;
}

impl Order for Decrypt {
    const DECRYPT: bool = true;
}
