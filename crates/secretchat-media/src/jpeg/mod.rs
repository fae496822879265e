//! JPEG: segments, and the coded pixels between them.

mod piece;

use alloc::vec::Vec;
use core::ops::Range;

use crate::clean::{Error, Picture};
use crate::exif::{self, Blocks, Outcome};
use crate::part::Part;
use crate::sieve::Sieve;
use piece::{Piece, Pieces};

const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP13: u8 = 0xed;
const APP14: u8 = 0xee;
const COMMENT: u8 = 0xfe;

const JFIF: &[u8] = b"JFIF\0";
/// The length of JFIF without a preview.
const JFIF_LEN: usize = 14;
const JFIF_PREVIEW: &[u8] = b"JFXX\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const MORE_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const COLOUR_PROFILE: &[u8] = b"ICC_PROFILE\0";
/// Multi-Picture Format.
const FURTHER_PICTURES: &[u8] = b"MPF\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// Tells how colours are stored.
const ADOBE: &[u8] = b"Adobe";
const ADOBE_LEN: usize = 12;

pub(crate) fn sieved(bytes: &[u8], sieve: &mut Sieve) -> Result<Picture, Error> {
    let mut cleaner = Cleaner {
        sieve,
        bytes: Vec::with_capacity(bytes.len()),
        size: None,
        exif: Blocks::default(),
        indexes: Vec::new(),
    };
    let mut scanned = false;
    let mut pieces = Pieces::new(bytes);
    while let Some(piece) = pieces.next()? {
        scanned |= matches!(piece, Piece::Pixels(_));
        cleaner.piece(&piece, bytes.len() - pieces.rest().len());
    }
    let rest = pieces.rest();
    if !rest.is_empty() && !cleaner.sieve.takes(Part::Trailing) {
        cleaner.bytes.extend(rest);
    }
    match cleaner.size {
        Some(size) if scanned => {
            let orientation = cleaner.exif.orientation();
            Ok(Picture { bytes: cleaner.bytes, size, orientation, animated: false })
        }
        _ => Err(Error::Damaged),
    }
}

struct Cleaner<'a> {
    sieve: &'a mut Sieve,
    bytes: Vec<u8>,
    size: Option<(u32, u32)>,
    exif: Blocks,
    indexes: Vec<Index>,
}

/// The index of further pictures after the end. It stores their offsets relative to its own place.
struct Index {
    /// Its place in the output.
    written: Range<usize>,
    /// Where it ended in the input.
    read: usize,
}

impl Cleaner<'_> {
    /// Writes what remains of a piece. `end` is where the piece ends in the input.
    fn piece(&mut self, piece: &Piece<'_>, end: usize) {
        match *piece {
            Piece::Begin(raw) | Piece::Pixels(raw) => self.bytes.extend(raw),
            Piece::Stray(raw) => {
                if !self.sieve.takes(Part::Other) {
                    self.bytes.extend(raw);
                }
            }
            Piece::End(raw) => {
                self.indexes_of_further_pictures(end - raw.len());
                self.bytes.extend(raw);
            }
            Piece::Segment { marker, raw, body } => self.segment(marker, raw, body, end),
        }
    }

    fn segment(&mut self, marker: u8, raw: &[u8], body: &[u8], end: usize) {
        let part = match marker {
            APP0 if body.starts_with(JFIF) => return self.jfif(raw, body),
            APP0 if body.starts_with(JFIF_PREVIEW) => Part::Preview,
            APP1 if body.starts_with(exif::PREFIX) => return self.exif(raw, body),
            APP1 if body.starts_with(XMP) || body.starts_with(MORE_XMP) => Part::Xmp,
            APP2 if body.starts_with(COLOUR_PROFILE) => return self.bytes.extend(raw),
            APP2 if body.starts_with(FURTHER_PICTURES) => return self.further_pictures(raw, end),
            APP13 if body.starts_with(PHOTOSHOP) => Part::Iptc,
            APP14 if body.starts_with(ADOBE) && body.len() >= ADOBE_LEN => {
                self.shortened(Part::Other, marker, raw, body, ADOBE_LEN);
                return;
            }
            APP0..=0xef | 0xf0..=0xfd => Part::Other,
            COMMENT => Part::Text,
            _ => {
                if is_frame(marker) && self.size.is_none() {
                    self.size = size(body);
                }
                return self.bytes.extend(raw);
            }
        };
        if !self.sieve.takes(part) {
            self.bytes.extend(raw);
        }
    }

    fn jfif(&mut self, raw: &[u8], body: &[u8]) {
        if self.shortened(Part::Preview, APP0, raw, body, JFIF_LEN)
            && let Some(sides) = self.bytes.last_chunk_mut()
        {
            // This belongs to the preview, which is removed.
            *sides = [0, 0];
        }
    }

    /// Writes a segment whose bytes after the first few are a part of the file. Returns whether that part was removed.
    fn shortened(&mut self, part: Part, marker: u8, raw: &[u8], body: &[u8], len: usize) -> bool {
        match body.get(..len) {
            Some(short) if body.len() > len && self.sieve.takes(part) => {
                self.write(marker, short);
                true
            }
            _ => {
                self.bytes.extend(raw);
                false
            }
        }
    }

    fn exif(&mut self, raw: &[u8], body: &[u8]) {
        let tiff = body.get(exif::PREFIX.len()..).unwrap_or_default();
        match self.exif.sieved(tiff, self.sieve) {
            Outcome::Stays => self.bytes.extend(raw),
            Outcome::Becomes(tiff) => self.write(APP1, &[exif::PREFIX, &tiff].concat()),
            Outcome::Goes => {}
        }
    }

    fn further_pictures(&mut self, raw: &[u8], end: usize) {
        if self.sieve.strips(Part::Trailing) || self.sieve.strips(Part::Preview) {
            self.sieve.removed = self.sieve.removed.with(Part::Preview);
        } else {
            let begin = self.bytes.len();
            self.bytes.extend(raw);
            self.indexes.push(Index { written: begin..self.bytes.len(), read: end });
        }
    }

    /// Removes each index whose offsets are no longer right. Everything before the end has been written by now. The last one
    /// goes first, because the offsets of those before it lead over it.
    fn indexes_of_further_pictures(&mut self, end: usize) {
        while let Some(Index { written, read }) = self.indexes.pop() {
            let part = Part::Preview;
            if self.bytes.len() - written.end == end - read {
                self.sieve.left = self.sieve.left.with(part);
            } else {
                self.bytes.drain(written);
                self.sieve.removed = self.sieve.removed.with(part);
            }
        }
    }

    fn write(&mut self, marker: u8, body: &[u8]) {
        // No segment is longer than the one that it replaces, or than `exif` allows.
        let len = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
        self.bytes.extend([0xff, marker]);
        self.bytes.extend(len.to_be_bytes());
        self.bytes.extend(body);
    }
}

/// Returns whether a marker begins a frame. The same range has the markers of some tables.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

fn size(frame: &[u8]) -> Option<(u32, u32)> {
    let &[_, h1, h0, w1, w0, ..] = frame else { return None };
    let (width, height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
    (width > 0 && height > 0).then_some((width.into(), height.into()))
}
