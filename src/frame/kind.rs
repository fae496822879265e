//! What a frame says.

use alloc::vec::Vec;

use super::layout::FrameError;
use super::name::FileId;
use super::ranges::RangeList;
use crate::output::{DiscardProof, History, Transmit, TransmitKind};
use crate::types::id::{KeyFingerprint, TransmitId};

/// What one frame says (SPEC FRM-2). The fields of a variant are those of its kind in this version of the layout, and hosts
/// build it: so they are fixed.
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
        /// The key's name as the responder computed it.
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
    /// A part of a file's ciphertext; without bytes, the question what of the file is missing (SPEC FRM-6).
    FilePart {
        /// Which file.
        file_id: FileId,
        /// Where the part begins.
        offset: u64,
        /// The length of the whole ciphertext.
        total: u64,
        /// The part: up to [`MAX_PART_LEN`](super::MAX_PART_LEN) bytes that lie within `total`. Without bytes `offset` is 0.
        bytes: &'a [u8],
    },
    /// Says what of a file is missing at the end that it goes to, and asks for it.
    FileRequest {
        /// Which file.
        file_id: FileId,
        /// The missing bytes. Where there are none the file is whole and durable.
        missing: RangeList<'a>,
    },
    /// Says that an end no longer sends a file, or no longer wants it.
    FileCancel {
        /// Which file.
        file_id: FileId,
    },
}

impl<'a> Frame<'a> {
    /// Returns the frame that carries a transmission of a chat.
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
}
