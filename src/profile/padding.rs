//! How long sealed messages are.

/// How far a chat pads the messages that it seals (SPEC ENV-2, ENV-6). Each end chooses for itself: a receiver reads both.
///
/// Whoever carries a sealed message sees its length, and with it about how long the text is. The fixed sizes hide most of
/// that and cost most where a message is short; SPEC section 16 has a table of what each message takes on a small link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessagePadding {
    /// Pads to the next of a few fixed sizes, the smallest of them 88 bytes with its header.
    #[default]
    SizeClasses,
    /// Pads by the least that the protocol allows, 12 to 27 bytes, for links on which every byte takes time.
    ///
    /// **The length of each message shows**, to within 16 bytes: a carrier tells "yes" from a sentence, a message of a
    /// person from a receipt, and often which of a few known texts was sent.
    Small,
}
