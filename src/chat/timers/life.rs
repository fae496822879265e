//! The life of messages with a timer: kept, read, ended (SPEC DES-1 to DES-9).

use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::model::{TimedMessage, TimedOptions};
use crate::chat::turn::Turn;
use crate::destruct::ContentKind;
use crate::destruct::{Side, Timer, ViewEvent, read_since};
use crate::message::{Held, Hidden, Message};
use crate::output::Event;
use crate::record::Written;
use crate::types::error::Unavailable;
use crate::types::id::RandomId;
use crate::types::time::{Elapsed, Timestamp, Ttl};

impl Chat {
    /// Returns the name of a message's file: from what is kept of a message with a timer, or from one of ours that is not
    /// acknowledged.
    pub(in crate::chat) fn file_with<'a>(
        &'a self,
        timed: Option<&'a TimedMessage>,
        random_id: RandomId,
    ) -> Option<&'a [u8]> {
        let timed = timed.map(|message| message.options.file.as_slice()).filter(|name| !name.is_empty());
        timed.or_else(|| self.outbox.of_id(random_id).find_map(|entry| entry.file.as_deref()))
    }
}

impl Turn<'_> {
    /// Keeps what unlocks a message of the peer with a timer, and the message itself (`body`) if its sender hides
    /// it. Returns `Err` if there is no room for it or its id is in use: the message then goes without (SPEC
    /// LIM-3).
    pub(in crate::chat) fn keep_timed(
        &mut self,
        &Message { random_id, date, ttl, ref file, .. }: &Message,
        kind: ContentKind,
        held: Option<Held>,
        body: &[u8],
    ) -> Result<(), RandomId> {
        if ttl == Ttl::OFF {
            return Ok(());
        }
        if self.timed.get(random_id).is_some() || !self.has_room_for_timed() {
            return Err(random_id);
        }
        let hidden = match kind {
            ContentKind::Hidden { .. } => Some(Hidden::new(body.into()).ok_or(random_id)?),
            ContentKind::Text | ContentKind::File | ContentKind::Hideable { .. } => None,
        };
        let (timer, written) = (Timer::new(ttl, kind, Side::Received), Written::default());
        let options = TimedOptions { hidden, ..TimedOptions::of_file(file.as_ref().map(|file| &*file.reference)) };
        self.timed.put(random_id, TimedMessage { timer, date, carried: None, held, options, written });
        Ok(())
    }

    /// Keeps the timer of a message of ours.
    pub(in crate::chat) fn keep_own_timed(
        &mut self,
        random_id: RandomId,
        ttl: Ttl,
        kind: ContentKind,
        file: Option<&[u8]>,
    ) -> Result<(), Unavailable> {
        // Nobody reports when a view-once message was seen, so its end would never come.
        if ttl == Ttl::OFF || ttl.is_view_once() {
            return Ok(());
        }
        if !self.has_room_for_timed() {
            return Err(Unavailable::TooManyTimers);
        }
        let timer = Timer::new(ttl, kind, Side::Sent);
        let (date, written) = (self.state.clock.raw(), Written::default());
        let options = TimedOptions::of_file(file);
        self.timed.put(random_id, TimedMessage { timer, date, carried: None, held: None, options, written });
        Ok(())
    }

    /// Notes that the user has read these messages of the peer. Returns those to report to the peer. A message
    /// whose timer starts only on opening is not read by being named.
    pub(in crate::chat) fn read_by_us(&mut self, random_ids: &[RandomId]) -> Vec<RandomId> {
        let (now, view_once) = (self.state.clock.elapsed(), self.chat.view_once_millis());
        let mut told = Vec::with_capacity(random_ids.len());
        for random_id in random_ids {
            let timer = self.timed.get(*random_id).map(|message| message.timer);
            match timer.filter(|timer| timer.side == Side::Received) {
                // Opening is reported, except for a view-once message (SPEC DES-7, DES-11).
                Some(timer) if timer.waits_for_open() && (timer.deadline.is_none() || timer.ttl.is_view_once()) => {
                    continue;
                }
                Some(timer) => self.timed.set_timer(*random_id, timer.on(ViewEvent::MarkRead, now, view_once)),
                None => {}
            }
            told.push(*random_id);
        }
        told
    }

    /// Notes that the user has read everything of the peer that arrived until `max_date`.
    pub(in crate::chat) fn read_by_us_up_to(&mut self, max_date: Timestamp) {
        let now = self.state.clock.elapsed();
        let read = self.timed.ids(|message| message.timer.side == Side::Received && message.date <= max_date);
        self.advance_timers(&read, ViewEvent::MarkRead, |_| now);
    }

    /// Notes that the peer named messages of ours in `ReadMessages`.
    pub(in crate::chat) fn read_by_peer(&mut self, random_ids: &[RandomId]) {
        let now = self.state.clock.elapsed();
        self.advance_timers(random_ids, ViewEvent::PeerReadMessages, |_| now);
    }

    /// Notes the server's report that the peer has read everything of ours that it accepted until `max_date`.
    pub(in crate::chat) fn read_by_peer_up_to(&mut self, max_date: Timestamp, date: Option<Timestamp>) {
        let clock = self.state.clock;
        let read = self.timed.ids(|message| {
            message.timer.side == Side::Sent && message.carried.is_some_and(|carried| carried <= max_date)
        });
        self.advance_timers(&read, ViewEvent::PeerReadUpTo, |message| read_since(date, message.date, clock));
    }

    /// Ends what is due: its key and its record are wiped, and the host is notified once (SPEC DES-8).
    pub(in crate::chat) fn expire(&mut self) {
        for random_id in self.timed.due(self.state.clock.elapsed()) {
            let side = self.timed.get(random_id).map(|message| message.timer.side);
            let file = self.file_of(random_id).map(<[u8]>::to_vec);
            self.timed.forget(random_id);
            // The peer may have read one of ours without acknowledging it.
            if side == Some(Side::Sent) {
                self.destroy(&[random_id]);
            }
            self.group.tell(Event::Expired { random_id, file });
        }
    }

    /// Destroys what is left here of messages that the peer deletes, and returns their files, as far as their names
    /// are known: at most one per id.
    pub(in crate::chat) fn delete_for_peer(&mut self, random_ids: &[RandomId]) -> Vec<(RandomId, Vec<u8>)> {
        // Few of the ids that a peer names have a file, and the peer may name those again and again.
        let mut named: Vec<_> = random_ids.iter().copied().filter(|id| self.file_of(*id).is_some()).collect();
        named.sort_unstable();
        named.dedup();
        let files = named.into_iter().filter_map(|id| Some((id, self.file_of(id)?.to_vec()))).collect();
        self.destroy(random_ids);
        random_ids.iter().for_each(|id| self.timed.forget(*id));
        files
    }

    fn file_of(&self, random_id: RandomId) -> Option<&[u8]> {
        self.chat.file_with(self.timed.get(random_id), random_id)
    }

    fn advance_timers(&mut self, random_ids: &[RandomId], event: ViewEvent, at: impl Fn(&TimedMessage) -> Elapsed) {
        let view_once = self.chat.view_once_millis();
        for random_id in random_ids {
            if let Some(message) = self.timed.get(*random_id) {
                let timer = message.timer.on(event, at(message), view_once);
                self.timed.set_timer(*random_id, timer);
            }
        }
    }

    fn has_room_for_timed(&mut self) -> bool {
        let len = self.timed.len(self.state.clock.elapsed());
        u32::try_from(len).is_ok_and(|len| len < self.chat.setup.limits.timed_messages)
    }
}
