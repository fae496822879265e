//! `ige-1` (SPEC IGE-1).

use secretchat::hazmat::ige::{Block, Decryptor, Encryptor, decrypt, encrypt};

use super::case::{Case, Checked, same_bytes};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let (key, iv) = (case.array("key")?, case.array("iv")?);
    let (plain, cipher) = (blocks(case, "plain")?, blocks(case, "cipher")?);
    let mut all = plain.clone();
    encrypt(&key, &iv, &mut all);
    same_bytes("cipher", cipher.as_flattened(), all.as_flattened())?;
    decrypt(&key, &iv, &mut all);
    same_bytes("plain", plain.as_flattened(), all.as_flattened())?;

    // The chain continues wherever it is cut.
    let (mut encryptor, mut decryptor, mut parts) =
        (Encryptor::new(&key, &iv), Decryptor::new(&key, &iv), plain.clone());
    parts.chunks_mut(2).for_each(|part| encryptor.encrypt(part));
    same_bytes("cipher in parts", cipher.as_flattened(), parts.as_flattened())?;
    parts.chunks_mut(3).for_each(|part| decryptor.decrypt(part));
    same_bytes("plain in parts", plain.as_flattened(), parts.as_flattened())
}

fn blocks(case: &Case<'_>, name: &str) -> Result<Vec<Block>, String> {
    match case.bytes(name)?.as_chunks() {
        (blocks, []) => Ok(blocks.to_vec()),
        _ => Err(format!("{name} is no whole number of blocks")),
    }
}
