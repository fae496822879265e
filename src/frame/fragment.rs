//! Splitting a frame into several datagrams (SPEC FRAG-1, FRAG-2).

use alloc::vec::Vec;
use core::ops::Range;

use sha2::{Digest, Sha256};

use super::body::Fields;
use super::layout::{FRAGMENT, FRAGMENT_HEADER_LEN, FrameError, MAX_FRAGMENTS, MIN_FRAGMENT_LEN, MIN_MTU, VERSION};
use super::name::FrameId;
use super::whole::decode_one;

/// Returns the datagrams of at most `mtu` bytes that carry a frame: the frame itself if it fits, otherwise its
/// fragments.
///
/// Pass them to a [`Reassembler`](super::Reassembler), in any order and any number of times. A frame that is sent
/// again has the same fragments, so a second sending fills the gaps of the first.
///
/// ```
/// use secretchat::frame::{ChatTag, Frame, FrameError, encode, fragment};
///
/// let frame = encode(ChatTag([7; 16]), &Frame::Request { public: &[9; 32] })?;
/// let mut buffer = [0; 50];
/// let mut sizes = Vec::new();
/// for fragment in fragment(&frame, buffer.len())? {
///     let datagram = fragment.write(&mut buffer).expect("no datagram is longer than that");
///     sizes.push(datagram.len());
/// }
/// assert_eq!((frame.len(), sizes), (54, vec![50, 28]));
/// # Ok::<(), FrameError>(())
/// ```
/// # Errors
/// [`FrameError::SmallMtu`] below [`MIN_MTU`] bytes, and the errors of [`decode_one`] if the bytes are not one
/// frame.
pub fn fragment(frame: &[u8], mtu: usize) -> Result<Fragments<'_>, FrameError> {
    if mtu < MIN_MTU {
        return Err(FrameError::SmallMtu);
    }
    decode_one(frame)?;
    let room = if frame.len() <= mtu { mtu } else { mtu - FRAGMENT_HEADER_LEN };
    let count = u16::try_from(frame.len().div_ceil(room)).map_err(|_| FrameError::TooLong)?;
    Ok(Fragments { frame, id: FrameId::of(frame), room, count, left: 0..count })
}

/// The datagrams of one frame, in order: see [`fragment`].
///
/// `nth` skips without work, for a peer that lacks only some of them
/// ([`Reassembler::missing`](super::Reassembler::missing)).
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    frame: &'a [u8],
    id: FrameId,
    /// How many bytes of the frame each one carries, except the last.
    room: usize,
    count: u16,
    left: Range<u16>,
}

impl Fragments<'_> {
    /// Returns the id that all of them carry.
    #[must_use]
    pub const fn id(&self) -> FrameId {
        self.id
    }
}

impl<'a> Iterator for Fragments<'a> {
    type Item = Fragment<'a>;

    fn next(&mut self) -> Option<Fragment<'a>> {
        self.nth(0)
    }

    fn nth(&mut self, skipped: usize) -> Option<Fragment<'a>> {
        let index = self.left.nth(skipped)?;
        let bytes = self.frame.chunks(self.room).nth(index.into())?;
        let header = (self.count > 1).then_some(Header { id: self.id, index, count: self.count });
        Some(Fragment { header, bytes })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Fragments<'_> {}

/// One datagram of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// The header, or `None` if the whole frame fits.
    header: Option<Header>,
    bytes: &'a [u8],
}

impl Fragment<'_> {
    /// Writes the datagram to the start of `buffer` and returns it, or returns `None` if the buffer is too short.
    #[must_use]
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let header = self.header.map(Header::to_bytes);
        let header: &[u8] = header.as_ref().map_or(&[], |header| header);
        let datagram = buffer.get_mut(..header.len() + self.bytes.len())?;
        let (start, rest) = datagram.split_at_mut_checked(header.len())?;
        start.copy_from_slice(header);
        rest.copy_from_slice(self.bytes);
        Some(datagram)
    }

    /// Returns the datagram.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut datagram = Vec::new();
        datagram.extend(self.header.iter().flat_map(|header| header.to_bytes()));
        datagram.extend_from_slice(self.bytes);
        datagram
    }
}

impl FrameId {
    /// Returns the id of a whole frame.
    pub(super) fn of(frame: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(frame).into();
        let [a, b, c, d, e, f, ..] = hash;
        Self([a, b, c, d, e, f])
    }
}

/// The header before the bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) id: FrameId,
    pub(super) index: u16,
    pub(super) count: u16,
}

impl Header {
    fn to_bytes(self) -> [u8; FRAGMENT_HEADER_LEN] {
        let FrameId([a, b, c, d, e, f]) = self.id;
        let [[index_low, index_high], [count_low, count_high]] = [self.index, self.count].map(u16::to_le_bytes);
        [VERSION, FRAGMENT, a, b, c, d, e, f, index_low, index_high, count_low, count_high]
    }

    /// Reads a datagram that is a fragment, or returns `None` if it is not one.
    pub(super) fn parse(datagram: &[u8]) -> Result<Option<(Self, &[u8])>, FrameError> {
        let Some((&[VERSION, FRAGMENT], rest)) = datagram.split_first_chunk() else {
            return Ok(None);
        };
        if datagram.len() <= FRAGMENT_HEADER_LEN {
            return Err(FrameError::Truncated);
        }
        let mut fields = Fields(rest);
        let id = FrameId(fields.array()?);
        let (index, count) = (u16::from_le_bytes(fields.array()?), u16::from_le_bytes(fields.array()?));
        let Fields(bytes) = fields;
        let is_last = index.checked_add(1) == Some(count);
        match count {
            _ if count > MAX_FRAGMENTS => Err(FrameError::TooLong),
            0 | 1 => Err(FrameError::Malformed),
            _ if index >= count || (!is_last && bytes.len() < MIN_FRAGMENT_LEN) => Err(FrameError::Malformed),
            _ => Ok(Some((Self { id, index, count }, bytes))),
        }
    }
}
