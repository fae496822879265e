//! Pass (a): every message of both directions can be opened and read, and is written and sealed to the same bytes.

use recordings::{Message, Recording, Scripted};
use secretchat::PeerFault;
use secretchat::hazmat::Secret;
use secretchat::hazmat::wire::{DecryptedMessageLayer, Encode, decode_exact, encode_exact};
use secretchat::hazmat::{envelope, fingerprint, kdf};

use super::keys::{self, role};

/// Checks all messages, and returns how many there are.
pub(crate) fn check(recording: &Recording) -> Result<usize, String> {
    let (mut checked, keys) = (0, keys::of(recording));
    for (n, step) in recording.steps.iter().enumerate() {
        let Some(message) = &step.message else { continue };
        if check_one(recording, &keys, message).map_err(|error| format!("pass (a), step {n}: {error}"))? {
            checked += 1;
        }
    }
    Ok(checked)
}

fn check_one(recording: &Recording, keys: &[Secret<256>], message: &Message) -> Result<bool, String> {
    let (Some(index), Some(tl), Some(padding)) = (message.key_index, &message.tl, &message.padding) else {
        return Ok(false);
    };
    let chat_key = keys.get(index).ok_or("no such key")?;
    let x = kdf::Offset::telegram(role(recording, message.from));
    let key = envelope::DirectionKey { chat_key, fingerprint: fingerprint::key_fingerprint(chat_key), x };
    let mut wire = message.wire.clone();
    let opened = envelope::open(&key, &mut wire);
    let Ok(layout) = envelope::Layout::with_padding(tl.len(), padding.len()) else {
        // Our sender never makes such a body or padding, and it must not open either.
        return match opened {
            Err(PeerFault::NotAuthentic) if message.tampered.is_some() => Ok(true),
            other => Err(format!("expected NotAuthentic, actual {:?}", other.map(|body| body.len()))),
        };
    };
    let opened = opened.map_err(|fault| format!("expected to open, actual {fault:?}"))?;
    same("plaintext", tl, opened)?;

    let mut sealed = vec![0; layout.sealed_len()];
    let mut rng = Scripted::default();
    rng.push(padding.clone());
    envelope::seal(&key, layout, &mut rng, &mut sealed, |body| body.copy_from_slice(tl))
        .map_err(|error| error.to_string())?;
    same("sealed bytes", &message.wire, &sealed)?;

    match decode_exact::<DecryptedMessageLayer<'_>>(tl) {
        Ok(value) => {
            let mut written = vec![0; value.encoded_len()];
            if !encode_exact(&value, &mut written) {
                return Err("encoded_len is wrong".into());
            }
            same("written plaintext", tl, &written)?;
        }
        // Messages that TDLib could not read either, and the two forms of strings about which it is lax.
        Err(_) if message.is_malformed || message.tampered.is_some() => {}
        Err(error) => return Err(format!("expected to read, actual {error}")),
    }
    Ok(true)
}

fn same(what: &str, expected: &[u8], actual: &[u8]) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("{what}: expected {}, actual {}", hex::encode(expected), hex::encode(actual)))
}
