//! `media-1` (SPEC MED-1, MED-2).

use recordings::Scripted;
use secretchat::MediaError;
use secretchat::media::{ChainDecryptor, ChainEncryptor, ChainKey};

use super::case::{Case, Checked, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let key = ChainKey::from_parts(case.array("key")?, case.array("iv")?);
    let (size, cipher) = (case.number("size")?, case.bytes("cipher")?);
    if !case.is_valid()? {
        return case.refused(decrypt(&key, size, &cipher, 7));
    }
    let plain = case.bytes("plain")?;
    for chunk in [1, 32, cipher.len()] {
        let encrypted = encrypt(&key, size, &plain, case.bytes("padding")?, chunk).map_err(words)?;
        same_bytes("cipher", &cipher, encrypted)?;
        same_bytes("plain", &plain, decrypt(&key, size, &cipher, chunk).map_err(words)?)?;
    }
    match case.kind() {
        "file" => Ok(()),
        "restart" => {
            let wrong = decrypt(&key, size, &case.bytes("wrong_cipher")?, 16).map_err(words)?;
            if wrong == plain { Err("a chain that starts again decrypts".into()) } else { Ok(()) }
        }
        // A chain has no integrity: the carrier can choose the result.
        "splice" => {
            let spliced = decrypt(&key, size, &case.bytes("spliced_cipher")?, 16).map_err(words)?;
            same_bytes("predicted_plain", case.bytes("predicted_plain")?, spliced)
        }
        _ => case.unknown_kind(),
    }
}

fn encrypt(key: &ChainKey, size: u64, plain: &[u8], padding: Vec<u8>, chunk: usize) -> Result<Vec<u8>, MediaError> {
    let (mut encryptor, mut rng, mut cipher) = (ChainEncryptor::new(key, size)?, Scripted::default(), Vec::new());
    rng.push(padding);
    for chunk in plain.chunks(chunk) {
        encryptor.update(&mut chunk.to_vec())?.parts().iter().for_each(|part| cipher.extend_from_slice(part));
    }
    cipher.extend_from_slice(encryptor.finish(&mut rng)?.as_slice());
    Ok(cipher)
}

fn decrypt(key: &ChainKey, size: u64, cipher: &[u8], chunk: usize) -> Result<Vec<u8>, MediaError> {
    let (mut decryptor, mut plain) = (ChainDecryptor::new(key, size)?, Vec::new());
    for chunk in cipher.chunks(chunk) {
        decryptor.update(&mut chunk.to_vec())?.parts().iter().for_each(|part| plain.extend_from_slice(part));
    }
    decryptor.finish()?;
    Ok(plain)
}
