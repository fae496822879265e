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
    fn halves(iv: &Iv) -> (Block, Block) {
        let mut halves = iv.as_chunks().0.iter().copied();
        let (cipher, plain) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        if Self::DECRYPT { (plain, cipher) } else { (cipher, plain) }
    }

    /// Joins the two blocks again.
    fn iv(output: &Block, input: &Block) -> Iv {
        let (cipher, plain) = if Self::DECRYPT { (input, output) } else { (output, input) };
        let mut iv = [0; 32];
        for (to, from) in iv.as_chunks_mut().0.iter_mut().zip([cipher, plain]) {
            *to = *from;
        }
        iv
    }
}

impl Order for Encrypt {
    const DECRYPT: bool = false;
}

impl Order for Decrypt {
    const DECRYPT: bool = true;
}
