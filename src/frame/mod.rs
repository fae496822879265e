//! Frames: what goes over a transport of one's own, one after the other or one a datagram (SPEC FRM-1 to FRM-5).
//!
//! ```text
//! version u8 = 1 || kind u8 || chat tag [16] || length u32le || body [length]
//! ```
//!
//! **Nothing in a frame is authenticated** but what is inside its sealed bytes. A tag routes, a receipt claims, an id
//! names; whoever is on the way can make up any of them.
//!
//! ```
//! use secretchat::TransmitId;
//! use secretchat::frame::{ChatTag, Decoder, Frame, FrameError, Next, encode};
//!
//! let tag = ChatTag([7; 16]);
//! let receipt = Frame::Receipt { transmit_id: TransmitId(16), proof: None };
//! let stream = encode(tag, &receipt)?;
//!
//! let mut decoder = Decoder::new();
//! let mut received = 0;
//! for mut bytes in stream.chunks(4) {
//!     while !bytes.is_empty() {
//!         bytes = &bytes[decoder.push(bytes)..];
//!         if let Next::Frame { tag, frame } = decoder.next()? {
//!             assert_eq!((tag, frame), (ChatTag([7; 16]), receipt));
//!             received += 1;
//!         }
//!     }
//! }
//! decoder.finish()?;
//! assert_eq!(received, 1);
//! # Ok::<(), FrameError>(())
//! ```

mod decoder;

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use rand_core::CryptoRng;

pub use decoder::{Decoder, Next};

use crate::envelope::MAX_SEALED_LEN;
use crate::output::{DiscardProof, History, Transmit, TransmitKind};
use crate::types::error::errors;
use crate::types::id::{KeyFingerprint, TransmitId, byte_id};

/// The version of this layout.
pub const VERSION: u8 = 1;

/// Bytes before the body.
pub const HEADER_LEN: usize = 22;

/// The longest public value: room for an X25519 value next to an ML-KEM-768 key of 1,184 bytes.
pub const MAX_PUBLIC_LEN: usize = 1280;

/// The most bytes of a file in one frame: a part of Telegram's largest size.
pub const MAX_PART_LEN: usize = 1 << 19;

/// The longest frame: the largest sealed message with the id of a file.
pub const MAX_FRAME_LEN: usize = HEADER_LEN + MAX_CIPHERTEXT_BODY_LEN;

const MAX_CIPHERTEXT_BODY_LEN: usize = 8 + 1 + 16 + MAX_SEALED_LEN;
const MAX_PART_BODY_LEN: usize = 16 + 8 + 8 + MAX_PART_LEN;
const _: () = assert!(MAX_PART_BODY_LEN <= MAX_CIPHERTEXT_BODY_LEN);

const REQUEST: u8 = 1;
const ACCEPT: u8 = 2;
const CIPHERTEXT: u8 = 3;
const DISCARD: u8 = 4;
const RECEIPT: u8 = 5;
const FILE_PART: u8 = 6;

/// Tells the chats of one transport apart. The initiator draws it and sends it with its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChatTag(pub [u8; 16]);

/// Names a file on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub [u8; 16]);

byte_id! { ChatTag[16] }
byte_id! { FileId[16] }

/// For [`Draft::with_file`](crate::Draft::with_file).
impl From<FileId> for Vec<u8> {
    fn from(id: FileId) -> Self {
        id.0.to_vec()
    }
}

impl ChatTag {
    /// Draws a new tag.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self(random(rng))
    }
}

impl FileId {
    /// Draws a new id.
    #[must_use]
    pub fn random(rng: &mut dyn CryptoRng) -> Self {
        Self(random(rng))
    }
}

fn random(rng: &mut dyn CryptoRng) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes
}

errors! {
    /// Why bytes are no frame, or a frame has no bytes. A stream cannot be read on after it.
    FrameError {
        /// A version of the layout that this one does not know (SPEC FRM-1).
        701 "unknown_version" UnknownVersion => "the frame has an unknown version",
        /// A kind of frame that this version does not know (SPEC FRM-2).
        702 "unknown_kind" UnknownKind => "the frame has an unknown kind",
        /// A body, or a field of it, longer than its kind allows (SPEC FRM-4).
        703 "too_long" TooLong => "the frame is longer than its kind allows",
        /// A body too short for its fields, followed by extra bytes, or with a value that its kind does not allow (SPEC FRM-2).
        704 "malformed" Malformed => "the frame is malformed",
        /// The bytes end inside a frame (SPEC FRM-1).
        705 "truncated" Truncated => "the frame is not complete",
    }
}

/// What one frame says (SPEC FRM-2). The fields of a variant are those of its kind in this version of the layout, and hosts
/// build it: so they are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// Asks for a chat.
    Request {
        /// The initiator's public value, up to [`MAX_PUBLIC_LEN`].
        public: &'a [u8],
    },
    /// Accepts a chat.
    Accept {
        /// The key's name as the responder computed it.
        fingerprint: KeyFingerprint,
        /// The responder's public value, up to [`MAX_PUBLIC_LEN`].
        public: &'a [u8],
    },
    /// An encrypted message.
    Ciphertext {
        /// The sender's name of the transmission.
        transmit_id: TransmitId,
        /// The file that goes with the message.
        file: Option<FileId>,
        /// The sealed bytes.
        bytes: &'a [u8],
    },
    /// Ends or declines a chat.
    Discard {
        /// What the peer is asked for.
        history: History,
        /// That it comes from the peer; absent before there is a key.
        proof: Option<DiscardProof>,
    },
    /// Says that a transmission need not come again. It proves nothing but what `proof` does.
    Receipt {
        /// The name that the other end gave to the transmission.
        transmit_id: TransmitId,
        /// For a Discard alone: that the end which gives this is closed.
        proof: Option<[u8; 32]>,
    },
    /// A part of a file's ciphertext.
    FilePart {
        /// Which file.
        file_id: FileId,
        /// Where the part begins.
        offset: u64,
        /// The length of the whole ciphertext.
        total: u64,
        /// The part: 1 to [`MAX_PART_LEN`] bytes that lie within `total`.
        bytes: &'a [u8],
    },
}

impl<'a> Frame<'a> {
    /// What carries a transmission of a chat.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if the message's file is not named by the 16 bytes of a [`FileId`], and for what only a
    /// server takes.
    pub fn of(transmit: &'a Transmit) -> Result<Self, FrameError> {
        Ok(match &transmit.kind {
            TransmitKind::Request { public } => Self::Request { public },
            TransmitKind::Accept { public, fingerprint } => Self::Accept { fingerprint: *fingerprint, public },
            TransmitKind::Discard { history, proof } => Self::Discard { history: *history, proof: *proof },
            TransmitKind::Read { .. } | TransmitKind::Typing { .. } => return Err(FrameError::Malformed),
            TransmitKind::Ciphertext { bytes, file, .. } => {
                let file_id = |file: &Vec<u8>| file.as_slice().try_into().map(FileId);
                let file = file.as_ref().map(file_id).transpose().map_err(|_| FrameError::Malformed)?;
                Self::Ciphertext { transmit_id: transmit.id, file, bytes }
            }
        })
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Request { .. } => REQUEST,
            Self::Accept { .. } => ACCEPT,
            Self::Ciphertext { .. } => CIPHERTEXT,
            Self::Discard { .. } => DISCARD,
            Self::Receipt { .. } => RECEIPT,
            Self::FilePart { .. } => FILE_PART,
        }
    }

    /// What is neither in the layout of the body nor in the bounds of its length. Both directions ask.
    fn check(self) -> Result<Self, FrameError> {
        let (len, max_len) = match self {
            Self::Request { public } | Self::Accept { public, .. } => (public.len(), MAX_PUBLIC_LEN),
            Self::Ciphertext { bytes, .. } => (bytes.len(), MAX_SEALED_LEN),
            Self::FilePart { bytes, .. } => (bytes.len(), MAX_PART_LEN),
            Self::Discard { .. } | Self::Receipt { .. } => (0, 0),
        };
        if len > max_len {
            return Err(FrameError::TooLong);
        }
        match self {
            // Nothing but the answer to a Discard is proved.
            Self::Receipt { transmit_id, proof: Some(_) } if transmit_id != TransmitId::DISCARD => {
                Err(FrameError::Malformed)
            }
            Self::FilePart { offset, total, bytes, .. } => match offset.checked_add(bytes.len() as u64) {
                Some(end) if end <= total && !bytes.is_empty() => Ok(self),
                _ => Err(FrameError::Malformed),
            },
            _ => Ok(self),
        }
    }

    fn write_body(&self, to: &mut Vec<u8>) {
        match self {
            Self::Request { public } => to.extend_from_slice(public),
            Self::Accept { fingerprint, public } => {
                to.extend_from_slice(&fingerprint.to_bytes());
                to.extend_from_slice(public);
            }
            Self::Ciphertext { transmit_id, file, bytes } => {
                to.extend_from_slice(&transmit_id.0.to_le_bytes());
                write_option(to, file.as_ref().map(|file| &file.0));
                to.extend_from_slice(bytes);
            }
            Self::Discard { history, proof } => {
                to.push(bool::from(*history).into());
                to.push(proof.is_some().into());
                if let Some(DiscardProof { sent, mac }) = proof {
                    to.extend_from_slice(&sent.to_le_bytes());
                    to.extend_from_slice(mac);
                }
            }
            Self::Receipt { transmit_id, proof } => {
                to.extend_from_slice(&transmit_id.0.to_le_bytes());
                if *transmit_id == TransmitId::DISCARD {
                    write_option(to, proof.as_ref());
                }
            }
            Self::FilePart { file_id, offset, total, bytes } => {
                to.extend_from_slice(&file_id.0);
                to.extend_from_slice(&offset.to_le_bytes());
                to.extend_from_slice(&total.to_le_bytes());
                to.extend_from_slice(bytes);
            }
        }
    }

    fn parse(kind: u8, body: &'a [u8]) -> Result<Self, FrameError> {
        let mut rest = Fields(body);
        let frame = match kind {
            REQUEST => Self::Request { public: rest.all() },
            ACCEPT => Self::Accept { fingerprint: KeyFingerprint::from_bytes(rest.array()?), public: rest.all() },
            CIPHERTEXT => Self::Ciphertext {
                transmit_id: rest.transmit_id()?,
                file: rest.option()?.map(FileId),
                bytes: rest.all(),
            },
            DISCARD => Self::Discard { history: History::from(rest.bool()?), proof: rest.discard_proof()? },
            RECEIPT => {
                let transmit_id = rest.transmit_id()?;
                let proof = if transmit_id == TransmitId::DISCARD { rest.option()? } else { None };
                Self::Receipt { transmit_id, proof }
            }
            FILE_PART => Self::FilePart {
                file_id: FileId(rest.array()?),
                offset: rest.u64()?,
                total: rest.u64()?,
                bytes: rest.all(),
            },
            _ => return Err(FrameError::UnknownKind),
        };
        if rest.0.is_empty() { frame.check() } else { Err(FrameError::Malformed) }
    }
}

fn write_option<const N: usize>(to: &mut Vec<u8>, option: Option<&[u8; N]>) {
    to.push(option.is_some().into());
    to.extend_from_slice(option.map_or(&[], |bytes| bytes));
}

/// Reads the fields of a body.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn all(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(FrameError::Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    fn bool(&mut self) -> Result<bool, FrameError> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(FrameError::Malformed),
        }
    }

    fn option<const N: usize>(&mut self) -> Result<Option<[u8; N]>, FrameError> {
        if self.bool()? { self.array().map(Some) } else { Ok(None) }
    }

    fn discard_proof(&mut self) -> Result<Option<DiscardProof>, FrameError> {
        if !self.bool()? {
            return Ok(None);
        }
        Ok(Some(DiscardProof { sent: u32::from_le_bytes(self.array()?), mac: self.array()? }))
    }

    fn u64(&mut self) -> Result<u64, FrameError> {
        self.array().map(u64::from_le_bytes)
    }

    fn transmit_id(&mut self) -> Result<TransmitId, FrameError> {
        self.u64().map(TransmitId)
    }
}

/// The lengths that a body of this kind can have.
const fn body_lens(kind: u8) -> Option<RangeInclusive<usize>> {
    Some(match kind {
        REQUEST => 0..=MAX_PUBLIC_LEN,
        ACCEPT => 8..=8 + MAX_PUBLIC_LEN,
        CIPHERTEXT => 8 + 1..=MAX_CIPHERTEXT_BODY_LEN,
        DISCARD => 1 + 1..=1 + 1 + 4 + 32,
        RECEIPT => 8..=8 + 1 + 32,
        FILE_PART => 16 + 8 + 8 + 1..=MAX_PART_BODY_LEN,
        _ => return None,
    })
}

/// The length of the frame that starts with `start`, judged by as much of the header as is there; `None` until all is.
fn frame_len(start: &[u8]) -> Result<Option<usize>, FrameError> {
    if start.first().is_some_and(|version| *version != VERSION) {
        return Err(FrameError::UnknownVersion);
    }
    let Some(kind) = start.get(1) else {
        return Ok(None);
    };
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

/// A whole frame.
fn parse(bytes: &[u8]) -> Result<(ChatTag, Frame<'_>), FrameError> {
    let mut fields = Fields(bytes);
    let [_, kind] = fields.array()?;
    let tag = ChatTag(fields.array()?);
    let [_, _, _, _] = fields.array()?;
    Ok((tag, Frame::parse(kind, fields.0)?))
}

/// One frame as bytes.
///
/// # Errors
/// [`FrameError::TooLong`] for a field over its bound, [`FrameError::Malformed`] for a part of a file that is empty or does
/// not lie within the file.
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

/// Reads a datagram: one frame and nothing else.
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
/// [`FrameError`]; [`FrameError::Malformed`] where bytes follow the frame.
pub fn decode_one(bytes: &[u8]) -> Result<(ChatTag, Frame<'_>), FrameError> {
    match frame_len(bytes)? {
        Some(len) if len == bytes.len() => parse(bytes),
        Some(len) if len < bytes.len() => Err(FrameError::Malformed),
        _ => Err(FrameError::Truncated),
    }
}
