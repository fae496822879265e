//! Reading frames from a stream.

use alloc::vec::Vec;
use core::fmt;

use super::kind::Frame;
use super::layout::{FrameError, HEADER_LEN, MAX_FRAME_LEN};
use super::name::ChatTag;
use super::whole::{frame_len, parse};

/// Reads frames from a stream, which may arrive in pieces of any size.
///
/// It holds at most one frame: [`Decoder::push`] takes what that frame still needs and leaves the rest to the
/// caller. A length in a header takes no memory before its bytes have arrived.
///
/// ```
/// use std::io::Read;
///
/// use secretchat::frame::{ChatTag, Decoder, Frame, FrameError, Next, encode};
/// # use secretchat::TransmitId;
///
/// /// Reads a connection to its end. After a `FrameError` it has to be closed: nothing tells where the next frame begins.
/// fn read(mut connection: impl Read) -> Result<usize, Box<dyn std::error::Error>> {
///     let (mut decoder, mut buffer, mut frames) = (Decoder::new(), [0; 4096], 0);
///     loop {
///         let len = connection.read(&mut buffer)?;
///         if len == 0 {
///             decoder.finish()?; // an error if a frame was cut off
///             return Ok(frames);
///         }
///         let mut bytes = &buffer[..len];
///         while !bytes.is_empty() {
///             bytes = &bytes[decoder.push(bytes)..];
///             if let Next::Frame { tag, frame } = decoder.next()? {
///                 println!("{tag}: {frame:?}");
///                 frames += 1;
///             }
///         }
///     }
/// }
///
/// let receipt = encode(ChatTag([7; 16]), &Frame::Receipt { transmit_id: TransmitId(16), proof: None })?;
/// assert_eq!(read(&receipt.repeat(3)[..])?, 3);
/// assert!(read(&receipt[1..]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Whether the frame in the buffer was returned.
    given: bool,
    failed: Option<FrameError>,
}

/// The result of [`Decoder::next`]. Not `#[non_exhaustive]`: either there is a frame or there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// A complete frame.
    Frame {
        /// The chat that it is for.
        tag: ChatTag,
        /// The frame itself.
        frame: Frame<'a>,
    },
    /// The frame needs at least this many more bytes.
    NeedMore(usize),
}

impl Decoder {
    /// Creates a decoder at the start of a stream.
    #[must_use]
    pub const fn new() -> Self {
        Self { buffer: Vec::new(), given: false, failed: None }
    }

    /// Takes bytes from the start of `bytes` until one frame is complete or wrong, and returns how many it took. It
    /// takes none while a complete frame waits for [`Decoder::next`], and none after an error.
    #[must_use = "bytes that were not taken must be pushed again"]
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.forget_given();
        let mut rest = bytes;
        // The header first, then the body.
        while let Ok(missing @ 1..) = self.missing() {
            let Some(taken) = rest.split_off(..missing.min(rest.len())).filter(|taken| !taken.is_empty()) else {
                break;
            };
            self.append(taken);
        }
        bytes.len() - rest.len()
    }

    /// Returns the next frame, or how many bytes it needs at least. A frame is returned once, and the next call of
    /// any method forgets it.
    ///
    /// # Errors
    /// [`FrameError`], again with each further call: nothing shows where in the stream another frame begins.
    #[expect(clippy::should_implement_trait, reason = "what it gives borrows the decoder, which no iterator can")]
    pub fn next(&mut self) -> Result<Next<'_>, FrameError> {
        self.forget_given();
        match self.missing() {
            Ok(0) => {}
            Ok(missing) => return Ok(Next::NeedMore(missing)),
            Err(error) => return Err(self.fail(error)),
        }
        match parse(&self.buffer) {
            Ok((tag, frame)) => {
                self.given = true;
                Ok(Next::Frame { tag, frame })
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Takes bytes from the front of `bytes` until a frame is complete, and returns that frame; `None` once all bytes are taken.
    /// This is [`Decoder::push`] and [`Decoder::next`] in one: call it again until it gives none.
    ///
    /// ```
    /// use secretchat::frame::{Decoder, FrameError};
    ///
    /// fn read(decoder: &mut Decoder, mut bytes: &[u8]) -> Result<(), FrameError> {
    ///     while let Some((tag, frame)) = decoder.next_in(&mut bytes)? {
    ///         println!("for {tag}: {frame:?}");
    ///     }
    ///     Ok(())
    /// }
    /// # read(&mut Decoder::new(), &[1, 8])?;
    /// # Ok::<(), FrameError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Decoder::next`]: close the stream.
    pub fn next_in(&mut self, bytes: &mut &[u8]) -> Result<Option<(ChatTag, Frame<'_>)>, FrameError> {
        let taken = self.push(bytes);
        *bytes = bytes.get(taken..).unwrap_or_default();
        match self.next()? {
            Next::Frame { tag, frame } => Ok(Some((tag, frame))),
            Next::NeedMore(_) => Ok(None),
        }
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// [`FrameError::Truncated`] if bytes are left that did not make a frame, or the error of the stream.
    pub fn finish(self) -> Result<(), FrameError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.given || self.buffer.is_empty() => Ok(()),
            None => Err(FrameError::Truncated),
        }
    }

    /// Returns the memory in use, in bytes: never more than [`MAX_FRAME_LEN`].
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Returns how many bytes the frame lacks, as far as its start shows.
    fn missing(&self) -> Result<usize, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        Ok(frame_len(&self.buffer)?.unwrap_or(HEADER_LEN).saturating_sub(self.buffer.len()))
    }

    /// Doubles the memory as it grows, up to the longest frame.
    fn append(&mut self, bytes: &[u8]) {
        let len = self.buffer.len() + bytes.len();
        if len > self.buffer.capacity() {
            let capacity = len.max((2 * self.buffer.capacity()).min(MAX_FRAME_LEN));
            self.buffer.reserve_exact(capacity - self.buffer.len());
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn forget_given(&mut self) {
        if core::mem::take(&mut self.given) {
            self.buffer.clear();
        }
    }

    fn fail(&mut self, error: FrameError) -> FrameError {
        self.failed = Some(error);
        error
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { buffer, given, failed } = self;
        let mut shown = f.debug_struct("Decoder");
        shown.field("buffer", &buffer.len()).field("given", given).field("failed", failed).finish()
    }
}
