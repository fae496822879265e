//! `kdf-1` (SPEC KDF-1 to KDF-3).

use secretchat::hazmat::Secret;
use secretchat::hazmat::ige;
use secretchat::hazmat::kdf::{MsgKey, Offset};

use super::case::{Case, Checked, same_bytes};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let (key, x) = (Secret::new(case.array("key")?), offset(case)?);
    match case.kind() {
        "derived" => {
            let (aes_key, aes_iv) = MsgKey::from_bytes(case.array("msg_key")?).aes_key_iv(&key, x);
            same_bytes("aes_key", case.bytes("aes_key")?, aes_key.expose())?;
            same_bytes("aes_iv", case.bytes("aes_iv")?, aes_iv.expose())
        }
        "message" => {
            let mut plain = case.bytes("plain")?;
            let msg_key = MsgKey::of(&key, x, &plain);
            same_bytes("msg_key", case.bytes("msg_key")?, msg_key.to_bytes())?;
            let (aes_key, aes_iv) = msg_key.aes_key_iv(&key, x);
            ige::encrypt(aes_key.expose(), aes_iv.expose(), plain.as_chunks_mut().0);
            same_bytes("cipher", case.bytes("cipher")?, plain)
        }
        _ => case.unknown_kind(),
    }
}

pub(super) fn offset(case: &Case<'_>) -> Result<Offset, String> {
    match case.number("x")? {
        0 => Ok(Offset::INITIATOR),
        8 => Ok(Offset::TELEGRAM_RESPONDER),
        128 => Ok(Offset::X25519_RESPONDER),
        x => Err(format!("no direction has x = {x}")),
    }
}
