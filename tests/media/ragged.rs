//! A source that gives bytes as it likes.

use std::io::{self, ErrorKind, Read};

use rand_core::Rng;

use crate::support::rng::Seeded;

/// Gives as few bytes as the generator says, and now and then an error.
pub(crate) struct Ragged<'a> {
    data: &'a [u8],
    rng: Seeded,
}

pub(crate) fn ragged(data: &[u8], seed: u64) -> Ragged<'_> {
    Ragged { data, rng: Seeded::new(seed) }
}

impl Read for Ragged<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let draw = Rng::next_u32(&mut self.rng);
        let most = match draw % 16 {
            0 => return Err(ErrorKind::Interrupted.into()),
            1 => return Err(ErrorKind::WouldBlock.into()),
            2..6 => 1,
            6..10 => 40,
            _ => 100_000,
        };
        let most = to.len().min(1 + draw as usize / 16 % most);
        self.data.read(&mut to[..most])
    }
}
