//! Sealing a message of ours (SPEC TL-6, ENV-1).

use alloc::boxed::Box;
use alloc::vec;

use rand_core::Rng;

use crate::chat::Chat;
use crate::chat::turn::Draws;
use crate::envelope::{self, DirectionKey, Layout};
use crate::profile::MessagePadding;
use crate::types::error::ApiMisuse;
use crate::types::id::{Layer, Parity, SeqNo, WireSeqNo};
use crate::types::secret::swept_cipher;
use crate::wire::{Bytes, DecryptedMessage, DecryptedMessageLayer, Encode, LayerHeader, encode_exact};

/// The number of random bytes that TDLib uses.
const RANDOM_BYTES: usize = 31;
/// The minimum that the constructor's page demands, for small links (SPEC ENV-6).
const FEWEST_RANDOM_BYTES: usize = 15;

/// The header of a message inside the layer.
pub(super) struct Header {
    pub(super) layer: Layer,
    pub(super) in_seq_no: SeqNo,
    pub(super) slot: SeqNo,
}

/// The sizes of a message, known before anything of it is drawn.
pub(super) struct Sizes {
    random_len: usize,
    layout: Layout,
}

impl Sizes {
    /// Returns how many bytes sealing draws.
    pub(super) const fn drawn(&self) -> usize {
        self.random_len + self.layout.padding_len()
    }
}

impl Chat {
    /// Returns the sizes of a message. They do not depend on what its id is.
    pub(super) fn sizes(&self, message: &DecryptedMessage<'_>) -> Result<Sizes, ApiMisuse> {
        let (random_len, layout_of): (_, fn(usize) -> _) = match self.setup.message_padding {
            MessagePadding::SizeClasses => (RANDOM_BYTES, Layout::size_class),
            MessagePadding::Small => (FEWEST_RANDOM_BYTES, Layout::least),
        };
        let body_len = LayerHeader::len_with(random_len).saturating_add(message.encoded_len());
        let layout = layout_of(body_len).map_err(|_| ApiMisuse::MessageTooLong)?;
        Ok(Sizes { random_len, layout })
    }

    pub(super) fn seal(
        &self,
        key: &DirectionKey<'_>,
        &Header { layer, in_seq_no, slot }: &Header,
        message: &DecryptedMessage<'_>,
        &Sizes { random_len, layout }: &Sizes,
        rng: &mut Draws<'_>,
    ) -> Result<Box<[u8]>, ApiMisuse> {
        let role = self.setup.role;
        let mut random_bytes = [0; RANDOM_BYTES];
        let (random_bytes, _) = random_bytes.split_at_mut(random_len);
        rng.fill_bytes(random_bytes);
        let body = DecryptedMessageLayer {
            random_bytes: Bytes::new(random_bytes).ok_or(ApiMisuse::MessageTooLong)?,
            layer: layer.0,
            in_seq_no: WireSeqNo::new(in_seq_no, Parity::of_in_seq_no(role)).to_wire(),
            out_seq_no: WireSeqNo::new(slot, Parity::of_out_seq_no(role)).to_wire(),
            message: *message,
        };
        let mut sealed = vec![0; layout.sealed_len()].into_boxed_slice();
        let done = swept_cipher(|| {
            let write_body = |out: &mut [u8]| {
                let filled = encode_exact(&body, out);
                debug_assert!(filled, "a slice of encoded_len bytes is filled exactly");
            };
            envelope::seal(key, layout, rng, &mut sealed, write_body).map(drop)
        });
        done.map_err(|_| ApiMisuse::MessageTooLong)?;
        Ok(sealed)
    }
}
