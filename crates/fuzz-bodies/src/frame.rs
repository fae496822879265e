//! Streams of frames.

use secretchat::frame::{Decoder, MAX_FRAME_LEN, Next, decode_one, encode};

/// Checks that a stream gives the same frames in pieces of any length as in one piece, and that each frame is the only
/// encoding of its content (SPEC FRM).
///
/// The first byte is the length of the pieces.
pub fn frame(data: &[u8]) {
    check(data, |encoded| encoded);
}

/// With what becomes of an encoded frame.
fn check(data: &[u8], encoded: fn(Vec<u8>) -> Vec<u8>) {
    let Some((&len, stream)) = data.split_first() else { return };
    if let Ok((tag, frame)) = decode_one(stream) {
        assert_eq!(encode(tag, &frame).map(encoded).as_deref(), Ok(stream));
    }
    assert_eq!(frames(stream, len.max(1).into()), frames(stream, stream.len().max(1)));
}

/// Returns the bytes of each frame, and whether the stream ends without an error.
fn frames(stream: &[u8], len: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut decoder, mut frames) = (Decoder::default(), Vec::new());
    for mut piece in stream.chunks(len) {
        while !piece.is_empty() {
            let taken = decoder.push(piece);
            piece = &piece[taken..];
            assert!(decoder.capacity() <= MAX_FRAME_LEN);
            match decoder.next() {
                Ok(Next::Frame { tag, frame }) => frames.push(encode(tag, &frame).unwrap()),
                Ok(Next::NeedMore(missing)) => assert!(missing > 0),
                Err(_) => return (frames, false),
            }
        }
    }
    (frames, decoder.finish().is_ok())
}

#[test]
fn an_encoder_that_writes_another_tag_is_found() {
    let data = include_bytes!("../../../fuzz/seeds/frame/receipt");
    frame(data);
    let other_tag = |mut encoded: Vec<u8>| {
        encoded[3] ^= 1;
        encoded
    };
    assert!(crate::fails(|| check(data, other_tag)));
}
