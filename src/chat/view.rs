//! Opening, reading and the end of messages with a timer (SPEC DES-1 to DES-9).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Chat;
use super::timed::TimedMessage;
use super::turn::{End, Turn};
use crate::content::ContentKind;
use crate::destruct::{Side, Timer, ViewEvent, read_since};
use crate::env::Env;
use crate::error::{CallError, Unavailable};
use crate::event::{Event, Notice};
use crate::id::RandomId;
use crate::message::{Held, MediaLease, Message};
use crate::record::Written;
use crate::rights::Rights;
use crate::time::{Elapsed, Timestamp, Ttl};

/// # App -> chat
impl Chat {
    /// Opens a message of the peer that has a timer: starts it, unless it runs, and answers with [`Event::Opened`], which
    /// lends the key of a medium. The peer is told at the first time, but not of a view-once message; where it cannot be
    /// told ([`Notice::LeftOut`]), [`Chat::mark_read`] tells it later.
    ///
    /// A view-once medium is lent once; [`Chat::close_view`] or [`Limits::view_once`](crate::Limits::view_once) ends it. A
    /// crash between the batch and the event loses that view.
    ///
    /// # Errors
    /// [`Unavailable::NotTimed`], [`Unavailable::Expired`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`],
    /// [`ApiMisuse::UnusableRng`](crate::ApiMisuse::UnusableRng).
    pub fn open_view(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.try_turn(env, |turn| {
            turn.chat.ready_keys()?;
            let now = turn.state.clock.elapsed();
            let message = turn.chat.received_timed(random_id)?;
            let timer = message.timer;
            if !timer.may_open(now) {
                return Err(Unavailable::Expired.into());
            }
            let started = timer.on(ViewEvent::OpenView, now, turn.chat.view_once_millis());
            let Some(deadline) = started.deadline else { return Err(Unavailable::NotTimed.into()) };
            let once = timer.ttl.is_view_once();
            let rights = turn.chat.rights(timer.ttl, timer.kind);
            let lease = message.held.as_ref().map(|held| Box::new(MediaLease::new(held.duplicate(), rights)));
            let mut notice = Notice::Nothing;
            if timer.deadline.is_none() && !once {
                notice = turn.tell_opened(random_id)?;
            }
            if started != timer {
                let held = message.held.as_ref().filter(|_| !once).map(Held::duplicate);
                turn.timed.put(random_id, TimedMessage { timer: started, held, ..message.duplicate() });
            }
            let deadline = turn.state.clock.raw_deadline(deadline);
            turn.grants.push(Event::Opened { random_id, lease, deadline });
            Ok(End::Commit(notice))
        })
    }

    /// The user has closed a message: the end of one that is view once and was opened. Others go on until their deadline.
    ///
    /// # Errors
    /// [`Unavailable::NotTimed`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`].
    pub fn close_view(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<(), Unavailable> {
        self.try_turn(env, |turn| {
            turn.chat.ready_keys()?;
            let timer = turn.chat.received_timed(random_id)?.timer;
            let now = turn.state.clock.elapsed();
            let ended = timer.on(ViewEvent::CloseView, now, turn.chat.view_once_millis());
            if ended == timer {
                return Ok(End::Pass(()));
            }
            turn.timed.set_timer(random_id, ended);
            Ok(End::Commit(()))
        })
    }
}

/// # Ask
impl Chat {
    /// When a message ends, on the host's clock; `None` if it has no timer, or one that has not started, or has ended.
    #[must_use]
    pub fn deadline(&self, random_id: RandomId) -> Option<Timestamp> {
        let deadline = self.timed.get(random_id)?.timer.deadline?;
        (deadline > self.state.clock.elapsed()).then(|| self.state.clock.raw_deadline(deadline))
    }
}

impl Chat {
    pub(super) fn rights(&self, ttl: Ttl, kind: ContentKind) -> Rights {
        (self.rules().rights)(ttl, kind)
    }

    fn received_timed(&self, random_id: RandomId) -> Result<&TimedMessage, Unavailable> {
        self.timed.get(random_id).filter(|message| message.timer.side == Side::Received).ok_or(Unavailable::NotTimed)
    }

    fn view_once_millis(&self) -> u64 {
        u64::from(self.setup.limits.view_once.max(1)) * 1000
    }
}

/// What starts and ends timers.
impl Turn<'_> {
    /// Keeps what a message of the peer with a timer is unlocked by. Without room for it, or where one of this id is
    /// kept, the message goes without: `Err` (SPEC LIM-3).
    pub(super) fn keep_timed(
        &mut self,
        &Message { random_id, date, ttl, .. }: &Message,
        kind: ContentKind,
        held: Option<Held>,
    ) -> Result<(), RandomId> {
        if ttl == Ttl::OFF {
            return Ok(());
        }
        if self.timed.get(random_id).is_some() || !self.has_room_for_timed() {
            return Err(random_id);
        }
        let (timer, written) = (Timer::new(ttl, kind, Side::Received), Written::default());
        self.timed.put(random_id, TimedMessage { timer, date, carried: None, held, written });
        Ok(())
    }

    /// Keeps the timer of a message of ours.
    pub(super) fn keep_own_timed(
        &mut self,
        random_id: RandomId,
        ttl: Ttl,
        kind: ContentKind,
    ) -> Result<(), Unavailable> {
        // Nobody tells when a view-once message was seen, so there would be no end to wait for.
        if ttl == Ttl::OFF || ttl.is_view_once() {
            return Ok(());
        }
        if !self.has_room_for_timed() {
            return Err(Unavailable::TooManyTimers);
        }
        let timer = Timer::new(ttl, kind, Side::Sent);
        let (date, written) = (self.state.clock.raw(), Written::default());
        self.timed.put(random_id, TimedMessage { timer, date, carried: None, held: None, written });
        Ok(())
    }

    /// The user has read these messages of the peer. Returns those that the peer is to be told of: what only opening
    /// starts is not read by being named.
    pub(super) fn read_by_us(&mut self, random_ids: &[RandomId]) -> Vec<RandomId> {
        let (now, view_once) = (self.state.clock.elapsed(), self.chat.view_once_millis());
        let mut told = Vec::with_capacity(random_ids.len());
        for random_id in random_ids {
            let timer = self.timed.get(*random_id).map(|message| message.timer);
            match timer.filter(|timer| timer.side == Side::Received) {
                // Opening tells, and nothing tells of a view-once message (SPEC DES-7, DES-11).
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

    /// The user has read everything of the peer that arrived until `max_date`.
    pub(super) fn read_by_us_up_to(&mut self, max_date: Timestamp) {
        let now = self.state.clock.elapsed();
        let read = self.timed.ids(|message| message.timer.side == Side::Received && message.date <= max_date);
        self.advance_timers(&read, ViewEvent::MarkRead, |_| now);
    }

    /// The peer names messages of ours in `ReadMessages`.
    pub(super) fn read_by_peer(&mut self, random_ids: &[RandomId]) {
        let now = self.state.clock.elapsed();
        self.advance_timers(random_ids, ViewEvent::PeerReadMessages, |_| now);
    }

    /// The server says that the peer has read everything of ours that it accepted until `max_date`.
    pub(super) fn read_by_peer_up_to(&mut self, max_date: Timestamp, date: Option<Timestamp>) {
        let clock = self.state.clock;
        let read = self.timed.ids(|message| {
            message.timer.side == Side::Sent && message.carried.is_some_and(|carried| carried <= max_date)
        });
        self.advance_timers(&read, ViewEvent::PeerReadUpTo, |message| read_since(date, message.date, clock));
    }

    /// Ends what is due: its key and its record go, and the host is told once (SPEC DES-8).
    pub(super) fn expire(&mut self) {
        for random_id in self.timed.due(self.state.clock.elapsed()) {
            let side = self.timed.get(random_id).map(|message| message.timer.side);
            self.timed.forget(random_id);
            // One of ours that the peer has read without saying that it has processed it.
            if side == Some(Side::Sent) {
                self.destroy(&[random_id]);
            }
            self.news.push(Event::Expired { random_id });
        }
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
