//! WebP: chunks in a RIFF file.

use alloc::vec::Vec;

use img_parts::Bytes;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{
    CHUNK_ALPH, CHUNK_ANIM, CHUNK_ANMF, CHUNK_EXIF, CHUNK_ICCP, CHUNK_VP8, CHUNK_VP8L, CHUNK_VP8X, CHUNK_XMP, WebP,
};

use crate::clean::{Error, Picture};
use crate::exif::{self, Blocks, Outcome};
use crate::part::Part;
use crate::sieve::Sieve;

/// The length of the file header: "RIFF", the length of what follows, and "WEBP".
const HEADER_LEN: usize = 12;
/// The header of an animation frame (place, size and duration); its chunks follow.
const FRAME_HEADER_LEN: usize = 16;

const HAS_EXIF: u8 = 0b1000;
const HAS_XMP: u8 = 0b0100;

pub(crate) fn sieved(bytes: &[u8], sieve: &mut Sieve) -> Result<Picture, Error> {
    let mut webp = WebP::from_bytes(Bytes::copy_from_slice(bytes)).map_err(Error::of_container)?;
    let size = webp.dimensions().ok_or(Error::Damaged)?;
    let has = |id| webp.has_chunk(id);
    if !(has(CHUNK_VP8) || has(CHUNK_VP8L) || has(CHUNK_ANMF)) {
        return Err(Error::Damaged);
    }
    let animated = has(CHUNK_ANIM) || has(CHUNK_ANMF);
    let mut exif = Blocks::default();
    let chunks = webp.chunks_mut();
    let mut left = Vec::with_capacity(chunks.len());
    for chunk in chunks.drain(..) {
        left.extend(what_is_left(chunk, &mut exif, sieve)?);
    }
    *chunks = left;
    set_flags(&mut webp);
    let trailing = bytes.get(8..).zip(declared_len(bytes)).and_then(|(rest, len)| rest.get(len..)).unwrap_or_default();
    let mut bytes = webp.encoder().bytes().to_vec();
    if !trailing.is_empty() && !sieve.takes(Part::Trailing) {
        bytes.extend(trailing);
    }
    Ok(Picture { bytes, size, orientation: exif.orientation(), animated })
}

fn declared_len(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?)).ok()
}

fn what_is_left(chunk: RiffChunk, blocks: &mut Blocks, sieve: &mut Sieve) -> Result<Option<RiffChunk>, Error> {
    let goes = match chunk.id() {
        CHUNK_VP8X | CHUNK_ICCP | CHUNK_ANIM | CHUNK_ALPH | CHUNK_VP8 | CHUNK_VP8L => false,
        CHUNK_ANMF => return frame(chunk, sieve).map(Some),
        CHUNK_EXIF => return Ok(exif(chunk, blocks, sieve)),
        CHUNK_XMP => sieve.takes(Part::Xmp),
        _ => sieve.takes(Part::Other),
    };
    Ok((!goes).then_some(chunk))
}

fn exif(chunk: RiffChunk, blocks: &mut Blocks, sieve: &mut Sieve) -> Option<RiffChunk> {
    let block = chunk.content().data().map(|block| without_prefix(block)).unwrap_or_default();
    match blocks.sieved(block, sieve) {
        Outcome::Stays => Some(chunk),
        Outcome::Becomes(block) => Some(RiffChunk::new(CHUNK_EXIF, RiffContent::Data(block.into()))),
        Outcome::Goes => None,
    }
}

fn without_prefix(block: &[u8]) -> &[u8] {
    block.strip_prefix(exif::PREFIX).unwrap_or(block)
}

/// Cleans an animation frame, which has chunks inside, as a file has.
fn frame(chunk: RiffChunk, sieve: &mut Sieve) -> Result<RiffChunk, Error> {
    let data = chunk.content().data().map_or(&[][..], |data| data);
    let (header, chunks) = data.split_at_checked(FRAME_HEADER_LEN).ok_or(Error::Damaged)?;
    let len = u32::try_from(chunks.len() + 4).map_err(|_| Error::TooLong)?;
    let mut file = WebP::from_bytes([b"RIFF", &len.to_le_bytes()[..], b"WEBP", chunks].concat().into())
        .map_err(Error::of_container)?;
    let pixels = |chunk: &RiffChunk| matches!(chunk.id(), CHUNK_ALPH | CHUNK_VP8 | CHUNK_VP8L);
    if file.chunks().iter().all(pixels) || !sieve.takes(Part::Other) {
        return Ok(chunk);
    }
    file.chunks_mut().retain(pixels);
    let file = file.encoder().bytes();
    let content = [header, file.get(HEADER_LEN..).unwrap_or_default()].concat();
    Ok(RiffChunk::new(CHUNK_ANMF, RiffContent::Data(content.into())))
}

/// Sets the header's flags to the chunks that remain.
fn set_flags(webp: &mut WebP) {
    let mut flags = 0;
    for (chunk, flag) in [(CHUNK_EXIF, HAS_EXIF), (CHUNK_XMP, HAS_XMP)] {
        if webp.has_chunk(chunk) {
            flags |= flag;
        }
    }
    for header in webp.chunks_mut().iter_mut().filter(|chunk| chunk.id() == CHUNK_VP8X) {
        if let RiffContent::Data(data) = header.content_mut() {
            let mut header = data.to_vec();
            if let Some(first) = header.first_mut() {
                *first = *first & !(HAS_EXIF | HAS_XMP) | flags;
            }
            *data = header.into();
        }
    }
}
