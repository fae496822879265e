//! A chain in parts and after an interruption (SPEC RES-1, RES-2, RES-4 to RES-6): the vectors, every border, and every
//! token and content that does not belong together.
#![cfg(feature = "alloc")]

#[path = "support/rng.rs"]
mod rng;

use rng::{Scripted, Seeded};
use secretchat::MediaError;
use secretchat::media::{
    ChainKey, PartSize, Progress, RESUME_TOKEN_LEN, ResumableDecryptor, ResumableEncryptor, ResumeKey, Resuming,
};
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let text = include_str!("../test-vectors/resume.json");
    serde_json::from_str::<Value>(text).unwrap()[name].take()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn half(value: &Value) -> [u8; 32] {
    bytes(value).try_into().unwrap()
}

/// One file of the vectors.
struct Run {
    value: Value,
    size: u64,
    part_size: PartSize,
    plain: Vec<u8>,
    cipher: Vec<u8>,
}

impl Run {
    fn new(value: &Value) -> Self {
        Self {
            size: value["size"].as_u64().unwrap(),
            part_size: PartSize::new(value["part_size"].as_u64().unwrap().try_into().unwrap()).unwrap(),
            plain: bytes(&value["plain"]),
            cipher: bytes(&value["cipher"]),
            value: value.clone(),
        }
    }

    fn key(&self) -> ChainKey {
        ChainKey::from_parts(half(&self.value["key"]), half(&self.value["iv"]))
    }

    fn host(&self) -> ResumeKey {
        ResumeKey::new(half(&self.value["host"]))
    }

    fn tokens(&self) -> &[Value] {
        self.value["tokens"].as_array().unwrap()
    }

    fn encryptor(&self) -> ResumableEncryptor {
        let mut rng = Scripted::new([bytes(&self.value["padding"])]);
        ResumableEncryptor::new(&self.key(), self.size, self.part_size, &mut rng).unwrap()
    }

    fn decryptor(&self) -> ResumableDecryptor {
        ResumableDecryptor::new(&self.key(), self.size, self.part_size).unwrap()
    }

    /// The ciphertext of the next part.
    fn encrypt_next(&self, run: &mut ResumableEncryptor) -> Option<Vec<u8>> {
        let next = run.next_part()?;
        let start = usize::try_from(next.range.start).unwrap();
        let mut part = self.plain[start..][..next.content_len].to_vec();
        part.resize(next.len, 0xee);
        run.encrypt(&mut part).unwrap();
        Some(part)
    }

    /// The content of the next part.
    fn decrypt_next(&self, run: &mut ResumableDecryptor) -> Option<Vec<u8>> {
        let range = run.next_part()?.range;
        let mut part = self.cipher[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec();
        Some(run.decrypt(&mut part).unwrap().to_vec())
    }

    fn resume_encryption(&self, token: &[u8]) -> Result<Resuming<ResumableEncryptor>, MediaError> {
        ResumableEncryptor::resume(&self.key(), self.size, token, &self.host())
    }

    fn resume_decryption(&self, token: &[u8]) -> Result<Resuming<ResumableDecryptor>, MediaError> {
        ResumableDecryptor::resume(&self.key(), self.size, token, &self.host())
    }
}

fn runs() -> Vec<Run> {
    let runs: Vec<_> = vectors("runs").as_array().unwrap().iter().map(Run::new).collect();
    assert_eq!(runs.iter().map(|run| run.size).collect::<Vec<_>>(), [1, 1024, 2500, 4096, 4097, 3000]);
    runs
}

/// The run of 2,500 bytes in three parts.
fn three_parts() -> Run {
    runs().remove(2)
}

/// Shows the content in chunks of `len` bytes.
fn checked<T>(mut resuming: Resuming<T>, content: &[u8], len: usize) -> Result<T, MediaError> {
    content.chunks(len).try_for_each(|chunk| resuming.check(chunk))?;
    resuming.finish()
}

#[test]
fn tokens_at_every_border() {
    for run in runs() {
        let (mut up, mut down) = (run.encryptor(), run.decryptor());
        let (mut cipher, mut plain) = (Vec::new(), Vec::new());
        for token in run.tokens() {
            let offset = token["offset"].as_u64().unwrap();
            assert_eq!(up.progress(), Progress { done: offset, total: run.size });
            assert_eq!(down.progress(), Progress { done: offset, total: run.size });
            let sealed = up.token(&run.host(), &mut Scripted::new([bytes(&token["encrypt_nonce"])]));
            assert_eq!(hex::encode(sealed), token["encrypt_token"]);
            let sealed = down.token(&run.host(), &mut Scripted::new([bytes(&token["decrypt_nonce"])]));
            assert_eq!(hex::encode(sealed), token["decrypt_token"]);
            cipher.extend(run.encrypt_next(&mut up).unwrap_or_default());
            plain.extend(run.decrypt_next(&mut down).unwrap_or_default());
        }
        assert_eq!((cipher, plain), (run.cipher, run.plain));
        up.finish().unwrap();
        down.finish().unwrap();
    }
}

#[test]
fn every_border_goes_on_exactly() {
    for run in runs() {
        for (token, len) in run.tokens().iter().zip([1, 7, 1024, 1000, 5000].into_iter().cycle()) {
            let offset = usize::try_from(token["offset"].as_u64().unwrap()).unwrap();
            let resuming = run.resume_encryption(&bytes(&token["encrypt_token"])).unwrap();
            assert_eq!(resuming.offset(), offset as u64);
            let mut up = checked(resuming, &run.plain[..offset], len).unwrap();
            // A second interruption at the same place.
            let again = up.token(&run.host(), &mut Seeded::new(1));
            let mut twice = checked(run.resume_encryption(&again).unwrap(), &run.plain[..offset], len).unwrap();
            let rest = std::iter::from_fn(|| run.encrypt_next(&mut up)).flatten().collect::<Vec<_>>();
            assert_eq!(rest, std::iter::from_fn(|| run.encrypt_next(&mut twice)).flatten().collect::<Vec<_>>());
            assert_eq!(rest, run.cipher[run.cipher.len() - rest.len()..]);
            assert_eq!(rest.len(), run.cipher.len() - offset.next_multiple_of(16));
            // The tokens further on are the same as those of a run without an interruption.
            let last = run.tokens().last().unwrap();
            let sealed = up.token(&run.host(), &mut Scripted::new([bytes(&last["encrypt_nonce"])]));
            assert_eq!(hex::encode(sealed), last["encrypt_token"]);
            up.finish().unwrap();

            let resuming = run.resume_decryption(&bytes(&token["decrypt_token"])).unwrap();
            assert_eq!(resuming.offset(), offset as u64);
            let mut down = checked(resuming, &run.plain[..offset], len).unwrap();
            let rest = std::iter::from_fn(|| run.decrypt_next(&mut down)).flatten().collect::<Vec<_>>();
            assert_eq!(rest, run.plain[offset..]);
            let sealed = down.token(&run.host(), &mut Scripted::new([bytes(&last["decrypt_nonce"])]));
            assert_eq!(hex::encode(sealed), last["decrypt_token"]);
            down.finish().unwrap();
        }
    }
}

#[test]
fn wrong_tokens_are_refused() {
    let run = three_parts();
    let refused = vectors("refused");
    let (good, refused) = refused.as_array().unwrap().split_first().unwrap();
    assert!(run.resume_encryption(&bytes(&good["token"])).is_ok());
    assert_eq!(refused.len(), 15);
    for case in refused {
        let result = run.resume_encryption(&bytes(&case["token"]));
        assert_eq!(result.unwrap_err(), MediaError::ResumeToken, "{}", case["what"]);
    }
}

#[test]
fn every_changed_bit_of_a_token_is_found() {
    let run = three_parts();
    let token = bytes(&run.tokens()[1]["encrypt_token"]);
    assert_eq!(token.len(), RESUME_TOKEN_LEN);
    let refused = |token: &[u8]| assert_eq!(run.resume_encryption(token).unwrap_err(), MediaError::ResumeToken);
    for bit in 0..token.len() * 8 {
        let mut token = token.clone();
        token[bit / 8] ^= 1 << (bit % 8);
        refused(&token);
    }
    for len in 0..token.len() {
        refused(&token[..len]);
    }
    refused(&[&token[..], &[0]].concat());
    assert_eq!(run.resume_decryption(&token).unwrap_err(), MediaError::ResumeToken);
}

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
    let mut resuming = run.resume_encryption(&bytes(&run.tokens()[1]["encrypt_token"])).unwrap();
    assert_eq!(resuming.check(&run.plain[..1025]), Err(MediaError::ResumeMismatch));
    resuming.check(&run.plain[..1024]).unwrap();
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
    let new = |size| ResumableEncryptor::new(&run.key(), size, PartSize::MAX, &mut Seeded::new(0)).unwrap_err();
    assert_eq!((new(0), new(u64::MAX)), (MediaError::Empty, MediaError::TooLarge));
    let new = |size| ResumableDecryptor::new(&run.key(), size, PartSize::MAX).unwrap_err();
    assert_eq!((new(0), new(u64::MAX)), (MediaError::Empty, MediaError::TooLarge));
}

#[test]
fn beyond_32_bits_of_length() {
    let value = vectors("beyond_32_bits");
    let run = three_parts();
    let key = ChainKey::from_parts(half(&value["key"]), half(&value["iv"]));
    let token = bytes(&value["decrypt_token"]);
    let mut resuming = ResumableDecryptor::resume(&key, 5_000_000_001, &token, &run.host()).unwrap();
    assert_eq!((resuming.offset(), value["offset"].as_u64()), (4_718_592_000, Some(4_718_592_000)));
    resuming.check(&[0; 1000]).unwrap();
    assert_eq!(format!("{resuming:?}"), "Resuming { progress: Progress { done: 1000, total: 4718592000 }, .. }");
    assert_eq!(resuming.finish().unwrap_err(), MediaError::ResumeMismatch);
}

/// With `SECRETCHAT_SLOW` the interruption lies beyond 32 bits of length, else beyond two parts.
#[test]
fn long_files() {
    let size = if std::env::var_os("SECRETCHAT_SLOW").is_some() { (1 << 32) + (1 << 20) + 17 } else { (1 << 20) + 17 };
    let (key, host) = (ChainKey::from_parts([1; 32], [2; 32]), ResumeKey::new([3; 32]));
    let mut up = ResumableEncryptor::new(&key, size, PartSize::MAX, &mut Seeded::new(0)).unwrap();
    let mut down = ResumableDecryptor::new(&key, size, PartSize::MAX).unwrap();
    let mut part = vec![0; 1 << 19];
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
    let key = ChainKey::from_parts([0xa7; 32], [0xa7; 32]);
    let host = ResumeKey::new([0xa7; 32]);
    assert_eq!(format!("{host:?}"), "ResumeKey(Secret<32>(..))");
    let mut up = ResumableEncryptor::new(&key, 2000, PartSize::new(1024).unwrap(), &mut Seeded::new(0)).unwrap();
    up.encrypt(&mut [0xa7; 1024]).unwrap();
    let progress = "progress: Progress { done: 1024, total: 2000 }";
    assert_eq!(format!("{up:?}"), format!("ResumableEncryptor {{ parts: PartEncryptor {{ {progress}, .. }}, .. }}"));
    let mut down = ResumableDecryptor::new(&key, 2000, PartSize::new(1024).unwrap()).unwrap();
    down.decrypt(&mut [0xa7; 1024]).unwrap();
    assert_eq!(format!("{down:?}"), format!("ResumableDecryptor {{ parts: PartDecryptor {{ {progress}, .. }}, .. }}"));
}
