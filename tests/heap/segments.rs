//! Files of any size pass through the memory of eight segments, and a claimed size alone takes none (SPEC SEG-9).

use std::io::{self, Read};

use secretchat::media::{
    self, FileForm, HEADER_LEN, Padding, SEGMENT_LEN, SegmentDecryptReader, SegmentDecryptor, SegmentEncryptReader,
    SegmentEncryptor, SegmentLayout, SegmentOpener, SegmentSealer, SegmentSize, TAG_LEN,
};

use crate::allocator::most;
use crate::support::rng::Seeded;

const WINDOW: usize = 8 * (SEGMENT_LEN + TAG_LEN);
/// For keys and the test itself.
const SMALL: usize = 2000;

#[test]
fn memory_has_a_bound() {
    for size in [1 << 20, 10 << 20, 40 << 20] {
        let used = most(|| {
            let source = io::repeat(7).take(size);
            let sealing = SegmentEncryptReader::new(source, size, Padding::Padme, &mut Seeded::new(1)).unwrap();
            let key = sealing.key().duplicate();
            let mut opening = SegmentDecryptReader::new(sealing, &key, size).unwrap();
            let (mut chunk, mut total) = ([0; 4096], 0);
            while let len @ 1.. = opening.read(&mut chunk).unwrap() {
                total += len as u64;
            }
            assert_eq!(total, size);
        });
        assert!((2 * WINDOW..2 * WINDOW + SMALL).contains(&used), "{size}: {used}");
    }

    // A small file has small windows.
    let small = most(|| drop(SegmentEncryptor::new(100, Padding::None, &mut Seeded::new(1)).unwrap()));
    assert!(small < SMALL, "{small}");

    // What the peer claims takes nothing before the file shows that it is of this message, and then no more than a window.
    let largest = 1 << 40;
    let mut sealing = SegmentEncryptor::new(largest, Padding::None, &mut Seeded::new(1)).unwrap();
    let (key, header) = (sealing.key().duplicate(), sealing.update(&mut &[][..]).unwrap().to_vec());
    assert_eq!(header.len(), HEADER_LEN);
    let mut opening = SegmentDecryptor::new(&key, largest).unwrap();
    let before = most(|| assert_eq!(opening.update(&mut &header[..39]), Ok(&[][..])));
    let after = most(|| assert_eq!(opening.update(&mut &header[39..]), Ok(&[][..])));
    assert_eq!(before, 0);
    assert!((WINDOW..WINDOW + SMALL).contains(&after), "{after}");

    // A whole file takes itself and one window, and a file that is not there takes one window whatever its message claims.
    let content = vec![7; 10 << 20];
    for form in [FileForm::Chain, FileForm::Segments] {
        let (key, stored) = media::seal(form, &content, &mut Seeded::new(1)).unwrap();
        let used = most(|| drop(media::seal(form, &content, &mut Seeded::new(1)).unwrap()));
        assert!(used <= stored.len() + WINDOW + SMALL, "{form:?}: {used}");
        let used = most(|| drop(media::open(&key, 10 << 20, &stored).unwrap()));
        assert!(used <= content.len() + WINDOW + SMALL, "{form:?}: {used}");
        let used = most(|| assert!(media::open(&key, largest, &stored[..1000]).is_err()));
        assert!(used <= WINDOW + SMALL, "{form:?}: {used}");
    }
}

/// A device with 64 KB of memory seals and opens a file that is larger than that (SPEC SEG-12).
#[test]
fn small_segments_fit_into_little_memory() {
    const SIZE: usize = 1_000_000;
    let layout = SegmentLayout::new(SIZE as u64, Padding::None).unwrap().with_segment_size(SegmentSize::Kib4);
    assert!(size_of::<SegmentSealer>() + size_of::<SegmentOpener>() <= 1024);

    // In place: one segment of memory, and the heap only for keys.
    let used = most(|| {
        let mut buffer = [0; 4096 + TAG_LEN];
        let mut sealer = SegmentSealer::with_layout(layout, &mut Seeded::new(1));
        let opener = SegmentOpener::new(sealer.key(), SIZE as u64, &sealer.header()).unwrap();
        let mut opened = 0;
        while let Some(segment) = sealer.next_segment() {
            let stored = &mut buffer[..segment.stored_len];
            stored.fill(segment.index.to_le_bytes()[0]);
            sealer.seal(stored).unwrap();
            let content = opener.open(segment.index, stored).unwrap();
            assert!(content.iter().all(|byte| *byte == segment.index.to_le_bytes()[0]));
            opened += content.len();
        }
        assert_eq!(opened, SIZE);
        sealer.finish().unwrap();
    });
    assert!(used <= 512, "{used}");

    // In chunks of any length: eight segments at each end.
    let window = 8 * (4096 + TAG_LEN);
    let used = most(|| {
        let mut encryptor = SegmentEncryptor::with_layout(layout, &mut Seeded::new(1));
        let mut decryptor = SegmentDecryptor::new(encryptor.key(), SIZE as u64).unwrap();
        let mut opened = 0;
        for chunk in [[7; 1000]; SIZE / 1000] {
            let mut content = &chunk[..];
            while let mut stored @ [_, ..] = encryptor.update(&mut content).unwrap() {
                while let part @ [_, ..] = decryptor.update(&mut stored).unwrap() {
                    opened += part.len();
                }
            }
        }
        encryptor.finish().unwrap();
        decryptor.finish().unwrap();
        assert_eq!(opened, SIZE);
    });
    assert!((2 * window..2 * window + SMALL).contains(&used), "{used}");
}
