//! Whole frames: the header, and one frame per datagram.

use alloc::vec::Vec;

use super::body::{Fields, body_lens};
use super::kind::Frame;
use super::layout::{FRAGMENT, FrameError, HEADER_LEN, VERSION};
use super::name::ChatTag;

/// Encodes one frame.
///
/// # Errors
/// [`FrameError::TooLong`] for a field over its limit, [`FrameError::Malformed`] for a part of a file that is empty
/// or does not lie within the file.
pub fn encode(tag: ChatTag, frame: &Frame<'_>) -> Result<Vec<u8>, FrameError> {
    let frame = frame.check()?;
    let mut body = Vec::new();
    frame.write_body(&mut body);
    let len = u32::try_from(body.len()).map_err(|_| FrameError::TooLong)?;
    let mut bytes = Vec::with_capacity(HEADER_LEN + body.len());
    bytes.extend_from_slice(&[VERSION, frame.kind()]);
    bytes.extend_from_slice(&tag.0);
    bytes.extend_from_slice(&len.to_le_bytes());
    bytes.append(&mut body);
    Ok(bytes)
}

/// Reads a datagram that is exactly one frame.
///
/// ```
/// use secretchat::frame::{ChatTag, Frame, FrameError, decode_one, encode};
///
/// let request = Frame::Request { public: b"a public value" };
/// let bytes = encode(ChatTag([7; 16]), &request)?;
/// assert_eq!(decode_one(&bytes)?, (ChatTag([7; 16]), request));
/// assert_eq!(decode_one(&bytes[..30]), Err(FrameError::Truncated));
/// # Ok::<(), FrameError>(())
/// ```
///
/// # Errors
/// [`FrameError`]; [`FrameError::Malformed`] if bytes follow the frame.
pub fn decode_one(bytes: &[u8]) -> Result<(ChatTag, Frame<'_>), FrameError> {
    match frame_len(bytes)? {
        Some(len) if len == bytes.len() => parse(bytes),
        Some(len) if len < bytes.len() => Err(FrameError::Malformed),
        _ => Err(FrameError::Truncated),
    }
}

/// Returns the length of the frame that starts with `start`, or `None` until the whole header is there. Checks what
/// is there.
pub(super) fn frame_len(start: &[u8]) -> Result<Option<usize>, FrameError> {
    if start.first().is_some_and(|version| *version != VERSION) {
        return Err(FrameError::UnknownVersion);
    }
    let Some(kind) = start.get(1) else {
        return Ok(None);
    };
    if *kind == FRAGMENT {
        return Err(FrameError::Fragment);
    }
    let lens = body_lens(*kind).ok_or(FrameError::UnknownKind)?;
    let Some(len) = start.get(..HEADER_LEN).and_then(<[u8]>::last_chunk) else {
        return Ok(None);
    };
    let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| FrameError::TooLong)?;
    match len {
        _ if len > *lens.end() => Err(FrameError::TooLong),
        _ if len < *lens.start() => Err(FrameError::Malformed),
        _ => Ok(Some(HEADER_LEN + len)),
    }
}

/// Reads a whole frame.
pub(super) fn parse(bytes: &[u8]) -> Result<(ChatTag, Frame<'_>), FrameError> {
    let mut fields = Fields(bytes);
    let [_, kind] = fields.array()?;
    let tag = ChatTag(fields.array()?);
    let [_, _, _, _] = fields.array()?;
    Ok((tag, Frame::parse(kind, fields.0)?))
}
