//! `tl-1` (SPEC TL-1 to TL-4).

use secretchat::hazmat::wire::{
    Decode, DecodeError, DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, DecryptedMessageMedia,
    DocumentAttribute, Encode, FileLocation, InputStickerSet, MessageEntity, PhotoSize, SendMessageAction,
    decode_exact, encode_exact,
};

use super::case::{Case, Checked, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let bytes = case.bytes("hex")?;
    let written = match case.text("type")? {
        "DecryptedMessage" => again::<DecryptedMessage<'_>>(&bytes),
        "DecryptedMessageAction" => again::<DecryptedMessageAction<'_>>(&bytes),
        "DecryptedMessageLayer" => again::<DecryptedMessageLayer<'_>>(&bytes),
        "DecryptedMessageMedia" => again::<DecryptedMessageMedia<'_>>(&bytes),
        "DocumentAttribute" => again::<DocumentAttribute<'_>>(&bytes),
        "FileLocation" => again::<FileLocation>(&bytes),
        "InputStickerSet" => again::<InputStickerSet<'_>>(&bytes),
        "MessageEntity" => again::<MessageEntity<'_>>(&bytes),
        "PhotoSize" => again::<PhotoSize<'_>>(&bytes),
        "SendMessageAction" => again::<SendMessageAction>(&bytes),
        other => return Err(format!("no type is named {other}")),
    };
    if case.is_valid()? { same_bytes("written again", &bytes, written.map_err(words)?) } else { case.refused(written) }
}

/// Reads a value and writes it. Returns nothing if `encoded_len` is wrong.
fn again<'a, T: Decode<'a> + Encode>(bytes: &'a [u8]) -> Result<Vec<u8>, DecodeError> {
    let value: T = decode_exact(bytes)?;
    let mut written = vec![0; value.encoded_len()];
    Ok(if encode_exact(&value, &mut written) { written } else { Vec::new() })
}
