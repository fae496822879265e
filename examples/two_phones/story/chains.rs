//! Several files through their chains at once, in windows of memory.

use std::io::{Read, Write};

use secretchat::MediaError;
use secretchat::media::{Part, PartDecryptor, PartEncryptor, PartSize, decrypt_many, encrypt_many};

use super::Result;
use super::cli::Pace;

/// Of each file in memory.
const WINDOW: u32 = 1 << 16;

/// Bytes from one window to the next: addresses that differ by multiples of 4 KiB slow each other down.
const STRIDE: usize = WINDOW as usize + 192;

pub(crate) fn part_size() -> Result<PartSize, MediaError> {
    PartSize::new(WINDOW)
}

/// One direction of a chain.
pub(crate) trait Chain: Sized {
    fn next_part(&self) -> Option<Part>;
    /// Bytes of the part that come from the source, and that go to the other side.
    fn lengths(part: &Part) -> (usize, usize);
    fn process(window: &mut [(&mut Self, &mut [u8])]) -> Result<(), MediaError>;
}

/// Takes up to ten files to their ends. A file that is complete leaves its lane to nobody.
pub(crate) fn pass<C: Chain>(files: &mut [(C, impl Read, impl Write)], pace: Pace) -> Result<()> {
    let mut memory = vec![0; files.len() * STRIDE];
    loop {
        pace.step();
        let parts: Vec<Option<Part>> = files.iter().map(|(chain, ..)| chain.next_part()).collect();
        let mut window = Vec::new();
        for (((chain, source, _), bytes), part) in files.iter_mut().zip(memory.chunks_mut(STRIDE)).zip(&parts) {
            let Some(part) = part else { continue };
            source.read_exact(&mut bytes[..C::lengths(part).0])?;
            window.push((chain, &mut bytes[..part.len]));
        }
        if window.is_empty() {
            return Ok(());
        }
        C::process(&mut window)?;
        for (((_, _, to), bytes), part) in files.iter_mut().zip(memory.chunks(STRIDE)).zip(&parts) {
            if let Some(part) = part {
                to.write_all(&bytes[..C::lengths(part).1])?;
            }
        }
    }
}

impl Chain for PartEncryptor {
    fn next_part(&self) -> Option<Part> {
        self.next_part()
    }

    fn lengths(part: &Part) -> (usize, usize) {
        (part.content_len, part.len)
    }

    fn process(window: &mut [(&mut Self, &mut [u8])]) -> Result<(), MediaError> {
        encrypt_many(window)
    }
}

impl Chain for PartDecryptor {
    fn next_part(&self) -> Option<Part> {
        self.next_part()
    }

    fn lengths(part: &Part) -> (usize, usize) {
        (part.len, part.content_len)
    }

    fn process(window: &mut [(&mut Self, &mut [u8])]) -> Result<(), MediaError> {
        decrypt_many(window)
    }
}
