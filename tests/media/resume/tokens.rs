//! Tokens that are not of this run.

use secretchat::MediaError;
use secretchat::media::{ChainKey, RESUME_TOKEN_LEN, ResumableDecryptor, ResumableEncryptor, ResumeKey};

use super::run::{bytes, forty_parts, three_parts, vectors};
use crate::support::rng::Seeded;

/// What a token of any border is bound to, both directions.
#[test]
fn tokens_of_another_run_are_refused_at_every_border() {
    let run = forty_parts();
    let (size, host, rng) = (run.size, run.host(), &mut Seeded::new(5));
    let (mut up, mut down) = (run.encryptor(), run.decryptor());
    for _ in 0..=40 {
        let tokens = [up.token(&host, rng), down.token(&host, rng)];
        let taken = |tokens: [&[u8]; 2], key: &ChainKey, size: u64, host: &ResumeKey| {
            let up = ResumableEncryptor::resume(key, size, tokens[0], host).map(|_| ());
            let down = ResumableDecryptor::resume(key, size, tokens[1], host).map(|_| ());
            assert_eq!(up, down);
            up
        };
        let [one, other] = tokens.each_ref().map(|token| &token[..]);
        let version = tokens.map(|token| [&[1], &token[1..]].concat());
        let refused = Err(MediaError::ResumeToken);
        assert_eq!(taken([one, other], &run.key(), size, &host), Ok(()));
        assert_eq!(taken([other, one], &run.key(), size, &host), refused, "direction");
        assert_eq!(taken([&version[0], &version[1]], &run.key(), size, &host), refused, "version");
        assert_eq!(taken([one, other], &run.key(), size - 1, &host), refused, "size");
        assert_eq!(taken([one, other], &run.key(), size, &ResumeKey::new([5; 32])), refused, "host key");
        for (key, iv) in [([1; 32], [1; 32]), ([2; 32], [2; 32])] {
            assert_eq!(taken([one, other], &ChainKey::from_parts(key, iv), size, &host), refused, "file");
        }
        run.encrypt_next(&mut up);
        run.decrypt_next(&mut down);
    }
}

#[test]
fn wrong_tokens_are_refused() {
    let run = three_parts();
    let refused = vectors("token");
    let (good, refused) = refused.split_first().unwrap();
    assert!(run.resume_encryption(&bytes(&good["token"])).is_ok());
    assert_eq!(refused.len(), 27);
    for case in refused {
        let result = run.resume_encryption(&bytes(&case["token"]));
        assert_eq!(result.unwrap_err(), MediaError::ResumeToken, "{}", case["comment"]);
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
