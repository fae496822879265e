//! Tokens of files that go on after an interruption.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hkdf::Hkdf;
use recordings::Seeded;
use secretchat::MediaError;
use secretchat::media::{
    ChainKey, Padding, PartSize, ResumableDecryptor, ResumableEncryptor, ResumableSealer, ResumeKey, Resuming,
};
use sha2::{Digest, Sha256};

const HOST: [u8; 32] = [0x68; 32];
const SIZE: usize = 3_000;
/// Of RES-5: p is behind the direction, then the size, the parts done, iv, padding and digest.
const STATE_LEN: usize = 98;
const DONE: std::ops::Range<usize> = 10..18;
const DIGEST: std::ops::Range<usize> = 66..98;

/// Checks that a token which nobody sealed is refused, and that one which is sealed with anything in it is refused by the
/// rules of SPEC RES-5 and RES-6, or gives a run to the end: the honest one gives the bytes of a run without an interruption.
///
/// The input: which kind of run, and a mode. Mode 0 takes the bytes as the token, 1 writes them over its state at a place
/// that comes first, 2 does so and makes the digest right, and others take them as the state.
pub fn resume(data: &[u8]) {
    check(data, |content| content);
}

/// With what becomes of the content that is shown.
fn check(data: &[u8], shown: fn(Vec<u8>) -> Vec<u8>) {
    let Some((&[which, how], bytes)) = data.split_first_chunk() else { return };
    let run = Run::honest(which % 3);
    let honest = open(&run.file_key, &run.token);
    let mut state = honest.clone();
    let over = |state: &mut Vec<u8>| {
        if let Some((place, bytes)) = bytes.split_first() {
            state.iter_mut().skip(usize::from(*place) % STATE_LEN).zip(bytes).for_each(|(byte, new)| *byte = *new);
        }
    };
    let token = match how {
        0 => {
            let resumed = run.resume(bytes, &shown(content()));
            assert!(bytes == run.token || resumed == Err(MediaError::ResumeToken), "nobody sealed this token");
            return;
        }
        1 => {
            over(&mut state);
            seal(&run.file_key, &state)
        }
        2 => {
            over(&mut state);
            if let Some(digest) = run.digest(&state) {
                state[DIGEST].copy_from_slice(&digest);
            }
            seal(&run.file_key, &state)
        }
        _ => {
            state = bytes.to_vec();
            seal(&run.file_key, &state)
        }
    };
    let resumed = run.resume(&token, &shown(run.shown(&state)));
    if state == honest {
        assert_eq!(resumed, Ok(run.rest.clone()), "the run goes on as it would have");
    } else if !run.is_whole(&state) {
        assert_eq!(resumed, Err(MediaError::ResumeToken), "RES-5");
    } else if run.digest(&state).is_none_or(|digest| digest != state[DIGEST]) {
        assert!(resumed.is_err(), "RES-6");
    }
}

/// A run that was interrupted after its first part.
struct Run {
    direction: u8,
    file_key: [u8; 64],
    token: Vec<u8>,
    rest: Vec<u8>,
}

fn content() -> Vec<u8> {
    (0..SIZE).map(|i| (i * 31 / 7).to_le_bytes()[0]).collect()
}

fn chain_key(file_key: &[u8; 64]) -> ChainKey {
    let (key, iv) = file_key.split_at(32);
    ChainKey::from_parts(key.try_into().unwrap(), iv.try_into().unwrap())
}

impl Run {
    fn honest(direction: u8) -> Self {
        let (host, rng, content) = (ResumeKey::new(HOST), &mut Seeded::new(6), content());
        match direction {
            0 | 1 => {
                let part_size = PartSize::new(1_024).unwrap();
                let mut plan = ResumableEncryptor::plan(SIZE as u64, part_size, rng).unwrap();
                plan.take(&content).unwrap();
                let (mut up, _) = plan.finish(&host, rng).unwrap();
                let key = up.key().duplicate();
                let file_key = [&key.parts().0[..], key.parts().1].concat().try_into().unwrap();
                let mut down = ResumableDecryptor::new(&key, SIZE as u64, part_size).unwrap();
                let first = encrypt_next(&mut up, &content);
                down.decrypt(&mut first.clone()).unwrap();
                let token = if direction == 0 { up.token(&host, rng) } else { down.token(&host, rng) }.to_vec();
                let cipher = encrypt_rest(up, &content);
                let rest = if direction == 0 { cipher } else { content[1_024..].to_vec() };
                Self { direction, file_key, token, rest }
            }
            _ => {
                let mut plan = ResumableSealer::plan(SIZE as u64, Padding::None, rng).unwrap();
                plan.take(&content).unwrap();
                let (run, token) = plan.finish(&host, rng).unwrap();
                let file_key = [&run.key().parts().0[..], run.key().parts().1].concat().try_into().unwrap();
                Self { direction, file_key, token: token.to_vec(), rest: seal_rest(run, &content) }
            }
        }
    }

    /// Goes on from a token with this content, and returns what comes out.
    fn resume(&self, token: &[u8], content: &[u8]) -> Result<Vec<u8>, MediaError> {
        let (host, key) = (ResumeKey::new(HOST), chain_key(&self.file_key));
        match self.direction {
            0 => {
                Ok(encrypt_rest(go_on(ResumableEncryptor::resume(&key, SIZE as u64, token, &host)?, content)?, content))
            }
            1 => decrypt_rest(go_on(ResumableDecryptor::resume(&key, SIZE as u64, token, &host)?, content)?, self),
            _ => {
                let (secret, commitment) = key.parts();
                let key = secretchat::media::SegmentKey::from_parts(*secret, *commitment);
                Ok(seal_rest(go_on(ResumableSealer::resume(&key, SIZE as u64, token, &host)?, content)?, content))
            }
        }
    }

    /// Whether the state passes RES-5; of one of segments all that is not said here as well.
    fn is_whole(&self, state: &[u8]) -> bool {
        let Ok(state): Result<&[u8; STATE_LEN], _> = state.try_into() else { return false };
        let size = u64::from_le_bytes(state[2..10].try_into().unwrap());
        let p_fits = if self.direction == 2 { [2, 6].contains(&state[1]) } else { state[1] <= 9 };
        state[0] == self.direction
            && p_fits
            && size == SIZE as u64
            && u64::from_le_bytes(state[DONE].try_into().unwrap()) <= (SIZE as u64).div_ceil(1_024 << state[1])
    }

    /// What has to be shown for a state.
    fn shown(&self, state: &[u8]) -> Vec<u8> {
        let mut content = content();
        if self.direction == 1 && self.is_whole(state) {
            let done = u64::from_le_bytes(state[DONE].try_into().unwrap());
            content.truncate(usize::try_from(done << (10 + state[1])).unwrap());
        }
        content
    }

    /// The digest of RES-4 for a state that passes RES-5.
    fn digest(&self, state: &[u8]) -> Option<[u8; 32]> {
        if !self.is_whole(state) {
            return None;
        }
        let content = self.shown(state);
        let parts = content.chunks(1_024 << state[1]);
        Some(parts.fold([0; 32], |d, part| {
            Sha256::new_with_prefix("secretchat/1 resume part").chain_update(d).chain_update(part).finalize().into()
        }))
    }
}

fn go_on<T>(mut resuming: Resuming<T>, content: &[u8]) -> Result<T, MediaError> {
    assert!(resuming.offset() <= SIZE as u64 + 1_024);
    for piece in content.chunks(700) {
        resuming.check(piece)?;
    }
    resuming.finish()
}

fn encrypt_next(run: &mut ResumableEncryptor, content: &[u8]) -> Vec<u8> {
    let next = run.next_part().unwrap();
    let start = usize::try_from(next.range.start).unwrap();
    let mut part = content[start..content.len().min(start + next.len)].to_vec();
    part.resize(next.len, 0);
    run.encrypt(&mut part).unwrap();
    part
}

fn encrypt_rest(mut run: ResumableEncryptor, content: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    while run.next_part().is_some() {
        rest.extend(encrypt_next(&mut run, content));
    }
    run.finish().unwrap();
    rest
}

/// The stored file is that of the honest run.
fn decrypt_rest(mut run: ResumableDecryptor, honest: &Run) -> Result<Vec<u8>, MediaError> {
    let stored = Run::honest(0);
    assert_eq!(stored.file_key, honest.file_key);
    let mut whole = vec![0; 1_024];
    whole.extend(stored.rest);
    let mut rest = Vec::new();
    while let Some(next) = run.next_part() {
        let start = usize::try_from(next.range.start).unwrap();
        rest.extend_from_slice(run.decrypt(&mut whole[start..start + next.len].to_vec())?);
    }
    run.finish()?;
    Ok(rest)
}

fn seal_rest(mut run: ResumableSealer, content: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    while let Some(next) = run.next_segment() {
        let start = usize::try_from(next.index).unwrap() * run.layout().segment_size().bytes();
        let mut segment = content[start.min(content.len())..].to_vec();
        segment.truncate(next.content_len);
        segment.resize(next.stored_len, 0);
        run.seal(&mut segment).unwrap();
        rest.extend(segment);
    }
    run.finish().unwrap();
    rest
}

fn cipher(file_key: &[u8; 64]) -> Aes256GcmSiv {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(file_key), &HOST).expand(b"secretchat/1 resume token", &mut key).unwrap();
    Aes256GcmSiv::new(&key.into())
}

const ABOUT: &[u8] = b"secretchat/1 resume token\x02";

fn open(file_key: &[u8; 64], token: &[u8]) -> Vec<u8> {
    let nonce: [u8; 12] = token[1..13].try_into().unwrap();
    cipher(file_key).decrypt(&nonce.into(), Payload { msg: &token[13..], aad: ABOUT }).unwrap()
}

fn seal(file_key: &[u8; 64], state: &[u8]) -> Vec<u8> {
    let sealed = cipher(file_key).encrypt(&[0x4e; 12].into(), Payload { msg: state, aad: ABOUT }).unwrap();
    [&[2][..], &[0x4e; 12], &sealed].concat()
}

#[test]
fn a_run_that_takes_changed_content_is_found() {
    // The honest token, of each kind.
    for which in 0..3 {
        let data = [which, 1];
        resume(&data);
        let changed = |mut content: Vec<u8>| {
            content[5] ^= 1;
            content
        };
        assert!(crate::fails(|| check(&data, changed)));
    }
}
