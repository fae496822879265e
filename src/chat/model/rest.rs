//! How long a message of ours is not repeated (SPEC DRV-2).

/// A message that is accepted again and again and never acknowledged rests this many rounds in the end: about two hours
/// at the longest pause of a driver.
const ROUNDS_AT_MOST: u16 = 64;

/// How long the transport's word keeps a message from being repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::chat) struct Rest {
    /// Rounds of `Chat::retransmit` that leave it out.
    left: u16,
    /// How many the last word was worth.
    worth: u16,
    /// It was repeated since.
    repeated: bool,
}

impl Rest {
    /// The transport has accepted it for the first time.
    pub(in crate::chat) const FIRST: Self = Self { left: 1, worth: 1, repeated: false };

    /// Returns the rest after the transport has accepted the message once more. A word that nothing was repeated for
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
