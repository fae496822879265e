//! Errors have two sides: [`ApiMisuse`] refuses a call of this side; [`PeerFault`] says that bytes from outside are wrong.
//! They never mix.
//!
//! No variant carries data of a message or a key.

use core::fmt;

/// An enum of plain variants, each with its documentation and the sentence it displays.
macro_rules! errors {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $text,)+ })
            }
        }

        impl core::error::Error for $name {}
    };
}

errors! {
    /// A call of this side was refused. Nothing has changed.
    ///
    /// Most values mean that the caller made a mistake: they depend on the call and on those before it alone. These depend
    /// on the peer, on time or on the generator, too, and a program without a mistake meets them:
    ///
    /// | value | what helps |
    /// |---|---|
    /// | `NotReady` | wait for [`Event::Ready`](crate::Event::Ready) |
    /// | `ChatClosed` | ask for a new chat: the peer, too, may end one |
    /// | `OutboxFull` | keep the message and send it once the peer has acknowledged earlier ones |
    /// | `RekeyRequired` | the same, once there is a new key ([`Event::Rekeyed`](crate::Event::Rekeyed)) |
    /// | `RekeyInProgress` | wait: a new key is on its way |
    /// | `SeqExhausted` | ask for a new chat: this one has used up its 2^30 slots |
    /// | `RandomId` | draw another id: this one names a message that the peer has not acknowledged yet |
    /// | `NotTimed`, `Expired` | nothing: the message was deleted, or its time is over |
    /// | `TooManyTimers` | wait until messages with a timer have ended |
    /// | `UnusableRng` | mend the generator |
    ApiMisuse {
        /// A generator that does not fit the published prime (SPEC MODP-2).
        DhGenerator => "the generator does not fit the prime",
        /// Eight draws in a row gave nothing usable (SPEC RNG-1).
        UnusableRng => "the random generator gave eight unusable draws",
        /// A self-destruct timer of more than a year (SPEC TIME-2).
        TtlTooLong => "a self-destruct timer may not exceed one year",
        /// An id of an end is empty or longer than 1,024 bytes, or the context is longer (SPEC X25-1).
        IdLength => "an end's id must have 1 to 1024 bytes, a context at most 1024",
        /// Both ends have the same id (SPEC X25-1).
        IdsEqual => "the two ends must have different ids",
        /// The body of a message is empty, not whole words, or over the bound (SPEC ENV-1).
        BodyLength => "a message body must be a whole number of words and within the bound",
        /// A text, or a list of ids, that is longer than one message holds: some 512 KiB in all (SPEC ENV-1).
        MessageTooLong => "the message is too long",
        /// Padding of less than 12 or more than 1,024 bytes, or that does not fill the last block (SPEC ENV-2).
        PaddingLength => "padding must have 12 to 1024 bytes and fill the last block",
        /// The caller's buffer is too small for the result (SPEC ENV-1).
        BufferTooSmall => "the buffer is too small",
        /// The keys do not exist yet, or the responder has no sign of the initiator yet (SPEC X25-5).
        NotReady => "the chat is not ready",
        /// The chat's profile has no such thing (SPEC ACT-3).
        NotInProfile => "the profile of this chat has no such thing",
        /// The chat is over (SPEC CLOSE-1).
        ChatClosed => "the chat is closed",
        /// All slots of this chat are used up (SPEC SEQ-6).
        SeqExhausted => "all sequence numbers are used up",
        /// Too many messages, or too many bytes, wait for the peer's acknowledgement (SPEC LIM-1).
        OutboxFull => "too much waits for the peer's acknowledgement",
        /// The key has served too many messages or too long, and there is no new one yet (SPEC REKEY-6).
        RekeyRequired => "the key has served too long and no new one is there yet",
        /// An exchange of keys is open, or an old key may still be needed (SPEC REKEY-5).
        RekeyInProgress => "an exchange of keys is not finished",
        /// Nothing with a timer is kept under this id: it has none, has ended, was deleted, or is one's own (SPEC DES-4).
        NotTimed => "no message of the peer with a timer has this id",
        /// The message has ended, or was view once and was seen (SPEC DES-8).
        Expired => "the message has ended",
        /// More messages with a timer than may be kept (SPEC LIM-3).
        TooManyTimers => "too many messages with a timer",
        /// View once is not honoured by official apps and needs the host's explicit word (SPEC DES-7).
        ViewOnce => "view once needs the explicit consent of the configuration",
        /// The id is zero or names a message that waits for the peer's acknowledgement (SPEC MSG-1).
        RandomId => "the random id is zero or in use",
        /// A message of neither text nor medium (SPEC MSG-2).
        EmptyMessage => "a message needs text or a medium",
        /// An entity that is empty, lies outside the text or cuts a character in two (SPEC MSG-3).
        EntityRange => "an entity does not fit the text",
        /// More entities than a message may have (SPEC MSG-3).
        TooManyEntities => "too many entities",
        /// A medium without its key (SPEC MSG-4).
        MissingMediaKey => "the medium has no key",
        /// A medium of no bytes, or of more than its kind can express (SPEC MSG-4).
        MediaSize => "the size of the medium cannot be expressed",
        /// A preview over 6,000 bytes or 100 pixels a side, a name over 255 bytes, an address over 4,096 bytes, a
        /// waveform over 100 bytes, or a number of more than 31 bits (SPEC MSG-5).
        MediaDetails => "the preview, a name or a number of the medium is too large",
        /// A place that is not on the Earth (SPEC MSG-6).
        Coordinates => "the coordinates are out of range",
        /// An album of fewer than 2 or more than 10 messages (SPEC MSG-7).
        AlbumSize => "too few or too many messages for an album",
        /// A message of an album without a photo, a video, a file or music (SPEC MSG-7).
        AlbumMedia => "each message of an album needs a photo, a video, a file or music",
    }
}

errors! {
    /// Bytes from outside are wrong. Nothing has changed and the chat is open.
    PeerFault {
        /// No key of this chat has the fingerprint at the start of the message (SPEC ENV-4).
        UnknownKey => "no key has this fingerprint",
        /// Not sealed under the key, or damaged on the way: one value for every such failure (SPEC ENV-4).
        NotAuthentic => "the message is not authentic",
        /// A public value that no honest peer sends (SPEC X25-2).
        BadPublicValue => "the public value is not acceptable",
        /// The other end computed another key, or somebody changed its answer (SPEC X25-5).
        FingerprintMismatch => "the key fingerprints differ",
    }
}

errors! {
    /// What an authentic message did wrong; the end of the chat unless the outcome table says otherwise (SPEC OUT-1).
    Violation {
        /// A negative sequence number (SPEC SEQ-2).
        SeqNegative => "a sequence number is negative",
        /// A sequence number of the wrong parity (SPEC SEQ-2).
        SeqParity => "a sequence number has the wrong parity",
        /// The peer has processed less of ours than it said before (SPEC SEQ-4).
        InSeqBack => "in_seq_no went back",
        /// The peer has processed more than we sent (SPEC SEQ-4).
        InSeqAhead => "in_seq_no is ahead of what was sent",
        /// The peer used up all slots (SPEC SEQ-6).
        SeqExhausted => "the peer's sequence numbers are used up",
        /// A layer below one that the peer announced (SPEC LAY-1).
        LayerBack => "the layer went back",
        /// A message without sequence numbers (SPEC TL-5).
        BareObject => "a message without sequence numbers",
        /// A message whose body does not parse (SPEC TL-6).
        BodyNotUnderstood => "a message body was not understood",
        /// A request to resend what was never sent or is acknowledged (SPEC OUT-1).
        ResendRange => "a resend was asked for what cannot be resent",
        /// A re-keying message where none fits (SPEC REKEY-2).
        RekeyUnexpected => "an unexpected re-keying message",
    }
}

errors! {
    /// Why an exchange of keys gave no new key (SPEC REKEY-3). The chat goes on under the current one.
    RekeyFailure {
        /// The peer's public value was not acceptable.
        BadValue => "the public value is not acceptable",
        /// The peer computed another key.
        FingerprintMismatch => "the key fingerprints differ",
        /// The new key has the fingerprint of one that is still in use.
        FingerprintCollision => "the fingerprint of the new key is in use",
        /// The peer gave it up.
        Aborted => "the peer gave the exchange up",
        /// The transport refused our request for good.
        Refused => "the transport refused the request for a key",
        /// The peer goes on without answering our request.
        Unanswered => "the peer did not answer the request for a key",
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

errors! {
    /// Why a chat cannot be restored. Nothing has changed.
    StoreError {
        /// There is no chat in these records (SPEC REC-5).
        Missing => "there is no chat in these records",
        /// A record that does not open under this key, or holds nonsense (SPEC REC-5).
        Damaged => "a record is damaged, foreign or under another key",
        /// A record is missing, extra, repeated or from another time (SPEC REC-3).
        Mismatch => "the records do not belong together",
        /// The chat's profile belongs to a feature that this build lacks (SPEC REC-4).
        ProfileOff => "the profile of this chat is not in this build",
        /// A record that a newer version wrote (SPEC REC-2).
        NewerVersion => "a record was written by a newer version",
        /// A record of a version that this one does not read (SPEC REC-2).
        OlderVersion => "a record was written by an older version",
        /// The records are older than those that the host noted (SPEC REC-6).
        RolledBack => "the records are older than expected",
        /// The records are not older than those that the host noted, and do not come from them: another copy of the chat went
        /// on, or notes were lost (SPEC REC-6).
        Branched => "the records do not come from the expected ones",
    }
}

errors! {
    /// Why a medium cannot be encrypted or decrypted.
    MediaError {
        /// A medium of no bytes does not exist (SPEC MED-2).
        Empty => "a medium must have at least one byte",
        /// More bytes than the size that was announced (SPEC MED-2).
        TooLong => "the medium is longer than its announced size",
        /// Fewer bytes than the size that was announced (SPEC MED-2).
        Truncated => "the medium is shorter than its announced size",
        /// The size is beyond what can be addressed (SPEC MED-2).
        TooLarge => "the size of the medium is out of range",
        /// Not a size that parts may have (SPEC RES-1).
        PartSize => "parts of this size are not possible",
        /// Not the length of what comes next (SPEC RES-1, SEG-5).
        PartLength => "this is not the length of what comes next",
        /// More files at once than an album has (SPEC RES-3).
        TooManyFiles => "too many files at once",
        /// A token that is damaged, of another file, another direction, another host key or another version (SPEC RES-5).
        ResumeToken => "the token does not belong to this run",
        /// The content is not what the token is about, or not what was planned (SPEC RES-6).
        ResumeMismatch => "the content is not the one that was planned or done",
        /// Not a segmented file, or one of a form that this version does not know (SPEC SEG-2).
        Header => "the file does not begin as a segmented file",
        /// Not the file that the message names, or not of its size (SPEC SEG-4).
        NotThisFile => "the file is not the one that the message names",
        /// A segment that was changed, moved, or belongs to another file (SPEC SEG-7).
        NotAuthentic => "a segment is not authentic",
        /// Its sender sealed something in the place of the padding (SPEC SEG-7).
        Padding => "the padding of a segment is not zero",
        /// A segment behind the last (SPEC SEG-5).
        OutOfRange => "the file has no such segment",
    }
}
