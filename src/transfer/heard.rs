//! The effect of a frame on a receiver of files, and the steps that it has for its host.

use alloc::vec::Vec;
use core::fmt;

use crate::frame::{FileId, Frame, RangeList, Ranges};
use crate::types::id::TransmitId;

/// The action that a frame requires.
///
/// Not `#[non_exhaustive]`: a host must handle each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The frame is not about a file. Pass it to [`Driver::handle_frame`](crate::store::Driver::handle_frame).
    Pass(Frame<'a>),
    /// Write these bytes of a file.
    Write(PartToWrite<'a>),
    /// Nothing to do. A part that was already there or does not fit was dropped, or a message waits for its file.
    Nothing,
}

/// Bytes of a stored file, and their position. Each byte of a file comes once.
///
/// Not `#[non_exhaustive]`: it is a position and bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartToWrite<'a> {
    /// The file.
    pub file: FileId,
    /// The position of the bytes.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether they complete the file. Once it is durable, call
    /// [`FileReceiver::durable`](super::FileReceiver::durable).
    pub is_last: bool,
}

impl fmt::Debug for PartToWrite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, bytes, is_last } = self;
        let mut shown = f.debug_struct("PartToWrite");
        shown
            .field("file", file)
            .field("offset", offset)
            .field("bytes", &bytes.len())
            .field("is_last", is_last)
            .finish()
    }
}

/// A step that a receiver of files has for its host.
///
/// Not `#[non_exhaustive]`: a host must handle each of them.
#[derive(Debug)]
pub enum Step {
    /// Send this to the peer. If it is lost, it is made again.
    Send(FileReply),
    /// Pass this to [`Driver::handle_message`](crate::store::Driver::handle_message): its file is complete and
    /// durable.
    Message(FileMessage),
    /// Delete what is there of a file. It was given up or made room for another one, and no message that the chat
    /// accepted names it.
    Remove(FileId),
}

/// An answer about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReply {
    pub(super) file: FileId,
    /// The requested ranges, or `None` for a file that is not wanted.
    missing: Option<Vec<u8>>,
}

impl FileReply {
    pub(super) fn request(file: FileId, missing: &Ranges) -> Self {
        Self { file, missing: Some(missing.to_bytes()) }
    }

    pub(super) const fn cancel(file: FileId) -> Self {
        Self { file, missing: None }
    }

    /// Returns the frame.
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        match &self.missing {
            None => Frame::FileCancel { file_id: self.file },
            Some(missing) => Frame::FileRequest { file_id: self.file, missing: RangeList::of_written(missing) },
        }
    }
}

/// A message whose file is complete and durable.
#[derive(Clone, PartialEq, Eq)]
pub struct FileMessage {
    pub(super) transmit_id: TransmitId,
    pub(super) file: FileId,
    pub(super) bytes: Vec<u8>,
}

impl FileMessage {
    /// Returns the file that the message names.
    #[must_use]
    pub const fn file(&self) -> FileId {
        self.file
    }

    /// Returns the sender's name of the transmission.
    #[must_use]
    pub const fn transmit_id(&self) -> TransmitId {
        self.transmit_id
    }

    /// Returns the sealed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for FileMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transmit_id, file, bytes } = self;
        let mut shown = f.debug_struct("FileMessage");
        shown.field("transmit_id", transmit_id).field("file", file).field("bytes", &bytes.len()).finish()
    }
}
