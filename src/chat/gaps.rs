//! Messages that come before their turn: kept, asked for, and sent again when the peer asks (SPEC SEQ-3, SEQ-7, SEQ-9).

use alloc::vec::Vec;

use super::Chat;
use super::config::PeerPolicy;
use super::group::Change;
use super::input::Handled;
use super::queue::{Arrived, Kind, Outgoing};
use super::state::State;
use crate::env::Env;
use crate::error::Violation;
use crate::event::Transmit;
use crate::id::{Parity, SeqNo, WireSeqNo};
use crate::message::{Meaning, read_content};
use crate::seq::Counters;
use crate::wire::{ActionResend, DecryptedMessageAction};

/// The most slots that one request may name (TDLib's limit).
const MAX_RESEND: u32 = 1000;

impl Chat {
    /// Keeps a message for its turn, asks for what is missing before it, and answers a request to resend at once: the
    /// missing ones may be what the peer waits for (SPEC SEQ-7, SEQ-9).
    pub(super) fn early(&mut self, mut arrived: Arrived, mut change: Change, env: &mut Env<'_>) -> Handled {
        let Counters { received, .. } = change.state.counters;
        if self.waiting.get(arrived.slot).is_some() {
            self.ignore(env);
            return Handled::Duplicate;
        }
        if !self.waiting.has_room_for(&arrived, received, &self.setup.limits) {
            if change.news.is_empty() {
                return self.no_room(env);
            }
            self.apply(change, env.rng);
            return Handled::NoRoom;
        }
        if let (true, Ok(Meaning::Resend { start, end })) =
            (arrived.enough_random_bytes, read_content(&arrived.body, self.setup.profile.file_form()))
            && let Ok(answer) = self.resend(start, end, &change.state)
        {
            change.transmits.extend(answer);
            arrived.answered = true;
        }
        self.ask_for_missing(Some(arrived.slot), &mut change, env);
        change.waiting = Some(arrived);
        self.apply(change, env.rng);
        Handled::Waiting
    }

    /// One request for each gap, of at most 1,000 slots; more of the same gap once those are there (SPEC SEQ-9).
    /// `arrived` is a slot that will wait.
    pub(super) fn ask_for_missing(&self, arrived: Option<SeqNo>, change: &mut Change, env: &mut Env<'_>) {
        let waits = |slot| arrived == Some(slot) || self.waiting.get(slot).is_some();
        let Counters { received, .. } = change.state.counters;
        let begun = change.state.asked;
        // Everything below is processed, waits or was asked for.
        let mut from = received.max(begun);
        while let (true, Some(next)) = (waits(from), from.next()) {
            from = next;
        }
        change.state.asked = from;
        let until = self.waiting.first_from(from).into_iter().chain(arrived.filter(|slot| *slot > from)).min();
        let Some(until) = until else { return };
        let in_a_gap = from == begun && received < begun && !from.previous().is_some_and(waits);
        if in_a_gap {
            return;
        }
        let last = until.get().min(from.get().saturating_add(MAX_RESEND)) - 1;
        let Some((last, asked)) = SeqNo::new(last).and_then(|last| Some((last, last.next()?))) else { return };
        let parity = Parity::of_out_seq_no(self.setup.role.peer());
        let action = DecryptedMessageAction::Resend(ActionResend {
            start_seq_no: from.to_wire(parity).to_wire(),
            end_seq_no: last.to_wire(parity).to_wire(),
        });
        // Without room for the request it is made when another message shows the gap again.
        if self.queue_service(&action, Kind::Protocol, change, env.rng).is_ok() {
            change.state.asked = asked;
        }
    }

    /// The sealed bytes of a range of our slots, unchanged (SPEC SEQ-7). A strict chat wants the whole range to be sent
    /// and not acknowledged; others answer the part that is.
    pub(super) fn resend(&self, start: i32, end: i32, state: &State) -> Result<Vec<Transmit>, Violation> {
        let raw = |wire| WireSeqNo::from_wire(wire).to_raw(Parity::of_out_seq_no(self.setup.role));
        let Counters { sent, acknowledged, .. } = state.counters;
        let asked = match (raw(start), raw(end)) {
            (Ok(start), Ok(end)) if start <= end => Some((start.get(), end.get())),
            _ => None,
        };
        let valid = asked.map(|(start, end)| {
            let first = start.max(acknowledged.get());
            first..(end + 1).min(sent.get()).min(first.saturating_add(MAX_RESEND))
        });
        let whole = asked.zip(valid.clone()).is_some_and(|((start, end), valid)| valid == (start..end + 1));
        if self.setup.profile.policy() == PeerPolicy::Strict && !whole {
            return Err(Violation::ResendRange);
        }
        let slots = valid.into_iter().flatten().filter_map(SeqNo::new);
        Ok(slots.filter_map(|slot| self.outbox.get(slot)).map(Outgoing::transmit).collect())
    }
}
