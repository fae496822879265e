//! One key encrypts one content (SPEC RES-6): whatever token, source and place of an interruption, no place of a file is
//! ever encrypted with two contents.

use std::collections::BTreeMap;

use proptest::prelude::*;
use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{ChainEncryptor, ChainKey, PartSize, ResumableEncryptor, ResumeKey};

use super::run::{bytes, checked, forty_parts, half, vectors};
use crate::support::rng::Seeded;

fn encrypt_next(run: &mut ResumableEncryptor, source: &[u8]) -> Result<Option<(u64, Vec<u8>)>, MediaError> {
    let Some(next) = run.next_part() else { return Ok(None) };
    let start = usize::try_from(next.range.start).unwrap().min(source.len());
    let mut part = source[start..][..next.content_len.min(source.len() - start)].to_vec();
    part.resize(next.len, 0);
    run.encrypt(&mut part)?;
    Ok(Some((next.range.start, part)))
}

/// The source changed behind an older token: with a token that covers only what was done, part 1 leaves twice.
#[test]
fn fa_50_an_older_token_and_a_changed_source_encrypt_nothing_else() {
    let run = forty_parts();
    let mut up = run.encryptor();
    run.encrypt_next(&mut up).unwrap();
    let older = up.token(&run.host(), &mut Seeded::new(1));
    run.encrypt_next(&mut up).unwrap();
    drop(up);

    let mut changed = run.plain.clone();
    changed[1024 + 16 * 10] ^= 1;
    assert_eq!(checked(run.resume_encryption(&older).unwrap(), &changed, 999).unwrap_err(), MediaError::ResumeMismatch);
    let mut again = checked(run.resume_encryption(&older).unwrap(), &run.plain, 999).unwrap();
    assert_eq!(run.encrypt_next(&mut again).unwrap(), run.cipher[1024..2048]);
}

/// The source changed between the check and the part, or between the plan and the part.
#[test]
fn fa_50_a_source_that_changes_in_the_midst_is_refused_and_changes_nothing() {
    let run = forty_parts();
    let token = run.encryptor().token(&run.host(), &mut Seeded::new(1));
    let resumed = checked(run.resume_encryption(&token).unwrap(), &run.plain, 999).unwrap();
    for mut up in [run.encryptor(), resumed] {
        for at in [0, 500, 1023] {
            let mut part = run.plain[..1024].to_vec();
            part[at] ^= 0x80;
            let before = part.clone();
            assert_eq!(up.encrypt(&mut part), Err(MediaError::ResumeMismatch));
            assert_eq!(part, before, "it was not encrypted");
        }
        let all = std::iter::from_fn(|| run.encrypt_next(&mut up)).flatten().collect::<Vec<_>>();
        assert!(all == run.cipher);
    }
}

#[test]
fn fa_50_changed_parts_of_the_vectors_are_refused() {
    let cases = vectors("changed");
    let mut refused = 0;
    for case in &cases {
        let key = ChainKey::from_parts(half(&case["key"]), half(&case["iv"]));
        let host = ResumeKey::new(half(&case["host"]));
        let resuming =
            ResumableEncryptor::resume(&key, case["size"].as_u64().unwrap(), &bytes(&case["token"]), &host).unwrap();
        let mut run = checked(resuming, &bytes(&case["plain"]), 100).unwrap();
        let next = run.next_part().unwrap();
        assert_eq!(Some(next.number), case["part"].as_u64());
        let mut part = bytes(&case["content"]);
        part.resize(next.len, 0);
        let result = run.encrypt(&mut part);
        if case["result"] == "valid" {
            assert_eq!((result, part), (Ok(()), bytes(&case["part_cipher"])));
        } else {
            assert_eq!(result, Err(MediaError::ResumeMismatch), "{}", case["comment"]);
            refused += 1;
        }
    }
    assert!(refused >= 8 && cases.len() > refused, "{refused} of {}", cases.len());
}

#[derive(Clone, Debug)]
enum Act {
    /// The run encrypts so many parts, of a source that is as it is now.
    Parts(usize),
    /// A token is given out.
    Token,
    /// The process ends, and a token that was ever given out is taken. The first ones and the newest are taken alike.
    Crash(prop::sample::Index),
    /// The source is another one from here on: a byte is changed.
    Change(prop::sample::Index),
    /// It is cut, or grows.
    Cut(prop::sample::Index),
    /// It is as it was at first.
    Restore,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => (1..4_usize).prop_map(Act::Parts),
        2 => Just(Act::Token),
        3 => any::<prop::sample::Index>().prop_map(Act::Crash),
        1 => any::<prop::sample::Index>().prop_map(Act::Change),
        1 => any::<prop::sample::Index>().prop_map(Act::Cut),
        2 => Just(Act::Restore),
    ];
    prop::collection::vec(act, 1..40)
}

proptest! {
    #[test]
    fn fa_50_one_key_and_place_have_one_ciphertext(size in 1..6000_usize, acts in acts(), seed: u64) {
        let (host, part_size) = (ResumeKey::new([9; 32]), PartSize::new(1024).unwrap());
        let original: Vec<u8> = (0..size).map(|i| u8::try_from(i * 31 % 251).unwrap()).collect();
        let [key, iv, padding] = [vec![1; 32], vec![2; 32], vec![3; size.next_multiple_of(16) - size]];
        let mut rng = Seeded::new(seed);
        let mut scripted = Scripted::new([key, iv, padding.clone()]);
        let mut plan = ResumableEncryptor::plan(size as u64, part_size, &mut scripted).unwrap();
        plan.take(&original).unwrap();
        let (run, token) = plan.finish(&host, &mut rng).unwrap();
        let key = run.key().duplicate();
        let (mut run, mut tokens, mut source) = (Some(run), vec![token], original.clone());
        // What the carrier has seen.
        let mut left: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for act in acts {
            match (act, &mut run) {
                (Act::Parts(count), Some(run)) => {
                    for _ in 0..count {
                        let honest = source == original;
                        match encrypt_next(run, &source) {
                            Ok(Some((place, part))) => {
                                let first = left.entry(place).or_insert_with(|| part.clone());
                                prop_assert_eq!(&*first, &part, "two ciphertexts at {}", place);
                            }
                            Ok(None) => {}
                            Err(error) => prop_assert!(!honest && error == MediaError::ResumeMismatch),
                        }
                    }
                }
                (Act::Token, Some(run)) => tokens.push(run.token(&host, &mut rng)),
                (Act::Parts(_) | Act::Token, None) => {}
                (Act::Crash(which), _) => {
                    let token = which.get(&tokens);
                    let resuming = ResumableEncryptor::resume(&key, size as u64, token, &host).unwrap();
                    run = checked(resuming, &source, 777).ok();
                    prop_assert_eq!(run.is_some(), source == original);
                }
                (Act::Change(at), _) => match at.index(size) {
                    at if at < source.len() => source[at] ^= 1,
                    _ => source.push(1),
                },
                (Act::Cut(at), _) => source.truncate(at.index(size)),
                (Act::Restore, _) => source.clone_from(&original),
            }
        }
        // What left is of one chain: that of the content which was planned.
        let mut chain = ChainEncryptor::new(&key, size as u64).unwrap();
        let mut expected = chain.update(&mut original.clone()).unwrap().body.to_vec();
        expected.extend_from_slice(chain.finish(&mut Scripted::new([padding])).unwrap().as_slice());
        for (place, part) in left {
            prop_assert_eq!(&expected[usize::try_from(place).unwrap()..][..part.len()], &part[..]);
        }
    }
}
