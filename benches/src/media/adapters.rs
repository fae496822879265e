//! Whole files through the adapters of `std::io`, and by parts that can be resumed.

use std::hint::black_box;
use std::io::{self, Read};

use secretchat::media::{
    ChainKey, DecryptReader, EncryptReader, Padding, PartSize, ResumableDecryptor, ResumableEncryptor, ResumeKey,
    SegmentDecryptReader, SegmentEncryptReader, SegmentKey,
};

use super::ige::{IV, KEY};
use super::{CHAIN, RESUMABLE, SEGMENT_READERS};
use crate::measure::random::Constant;
use crate::measure::{Case, Work};

pub(super) fn cases(len: usize) -> [Case; 3] {
    [
        Case::both_ways(CHAIN, Chain(Buffers::new(len))),
        Case::both_ways(SEGMENT_READERS, Segments::new(len)),
        Case::both_ways(RESUMABLE, Resumable::new(len)),
    ]
}

/// A file, its encrypted form, and a caller's buffer.
struct Buffers {
    content: Vec<u8>,
    stored: Vec<u8>,
    buffer: Vec<u8>,
}

impl Buffers {
    fn new(len: usize) -> Self {
        let mut buffers = Self { content: vec![0; len], stored: Vec::new(), buffer: vec![0; 1 << 16] };
        let key = ChainKey::from_parts(KEY, IV);
        let mut reader = EncryptReader::new(&buffers.content[..], &key, len as u64, Constant).unwrap();
        reader.read_to_end(&mut buffers.stored).unwrap();
        buffers
    }
}

fn read_all(mut reader: impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut sum = 0;
    while let len @ 1.. = reader.read(buffer)? {
        black_box(&buffer);
        sum += len;
    }
    Ok(sum)
}

struct Chain(Buffers);

impl Work for Chain {
    fn encrypt(&mut self) {
        let Buffers { content, stored, buffer } = &mut self.0;
        let key = ChainKey::from_parts(KEY, IV);
        let reader = EncryptReader::new(&content[..], &key, content.len() as u64, Constant).unwrap();
        assert_eq!(read_all(reader, buffer).unwrap(), stored.len());
    }

    fn decrypt(&mut self) {
        let Buffers { content, stored, buffer } = &mut self.0;
        let key = ChainKey::from_parts(KEY, IV);
        let reader = DecryptReader::new(&stored[..], &key, content.len() as u64).unwrap();
        assert_eq!(read_all(reader, buffer).unwrap(), content.len());
    }
}

struct Segments {
    content: Vec<u8>,
    stored: Vec<u8>,
    key: SegmentKey,
    buffer: Vec<u8>,
}

impl Segments {
    fn new(len: usize) -> Self {
        let content = vec![0; len];
        let mut reader = SegmentEncryptReader::new(&content[..], len as u64, Padding::None, &mut Constant).unwrap();
        let mut stored = Vec::new();
        reader.read_to_end(&mut stored).unwrap();
        let key = reader.key().duplicate();
        Self { content, stored, key, buffer: vec![0; 1 << 16] }
    }
}

impl Work for Segments {
    fn encrypt(&mut self) {
        let size = self.content.len() as u64;
        let reader = SegmentEncryptReader::new(&self.content[..], size, Padding::None, &mut Constant).unwrap();
        assert_eq!(read_all(reader, &mut self.buffer).unwrap(), self.stored.len());
    }

    fn decrypt(&mut self) {
        let reader = SegmentDecryptReader::new(&self.stored[..], &self.key, self.content.len() as u64).unwrap();
        assert_eq!(read_all(reader, &mut self.buffer).unwrap(), self.content.len());
    }
}

/// Parts of the greatest size, in place. The content was hashed before, and is compared with that as it is encrypted.
struct Resumable {
    content: Vec<u8>,
    encryptor: Option<ResumableEncryptor>,
    key: ChainKey,
    stored: Vec<u8>,
    /// The two that a run destroys.
    copies: [Vec<u8>; 2],
}

impl Resumable {
    fn new(len: usize) -> Self {
        let key = ChainKey::from_parts(KEY, IV);
        let mut resumable =
            Self { content: vec![0; len], encryptor: None, key, stored: Vec::new(), copies: Default::default() };
        resumable.prepare();
        resumable.encrypt();
        resumable.stored.clone_from(&resumable.copies[0]);
        resumable
    }
}

impl Work for Resumable {
    fn encrypt(&mut self) {
        let mut encryptor = self.encryptor.take().unwrap();
        let mut rest = &mut self.copies[0][..];
        while let Some(part) = encryptor.next_part() {
            encryptor.encrypt(rest.split_off_mut(..part.len).unwrap()).unwrap();
        }
        encryptor.finish().unwrap();
    }

    fn decrypt(&mut self) {
        let mut decryptor = ResumableDecryptor::new(&self.key, self.content.len() as u64, PartSize::MAX).unwrap();
        let mut rest = &mut self.copies[1][..];
        while let Some(part) = decryptor.next_part() {
            black_box(decryptor.decrypt(rest.split_off_mut(..part.len).unwrap()).unwrap());
        }
        decryptor.finish().unwrap();
    }

    fn prepare(&mut self) {
        let size = self.content.len() as u64;
        let mut plan = ResumableEncryptor::plan(size, PartSize::MAX, &mut Constant).unwrap();
        plan.take(&self.content).unwrap();
        let (encryptor, _) = plan.finish(&ResumeKey::new([8; 32]), &mut Constant).unwrap();
        self.key = encryptor.key().duplicate();
        self.encryptor = Some(encryptor);
        let [content, stored] = &mut self.copies;
        content.clone_from(&self.content);
        stored.clone_from(&self.stored);
    }
}
