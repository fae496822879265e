//! Cleaning of EXIF blocks.

mod block;
mod read;
mod write;

use alloc::vec::Vec;

use crate::part::Part;
use crate::sieve::Sieve;
use block::Block;

/// The bytes before the block in a segment of JPEG, and in the WebP files of some writers.
pub(crate) const PREFIX: &[u8] = b"Exif\0\0";
/// A picture that is shown as it is stored.
pub(crate) const UPRIGHT: u8 = 1;
/// The longest block that a segment of JPEG has room for, in bytes.
const MAX_SEGMENT: usize = 0xffff - 2 - PREFIX.len();

pub(crate) enum Outcome {
    Stays,
    Becomes(Vec<u8>),
    Goes,
}

/// Returns how a picture is to be turned; [`UPRIGHT`] where the block does not say.
pub(crate) fn orientation(tiff: &[u8]) -> u8 {
    Block::read(tiff).and_then(|block| block.orientation()).unwrap_or(UPRIGHT)
}

/// Decides about a block.
pub(crate) fn sieved(tiff: &[u8], sieve: &mut Sieve) -> Outcome {
    let block = Block::read(tiff);
    let orientation = block.as_ref().and_then(Block::orientation).unwrap_or(UPRIGHT);
    if tiff == alone(orientation) {
        return Outcome::Stays;
    }
    // Nobody knows what a block says that makes no sense.
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

/// A block that says how to turn the picture, and nothing else.
fn alone(orientation: u8) -> Vec<u8> {
    Block::of_orientation(orientation).write()
}

/// Writes anew what stays. Bytes that no entry points to are not among it; nor are the notes of makers, which point to
/// places in the old block, and previews that could not be read.
fn rewritten(mut block: Block<'_>, len: usize, sieve: &mut Sieve) -> Option<Vec<u8>> {
    let there = block.parts;
    block.remove(there.iter().filter(|&part| part == Part::Other || sieve.strips(part)).collect());
    let bytes = block.write();
    // Where it was not aligned, it has grown.
    if bytes.len() > len.max(MAX_SEGMENT) {
        return None;
    }
    // What pointed to nothing is gone, too.
    let left = Block::read(&bytes)?.parts;
    sieve.removed = sieve.removed.or(there.minus(left));
    sieve.left = sieve.left.or(left).with(Part::Exif);
    Some(bytes)
}
