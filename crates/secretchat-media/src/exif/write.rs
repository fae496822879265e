//! Writes a block as bytes.

use alloc::vec::Vec;

use super::block::{Block, Directory, Entry, Value};

impl Block<'_> {
    /// Writes each directory, followed by the values that its entries point to.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut writer = Writer { bytes: Vec::new(), big_endian: self.big_endian };
        writer.bytes.extend(if self.big_endian { b"MM\0\x2a" } else { b"II\x2a\0" });
        writer.u32(8);
        let next = writer.directory(&self.main);
        if let Some(second) = &self.second {
            writer.point(next);
            writer.directory(second);
        }
        writer.bytes
    }
}

struct Writer {
    bytes: Vec<u8>,
    big_endian: bool,
}

impl Writer {
    /// Returns the place of the pointer to the next directory. It points to none yet.
    fn directory(&mut self, Directory(entries): &Directory<'_>) -> usize {
        // The count was read from two bytes, so it fits.
        self.u16(u16::try_from(entries.len()).unwrap_or(u16::MAX));
        let mut distant = Vec::new();
        for Entry { tag, kind, count, value } in entries {
            self.u16(*tag);
            self.u16(*kind);
            self.u32(*count);
            let at = self.bytes.len();
            self.u32(0);
            match value {
                Value::Bytes(bytes) if bytes.len() <= 4 => self.overwrite(at, bytes),
                value => distant.push((at, value)),
            }
        }
        let next = self.bytes.len();
        self.u32(0);
        for (at, value) in distant {
            self.point(at);
            match value {
                Value::Bytes(bytes) | Value::Place(bytes) => self.bytes.extend(*bytes),
                Value::Directory(directory) => {
                    self.directory(directory);
                }
            }
            // A value that an entry points to begins at an even offset.
            if !self.bytes.len().is_multiple_of(2) {
                self.bytes.push(0);
            }
        }
        next
    }

    /// Sets the pointer at a place to the bytes that are written next.
    fn point(&mut self, at: usize) {
        let here = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.overwrite(at, &if self.big_endian { here.to_be_bytes() } else { here.to_le_bytes() });
    }

    fn overwrite(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.bytes.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }
}
