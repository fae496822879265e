//! Files as streams, for the tests of files.

use secretchat_ffi::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::lend::{made, many, ok, read, to};

pub(crate) fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Makes the content of a file of the vectors, from its name.
pub(crate) fn content(name: &str, size: u64) -> Vec<u8> {
    let size = usize::try_from(size).unwrap();
    let mut content: Vec<u8> =
        (0..=size / 32).flat_map(|block| <[u8; 32]>::from(Sha256::digest(format!("{name} content {block}")))).collect();
    content.truncate(size);
    content
}

/// Gives `bytes` to a stream until nothing comes out any more. Returns what came out.
pub(crate) fn flow(
    bytes: &[u8],
    mut update: impl FnMut(In<u8>, usize, Out<usize>, Out<ScBytes>) -> ScStatus,
) -> Vec<u8> {
    let (mut rest, mut all) = (bytes, Vec::new());
    loop {
        let (mut taken, mut part) = (0, ScBytes::NONE);
        ok(update(many(rest), rest.len(), to(&mut taken), to(&mut part)));
        let part = read(part);
        if taken == 0 && part.is_empty() {
            assert!(rest.is_empty());
            return all;
        }
        rest = &rest[taken..];
        all.extend(part);
    }
}

/// Encrypts a whole file, whose key comes from these draws.
pub(crate) fn encrypt(profile: u16, content: &[u8], draws: &[u8]) -> Vec<u8> {
    let mut env = made(|out| sc_env_from_bytes(many(draws), draws.len(), out));
    let mut encryptor = made(|out| sc_encryptor_new(profile, content.len() as u64, Some(&mut env), out));
    assert_eq!(sc_env_bytes_left(Some(&env)), 0);
    sc_env_free(Some(env));
    let stored =
        flow(content, |bytes, len, taken, out| sc_encryptor_update(Some(&mut encryptor), bytes, len, taken, out));
    sc_media_key_free(Some(made(|out| sc_encryptor_finish(Some(&mut encryptor), out))));
    sc_encryptor_free(Some(encryptor));
    stored
}
