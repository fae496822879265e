//! Randomness that a seed and a script decide.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

/// Answers each request with the first draw of the same length that is left. Without one it gives the next bytes of a
/// stream: `SHA-256(seed || n)` for `n` = 0, 1, ... as 64 bits, little-endian, one after the other.
#[derive(Debug)]
pub(crate) struct Stream {
    draws: Vec<Vec<u8>>,
    seed: Vec<u8>,
    blocks: u64,
    /// The bytes of the last block that are left, the next one last.
    left: Vec<u8>,
}

impl Stream {
    pub(crate) const fn new(seed: Vec<u8>, draws: Vec<Vec<u8>>) -> Self {
        Self { draws, seed, blocks: 0, left: Vec::new() }
    }

    fn fill(&mut self, to: &mut [u8]) {
        match self.draws.iter().position(|draw| draw.len() == to.len()) {
            Some(first) => to.copy_from_slice(&self.draws.remove(first)),
            None => to.fill_with(|| self.byte()),
        }
    }

    fn byte(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.left.pop() {
                return byte;
            }
            let block = Sha256::new().chain_update(&self.seed).chain_update(self.blocks.to_le_bytes()).finalize();
            self.left.extend(block.iter().rev());
            self.blocks += 1;
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        self.fill(to);
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
