//! `resume-1` (SPEC RES-1 to RES-6, SEG-11).

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    ChainKey, FileForm, MediaKey, PartSize, ResumableDecryptor, ResumableEncryptor, ResumableMediaDecryptor,
    ResumableMediaEncryptor, ResumableSealer, ResumeKey, Resuming,
};

use super::case::{Case, Checked, equal, same_bytes, words};
use super::segments;

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "segments" => return segments_run(case),
        "segments-token" => return segments_token(case),
        _ => {}
    }
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

/// Checks the token at every boundary, and resumes from each in both directions.
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

/// Checks the tokens after segments, with plans from the same draws.
fn segments_run(case: &Case<'_>) -> Checked {
    let (size, host): (u64, _) = (case.number("size")?, ResumeKey::new(case.array("host")?));
    let (layout, content) = (segments::layout(case)?, segments::content(case)?);
    let mut rng = Scripted::default();
    for name in ["key", "salt"] {
        rng.push(case.bytes(name)?);
    }
    rng.push(vec![0; 12]);
    let mut plan = ResumableSealer::plan_with_layout(layout, &mut rng);
    plan.take(&content).map_err(words)?;
    let (mut run, _token) = plan.finish(&host, &mut rng).map_err(words)?;
    let (secret, commitment) = run.key().parts();
    same_bytes("key", case.bytes("key")?, secret)?;
    same_bytes("iv", case.bytes("iv")?, commitment)?;
    equal("count", case.number("count")?, run.layout().count())?;
    let key = run.key().duplicate();
    for token in case.list("tokens")? {
        let token = case.part(token);
        let (done, offset): (u64, u64) = (token.number("segments_done")?, token.number("offset")?);
        while let Some(next) = run.next_segment().filter(|next| next.index < done) {
            let start = usize::try_from(next.index)
                .map_err(words)?
                .saturating_mul(layout.segment_size().bytes())
                .min(content.len());
            let mut stored = content.get(start..).unwrap_or_default().to_vec();
            stored.truncate(next.content_len);
            stored.resize(next.stored_len, 0);
            run.seal(&mut stored).map_err(words)?;
        }
        let sealed = token.bytes("seal_token")?;
        same_bytes("seal_token", &sealed, run.token(&host, &mut draws(&token, "seal_nonce")?))?;
        let resumed = checked(ResumableSealer::resume(&key, size, &sealed, &host), &content).map_err(words)?;
        equal("offset", offset, resumed.progress().done)?;
        let Ok(opening) = token.bytes("open_token") else { continue };
        let whole = MediaKey::from(key.duplicate());
        let out = content.get(..usize::try_from(offset).map_err(words)?).ok_or("an offset after the end")?;
        let resumed = checked(ResumableMediaDecryptor::resume(&whole, size, &opening, &host), out).map_err(words)?;
        let begins = layout.segment(done).map_or(layout.encrypted_len(), |segment| segment.offset);
        equal("place", if done == 0 { 0 } else { begins }, resumed.place())?;
        same_bytes("open_token", &opening, resumed.token(&host, &mut draws(&token, "open_nonce")?))?;
    }
    Ok(())
}

fn segments_token(case: &Case<'_>) -> Checked {
    let key = MediaKey::from_parts(FileForm::Segments, case.array("key")?, case.array("iv")?);
    let (size, token) = (case.number("size")?, case.bytes("token")?);
    let host = ResumeKey::new(case.array("host")?);
    let resuming = match case.text("doing")? {
        "sealing" => ResumableMediaEncryptor::resume(&key, size, &token, &host).map(|_| ()),
        _ => ResumableMediaDecryptor::resume(&key, size, &token, &host).map(|_| ()),
    };
    if case.is_valid()? { resuming.map_err(words) } else { case.refused(resuming) }
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

/// Returns the remaining ciphertext, after the part that was already done.
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
