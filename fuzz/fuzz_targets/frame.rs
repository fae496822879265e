//! Any stream, in pieces of any length: it gives the same frames as in one piece, and each frame is the only encoding of its
//! content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use secretchat::frame::{Decoder, MAX_FRAME_LEN, Next, decode_one, encode};

// The first byte is the length of the pieces.
fuzz_target!(|data: &[u8]| {
    let Some((&len, stream)) = data.split_first() else { return };
    if let Ok((tag, frame)) = decode_one(stream) {
        assert_eq!(encode(tag, &frame).as_deref(), Ok(stream));
    }
    assert_eq!(frames(stream, len.max(1).into()), frames(stream, stream.len().max(1)));
});

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
