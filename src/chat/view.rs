//! Opening, reading and the end of messages with a timer (SPEC DES-1 to DES-9).

use alloc::boxed::Box;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::Chat;
use super::group::Change;
use super::timed::TimedMessage;
use crate::content::ContentKind;
use crate::destruct::{Side, Timer, ViewEvent, read_since};
use crate::env::Env;
use crate::error::{CallError, Unavailable};
use crate::event::{Event, Notice};
use crate::id::RandomId;
use crate::message::{Held, MediaLease, Message};
use crate::record::Written;
use crate::rights::Rights;
use crate::secret::swept;
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
        swept(|| self.open_view_unswept(random_id, env))
    }

    fn open_view_unswept(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.ready_keys()?;
        let mut change = Change::of(self.state_now(env));
        let now = change.state.clock.elapsed();
        let message = self.received_timed(random_id)?;
        let (timer, view_once) = (message.timer, self.view_once_millis());
        if !timer.may_open(now) {
            return Err(Unavailable::Expired.into());
        }
        let started = timer.on(ViewEvent::OpenView, now, view_once);
        let Some(deadline) = started.deadline else { return Err(Unavailable::NotTimed.into()) };
        let once = timer.ttl.is_view_once();
        let rights = self.rights(timer.ttl, timer.kind);
        let lease = message.held.as_ref().map(|held| Box::new(MediaLease::new(held.duplicate(), rights)));
        let mut notice = Notice::Nothing;
        if timer.deadline.is_none() && !once {
            notice = self.tell_opened(random_id, &mut change, env.rng)?;
        }
        if started != timer {
            let held = message.held.as_ref().filter(|_| !once).map(Held::duplicate);
            change.put_timed(self, random_id, TimedMessage { timer: started, held, ..message.duplicate() });
        }
        let deadline = change.state.clock.raw_deadline(deadline);
        change.grants.push(Event::Opened { random_id, lease, deadline });
        self.apply(change, env.rng);
        Ok(notice)
    }

    /// The user has closed a message: the end of one that is view once and was opened. Others go on until their deadline.
    ///
    /// # Errors
    /// [`Unavailable::NotTimed`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`].
    pub fn close_view(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<(), Unavailable> {
        swept(|| self.close_view_unswept(random_id, env))
    }

    fn close_view_unswept(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<(), Unavailable> {
        self.ready_keys()?;
        let mut change = Change::of(self.state_now(env));
        let timer = self.received_timed(random_id)?.timer;
        let ended = timer.on(ViewEvent::CloseView, change.state.clock.elapsed(), self.view_once_millis());
        change.set_timer(self, random_id, ended);
        if ended == timer {
            self.state = change.state;
        } else {
            self.apply(change, env.rng);
        }
        Ok(())
    }

    fn received_timed(&self, random_id: RandomId) -> Result<&TimedMessage, Unavailable> {
        self.timed.get(random_id).filter(|message| message.timer.side == Side::Received).ok_or(Unavailable::NotTimed)
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

/// What starts and ends timers.
impl Chat {
    /// Keeps what a message of the peer with a timer is unlocked by. Without room for it, or where one of this id is
    /// kept, the message goes without: `Err` (SPEC LIM-3).
    pub(super) fn keep_timed(&self, message: &mut Message, change: &mut Change) -> Result<(), RandomId> {
        let (random_id, ttl, kind) = (message.random_id, message.ttl, message.kind());
        if ttl == Ttl::OFF {
            return Ok(());
        }
        let held = message.take_held(kind.is_hidden(ttl));
        if change.timed(self, random_id).is_some() || !self.has_room_for_timed(change) {
            return Err(random_id);
        }
        let timed = TimedMessage {
            timer: Timer::new(ttl, kind, Side::Received),
            date: message.date,
            carried: None,
            held,
            written: Written::default(),
        };
        change.put_timed(self, random_id, timed);
        Ok(())
    }

    /// Keeps the timer of a message of ours.
    pub(super) fn keep_own_timed(
        &self,
        random_id: RandomId,
        ttl: Ttl,
        kind: ContentKind,
        change: &mut Change,
    ) -> Result<(), Unavailable> {
        // Nobody tells when a view-once message was seen, so there would be no end to wait for.
        if ttl == Ttl::OFF || ttl.is_view_once() {
            return Ok(());
        }
        if !self.has_room_for_timed(change) {
            return Err(Unavailable::TooManyTimers);
        }
        let date = change.state.clock.raw();
        let timer = Timer::new(ttl, kind, Side::Sent);
        change.put_timed(
            self,
            random_id,
            TimedMessage { timer, date, carried: None, held: None, written: Written::default() },
        );
        Ok(())
    }

    /// The user has read these messages of the peer; gives those that the peer is to be told of: what only opening starts is
    /// not read by being named.
    pub(super) fn read_by_us(&self, random_ids: &[RandomId], change: &mut Change) -> Vec<RandomId> {
        let now = change.state.clock.elapsed();
        let mut told = Vec::with_capacity(random_ids.len());
        for random_id in random_ids {
            let timer = change.timed(self, *random_id).map(|message| message.timer);
            match timer.filter(|timer| timer.side == Side::Received) {
                // Opening tells, and nothing tells of a view-once message (SPEC DES-7, DES-11).
                Some(timer) if timer.waits_for_open() && (timer.deadline.is_none() || timer.ttl.is_view_once()) => {
                    continue;
                }
                Some(timer) => {
                    change.set_timer(self, *random_id, timer.on(ViewEvent::MarkRead, now, self.view_once_millis()));
                }
                None => {}
            }
            told.push(*random_id);
        }
        told
    }

    /// The user has read everything of the peer that arrived until `max_date`.
    pub(super) fn read_by_us_up_to(&self, max_date: Timestamp, change: &mut Change) {
        let now = change.state.clock.elapsed();
        let read =
            change.timed_ids(self, |_, message| message.timer.side == Side::Received && message.date <= max_date);
        self.advance_timers(&read, ViewEvent::MarkRead, |_| now, change);
    }

    /// The peer names messages of ours in `ReadMessages`.
    pub(super) fn read_by_peer(&self, random_ids: &[RandomId], change: &mut Change) {
        let now = change.state.clock.elapsed();
        self.advance_timers(random_ids, ViewEvent::PeerReadMessages, |_| now, change);
    }

    /// The server says that the peer has read everything of ours that it took over until `max_date`.
    pub(super) fn read_by_peer_up_to(&self, max_date: Timestamp, date: Option<Timestamp>, change: &mut Change) {
        let clock = change.state.clock;
        let read = change.timed_ids(self, |_, message| {
            message.timer.side == Side::Sent && message.carried.is_some_and(|carried| carried <= max_date)
        });
        self.advance_timers(&read, ViewEvent::PeerReadUpTo, |message| read_since(date, message.date, clock), change);
    }

    /// Ends what is due: its key and its record go, and the host is told once (SPEC DES-8).
    pub(super) fn expire(&self, change: &mut Change, rng: &mut dyn CryptoRng) {
        let now = change.state.clock.elapsed();
        let mut due: Vec<_> = change.timed.untouched_due(&self.timed, now).collect();
        let new = change
            .timed
            .changed
            .iter()
            .filter(|(_, message)| message.as_ref().is_some_and(|message| message.timer.is_over(now)));
        due.extend(new.map(|(id, _)| *id));
        due.sort_by_key(|id| (change.timed(self, *id).and_then(|message| message.timer.deadline), *id));
        for random_id in due {
            let side = change.timed(self, random_id).map(|message| message.timer.side);
            change.forget_timed(self, random_id);
            // One of ours that the peer has read without saying that it has processed it.
            if side == Some(Side::Sent) {
                self.destroy(&[random_id], change, rng);
            }
            change.news.push(Event::Expired { random_id });
        }
    }

    /// Whether time alone makes something to do.
    pub(super) fn something_is_due(&self, now: Elapsed) -> bool {
        self.timed.next_deadline().is_some_and(|deadline| deadline <= now)
    }

    pub(super) fn rights(&self, ttl: Ttl, kind: ContentKind) -> Rights {
        (self.rules().rights)(ttl, kind)
    }

    fn advance_timers(
        &self,
        random_ids: &[RandomId],
        event: ViewEvent,
        at: impl Fn(&TimedMessage) -> Elapsed,
        change: &mut Change,
    ) {
        for random_id in random_ids {
            if let Some(message) = change.timed(self, *random_id) {
                let timer = message.timer.on(event, at(message), self.view_once_millis());
                change.set_timer(self, *random_id, timer);
            }
        }
    }

    fn has_room_for_timed(&self, change: &mut Change) -> bool {
        // What is over makes room, told or not.
        u32::try_from(change.timed_len(self)).is_ok_and(|len| len < self.setup.limits.timed_messages)
    }

    fn view_once_millis(&self) -> u64 {
        u64::from(self.setup.limits.view_once.max(1)) * 1000
    }
}
