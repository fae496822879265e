//! Opening and reading a sealed message (SPEC ENV-4, SEQ-2). Nothing here changes a chat.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::chat::Chat;
use crate::chat::model::{Arrived, Keys, Meaning};
use crate::envelope;
use crate::message::IncomingFile;
use crate::output::Event;
use crate::profile::PeerPolicy;
use crate::record::Written;
use crate::seq::Slots;
use crate::types::error::{PeerFault, Violation};
use crate::types::id::{KeyFingerprint, Layer, Parity, Role, SeqNo, WireSeqNo};
use crate::types::time::Timestamp;
use crate::wire::{DecodeError, LayerHeader};

/// The constructor's page demands at least 15 random bytes.
const MIN_RANDOM_BYTES: usize = 15;

/// Buffers to open a message in: one for MTProto 2.0, one for 1.0.
pub(in crate::chat) type Buffers = [Zeroizing<Vec<u8>>; 2];

/// An envelope that was opened.
#[derive(Clone, Copy)]
pub(in crate::chat) struct Opened<'b> {
    pub(in crate::chat) body: &'b [u8],
    fingerprint: KeyFingerprint,
    /// Whether it was opened by MTProto 1.0.
    pub(in crate::chat) is_old: bool,
}

impl Chat {
    /// Opens a message with the key that it names: the current one, the old one or the candidate.
    pub(in crate::chat) fn open_sealed<'b>(
        &self,
        keys: &Keys,
        bytes: &[u8],
        [modern, old]: &'b mut Buffers,
    ) -> Result<Opened<'b>, PeerFault> {
        if bytes.len() > envelope::MAX_SEALED_LEN {
            return Err(PeerFault::NotAuthentic);
        }
        let fingerprint = envelope::fingerprint(bytes).ok_or(PeerFault::NotAuthentic)?;
        let offset = self.rules().offset(self.setup.role.peer());
        let key = keys.opening_key(fingerprint, offset).ok_or(PeerFault::UnknownKey)?;
        modern.extend_from_slice(bytes);
        match (envelope::open(&key, modern), self.old_key(keys, fingerprint)) {
            (Err(_), Some((open_old, chat_key))) => {
                old.extend_from_slice(bytes);
                open_old(chat_key, fingerprint, old).map(|body| Opened { body, fingerprint, is_old: true })
            }
            (opened, _) => opened.map(|body| Opened { body, fingerprint, is_old: false }),
        }
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
        if arrived.answered {
            Ok(Meaning::Noop)
        } else if arrived.enough_random_bytes || self.setup.profile.policy() == PeerPolicy::Tolerant {
            Meaning::read(&arrived.body, self.rules().file_form)
        } else {
            Ok(Meaning::News(Event::Unsupported))
        }
    }
}

impl Opened<'_> {
    /// Reads header and sequence numbers, and keeps the message for later (SPEC SEQ-2). Slots before `asked` were
    /// requested again.
    pub(in crate::chat) fn read(
        self,
        sender: Role,
        asked: SeqNo,
        file: Option<IncomingFile>,
        date: Option<Timestamp>,
    ) -> Result<Arrived, Violation> {
        let Self { body, fingerprint, is_old } = self;
        let (header, inner) = LayerHeader::read(body).map_err(|_| Violation::BareObject)?;
        let in_seq_no = WireSeqNo::from_wire(header.in_seq_no).to_raw(Parity::of_in_seq_no(sender))?;
        let slot = WireSeqNo::from_wire(header.out_seq_no).to_slot(Parity::of_out_seq_no(sender))?;
        Ok(Arrived {
            slot,
            in_seq_no,
            fingerprint,
            layer: Layer(header.layer),
            is_old,
            enough_random_bytes: header.random_bytes.as_slice().len() >= MIN_RANDOM_BYTES,
            resent: slot < asked,
            answered: false,
            file,
            date,
            body: Zeroizing::new(inner.to_vec()),
            written: Written::default(),
        })
    }
}
