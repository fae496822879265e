//! One content for several chats, sent on, and its digest (SPEC SEG-1, RIGHT-1, MED-1).

use secretchat::MediaError;
use secretchat::media::{
    self, ChainDecryptor, ChainEncryptor, ChainKey, ContentDigest, FileForm, MediaCopies, MediaKey, MediaReseal,
    Progress,
};

use crate::support::rng::Seeded;

const FORMS: [FileForm; 4] = [FileForm::Segments, FileForm::Chain, FileForm::Segments, FileForm::Chain];

fn content(size: usize) -> Vec<u8> {
    (0_u32..).map(|i| i.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).take(size).collect()
}

/// Each is the file that the chat would have had alone, under a key of its own.
#[test]
fn each_chat_has_a_file_of_its_own() {
    for size in [1, 65_536, 700_001] {
        let content = content(size);
        let mut rng = Seeded::new(3);
        let alone = FORMS.map(|form| media::seal(form, &content, &mut rng).unwrap());
        for chunk in [1000, 90_000, usize::MAX] {
            let mut copies = MediaCopies::new(&FORMS, size as u64, &mut Seeded::new(3)).unwrap();
            let mut files = vec![Vec::new(); FORMS.len()];
            for chunk in content.chunks(chunk) {
                let taken = copies.update(chunk, |chat, part| {
                    files[chat].extend_from_slice(part);
                    Ok::<_, MediaError>(())
                });
                taken.unwrap();
            }
            let total = 4 * size as u64;
            assert_eq!(copies.progress(), Progress { done: total, total });
            let keys = copies.finish().unwrap();
            for ((key, file), alone) in keys.iter().zip(&files).zip(&alone) {
                assert_eq!((key.form(), key.parts()), (alone.0.form(), alone.0.parts()));
                assert!(*file == alone.1);
            }
            assert!((1..4).all(|other| keys[0].parts() != keys[other].parts()));
        }
    }
}

fn reseal(key: &MediaKey, size: usize, stored: &[u8]) -> Result<(Vec<MediaKey>, Vec<Vec<u8>>), MediaError> {
    let mut reseal = MediaReseal::new(key, size as u64, &FORMS, &mut Seeded::new(4))?;
    let mut files = vec![Vec::new(); FORMS.len()];
    for chunk in stored.chunks(50_000) {
        reseal.update(chunk, |chat, part| {
            files[chat].extend_from_slice(part);
            Ok::<_, MediaError>(())
        })?;
    }
    Ok((reseal.finish()?, files))
}

#[test]
fn a_file_that_is_sent_on_is_sealed_anew() {
    let content = content(300_001);
    for form in [FileForm::Chain, FileForm::Segments] {
        let (key, stored) = media::seal(form, &content, &mut Seeded::new(1)).unwrap();
        let (keys, files) = reseal(&key, content.len(), &stored).unwrap();
        for (new, file) in keys.iter().zip(&files) {
            assert_ne!(new.parts().0, key.parts().0);
            assert!(*file != stored && media::open(new, content.len() as u64, file).unwrap() == content);
        }
        let cut = reseal(&key, content.len(), &stored[..stored.len() - 1]);
        assert_eq!(cut.unwrap_err(), MediaError::Truncated);
    }
    let (key, mut stored) = media::seal(FileForm::Segments, &content, &mut Seeded::new(1)).unwrap();
    stored[100_000] ^= 1;
    assert_eq!(reseal(&key, content.len(), &stored).unwrap_err(), MediaError::NotAuthentic);
}

#[test]
fn what_out_refuses_ends_the_call() {
    let mut copies = MediaCopies::new(&FORMS, 5, &mut Seeded::new(3)).unwrap();
    assert_eq!(copies.update(&[0; 6], |_, _| Ok(())), Err(MediaError::TooLong));
    let mut calls = 0;
    let full = copies.update(&[0; 5], |_, _| {
        calls += 1;
        Err(MediaError::PartLength)
    });
    assert_eq!((full, calls), (Err(MediaError::PartLength), 1));
    assert_eq!(copies.finish().unwrap_err(), MediaError::Truncated);
    assert_eq!(MediaCopies::new(&FORMS, 0, &mut Seeded::new(3)).unwrap_err(), MediaError::Empty);
}

/// FIPS 180-2, appendix B.1; a chain that was changed has another.
#[test]
fn both_ends_of_a_chain_have_one_digest() {
    let sent = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let key = ChainKey::from_parts([1; 32], [2; 32]);
    let mut up = (ChainEncryptor::new(&key, 3).unwrap(), ContentDigest::new());
    for chunk in [&b"a"[..], b"bc"] {
        up.1.take(chunk);
        up.0.update(&mut chunk.to_vec()).unwrap();
    }
    let stored = up.0.finish(&mut Seeded::new(1)).unwrap();
    assert_eq!(hex::encode(up.1.finish()), sent);
    for (change, same) in [(0, true), (1, false)] {
        let (mut down, mut digest) = (ChainDecryptor::new(&key, 3).unwrap(), ContentDigest::new());
        let mut bytes = stored.as_slice().to_vec();
        bytes[0] ^= change;
        for chunk in bytes.chunks_mut(7) {
            down.update(chunk).unwrap().parts().into_iter().for_each(|content| digest.take(content));
        }
        down.finish().unwrap();
        assert_eq!(hex::encode(digest.finish()) == sent, same);
    }
    assert_eq!(format!("{:?}", ContentDigest::new()), "ContentDigest(..)");
}
