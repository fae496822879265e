//! What the peer did wrong, and how a chat or an exchange of keys ends.

use core::fmt;

use crate::types::names::names;

errors! {
    /// Bytes from outside are wrong. Nothing has changed and the chat is open.
    PeerFault {
        /// No key of this chat has the fingerprint at the start of the message (SPEC ENV-4).
        301 "unknown_key" UnknownKey => "no key has this fingerprint",
        /// Not sealed under the key, or damaged on the way: one value for every such failure (SPEC ENV-4).
        302 "not_authentic" NotAuthentic => "the message is not authentic",
        /// A public value that no honest peer sends (SPEC X25-2).
        303 "bad_public_value" BadPublicValue => "the public value is not acceptable",
        /// The other end computed another key, or somebody changed its answer (SPEC X25-5).
        304 "fingerprint_mismatch" FingerprintMismatch => "the key fingerprints differ",
    }
}

errors! {
    /// What an authentic message did wrong; the end of the chat unless the outcome table says otherwise (SPEC OUT-1).
    Violation {
        /// A negative sequence number (SPEC SEQ-2).
        16 "seq_negative" SeqNegative => "a sequence number is negative",
        /// A sequence number of the wrong parity (SPEC SEQ-2).
        17 "seq_parity" SeqParity => "a sequence number has the wrong parity",
        /// The peer has processed less of ours than it said before (SPEC SEQ-4).
        18 "in_seq_back" InSeqBack => "in_seq_no went back",
        /// The peer has processed more than we sent (SPEC SEQ-4).
        19 "in_seq_ahead" InSeqAhead => "in_seq_no is ahead of what was sent",
        /// The peer used up all slots (SPEC SEQ-6).
        20 "seq_exhausted" SeqExhausted => "the peer's sequence numbers are used up",
        /// A layer below one that the peer announced (SPEC LAY-1).
        21 "layer_back" LayerBack => "the layer went back",
        /// A message without sequence numbers (SPEC TL-5).
        22 "bare_object" BareObject => "a message without sequence numbers",
        /// A message whose body does not parse (SPEC TL-6).
        23 "body_not_understood" BodyNotUnderstood => "a message body was not understood",
        /// A request to resend what was never sent or is acknowledged (SPEC OUT-1).
        24 "resend_range" ResendRange => "a resend was asked for what cannot be resent",
        /// A re-keying message where none fits (SPEC REKEY-2).
        25 "rekey_unexpected" RekeyUnexpected => "an unexpected re-keying message",
    }
}

errors! {
    /// Why an exchange of keys gave no new key (SPEC REKEY-3). The chat goes on under the current one.
    RekeyFailure {
        /// The peer's public value was not acceptable.
        1 "bad_value" BadValue => "the public value is not acceptable",
        /// The peer computed another key.
        2 "fingerprint_mismatch" FingerprintMismatch => "the key fingerprints differ",
        /// The new key has the fingerprint of one that is still in use.
        3 "fingerprint_collision" FingerprintCollision => "the fingerprint of the new key is in use",
        /// The peer gave it up.
        4 "aborted" Aborted => "the peer gave the exchange up",
        /// The transport refused our request for good.
        5 "refused" Refused => "the transport refused the request for a key",
        /// The peer goes on without answering our request.
        6 "unanswered" Unanswered => "the peer did not answer the request for a key",
    }
}

/// Why a chat is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// This side closed it.
    ByUs,
    /// The peer closed it, and proved that it was the peer.
    ByPeer,
    /// Somebody on the way or the peer ended it before there was a key to prove anything with.
    Unproved,
    /// The server or the peer ended it: Telegram gives no proof of which.
    ByServerOrPeer,
    /// Another device of this user accepted the request.
    AcceptedElsewhere,
    /// The answer to the request was not acceptable: its value, or its fingerprint.
    BadAnswer,
    /// The peer broke the protocol in an authentic message.
    Violation(Violation),
    /// These records are older than what the peer has seen: a backup was restored (SPEC REC-6).
    RolledBack,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByUs => f.write_str("closed by this side"),
            Self::ByPeer => f.write_str("closed by the peer"),
            Self::Unproved => f.write_str("ended without proof of who ended it"),
            Self::ByServerOrPeer => f.write_str("closed by the server or the peer"),
            Self::AcceptedElsewhere => f.write_str("accepted on another device"),
            Self::BadAnswer => f.write_str("the answer to the request was not acceptable"),
            Self::Violation(violation) => write!(f, "protocol violation: {violation}"),
            Self::RolledBack => f.write_str("older records were restored"),
        }
    }
}

names! {
    copy CloseReason {
        0 "by_us" ByUs,
        1 "by_peer" ByPeer,
        2 "unproved" Unproved,
        3 "rolled_back" RolledBack,
        4 "by_server_or_peer" ByServerOrPeer,
        5 "accepted_elsewhere" AcceptedElsewhere,
        6 "bad_answer" BadAnswer,
    } or Violation(Violation)
}
