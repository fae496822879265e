//! Files in segments.

use recordings::Seeded;
use secretchat::media::{Padding, SegmentDecryptor, SegmentEncryptor, SegmentKey};

/// Checks that only content of the original file comes out of a file in segments that was made up or changed in transit (SPEC
/// SEG-1).
///
/// The input: the size, where and what to change, and the length of the pieces; then a made-up file, if there is one.
pub fn segments(data: &[u8]) {
    check(data, |released| released);
}

/// With what becomes of the content that comes out.
fn check(data: &[u8], came_out: fn(Vec<u8>) -> Vec<u8>) {
    let Some((&[a, b, c, place, place_high, flip, len], made_up)) = data.split_first_chunk() else { return };
    let size = u32::from_le_bytes([a, b, c % 8, 0]).max(1);
    let len = 1 + 97 * usize::from(len);
    if !made_up.is_empty() {
        let released = open(&SegmentKey::from_parts([1; 32], [2; 32]), u64::from(size), made_up, len);
        assert_eq!(released, (Vec::new(), false), "nobody can know this key");
        return;
    }
    let content: Vec<u8> = (0..size).map(|i| i.to_le_bytes()[usize::from(i % 3 == 0)]).collect();
    let (key, mut stored) = seal(&content);
    let place = usize::from(u16::from_le_bytes([place, place_high])) * 7 % stored.len();
    stored[place] ^= flip;
    let (released, whole) = open(&key, u64::from(size), &stored, len);
    let released = came_out(released);
    assert!(content.starts_with(&released));
    assert_eq!(whole, flip == 0);
    assert!(!whole || released == content);
}

fn seal(mut content: &[u8]) -> (SegmentKey, Vec<u8>) {
    let mut encryptor = SegmentEncryptor::new(content.len() as u64, Padding::None, &mut Seeded::new(1)).unwrap();
    let mut stored = Vec::new();
    while let part @ [_, ..] = encryptor.update(&mut content).unwrap() {
        stored.extend_from_slice(part);
    }
    let key = encryptor.key().duplicate();
    encryptor.finish().unwrap();
    (key, stored)
}

/// Returns the content that came out, and whether it is complete.
fn open(key: &SegmentKey, size: u64, stored: &[u8], len: usize) -> (Vec<u8>, bool) {
    let (mut decryptor, mut released) = (SegmentDecryptor::new(key, size).unwrap(), Vec::new());
    for mut piece in stored.chunks(len) {
        loop {
            match decryptor.update(&mut piece) {
                Ok([]) => break,
                Ok(part) => released.extend_from_slice(part),
                Err(_) => return (released, false),
            }
        }
    }
    (released, decryptor.finish().is_ok())
}

#[test]
fn a_decryptor_that_releases_other_content_is_found() {
    let data = [0, 16, 0, 0, 0, 0, 3];
    segments(&data);
    let other = |mut content: Vec<u8>| {
        content[100] ^= 1;
        content
    };
    assert!(crate::fails(|| check(&data, other)));
}
