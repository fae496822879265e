//! Values of the schema.

use secretchat::hazmat::wire::{
    Decode, DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, DecryptedMessageMedia, DocumentAttribute,
    Encode, FileLocation, InputStickerSet, LayerHeader, MessageEntity, PhotoSize, SendMessageAction, decode_exact,
    encode_exact,
};

/// Checks that bytes which decode encode again to the same bytes, for each type of the schema (SPEC TL).
pub fn tl(data: &[u8]) {
    check(data, |encoded| encoded);
}

/// With what becomes of the encoded bytes.
fn check(data: &[u8], encoded: fn(Vec<u8>) -> Vec<u8>) {
    same::<DecryptedMessage<'_>>(data, encoded);
    same::<DecryptedMessageAction<'_>>(data, encoded);
    same::<DecryptedMessageLayer<'_>>(data, encoded);
    same::<DecryptedMessageMedia<'_>>(data, encoded);
    same::<DocumentAttribute<'_>>(data, encoded);
    same::<FileLocation>(data, encoded);
    same::<InputStickerSet<'_>>(data, encoded);
    same::<MessageEntity<'_>>(data, encoded);
    same::<PhotoSize<'_>>(data, encoded);
    same::<SendMessageAction>(data, encoded);
    if let Ok((_, inner)) = LayerHeader::read(data) {
        assert!(data.ends_with(inner));
    }
}

fn same<'a, T: Decode<'a> + Encode>(data: &'a [u8], encoded: fn(Vec<u8>) -> Vec<u8>) {
    if let Ok(value) = decode_exact::<T>(data) {
        let mut again = vec![0; value.encoded_len()];
        assert!(encode_exact(&value, &mut again));
        assert_eq!(encoded(again), data);
    }
}

#[test]
fn an_encoder_that_drops_a_word_is_found() {
    let noop = 0xa82f_dd63_u32.to_le_bytes();
    tl(&noop);
    assert!(crate::fails(|| check(&noop, |_| Vec::new())));
}
