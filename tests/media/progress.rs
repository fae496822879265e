//! How far a file is, told alike by all that read and write it.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{
    ChainDecryptor, ChainEncryptor, ChainKey, DecryptReader, EncryptReader, FileForm, MediaDecryptReader,
    MediaEncryptReader, Padding, Progress, SegmentDecryptReader, SegmentEncryptReader, SegmentReader, SegmentSealer,
};

use crate::support::rng::Seeded;

const SIZE: u64 = 140_001;

fn done(done: u64) -> Progress {
    Progress { done, total: SIZE }
}

/// Reads in pieces of odd lengths and returns all; `watch` sees the reader and how many bytes it has given.
fn read_in_pieces<R: Read>(mut reader: R, watch: impl Fn(&R, u64)) -> Vec<u8> {
    let mut all = Vec::new();
    watch(&reader, 0);
    for len in [1, 15, 4099, 70_001].into_iter().cycle() {
        let before = all.len();
        reader.by_ref().take(len).read_to_end(&mut all).unwrap();
        watch(&reader, all.len() as u64);
        if all.len() == before {
            return all;
        }
    }
    unreachable!()
}

/// What decrypts has given what it says; what encrypts has taken at least what it gave, and all at its end.
#[test]
fn every_reader_tells_how_far_its_content_is() {
    let size = usize::try_from(SIZE).unwrap();
    let content: Vec<u8> = (0..size).map(|i| u8::try_from(i % 251).unwrap()).collect();
    let taken = |progress: Progress, given: u64| {
        assert_eq!(progress.total, SIZE);
        assert!((given.min(SIZE).saturating_sub(200)..=SIZE).contains(&progress.done), "{progress:?} after {given}");
    };

    let chain = ChainKey::from_parts([1; 32], [2; 32]);
    let reader = EncryptReader::new(&content[..], &chain, SIZE, Seeded::new(1)).unwrap();
    assert_eq!(reader.progress(), done(0));
    let stored = read_in_pieces(reader, |reader, given| taken(reader.progress(), given));
    let reader = DecryptReader::new(&stored[..], &chain, SIZE).unwrap();
    read_in_pieces(reader, |reader, given| assert_eq!(reader.progress(), done(given)));

    let reader = SegmentEncryptReader::new(&content[..], SIZE, Padding::Padme, &mut Seeded::new(2)).unwrap();
    assert_eq!(reader.progress(), done(0));
    let key = reader.key().duplicate();
    let stored = read_in_pieces(reader, |reader, given| taken(reader.progress(), given));
    let reader = SegmentDecryptReader::new(&stored[..], &key, SIZE).unwrap();
    read_in_pieces(reader, |reader, given| assert_eq!(reader.progress(), done(given)));
    let reader = SegmentReader::new(Cursor::new(stored), &key, SIZE).unwrap();
    read_in_pieces(reader, |reader, given| assert_eq!(reader.progress(), done(given)));

    for form in [FileForm::Chain, FileForm::Segments] {
        let reader = MediaEncryptReader::new(&content[..], form, SIZE, Seeded::new(3)).unwrap();
        assert_eq!(reader.progress(), done(0));
        let key = reader.key().duplicate();
        let stored = read_in_pieces(reader, |reader, given| taken(reader.progress(), given));
        let reader = MediaDecryptReader::new(&stored[..], &key, SIZE).unwrap();
        assert!(read_in_pieces(reader, |reader, given| assert_eq!(reader.progress(), done(given))) == content);
    }
}

/// A decryptor counts content as an encryptor does, though more goes into it.
#[test]
fn both_ends_of_a_chain_count_content() {
    let key = ChainKey::from_parts([1; 32], [2; 32]);
    let (mut up, mut down) = (ChainEncryptor::new(&key, 20).unwrap(), ChainDecryptor::new(&key, 20).unwrap());
    let mut stored = up.update(&mut [7; 20]).unwrap().body.to_vec();
    assert_eq!(up.progress(), Progress { done: 20, total: 20 });
    stored.extend_from_slice(up.finish(&mut Seeded::new(1)).unwrap().as_slice());
    down.update(&mut stored[..31].to_vec()).unwrap();
    assert_eq!(down.progress(), Progress { done: 16, total: 20 });
    down.update(&mut stored[31..].to_vec()).unwrap();
    assert_eq!(down.progress(), Progress { done: 20, total: 20 });
    assert_eq!(down.update(&mut [0]).unwrap_err(), MediaError::TooLong);
}

#[test]
fn a_sealer_counts_content() {
    let mut sealer = SegmentSealer::new(SIZE, Padding::None, &mut Seeded::new(1)).unwrap();
    let mut told = vec![sealer.progress()];
    while let Some(next) = sealer.next_segment() {
        sealer.seal(&mut vec![0; next.stored_len]).unwrap();
        told.push(sealer.progress());
    }
    assert_eq!(told, [0, 65_536, 131_072, SIZE].map(done));
}

proptest! {
    #[test]
    fn an_album_is_the_sum_of_its_files(files in prop::collection::vec((0..1_u64 << 41, 0..1_u64 << 41), 0..11)) {
        let files = files.into_iter().map(|(done, left)| Progress { done, total: done + left });
        let album: Progress = files.clone().sum();
        prop_assert_eq!(album.done, files.clone().map(|file| file.done).sum::<u64>());
        prop_assert_eq!(album.left(), files.map(Progress::left).sum::<u64>());
    }
}

#[test]
fn sums_stay_within_their_numbers() {
    let file = Progress { done: 1, total: u64::MAX };
    assert_eq!([file, file].into_iter().sum::<Progress>(), Progress { done: 2, total: u64::MAX });
}
