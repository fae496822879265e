//! Opening and reading a sealed message (SPEC ENV-4, SEQ-2). Nothing here changes a chat.

use crate::chat::Chat;
use crate::chat::model::{Arrived, Keys, Meaning, Plaintext};
use crate::envelope;
use crate::message::IncomingFile;
use crate::output::Event;
use crate::profile::PeerPolicy;
use crate::record::Written;
use crate::seq::Slots;
use crate::types::buffer::Buffer;
use crate::types::error::{PeerFault, Violation};
use crate::types::id::{KeyFingerprint, Layer, Parity, Role, SeqNo, WireSeqNo};
use crate::types::secret::swept_cipher;
use crate::types::time::Timestamp;
use crate::wire::{DecodeError, LayerHeader};

/// The constructor's page demands at least 15 random bytes.
const MIN_RANDOM_BYTES: usize = 15;

/// An envelope that was opened.
pub(in crate::chat) struct Opened {
    pub(in crate::chat) body: Plaintext,
    fingerprint: KeyFingerprint,
    /// Whether it was opened by MTProto 1.0.
    pub(in crate::chat) is_old: bool,
}

impl Chat {
    /// Opens a message with the key that it names: the current one, the old one or the candidate.
    pub(in crate::chat) fn open_sealed(&self, keys: &Keys, bytes: &[u8]) -> Result<Opened, PeerFault> {
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let fingerprint = envelope::fingerprint(bytes).ok_or(PeerFault::NotAuthentic)?;
        let offset = self.rules().offset(self.setup.role.peer());
        let key = keys.opening_key(fingerprint, offset).ok_or(PeerFault::UnknownKey)?;
        let mut buffer = Buffer::from(bytes);
        let opened = swept_cipher(|| envelope::open(&key, &mut buffer).map(|body| body.len()));
        let (body_len, is_old) = match (opened, self.old_key(keys, fingerprint)) {
            (Err(_), Some((open_old, chat_key))) => {
                buffer.copy_from_slice(bytes);
                (swept_cipher(|| open_old(chat_key, fingerprint, &mut buffer).map(|body| body.len()))?, true)
            }
            (opened, _) => (opened?, false),
        };
        let body = Plaintext::new(buffer, envelope::BODY_AT..envelope::BODY_AT + body_len);
        Ok(Opened { body, fingerprint, is_old })
    }

    /// Returns the counters after a message, which reports how many of ours the peer has processed (SPEC SEQ-4,
    /// OUT-1).
    pub(in crate::chat) fn slots_after(&self, before: Slots, arrived: &Arrived) -> Result<Slots, Violation> {
        let policy = self.setup.profile.policy();
        match before.after_receiving(arrived.in_seq_no) {
            // Apps that rebuild a message when a resend is requested give it a wrong in_seq_no, which is therefore
            // not believed.
            Err(violation @ (Violation::InSeqBack | Violation::InSeqAhead))
                if !(violation == Violation::InSeqAhead && self.unproved_restore)
                    && (policy == PeerPolicy::Tolerant || (policy == PeerPolicy::Default && arrived.resent)) =>
            {
                before.after_receiving(before.acknowledged)
            }
            slots => slots,
        }
    }

    /// Returns what a message means, except that a request that was answered early means nothing more, and a
    /// message with too few random bytes is not understood (SPEC OUT-1).
    pub(in crate::chat) fn meaning_of<'m>(&self, arrived: &'m Arrived) -> Result<Meaning<'m>, DecodeError> {
        let is_enough = arrived.enough_random_bytes || self.setup.profile.policy() == PeerPolicy::Tolerant;
        if arrived.answered {
            Ok(Meaning::Noop)
        } else if !is_enough {
            Ok(Meaning::News(Event::Unsupported))
        } else if arrived.is_old {
            Meaning::read_without_text(&arrived.body)
        } else {
            Meaning::read(&arrived.body, self.rules().file_form)
        }
    }
}

impl Opened {
    /// Reads header and sequence numbers, and takes the message inside (SPEC SEQ-2). Slots before `asked` were
    /// requested again.
    pub(in crate::chat) fn read(
        &mut self,
        sender: Role,
        asked: SeqNo,
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
    ) -> Result<Arrived, Violation> {
        let Self { ref mut body, fingerprint, is_old } = *self;
        let (header, inner) = LayerHeader::read(body).map_err(|_| Violation::BareObject)?;
        let in_seq_no = WireSeqNo::from_wire(header.in_seq_no).to_raw(Parity::of_in_seq_no(sender))?;
        let slot = WireSeqNo::from_wire(header.out_seq_no).to_slot(Parity::of_out_seq_no(sender))?;
        let layer = Layer(header.layer);
        let enough_random_bytes = header.random_bytes.as_slice().len() >= MIN_RANDOM_BYTES;
        let inner_len = inner.len();
        body.keep_last(inner_len);
        Ok(Arrived {
            slot,
            in_seq_no,
            fingerprint,
            layer,
            is_old,
            enough_random_bytes,
            resent: slot < asked,
            answered: false,
            file,
            date,
            body: core::mem::take(body),
            written: Written::default(),
        })
    }
}
