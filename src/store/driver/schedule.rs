//! The times at which a driver acts by itself (SPEC DRV-2, DRV-6).

use core::time::Duration;

use crate::chat::{Chat, ChatState};
use crate::types::time::Timestamp;

/// The timing of what a driver does by itself. Start from [`Timing::default`] and set the fields that differ.
///
/// ```
/// use core::time::Duration;
/// use secretchat::store::Timing;
///
/// // A radio on which a message takes ten seconds: nothing comes again before it can have been answered.
/// let mut timing = Timing::default();
/// timing.acknowledge_after = Duration::from_secs(20);
/// timing.retransmit_after = Duration::from_secs(60);
/// timing.retransmit_at_most = Duration::from_secs(60 * 60);
/// // `Driver::new(chat, store).with_timing(timing)`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// How long to wait before acknowledging what was processed.
    pub acknowledge_after: Duration,
    /// How long to wait before retransmitting what the transport has not accepted. Doubles each time.
    pub retransmit_after: Duration,
    /// The upper bound of that delay.
    pub retransmit_at_most: Duration,
    /// The longest delay between two Discards: the other end may be gone for good.
    pub discard_at_most: Duration,
}

impl Default for Timing {
    /// Returns one second, five seconds, two minutes and one day.
    fn default() -> Self {
        Self {
            acknowledge_after: Duration::from_secs(1),
            retransmit_after: Duration::from_secs(5),
            retransmit_at_most: Duration::from_secs(2 * 60),
            discard_at_most: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// How long to wait while a store still has readers of old copies.
const SCRUB_AGAIN: Duration = Duration::from_secs(1);

/// The times at which a driver acts next.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    timing: Timing,
    acknowledge_at: Option<Timestamp>,
    retransmit_at: Option<Timestamp>,
    /// The pause before the next time.
    retransmit_after: Duration,
    scrub_at: Option<Timestamp>,
    /// Whether the chat is over, so that the delays between its Discards have started again.
    closed: bool,
    /// How many messages the peer had acknowledged at the last look.
    acknowledged: u32,
}

impl Schedule {
    pub(super) fn new() -> Self {
        let timing = Timing::default();
        Self { timing, retransmit_after: timing.retransmit_after, ..Self::default() }
    }

    /// Replaces the timing, also for what is already planned.
    pub(super) fn set_timing(&mut self, timing: Timing) {
        let begun = self.retransmit_at.map(|at| at.as_millis().saturating_sub(millis(self.retransmit_after)));
        self.retransmit_at = begun.map(|begun| later(Timestamp::from_millis(begun), timing.retransmit_after));
        self.retransmit_after = timing.retransmit_after;
        self.timing = timing;
    }

    /// Returns the earliest of all times.
    pub(super) fn next(&self) -> Option<Timestamp> {
        [self.acknowledge_at, self.retransmit_at, self.scrub_at].into_iter().flatten().min()
    }

    /// Plans to acknowledge what the chat owes. This is needed after a restart too, since what the transport
    /// accepted does not come again to trigger it.
    pub(super) fn plan_acknowledgement(&mut self, chat: &Chat, now: Timestamp) {
        if chat.owes_acknowledgement() {
            self.acknowledge_at.get_or_insert(later(now, self.timing.acknowledge_after));
        }
    }

    /// Plans the acknowledgement again, after there was no room for it.
    pub(super) fn acknowledge_later(&mut self, now: Timestamp) {
        self.acknowledge_at = Some(later(now, self.timing.acknowledge_after));
    }

    /// Notes that a message was sent: it acknowledges everything.
    pub(super) const fn acknowledged(&mut self) {
        self.acknowledge_at = None;
    }

    /// Takes the plan to acknowledge if it is due.
    pub(super) fn take_acknowledgement(&mut self, now: Timestamp) -> bool {
        self.acknowledge_at.take_if(|at| *at <= now).is_some()
    }

    /// Plans to retransmit what waits for the transport or the peer, and forgets the plan if nothing does.
    pub(super) fn plan_retransmission(&mut self, chat: &Chat, now: Timestamp) {
        if !self.closed && matches!(chat.state(), ChatState::Closed(_)) {
            self.closed = true;
            self.retransmit_at = None;
            self.retransmit_after = self.timing.retransmit_after;
        }
        let acknowledged = chat.counters().acknowledged;
        if core::mem::replace(&mut self.acknowledged, acknowledged) < acknowledged {
            // The peer hears us, so whatever is left has not been tried for long.
            self.begin_again(now);
        }
        if chat.awaits_transport() {
            self.retransmit_at.get_or_insert(later(now, self.retransmit_after));
        } else {
            self.retransmit_at = None;
            self.retransmit_after = self.timing.retransmit_after;
        }
    }

    /// Starts again with the first pause, if a retransmission is planned.
    pub(super) fn begin_again(&mut self, now: Timestamp) {
        self.retransmit_after = self.timing.retransmit_after;
        let soon = later(now, self.retransmit_after);
        self.retransmit_at = self.retransmit_at.map(|at| at.min(soon));
    }

    /// Returns the pause before the first retransmission.
    pub(super) const fn first_pause(&self) -> Duration {
        self.timing.retransmit_after
    }

    /// Notes that everything was retransmitted.
    pub(super) const fn retransmitted(&mut self) {
        self.retransmit_at = None;
    }

    /// Takes the plan to retransmit if it is due. The next pause is twice as long, up to its bound.
    pub(super) fn take_retransmission(&mut self, now: Timestamp) -> bool {
        let is_due = self.retransmit_at.take_if(|at| *at <= now).is_some();
        if is_due {
            let Timing { discard_at_most, retransmit_at_most, .. } = self.timing;
            let at_most = if self.closed { discard_at_most } else { retransmit_at_most };
            self.retransmit_after = self.retransmit_after.saturating_mul(2).min(at_most);
        }
        is_due
    }

    /// Plans to look for old copies again, unless all are gone.
    pub(super) fn plan_scrub(&mut self, all_gone: bool, now: Timestamp) {
        self.scrub_at = (!all_gone).then(|| later(now, SCRUB_AGAIN));
    }

    pub(super) fn scrub_is_due(&self, now: Timestamp) -> bool {
        self.scrub_at.is_some_and(|at| at <= now)
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_add(millis(pause)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
