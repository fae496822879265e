//! The facts in which profiles differ, each under its own name.

use crate::crypto::kdf::{ChatKey, Offset};
use crate::destruct::ContentKind;
use crate::destruct::Rights;
use crate::media::{FileForm, MediaKey};
use crate::rekey::RekeyPolicy;
use crate::types::error::PeerFault;
use crate::types::id::{KeyFingerprint, Layer, Role};
use crate::types::time::Ttl;

/// The rules that hold in every chat of one profile. Code asks for the fact that it needs, never for the profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Keys are bound to the ends and to the chat's past. Each key then brings a chain, a check value and keys for
    /// Discards (SPEC X25-3, X25-7).
    pub(crate) keys_are_bound: bool,
    /// The lengths of what needs room in the outbox.
    pub(crate) lengths: Lengths,
    /// The offset in the chat key at which the responder's message keys start (SPEC KDF-2).
    pub(crate) responder_offset: Offset,
    /// When keys are renewed, unless the host chooses (SPEC REKEY-5, REKEY-6).
    pub(crate) rekey: RekeyPolicy,
    /// An exchange that the peer may have accepted is aborted with AbortKey (SPEC REKEY-3).
    pub(crate) aborts_accepted: bool,

    /// The responder becomes ready at the first authentic message of the initiator, not earlier (SPEC X25-5).
    pub(crate) responder_waits: bool,
    /// A wrong answer to a request can only come from the server, so it ends the chat (SPEC MODP-6).
    pub(crate) wrong_answer_ends: bool,
    /// Messages may overtake the answer that brings their key, and are kept until it comes (SPEC MODP-6).
    pub(crate) keeps_unopened: bool,
    /// Another device of the user may accept the request instead (SPEC CLOSE-1).
    pub(crate) other_devices: bool,
    /// A Discard carries a proof. Without this rule it comes from the server and is believed (SPEC X25-6, MODP-6).
    pub(crate) discards_are_proved: bool,

    /// The server delivers what it has accepted. Without this rule only the peer's `in_seq_no` proves delivery
    /// (SPEC DRV-2).
    pub(crate) transport_is_trusted: bool,
    /// The server reports, outside the encryption, up to which time messages were read (SPEC ACT-3).
    pub(crate) receipts_outside: bool,
    /// The server reports, outside the encryption, that a user is typing (SPEC ACT-3).
    pub(crate) typing_outside: bool,

    /// The assumed layer of a peer that has not shown one yet (SPEC LAY-1).
    pub(crate) first_layer: Layer,
    /// Both ends stay at the first layer (SPEC LAY-1).
    pub(crate) layer_is_fixed: bool,
    /// Messages have the same sizes as TDLib's, because its server sees them (SPEC ENV-6).
    pub(crate) padding_is_fixed: bool,
    /// Opens a message of MTProto 1.0, where a peer may begin with one (SPEC ENV-5).
    pub(crate) open_old: Option<OpenOld>,

    /// When two timers cross, the initiator's wins at both ends (SPEC DES-1).
    pub(crate) initiator_timer_wins: bool,
    /// View once is available without the host's explicit consent (SPEC DES-7).
    pub(crate) view_once: bool,
    /// The rights of a host to a message (SPEC RIGHT-2, RIGHT-3).
    pub(crate) rights: fn(Ttl, ContentKind) -> Rights,
    /// A sender may ask that a message is not kept, or that it stays hidden until it is opened (SPEC RIGHT-6,
    /// DES-14).
    pub(crate) senders_ask: bool,
    /// The form of the files whose keys messages carry (SPEC MED-1).
    pub(crate) file_form: FileForm,
    /// The fingerprint of a file's key, where the server needs one (SPEC MED-3, FP-2).
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
    /// Returns the offset in the chat key at which the message keys of `sender` start.
    pub(crate) const fn offset(&self, sender: Role) -> Offset {
        match sender {
            Role::Initiator => Offset::INITIATOR,
            Role::Responder => self.responder_offset,
        }
    }
}
