//! `resume-1` (SPEC RES-1 to RES-6).

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{ChainKey, PartSize, ResumableDecryptor, ResumableEncryptor, ResumeKey, Resuming};

use super::case::{Case, Checked, equal, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let key = ChainKey::from_parts(case.array("key")?, case.array("iv")?);
    let host = ResumeKey::new(case.array("host")?);
    let size = case.number("size")?;
    match case.kind() {
        "run" => run(case, &key, size, &host),
        "token" => {
            let resuming = ResumableEncryptor::resume(&key, size, &case.bytes("token")?, &host).map(|_| ());
            if case.is_valid()? { resuming.map_err(words) } else { case.refused(resuming) }
        }
        "shown" => {
            let (token, content) = (case.bytes("token")?, case.bytes("content")?);
            let shown = match case.text("direction")? {
                "encrypt" => checked(ResumableEncryptor::resume(&key, size, &token, &host), &content).map(drop),
                _ => checked(ResumableDecryptor::resume(&key, size, &token, &host), &content).map(drop),
            };
            if case.is_valid()? { shown.map_err(words) } else { case.refused(shown) }
        }
        "changed" => {
            let resuming = ResumableEncryptor::resume(&key, size, &case.bytes("token")?, &host);
            let mut run = checked(resuming, &case.bytes("plain")?).map_err(words)?;
            let next = run.next_part().ok_or("no part is left")?;
            equal("part", case.number("part")?, next.number)?;
            let mut part = case.bytes("content")?;
            part.resize(next.len, 0);
            match run.encrypt(&mut part) {
                Ok(()) if case.is_valid()? => same_bytes("part_cipher", &case.bytes("part_cipher")?, part),
                result => case.refused(result),
            }
        }
        "beyond-32-bits" => {
            let token = case.bytes("decrypt_token")?;
            let resuming = ResumableDecryptor::resume(&key, size, &token, &host).map_err(words)?;
            equal("offset", case.number("offset")?, resuming.offset())
        }
        _ => case.unknown_kind(),
    }
}

/// Checks the token at every border, and goes on from each in both directions.
fn run(case: &Case<'_>, key: &ChainKey, size: u64, host: &ResumeKey) -> Checked {
    let part_size = PartSize::new(case.number("part_size")?).map_err(words)?;
    let (plain, cipher) = (case.bytes("plain")?, case.bytes("cipher")?);
    let mut rng = Scripted::default();
    for name in ["key", "iv", "padding"] {
        rng.push(case.bytes(name)?);
    }
    let mut plan = ResumableEncryptor::plan(size, part_size, &mut rng).map_err(words)?;
    plan.take(&plain).map_err(words)?;
    let (mut up, _token) = plan.finish(host, &mut rng).map_err(words)?;
    let mut down = ResumableDecryptor::new(key, size, part_size).map_err(words)?;
    for token in case.list("tokens")? {
        let token = case.part(token);
        let done: usize = token.number("offset")?;
        let (up_token, down_token) = (token.bytes("encrypt_token")?, token.bytes("decrypt_token")?);
        same_bytes("encrypt_token", &up_token, up.token(host, &mut draws(&token, "encrypt_nonce")?))?;
        same_bytes("decrypt_token", &down_token, down.token(host, &mut draws(&token, "decrypt_nonce")?))?;
        let done = plain.get(..done).ok_or("an offset after the end")?;
        let again = checked(ResumableEncryptor::resume(key, size, &up_token, host), &plain).map_err(words)?;
        same_bytes("cipher", &cipher, rest_of_cipher(again, &plain, &cipher)?)?;
        let again = checked(ResumableDecryptor::resume(key, size, &down_token, host), done).map_err(words)?;
        same_bytes("plain", &plain, rest_of_plain(again, done, &cipher)?)?;
        encrypt_next(&mut up, &plain)?;
        decrypt_next(&mut down, &cipher)?;
    }
    up.finish().and(down.finish()).map_err(words)
}

fn draws(case: &Case<'_>, name: &str) -> Result<Scripted, String> {
    let mut rng = Scripted::default();
    rng.push(case.bytes(name)?);
    Ok(rng)
}

fn checked<T>(resuming: Result<Resuming<T>, MediaError>, done: &[u8]) -> Result<T, MediaError> {
    let mut resuming = resuming?;
    resuming.check(done)?;
    resuming.finish()
}

/// Returns the rest, after the ciphertext of what was done before.
fn rest_of_cipher(mut run: ResumableEncryptor, plain: &[u8], cipher: &[u8]) -> Result<Vec<u8>, String> {
    let done = run.next_part().map_or(cipher.len(), |part| usize::try_from(part.range.start).unwrap_or(usize::MAX));
    let mut all = cipher.get(..done).ok_or("a part after the end")?.to_vec();
    while let Some(part) = encrypt_next(&mut run, plain)? {
        all.extend(part);
    }
    Ok(all)
}

fn rest_of_plain(mut run: ResumableDecryptor, done: &[u8], cipher: &[u8]) -> Result<Vec<u8>, String> {
    let mut all = done.to_vec();
    while let Some(part) = decrypt_next(&mut run, cipher)? {
        all.extend(part);
    }
    Ok(all)
}

fn encrypt_next(run: &mut ResumableEncryptor, plain: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let Some(next) = run.next_part() else { return Ok(None) };
    let start = usize::try_from(next.range.start).map_err(words)?;
    let mut part = plain.get(start..).and_then(|rest| rest.get(..next.content_len)).ok_or("no content left")?.to_vec();
    part.resize(next.len, 0);
    run.encrypt(&mut part).map_err(words)?;
    Ok(Some(part))
}

fn decrypt_next(run: &mut ResumableDecryptor, cipher: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let Some(next) = run.next_part() else { return Ok(None) };
    let start = usize::try_from(next.range.start).map_err(words)?;
    let mut part = cipher.get(start..).and_then(|rest| rest.get(..next.len)).ok_or("no ciphertext left")?.to_vec();
    Ok(Some(run.decrypt(&mut part).map_err(words)?.to_vec()))
}
