//! A chain in parts and after an interruption (SPEC RES-1, RES-2, RES-4 to RES-6): the vectors, every border, and every
//! token and content that does not belong together; one content for each key, whatever happens.

mod borders;
mod forms;
mod one_content;
mod run;
mod segments;
mod tokens;

use recordings::Scripted;
use run::{bytes, checked, half, three_parts, vectors};
use secretchat::MediaError;
use secretchat::media::{ChainKey, PartSize, Progress, ResumableDecryptor, ResumableEncryptor, ResumeKey};

use crate::support::rng::Seeded;

#[test]
fn other_content_is_refused() {
    let run = three_parts();
    for done in 0..=3 {
        let token = &run.tokens()[done];
        let offset = usize::try_from(token["offset"].as_u64().unwrap()).unwrap();
        let resume = || run.resume_decryption(&bytes(&token["decrypt_token"])).unwrap();
        let mismatch = |content: &[u8]| {
            assert_eq!(checked(resume(), content, 100).unwrap_err(), MediaError::ResumeMismatch);
        };
        for at in (0..offset).step_by(97).chain(offset.checked_sub(1)) {
            let mut content = run.plain[..offset].to_vec();
            content[at] ^= 1;
            mismatch(&content);
        }
        for len in (0..offset).step_by(128).chain(offset.checked_sub(1)) {
            mismatch(&run.plain[..len]);
        }
        // A file that is further, or that is longer than it can be.
        mismatch(&[&run.plain[..offset], &[0]].concat());
        if done == 2 {
            mismatch(&[&run.plain[1024..2048], &run.plain[..1024]].concat());
        }
    }
    // What is beyond changes nothing: what is right can still be shown.
    let mut resuming = run.resume_decryption(&bytes(&run.tokens()[1]["decrypt_token"])).unwrap();
    assert_eq!(resuming.check(&run.plain[..1025]), Err(MediaError::ResumeMismatch));
    assert_eq!(resuming.progress(), Progress { done: 0, total: 1024 });
    resuming.check(&run.plain[..1024]).unwrap();
    assert_eq!(resuming.progress(), Progress { done: 1024, total: 1024 });
    assert!(resuming.finish().is_ok());
    let mut resuming = run.resume_encryption(&bytes(&run.tokens()[1]["encrypt_token"])).unwrap();
    assert_eq!(resuming.check(&[&run.plain[..], &[0]].concat()), Err(MediaError::ResumeMismatch));
    resuming.check(&run.plain).unwrap();
    assert!(resuming.finish().is_ok());
}

#[test]
fn a_part_of_another_length_changes_nothing() {
    let run = three_parts();
    let (mut up, mut down) = (run.encryptor(), run.decryptor());
    run.encrypt_next(&mut up).unwrap();
    run.decrypt_next(&mut down).unwrap();
    for len in [0, 16, 452, 464, 1008, 1023, 1025, 1040, 2048] {
        let mut part = vec![7; len];
        assert_eq!(up.encrypt(&mut part), Err(MediaError::PartLength));
        assert_eq!(down.decrypt(&mut part).unwrap_err(), MediaError::PartLength);
        assert_eq!(part, vec![7; len]);
    }
    let token = &run.tokens()[1];
    let sealed = up.token(&run.host(), &mut Scripted::new([bytes(&token["encrypt_nonce"])]));
    assert_eq!(hex::encode(sealed), token["encrypt_token"]);
    assert_eq!(up.finish(), Err(MediaError::Truncated));
    assert_eq!(down.finish(), Err(MediaError::Truncated));
}

#[test]
fn sizes_that_no_file_has() {
    let run = three_parts();
    let new = |size| ResumableEncryptor::plan(size, PartSize::MAX, &mut Seeded::new(0)).unwrap_err();
    assert_eq!((new(0), new(u64::MAX)), (MediaError::Empty, MediaError::TooLarge));
    let new = |size| ResumableDecryptor::new(&run.key(), size, PartSize::MAX).unwrap_err();
    assert_eq!((new(0), new(u64::MAX)), (MediaError::Empty, MediaError::TooLarge));
}

#[test]
fn beyond_32_bits_of_length() {
    let value = vectors("beyond-32-bits").remove(0);
    let run = three_parts();
    let key = ChainKey::from_parts(half(&value["key"]), half(&value["iv"]));
    let token = bytes(&value["decrypt_token"]);
    let mut resuming = ResumableDecryptor::resume(&key, 5_000_000_001, &token, &run.host()).unwrap();
    assert_eq!((resuming.offset(), value["offset"].as_u64()), (4_718_592_000, Some(4_718_592_000)));
    resuming.check(&[0; 1000]).unwrap();
    assert_eq!(
        format!("{resuming:?}"),
        "Resuming { offset: 4718592000, progress: Progress { done: 1000, total: 4718592000 }, .. }"
    );
    assert_eq!(resuming.finish().unwrap_err(), MediaError::ResumeMismatch);
}

#[test]
fn a_plan_takes_all_of_the_content_and_no_more() {
    let run = three_parts();
    let plan = || ResumableEncryptor::plan(run.size, run.part_size, &mut Seeded::new(0)).unwrap();
    let mut whole = plan();
    whole.take(&run.plain[..2499]).unwrap();
    assert_eq!(whole.take(&[0; 2]), Err(MediaError::TooLong));
    whole.take(&run.plain[2499..]).unwrap();
    assert_eq!(whole.take(&[0]), Err(MediaError::TooLong));
    assert!(whole.finish(&run.host(), &mut Seeded::new(0)).is_ok());
    for len in [0, 1023, 1024, 2048, 2499] {
        let mut short = plan();
        short.take(&run.plain[..len]).unwrap();
        assert_eq!(short.finish(&run.host(), &mut Seeded::new(0)).unwrap_err(), MediaError::Truncated);
    }
}

/// With `SECRETCHAT_SLOW` the interruption lies beyond 32 bits of length, else beyond two parts.
#[test]
fn a_long_file_goes_on_in_its_middle() {
    let size = if std::env::var_os("SECRETCHAT_SLOW").is_some() { (1 << 32) + (1 << 20) + 17 } else { (1 << 20) + 17 };
    let host = ResumeKey::new([3; 32]);
    let mut part = vec![7; 1 << 19];
    let mut plan = ResumableEncryptor::plan(size, PartSize::MAX, &mut Seeded::new(0)).unwrap();
    while plan.progress().left() > 0 {
        let len = plan.progress().left().min(1 << 19);
        plan.take(&part[..usize::try_from(len).unwrap()]).unwrap();
    }
    let (mut up, _token) = plan.finish(&host, &mut Seeded::new(3)).unwrap();
    let key = up.key().duplicate();
    let mut down = ResumableDecryptor::new(&key, size, PartSize::MAX).unwrap();
    while up.progress().left() > 17 {
        part.fill(7);
        up.encrypt(&mut part).unwrap();
        down.decrypt(&mut part).unwrap();
    }
    let tokens = [up.token(&host, &mut Seeded::new(1)), down.token(&host, &mut Seeded::new(2))];
    let mut up = ResumableEncryptor::resume(&key, size, &tokens[0], &host).unwrap();
    let mut down = ResumableDecryptor::resume(&key, size, &tokens[1], &host).unwrap();
    assert_eq!((up.offset(), down.offset()), (size - 17, size - 17));
    part.fill(7);
    for _ in 0..up.offset() >> 19 {
        up.check(&part).unwrap();
        down.check(&part).unwrap();
    }
    up.check(&part[..17]).unwrap();
    let (mut up, mut down) = (up.finish().unwrap(), down.finish().unwrap());
    let next = up.next_part().unwrap();
    assert_eq!((next.range, next.len, next.content_len), (size - 17..size + 15, 32, 17));
    let mut last = [7; 32];
    up.encrypt(&mut last).unwrap();
    assert_eq!(down.decrypt(&mut last).unwrap(), [7; 17]);
    up.finish().unwrap();
    down.finish().unwrap();
}

#[test]
fn debug_shows_how_far_and_nothing_else() {
    let host = ResumeKey::new([0xa7; 32]);
    assert_eq!(format!("{host:?}"), "ResumeKey(Secret<32>(..))");
    let mut rng = Scripted::new([vec![0xa7; 32], vec![0xa7; 32]]);
    let mut plan = ResumableEncryptor::plan(2000, PartSize::new(1024).unwrap(), &mut rng).unwrap();
    plan.take(&[0xa7; 1024]).unwrap();
    assert_eq!(format!("{plan:?}"), "Plan { progress: Progress { done: 1024, total: 2000 }, .. }");
    plan.take(&[0xa7; 976]).unwrap();
    let (mut up, _token) = plan.finish(&host, &mut rng).unwrap();
    let key = up.key().duplicate();
    up.encrypt(&mut [0xa7; 1024]).unwrap();
    let progress = "progress: Progress { done: 1024, total: 2000 }";
    assert_eq!(format!("{up:?}"), format!("ResumableEncryptor {{ parts: PartEncryptor {{ {progress}, .. }}, .. }}"));
    let mut down = ResumableDecryptor::new(&key, 2000, PartSize::new(1024).unwrap()).unwrap();
    down.decrypt(&mut [0xa7; 1024]).unwrap();
    assert_eq!(format!("{down:?}"), format!("ResumableDecryptor {{ parts: PartDecryptor {{ {progress}, .. }}, .. }}"));
}
