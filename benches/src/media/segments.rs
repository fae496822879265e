//! A file in segments, encrypted and authenticated.

use std::hint::black_box;

use secretchat::media::{
    HEADER_LEN, Padding, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentOpener, SegmentSealer,
};

use super::{IN_PLACE, SEGMENTS};
use crate::measure::random::Constant;
use crate::measure::{Case, Work};

pub(super) fn cases(len: usize) -> [Case; 2] {
    [Case::both_ways(SEGMENTS, Chunks::new(len)), Case::both_ways(IN_PLACE, InPlace::new(len))]
}

/// Fed with the whole file. This also measures the copies into and out of the window.
struct Chunks {
    content: Vec<u8>,
    stored: Vec<u8>,
    key: SegmentKey,
}

impl Chunks {
    fn new(len: usize) -> Self {
        let mut chunks =
            Self { content: vec![0; len], stored: Vec::new(), key: SegmentKey::from_parts([0; 32], [0; 32]) };
        chunks.encrypt();
        chunks
    }
}

impl Work for Chunks {
    fn encrypt(&mut self) {
        self.stored.clear();
        let mut encryptor = SegmentEncryptor::new(self.content.len() as u64, Padding::None, &mut Constant).unwrap();
        self.key = encryptor.key().duplicate();
        let mut rest = &self.content[..];
        while let part @ [_, ..] = encryptor.update(&mut rest).unwrap() {
            self.stored.extend_from_slice(part);
        }
        encryptor.finish().unwrap();
    }

    fn decrypt(&mut self) {
        let mut decryptor = SegmentDecryptor::new(&self.key, self.content.len() as u64).unwrap();
        let mut rest = &self.stored[..];
        while let part @ [_, ..] = decryptor.update(&mut rest).unwrap() {
            black_box(part);
        }
        decryptor.finish().unwrap();
    }
}

/// Works in the caller's memory.
pub(super) struct InPlace {
    len: usize,
    header: [u8; HEADER_LEN],
    key: SegmentKey,
    stored: Vec<u8>,
    copy: Vec<u8>,
}

impl InPlace {
    pub(super) fn new(len: usize) -> Self {
        let sealer = SegmentSealer::new(len as u64, Padding::None, &mut Constant).unwrap();
        let stored = sealer.layout().encrypted_len() - HEADER_LEN as u64;
        let mut in_place = Self {
            len,
            header: sealer.header(),
            key: sealer.key().duplicate(),
            stored: vec![0; usize::try_from(stored).unwrap()],
            copy: Vec::new(),
        };
        in_place.encrypt();
        in_place
    }

    pub(super) fn stored(&self) -> &Vec<u8> {
        &self.stored
    }

    pub(super) fn opener(&self) -> SegmentOpener {
        SegmentOpener::new(&self.key, self.len as u64, &self.header).unwrap()
    }
}

impl Work for InPlace {
    fn encrypt(&mut self) {
        let mut sealer = SegmentSealer::new(self.len as u64, Padding::None, &mut Constant).unwrap();
        sealer.seal(&mut self.stored).unwrap();
        sealer.finish().unwrap();
    }

    fn decrypt(&mut self) {
        let opener = self.opener();
        let (opened, result) = opener.open_all(0, &mut self.copy);
        assert_eq!((opened, result), (opener.layout().count(), Ok(())));
        black_box(&self.copy);
    }

    fn prepare(&mut self) {
        self.copy.clone_from(&self.stored);
    }
}
