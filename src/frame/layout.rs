//! The numbers of the layout, and the errors of bytes that do not have it (SPEC FRM-1, FRM-4).

use crate::envelope::MAX_SEALED_LEN;
use crate::types::error::errors;

/// The version of this layout.
pub const VERSION: u8 = 1;

/// The length of the header before the body, in bytes.
pub const HEADER_LEN: usize = 22;

/// The longest public value: room for an X25519 value next to an ML-KEM-768 key of 1,184 bytes.
pub const MAX_PUBLIC_LEN: usize = 1280;

/// The most bytes of a file in one frame: a part of Telegram's largest size.
pub const MAX_PART_LEN: usize = 1 << 19;

/// The most ranges that one request for a file names. A request with them fits into the smallest packet of IPv6.
pub const MAX_RANGES: usize = 64;

/// The longest frame, in bytes: the largest sealed message with the id of a file.
pub const MAX_FRAME_LEN: usize = HEADER_LEN + MAX_CIPHERTEXT_BODY_LEN;

/// The smallest datagrams, in bytes, into which a frame can be fragmented.
pub const MIN_MTU: usize = 50;

/// The length of a fragment's header, in bytes.
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
    /// Bytes are not a frame, or a frame cannot be encoded. A stream cannot be read any further after this error.
    FrameError {
        /// The version of the layout is unknown (SPEC FRM-1).
        701 "unknown_version" UnknownVersion => "the frame has an unknown version; update this program",
        /// The kind of frame is unknown in this version (SPEC FRM-2).
        702 "unknown_kind" UnknownKind => "the frame has an unknown kind; update this program",
        /// The body, or a field of it, is longer than its kind allows (SPEC FRM-4).
        703 "too_long" TooLong => "the frame is longer than its kind allows; drop it",
        /// The body is too short for its fields, has extra bytes, or has a value that its kind does not allow (SPEC
        /// FRM-2).
        704 "malformed" Malformed => "the frame is malformed; drop it",
        /// The bytes end inside a frame (SPEC FRM-1).
        705 "truncated" Truncated => "the frame is not complete; reconnect and send it again",
        /// A fragment came in place of a frame. Pass it to a [`Reassembler`](super::Reassembler) (SPEC FRAG-1).
        706 "fragment" Fragment => "this is a fragment of a frame; pass it to a `Reassembler`",
        /// Among the fragments of a frame is one of something else (SPEC FRAG-3).
        707 "mixed" Mixed => "the fragments do not make the frame that they name; wait until it is sent again",
        /// The datagrams have less than [`MIN_MTU`] bytes (SPEC FRAG-1).
        708 "small_mtu" SmallMtu => "a datagram must hold at least 50 bytes; use a larger size",
    }
}
