//! Padding of sealed messages.

/// How a chat pads the messages that it seals (SPEC ENV-2, ENV-6). Each end chooses for itself, and every receiver
/// reads both.
///
/// Anyone who carries a sealed message sees its length, which shows roughly how long the text is. The fixed sizes
/// hide most of that, and cost most for short messages. SPEC section 16 has a table of what each message costs on a
/// small link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessagePadding {
    /// Pads to the next of a few fixed sizes. The smallest is 88 bytes, including the header.
    #[default]
    SizeClasses,
    /// Pads as little as the protocol allows, 12 to 27 bytes, for links on which every byte takes time.
    ///
    /// **This shows the length of each message** to within 16 bytes. A carrier can tell "yes" from a sentence, a
    /// user's message from a receipt, and often which of a few known texts was sent.
    Small,
}
