//! The body of each kind of frame (SPEC FRM-2, FRM-4, FRM-6).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::kind::Frame;
use super::layout::{FrameError, MAX_CIPHERTEXT_BODY_LEN, MAX_PART_BODY_LEN, MAX_PART_LEN, MAX_PUBLIC_LEN, MAX_RANGES};
use super::name::FileId;
use super::ranges::RANGE_LEN;
use crate::envelope::MAX_SEALED_LEN;
use crate::output::{DiscardProof, History};
use crate::types::id::{KeyFingerprint, TransmitId};

const REQUEST: u8 = 1;
const ACCEPT: u8 = 2;
const CIPHERTEXT: u8 = 3;
const DISCARD: u8 = 4;
const RECEIPT: u8 = 5;
const FILE_PART: u8 = 6;
const FILE_REQUEST: u8 = 7;
const FILE_CANCEL: u8 = 8;

impl<'a> Frame<'a> {
    /// Returns the number of the kind.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Request { .. } => REQUEST,
            Self::Accept { .. } => ACCEPT,
            Self::Ciphertext { .. } => CIPHERTEXT,
            Self::Discard { .. } => DISCARD,
            Self::Receipt { .. } => RECEIPT,
            Self::FilePart { .. } => FILE_PART,
            Self::FileRequest { .. } => FILE_REQUEST,
            Self::FileCancel { .. } => FILE_CANCEL,
        }
    }

    /// Refuses values that neither the layout of the body nor the limits of its length refuse. Called in both
    /// directions.
    pub(super) fn check(self) -> Result<Self, FrameError> {
        let (len, max_len) = match self {
            Self::Request { public } | Self::Accept { public, .. } => (public.len(), MAX_PUBLIC_LEN),
            Self::Ciphertext { bytes, .. } => (bytes.len(), MAX_SEALED_LEN),
            Self::FilePart { bytes, .. } => (bytes.len(), MAX_PART_LEN),
            Self::Discard { .. } | Self::Receipt { .. } | Self::FileRequest { .. } | Self::FileCancel { .. } => (0, 0),
        };
        if len > max_len {
            return Err(FrameError::TooLong);
        }
        match self {
            // Only the answer to a Discard has a proof.
            Self::Receipt { transmit_id, proof: Some(_) } if transmit_id != TransmitId::DISCARD => {
                Err(FrameError::Malformed)
            }
            // A part without bytes asks what is missing. It has only one form.
            Self::FilePart { total: 0, .. } | Self::FilePart { offset: 1.., bytes: [], .. } => {
                Err(FrameError::Malformed)
            }
            Self::FilePart { offset, total, bytes, .. } => match offset.checked_add(bytes.len() as u64) {
                Some(end) if end <= total => Ok(self),
                _ => Err(FrameError::Malformed),
            },
            _ => Ok(self),
        }
    }

    /// Writes the body.
    pub(super) fn write_body(&self, to: &mut Vec<u8>) {
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
            Self::FileRequest { file_id, missing } => {
                to.extend_from_slice(&file_id.0);
                to.extend_from_slice(missing.as_bytes());
            }
            Self::FileCancel { file_id } => to.extend_from_slice(&file_id.0),
        }
    }

    /// Reads the body of a frame of this kind.
    pub(super) fn parse(kind: u8, body: &'a [u8]) -> Result<Self, FrameError> {
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
            FILE_REQUEST => Self::FileRequest { file_id: FileId(rest.array()?), missing: rest.all().try_into()? },
            FILE_CANCEL => Self::FileCancel { file_id: FileId(rest.array()?) },
            _ => return Err(FrameError::UnknownKind),
        };
        if rest.0.is_empty() { frame.check() } else { Err(FrameError::Malformed) }
    }
}

/// Returns the possible lengths of a body of this kind.
pub(super) const fn body_lens(kind: u8) -> Option<RangeInclusive<usize>> {
    Some(match kind {
        REQUEST => 0..=MAX_PUBLIC_LEN,
        ACCEPT => 8..=8 + MAX_PUBLIC_LEN,
        CIPHERTEXT => 8 + 1..=MAX_CIPHERTEXT_BODY_LEN,
        DISCARD => 1 + 1..=1 + 1 + 4 + 32,
        RECEIPT => 8..=8 + 1 + 32,
        FILE_PART => 16 + 8 + 8..=MAX_PART_BODY_LEN,
        FILE_REQUEST => 16..=16 + MAX_RANGES * RANGE_LEN,
        FILE_CANCEL => 16..=16,
        _ => return None,
    })
}

fn write_option<const N: usize>(to: &mut Vec<u8>, option: Option<&[u8; N]>) {
    to.push(option.is_some().into());
    to.extend_from_slice(option.map_or(&[], |bytes| bytes));
}

/// Reads the fields of a body.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn all(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.0)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
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
