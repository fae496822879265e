//! The numbers of the layout, and what is wrong with bytes that do not have it (SPEC FRM-1, FRM-4).

use crate::envelope::MAX_SEALED_LEN;
use crate::types::error::errors;

/// The version of this layout.
pub const VERSION: u8 = 1;

/// Bytes before the body.
pub const HEADER_LEN: usize = 22;

/// The longest public value: room for an X25519 value next to an ML-KEM-768 key of 1,184 bytes.
pub const MAX_PUBLIC_LEN: usize = 1280;

/// The most bytes of a file in one frame: a part of Telegram's largest size.
pub const MAX_PART_LEN: usize = 1 << 19;

/// The most ranges that one request for a file names. With them it fits into the smallest packet of IPv6.
pub const MAX_RANGES: usize = 64;

/// The longest frame: the largest sealed message with the id of a file.
pub const MAX_FRAME_LEN: usize = HEADER_LEN + MAX_CIPHERTEXT_BODY_LEN;

/// The smallest datagrams that a frame is fragmented for.
pub const MIN_MTU: usize = 50;

/// Bytes of a fragment before those of its frame.
pub const FRAGMENT_HEADER_LEN: usize = 1 + 1 + 6 + 2 + 2;

/// The kind of datagram that is a fragment.
pub(super) const FRAGMENT: u8 = 9;

/// The fewest bytes of a frame in a fragment that is not its last.
pub(super) const MIN_FRAGMENT_LEN: usize = MIN_MTU - FRAGMENT_HEADER_LEN;

/// The most fragments of one frame: the longest frame in the smallest datagrams.
pub(super) const MAX_FRAGMENTS: u16 = 13_826;
const _: () = assert!(MAX_FRAGMENTS as usize == MAX_FRAME_LEN.div_ceil(MIN_FRAGMENT_LEN));

/// The longest body of all.
pub(super) const MAX_CIPHERTEXT_BODY_LEN: usize = 8 + 1 + 16 + MAX_SEALED_LEN;
pub(super) const MAX_PART_BODY_LEN: usize = 16 + 8 + 8 + MAX_PART_LEN;
const _: () = assert!(MAX_PART_BODY_LEN <= MAX_CIPHERTEXT_BODY_LEN);

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
        /// A fragment of a frame in the place of one: a [`Reassembler`](super::Reassembler) takes it (SPEC FRAG-1).
        706 "fragment" Fragment => "this is a fragment of a frame",
        /// A fragment of something else among those of a frame (SPEC FRAG-3).
        707 "mixed" Mixed => "the fragments do not make the frame that they name",
        /// Datagrams of less than [`MIN_MTU`] bytes (SPEC FRAG-1).
        708 "small_mtu" SmallMtu => "a datagram must hold at least 50 bytes",
    }
}
