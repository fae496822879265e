//! Messages that come before their turn. They are kept, and the missing ones before them are requested (SPEC SEQ-3,
//! SEQ-9, SEQ-11).

use alloc::boxed::Box;

use super::resend::MAX_RESEND;
use crate::chat::Chat;
use crate::chat::input::Handled;
use crate::chat::model::{Arrived, Kind, Meaning, State};
use crate::chat::turn::{End, Turn};
use crate::types::id::{Parity, SeqNo, WireSeqNo};
use crate::types::time::Elapsed;
use crate::wire::{ActionResend, DecryptedMessageAction};

/// How long to wait, in milliseconds, before requesting a gap again when none of it has come. The pause doubles
/// each time.
const ASK_AGAIN_AFTER: u64 = 30_000;
/// The longest such pause. A lost answer then costs a day at most, and a permanent gap one small message a day.
const ASK_AGAIN_AT_MOST: u64 = 24 * 60 * 60 * 1000;
/// The age of a request, in milliseconds, from which it is made anew when everything is sent again.
const ANEW_AFTER: u64 = 10 * 60 * 1000;
/// How many requests are renewed this way for a gap of which nothing comes. After that only time triggers requests.
const ANEW_AT_MOST: u8 = 32;

impl Chat {
    /// Returns whether the first gap is requested again when everything is sent again.
    pub(in crate::chat) fn asks_anew(&self, state: &State) -> bool {
        let old = state.asked_at.after(ANEW_AFTER) <= state.clock.elapsed();
        old && state.asks < ANEW_AT_MOST && self.gap_deadline(state).is_some()
    }

    /// Returns when the first gap is next requested by itself.
    pub(in crate::chat) fn gap_deadline(&self, state: &State) -> Option<Elapsed> {
        self.ready_keys().ok()?;
        self.waiting.first_from(state.slots.received)?;
        Some(state.asked_at.after(pause(state.asks)))
    }
}

impl Turn<'_> {
    /// Keeps a message for its turn, and requests what is missing before it. Answers a resend request at once,
    /// because the peer may be waiting for those very messages (SPEC SEQ-7, SEQ-9).
    pub(in crate::chat) fn early(&mut self, mut arrived: Arrived) -> End<Handled> {
        let (chat, received) = (self.chat, self.state.slots.received);
        if chat.waiting.get(arrived.slot).is_some() {
            return End::Pass(Handled::Duplicate);
        }
        if !chat.waiting.has_room_for(&arrived, received, &chat.setup.limits) {
            return if self.group.has_news() { End::Commit(Handled::NoRoom) } else { End::Pass(Handled::NoRoom) };
        }
        if let (true, Some(Meaning::Resend { start, end })) =
            (arrived.enough_random_bytes, Meaning::read_protocol(&arrived.body))
            && self.note_resend(start, end).is_ok()
        {
            arrived.answered = true;
        }
        // The layer that it shows counts now. Its content is judged in its turn (SPEC LAY-2).
        if !arrived.is_old {
            self.raise_layer(arrived.layer);
        }
        if arrived.resent {
            self.begin_patience();
        }
        self.ask_for_missing(Some(arrived.slot));
        // What waits is counted by this alone (SPEC LIM-2).
        arrived.body.fit();
        self.waiting = Some(Box::new(arrived));
        End::Commit(Handled::Waiting)
    }

    /// Makes at most one request per gap, for at most 1,000 slots. The rest of a longer gap follows once those have
    /// arrived (SPEC SEQ-11). `arrived` is a slot that will wait.
    pub(in crate::chat) fn ask_for_missing(&mut self, arrived: Option<SeqNo>) {
        let waiting = &self.chat.waiting;
        let waits = |slot| arrived == Some(slot) || waiting.get(slot).is_some();
        let (received, begun) = (self.state.slots.received, self.state.asked);
        // Everything below is processed, waiting or already requested.
        let mut from = received.max(begun);
        while let (true, Some(next)) = (waits(from), from.next()) {
            from = next;
        }
        self.state.asked = from;
        let until = waiting.first_from(from).into_iter().chain(arrived.filter(|slot| *slot > from)).min();
        let Some(until) = until else { return };
        let in_a_gap = from == begun && received < begun && !from.previous().is_some_and(waits);
        if in_a_gap {
            return;
        }
        if self.state.asks == 0 {
            self.begin_patience();
        }
        // If there is no room for the request, it is made when another message shows the gap again, or later by
        // time.
        if let Some(asked) = self.request_missing(from, until) {
            self.state.asked = asked;
        }
    }

    /// Notes that some of the missing messages have come. The pause for the rest starts again (SPEC SEQ-11).
    pub(in crate::chat) fn note_progress(&mut self) {
        if self.chat.waiting.first_from(self.state.slots.received).is_none() {
            self.state.asks = 0;
        } else {
            self.begin_patience();
        }
    }

    /// Requests the first gap again: the request, or its whole answer, may be lost.
    pub(in crate::chat) fn ask_again(&mut self) {
        let received = self.state.slots.received;
        let Some(until) = self.chat.waiting.first_from(received) else { return };
        self.state.asked_at = self.state.clock.elapsed();
        if let Some(asked) = self.request_missing(received, until) {
            self.state.asks = self.state.asks.saturating_add(1);
            self.state.asked = self.state.asked.max(asked);
        }
    }

    /// Requests the first missing slots from `from` (inclusive) to `until` (exclusive). Returns the slot after
    /// them.
    fn request_missing(&mut self, from: SeqNo, until: SeqNo) -> Option<SeqNo> {
        let last = until.get().min(from.get().saturating_add(MAX_RESEND)).checked_sub(1);
        let last = SeqNo::new(last?)?;
        let asked = last.next()?;
        let parity = Parity::of_out_seq_no(self.chat.setup.role.peer());
        let action = DecryptedMessageAction::Resend(ActionResend {
            start_seq_no: WireSeqNo::new(from, parity).to_wire(),
            end_seq_no: WireSeqNo::new(last, parity).to_wire(),
        });
        self.queue_service(&action, Kind::Protocol).ok().map(|()| asked)
    }

    /// Resets the pause of a gap to the first one.
    fn begin_patience(&mut self) {
        self.state.asks = 1;
        self.state.asked_at = self.state.clock.elapsed();
    }
}

/// Returns the pause, in milliseconds, after this many requests without any answer.
fn pause(asks: u8) -> u64 {
    let doubled = 1_u64.checked_shl(u32::from(asks.saturating_sub(1))).unwrap_or(u64::MAX);
    ASK_AGAIN_AFTER.saturating_mul(doubled).min(ASK_AGAIN_AT_MOST)
}
