//! Opening, reading and ending of messages with a timer (SPEC DES-1 to DES-9).

use alloc::boxed::Box;
use core::time::Duration;

use crate::chat::Chat;
use crate::chat::model::{Cause, TimedMessage};
use crate::chat::turn::End;
use crate::destruct::ContentKind;
use crate::destruct::Rights;
use crate::destruct::{Side, ViewEvent};
use crate::message::MediaLease;
use crate::output::{Event, Notice};
use crate::types::env::Env;
use crate::types::error::{CallError, Unavailable};
use crate::types::id::RandomId;
use crate::types::time::{Timestamp, Ttl, millis};

/// # App -> chat
impl Chat {
    /// Opens a message of the peer that has a timer. This starts the timer unless it is running, and leads to
    /// [`Event::Opened`], which lends the key of its medium, and the content if the peer hides it
    /// ([`Draft::hidden`](crate::Draft::hidden)). The peer is notified the first time, except of a view-once
    /// message. If it cannot be notified ([`Notice::LeftOut`]), call [`Chat::mark_read`] later.
    ///
    /// A view-once medium is lent once. [`Chat::close_view`] or [`Limits::view_once`](crate::Limits::view_once)
    /// ends it. A crash between the batch and the event loses that view.
    ///
    /// # Errors
    /// [`Unavailable::NotTimed`], [`Unavailable::Expired`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`],
    /// [`ApiMisuse::UnusableRng`](crate::ApiMisuse::UnusableRng).
    pub fn open_view(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.try_turn(Cause::OpenView, env, |turn| {
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
            let form = turn.chat.rules().file_form;
            let content = message.options.hidden.as_ref().and_then(|hidden| hidden.lend(form, rights)).map(Box::new);
            let lease = message.held.as_ref().map(|held| Box::new(MediaLease::new(held.duplicate(), rights)));
            let mut notice = Notice::Nothing;
            if timer.deadline.is_none() && !once {
                notice = turn.tell_opened(random_id)?;
            }
            if started != timer {
                let mut opened = TimedMessage { timer: started, ..message.duplicate() };
                if once {
                    (opened.held, opened.options.hidden) = (None, None);
                }
                turn.timed.put(random_id, opened);
            }
            let deadline = turn.state.clock.raw_deadline(deadline);
            turn.group.lend(Event::Opened { random_id, lease, content, deadline });
            Ok(End::Commit(notice))
        })
    }

    /// Closes a message. This ends a view-once message that was opened. Others continue until their deadline.
    ///
    /// # Errors
    /// [`Unavailable::NotTimed`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`].
    pub fn close_view(&mut self, random_id: RandomId, env: &mut Env<'_>) -> Result<(), Unavailable> {
        self.try_turn(Cause::CloseView, env, |turn| {
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
    /// Returns when a message ends, on the host's clock. Returns `None` if it has no timer, or if its timer has not
    /// started or has ended.
    #[must_use]
    pub fn deadline(&self, random_id: RandomId) -> Option<Timestamp> {
        let deadline = self.timed.get(random_id)?.timer.deadline?;
        (deadline > self.state.clock.elapsed()).then(|| self.state.clock.raw_deadline(deadline))
    }
}

impl Chat {
    pub(in crate::chat) fn rights(&self, ttl: Ttl, kind: ContentKind) -> Rights {
        (self.rules().rights)(ttl, kind).with_notification_cap(self.setup.notification_cap)
    }

    fn received_timed(&self, random_id: RandomId) -> Result<&TimedMessage, Unavailable> {
        self.timed.get(random_id).filter(|message| message.timer.side == Side::Received).ok_or(Unavailable::NotTimed)
    }

    /// Returns the longest view of view-once content, at least one second.
    pub(super) fn view_once_millis(&self) -> u64 {
        millis(self.setup.limits.view_once.max(Duration::from_secs(1)))
    }
}
