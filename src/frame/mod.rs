//! Frames for a transport of your own: one after the other in a stream, or one per datagram (SPEC FRM-1 to FRM-6).
//! Over a link with shorter datagrams they travel in fragments (SPEC FRAG-1 to FRAG-4): see [`fragment()`] and
//! [`Reassembler`].
//!
//! ```text
//! version u8 = 1 || kind u8 || chat tag [16] || length u32le || body [length]
//! ```
//!
//! **Nothing in a frame is authenticated** except its sealed bytes. A tag routes, a receipt claims, an id names,
//! and anyone on the way can forge all three.
//!
//! ```
//! use secretchat::TransmitId;
//! use secretchat::frame::{ChatTag, Decoder, Frame, FrameError, Next, encode};
//!
//! let tag = ChatTag([7; 16]);
//! let receipt = Frame::Receipt { transmit_id: TransmitId(16), proof: None };
//! let stream = encode(tag, &receipt)?;
//!
//! let mut decoder = Decoder::new();
//! let mut received = 0;
//! for mut bytes in stream.chunks(4) {
//!     while !bytes.is_empty() {
//!         bytes = &bytes[decoder.push(bytes)..];
//!         if let Next::Frame { tag, frame } = decoder.next()? {
//!             assert_eq!((tag, frame), (ChatTag([7; 16]), receipt));
//!             received += 1;
//!         }
//!     }
//! }
//! decoder.finish()?;
//! assert_eq!(received, 1);
//! # Ok::<(), FrameError>(())
//! ```

mod body;
mod decoder;
mod fragment;
mod kind;
mod layout;
mod name;
mod ranges;
mod reassembler;
mod whole;

pub use decoder::{Decoder, Next};
pub use fragment::{Fragment, Fragments, fragment};
pub use kind::Frame;
pub use layout::{
    FRAGMENT_HEADER_LEN, FrameError, HEADER_LEN, MAX_FRAME_LEN, MAX_PART_LEN, MAX_PUBLIC_LEN, MAX_RANGES, MIN_MTU,
    VERSION,
};
pub use name::{ChatTag, FileId, FrameId};
pub use ranges::{RangeList, Ranges};
pub use reassembler::{FragmentBounds, Reassembler};
pub use whole::{decode_one, encode};
