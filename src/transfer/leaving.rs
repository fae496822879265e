//! The items that a sender of files has for the transport.

use core::ops::Range;

use crate::frame::{FileId, Frame, FrameError};
use crate::output::{Transmit, TransmitKind};

/// An item for the transport, in sending order.
///
/// When the transport has accepted it, call [`FileSender::carried`](super::FileSender::carried), and if it has not,
/// [`FileSender::failed`](super::FileSender::failed). Until then it counts as in flight.
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
    /// Returns which bytes of which stored file it carries, for the host to read and pass to [`Leaving::frame`].
    /// Returns `None` if it carries none.
    #[must_use]
    pub fn part(&self) -> Option<(FileId, Range<u64>)> {
        match &self.0 {
            What::Part { file, part, .. } => Some((*file, part.clone())),
            _ => None,
        }
    }

    /// Returns the chat's transmission, if the item is one.
    #[must_use]
    pub const fn transmit(&self) -> Option<&Transmit> {
        match &self.0 {
            What::Transmit(transmit) => Some(transmit),
            _ => None,
        }
    }

    /// Returns the frame, with `bytes` if it carries a part.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if the number of bytes differs from [`Leaving::part`], because the stored file has
    /// changed, and for a transmission that no frame carries.
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

/// Returns the file that a transmission names, or an error if the name is not a file id.
pub(super) fn file_of(transmit: &Transmit) -> Result<Option<FileId>, FrameError> {
    match &transmit.kind {
        TransmitKind::Ciphertext { file: Some(name), .. } => {
            FileId::try_from(name.as_slice()).map(Some).map_err(|_| FrameError::Malformed)
        }
        _ => Ok(None),
    }
}
