//! Whose word the content of a file is (SPEC SEG-1, SEG-4), and how its size is hidden unless a user says otherwise.

use secretchat::MediaError;
use secretchat::media::{Padding, SegmentKey, SegmentLayout, SegmentOpener, SegmentSealer};

use super::reference;
use crate::support::rng::Seeded;

fn sealed(content: &[u8], rng: &mut Seeded) -> (SegmentKey, [u8; 40], Vec<u8>) {
    let size = content.len() as u64;
    let mut sealer = SegmentSealer::new(size, Padding::default(), rng).unwrap();
    let stored_len: u64 = (0..).map_while(|index| sealer.layout().segment(index)).map(|it| it.stored_len as u64).sum();
    let mut stored = vec![0; usize::try_from(stored_len).unwrap()];
    for (index, content) in (0..).zip(content.chunks(65_536)) {
        let segment = sealer.layout().segment(index).unwrap();
        let place = usize::try_from(segment.offset).unwrap() - 40;
        stored[place..][..content.len()].copy_from_slice(content);
    }
    sealer.seal(&mut stored).unwrap();
    let (key, header) = (sealer.key().duplicate(), sealer.header());
    sealer.finish().unwrap();
    (key, header, stored)
}

fn opened(key: &SegmentKey, size: u64, header: &[u8; 40], stored: &[u8]) -> Result<Vec<u8>, MediaError> {
    let (opener, mut stored, mut content) = (SegmentOpener::new(key, size, header)?, stored.to_vec(), Vec::new());
    for segment in (0..).map_while(|index| opener.layout().segment(index)) {
        let at = usize::try_from(segment.offset).unwrap() - 40;
        content.extend_from_slice(opener.open(segment.index, &mut stored[at..][..segment.stored_len])?);
    }
    Ok(content)
}

/// A third person who was handed the fields of a message puts other content under it. So nothing is forwarded by handing on
/// the fields and the stored bytes.
#[test]
fn fa_47_whoever_holds_the_fields_can_make_another_content() {
    let file = reference::File::new(17);
    let header = file.header().try_into().unwrap();
    let first = opened(&file.key(), 17, &header, &file.seal(0, b"what was sent ...")).unwrap();
    let other = opened(&file.key(), 17, &header, &file.seal(0, b"what a third made")).unwrap();
    assert_eq!((&first[..], &other[..]), (&b"what was sent ..."[..], &b"what a third made"[..]));
}

/// What is sent on is sealed anew: nothing that the first message says opens it, nothing that the new one says opens the first.
#[test]
fn fa_47_a_file_sealed_anew_has_nothing_of_the_first() {
    let (content, rng) = (vec![7; 70_000], &mut Seeded::new(47));
    let (key, header, stored) = sealed(&content, rng);
    let again = opened(&key, 70_000, &header, &stored).unwrap();
    assert!(again == content);
    let (new_key, new_header, new_stored) = sealed(&again, rng);
    assert!(opened(&new_key, 70_000, &new_header, &new_stored).unwrap() == content);
    assert_eq!(opened(&key, 70_000, &new_header, &new_stored), Err(MediaError::NotThisFile));
    assert_eq!(opened(&new_key, 70_000, &header, &stored), Err(MediaError::NotThisFile));
    assert_eq!(opened(&key, 70_000, &header, &new_stored), Err(MediaError::NotAuthentic));
    let equal = stored.chunks(16).zip(new_stored.chunks(16)).filter(|(a, b)| a == b).count();
    assert_eq!(equal, 0, "blocks that show that the two are one");
}

/// No stored file opens under two messages: a header belongs to one secret, and its maker cannot make it belong to another.
#[test]
fn at_45_no_file_opens_under_two_secrets() {
    let file = reference::File::new(17);
    let header = file.header().try_into().unwrap();
    let mut stored = file.seal(0, b"of the first one.");
    for changed in 0..32 {
        let mut other = reference::File::new(17);
        other.secret[changed] ^= 1;
        // With the commitment of the first message, and with one that its maker computes for the second.
        let mixed = SegmentKey::from_parts(other.secret, *file.key().parts().1);
        assert_eq!(opened(&mixed, 17, &header, &stored), Err(MediaError::NotThisFile));
        assert_eq!(opened(&other.key(), 17, &header, &stored), Err(MediaError::NotAuthentic));
    }
    stored[0] ^= 1;
    assert_eq!(opened(&file.key(), 17, &header, &stored), Err(MediaError::NotAuthentic));
}

/// SPEC SEG-4: what a generator that was set back costs, and that it is no more than that.
#[test]
fn fa_52_two_files_of_one_key_can_be_spliced_and_of_two_sizes_cannot() {
    let (one, other) = (vec![1; 2 * 65_536], vec![2; 2 * 65_536]);
    let (key, header, mut stored) = sealed(&one, &mut Seeded::new(52));
    let (same_key, same_header, other_stored) = sealed(&other, &mut Seeded::new(52));
    assert!(key.parts() == same_key.parts() && header == same_header);
    let second = 65_536 + 32;
    stored[second..].copy_from_slice(&other_stored[second..]);
    assert!(opened(&key, 2 * 65_536, &header, &stored).unwrap() == [&one[..65_536], &other[65_536..]].concat());

    let (_, other_header, other_stored) = sealed(&other[1..], &mut Seeded::new(52));
    assert_eq!(opened(&key, 2 * 65_536, &other_header, &other_stored), Err(MediaError::NotAuthentic));
}

/// SPEC SEG-6: a file is padded unless its user said otherwise, as every message is.
#[test]
fn fa_52_files_are_padded_by_default() {
    assert_eq!(Padding::default(), Padding::Padme);
    // Both lie in the bucket that ends at 102,400 = 50 × 2^11.
    let len = |size, padding| SegmentLayout::new(size, padding).unwrap().encrypted_len();
    assert_eq!(len(100_400, Padding::default()), len(102_000, Padding::default()));
    assert_ne!(len(100_400, Padding::None), len(102_000, Padding::None));
}
