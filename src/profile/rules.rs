//! The facts in which profiles differ, each under a name of its own.

use crate::crypto::kdf::{ChatKey, Offset};
use crate::destruct::ContentKind;
use crate::destruct::Rights;
use crate::media::{FileForm, MediaKey};
use crate::rekey::RekeyPolicy;
use crate::types::error::PeerFault;
use crate::types::id::{KeyFingerprint, Layer, Role};
use crate::types::time::Ttl;

/// What holds in every chat of one profile. Code asks for the fact that it needs, never for the profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Keys are bound to the ends and to the chat's past. Each then brings a chain, a check value and keys for Discards
    /// (SPEC X25-3, X25-7).
    pub(crate) keys_are_bound: bool,
    /// The lengths of what needs room in the outbox.
    pub(crate) lengths: Lengths,
    /// Where in the chat key the responder's messages begin to read (SPEC KDF-2).
    pub(crate) responder_offset: Offset,
    /// When keys are renewed, unless the host chooses (SPEC REKEY-5, REKEY-6).
    pub(crate) rekey: RekeyPolicy,
    /// An exchange that the peer may have accepted is given up by AbortKey (SPEC REKEY-3).
    pub(crate) aborts_accepted: bool,

    /// The responder is ready at the first authentic message of the initiator, not before (SPEC X25-5).
    pub(crate) responder_waits: bool,
    /// Only a server can have sent a wrong answer to a request, so it ends the chat (SPEC MODP-6).
    pub(crate) wrong_answer_ends: bool,
    /// Messages may overtake the answer that brings their key: they are kept for it (SPEC MODP-6).
    pub(crate) keeps_unopened: bool,
    /// Another device of the user may accept the request instead (SPEC CLOSE-1).
    pub(crate) other_devices: bool,
    /// A Discard carries a proof; otherwise it is the server's word and is believed (SPEC X25-6, MODP-6).
    pub(crate) discards_are_proved: bool,

    /// The server brings what it has accepted; otherwise only the peer's `in_seq_no` proves so (SPEC DRV-2).
    pub(crate) transport_is_trusted: bool,
    /// The server tells until when messages were read, outside the encryption (SPEC ACT-3).
    pub(crate) receipts_outside: bool,
    /// The server tells that a user is typing, outside the encryption (SPEC ACT-3).
    pub(crate) typing_outside: bool,

    /// The layer that a peer speaks before it has shown one (SPEC LAY-1).
    pub(crate) first_layer: Layer,
    /// Both ends stay at the first layer (SPEC LAY-1).
    pub(crate) layer_is_fixed: bool,
    /// Messages have the sizes of TDLib's, since its server sees them (SPEC ENV-6).
    pub(crate) padding_is_fixed: bool,
    /// Opens a message of MTProto 1.0, where a peer may begin with it (SPEC ENV-5).
    pub(crate) open_old: Option<OpenOld>,

    /// Of two timers that cross, the initiator's holds at both ends (SPEC DES-1).
    pub(crate) initiator_timer_wins: bool,
    /// View once is offered without the host's word (SPEC DES-7).
    pub(crate) view_once: bool,
    /// What a host may do with a message (SPEC RIGHT-2, RIGHT-3).
    pub(crate) rights: fn(Ttl, ContentKind) -> Rights,
    /// A sender may ask that a message is not kept, and that it is hidden until it is opened (SPEC RIGHT-6, DES-14).
    pub(crate) senders_ask: bool,
    /// What the keys in messages are keys of (SPEC MED-1).
    pub(crate) file_form: FileForm,
    /// The fingerprint of a file's key, where the server tells one (SPEC MED-3, FP-2).
    pub(crate) file_fingerprint: fn(&MediaKey) -> Option<i32>,
}

/// Lengths in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths {
    /// The sealed bytes that must have room before a step of a rekey is made (SPEC LIM-1).
    pub(crate) step: usize,
    /// The sealed bytes that only service messages may use (SPEC LIM-1).
    pub(crate) service_reserve: u32,
}

/// Opens a message under the chat key with this name.
pub(crate) type OpenOld = for<'b> fn(&ChatKey, KeyFingerprint, &'b mut [u8]) -> Result<&'b mut [u8], PeerFault>;

impl Rules {
    /// Returns where in the chat key the messages of `sender` begin to read.
    pub(crate) const fn offset(&self, sender: Role) -> Offset {
        match sender {
            Role::Initiator => Offset::INITIATOR,
            Role::Responder => self.responder_offset,
        }
    }
}
