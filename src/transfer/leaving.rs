//! What a sender of files has for the transport.

use core::ops::Range;

use crate::frame::{FileId, Frame, FrameError};
use crate::output::{Transmit, TransmitKind};

/// Something for the transport, in the order in which it is to leave.
///
/// When the transport has taken it, [`FileSender::carried`](super::FileSender::carried) says so, or
/// [`FileSender::failed`](super::FileSender::failed) that it has not: until then it counts as in flight.
#[derive(Debug)]
#[must_use = "it is in flight until `carried` or `failed` takes it"]
pub struct Leaving(pub(super) What);

#[derive(Debug)]
pub(super) enum What {
    Part { file: FileId, part: Range<u64>, total: u64 },
    Question { file: FileId, total: u64 },
    Cancel { file: FileId },
    Transmit(Transmit),
}

impl Leaving {
    /// Returns which bytes of which stored file it carries: the host reads them for [`Leaving::frame`]. `None` for what
    /// carries none.
    #[must_use]
    pub fn part(&self) -> Option<(FileId, Range<u64>)> {
        match &self.0 {
            What::Part { file, part, .. } => Some((*file, part.clone())),
            _ => None,
        }
    }

    /// Returns the transmission of the chat that it is.
    #[must_use]
    pub const fn transmit(&self) -> Option<&Transmit> {
        match &self.0 {
            What::Transmit(transmit) => Some(transmit),
            _ => None,
        }
    }

    /// Returns the frame, with `bytes` where it carries a part.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if these are not as many bytes as [`Leaving::part`] says: the stored file has changed. Or
    /// for a transmission that no frame carries.
    pub fn frame<'a>(&'a self, bytes: &'a [u8]) -> Result<Frame<'a>, FrameError> {
        Ok(match &self.0 {
            What::Part { file, part, total } => {
                if bytes.len() as u64 != part.end - part.start {
                    return Err(FrameError::Malformed);
                }
                Frame::FilePart { file_id: *file, offset: part.start, total: *total, bytes }
            }
            What::Question { file, total } => Frame::FilePart { file_id: *file, offset: 0, total: *total, bytes: &[] },
            What::Cancel { file } => Frame::FileCancel { file_id: *file },
            What::Transmit(transmit) => Frame::of(transmit)?,
        })
    }
}

/// Returns the file that a transmission names; an error for a name that is no file id.
pub(super) fn file_of(transmit: &Transmit) -> Result<Option<FileId>, FrameError> {
    match &transmit.kind {
        TransmitKind::Ciphertext { file: Some(name), .. } => {
            FileId::try_from(name.as_slice()).map(Some).map_err(|_| FrameError::Malformed)
        }
        _ => Ok(None),
    }
}
