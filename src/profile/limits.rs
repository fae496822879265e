//! Limits on what a chat holds.

use core::time::Duration;

/// Limits on what a chat holds (SPEC LIM-1 to LIM-4). They are stored with the chat.
///
/// They also limit what one call on a chat that is ready takes from the heap (SPEC LIM-5). All blocks that it asks for have
/// together at most:
///
/// * four times `outbox_bytes`, `waiting_bytes` and the bytes that the call brings,
/// * 1 KiB for each of `outbox_messages`, `waiting_messages` and `timed_messages`, and for each output that was not taken,
/// * 16 KiB.
///
/// Names of files, and hidden messages that wait to be opened, come on top.
///
/// ```
/// use core::time::Duration;
/// use secretchat::Limits;
///
/// let limits = Limits::default().with_outbox(200, 1 << 20).with_view_once(Duration::from_secs(60));
/// assert_eq!((limits.outbox_messages, limits.outbox_bytes), (200, 1 << 20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many messages may wait for the peer's acknowledgement.
    pub outbox_messages: u32,
    /// How many sealed bytes may wait for the peer's acknowledgement.
    pub outbox_bytes: u32,
    /// How many messages of the peer may wait for an earlier one.
    pub waiting_messages: u32,
    /// Total size of those messages, in bytes.
    pub waiting_bytes: u32,
    /// How far the last of those messages may be ahead of the next slot.
    pub waiting_span: u32,
    /// How many messages of both ends may have a timer that has not ended.
    pub timed_messages: u32,
    /// The longest view of a view-once medium (SPEC DES-7). Fractions of a second round up.
    pub view_once: Duration,
    /// How long a responder keeps waiting after an unproved Discard, if it hears nothing else from the initiator
    /// (SPEC X25-10). Fractions of a second round up.
    pub discard_patience: Duration,
}

impl Limits {
    pub(crate) const USUAL: Self = Self {
        outbox_messages: 1000,
        outbox_bytes: 1 << 24,
        waiting_messages: 1000,
        waiting_bytes: 1 << 24,
        waiting_span: 10_000,
        timed_messages: 4096,
        view_once: Duration::from_secs(5 * 60),
        discard_patience: Duration::from_secs(24 * 60 * 60),
    };

    /// Sets how many messages and how many sealed bytes may wait for the peer's acknowledgement (SPEC LIM-1).
    #[must_use]
    pub const fn with_outbox(mut self, messages: u32, bytes: u32) -> Self {
        (self.outbox_messages, self.outbox_bytes) = (messages, bytes);
        self
    }

    /// Sets how many messages of the peer, and how many of their bytes, may wait for an earlier one, and how far
    /// the last of them may be ahead of the next slot (SPEC LIM-2).
    #[must_use]
    pub const fn with_waiting(mut self, messages: u32, bytes: u32, span: u32) -> Self {
        (self.waiting_messages, self.waiting_bytes, self.waiting_span) = (messages, bytes, span);
        self
    }

    /// Sets how many messages of both ends may have a timer that has not ended (SPEC LIM-3).
    #[must_use]
    pub const fn with_timed_messages(mut self, messages: u32) -> Self {
        self.timed_messages = messages;
        self
    }

    /// Sets the longest view of a view-once medium.
    #[must_use]
    pub const fn with_view_once(mut self, longest: Duration) -> Self {
        self.view_once = longest;
        self
    }

    /// Sets how long a responder keeps waiting after an unproved Discard.
    #[must_use]
    pub const fn with_discard_patience(mut self, patience: Duration) -> Self {
        self.discard_patience = patience;
        self
    }

    /// Rounds the durations to whole seconds, as a record holds them, so a chat behaves the same before and after a
    /// restart.
    pub(crate) fn in_seconds(self) -> Self {
        let whole = |duration| Duration::from_secs(seconds(duration).into());
        Self { view_once: whole(self.view_once), discard_patience: whole(self.discard_patience), ..self }
    }
}

/// Returns the seconds, rounded up, at most `u32::MAX`.
pub(crate) fn seconds(duration: Duration) -> u32 {
    let begun = u64::from(duration.subsec_nanos() > 0);
    u32::try_from(duration.as_secs().saturating_add(begun)).unwrap_or(u32::MAX)
}

impl Default for Limits {
    /// Returns the limits of SPEC LIM-4: a thousand messages and 16 MiB each way, where a thousand is what one
    /// resend request may name; a span of ten such requests; timers for 4,096 messages; five minutes for a view;
    /// one day for an initiator that seems to have closed.
    fn default() -> Self {
        Self::USUAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SPEC REC-9: a record holds whole seconds, rounded up.
    #[test]
    fn a_begun_second_counts_as_a_whole_one() {
        let most = u64::from(u32::MAX);
        for (duration, rounded) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_nanos(999_999_999), 1),
            (Duration::from_secs(1), 1),
            (Duration::new(1, 1), 2),
            (Duration::from_secs(most), u32::MAX),
            (Duration::new(most, 1), u32::MAX),
            (Duration::MAX, u32::MAX),
        ] {
            assert_eq!(seconds(duration), rounded, "{duration:?}");
        }
        let limits = Limits::USUAL.with_view_once(Duration::from_millis(1_500)).in_seconds();
        assert_eq!(limits, Limits::USUAL.with_view_once(Duration::from_secs(2)));
    }
}
