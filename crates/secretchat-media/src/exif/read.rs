//! Reads a block from bytes.

use alloc::vec::Vec;

use super::PREFIX;
use super::block::{Block, Directory, EXIF, Entry, GPS, INTEROPERABILITY, PREVIEW, PREVIEW_LEN, Value, part};
use crate::part::{Part, Parts};

const ENTRY_LEN: usize = 12;

impl<'a> Block<'a> {
    /// Returns `None` if the bytes are not such a structure, or if it claims more than they can hold.
    pub(super) fn read(tiff: &'a [u8]) -> Option<Self> {
        let big_endian = match tiff {
            [b'M', b'M', 0, 42, ..] => true,
            [b'I', b'I', 42, 0, ..] => false,
            _ => return None,
        };
        let mut reader = Reader { tiff, big_endian, budget: tiff.len(), parts: Parts::NONE };
        let (main, next) = reader.directory(reader.u32(4)?, MAIN)?;
        let mut second = None;
        if next != 0 {
            reader.parts = reader.parts.with(Part::Preview);
            second = reader.preview(next);
        }
        // Any directory could claim too much.
        (reader.budget > 0).then_some(Self { big_endian, main, second, parts: reader.parts })
    }
}

struct Reader<'a> {
    tiff: &'a [u8],
    big_endian: bool,
    /// How many bytes of entries and values may still be read. In a sound block nothing overlaps, so together they are
    /// shorter than the block.
    budget: usize,
    parts: Parts,
}

/// The entries of a directory that point to others, and the entries that those may have in turn.
#[derive(Clone, Copy)]
struct Pointers(&'static [(u16, Pointers)]);

const NONE: Pointers = Pointers(&[]);
const MAIN: Pointers = Pointers(&[(EXIF, Pointers(&[(INTEROPERABILITY, NONE)])), (GPS, NONE)]);

impl<'a> Reader<'a> {
    /// Returns the readable entries of a directory, and where the next one is. Entries that point to nothing are left out.
    fn directory(&mut self, at: u32, pointers: Pointers) -> Option<(Directory<'a>, u32)> {
        let at = usize::try_from(at).ok()?;
        let count = usize::from(self.u16(at)?);
        let mut entries = Vec::new();
        for index in 0..count {
            let at = at.checked_add(2 + ENTRY_LEN * index)?;
            if self.tiff.get(at..).is_none_or(|rest| rest.len() < ENTRY_LEN) || !self.spend(ENTRY_LEN) {
                return Some((Directory(entries), 0));
            }
            entries.extend(self.entry(at, pointers));
        }
        let next = at.checked_add(2 + ENTRY_LEN * count).and_then(|at| self.u32(at));
        Some((Directory(entries), next.unwrap_or(0)))
    }

    fn entry(&mut self, at: usize, pointers: Pointers) -> Option<Entry<'a>> {
        let (tag, kind, count) = (self.u16(at)?, self.u16(at + 2)?, self.u32(at + 4)?);
        self.parts = self.parts.or(part(tag).into_iter().collect());
        let place = self.u32(at + 8)?;
        let value = match pointers.0.iter().find(|(pointer, _)| *pointer == tag) {
            Some((_, inner)) => Value::Directory(self.directory(place, *inner)?.0),
            None => {
                let len = unit(kind)?.checked_mul(usize::try_from(count).ok()?)?;
                let inline = len <= 4;
                Value::Bytes(if inline { self.bytes(at + 8, len)? } else { self.distant(place, len)? })
            }
        };
        Some(Entry { tag, kind, count, value })
    }

    /// Reads the second directory, one of whose entries points to the preview.
    fn preview(&mut self, at: u32) -> Option<Directory<'a>> {
        let (mut directory, _) = self.directory(at, NONE)?;
        let number = |directory: &Directory<'a>, tag| {
            let entry = directory.0.iter().find(|entry| (entry.tag, entry.kind, entry.count) == (tag, 4, 1))?;
            let Value::Bytes(bytes) = entry.value else { return None };
            Some(self.number(*bytes.first_chunk()?))
        };
        let place = number(&directory, PREVIEW)?;
        let len = usize::try_from(number(&directory, PREVIEW_LEN)?).ok()?;
        let preview = self.distant(place, len)?;
        if preview.windows(PREFIX.len()).any(|window| window == PREFIX) {
            // A block within a block could repeat what is removed from the outer one.
            self.parts = self.parts.with(Part::Other);
            return None;
        }
        for entry in directory.0.iter_mut().filter(|entry| (entry.tag, entry.kind, entry.count) == (PREVIEW, 4, 1)) {
            entry.value = Value::Place(preview);
        }
        Some(directory)
    }

    fn distant(&mut self, place: u32, len: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes(usize::try_from(place).ok()?, len)?;
        self.spend(len).then_some(bytes)
    }

    fn spend(&mut self, len: usize) -> bool {
        self.budget = self.budget.saturating_sub(len);
        self.budget > 0
    }

    fn bytes(&self, at: usize, len: usize) -> Option<&'a [u8]> {
        self.tiff.get(at..at.checked_add(len)?)
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = *self.tiff.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(self.number(*self.tiff.get(at..)?.first_chunk()?))
    }

    fn number(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// Returns the length of one value of a type, in bytes.
fn unit(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}
