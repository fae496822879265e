//! An interruption at every border.

use recordings::Scripted;
use secretchat::media::Progress;

use super::run::{bytes, checked, forty_parts, runs};
use crate::support::rng::Seeded;

#[test]
fn tokens_at_every_border_are_those_of_the_vectors() {
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
            let mut up = checked(resuming, &run.plain, len).unwrap();
            // A second interruption at the same place.
            let again = up.token(&run.host(), &mut Seeded::new(1));
            let mut twice = checked(run.resume_encryption(&again).unwrap(), &run.plain, len).unwrap();
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

/// Both directions, at each of 41 borders: only all of the content goes on, or only the content up to the same border to
/// decrypt, and with the same bytes.
#[test]
fn every_border_of_a_long_run() {
    let run = forty_parts();
    let borders: Vec<_> = (0..=40).map(|done| run.plain.len().min(done * 1024)).collect();
    let (mut up, mut down) = (run.encryptor(), run.decryptor());
    for &offset in &borders {
        let token = up.token(&run.host(), &mut Seeded::new(offset as u64));
        for &shown in &borders {
            let resumed = checked(run.resume_encryption(&token).unwrap(), &run.plain[..shown], 3000);
            assert_eq!(resumed.is_ok(), shown == run.plain.len(), "{shown} for {offset}");
        }
        let mut resumed = checked(run.resume_encryption(&token).unwrap(), &run.plain, 999).unwrap();
        assert_eq!(resumed.progress(), up.progress());
        let rest = std::iter::from_fn(|| run.encrypt_next(&mut resumed)).flatten().collect::<Vec<_>>();
        assert!(rest == run.cipher[offset.next_multiple_of(16)..], "{offset}");
        resumed.finish().unwrap();
        run.encrypt_next(&mut up);

        let token = down.token(&run.host(), &mut Seeded::new(offset as u64));
        for &shown in &borders {
            let resumed = checked(run.resume_decryption(&token).unwrap(), &run.plain[..shown], 3000);
            assert_eq!(resumed.is_ok(), shown == offset, "{shown} for {offset}");
        }
        let mut resumed = checked(run.resume_decryption(&token).unwrap(), &run.plain[..offset], 999).unwrap();
        assert_eq!(resumed.progress(), down.progress());
        let rest = std::iter::from_fn(|| run.decrypt_next(&mut resumed)).flatten().collect::<Vec<_>>();
        assert!(rest == run.plain[offset..], "{offset}");
        resumed.finish().unwrap();
        run.decrypt_next(&mut down);
    }
    up.finish().unwrap();
    down.finish().unwrap();
}
