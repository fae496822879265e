//! The kinds of frames.

use alloc::vec::Vec;

use super::layout::FrameError;
use super::name::FileId;
use super::ranges::RangeList;
use crate::output::{DiscardProof, History, Transmit, TransmitKind};
use crate::types::id::{KeyFingerprint, TransmitId};

/// The content of one frame (SPEC FRM-2). The variants have the fields of their kind in this version of the layout.
/// Hosts build them, so they are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// Asks for a chat.
    Request {
        /// The initiator's public value, up to [`MAX_PUBLIC_LEN`](super::MAX_PUBLIC_LEN).
        public: &'a [u8],
    },
    /// Accepts a chat.
    Accept {
        /// The fingerprint of the key that the responder computed.
        fingerprint: KeyFingerprint,
        /// The responder's public value, up to [`MAX_PUBLIC_LEN`](super::MAX_PUBLIC_LEN).
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
        /// The fate of the messages at the peer's end.
        history: History,
        /// The proof that it comes from the peer. Absent before there is a key.
        proof: Option<DiscardProof>,
    },
    /// States that a transmission need not come again. It proves nothing beyond its `proof`.
    Receipt {
        /// The name that the other end gave to the transmission.
        transmit_id: TransmitId,
        /// The proof that the end which sends this is closed. Only for a Discard.
        proof: Option<[u8; 32]>,
    },
    /// A part of a file's ciphertext. Without bytes it asks what is missing of the file (SPEC FRM-6).
    FilePart {
        /// The file that the part belongs to.
        file_id: FileId,
        /// The offset of the part.
        offset: u64,
        /// The length of the whole ciphertext.
        total: u64,
        /// The bytes of the part: up to [`MAX_PART_LEN`](super::MAX_PART_LEN) bytes within `total`. Without bytes
        /// `offset` is 0.
        bytes: &'a [u8],
    },
    /// States what a receiver lacks of a file, and asks for it.
    FileRequest {
        /// The file in question.
        file_id: FileId,
        /// The missing bytes. If there are none, the file is complete and durable.
        missing: RangeList<'a>,
    },
    /// States that an end no longer sends a file, or no longer wants it.
    FileCancel {
        /// The file in question.
        file_id: FileId,
    },
}

impl<'a> Frame<'a> {
    /// Returns the frame that carries a transmission of a chat.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if the message's file is not named by the 16 bytes of a [`FileId`], and for
    /// transmissions that only a server accepts.
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
}
