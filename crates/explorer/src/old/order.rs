//! How an old client counts: which message is next, which came early, which is wrong.

use std::rc::Rc;

use secretchat::Role;
use secretchat::hazmat::envelope::{self, DirectionKey};
use secretchat::hazmat::kdf::Offset;

use super::content::{Arrived, Content};
use super::{Effects, OldPeer, Stop};
use crate::fault::Fault;
use crate::settings::Client;

/// With so many early messages kept, Android ends the chat at the next one.
const ANDROID_KEEPS: usize = 4;

impl OldPeer {
    /// Opens a message and processes what is due. A key that is not known is passed over.
    pub(super) fn takes_sealed(&mut self, sealed: &[u8], effects: &mut Effects) -> Result<(), Stop> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let named = envelope::fingerprint(sealed);
        let known = [Some(&keys.current), keys.other.as_ref()].into_iter().flatten();
        let Some(key) = known.into_iter().find(|key| Some(key.fingerprint) == named) else { return Ok(()) };
        let x = Offset::telegram(self.role.peer());
        let direction = DirectionKey { chat_key: &key.chat_key, fingerprint: key.fingerprint, x };
        let mut opened = sealed.to_vec();
        let body = match envelope::open(&direction, &mut opened) {
            Ok(body) => body,
            // Android passes over what it cannot open.
            Err(_) if self.client == Client::Android => return Ok(()),
            Err(_) => return Err(Stop::Wrong("message_key mismatch".to_owned())),
        };
        let read = Arrived::read(body, key.fingerprint);
        let arrived = read.ok_or_else(|| Stop::Wrong("it cannot be read".to_owned()))?;
        self.sorts(arrived, effects)
    }

    fn sorts(&mut self, arrived: Arrived, effects: &mut Effects) -> Result<(), Stop> {
        // Even what is old may show a higher layer.
        self.peer_layer = self.peer_layer.max(arrived.layer);
        let slot = self.slot_of(&arrived)?;
        if slot < self.received {
            return Ok(());
        }
        if slot == self.received {
            self.processes(&arrived, effects)?;
            while let Some(next) = self.early.remove(&self.received) {
                self.processes(&next, effects)?;
            }
            return self.asks_for_hole(effects);
        }
        if self.client == Client::Android {
            if self.early.len() >= ANDROID_KEEPS {
                return Err(Stop::Forced);
            }
            self.early.insert(slot, Rc::new(arrived));
            return self.asks_for_hole(effects);
        }
        // TDLib answers a question at once, and keeps it as nothing.
        let mut arrived = arrived;
        if let Content::Resend(start, end) = arrived.content {
            let heard = u32::try_from(arrived.in_seq_no / 2).unwrap_or(0);
            self.resends(start, end, heard, effects).map_err(Stop::Wrong)?;
            arrived.content = Content::Noop;
        }
        self.early.insert(slot, Rc::new(arrived));
        self.asks_for_hole(effects)
    }

    /// The raw number, of the right parity. Android does not look at the parity.
    fn slot_of(&self, arrived: &Arrived) -> Result<u32, Stop> {
        let Arrived { in_seq_no, out_seq_no, .. } = *arrived;
        let [own, theirs] = self.parities();
        // What the peer heard is ours, and so on.
        let right = in_seq_no >= 0 && in_seq_no % 2 == 1 - own && (out_seq_no & 1) == 1 - theirs;
        if self.client == Client::Tdlib && !right {
            return Err(Stop::Wrong(format!("in_seq_no {in_seq_no}, out_seq_no {out_seq_no}")));
        }
        u32::try_from(out_seq_no.div_euclid(2)).map_err(|_| Stop::Wrong(format!("out_seq_no {out_seq_no}")))
    }

    /// One question for one hole, ever.
    fn asks_for_hole(&mut self, effects: &mut Effects) -> Result<(), Stop> {
        let Some(first) = self.early.keys().next().copied() else { return Ok(()) };
        let (start, end) = (self.received, first - 1);
        let noted = match self.client {
            Client::Android => start,
            _ => end,
        };
        let known = match self.client {
            Client::Android => self.asked.contains(&start),
            _ => self.asked.last().is_some_and(|last| *last >= end),
        };
        if known {
            return Ok(());
        }
        self.asked.insert(noted);
        let wire = |slot: u32| i32::try_from(2 * slot).unwrap_or(i32::MAX) + (1 - self.parities()[1]);
        let question = Content::Resend(wire(start), wire(end));
        self.say(&question, effects);
        Ok(())
    }

    fn processes(&mut self, arrived: &Arrived, effects: &mut Effects) -> Result<(), Stop> {
        let heard = u32::try_from(arrived.in_seq_no / 2).unwrap_or(0);
        if self.client == Client::Tdlib {
            let goes_back = heard < self.acknowledged;
            if goes_back || heard > self.sent {
                let (before, sent) = (self.acknowledged, self.sent);
                return Err(Stop::Wrong(format!("in_seq_no {heard} after {before}, of {sent}")));
            }
            if arrived.layer < self.processed_layer {
                return Err(Stop::Wrong(format!("layer {} after {}", arrived.layer, self.processed_layer)));
            }
        }
        self.processed_layer = self.processed_layer.max(arrived.layer);
        self.received += 1;
        while let Some(first) = self.made.first_entry().filter(|first| *first.key() < heard) {
            let made = first.remove();
            if made.is_text {
                effects.acknowledged.push(made.random_id);
            }
        }
        self.acknowledged = self.acknowledged.max(heard);
        self.turns_to(arrived.under);
        self.understands(&arrived.content, heard, effects)
    }

    fn understands(&mut self, content: &Content, heard: u32, effects: &mut Effects) -> Result<(), Stop> {
        match content {
            Content::Text { id, ttl } => {
                let ttl = if self.has_fault(Fault::DropsTimers) { 0 } else { *ttl };
                effects.heard.push((*id, ttl));
                self.times(*id, ttl, 1 - self.side);
            }
            Content::SetTtl(seconds) => self.timers.ttl = (*seconds).max(0),
            Content::Delete(ids) => {
                self.empties(|made| ids.contains(&made.random_id));
                ids.iter().for_each(|id| self.timers.forget(*id));
                effects.destroyed.extend(ids);
            }
            Content::Flush => {
                self.empties(|made| made.is_text);
                self.timers.forget_all();
                effects.flushed = true;
            }
            Content::NotifyLayer(layer) => self.peer_layer = self.peer_layer.max(*layer),
            Content::Resend(start, end) => self.resends(*start, *end, heard, effects).map_err(Stop::Wrong)?,
            Content::RequestKey(..) | Content::AcceptKey(..) | Content::CommitKey(..) | Content::AbortKey(_) => {
                self.renews(content, effects).map_err(Stop::Wrong)?;
            }
            Content::Noop | Content::Other => {}
        }
        Ok(())
    }

    /// The layer to write: none below 73 for TDLib, none below 46 for Android.
    pub(super) fn layer(&self) -> i32 {
        let floor = if self.client == Client::Android { 46 } else { 73 };
        self.own_layer.min(self.peer_layer.max(floor))
    }

    /// What it says it has heard.
    pub(super) fn in_seq_no(&self) -> i32 {
        let early = self.early.keys().next_back().map_or(0, |last| last + 1);
        let counted = match self.fault {
            Some(Fault::CountsWhatIsEarly) => self.received.max(early),
            _ => self.received,
        };
        i32::try_from(2 * counted).unwrap_or(i32::MAX) + self.parities()[0]
    }

    pub(super) fn out_seq_no(&self, slot: u32) -> i32 {
        i32::try_from(2 * slot).unwrap_or(i32::MAX) + self.parities()[1]
    }

    /// Of what it heard and of what it made, as it writes them.
    const fn parities(&self) -> [i32; 2] {
        match self.role {
            Role::Initiator => [0, 1],
            Role::Responder => [1, 0],
        }
    }
}
