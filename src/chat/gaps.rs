//! Messages that come before their turn: kept, asked for, and sent again when the peer asks (SPEC SEQ-3, SEQ-7, SEQ-9).

use alloc::vec::Vec;

use super::Chat;
use super::input::Handled;
use super::queue::{Arrived, Delivery, Kind, Outgoing};
use super::state::{Setup, State};
use super::turn::{End, Turn};
use crate::error::Violation;
use crate::id::{Parity, SeqNo, WireSeqNo};
use crate::message::{Meaning, read_content};
use crate::profile::PeerPolicy;
use crate::seq::Counters;
use crate::time::Elapsed;
use crate::wire::{ActionResend, DecryptedMessageAction};

/// The most slots that one request may name (TDLib's limit), and the most that one call answers: whoever parks requests
/// behind a gap and then fills it gets no more from the call than one request gives.
const MAX_RESEND: u32 = 1000;

/// After so many milliseconds without anything of a gap it is asked for again; doubled each time,
const ASK_AGAIN_AFTER: u64 = 30_000;
/// up to this: a lost answer costs a day at most, a gap for ever one small message a day.
const ASK_AGAIN_AT_MOST: u64 = 24 * 60 * 60 * 1000;
/// A request so old is made anew when everything is sent again,
const ANEW_AFTER: u64 = 10 * 60 * 1000;
/// up to this many for a gap of which nothing comes: after that only time asks.
const ANEW_AT_MOST: u8 = 32;

impl Chat {
    /// Whether the first gap is asked for again when everything is sent again.
    pub(super) fn asks_anew(&self, state: &State) -> bool {
        let old = state.asked_at.after(ANEW_AFTER) <= state.clock.elapsed();
        old && state.asks < ANEW_AT_MOST && self.gap_deadline(state).is_some()
    }

    /// When the first gap is asked for again by itself.
    pub(super) fn gap_deadline(&self, state: &State) -> Option<Elapsed> {
        self.ready_keys().ok()?;
        self.waiting.first_from(state.counters.received)?;
        Some(state.asked_at.after(pause(state.asks)))
    }
}

impl Turn<'_> {
    /// Keeps a message for its turn, asks for what is missing before it, and answers a request to resend at once: the
    /// missing ones may be what the peer waits for (SPEC SEQ-7, SEQ-9).
    pub(super) fn early(&mut self, mut arrived: Arrived) -> End<Handled> {
        let (chat, received) = (self.chat, self.state.counters.received);
        if chat.waiting.get(arrived.slot).is_some() {
            return End::Pass(Handled::Duplicate);
        }
        if !chat.waiting.has_room_for(&arrived, received, &chat.setup.limits) {
            return if self.news.is_empty() { End::Pass(Handled::NoRoom) } else { End::Commit(Handled::NoRoom) };
        }
        if let (true, Ok(Meaning::Resend { start, end })) =
            (arrived.enough_random_bytes, read_content(&arrived.body, chat.rules().file_form))
            && self.note_resend(start, end).is_ok()
        {
            arrived.answered = true;
        }
        // What it shows, it shows now; what it means is judged in its turn (SPEC LAY-2).
        if !arrived.is_old {
            self.raise_layer(arrived.layer);
        }
        if arrived.resent {
            self.begin_patience();
        }
        self.ask_for_missing(Some(arrived.slot));
        self.waiting = Some(arrived);
        End::Commit(Handled::Waiting)
    }

    /// Makes one request for each gap, of at most 1,000 slots; more of the same gap once those are there (SPEC SEQ-9).
    /// `arrived` is a slot that will wait.
    pub(super) fn ask_for_missing(&mut self, arrived: Option<SeqNo>) {
        let waiting = &self.chat.waiting;
        let waits = |slot| arrived == Some(slot) || waiting.get(slot).is_some();
        let (received, begun) = (self.state.counters.received, self.state.asked);
        // Everything below is processed, waits or was asked for.
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
        // Without room for the request it is made when another message shows the gap again, or in time.
        if let Some(asked) = self.request_missing(from, until) {
            self.state.asked = asked;
        }
    }

    /// Notes that what was missing has come, or some of it: the rest has time again (SPEC SEQ-9).
    pub(super) fn note_progress(&mut self) {
        if self.chat.waiting.first_from(self.state.counters.received).is_none() {
            self.state.asks = 0;
        } else {
            self.begin_patience();
        }
    }

    /// Asks for the first gap again: the request, or all of its answer, may be lost.
    pub(super) fn ask_again(&mut self) {
        let received = self.state.counters.received;
        let Some(until) = self.chat.waiting.first_from(received) else { return };
        self.state.asked_at = self.state.clock.elapsed();
        if let Some(asked) = self.request_missing(received, until) {
            self.state.asks = self.state.asks.saturating_add(1);
            self.state.asked = self.state.asked.max(asked);
        }
    }

    /// Asks for the first of the missing slots from `from` to before `until`; returns the one after those.
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

    /// From now on a gap has the first pause again.
    fn begin_patience(&mut self) {
        self.state.asks = 1;
        self.state.asked_at = self.state.clock.elapsed();
    }

    /// Notes that the peer asks for a range of our slots again: what of it was sent and not acknowledged is answered when
    /// the turn commits (SPEC SEQ-7). A strict chat wants the whole range to be so.
    pub(super) fn note_resend(&mut self, start: i32, end: i32) -> Result<(), Violation> {
        let Setup { role, ref profile, .. } = *self.chat.setup;
        let raw = |wire| WireSeqNo::from_wire(wire).to_raw(Parity::of_out_seq_no(role));
        let Counters { sent, acknowledged, .. } = self.state.counters;
        let asked = match (raw(start), raw(end)) {
            (Ok(start), Ok(end)) if start <= end => Some((start.get(), end.get())),
            _ => None,
        };
        let valid = asked.map(|(start, end)| {
            let first = start.max(acknowledged.get());
            first..(end + 1).min(sent.get()).min(first.saturating_add(MAX_RESEND))
        });
        let whole = asked.zip(valid.clone()).is_some_and(|((start, end), valid)| valid == (start..end + 1));
        if profile.policy() == PeerPolicy::Strict && !whole {
            return Err(Violation::ResendRange);
        }
        self.resends.extend(valid);
        Ok(())
    }

    /// Answers all requests of the turn, with the slots as the turn leaves them: what it destroys does not leave any more.
    /// Each slot is answered once until the transport has accepted it again, and counts as not accepted from here on;
    /// beyond [`MAX_RESEND`] that is all.
    pub(super) fn answer_resends(&mut self) {
        if self.resends.is_empty() {
            return;
        }
        let mut ranges = core::mem::take(&mut self.resends);
        ranges.sort_unstable_by_key(|range| range.start);
        let mut answers = Vec::new();
        let mut next = self.state.counters.acknowledged.get();
        for range in ranges {
            let slots = next.max(range.start)..range.end;
            next = next.max(range.end);
            for slot in slots.filter_map(SeqNo::new) {
                // What is new leaves in this turn anyway.
                if self.chat.outbox.get(slot).is_none() {
                    continue;
                }
                let Some(entry) = self.outbox.get(slot).filter(|entry| entry.delivery != Delivery::Asked) else {
                    continue;
                };
                if answers.len() < MAX_RESEND as usize {
                    answers.push(entry.transmit());
                }
                let entry = Outgoing { delivery: Delivery::Asked, ..entry.clone() };
                self.outbox.put(entry);
            }
        }
        // Before what is new: transmissions go out in slot order.
        self.transmits.splice(0..0, answers);
    }
}

/// After so many requests of which nothing came.
fn pause(asks: u8) -> u64 {
    let doubled = 1_u64.checked_shl(u32::from(asks.saturating_sub(1))).unwrap_or(u64::MAX);
    ASK_AGAIN_AFTER.saturating_mul(doubled).min(ASK_AGAIN_AT_MOST)
}
