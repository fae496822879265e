//! Sequence numbers: which slot comes next, and what the peer may claim (SPEC SEQ-1 to SEQ-6).

use crate::types::error::Violation;
use crate::types::id::SeqNo;

/// The position of both directions at one end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// How many messages this side has made: its own next slot.
    pub sent: SeqNo,
    /// How many messages of the peer were processed in order: the slot that is expected next.
    pub received: SeqNo,
    /// How many messages of this side the peer has reported as processed.
    pub acknowledged: SeqNo,
}

/// The place of a message of the peer relative to the expected slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The message is the next one.
    Next,
    /// The message was processed before.
    Duplicate,
    /// An earlier message is missing.
    Early,
}

impl Slots {
    /// Returns how the peer's `slot` relates to the expected one (SEQ-3).
    #[must_use]
    pub fn arrival(&self, slot: SeqNo) -> Arrival {
        match slot.cmp(&self.received) {
            core::cmp::Ordering::Less => Arrival::Duplicate,
            core::cmp::Ordering::Equal => Arrival::Next,
            core::cmp::Ordering::Greater => Arrival::Early,
        }
    }

    /// Returns the counters after the peer's next message, which reports that the peer has processed `acknowledged`
    /// messages of this side (SEQ-4, SEQ-5).
    ///
    /// # Errors
    /// [`Violation::InSeqBack`], [`Violation::InSeqAhead`], [`Violation::SeqExhausted`].
    pub fn after_receiving(self, acknowledged: SeqNo) -> Result<Self, Violation> {
        if acknowledged < self.acknowledged {
            return Err(Violation::InSeqBack);
        }
        if acknowledged > self.sent {
            return Err(Violation::InSeqAhead);
        }
        let received = self.received.next().ok_or(Violation::SeqExhausted)?;
        Ok(Self { received, acknowledged, ..self })
    }

    /// Returns the slot of this side's next message and the counters after it, or `None` when all slots are used up
    /// (SEQ-6).
    #[must_use]
    pub fn after_sending(self) -> Option<(SeqNo, Self)> {
        self.sent.next().map(|sent| (self.sent, Self { sent, ..self }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(number: u32) -> SeqNo {
        SeqNo::new(number).unwrap()
    }

    // SPEC SEQ-4, SEQ-5.
    #[test]
    fn boundaries_of_the_peers_claims() {
        let slots = Slots { sent: raw(7), received: raw(3), acknowledged: raw(5) };
        for (claim, expected) in [
            (4, Err(Violation::InSeqBack)),
            (5, Ok((raw(4), raw(5)))),
            (7, Ok((raw(4), raw(7)))),
            (8, Err(Violation::InSeqAhead)),
            (SeqNo::MAX.get(), Err(Violation::InSeqAhead)),
        ] {
            let after = slots.after_receiving(raw(claim));
            assert_eq!(after.map(|after| (after.received, after.acknowledged)), expected, "{claim}");
        }
    }

    #[test]
    fn arrivals() {
        let slots = Slots { received: raw(3), ..Slots::default() };
        assert_eq!(slots.arrival(raw(2)), Arrival::Duplicate);
        assert_eq!(slots.arrival(raw(3)), Arrival::Next);
        assert_eq!(slots.arrival(raw(4)), Arrival::Early);
        assert_eq!(slots.arrival(SeqNo::MAX), Arrival::Early);
    }

    // SPEC SEQ-6.
    #[test]
    fn at_42_slots_run_out_instead_of_wrapping() {
        let last = Slots { sent: raw(SeqNo::MAX.get() - 1), ..Slots::default() };
        let (slot, after) = last.after_sending().unwrap();
        assert_eq!((slot, after.sent), (last.sent, SeqNo::MAX));
        assert_eq!(after.after_sending(), None);
        let full = Slots { received: SeqNo::MAX, ..Slots::default() };
        assert_eq!(full.after_receiving(SeqNo::ZERO), Err(Violation::SeqExhausted));
    }
}
