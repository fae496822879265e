//! Errors have two sides: [`ApiMisuse`] says that this side called wrongly and depends only on the order of calls and
//! their arguments; [`PeerFault`] says that bytes from outside are wrong. They never mix.
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
    /// This side called wrongly. Nothing has changed.
    ApiMisuse {
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
        /// Padding of less than 12 or more than 1,024 bytes, or that does not fill the last block (SPEC ENV-2).
        PaddingLength => "padding must have 12 to 1024 bytes and fill the last block",
        /// The caller's buffer is too small for the result (SPEC ENV-1).
        BufferTooSmall => "the buffer is too small",
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
    }
}
