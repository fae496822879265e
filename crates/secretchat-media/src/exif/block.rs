//! An EXIF block: a TIFF structure of directories. Each entry holds its value, or points to it.

use alloc::vec;
use alloc::vec::Vec;

use crate::part::{Part, Parts};

pub(super) const ORIENTATION: u16 = 0x0112;
pub(super) const SHORT: u16 = 3;
pub(super) const EXIF: u16 = 0x8769;
pub(super) const GPS: u16 = 0x8825;
pub(super) const INTEROPERABILITY: u16 = 0xa005;
pub(super) const PREVIEW: u16 = 0x0201;
pub(super) const PREVIEW_LEN: u16 = 0x0202;

/// Entries that point to pixels in strips or tiles. TIFF files have them; EXIF in other files hardly ever does.
const PIXELS: [u16; 4] = [0x0111, 0x0117, 0x0144, 0x0145];
const XMP: u16 = 0x02bc;
const IPTC: u16 = 0x83bb;
const PHOTOSHOP: u16 = 0x8649;
const MAKER_NOTE: u16 = 0x927c;
/// The same in DNG.
const PRIVATE: u16 = 0xc634;
const SUB_DIRECTORIES: u16 = 0x014a;

pub(super) struct Block<'a> {
    pub(super) big_endian: bool,
    pub(super) main: Directory<'a>,
    /// The directory of the preview.
    pub(super) second: Option<Directory<'a>>,
    /// The parts that the block has besides entries about the picture and the camera.
    pub(super) parts: Parts,
}

pub(super) struct Directory<'a>(pub(super) Vec<Entry<'a>>);

pub(super) struct Entry<'a> {
    pub(super) tag: u16,
    /// The type of its values.
    pub(super) kind: u16,
    pub(super) count: u32,
    pub(super) value: Value<'a>,
}

pub(super) enum Value<'a> {
    /// The bytes of the value, as many as kind and count say, in the byte order of the block.
    Bytes(&'a [u8]),
    /// The place of bytes whose length is in another entry.
    Place(&'a [u8]),
    Directory(Directory<'a>),
}

impl Block<'_> {
    pub(super) fn of_orientation(orientation: u8) -> Self {
        const VALUES: [u8; 18] = [0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8];
        let at = 2 * usize::from(orientation);
        let value = Value::Bytes(VALUES.get(at..at + 2).unwrap_or(&[0, 1]));
        let main = Directory(vec![Entry { tag: ORIENTATION, kind: SHORT, count: 1, value }]);
        Self { big_endian: true, main, second: None, parts: Parts::NONE }
    }

    pub(super) fn orientation(&self) -> Option<u8> {
        let entry = self.main.0.iter().find(|entry| (entry.tag, entry.kind, entry.count) == (ORIENTATION, SHORT, 1))?;
        match (&entry.value, self.big_endian) {
            (&Value::Bytes(&[0, value]), true) | (&Value::Bytes(&[value, 0]), false) => {
                Some(value).filter(|value| (1..=8).contains(value))
            }
            _ => None,
        }
    }

    /// Removes the entries of these parts, and the entries that would then point to nothing.
    pub(super) fn remove(&mut self, parts: Parts) {
        if parts.contains(Part::Preview) {
            self.second = None;
        }
        for directory in [Some(&mut self.main), self.second.as_mut()].into_iter().flatten() {
            directory.remove(parts);
        }
    }
}

impl Directory<'_> {
    fn remove(&mut self, parts: Parts) {
        self.0.retain_mut(|entry| {
            if let Value::Directory(directory) = &mut entry.value {
                directory.remove(parts);
            }
            let dangling = entry.tag == PREVIEW && !matches!(entry.value, Value::Place(_));
            !dangling && !PIXELS.contains(&entry.tag) && part(entry.tag).is_none_or(|part| !parts.contains(part))
        });
    }
}

/// Returns the part that an entry belongs to.
pub(super) fn part(tag: u16) -> Option<Part> {
    match tag {
        GPS => Some(Part::Location),
        XMP => Some(Part::Xmp),
        IPTC | PHOTOSHOP => Some(Part::Iptc),
        MAKER_NOTE | PRIVATE | SUB_DIRECTORIES => Some(Part::Other),
        _ => None,
    }
}
