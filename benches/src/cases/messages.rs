//! One message of 100 characters: padded, sealed and opened. This is the same in every profile.

use std::hint::black_box;

use secretchat::KeyFingerprint;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::hazmat::kdf::{ChatKey, Offset};

use super::{Case, Group, SECRETCHAT, Unit, Work};
use crate::random::Constant;

/// A `decryptedMessage` with a text of 100 characters in its `decryptedMessageLayer`: 32 bytes of layer (15 of them random),
/// 20 of message, 104 of text.
pub(crate) const BODY_LEN: usize = 156;
/// Messages in one call: the clock is too coarse for a single message.
const COUNT: u32 = 64;

pub(super) fn group() -> Group {
    let cases = vec![Case::new(SECRETCHAT, Messages::new())];
    Group { title: "a message of 100 characters", unit: Unit::Messages(COUNT), cases }
}

struct Messages {
    key: ChatKey,
    layout: Layout,
    sealed: Vec<u8>,
    buffer: Vec<u8>,
}

impl Messages {
    fn new() -> Self {
        let layout = Layout::size_class(BODY_LEN).unwrap();
        let len = layout.sealed_len();
        let mut messages = Self { key: ChatKey::new([0x33; 256]), layout, sealed: vec![0; len], buffer: vec![0; len] };
        messages.encrypt();
        messages
    }
}

fn message_key(chat_key: &ChatKey) -> DirectionKey<'_> {
    DirectionKey { chat_key, fingerprint: KeyFingerprint::from_bytes([0x44; 8]), x: Offset::INITIATOR }
}

impl Work for Messages {
    fn encrypt(&mut self) {
        for _ in 0..COUNT {
            let key = message_key(&self.key);
            envelope::seal(&key, self.layout, &mut Constant, &mut self.sealed, |body| body.fill(0x55)).unwrap();
        }
    }

    fn decrypt(&mut self) {
        for _ in 0..COUNT {
            self.buffer.copy_from_slice(&self.sealed);
            black_box(envelope::open(&message_key(&self.key), &mut self.buffer).unwrap());
        }
    }
}
