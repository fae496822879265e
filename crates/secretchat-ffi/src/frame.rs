//! Frames: how the two ends of a chat talk over a transport of the host's own.

use alloc::boxed::Box;
use core::fmt;

use secretchat::frame::{self, ChatTag, Decoder, FileId, Frame, Next, RangeList};
use secretchat::{DiscardProof, History, KeyFingerprint, TransmitId};

use crate::border::{In, Out, ScBytes};
use crate::buffer::ScBuffer;
use crate::chat::ScChat;
use crate::config::of_code;
use crate::error::{Fault, Own, ScStatus, guard};

/// No frame yet: more bytes are needed.
pub const SC_FRAME_NONE: u16 = 0;
/// The peer asks for a chat: `bytes` is its public value.
pub const SC_FRAME_REQUEST: u16 = 1;
/// The peer accepts: `bytes` is its public value, `fingerprint` that of the key.
pub const SC_FRAME_ACCEPT: u16 = 2;
/// A message: `bytes`, `transmit_id`, and `file_id` if it names a file.
pub const SC_FRAME_CIPHERTEXT: u16 = 3;
/// The peer ends the chat: `history`, and `mac` and `sent` with a proof.
pub const SC_FRAME_DISCARD: u16 = 4;
/// The peer has it durably: `transmit_id`, and `mac` for a Discard that was proved.
pub const SC_FRAME_RECEIPT: u16 = 5;
/// A part of a file: `file_id`, `offset`, `total` and `bytes`.
pub const SC_FRAME_FILE_PART: u16 = 6;
/// The peer asks for parts of a file: `file_id`, and `bytes` with the ranges that it misses.
pub const SC_FRAME_FILE_REQUEST: u16 = 7;
/// A file will not be needed: `file_id`.
pub const SC_FRAME_FILE_CANCEL: u16 = 8;

/// A frame. Only the fields that are named for its kind count.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScFrame {
    /// One of `SC_FRAME_...`.
    pub kind: u16,
    /// For a Discard, one of `SC_HISTORY_...`.
    pub history: u16,
    /// Whether `file_id` counts, of a message.
    pub has_file: u8,
    /// Whether `mac` counts, of a Discard and a receipt.
    pub has_mac: u8,
    /// The chat, as the two ends named it.
    pub tag: [u8; 16],
    /// The file.
    pub file_id: [u8; 16],
    /// The proof of a Discard, or of its receipt.
    pub mac: [u8; 32],
    /// The number that belongs to the proof of a Discard.
    pub sent: u32,
    /// The transmission, of a message and a receipt.
    pub transmit_id: u64,
    /// The fingerprint of the key, of an Accept.
    pub fingerprint: i64,
    /// Where a part of a file begins.
    pub offset: u64,
    /// How long the file is.
    pub total: u64,
    /// The bytes. In a decoded frame they are valid until the next call on the decoder.
    pub bytes: ScBytes,
}

/// Takes frames out of a stream of bytes.
pub struct ScDecoder(Decoder);

impl ScFrame {
    pub(crate) fn of(tag: ChatTag, frame: &Frame<'_>) -> Self {
        let none = Self { tag: tag.0, ..Self::default() };
        match *frame {
            Frame::Request { public, .. } => Self { kind: SC_FRAME_REQUEST, bytes: ScBytes::of(public), ..none },
            Frame::Accept { fingerprint, public, .. } => {
                Self { kind: SC_FRAME_ACCEPT, fingerprint: fingerprint.to_long(), bytes: ScBytes::of(public), ..none }
            }
            Frame::Ciphertext { transmit_id, file, bytes, .. } => Self {
                kind: SC_FRAME_CIPHERTEXT,
                transmit_id: transmit_id.0,
                has_file: file.is_some().into(),
                file_id: file.map_or([0; 16], |file| file.0),
                bytes: ScBytes::of(bytes),
                ..none
            },
            Frame::Discard { history, proof, .. } => Self {
                kind: SC_FRAME_DISCARD,
                history: history.code(),
                has_mac: proof.is_some().into(),
                mac: proof.map_or([0; 32], |proof| proof.mac),
                sent: proof.map_or(0, |proof| proof.sent),
                ..none
            },
            Frame::Receipt { transmit_id, proof, .. } => Self {
                kind: SC_FRAME_RECEIPT,
                transmit_id: transmit_id.0,
                has_mac: proof.is_some().into(),
                mac: proof.unwrap_or_default(),
                ..none
            },
            Frame::FilePart { file_id, offset, total, bytes, .. } => {
                Self { kind: SC_FRAME_FILE_PART, file_id: file_id.0, offset, total, bytes: ScBytes::of(bytes), ..none }
            }
            Frame::FileRequest { file_id, missing, .. } => {
                Self { kind: SC_FRAME_FILE_REQUEST, file_id: file_id.0, bytes: ScBytes::of(missing.as_bytes()), ..none }
            }
            Frame::FileCancel { file_id, .. } => Self { kind: SC_FRAME_FILE_CANCEL, file_id: file_id.0, ..none },
            _ => none,
        }
    }

    fn read<'a>(&self) -> Result<Frame<'a>, Fault> {
        let (bytes, file_id) = (self.bytes.get()?, FileId(self.file_id));
        let transmit_id = TransmitId(self.transmit_id);
        let mac = (self.has_mac != 0).then_some(self.mac);
        Ok(match self.kind {
            SC_FRAME_REQUEST => Frame::Request { public: bytes },
            SC_FRAME_ACCEPT => {
                Frame::Accept { fingerprint: KeyFingerprint::from_long(self.fingerprint), public: bytes }
            }
            SC_FRAME_CIPHERTEXT => {
                Frame::Ciphertext { transmit_id, file: (self.has_file != 0).then_some(file_id), bytes }
            }
            SC_FRAME_DISCARD => Frame::Discard {
                history: of_code(History::ALL, History::code, self.history)?,
                proof: mac.map(|mac| DiscardProof { sent: self.sent, mac }),
            },
            SC_FRAME_RECEIPT => Frame::Receipt { transmit_id, proof: mac },
            SC_FRAME_FILE_PART => Frame::FilePart { file_id, offset: self.offset, total: self.total, bytes },
            SC_FRAME_FILE_REQUEST => Frame::FileRequest { file_id, missing: RangeList::try_from(bytes)? },
            SC_FRAME_FILE_CANCEL => Frame::FileCancel { file_id },
            _ => return Err(Own::Value.into()),
        })
    }
}

/// Makes the bytes of a frame.
#[unsafe(no_mangle)]
pub extern "C" fn sc_frame_encode(frame: In<ScFrame>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let frame = frame.need()?;
        out.hand(ScBuffer::new(frame::encode(ChatTag(frame.tag), &frame.read()?)?));
        Ok(())
    })
}

/// Makes the bytes of a frame from the last output of a chat, which must be a transmission. `tag` has 16 bytes: the name
/// of the chat that both ends use. The name of a file must be its id of 16 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn sc_chat_frame(chat: Option<&ScChat>, tag: In<u8>, out: Out<Option<Box<ScBuffer>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        let transmit = chat.ok_or(Own::Null)?.held.transmit().ok_or(Own::Use)?;
        out.hand(ScBuffer::new(frame::encode(ChatTag(*tag.array()?), &Frame::of(transmit)?)?));
        Ok(())
    })
}

/// Reads a frame that is alone and whole. What it points to is in `bytes`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_frame_decode(bytes: In<u8>, len: usize, out: Out<ScFrame>) -> ScStatus {
    guard(|| {
        out.check()?;
        let (tag, frame) = frame::decode_one(bytes.slice(len)?)?;
        out.put(ScFrame::of(tag, &frame));
        Ok(())
    })
}

/// Creates a decoder.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decoder_new(out: Out<Option<Box<ScDecoder>>>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.hand(ScDecoder(Decoder::new()));
        Ok(())
    })
}

/// Gives bytes to a decoder. `taken` gets how many it took: take its frames, then give it the rest.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decoder_push(
    decoder: Option<&mut ScDecoder>,
    bytes: In<u8>,
    len: usize,
    taken: Out<usize>,
) -> ScStatus {
    guard(|| {
        taken.check()?;
        taken.put(decoder.ok_or(Own::Null)?.0.push(bytes.slice(len)?));
        Ok(())
    })
}

/// Takes the next frame. Its kind is `SC_FRAME_NONE` if more bytes are needed. After an error the stream is lost: end
/// the connection.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decoder_next(decoder: Option<&mut ScDecoder>, out: Out<ScFrame>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(match decoder.ok_or(Own::Null)?.0.next()? {
            Next::Frame { tag, frame } => ScFrame::of(tag, &frame),
            Next::NeedMore(_) => ScFrame::default(),
        });
        Ok(())
    })
}

/// Ends a stream, and frees its decoder. An error if a frame was cut off.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decoder_finish(decoder: Option<Box<ScDecoder>>) -> ScStatus {
    guard(|| Ok(decoder.ok_or(Own::Null)?.0.finish()?))
}

/// Frees a decoder.
#[unsafe(no_mangle)]
pub extern "C" fn sc_decoder_free(decoder: Option<Box<ScDecoder>>) {
    drop(decoder);
}

impl fmt::Debug for ScDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
