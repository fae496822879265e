//! Cleaning of EXIF blocks.

mod block;
mod read;
mod write;

use alloc::vec::Vec;

use crate::part::{Part, Parts};
use crate::sieve::Sieve;
use block::Block;

/// The bytes before the block in a JPEG segment, and in the WebP files of some writers.
pub(crate) const PREFIX: &[u8] = b"Exif\0\0";
/// A picture that is shown as it is stored.
pub(crate) const UPRIGHT: u8 = 1;
/// The longest block that fits into a JPEG segment, in bytes.
const MAX_SEGMENT: usize = 0xffff - 2 - PREFIX.len();

pub(crate) enum Outcome {
    Stays,
    Becomes(Vec<u8>),
    Goes,
}

/// The blocks of a file, in their order. The first one says how to turn the picture, so no other may take its place.
#[derive(Default)]
pub(crate) struct Blocks {
    orientation: Option<u8>,
    first_is_gone: bool,
}

impl Blocks {
    /// Returns how to turn the picture; [`UPRIGHT`] if no block says so.
    pub(crate) fn orientation(&self) -> u8 {
        self.orientation.unwrap_or(UPRIGHT)
    }

    /// Decides whether the next block stays, is written anew, or is removed.
    pub(crate) fn sieved(&mut self, tiff: &[u8], sieve: &mut Sieve) -> Outcome {
        if self.orientation.is_none() {
            self.orientation = Some(orientation(tiff));
            let outcome = sieved(tiff, sieve);
            self.first_is_gone = matches!(outcome, Outcome::Goes);
            outcome
        } else if self.first_is_gone || sieve.strips(Part::Exif) {
            remove(tiff, sieve);
            Outcome::Goes
        } else {
            sieved(tiff, sieve)
        }
    }
}

fn orientation(tiff: &[u8]) -> u8 {
    Block::read(tiff).and_then(|block| block.orientation()).unwrap_or(UPRIGHT)
}

/// Notes what goes with a block. One that says how to turn a picture, and nothing else, is no part.
fn remove(tiff: &[u8], sieve: &mut Sieve) {
    if tiff != alone(orientation(tiff)) {
        let inside = Block::read(tiff).map_or(Part::Other.into(), |block| block.parts);
        sieve.removed = sieve.removed.or(inside).with(Part::Exif);
    }
}

fn sieved(tiff: &[u8], sieve: &mut Sieve) -> Outcome {
    let block = Block::read(tiff);
    let orientation = block.as_ref().and_then(Block::orientation).unwrap_or(UPRIGHT);
    if tiff == alone(orientation) {
        return Outcome::Stays;
    }
    // A block that cannot be read may contain anything.
    let inside = block.as_ref().map_or(Part::Other.into(), |block| block.parts);
    if !sieve.strips(Part::Exif) {
        if !inside.iter().any(|part| sieve.strips(part)) {
            sieve.left = sieve.left.or(inside).with(Part::Exif);
            return Outcome::Stays;
        }
        if let Some(block) = block.and_then(|block| rewritten(block, tiff.len(), sieve)) {
            return Outcome::Becomes(block);
        }
    }
    sieve.removed = sieve.removed.or(inside).with(Part::Exif);
    if orientation == UPRIGHT { Outcome::Goes } else { Outcome::Becomes(alone(orientation)) }
}

/// Makes a block that says how to turn the picture, and nothing else.
fn alone(orientation: u8) -> Vec<u8> {
    Block::of_orientation(orientation).write()
}

/// Writes the remaining entries anew. This drops bytes that no entry points to, maker notes, which point to places in the
/// old block, and previews that could not be read.
fn rewritten(mut block: Block<'_>, len: usize, sieve: &mut Sieve) -> Option<Vec<u8>> {
    let there = block.parts;
    block.remove(there.iter().filter(|&part| part == Part::Other || sieve.strips(part)).collect());
    let bytes = block.write();
    // If the old block was not aligned, the new one is longer.
    if bytes.len() > len.max(MAX_SEGMENT) {
        return None;
    }
    // Entries that pointed to nothing are also gone.
    let new = Block::read(&bytes)?;
    let left =
        if bytes == alone(new.orientation().unwrap_or(UPRIGHT)) { Parts::NONE } else { new.parts.with(Part::Exif) };
    sieve.removed = sieve.removed.or(there.with(Part::Exif).minus(left));
    sieve.left = sieve.left.or(left);
    Some(bytes)
}
