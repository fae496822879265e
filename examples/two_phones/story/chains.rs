//! Several files through their chains at once, in windows of memory.

use std::io::Read;
use std::path::PathBuf;

use secretchat::MediaError;
use secretchat::media::{Part, PartDecryptor, PartEncryptor, PartSize, decrypt_many, encrypt_many};

use super::Result;
use super::cli::Pace;
use super::disk::{At, Whole};

/// The bytes of each file that are in memory.
const WINDOW: u32 = 1 << 16;

/// The distance from one window to the next, in bytes. Addresses that differ by multiples of 4 KiB slow each other down.
const STRIDE: usize = WINDOW as usize + 192;

pub(crate) fn part_size() -> Result<PartSize, MediaError> {
    PartSize::new(WINDOW)
}

/// One direction of a chain.
pub(crate) trait Chain: Sized {
    fn next_part(&self) -> Option<Part>;
    /// Bytes of the part from the source, and bytes for the other side.
    fn lengths(part: &Part) -> (usize, usize);
    fn process(window: &mut [(&mut Self, &mut [u8])]) -> Result<(), MediaError>;
}

/// One file, its chain, and its destination.
pub(crate) struct Lane<C, R> {
    pub(crate) chain: C,
    pub(crate) from: PathBuf,
    pub(crate) source: R,
    pub(crate) to: Whole,
}

/// Processes up to ten files completely. The lane of a completed file stays empty.
pub(crate) fn pass<C: Chain>(lanes: &mut [Lane<C, impl Read>], pace: Pace) -> Result<()> {
    let mut memory = vec![0; lanes.len() * STRIDE];
    loop {
        pace.step();
        let parts: Vec<Option<Part>> = lanes.iter().map(|lane| lane.chain.next_part()).collect();
        let mut window = Vec::new();
        for ((lane, bytes), part) in lanes.iter_mut().zip(memory.chunks_mut(STRIDE)).zip(&parts) {
            let Some(part) = part else { continue };
            lane.source.read_exact(&mut bytes[..C::lengths(part).0]).at("read", &lane.from)?;
            window.push((&mut lane.chain, &mut bytes[..part.len]));
        }
        if window.is_empty() {
            return Ok(());
        }
        C::process(&mut window)?;
        for ((lane, bytes), part) in lanes.iter_mut().zip(memory.chunks(STRIDE)).zip(&parts) {
            if let Some(part) = part {
                lane.to.write(&bytes[..C::lengths(part).1])?;
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
