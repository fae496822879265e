//! The bytes of a run, as arguments.

use secretchat_ffi::*;

use super::World;
use crate::lend::{lent, many, pointed, read};

/// The bytes that say what happens. Behind their end everything is 0.
pub(super) struct Input<'a>(&'a [u8]);

/// Bytes to pass, with a pointer and a length that may be wrong.
pub(super) struct Given {
    bytes: Vec<u8>,
    how: u8,
}

impl<'a> Input<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(super) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or_default()
    }

    pub(super) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(super) fn number(&mut self) -> u64 {
        match self.byte() {
            255 => u64::MAX,
            254 => u64::from_le_bytes(self.array()),
            253 => 0x7fff_ffff,
            252 => 65_537,
            small => small.into(),
        }
    }

    pub(super) fn small(&mut self) -> u16 {
        let number = self.byte();
        if number == 255 { u16::MAX } else { number.into() }
    }

    pub(super) fn long(&mut self) -> u32 {
        u32::try_from(self.number()).unwrap_or(u32::MAX)
    }

    pub(super) fn len(&mut self) -> usize {
        usize::try_from(self.number()).unwrap_or(usize::MAX)
    }

    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// Takes bytes from here: a few of the run, or many that are alike.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        match self.byte() {
            255 => vec![self.byte(); 70_000],
            254 => vec![self.byte(); 255],
            len => {
                let taken = usize::from(len % 64).min(self.0.len());
                self.0.split_off(..taken).unwrap_or_default().to_vec()
            }
        }
    }

    pub(super) fn text(&mut self) -> Vec<u8> {
        let mut text = self.bytes();
        if !self.flag() {
            text.retain(u8::is_ascii);
        }
        text
    }

    /// Takes bytes that an earlier call gave, perhaps damaged, or any others.
    pub(super) fn given(&mut self, world: &World) -> Given {
        let (choice, how) = (self.byte(), self.byte());
        let mut bytes = match world.kept.len().checked_sub(1 + usize::from(choice)) {
            Some(from_the_end) => world.kept[from_the_end].clone(),
            None => self.bytes(),
        };
        if how & 0x10 != 0 && !bytes.is_empty() {
            let place = usize::from(self.byte()) % bytes.len();
            bytes[place] ^= self.byte();
        }
        if how & 0x20 != 0 {
            bytes.truncate(self.byte().into());
        }
        Given { bytes, how: how % 16 }
    }

    /// Takes so many bytes, or null.
    pub(super) fn exactly<const N: usize>(&mut self) -> Option<[u8; N]> {
        let first = self.byte();
        (first != 255).then(|| {
            let mut bytes = [first; N];
            bytes[N - 1] = 3;
            bytes
        })
    }

    pub(super) fn id(&mut self, world: &World) -> i64 {
        let choice = usize::from(self.byte());
        world.ids.iter().rev().nth(choice).copied().unwrap_or(i64::from(self.byte()) - 1)
    }

    pub(super) fn ids(&mut self, world: &World) -> Vec<i64> {
        (0..self.byte() % 5).map(|_| self.id(world)).collect()
    }
}

impl Given {
    pub(super) fn pointer(&self) -> In<u8> {
        if self.how == 1 { In::NULL } else { many(&self.bytes) }
    }

    pub(super) fn len(&self) -> usize {
        // One that no memory has is refused before anything is read.
        if self.how == 2 { usize::MAX } else { self.bytes.len() }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the pointer to a value of a length that the header names, if there are so many bytes.
    pub(super) fn fixed(&self, len: usize) -> In<u8> {
        if self.bytes.len() < len { In::NULL } else { self.pointer() }
    }
}

pub(super) fn fixed<const N: usize>(bytes: &Option<[u8; N]>) -> In<u8> {
    bytes.as_ref().map_or(In::NULL, |bytes| many(bytes))
}

/// Returns a generator: not a good one, but always the same.
pub(super) fn generator(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut state = u64::from(seed) + 1;
    move |buffer| {
        for byte in buffer {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = state.to_be_bytes()[0];
        }
    }
}

/// Reads everything that a message lends.
pub(super) fn read_content(content: &ScContent) {
    _ = read(content.text);
    for entity in all(content.entities, content.entity_count) {
        _ = read(entity.text);
    }
    if let Some(medium) = pointed(content.media) {
        for bytes in [medium.key, medium.iv, medium.thumbnail, medium.mime_type, medium.file_name, medium.title] {
            _ = read(bytes);
        }
    }
}

pub(super) fn read_files(files: In<ScFileOf>, count: usize) {
    for file in all(files, count) {
        _ = read(file.file);
    }
}

/// Writes a batch to the records of a chat.
pub(super) fn apply(batch: &ScBatch, rows: &mut Vec<([u8; SC_RECORD_NAME_LEN], Vec<u8>)>) {
    for gone in all(batch.remove, batch.remove_count) {
        rows.retain(|(name, _)| *name != gone.name);
    }
    for row in all(batch.put, batch.put_count) {
        rows.retain(|(name, _)| *name != row.name);
        rows.push((row.name, read(row.value)));
    }
    rows.sort();
}

/// Reads structs that the library lends.
fn all<T: Copy>(address: In<T>, count: usize) -> Vec<T> {
    // SAFETY: `In` is a pointer in C.
    lent(unsafe { std::mem::transmute_copy::<In<T>, *const T>(&address) }, count)
}
