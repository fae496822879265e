//! Files as one chain, whole and in parts.

use recordings::Seeded;
use secretchat::media::{
    ChainDecryptor, ChainEncryptor, ChainKey, ChainOutput, PartDecryptor, PartEncryptor, PartSize, encrypted_len,
};
use secretchat::{MediaError, hazmat::ige};

/// Checks that a file in pieces of any lengths has the bytes of one pass and comes out again, that a wrong size or a cut file
/// is an error, and that the parts of RES-1 are those of the whole file (SPEC MED-1, MED-2).
///
/// The input: the lengths of two kinds of pieces, the size of parts, bytes to leave out or add at the end, and the content.
pub fn chain(data: &[u8]) {
    check(data, |ciphertext| ciphertext);
}

/// With what becomes of the ciphertext of pieces.
fn check(data: &[u8], sent: fn(Vec<u8>) -> Vec<u8>) {
    let Some((&[up, down, part, end], content)) = data.split_first_chunk() else { return };
    let key = ChainKey::from_parts([0x41; 32], [0x52; 32]);
    let size = content.len() as u64;
    let Ok(mut encryptor) = ChainEncryptor::new(&key, size) else {
        assert!(content.is_empty(), "only an empty file has no chain");
        return;
    };
    let mut stored =
        pieces(content, up, |piece, out| encryptor.update(piece).map(|output| collect(&output, out))).unwrap();
    stored.extend_from_slice(encryptor.finish(&mut Seeded::new(4)).unwrap().as_slice());
    let stored = sent(stored);

    assert_eq!(Ok(stored.len() as u64), encrypted_len(size));
    let mut whole = stored.clone();
    whole[..content.len()].copy_from_slice(content);
    let mut draws = [0; 16];
    let padding = whole.len() - content.len();
    rand_core::Rng::fill_bytes(&mut Seeded::new(4), &mut draws[..padding]);
    whole[content.len()..].copy_from_slice(&draws[..padding]);
    let (cipher_key, iv) = key.parts();
    ige::encrypt(cipher_key, iv, whole.as_chunks_mut().0);
    assert_eq!(stored, whole, "in one pass");
    assert_eq!(open(&key, size, &stored, down), Ok(content.to_vec()));
    in_parts(&key, content, part);

    let mut damaged = stored;
    let (longer, by) = (end & 1 == 1, usize::from(end >> 1) + 1);
    damaged.resize(if longer { damaged.len() + by } else { damaged.len().saturating_sub(by) }, 0);
    assert!(open(&key, size, &damaged, down).is_err(), "another length is an error");
}

fn open(key: &ChainKey, size: u64, stored: &[u8], len: u8) -> Result<Vec<u8>, MediaError> {
    let mut decryptor = ChainDecryptor::new(key, size)?;
    let opened = pieces(stored, len, |piece, out| decryptor.update(piece).map(|output| collect(&output, out)))?;
    decryptor.finish()?;
    Ok(opened)
}

fn in_parts(key: &ChainKey, content: &[u8], part: u8) {
    let size = content.len() as u64;
    let part_size = PartSize::new(1_024 << (part % 10)).unwrap();
    let mut encryptor = PartEncryptor::new(key, size, part_size, &mut Seeded::new(5)).unwrap();
    let mut decryptor = PartDecryptor::new(key, size, part_size).unwrap();
    let mut opened = Vec::new();
    while let Some(next) = encryptor.next_part() {
        let mut bytes = content[opened.len()..].to_vec();
        bytes.resize(next.len, 0);
        encryptor.encrypt(&mut bytes).unwrap();
        opened.extend_from_slice(decryptor.decrypt(&mut bytes).unwrap());
    }
    encryptor.finish().unwrap();
    decryptor.finish().unwrap();
    assert_eq!(opened, content);
}

/// Gives bytes in pieces of a length, which may be 0 now and then, and collects what comes out.
fn pieces(
    bytes: &[u8],
    len: u8,
    mut update: impl FnMut(&mut [u8], &mut Vec<u8>) -> Result<(), MediaError>,
) -> Result<Vec<u8>, MediaError> {
    let mut out = Vec::new();
    for piece in bytes.chunks(1 + 3 * usize::from(len)) {
        update(&mut [], &mut out)?;
        update(&mut piece.to_vec(), &mut out)?;
    }
    Ok(out)
}

fn collect(output: &ChainOutput<'_>, to: &mut Vec<u8>) {
    output.parts().into_iter().for_each(|part| to.extend_from_slice(part));
}

#[test]
fn a_chain_that_begins_anew_is_found() {
    let data = [&[3, 200, 0, 1][..], &[7; 100]].concat();
    chain(&data);
    let swapped = |mut stored: Vec<u8>| {
        stored.swap(0, 40);
        stored
    };
    assert!(crate::fails(|| check(&data, swapped)));
}
