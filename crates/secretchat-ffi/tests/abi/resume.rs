//! Files that go on after an interruption, by the vectors and in whole stories.

use secretchat_ffi::*;
use serde_json::Value;

use crate::lend::{code, made, many, ok, read, to, to_many};
use crate::streams::{content, encrypt, flow, hex_of};

const VECTORS: &str = include_str!("../../../../test-vectors/resume.json");
const HOST: [u8; SC_RESUME_KEY_LEN] = [7; SC_RESUME_KEY_LEN];

const SIZE: u64 = 300_001;

type Token = [u8; SC_RESUME_TOKEN_LEN];

fn failed(error: &str) -> ScStatus {
    code("MediaError", error).into()
}

fn draws(bytes: &[u8]) -> Box<ScEnv> {
    made(|out| sc_env_from_bytes(many(bytes), bytes.len(), out))
}

fn key_of(profile: u16, key: &[u8], iv: &[u8]) -> Box<ScMediaKey> {
    made(|out| sc_media_key_from_parts(profile, many(key), many(iv), out))
}

/// Shows content to a run in two pieces.
fn show(run: &mut ScResuming, content: &[u8]) {
    let (first, second) = content.split_at(content.len() / 3);
    ok(sc_resuming_check(Some(run), many(first), first.len()));
    ok(sc_resuming_check(Some(run), many(second), second.len()));
    let mut progress = ScProgress::default();
    ok(sc_resuming_progress(Some(run), to(&mut progress)));
    assert_eq!((progress.done, progress.total), (content.len() as u64, content.len() as u64));
}

#[test]
fn runs_of_the_vectors_go_on_from_each_token_and_seal_the_same_one() {
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let (mut sealing, mut opening) = (0, 0);
    for case in file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "segments") {
        let size = case["size"].as_u64().unwrap();
        let (host, content) = (hex_of(&case["host"]), content(case["name"].as_str().unwrap(), size));
        let key = key_of(SC_PROFILE_X25519, &hex_of(&case["key"]), &hex_of(&case["iv"]));
        for entry in case["tokens"].as_array().unwrap() {
            let offset = entry["offset"].as_u64().unwrap();
            let token = hex_of(&entry["seal_token"]);
            let mut run =
                made(|out| sc_encryptor_resume(Some(&key), size, many(&token), token.len(), many(&host), out));
            assert_eq!(sc_resuming_offset(Some(&run)), offset);
            show(&mut run, &content);
            let encryptor = made(|out| sc_resuming_encryptor(Some(&mut run), out));
            let (mut env, mut sealed) = (draws(&hex_of(&entry["seal_nonce"])), [0; SC_RESUME_TOKEN_LEN]);
            ok(sc_encryptor_token(Some(&encryptor), many(&host), Some(&mut env), to_many(&mut sealed)));
            assert_eq!(hex::encode(sealed), entry["seal_token"], "{}", case["id"]);
            sc_env_free(Some(env));
            sc_encryptor_free(Some(encryptor));
            sc_resuming_free(Some(run));
            sealing += 1;

            let Some(token) = entry["open_token"].as_str().map(|token| hex::decode(token).unwrap()) else { continue };
            let mut run =
                made(|out| sc_decryptor_resume(Some(&key), size, many(&token), token.len(), many(&host), out));
            assert_eq!(sc_resuming_offset(Some(&run)), offset);
            show(&mut run, &content[..usize::try_from(offset).unwrap()]);
            let decryptor = made(|out| sc_resuming_decryptor(Some(&mut run), out));
            let (mut env, mut sealed) = (draws(&hex_of(&entry["open_nonce"])), [0; SC_RESUME_TOKEN_LEN]);
            ok(sc_decryptor_token(Some(&decryptor), many(&host), Some(&mut env), to_many(&mut sealed)));
            assert_eq!(hex::encode(sealed), entry["open_token"], "{}", case["id"]);
            sc_env_free(Some(env));
            sc_decryptor_free(Some(decryptor));
            sc_resuming_free(Some(run));
            opening += 1;
        }
        sc_media_key_free(Some(key));
    }
    assert!(sealing > 5 && opening > 5, "{sealing} {opening}");
}

/// Plans a file. Returns the encryptor and the token of its start.
fn planned(profile: u16, content: &[u8], drawn: &[u8]) -> (Box<ScEncryptor>, Token) {
    let mut env = draws(drawn);
    let mut plan = made(|out| sc_plan_new(profile, content.len() as u64, Some(&mut env), out));
    let (mut encryptor, mut token) = (None, [0; SC_RESUME_TOKEN_LEN]);
    let mut finish = |plan: &mut ScPlan, env: &mut ScEnv| {
        sc_plan_finish(Some(plan), many(&HOST), Some(env), to(&mut encryptor), to_many(&mut token))
    };
    let (first, rest) = content.split_at(content.len() / 2);
    ok(sc_plan_take(Some(&mut plan), many(first), first.len()));
    // It goes on after each of these.
    assert_eq!(finish(&mut plan, &mut env), failed("truncated"));
    ok(sc_plan_take(Some(&mut plan), many(rest), rest.len()));
    assert_eq!(sc_plan_take(Some(&mut plan), many(&[0]), 1), failed("too_long"));
    assert_eq!(finish(&mut plan, &mut env), SC_ERROR_RANDOM);
    ok(sc_env_add_bytes(Some(&mut env), many(&[3; 12]), 12));
    ok(finish(&mut plan, &mut env));
    assert_eq!(finish(&mut plan, &mut env), SC_ERROR_USE);
    assert_eq!(sc_env_bytes_left(Some(&env)), 0);
    sc_plan_free(Some(plan));
    sc_env_free(Some(env));
    (encryptor.unwrap(), token)
}

#[test]
fn an_interrupted_file_is_the_same_file_in_each_profile() {
    for (profile, drawn) in [(SC_PROFILE_TELEGRAM, 64 + 15), (SC_PROFILE_X25519, 64)] {
        let content = content("a photo", SIZE);
        let drawn: Vec<u8> = (0..drawn).collect();
        let expected = encrypt(profile, &content, &drawn);
        let (mut encryptor, start) = planned(profile, &content, &drawn);
        let key = made(|out| sc_encryptor_key(Some(&encryptor), out));
        let mut env = made(|out| sc_env_system(out));

        let began = flow(&content[..140_000], |bytes, len, taken, out| {
            sc_encryptor_update(Some(&mut encryptor), bytes, len, taken, out)
        });
        let mut later = [0; SC_RESUME_TOKEN_LEN];
        ok(sc_encryptor_token(Some(&encryptor), many(&HOST), Some(&mut env), to_many(&mut later)));
        sc_encryptor_free(Some(encryptor));
        assert!(!began.is_empty() && expected.starts_with(&began));

        // From the token of the start everything comes again, from the later one the rest.
        for (token, kept) in [(start, 0), (later, began.len())] {
            let (place, rest) = encrypted_rest(&key, &token, &content, expected.len());
            assert_eq!(place, kept as u64);
            assert_eq!([&began[..kept], &rest].concat(), expected);
        }
        decrypted(&key, &expected, &content, &mut env);
        refused(&key, &later, &content);
        sc_media_key_free(Some(key));
        sc_env_free(Some(env));
    }
}

/// Goes on with an encryption to its end. Returns from where on, and what came out.
fn encrypted_rest(key: &ScMediaKey, token: &Token, content: &[u8], whole: usize) -> (u64, Vec<u8>) {
    let mut run = made(|out| sc_encryptor_resume(Some(key), SIZE, many(token), token.len(), many(&HOST), out));
    show(&mut run, content);
    let rest = &content[usize::try_from(sc_resuming_offset(Some(&run))).unwrap()..];
    assert_eq!(sc_resuming_decryptor(Some(&mut run), to(&mut None)), SC_ERROR_USE);
    let mut encryptor = made(|out| sc_resuming_encryptor(Some(&mut run), out));
    assert_eq!(sc_resuming_encryptor(Some(&mut run), to(&mut None)), SC_ERROR_USE);
    assert_eq!(sc_resuming_check(Some(&mut run), In::NULL, 0), SC_ERROR_USE);
    sc_resuming_free(Some(run));

    let mut place = 0;
    ok(sc_encryptor_place(Some(&encryptor), to(&mut place)));
    assert_eq!(sc_encryptor_encrypted_len(Some(&encryptor)), whole as u64);
    let rest = flow(rest, |bytes, len, taken, out| sc_encryptor_update(Some(&mut encryptor), bytes, len, taken, out));
    let same = made(|out| sc_encryptor_finish(Some(&mut encryptor), out));
    assert_eq!(read(sc_media_key_key(Some(&same))), read(sc_media_key_key(Some(key))));
    sc_media_key_free(Some(same));
    assert_eq!(sc_encryptor_place(Some(&encryptor), to(&mut place)), SC_ERROR_USE);
    sc_encryptor_free(Some(encryptor));
    (place, rest)
}

/// Decrypts a file with an interruption.
fn decrypted(key: &ScMediaKey, file: &[u8], content: &[u8], env: &mut ScEnv) {
    let mut decryptor = made(|out| sc_decryptor_new_resumable(Some(key), SIZE, out));
    let mut found = flow(&file[..150_000], |bytes, len, taken, out| {
        sc_decryptor_update(Some(&mut decryptor), bytes, len, taken, out)
    });
    let mut token = [0; SC_RESUME_TOKEN_LEN];
    ok(sc_decryptor_token(Some(&decryptor), many(&HOST), Some(env), to_many(&mut token)));
    sc_decryptor_free(Some(decryptor));

    let mut run = made(|out| sc_decryptor_resume(Some(key), SIZE, many(&token), token.len(), many(&HOST), out));
    assert_eq!(sc_resuming_offset(Some(&run)), found.len() as u64);
    show(&mut run, &found);
    assert_eq!(sc_resuming_encryptor(Some(&mut run), to(&mut None)), SC_ERROR_USE);
    let mut decryptor = made(|out| sc_resuming_decryptor(Some(&mut run), out));
    sc_resuming_free(Some(run));
    let mut place = 0;
    ok(sc_decryptor_place(Some(&decryptor), to(&mut place)));
    assert!(place > 0);
    found.extend(flow(&file[usize::try_from(place).unwrap()..], |bytes, len, taken, out| {
        sc_decryptor_update(Some(&mut decryptor), bytes, len, taken, out)
    }));
    ok(sc_decryptor_finish(Some(&mut decryptor)));
    sc_decryptor_free(Some(decryptor));
    assert_eq!(found, content);
}

/// Another content, another token and another host give no run.
fn refused(key: &ScMediaKey, token: &Token, content: &[u8]) {
    let resume = |token: &[u8], host: &[u8]| {
        let mut run = None;
        let status = sc_encryptor_resume(Some(key), SIZE, many(token), token.len(), many(host), to(&mut run));
        run.ok_or(status)
    };
    let mut changed = *token;
    changed[60] ^= 1;
    assert_eq!(resume(&changed, &HOST).err(), Some(failed("resume_token")));
    assert_eq!(resume(&token[1..], &HOST).err(), Some(failed("resume_token")));
    assert_eq!(resume(token, &[8; SC_RESUME_KEY_LEN]).err(), Some(failed("resume_token")));
    let backwards = sc_decryptor_resume(Some(key), SIZE, many(token), token.len(), many(&HOST), to(&mut None));
    assert_eq!(backwards, failed("resume_token"));

    let mut run = resume(token, &HOST).unwrap();
    let mut other = content.to_vec();
    *other.last_mut().unwrap() ^= 1;
    show(&mut run, &other);
    assert_eq!(sc_resuming_check(Some(&mut run), many(&[0]), 1), failed("resume_mismatch"));
    assert_eq!(sc_resuming_encryptor(Some(&mut run), to(&mut None)), failed("resume_mismatch"));
    sc_resuming_free(Some(run));
}

#[test]
fn a_run_that_was_begun_without_a_plan_has_no_token() {
    let mut env = made(|out| sc_env_system(out));
    let encryptor = made(|out| sc_encryptor_new(SC_PROFILE_X25519, 9, Some(&mut env), out));
    let key = made(|out| sc_encryptor_key(Some(&encryptor), out));
    let decryptor = made(|out| sc_decryptor_new(Some(&key), 9, out));
    let (mut token, mut place) = ([0; SC_RESUME_TOKEN_LEN], 0);
    let (host, random) = (many(&HOST), Some(&mut *env));
    assert_eq!(sc_encryptor_token(Some(&encryptor), host, random, to_many(&mut token)), SC_ERROR_USE);
    assert_eq!(sc_decryptor_token(Some(&decryptor), host, Some(&mut env), to_many(&mut token)), SC_ERROR_USE);
    assert_eq!(sc_encryptor_place(Some(&encryptor), to(&mut place)), SC_ERROR_USE);
    assert_eq!(sc_decryptor_place(Some(&decryptor), to(&mut place)), SC_ERROR_USE);
    assert_eq!(token, [0; SC_RESUME_TOKEN_LEN]);
    sc_encryptor_free(Some(encryptor));
    sc_decryptor_free(Some(decryptor));
    sc_media_key_free(Some(key));
    sc_env_free(Some(env));
}
