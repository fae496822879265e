//! Several files at once, each with its own key, on one core.

use ige_lanes::{Backend, DecryptionKey, EncryptionKey, Job, decrypt_many, encrypt_many};
use secretchat::media::{self, ChainKey, PartDecryptor, PartEncryptor, PartSize};

use super::ige::{IV, KEY};
use super::{SECRETCHAT, lanes};
use crate::measure::random::Constant;
use crate::measure::timing::BOTH_WAYS;
use crate::measure::{Case, Group, Unit, Work};

/// The files of an album, as they lie in memory.
#[derive(Debug)]
pub struct Album {
    /// The heading of the table.
    pub title: &'static str,
    /// The length of each file in bytes, the longest first.
    pub files: &'static [usize],
    /// The bytes between two files.
    pub gap: usize,
}

impl Album {
    /// Small photos.
    pub const PHOTOS: Self = Self { title: "8 files of 100 KiB", files: &[100 << 10; 8], gap: 64 };
    /// Large photos.
    pub const LARGE: Self = Self { title: "8 files of 1 MiB", files: &[1 << 20; 8], gap: 64 };
    /// All files begin in the same set of the first-level cache, which has fewer ways than an album has files.
    const ALIGNED: Self = Self { title: "8 files of 1 MiB, without a gap between them", files: &[1 << 20; 8], gap: 0 };
    /// Photos of typical lengths.
    const RAGGED: Self = Self {
        title: "10 photos of 80 KiB to 3 MiB",
        files: &[3 << 20, 2_345_680, 1_893_216, 1_402_352, 987_648, 640_016, 412_944, 256 << 10, 131_008, 80 << 10],
        gap: 64,
    };
    /// All albums.
    pub const ALL: [Self; 4] = [Self::PHOTOS, Self::LARGE, Self::ALIGNED, Self::RAGGED];

    fn bytes(&self) -> usize {
        self.files.iter().sum()
    }

    fn memory(&self) -> Vec<u8> {
        vec![0; self.bytes() + self.gap * self.files.len()]
    }

    fn split<'a>(&self, memory: &'a mut [u8]) -> impl Iterator<Item = &'a mut [u8]> {
        let mut rest = memory;
        self.files.iter().map_while(move |len| {
            let file = rest.split_off_mut(..*len)?;
            rest.split_off_mut(..self.gap)?;
            Some(file)
        })
    }
}

pub(super) fn group(album: &'static Album) -> Group {
    let ours = Backend::available().map(|backend| Case::both_ways(lanes(backend), WholeFiles::new(album, backend)));
    let parts = Case::both_ways(SECRETCHAT, Parts { album, memory: album.memory() });
    Group {
        title: album.title,
        unit: Unit::Bytes(album.bytes()),
        columns: BOTH_WAYS,
        cases: ours.chain([parts]).collect(),
    }
}

/// `ige-lanes`: every file in one piece.
struct WholeFiles {
    album: &'static Album,
    backend: Backend,
    memory: Vec<u8>,
}

impl WholeFiles {
    fn new(album: &'static Album, backend: Backend) -> Self {
        Self { album, backend, memory: album.memory() }
    }
}

impl Work for WholeFiles {
    fn encrypt(&mut self) {
        let keys: Vec<_> =
            self.album.files.iter().filter_map(|_| EncryptionKey::with_backend(&KEY, self.backend)).collect();
        let mut ivs = vec![IV; keys.len()];
        let files = self.album.split(&mut self.memory);
        encrypt_many(
            keys.iter().zip(&mut ivs).zip(files).map(|((key, iv), file)| Job::new(key, iv, file.as_chunks_mut().0)),
        );
    }

    fn decrypt(&mut self) {
        let keys: Vec<_> =
            self.album.files.iter().filter_map(|_| DecryptionKey::with_backend(&KEY, self.backend)).collect();
        let mut ivs = vec![IV; keys.len()];
        let files = self.album.split(&mut self.memory);
        decrypt_many(
            keys.iter().zip(&mut ivs).zip(files).map(|((key, iv), file)| Job::new(key, iv, file.as_chunks_mut().0)),
        );
    }
}

/// `secretchat`: parts of 512 KiB. Each call takes one part of each incomplete file.
struct Parts {
    album: &'static Album,
    memory: Vec<u8>,
}

impl Work for Parts {
    fn encrypt(&mut self) {
        let key = ChainKey::from_parts(KEY, IV);
        let mut files: Vec<_> = self
            .album
            .split(&mut self.memory)
            .map(|file| (PartEncryptor::new(&key, file.len() as u64, PartSize::MAX, &mut Constant).unwrap(), file))
            .collect();
        while !files.is_empty() {
            let mut parts: Vec<_> = files
                .iter_mut()
                .filter_map(|(encryptor, rest)| {
                    let next = encryptor.next_part()?;
                    Some((encryptor, rest.split_off_mut(..next.len)?))
                })
                .collect();
            media::encrypt_many(&mut parts).unwrap();
            files.retain(|(_, rest)| !rest.is_empty());
        }
    }

    fn decrypt(&mut self) {
        let key = ChainKey::from_parts(KEY, IV);
        let mut files: Vec<_> = self
            .album
            .split(&mut self.memory)
            .map(|file| (PartDecryptor::new(&key, file.len() as u64, PartSize::MAX).unwrap(), file))
            .collect();
        while !files.is_empty() {
            let mut parts: Vec<_> = files
                .iter_mut()
                .filter_map(|(decryptor, rest)| {
                    let next = decryptor.next_part()?;
                    Some((decryptor, rest.split_off_mut(..next.len)?))
                })
                .collect();
            media::decrypt_many(&mut parts).unwrap();
            files.retain(|(_, rest)| !rest.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_apart_by_the_gap() {
        for album in &Album::ALL {
            let mut memory = album.memory();
            let files: Vec<_> = album.split(&mut memory).map(|file| file.as_ptr_range()).collect();
            assert_eq!(files.len(), album.files.len(), "{}", album.title);
            for pair in files.windows(2) {
                assert_eq!(pair[1].start.addr() - pair[0].end.addr(), album.gap, "{}", album.title);
            }
        }
    }

    #[test]
    fn both_ways_through_an_album_give_the_same_bytes() {
        for album in &Album::ALL {
            let mut parts = Parts { album, memory: album.memory() };
            parts.encrypt();
            for backend in Backend::available() {
                let mut whole = WholeFiles::new(album, backend);
                whole.encrypt();
                assert!(whole.memory == parts.memory && whole.memory != album.memory(), "{} {backend:?}", album.title);
                whole.decrypt();
                assert!(whole.memory == album.memory(), "{} {backend:?}", album.title);
            }
            parts.decrypt();
            assert!(parts.memory == album.memory(), "{}", album.title);
        }
    }
}
