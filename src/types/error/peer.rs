//! Faults of the peer, and how a chat or a key exchange ends.

use core::fmt;

use crate::types::names::names;

errors! {
    /// Bytes from outside are wrong. Nothing has changed, and the chat stays open.
    PeerFault {
        /// No key of this chat has the fingerprint at the start of the message (SPEC ENV-4).
        301 "unknown_key" UnknownKey => "no key of this chat has this fingerprint; drop the message",
        /// The message was not sealed under the key, or was damaged on the way. All such failures look the same
        /// (SPEC ENV-4).
        302 "not_authentic" NotAuthentic => "the message is not authentic; drop it",
        /// The public value is one that no honest peer sends (SPEC X25-2).
        303 "bad_public_value" BadPublicValue => "the peer's public value is not acceptable; do not use it",
        /// The other end computed a different key, or somebody changed its answer (SPEC X25-5).
        304 "fingerprint_mismatch" FingerprintMismatch => "the key fingerprints differ; ask for a new chat",
    }
}

errors! {
    /// An authentic message broke the protocol. This ends the chat unless the outcome table says otherwise (SPEC
    /// OUT-1).
    Violation {
        /// A sequence number is negative (SPEC SEQ-2).
        16 "seq_negative" SeqNegative => "a sequence number is negative",
        /// A sequence number has the wrong parity (SPEC SEQ-2).
        17 "seq_parity" SeqParity => "a sequence number has the wrong parity",
        /// The peer reports fewer processed messages than before (SPEC SEQ-4).
        18 "in_seq_back" InSeqBack => "in_seq_no went back",
        /// The peer reports more processed messages than this end sent (SPEC SEQ-4).
        19 "in_seq_ahead" InSeqAhead => "in_seq_no is ahead of what was sent",
        /// The peer has used up all slots (SPEC SEQ-6).
        20 "seq_exhausted" SeqExhausted => "the peer's sequence numbers are used up",
        /// The layer is below one that the peer announced before (SPEC LAY-1).
        21 "layer_back" LayerBack => "the layer went back",
        /// The message has no sequence numbers (SPEC TL-5).
        22 "bare_object" BareObject => "a message has no sequence numbers",
        /// The body of the message does not parse (SPEC TL-6).
        23 "body_not_understood" BodyNotUnderstood => "a message body was not understood",
        /// The peer asks for a message that was never sent or that it has acknowledged (SPEC OUT-1).
        24 "resend_range" ResendRange => "a resend request names messages that cannot be resent",
        /// The rekeying message does not fit the state of the exchange (SPEC REKEY-2).
        25 "rekey_unexpected" RekeyUnexpected => "a rekeying message was unexpected",
    }
}

errors! {
    /// A key exchange gave no new key (SPEC REKEY-3). The chat continues under the current one.
    RekeyFailure {
        /// The peer's public value was not acceptable.
        1 "bad_value" BadValue => "the public value is not acceptable",
        /// The peer computed another key.
        2 "fingerprint_mismatch" FingerprintMismatch => "the key fingerprints differ",
        /// The new key has the fingerprint of a key that is still in use.
        3 "fingerprint_collision" FingerprintCollision => "the fingerprint of the new key is in use",
        /// The peer aborted the exchange.
        4 "aborted" Aborted => "the peer aborted the exchange",
        /// The transport refused our request for good.
        5 "refused" Refused => "the transport refused the request for a key",
        /// The peer keeps sending without answering our request.
        6 "unanswered" Unanswered => "the peer did not answer the request for a key",
    }
}

/// The reason why a chat is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// This side closed it.
    ByUs,
    /// The peer closed it, and proved that it was the peer.
    ByPeer,
    /// Somebody on the way, or the peer, ended it before there was a key for any proof.
    Unproved,
    /// The server or the peer ended it. Telegram gives no proof of which.
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
