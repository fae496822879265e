//! Files of either form by the types that do not ask which (SPEC MED-1, SEG-1 to SEG-9): the bytes are those of the form's
//! own types, and what does not fit its key, its size or its form does not open.

use proptest::prelude::*;
use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    self, ChainEncryptor, ChainKey, FileForm, MediaDecryptor, MediaEncryptor, MediaKey, Padding, Progress, SEGMENT_LEN,
    SegmentEncryptor,
};

use crate::support::rng::{Constant, Seeded};

const FORMS: [FileForm; 2] = [FileForm::Chain, FileForm::Segments];

/// Sizes at the borders of blocks, of the window of a chain and of segments.
const SIZES: [usize; 11] = [1, 15, 16, 17, 4097, 65_535, 65_536, 65_537, 131_072, 131_073, 700_001];

fn file(size: usize) -> Vec<u8> {
    (0_u32..).map(|i| i.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).take(size).collect()
}

fn seal(form: FileForm, content: &[u8]) -> (MediaKey, Vec<u8>) {
    media::seal(form, content, &mut Seeded::new(7)).unwrap()
}

/// The same file by the types of one form, from the same draws.
fn by_its_own_types(form: FileForm, content: &[u8]) -> (MediaKey, Vec<u8>) {
    let (mut rng, size, mut stored) = (Seeded::new(7), content.len() as u64, Vec::new());
    if form == FileForm::Chain {
        let key = ChainKey::random(&mut rng);
        let mut chain = ChainEncryptor::new(&key, size).unwrap();
        let mut bytes = content.to_vec();
        chain.update(&mut bytes).unwrap().parts().into_iter().for_each(|part| stored.extend_from_slice(part));
        stored.extend_from_slice(chain.finish(&mut rng).unwrap().as_slice());
        return (key.into(), stored);
    }
    let mut segments = SegmentEncryptor::new(size, Padding::Padme, &mut rng).unwrap();
    let (key, mut rest) = (segments.key().duplicate(), content);
    while let part @ [_, ..] = segments.update(&mut rest).unwrap() {
        stored.extend_from_slice(part);
    }
    segments.finish().unwrap();
    (key.into(), stored)
}

/// Feeds `data` in chunks of the lengths of `plan`, over and over, and collects what comes out.
fn in_chunks(
    data: &[u8],
    plan: &[usize],
    mut update: impl FnMut(&mut &[u8], &mut Vec<u8>) -> Result<bool, MediaError>,
) -> Result<Vec<u8>, MediaError> {
    let (mut out, mut rest) = (Vec::new(), data);
    for len in plan.iter().chain([&1000]).cycle() {
        let mut chunk = rest.split_off(..rest.len().min(*len)).unwrap();
        while update(&mut chunk, &mut out)? {}
        assert!(chunk.is_empty());
        if rest.is_empty() {
            break;
        }
    }
    Ok(out)
}

fn encrypt(form: FileForm, content: &[u8], plan: &[usize]) -> (MediaKey, Vec<u8>) {
    let size = content.len() as u64;
    let mut encryptor = MediaEncryptor::new(form, size, &mut Seeded::new(7)).unwrap();
    let (key, len) = (encryptor.key().duplicate(), encryptor.encrypted_len());
    let stored = in_chunks(content, plan, |chunk, out| {
        let part = encryptor.update(chunk)?;
        out.extend_from_slice(part);
        Ok(!part.is_empty())
    })
    .unwrap();
    assert_eq!((stored.len() as u64, encryptor.progress()), (len, Progress { done: size, total: size }));
    encryptor.finish().unwrap();
    (key, stored)
}

fn decrypt(key: &MediaKey, size: u64, stored: &[u8], plan: &[usize]) -> Result<Vec<u8>, MediaError> {
    let mut decryptor = key.decryptor(size)?;
    let content = in_chunks(stored, plan, |chunk, out| {
        let part = decryptor.update(chunk)?;
        out.extend_from_slice(part);
        Ok(!part.is_empty())
    })?;
    assert_eq!(decryptor.progress().done, content.len() as u64);
    decryptor.finish()?;
    Ok(content)
}

fn same(a: &(MediaKey, Vec<u8>), b: &(MediaKey, Vec<u8>)) -> bool {
    a.0.form() == b.0.form() && a.0.parts() == b.0.parts() && a.1 == b.1
}

#[test]
fn the_bytes_are_those_of_the_forms_own_types() {
    for (form, size) in FORMS.into_iter().flat_map(|form| SIZES.map(|size| (form, size))) {
        let content = file(size);
        let expected = by_its_own_types(form, &content);
        assert!(same(&seal(form, &content), &expected), "{form:?} {size}");
        for plan in [&[usize::MAX][..], &[1, 4095, 70_000], &[0, 17]] {
            assert!(same(&encrypt(form, &content, plan), &expected), "{form:?} {size} {plan:?}");
            assert!(
                decrypt(&expected.0, size as u64, &expected.1, plan).unwrap() == content,
                "{form:?} {size} {plan:?}"
            );
        }
        assert!(media::open(&expected.0, size as u64, &expected.1).unwrap() == content, "{form:?} {size}");
    }
}

#[test]
fn a_key_from_the_fields_of_a_message_opens_the_file() {
    for form in FORMS {
        let (key, stored) = seal(form, b"a photo");
        let (first, second) = key.parts();
        let again = MediaKey::from_parts(form, *first, *second);
        assert_eq!(again.form(), form);
        assert_eq!(media::open(&again, 7, &stored).unwrap(), b"a photo");
        assert_eq!(media::open(&again.duplicate(), 7, &stored).unwrap(), b"a photo");
    }
}

#[test]
fn a_file_of_another_length_does_not_open() {
    for (form, size) in FORMS.into_iter().flat_map(|form| [1, 100, SEGMENT_LEN, 200_000].map(|size| (form, size))) {
        let (key, stored) = seal(form, &file(size));
        let size = size as u64;
        for missing in [1, 16, 17, stored.len()] {
            let short = &stored[..stored.len().saturating_sub(missing)];
            assert_eq!(media::open(&key, size, short), Err(MediaError::Truncated), "{form:?} {size} -{missing}");
        }
        for more in [1, 16, 100_000] {
            let long = [&stored[..], &vec![0; more]].concat();
            assert_eq!(media::open(&key, size, &long), Err(MediaError::TooLong), "{form:?} {size} +{more}");
        }
        assert_eq!(media::open(&key, 0, &stored), Err(MediaError::Empty));
    }
}

#[test]
fn a_file_of_another_size_than_the_message_says_does_not_open() {
    let (key, stored) = seal(FileForm::Chain, &file(100));
    for (size, error) in [(96, MediaError::TooLong), (113, MediaError::Truncated), (1 << 40, MediaError::Truncated)] {
        assert_eq!(media::open(&key, size, &stored), Err(error));
    }
    assert_eq!(media::open(&key, u64::MAX, &stored), Err(MediaError::TooLarge));
    let (key, stored) = seal(FileForm::Segments, &file(100));
    for size in [99, 101, 1 << 40] {
        assert_eq!(media::open(&key, size, &stored), Err(MediaError::NotThisFile));
    }
    assert_eq!(media::open(&key, (1 << 40) + 1, &stored), Err(MediaError::TooLarge));
}

#[test]
fn segments_that_were_changed_do_not_open() {
    let size = 2 * SEGMENT_LEN + 100;
    let (key, stored) = seal(FileForm::Segments, &file(size));
    let end = stored.len() - 1;
    let first_tag = 40 + SEGMENT_LEN;
    for (at, error) in [
        (0, MediaError::Header),
        (8, MediaError::NotThisFile),
        (40, MediaError::NotAuthentic),
        (first_tag, MediaError::NotAuthentic),
        (first_tag + 32, MediaError::NotAuthentic),
        (end, MediaError::NotAuthentic),
    ] {
        let mut changed = stored.clone();
        changed[at] ^= 1;
        assert_eq!(media::open(&key, size as u64, &changed), Err(error), "{at}");
    }
}

/// What the docs say in bold.
#[test]
fn a_chain_that_was_changed_opens_to_something_else() {
    let (key, mut stored) = seal(FileForm::Chain, &file(100));
    stored[50] ^= 1;
    let content = media::open(&key, 100, &stored).unwrap();
    assert!(content.len() == 100 && content != file(100));
}

#[test]
fn a_file_of_the_other_form_does_not_open() {
    for size in [1, 100, 70_000] {
        let (chain, in_chain) = seal(FileForm::Chain, &file(size));
        let (segments, in_segments) = seal(FileForm::Segments, &file(size));
        let other = |key: &MediaKey, form| {
            let (first, second) = key.parts();
            MediaKey::from_parts(form, *first, *second)
        };
        let size = size as u64;
        let header = if in_chain.len() < 40 { MediaError::Truncated } else { MediaError::Header };
        assert_eq!(media::open(&other(&chain, FileForm::Segments), size, &in_chain), Err(header));
        assert_eq!(media::open(&other(&segments, FileForm::Chain), size, &in_segments), Err(MediaError::TooLong));
        assert_eq!(media::open(&segments, size, &in_chain), Err(header));
        assert_eq!(media::open(&chain, size, &in_segments), Err(MediaError::TooLong));
    }
}

#[test]
fn a_size_that_no_file_has_draws_nothing() {
    for (form, size, error) in [
        (FileForm::Chain, 0, MediaError::Empty),
        (FileForm::Chain, u64::MAX, MediaError::TooLarge),
        (FileForm::Segments, 0, MediaError::Empty),
        (FileForm::Segments, (1 << 40) + 1, MediaError::TooLarge),
    ] {
        let mut rng = Scripted::new([vec![1; 32]]);
        assert_eq!(MediaEncryptor::new(form, size, &mut rng).unwrap_err(), error);
        assert_eq!(rng.left().len(), 1);
    }
    assert_eq!(media::seal(FileForm::Chain, &[], &mut Constant(1)).unwrap_err(), MediaError::Empty);
}

#[test]
fn what_is_too_much_or_missing_is_said_and_changes_nothing() {
    for form in FORMS {
        let mut encryptor = MediaEncryptor::new(form, 30, &mut Seeded::new(1)).unwrap();
        let mut stored = Vec::new();
        let mut take = |encryptor: &mut MediaEncryptor, chunk: &mut &[u8]| -> Result<bool, MediaError> {
            let part = encryptor.update(chunk)?;
            stored.extend_from_slice(part);
            Ok(!part.is_empty())
        };
        let mut start = &[7; 20][..];
        while take(&mut encryptor, &mut start).unwrap() {}
        assert_eq!(encryptor.progress().done, 20);
        let mut too_much = &[7; 11][..];
        assert_eq!(take(&mut encryptor, &mut too_much), Err(MediaError::TooLong));
        assert_eq!((too_much.len(), encryptor.progress().done), (11, 20));
        let mut rest = &[7; 10][..];
        while take(&mut encryptor, &mut rest).unwrap() {}
        assert_eq!(take(&mut encryptor, &mut &[7][..]), Err(MediaError::TooLong));
        let key = encryptor.key().duplicate();
        encryptor.finish().unwrap();
        assert_eq!(media::open(&key, 30, &stored).unwrap(), [7; 30]);

        // An error of a decryptor comes again, and again from its end.
        let mut decryptor = MediaDecryptor::new(&key, 30).unwrap();
        let mut all = &stored[..];
        while !decryptor.update(&mut all).unwrap().is_empty() {}
        for _ in 0..2 {
            assert_eq!(decryptor.update(&mut &[1][..]), Err(MediaError::TooLong));
        }
        assert_eq!(decryptor.update(&mut &[][..]), Err(MediaError::TooLong));
        assert_eq!(decryptor.finish(), Err(MediaError::TooLong));

        let unfinished = MediaEncryptor::new(form, 30, &mut Seeded::new(1)).unwrap();
        assert_eq!(unfinished.finish(), Err(MediaError::Truncated));
        assert_eq!(MediaDecryptor::new(&key, 30).unwrap().finish(), Err(MediaError::Truncated));
    }
}

#[test]
fn nothing_of_a_file_is_shown() {
    for form in FORMS {
        let mut rng = Constant(0xa7);
        let encryptor = MediaEncryptor::new(form, 30, &mut rng).unwrap();
        let shown = format!("{encryptor:?}");
        assert_eq!(
            shown,
            format!("MediaEncryptor {{ form: {form:?}, progress: Progress {{ done: 0, total: 30 }}, .. }}")
        );
        let decryptor = encryptor.key().decryptor(30).unwrap();
        let shown = format!("{decryptor:?}");
        assert_eq!(
            shown,
            format!("MediaDecryptor {{ form: {form:?}, progress: Progress {{ done: 0, total: 30 }}, .. }}")
        );
    }
}

proptest! {
    #[test]
    fn any_chunks_give_the_same_file(
        size in 1_usize..200_000,
        is_chain: bool,
        up in prop::collection::vec(0_usize..80_000, 0..4),
        down in prop::collection::vec(0_usize..80_000, 0..4),
    ) {
        let form = if is_chain { FileForm::Chain } else { FileForm::Segments };
        let content = file(size);
        let (key, stored) = encrypt(form, &content, &up);
        prop_assert!(same(&(key.duplicate(), stored.clone()), &seal(form, &content)));
        prop_assert!(decrypt(&key, size as u64, &stored, &down).unwrap() == content);
    }

    // A message and a carrier may say anything.
    #[test]
    fn opening_anything_is_bounded(
        is_chain: bool,
        size: u64,
        stored in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let form = if is_chain { FileForm::Chain } else { FileForm::Segments };
        let key = MediaKey::from_parts(form, [1; 32], [2; 32]);
        for size in [size, size % 400] {
            if let Ok(content) = media::open(&key, size, &stored) {
                prop_assert_eq!((form, content.len() as u64), (FileForm::Chain, size));
            }
        }
    }
}

#[cfg(feature = "std")]
mod readers {
    use std::io::Read;

    use secretchat::media::{MediaDecryptReader, MediaEncryptReader};

    use super::*;

    #[test]
    fn readers_give_the_same_bytes() {
        for (form, size) in FORMS.into_iter().flat_map(|form| SIZES.map(|size| (form, size))) {
            let content = file(size);
            let mut source = MediaEncryptReader::new(&content[..], form, size as u64, Seeded::new(7)).unwrap();
            let (key, mut stored) = (source.key().duplicate(), Vec::new());
            source.read_to_end(&mut stored).unwrap();
            assert!(same(&(key.duplicate(), stored.clone()), &seal(form, &content)), "{form:?} {size}");
            let mut back = Vec::new();
            MediaDecryptReader::new(&stored[..], &key, size as u64).unwrap().read_to_end(&mut back).unwrap();
            assert!(back == content, "{form:?} {size}");
        }
    }

    #[test]
    fn readers_find_what_is_missing_or_too_much() {
        for form in FORMS {
            let read = |mut reader: Box<dyn Read + '_>| reader.read_to_end(&mut Vec::new()).unwrap_err().to_string();
            for (content, error) in [(&b"a phot"[..], MediaError::Truncated), (b"a photo!", MediaError::TooLong)] {
                let source = MediaEncryptReader::new(content, form, 7, Seeded::new(1)).unwrap();
                assert_eq!(read(Box::new(source)), error.to_string());
            }
            let (key, stored) = seal(form, b"a photo");
            let long = [&stored[..], &[0]].concat();
            for (stored, error) in [(&stored[1..], None), (&long, Some(MediaError::TooLong))] {
                let shown = read(Box::new(key.reader(stored, 7).unwrap()));
                assert!(error.is_none_or(|error| shown == error.to_string()), "{shown}");
            }
            assert_eq!(MediaEncryptReader::new(&[][..], form, 0, Seeded::new(1)).unwrap_err(), MediaError::Empty);
        }
    }
}

/// One generator gives each file a key of its own, and an encryptor that has its content takes no other (SPEC MED-1, SEG-1).
#[test]
fn at_53_an_encryptor_takes_the_content_of_one_file() {
    let mut rng = Seeded::new(53);
    for form in FORMS {
        let mut sealed = [(); 2].map(|()| {
            let mut encryptor = MediaEncryptor::new(form, 20, &mut rng).unwrap();
            let (key, mut stored) = (encryptor.key().duplicate(), Vec::new());
            let mut content = &[7; 20][..];
            while let part @ [_, ..] = encryptor.update(&mut content).unwrap() {
                stored.extend_from_slice(part);
            }
            for mut another in [&[7][..], &[8; 20], &[8; 700_000]] {
                let before = another;
                assert_eq!(encryptor.update(&mut another).map(<[u8]>::to_vec), Err(MediaError::TooLong));
                assert_eq!(another, before);
            }
            assert_eq!(encryptor.finish(), Ok(()));
            assert_eq!(media::open(&key, 20, &stored).unwrap(), [7; 20]);
            (*key.parts().0, *key.parts().1, stored)
        });
        let [one, other] = &mut sealed;
        assert!(one.0 != other.0 && one.1 != other.1 && one.2[..16] != other.2[..16], "{form:?}");
        assert_ne!(one.2[one.2.len() - 32..], other.2[other.2.len() - 32..], "{form:?}");
    }
}
