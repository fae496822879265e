//! The link between the phones: bytes in memory. Anything that carries bytes in order could stand here.

use std::collections::VecDeque;

use secretchat::frame::{ChatTag, Decoder, Frame};

use super::Result;

/// How many bytes may wait before the sending phone must pause.
const ROOM: usize = 1 << 17;

/// How many bytes arrive at a time: frames are cut and joined at arbitrary places.
const PIECE: usize = 11_111;

/// One direction.
#[derive(Default)]
pub(crate) struct Wire {
    bytes: VecDeque<u8>,
    decoder: Decoder,
}

impl Wire {
    pub(crate) fn has_room(&self) -> bool {
        self.bytes.len() < ROOM
    }

    pub(crate) fn put(&mut self, frame: &[u8]) {
        self.bytes.extend(frame);
    }

    /// Lets the next bytes arrive. Returns whether there were any.
    pub(crate) fn deliver(&mut self, mut hear: impl FnMut(ChatTag, Frame<'_>) -> Result<()>) -> Result<bool> {
        let piece: Vec<u8> = self.bytes.drain(..PIECE.min(self.bytes.len())).collect();
        let mut rest = piece.as_slice();
        while let Some((tag, frame)) = self.decoder.next_in(&mut rest)? {
            hear(tag, frame)?;
        }
        Ok(!piece.is_empty())
    }
}
