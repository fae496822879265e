//! One message: padded, sealed and opened. This is the same in every profile.

use std::hint::black_box;

use secretchat::KeyFingerprint;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::kdf::{ChatKey, Offset};

use crate::measure::random::Constant;

/// A `decryptedMessage` with a text of 100 characters in its `decryptedMessageLayer`: 48 bytes of layer (31 of them random),
/// 20 of message, 104 of text.
pub(crate) const BODY_LEN: usize = 172;
/// Messages in one lap.
pub(super) const COUNT: u32 = 64;

/// A key, and a message under it.
pub(super) struct Messages {
    key: ChatKey,
    layout: Layout,
    sealed: Vec<u8>,
    buffer: Vec<u8>,
}

impl Messages {
    pub(super) fn new() -> Self {
        let layout = Layout::size_class(BODY_LEN).unwrap();
        let len = layout.sealed_len();
        let mut messages = Self { key: ChatKey::new([0x33; 256]), layout, sealed: vec![0; len], buffer: vec![0; len] };
        messages.seal();
        messages
    }

    pub(super) fn seal(&mut self) {
        let key = message_key(&self.key);
        envelope::seal(&key, self.layout, &mut Constant, &mut self.sealed, |body| body.fill(0x55)).unwrap();
    }

    /// Opening destroys its input, so this includes a copy of it.
    pub(super) fn open(&mut self) {
        self.buffer.copy_from_slice(&self.sealed);
        black_box(envelope::open(&message_key(&self.key), &mut self.buffer).unwrap());
    }
}

fn message_key(chat_key: &ChatKey) -> DirectionKey<'_> {
    DirectionKey { chat_key, fingerprint: KeyFingerprint::from_bytes([0x44; 8]), x: Offset::INITIATOR }
}
