//! PNG: chunks, each with a checksum.

use alloc::vec::Vec;

use img_parts::Bytes;
use img_parts::png::{Png, PngChunk};

use crate::clean::{Error, Picture};
use crate::exif::{Blocks, Outcome};
use crate::part::Part;
use crate::sieve::Sieve;

const BEGIN: &[u8; 4] = b"IHDR";
const END: &[u8; 4] = b"IEND";
const PIXELS: &[u8; 4] = b"IDAT";
const ANIMATION: &[u8; 4] = b"acTL";
const EXIF: &[u8; 4] = b"eXIf";
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
/// How `ImageMagick` stores the metadata of other formats: in hex, after one of these keywords and its kind.
const RAW_PROFILE: &[u8] = b"Raw profile type ";

pub(crate) fn sieved(bytes: &[u8], sieve: &mut Sieve) -> Result<Picture, Error> {
    let mut png = Png::from_bytes(Bytes::copy_from_slice(bytes)).map_err(Error::of_container)?;
    let (width, height) = png.dimensions().ok_or(Error::Damaged)?;
    let has = |kind: &[u8; 4]| png.chunk_by_type(*kind).is_some();
    let (ends, animated) = (has(END), has(ANIMATION));
    if png.chunks().first().is_none_or(|chunk| &chunk.kind() != BEGIN) || !has(PIXELS) {
        return Err(if ends { Error::Damaged } else { Error::CutOff });
    }
    if !ends {
        return Err(Error::CutOff);
    }

    let trailing = bytes.get(png.len()..).unwrap_or_default();
    let mut exif = Blocks::default();
    let chunks = png.chunks_mut();
    *chunks = chunks.drain(..).filter_map(|chunk| left(chunk, &mut exif, sieve)).collect();
    let mut bytes = png.encoder().bytes().to_vec();
    if !trailing.is_empty() && !sieve.takes(Part::Trailing) {
        bytes.extend(trailing);
    }
    Ok(Picture { bytes, size: (width, height), orientation: exif.orientation(), animated })
}

/// Returns what remains of a chunk.
fn left(chunk: PngChunk, exif: &mut Blocks, sieve: &mut Sieve) -> Option<PngChunk> {
    let goes = match &chunk.kind() {
        // An upper-case letter marks a critical chunk: the picture cannot be shown without it.
        [first, ..] if first.is_ascii_uppercase() => false,
        // Transparency, colours, and the frames of an animation.
        b"tRNS" | b"cHRM" | b"gAMA" | b"iCCP" | b"sBIT" | b"sRGB" | b"cICP" | b"mDCV" | b"cLLI" | b"bKGD" | b"pHYs"
        | b"acTL" | b"fcTL" | b"fdAT" => false,
        EXIF => {
            return match exif.sieved(chunk.contents(), sieve) {
                Outcome::Stays => Some(chunk),
                Outcome::Becomes(tiff) => Some(PngChunk::new(*EXIF, tiff.into())),
                Outcome::Goes => None,
            };
        }
        b"tEXt" | b"zTXt" | b"iTXt" => text(chunk.contents(), sieve),
        _ => sieve.takes(Part::Other),
    };
    (!goes).then_some(chunk)
}

fn text(contents: &[u8], sieve: &mut Sieve) -> bool {
    let Some(kind) = contents.strip_prefix(RAW_PROFILE) else {
        return sieve.takes(if contents.starts_with(XMP_KEYWORD) { Part::Xmp } else { Part::Text });
    };
    let kind: Vec<u8> = kind.iter().take_while(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    match &kind[..] {
        b"xmp" => sieve.takes(Part::Xmp),
        b"iptc" | b"8bim" => sieve.takes(Part::Iptc),
        // The chunk is compressed, and is not searched.
        _ if sieve.strips(Part::Exif) => {
            sieve.removed = sieve.removed.with(Part::Exif);
            true
        }
        _ => sieve.takes(Part::Other),
    }
}
