//! Our messages that the peer requests again (SPEC SEQ-7).

use alloc::vec::Vec;

use crate::chat::model::{Delivery, Outgoing, Setup};
use crate::chat::turn::Turn;
use crate::profile::PeerPolicy;
use crate::seq::Slots;
use crate::types::error::Violation;
use crate::types::id::{Parity, SeqNo, WireSeqNo};

/// The most slots that one request may name (TDLib's limit), and the most that one call answers. A peer that queues
/// requests after a gap and then fills it gets no more from that call than one request yields.
pub(super) const MAX_RESEND: u32 = 1000;

impl Turn<'_> {
    /// Notes that the peer requests a range of our slots again. The messages of it that were sent and not
    /// acknowledged are sent when the turn commits (SPEC SEQ-7). A strict chat requires that this is the whole
    /// range.
    pub(in crate::chat) fn note_resend(&mut self, start: i32, end: i32) -> Result<(), Violation> {
        let Setup { role, ref profile, .. } = *self.chat.setup;
        let raw = |wire| WireSeqNo::from_wire(wire).to_raw(Parity::of_out_seq_no(role));
        let Slots { sent, acknowledged, .. } = self.state.slots;
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

    /// Answers all requests of the turn, with the slots as the turn leaves them, so what the turn destroys is not
    /// sent. Each slot is answered once until the transport has accepted it again, and counts as not accepted from
    /// here on. At most [`MAX_RESEND`] slots are answered.
    pub(in crate::chat) fn answer_resends(&mut self) {
        if self.resends.is_empty() {
            return;
        }
        let mut ranges = core::mem::take(&mut self.resends);
        ranges.sort_unstable_by_key(|range| range.start);
        let mut answers = Vec::new();
        let mut next = self.state.slots.acknowledged.get();
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
        // These go before new messages: transmissions go out in slot order.
        self.group.send_first(answers);
    }
}
