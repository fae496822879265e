//! Reassembling frames from fragments (SPEC FRAG-3, FRAG-4).

use alloc::collections::{BTreeMap, BinaryHeap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;
use core::time::Duration;

use super::fragment::Header;
use super::kind::Frame;
use super::layout::{FrameError, MAX_FRAME_LEN};
use super::name::{ChatTag, FrameId};
use super::whole::decode_one;
use crate::types::time::Timestamp;

/// How long a frame must have been silent before it can be dropped to make room for another one.
const IDLE: Duration = Duration::from_secs(60);

/// Limits on what a [`Reassembler`] keeps. Nothing that it accepts is authentic, so this is what a stranger can
/// make it keep. Start from [`FragmentBounds::default`] and set the fields that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FragmentBounds {
    /// How many frames may be incomplete.
    pub frames: usize,
    /// How many bytes of them are kept in total. For the smallest fragments the bookkeeping takes twice as much.
    pub bytes: usize,
    /// How long a frame may be silent before it is given up. Choose it longer than the pause between two sendings,
    /// so that they fill each other's gaps.
    pub patience: Duration,
}

impl Default for FragmentBounds {
    /// Returns 16 frames of 1 MiB in total, and five minutes.
    fn default() -> Self {
        Self { frames: 16, bytes: 1 << 20, patience: Duration::from_secs(5 * 60) }
    }
}

/// Reassembles frames from datagrams: whole frames, and the fragments that [`fragment`](super::fragment()) makes,
/// in any order and any number of times.
///
/// **Nothing in a fragment is authentic.** If the link identifies its senders, keep one reassembler for each, so
/// that strangers disturb only themselves. Otherwise anyone who can send on the link can cause a fragment, and at
/// times a frame, to be needed again, and can fill the places for new frames for as long as they keep sending. They
/// cannot push out a frame of which something came within the last minute, or make this hold more than its
/// [`FragmentBounds`].
///
/// Here two ends use a link that carries 50 bytes and loses every fifth datagram:
///
/// ```
/// use secretchat::Timestamp;
/// use secretchat::frame::{ChatTag, Frame, FragmentBounds, FrameError, Reassembler, encode, fragment};
///
/// let (tag, frame) = (ChatTag([7; 16]), Frame::Request { public: &[9; 1216] });
/// let bytes = encode(tag, &frame)?;
///
/// let mut receiver = Reassembler::new(FragmentBounds::default());
/// let (mut on_the_air, mut arrived) = (0, false);
/// for second in (0..).step_by(5) {
///     // A driver hands the frame out again until a receipt comes.
///     for fragment in fragment(&bytes, 50)? {
///         on_the_air += 1;
///         if on_the_air % 5 != 0 {
///             let now = Timestamp::from_unix_seconds(1_700_000_000 + second);
///             if let Some(received) = receiver.take(&fragment.to_vec(), now)? {
///                 assert_eq!(received, (tag, frame));
///                 arrived = true;
///             }
///         }
///     }
///     if arrived {
///         break;
///     }
///     // Where the link goes both ways, a host may ask for no more than this.
///     let (_, missing) = receiver.missing().next().expect("one frame is not whole");
///     assert_eq!(missing.count(), 6);
/// }
/// assert_eq!(on_the_air, 2 * 33);
/// # Ok::<(), FrameError>(())
/// ```
pub struct Reassembler {
    bounds: FragmentBounds,
    partial: Vec<Partial>,
    /// The last frames that came out. Further fragments of them are late copies, or a repetition.
    completed: VecDeque<FrameId>,
    /// The frame that was returned last.
    whole: Vec<u8>,
}

impl Reassembler {
    /// Creates an empty reassembler.
    #[must_use]
    pub const fn new(bounds: FragmentBounds) -> Self {
        Self { bounds, partial: Vec::new(), completed: VecDeque::new(), whole: Vec::new() }
    }

    /// Takes one datagram and returns the frame that it is, or that it completes. A fragment without room is
    /// dropped: it comes again with its frame.
    ///
    /// # Errors
    /// [`FrameError`] if the datagram is neither a frame nor a fragment. [`FrameError::Mixed`] if all fragments of
    /// a frame are there, but one of them does not belong to it. They are dropped.
    pub fn take<'a>(
        &'a mut self,
        datagram: &'a [u8],
        now: Timestamp,
    ) -> Result<Option<(ChatTag, Frame<'a>)>, FrameError> {
        self.whole = Vec::new();
        self.partial.retain(|partial| partial.heard.until(now) < self.bounds.patience);
        let Some((header, bytes)) = Header::parse(datagram)? else {
            return decode_one(datagram).map(Some);
        };
        self.keep(header, bytes, now);
        let Some(place) = self.partial.iter().position(Partial::is_complete) else {
            return Ok(None);
        };
        let complete = self.partial.remove(place);
        self.whole = complete.pieces.into_values().flatten().collect();
        if FrameId::of(&self.whole) != complete.id {
            return Err(FrameError::Mixed);
        }
        self.note_completed(complete.id);
        decode_one(&self.whole).map(Some)
    }

    /// Returns the incomplete frames, each with the positions of its missing fragments. A link in both directions
    /// can ask for just these.
    pub fn missing(&self) -> impl Iterator<Item = (FrameId, impl Iterator<Item = u16>)> {
        self.partial.iter().map(|partial| {
            let missing = (0..partial.count).filter(|index| !partial.pieces.contains_key(index));
            (partial.id, missing)
        })
    }

    /// Returns how many bytes of incomplete frames are held: never more than [`FragmentBounds::bytes`].
    #[must_use]
    pub fn byte_count(&self) -> usize {
        self.partial.iter().map(|partial| partial.len).sum()
    }

    /// Keeps a fragment if it is new and has room.
    fn keep(&mut self, header: Header, bytes: &[u8], now: Timestamp) {
        let Header { id, index, count } = header;
        let is_this = |partial: &Partial| partial.id == id && partial.count == count;
        if let Some(known) = self.partial.iter_mut().find(|partial| is_this(partial))
            && let Some(there) = known.pieces.get(&index)
        {
            // If two differ, nobody can tell which one is right.
            if there != bytes {
                known.remove(index);
                self.partial.retain(|partial| !partial.pieces.is_empty());
            }
            return;
        }
        if !self.make_room(is_this, bytes.len(), now) {
            return;
        }
        match self.partial.iter_mut().find(|partial| is_this(partial)) {
            Some(known) => known.add(index, bytes, now),
            None => {
                let is_repeated = self.completed.contains(&id);
                let mut partial = Partial { id, count, pieces: BTreeMap::new(), len: 0, heard: now, is_repeated };
                partial.add(index, bytes, now);
                self.partial.push(partial);
            }
        }
    }

    /// Makes room for more bytes of a frame. Returns `false` if there is none.
    fn make_room(&mut self, is_this: impl Fn(&Partial) -> bool, len: usize, now: Timestamp) -> bool {
        let of_this: usize = self.partial.iter().filter(|partial| is_this(partial)).map(|partial| partial.len).sum();
        if of_this.saturating_add(len) > MAX_FRAME_LEN {
            return false;
        }
        let mut others = self.partial.iter().filter(|partial| !is_this(partial)).count();
        let mut bytes = self.byte_count().saturating_add(len);
        let fits = |others, bytes| others < self.bounds.frames && bytes <= self.bounds.bytes;
        if fits(others, bytes) {
            return true;
        }
        // Many may have to go for one fragment (SPEC LIM-5).
        let mut idle = self.idle(is_this, now);
        let mut is_given_up = vec![false; self.partial.len()];
        while !fits(others, bytes)
            && let Some(Reverse((_, _, place))) = idle.pop()
            && let (Some(partial), Some(given_up)) = (self.partial.get(place), is_given_up.get_mut(place))
        {
            others -= 1;
            bytes -= partial.len;
            *given_up = true;
        }
        let mut given_up = is_given_up.into_iter();
        self.partial.retain(|_| !given_up.next().unwrap_or_default());
        fits(others, bytes)
    }

    /// Returns the places of the other frames that can make room: first those that came out before, then those that have
    /// been silent for long enough, the one that has been silent longest first (SPEC FRAG-3).
    fn idle(
        &self,
        is_this: impl Fn(&Partial) -> bool,
        now: Timestamp,
    ) -> BinaryHeap<Reverse<(bool, Timestamp, usize)>> {
        let others = self.partial.iter().enumerate().filter(|(_, partial)| !is_this(partial));
        let idle = others.filter(|(_, partial)| partial.is_repeated || partial.heard.until(now) >= IDLE);
        idle.map(|(place, partial)| Reverse((!partial.is_repeated, partial.heard, place))).collect()
    }

    fn note_completed(&mut self, id: FrameId) {
        self.completed.retain(|other| *other != id);
        self.completed.push_back(id);
        if self.completed.len() > self.bounds.frames {
            self.completed.pop_front();
        }
        // The same frame may come in datagrams of another size.
        let same = self.partial.iter_mut().filter(|partial| partial.id == id);
        same.for_each(|partial| partial.is_repeated = true);
    }
}

impl fmt::Debug for Reassembler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bounds, partial, completed, whole } = self;
        let mut shown = f.debug_struct("Reassembler");
        shown.field("bounds", bounds).field("frames", &partial.len()).field("bytes", &self.byte_count());
        shown.field("completed", &completed.len()).field("whole", &whole.len()).finish()
    }
}

/// A frame that is not whole yet.
struct Partial {
    id: FrameId,
    count: u16,
    pieces: BTreeMap<u16, Vec<u8>>,
    /// Bytes of all pieces.
    len: usize,
    /// When something new of it last came.
    heard: Timestamp,
    /// Whether it came out before.
    is_repeated: bool,
}

impl Partial {
    fn add(&mut self, index: u16, bytes: &[u8], now: Timestamp) {
        self.pieces.insert(index, bytes.to_vec());
        self.len += bytes.len();
        self.heard = now;
    }

    fn remove(&mut self, index: u16) {
        self.len -= self.pieces.remove(&index).map_or(0, |bytes| bytes.len());
    }

    fn is_complete(&self) -> bool {
        self.pieces.len() == usize::from(self.count)
    }
}
