//! Bytes that decode encode again to the same bytes, for each type of the schema (SPEC TL).
#![no_main]

use libfuzzer_sys::fuzz_target;
use secretchat::hazmat::wire::{
    Decode, DecryptedMessage, DecryptedMessageAction, DecryptedMessageLayer, DecryptedMessageMedia, DocumentAttribute,
    Encode, FileLocation, InputStickerSet, LayerHeader, MessageEntity, PhotoSize, SendMessageAction, decode_exact,
    encode_exact,
};

fuzz_target!(|data: &[u8]| {
    same::<DecryptedMessage<'_>>(data);
    same::<DecryptedMessageAction<'_>>(data);
    same::<DecryptedMessageLayer<'_>>(data);
    same::<DecryptedMessageMedia<'_>>(data);
    same::<DocumentAttribute<'_>>(data);
    same::<FileLocation>(data);
    same::<InputStickerSet<'_>>(data);
    same::<MessageEntity<'_>>(data);
    same::<PhotoSize<'_>>(data);
    same::<SendMessageAction>(data);
    if let Ok((_, inner)) = LayerHeader::read(data) {
        assert!(data.ends_with(inner));
    }
});

fn same<'a, T: Decode<'a> + Encode>(data: &'a [u8]) {
    if let Ok(value) = decode_exact::<T>(data) {
        let mut again = vec![0; value.encoded_len()];
        assert!(encode_exact(&value, &mut again));
        assert_eq!(again, data);
    }
}
