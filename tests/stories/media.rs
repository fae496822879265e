//! A file in segments, and one in a chain.

use secretchat::media::{
    ChainDecryptor, ChainEncryptor, ChainKey, HEADER_LEN, Padding, SegmentLayout, SegmentOpener, SegmentSealer,
    SegmentSize,
};

use crate::support::rng::Seeded;

/// Three segments, of which the last one is short.
const SEGMENTED: usize = 2 * 4096 + 77;
/// Some blocks, and a part of one.
const CHAINED: usize = 5 * 16 + 3;

fn content(len: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(len).collect()
}

#[test]
fn a_file_in_segments() {
    let content = content(SEGMENTED);
    let layout = SegmentLayout::new(SEGMENTED as u64, Padding::None).unwrap().with_segment_size(SegmentSize::Kib4);
    let mut sealer = SegmentSealer::with_layout(layout, &mut Seeded::new(1));
    let mut sealed = sealer.header().to_vec();
    let mut contents = content.chunks(layout.segment_size().bytes());
    while let Some(segment) = sealer.next_segment() {
        let mut buffer = contents.next().unwrap().to_vec();
        buffer.resize(segment.stored_len, 0);
        sealer.seal(&mut buffer).unwrap();
        sealed.extend(buffer);
    }
    let (header, mut rest) = sealed.split_first_chunk::<HEADER_LEN>().unwrap();
    let opener = SegmentOpener::new(sealer.key(), SEGMENTED as u64, header).unwrap();
    let mut opened = Vec::new();
    for index in 0..opener.layout().count() {
        let (stored, after) = rest.split_at(opener.layout().segment(index).unwrap().stored_len);
        let mut stored = stored.to_vec();
        opened.extend_from_slice(opener.open(index, &mut stored).unwrap());
        // One changed bit, and nothing comes out.
        let mut changed = rest[..stored.len()].to_vec();
        changed[0] ^= 1;
        assert!(opener.open(index, &mut changed).is_err());
        rest = after;
    }
    assert!(opened == content && rest.is_empty());
}

#[test]
fn a_file_in_a_chain() {
    let content = content(CHAINED);
    let key = ChainKey::random(&mut Seeded::new(1));
    let mut encryptor = ChainEncryptor::new(&key, CHAINED as u64).unwrap();
    let mut encrypted = Vec::new();
    for chunk in content.chunks(7) {
        for part in encryptor.update(&mut chunk.to_vec()).unwrap().parts() {
            encrypted.extend_from_slice(part);
        }
    }
    encrypted.extend_from_slice(encryptor.finish(&mut Seeded::new(2)).unwrap().as_slice());
    let mut decryptor = ChainDecryptor::new(&key, CHAINED as u64).unwrap();
    let mut decrypted = Vec::new();
    for chunk in encrypted.chunks(11) {
        for part in decryptor.update(&mut chunk.to_vec()).unwrap().parts() {
            decrypted.extend_from_slice(part);
        }
    }
    decryptor.finish().unwrap();
    assert_eq!(decrypted, content);
}
