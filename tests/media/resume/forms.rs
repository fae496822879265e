//! Either form after an interruption, by the types that do not ask which (SPEC RES-6, SEG-11).

use std::collections::BTreeMap;

use proptest::prelude::*;
use secretchat::MediaError;
use secretchat::media::{
    self, FileForm, MediaKey, PartSize, Progress, RESUME_TOKEN_LEN, ResumableDecryptor, ResumableEncryptor,
    ResumableMediaDecryptor, ResumableMediaEncryptor, ResumeKey,
};

use super::run::checked;
use crate::support::rng::Seeded;

const FORMS: [FileForm; 2] = [FileForm::Chain, FileForm::Segments];

fn host() -> ResumeKey {
    ResumeKey::new([6; 32])
}

fn content(size: usize) -> Vec<u8> {
    (0_u32..).map(|i| i.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).take(size).collect()
}

/// The key and the bytes by the function that does not resume, from the same draws.
fn sealed(form: FileForm, content: &[u8]) -> (MediaKey, Vec<u8>) {
    media::seal(form, content, &mut Seeded::new(5)).unwrap()
}

fn planned(form: FileForm, content: &[u8]) -> (ResumableMediaEncryptor, [u8; RESUME_TOKEN_LEN]) {
    let mut plan = ResumableMediaEncryptor::plan(form, content.len() as u64, &mut Seeded::new(5)).unwrap();
    content.chunks(70_001).for_each(|chunk| plan.take(chunk).unwrap());
    plan.finish(&host(), &mut Seeded::new(6)).unwrap()
}

fn resume(key: &MediaKey, size: usize, token: &[u8], source: &[u8]) -> Option<(u64, ResumableMediaEncryptor)> {
    let resuming = ResumableMediaEncryptor::resume(key, size as u64, token, &host()).unwrap();
    let offset = resuming.offset();
    Some((offset, checked(resuming, source, 70_777).ok()?))
}

#[derive(Clone, Debug)]
enum Act {
    /// So many bytes of the content are fed.
    Feed(usize),
    Token,
    /// The process ends, and a token that was ever given out is taken.
    Crash(prop::sample::Index),
    /// The source is another one from here on.
    Change(prop::sample::Index),
    Restore,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => prop_oneof![1..2000_usize, 1..200_000_usize].prop_map(Act::Feed),
        2 => Just(Act::Token),
        2 => any::<prop::sample::Index>().prop_map(Act::Crash),
        1 => any::<prop::sample::Index>().prop_map(Act::Change),
        2 => Just(Act::Restore),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Killed at any place and gone on from any token, with any source: what leaves is what would have left, and no
    /// place has two contents.
    #[test]
    fn one_key_and_place_have_one_ciphertext(size in 1..900_000_usize, segments: bool, acts in acts()) {
        let (form, original) = (FORMS[usize::from(segments)], content(size));
        let (key, stored) = sealed(form, &original);
        let (run, token) = planned(form, &original);
        prop_assert_eq!(run.key().parts(), key.parts());
        prop_assert_eq!(run.encrypted_len(), stored.len() as u64);
        let (mut run, mut tokens, mut source) = (Some((0, run)), vec![token], original.clone());
        for act in acts {
            let honest = source == original;
            match (act, &mut run) {
                (Act::Feed(len), Some((fed, up))) => {
                    let start = usize::try_from(*fed).unwrap();
                    let mut chunk = &source[start..][..len.min(size - start)];
                    *fed += chunk.len() as u64;
                    loop {
                        let place = usize::try_from(up.place()).unwrap();
                        match up.update(&mut chunk) {
                            Ok([]) => break,
                            Ok(part) => prop_assert!(part == &stored[place..][..part.len()], "{} at {}", part.len(), place),
                            Err(error) => {
                                prop_assert_eq!(error, MediaError::ResumeMismatch);
                                prop_assert_eq!(up.update(&mut &[][..]), Err(error), "it stays");
                                run = None;
                                break;
                            }
                        }
                    }
                }
                (Act::Token, Some((_, up))) => tokens.push(up.token(&host(), &mut Seeded::new(8))),
                (Act::Feed(_) | Act::Token, None) => {}
                (Act::Crash(which), _) => {
                    let token: &[u8; RESUME_TOKEN_LEN] = which.get(&tokens);
                    run = resume(&key, size, token, &source);
                    prop_assert_eq!(run.is_some(), honest);
                }
                (Act::Change(at), _) => { let at = at.index(size); source[at] ^= 1; }
                (Act::Restore, _) => source.clone_from(&original),
            }
        }
        // From the newest token to the end.
        let (offset, mut up) = resume(&key, size, tokens.last().unwrap(), &original).unwrap();
        prop_assert_eq!(up.progress(), Progress { done: offset, total: size as u64 });
        let (mut rest, place) = (&original[usize::try_from(offset).unwrap()..], usize::try_from(up.place()).unwrap());
        let mut out = Vec::new();
        while let part @ [_, ..] = up.update(&mut rest).unwrap() {
            out.extend_from_slice(part);
        }
        up.finish().unwrap();
        prop_assert!(out == stored[place..]);
    }

    /// Killed at any place: with the content that was written up to any token, and only with it, the rest comes out.
    #[test]
    fn what_is_decrypted_goes_on(
        size in 1..700_000_usize, segments: bool, chunks in prop::collection::vec(1..150_000_usize, 1..12), wrong: prop::sample::Index,
    ) {
        let (form, original) = (FORMS[usize::from(segments)], content(size));
        let (key, stored) = sealed(form, &original);
        let mut down = ResumableMediaDecryptor::new(&key, size as u64).unwrap();
        let (mut written, mut tokens, mut rest) = (Vec::new(), BTreeMap::new(), &stored[..]);
        tokens.insert(0, down.token(&host(), &mut Seeded::new(1)));
        for len in chunks {
            let mut chunk = rest.split_off(..rest.len().min(len)).unwrap();
            while let part @ [_, ..] = down.update(&mut chunk).unwrap() {
                written.extend_from_slice(part);
                tokens.insert(written.len(), down.token(&host(), &mut Seeded::new(1)));
            }
        }
        for (done, token) in &tokens {
            let resume = || ResumableMediaDecryptor::resume(&key, size as u64, token, &host()).unwrap();
            prop_assert_eq!(resume().offset(), *done as u64);
            let mut down = checked(resume(), &written[..*done], 70_001).unwrap();
            let (mut rest, mut out) = (&stored[usize::try_from(down.place()).unwrap()..], written[..*done].to_vec());
            while let part @ [_, ..] = down.update(&mut rest).unwrap() {
                out.extend_from_slice(part);
            }
            down.finish().unwrap();
            prop_assert!(out == original);
            if *done > 0 {
                let mut other = written[..*done].to_vec();
                other[wrong.index(*done)] ^= 4;
                prop_assert_eq!(checked(resume(), &other, 70_001).unwrap_err(), MediaError::ResumeMismatch);
                prop_assert_eq!(checked(resume(), &written[..done - 1], 70_001).unwrap_err(), MediaError::ResumeMismatch);
            }
        }
    }
}

/// A run of either form takes the token of the form's own run, whatever its parts are.
#[test]
fn tokens_of_a_chain_are_of_one_family() {
    let (file, size) = (content(9000), 9000);
    for part_size in [1024, 4096, 1 << 19] {
        let part_size = PartSize::new(part_size).unwrap();
        let mut plan = ResumableEncryptor::plan(size, part_size, &mut Seeded::new(5)).unwrap();
        plan.take(&file).unwrap();
        let (mut run, _) = plan.finish(&host(), &mut Seeded::new(6)).unwrap();
        let (key, stored) = sealed(FileForm::Chain, &file);
        let next = run.next_part().unwrap();
        let mut part = file[..next.content_len].to_vec();
        part.resize(next.len, 0);
        run.encrypt(&mut part).unwrap();
        let token = run.token(&host(), &mut Seeded::new(7));
        let (offset, mut either) = resume(&key, 9000, &token, &file).unwrap();
        let (mut rest, mut out) = (&file[usize::try_from(offset).unwrap()..], part);
        assert_eq!((offset, either.place()), (next.content_len as u64, next.range.end));
        while let part @ [_, ..] = either.update(&mut rest).unwrap() {
            out.extend_from_slice(part);
        }
        assert!(out == stored);

        let MediaKey::Chain(key) = key else { unreachable!() };
        let mut down = ResumableDecryptor::new(&key, size, part_size).unwrap();
        down.decrypt(&mut out[..next.len].to_vec()).unwrap();
        let token = down.token(&host(), &mut Seeded::new(8));
        let resuming = ResumableMediaDecryptor::resume(&key.into(), size, &token, &host()).unwrap();
        let mut down = checked(resuming, &file[..next.content_len], 500).unwrap();
        let (mut rest, mut plain) = (&stored[usize::try_from(down.place()).unwrap()..], Vec::new());
        while let part @ [_, ..] = down.update(&mut rest).unwrap() {
            plain.extend_from_slice(part);
        }
        assert!(plain == file[next.content_len..]);
    }
}

#[test]
fn sizes_and_lengths() {
    for form in FORMS {
        let refused = ResumableMediaEncryptor::plan(form, 0, &mut Seeded::new(0)).unwrap_err();
        assert_eq!(refused, MediaError::Empty);
        let (mut run, _token) = planned(form, &content(20));
        let longer = content(21);
        let mut chunk = &longer[..];
        assert_eq!(run.update(&mut chunk), Err(MediaError::TooLong));
        assert_eq!((chunk.len(), run.progress()), (21, Progress { done: 0, total: 20 }));
        assert_eq!(run.finish(), Err(MediaError::Truncated));
        let (key, _) = sealed(form, &content(20));
        assert_eq!(ResumableMediaDecryptor::new(&key, 0).unwrap_err(), MediaError::Empty);
        assert_eq!(ResumableMediaDecryptor::new(&key, 20).unwrap().finish(), Err(MediaError::Truncated));
    }
}
