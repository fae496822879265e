//! User actions besides writing: reading, deleting, reporting, typing (SPEC ACT-1, ACT-2, SEQ-8).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::model::{Cause, Kind};
use crate::chat::turn::{End, Turn};
use crate::message::{TypingAction, typing_action};
use crate::output::{Notice, Transmit, TransmitKind};
use crate::types::env::Env;
use crate::types::error::{ApiMisuse, CallError, Unavailable};
use crate::types::id::{Layer, RandomId, TransmitId};
use crate::types::time::Timestamp;
use crate::wire::{
    ActionDeleteMessages, ActionReadMessages, ActionScreenshotMessages, ActionTyping, DecryptedMessageAction, Vector,
};

/// # App -> chat
impl Chat {
    /// Marks messages of the peer as read and notifies the peer. This starts their timers, except those that start
    /// only when the message is opened. Without ids there is nothing to notify. Media whose timer starts only on
    /// opening are skipped until they were opened, and view-once media always. The timers start even if the peer
    /// cannot be notified: see [`Notice::LeftOut`].
    ///
    /// # Errors
    /// [`Unavailable::NotReady`], [`Unavailable::ChatClosed`], [`ApiMisuse::UnusableRng`],
    /// [`ApiMisuse::MessageTooLong`] for more ids than a message holds. After an error nothing has changed.
    pub fn mark_read(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.try_turn(Cause::MarkRead, env, |turn| {
            turn.chat.ready_keys()?;
            let told = turn.read_by_us(random_ids);
            if told.is_empty() {
                return Ok(End::Pass(Notice::Nothing));
            }
            let ids = longs(&told);
            let action = DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids: vector(&ids)? });
            turn.tell(&action, Kind::Read).map(End::Commit)
        })
    }

    /// Tells the server that everything that arrived until `max_date` was read. Only in the Telegram profile, where
    /// texts have no receipt inside the encryption. Nothing is stored: if one is lost, the next one covers it.
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`].
    pub fn mark_read_up_to(&mut self, max_date: Timestamp, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::MarkRead, env, |turn| {
            turn.chat.ready_keys()?;
            if !turn.chat.rules().receipts_outside {
                return Err(ApiMisuse::NotInProfile.into());
            }
            turn.read_by_us_up_to(max_date);
            turn.group.send(Transmit { id: TransmitId::READ, kind: TransmitKind::Read { max_date } });
            Ok(if turn.timed.is_unchanged() { End::Tell(()) } else { End::Commit(()) })
        })
    }

    /// Tells the peer that this side now supports a higher layer, after an update of the program. Does nothing if
    /// the layer is not higher.
    ///
    /// # Errors
    /// The errors of [`Chat::set_ttl`], and [`ApiMisuse::NotInProfile`] in the X25519 profile, which has one layer.
    pub fn announce_layer(&mut self, layer: Layer, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::AnnounceLayer, env, |turn| {
            turn.chat.ready_keys()?;
            if turn.chat.rules().layer_is_fixed {
                return Err(ApiMisuse::NotInProfile.into());
            }
            let layer = layer.min(Layer::L144);
            if layer <= turn.state.own_layer {
                return Ok(End::Pass(()));
            }
            turn.state.own_layer = layer;
            turn.notify_layer().map(End::Commit)
        })
    }

    /// Asks the peer to delete messages of either end, and destroys those of ours that it has not acknowledged: an
    /// empty message takes each slot. The host deletes its own rows. **The peer's program may keep what it has.**
    /// The content is destroyed here even if the peer cannot be notified: see [`Notice::LeftOut`].
    ///
    /// # Errors
    /// Same as [`Chat::mark_read`].
    pub fn delete(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.try_turn(Cause::Delete, env, |turn| {
            turn.chat.ready_keys()?;
            if random_ids.is_empty() {
                return Ok(End::Pass(Notice::Nothing));
            }
            let ids = longs(random_ids);
            let action = DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: vector(&ids)? });
            let notice = turn.tell(&action, Kind::Deletion)?;
            turn.destroy(random_ids);
            random_ids.iter().for_each(|id| turn.timed.forget(*id));
            Ok(End::Commit(notice))
        })
    }

    /// Asks the peer to delete all messages so far, and destroys all of ours that it has not acknowledged, like
    /// [`Chat::delete`].
    ///
    /// # Errors
    /// Same as [`Chat::mark_read`].
    pub fn flush_history(&mut self, env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.try_turn(Cause::FlushHistory, env, |turn| {
            turn.chat.ready_keys()?;
            let notice = turn.tell(&DecryptedMessageAction::FlushHistory, Kind::Flush)?;
            turn.destroy_all();
            turn.timed.forget_all();
            Ok(End::Commit(notice))
        })
    }

    /// Reports a screenshot of these messages to the peer. No ids means the whole chat.
    ///
    /// # Errors
    /// Same as [`Chat::set_ttl`].
    pub fn report_screenshot(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<(), CallError> {
        let ids = longs(random_ids);
        self.try_turn(Cause::ReportScreenshot, env, |turn| {
            let action = ActionScreenshotMessages { random_ids: vector(&ids)? };
            turn.say(&DecryptedMessageAction::ScreenshotMessages(action), Kind::Screenshot).map(End::Commit)
        })
    }

    /// Tells the peer what the user is doing.
    ///
    /// In the Telegram profile this goes through the server, outside the encryption. It carries only whether the
    /// user is busy, not with what ([`TypingAction::Cancel`] means not busy). It uses no slot and no key, nothing
    /// is stored, and a lost one is not repeated. Official apps repeat it every few seconds. In the X25519 profile
    /// it is a message and takes a slot: do not call it on every keystroke.
    ///
    /// # Errors
    /// Same as [`Chat::set_ttl`]. In the Telegram profile only [`Unavailable::NotReady`] and
    /// [`Unavailable::ChatClosed`].
    pub fn typing(&mut self, action: TypingAction, env: &mut Env<'_>) -> Result<(), CallError> {
        self.try_turn(Cause::Typing, env, |turn| {
            turn.chat.ready_keys()?;
            if turn.chat.rules().typing_outside {
                let kind = TransmitKind::Typing { typing: action != TypingAction::Cancel };
                turn.group.send(Transmit { id: TransmitId::TYPING, kind });
                return Ok(End::Tell(()));
            }
            let action = ActionTyping { action: typing_action(action) };
            turn.say(&DecryptedMessageAction::Typing(action), Kind::Action).map(End::Commit)
        })
    }
}

impl Turn<'_> {
    /// Notifies the peer of a view, even under a key that is over its limit (SPEC REKEY-6).
    pub(in crate::chat) fn tell_opened(&mut self, random_id: RandomId) -> Result<Notice, CallError> {
        let ids = longs(&[random_id]);
        let action = DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids: vector(&ids)? });
        let queued = self.queue_service(&action, Kind::Read);
        self.notice_of(queued)
    }

    /// Notifies the peer of something that is done here in any case, unless a limit forbids it (SPEC LIM-6).
    fn tell(&mut self, action: &DecryptedMessageAction<'_>, kind: Kind) -> Result<Notice, CallError> {
        let checked = self.chat.check_key_use(self.state).map_err(CallError::from);
        let queued = checked.and_then(|()| self.queue_service(action, kind));
        self.notice_of(queued)
    }

    /// Sends the peer an action that has no effect here unless it can be sent.
    pub(in crate::chat) fn say(&mut self, action: &DecryptedMessageAction<'_>, kind: Kind) -> Result<(), CallError> {
        self.chat.ready_keys()?;
        self.chat.check_key_use(self.state)?;
        self.queue_service(action, kind)
    }

    /// Returns the outcome of the notification: the last message that was queued.
    fn notice_of(&self, queued: Result<(), CallError>) -> Result<Notice, CallError> {
        match queued {
            Ok(()) => Ok(self.outbox.changed().last().map_or(Notice::Nothing, |entry| Notice::Queued(entry.id()))),
            Err(CallError::Unavailable(
                limit @ (Unavailable::OutboxFull | Unavailable::RekeyRequired | Unavailable::SeqExhausted),
            )) => Ok(Notice::LeftOut(limit)),
            Err(error) => Err(error),
        }
    }
}

/// Returns each id once, in order (SPEC ACT-2).
fn longs(random_ids: &[RandomId]) -> Vec<i64> {
    let mut named = BTreeSet::new();
    random_ids.iter().map(|id| id.0).filter(|id| named.insert(*id)).collect()
}

fn vector(ids: &[i64]) -> Result<Vector<'_, i64>, ApiMisuse> {
    Vector::new(ids).ok_or(ApiMisuse::MessageTooLong)
}
