//! How long a message of ours is not repeated (SPEC DRV-2, DRV-8).

/// The most rounds that a message rests if it is accepted again and again and never acknowledged: about two hours
/// at the longest pause of a driver.
const ROUNDS_AT_MOST: u16 = 64;

/// How long a report of the transport keeps a message from being repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct Rest {
    /// How many rounds of `Chat::retransmit` still skip the message.
    left: u16,
    /// How many rounds the last report was worth.
    worth: u16,
    /// Whether the message was repeated since then.
    repeated: bool,
}

impl Rest {
    /// The rest after the transport has accepted the message for the first time.
    pub(in crate::chat) const FIRST: Self = Self { left: 1, worth: 1, repeated: false };

    /// Returns the rest after the transport has accepted the message once more. A report without a repeat before it
    /// counts for nothing.
    pub(in crate::chat) fn after_another_word(self) -> Self {
        if !self.repeated {
            return self;
        }
        let worth = self.worth.saturating_mul(2).clamp(1, ROUNDS_AT_MOST);
        Self { left: worth, worth, repeated: false }
    }

    /// Returns whether another round finds the message due, and the rest after that round.
    pub(in crate::chat) fn after_round(self) -> (bool, Self) {
        let over = self.left == 0;
        (over, Self { left: self.left.saturating_sub(1), repeated: self.repeated || over, ..self })
    }
}
