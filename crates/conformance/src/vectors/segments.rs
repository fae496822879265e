//! `segments-1` (SPEC SEG-1 to SEG-8).

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{
    Padding, SEGMENT_LEN, SegmentDecryptor, SegmentEncryptor, SegmentKey, SegmentLayout, SegmentSize, TAG_LEN,
};
use sha2::{Digest, Sha256};

use super::case::{Case, Checked, equal, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "padme" => padme(case),
        "file" | "other" => file(case),
        "hostile" => {
            let stored = changed(case)?;
            equal("stored_sha256", case.text("stored_sha256")?, sha256(&stored).as_str())?;
            refused(case, &stored)
        }
        "sealed-wrong" => {
            let (mut stored, _) = seal(&named(case, case.text("file")?)?)?;
            stored.truncate(case.number("kept")?);
            stored.extend(case.bytes("stored")?);
            refused(case, &stored)
        }
        _ => case.unknown_kind(),
    }
}

fn padme(case: &Case<'_>) -> Checked {
    let (size, padded): (u64, u64) = (case.number("length")?, case.number("padded")?);
    let layout = SegmentLayout::new(size, Padding::Padme).map_err(words)?;
    let padded = padded.next_multiple_of(16);
    let count = padded.div_ceil(SEGMENT_LEN as u64);
    equal("count", count, layout.count())?;
    equal("length", 40 + padded + 32 * count, layout.encrypted_len())
}

fn file(case: &Case<'_>) -> Checked {
    let (stored, key) = seal(case)?;
    let (secret, commitment) = key.parts();
    same_bytes("secret", case.bytes("secret")?, secret)?;
    same_bytes("commitment", case.bytes("commitment")?, commitment)?;
    same_bytes("header", case.bytes("header")?, stored.get(..40).unwrap_or_default())?;
    equal("stored_len", case.number("stored_len")?, stored.len())?;
    equal("stored_sha256", case.text("stored_sha256")?, sha256(&stored).as_str())?;
    for segment in case.list("segments")? {
        let segment = case.part(segment);
        let end: usize = segment.number("end")?;
        same_bytes("tag", segment.bytes("tag")?, stored.get(end - TAG_LEN..end).unwrap_or_default())?;
    }
    let (released, result) = open(case, &stored)?;
    result.map_err(words)?;
    equal("content", sha256(&content(case)?), sha256(&released))
}

/// Checks that a file ends with the error, after the beginning of the content.
fn refused(case: &Case<'_>, stored: &[u8]) -> Checked {
    let (released, result) = open(case, stored)?;
    case.refused(result)?;
    equal("released", case.number("released")?, released.len())?;
    let content = content(&named(case, case.text("file")?)?)?;
    equal("released bytes", sha256(content.get(..released.len()).unwrap_or_default()), sha256(&released))
}

fn named<'f>(case: &Case<'f>, name: &str) -> Result<Case<'f>, String> {
    let is_it = |value: &&serde_json::Value| value["name"] == name;
    let found = case.file["cases"].as_array().into_iter().flatten().find(is_it);
    found.map(|value| case.part(value)).ok_or_else(|| format!("no file {name}"))
}

fn changed(case: &Case<'_>) -> Result<Vec<u8>, String> {
    let (mut stored, mut last) = (Vec::new(), (String::new(), Vec::new()));
    for piece in case.list("pieces")? {
        let name = piece[0].as_str().ok_or("a piece without a file")?;
        if last.0 != name {
            last = (name.to_owned(), seal(&named(case, name)?)?.0);
        }
        let ends = [1, 2].map(|i| piece[i].as_u64().and_then(|end| usize::try_from(end).ok()));
        let [Some(from), Some(to)] = ends else { return Err("a piece without its ends".into()) };
        stored.extend_from_slice(last.1.get(from..to).ok_or("a piece outside of its file")?);
    }
    if let Some([at, mask]) = case.value["flip"].as_array().map(Vec::as_slice) {
        let at = at.as_u64().and_then(|at| usize::try_from(at).ok()).ok_or("no place")?;
        let byte = stored.get_mut(at).ok_or("a place outside of the file")?;
        *byte ^= mask.as_u64().and_then(|mask| u8::try_from(mask).ok()).ok_or("no mask")?;
    }
    Ok(stored)
}

fn seal(case: &Case<'_>) -> Result<(Vec<u8>, SegmentKey), String> {
    let mut rng = Scripted::default();
    rng.push(case.bytes("secret")?);
    rng.push(case.bytes("salt")?);
    let mut encryptor = SegmentEncryptor::with_layout(layout(case)?, &mut rng);
    let (content, mut stored) = (content(case)?, Vec::new());
    let mut rest = &content[..];
    loop {
        let sealed = encryptor.update(&mut rest).map_err(words)?;
        if sealed.is_empty() {
            break;
        }
        stored.extend_from_slice(sealed);
    }
    let key = encryptor.key().duplicate();
    encryptor.finish().map_err(words)?;
    Ok((stored, key))
}

pub(super) fn layout(case: &Case<'_>) -> Result<SegmentLayout, String> {
    let padding = if case.number::<u8>("padding")? == 1 { Padding::Padme } else { Padding::None };
    let segment_size = if case.number("segment_code") == Ok(12) { SegmentSize::Kib4 } else { SegmentSize::Kib64 };
    let layout = SegmentLayout::new(case.number("size")?, padding).map_err(words)?;
    Ok(layout.with_segment_size(segment_size))
}

fn open(case: &Case<'_>, stored: &[u8]) -> Result<(Vec<u8>, Result<(), MediaError>), String> {
    let key = SegmentKey::from_parts(case.array("secret")?, case.array("commitment")?);
    let mut decryptor = SegmentDecryptor::new(&key, case.number("size")?).map_err(words)?;
    let (mut rest, mut content) = (stored, Vec::new());
    loop {
        match decryptor.update(&mut rest) {
            Ok([]) => return Ok((content, decryptor.finish())),
            Ok(part) => content.extend_from_slice(part),
            Err(error) => return Ok((content, Err(error))),
        }
    }
}

pub(super) fn content(case: &Case<'_>) -> Result<Vec<u8>, String> {
    let (name, size) = (case.text("name")?, case.number::<usize>("size")?);
    Ok((0..=size / 32).flat_map(|i| Sha256::digest(format!("{name} content {i}"))).take(size).collect())
}

fn sha256(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}
