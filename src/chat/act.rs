//! What the app does besides writing: reading, deleting, reporting, typing (SPEC ACT-1, ACT-2, SEQ-8).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::Chat;
use super::group::Change;
use super::queue::{Kind, Outgoing};
use crate::env::Env;
use crate::error::{ApiMisuse, CallError, Unavailable};
use crate::event::{Notice, Output, Transmit, TransmitKind};
use crate::id::{Layer, RandomId, TransmitId};
use crate::message::{TypingAction, typing_action};
use crate::secret::swept;
use crate::time::{Timestamp, Ttl};
use crate::wire::{
    ActionDeleteMessages, ActionReadMessages, ActionScreenshotMessages, ActionSetMessageTTL, ActionTyping,
    DecryptedMessageAction, Vector,
};

/// # App -> chat
impl Chat {
    /// The user has read messages of the peer: starts their timers, but those that only opening starts, and tells the peer.
    /// No ids: nothing to tell. Media that only opening starts are left out until they were opened, and what is view once
    /// always. The timers start also where the peer cannot be told: see [`Notice::LeftOut`].
    ///
    /// # Errors
    /// [`Unavailable::NotReady`], [`Unavailable::ChatClosed`], [`ApiMisuse::UnusableRng`], [`ApiMisuse::MessageTooLong`] for more
    /// ids than a message holds. Nothing has changed then.
    pub fn mark_read(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        swept(|| self.mark_read_unswept(random_ids, env))
    }

    fn mark_read_unswept(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.ready_keys()?;
        let mut change = Change::of(self.state_now(env));
        let told = self.read_by_us(random_ids, &mut change);
        if told.is_empty() {
            self.state = change.state;
            return Ok(Notice::Nothing);
        }
        let ids = longs(&told);
        let action = DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids: vector(&ids)? });
        let notice = self.tell(&action, Kind::Read, &mut change, env.rng)?;
        self.apply(change, env.rng);
        Ok(notice)
    }

    /// Tells the peer of a view, also under a key that is over its limit (SPEC REKEY-6).
    pub(super) fn tell_opened(
        &self,
        random_id: RandomId,
        change: &mut Change,
        rng: &mut dyn CryptoRng,
    ) -> Result<Notice, CallError> {
        let ids = longs(&[random_id]);
        let action = DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids: vector(&ids)? });
        let queued = self.queue_service(&action, Kind::Read, change, rng);
        notice_of(queued, change)
    }

    /// Tells the server that everything that arrived until `max_date` was read: in the Telegram profile, where texts have
    /// no receipt inside the encryption. Nothing is stored; a lost one is said again by the next.
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`], [`Unavailable::NotReady`], [`Unavailable::ChatClosed`].
    pub fn mark_read_up_to(&mut self, max_date: Timestamp, env: &mut Env<'_>) -> Result<(), CallError> {
        self.ready_keys()?;
        if !self.rules().receipts_outside {
            return Err(ApiMisuse::NotInProfile.into());
        }
        let mut change = Change::of(self.state_now(env));
        self.read_by_us_up_to(max_date, &mut change);
        change.transmits.push(Transmit { id: TransmitId::READ, kind: TransmitKind::Read { max_date } });
        if change.timed.is_empty() {
            // Nothing to write: a lost one is said again by the next.
            self.state = change.state;
            self.outputs.extend(change.transmits.into_iter().map(Output::Transmit));
        } else {
            self.apply(change, env.rng);
        }
        Ok(())
    }

    /// Sets the self-destruct timer that messages of both sides carry from now on; those that exist keep theirs.
    ///
    /// Both ends must know it, so it is refused where the peer cannot be told; a draft can carry its own timer.
    ///
    /// # Errors
    /// As [`Chat::mark_read`], [`Unavailable::OutboxFull`], [`Unavailable::SeqExhausted`], [`Unavailable::RekeyRequired`];
    /// [`ApiMisuse::ViewOnce`] where it is not offered.
    pub fn set_ttl(&mut self, ttl: Ttl, env: &mut Env<'_>) -> Result<(), CallError> {
        swept(|| self.set_ttl_unswept(ttl, env))
    }

    fn set_ttl_unswept(&mut self, ttl: Ttl, env: &mut Env<'_>) -> Result<(), CallError> {
        let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: ttl.to_wire() });
        self.check_view_once(ttl)?;
        let also = |_: &Self, change: &mut Change, _: &mut dyn CryptoRng| {
            // The action has just been queued.
            change.state.ttl_slot = change.state.counters.sent.previous();
            change.state.ttl = ttl;
            change.outgoing.iter_mut().for_each(|entry| entry.ttl = ttl);
        };
        self.act(&action, Kind::SetTtl, also, env)
    }

    /// Tells the peer that this side speaks a higher layer than before: after an update of the program. A layer that is
    /// not higher is nothing to tell.
    ///
    /// # Errors
    /// As [`Chat::set_ttl`]; [`ApiMisuse::NotInProfile`] in the X25519 profile, which has one layer.
    pub fn announce_layer(&mut self, layer: Layer, env: &mut Env<'_>) -> Result<(), CallError> {
        swept(|| self.announce_layer_unswept(layer, env))
    }

    fn announce_layer_unswept(&mut self, layer: Layer, env: &mut Env<'_>) -> Result<(), CallError> {
        self.ready_keys()?;
        if self.rules().layer_is_fixed {
            return Err(ApiMisuse::NotInProfile.into());
        }
        let mut change = Change::of(self.state_now(env));
        let layer = layer.min(Layer::L144);
        if layer <= change.state.own_layer {
            self.state = change.state;
            return Ok(());
        }
        change.state.own_layer = layer;
        self.notify_layer(&mut change, env.rng)?;
        self.apply(change, env.rng);
        Ok(())
    }

    /// Asks the peer to delete messages of either end, and destroys those of ours that it has not acknowledged: an empty
    /// message takes their slots. The host deletes its own rows. **The peer's program may keep what it has.** What is
    /// destroyed here is so also where the peer cannot be told: see [`Notice::LeftOut`].
    ///
    /// # Errors
    /// As [`Chat::mark_read`].
    pub fn delete(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        swept(|| self.delete_unswept(random_ids, env))
    }

    fn delete_unswept(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.ready_keys()?;
        if random_ids.is_empty() {
            return Ok(Notice::Nothing);
        }
        let ids = longs(random_ids);
        let action = DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: vector(&ids)? });
        let mut change = Change::of(self.state_now(env));
        let notice = self.tell(&action, Kind::Deletion, &mut change, env.rng)?;
        self.destroy(random_ids, &mut change, env.rng);
        random_ids.iter().for_each(|id| change.forget_timed(self, *id));
        self.apply(change, env.rng);
        Ok(notice)
    }

    /// Asks the peer to delete all messages so far, and destroys all of ours that it has not acknowledged, as
    /// [`Chat::delete`] does.
    ///
    /// # Errors
    /// As [`Chat::mark_read`].
    pub fn flush_history(&mut self, env: &mut Env<'_>) -> Result<Notice, CallError> {
        swept(|| self.flush_history_unswept(env))
    }

    fn flush_history_unswept(&mut self, env: &mut Env<'_>) -> Result<Notice, CallError> {
        self.ready_keys()?;
        let mut change = Change::of(self.state_now(env));
        let notice = self.tell(&DecryptedMessageAction::FlushHistory, Kind::Flush, &mut change, env.rng)?;
        self.destroy_all(&mut change, env.rng);
        change.forget_all_timed();
        self.apply(change, env.rng);
        Ok(notice)
    }

    /// Tells the peer of a screenshot of these messages; none means the whole chat.
    ///
    /// # Errors
    /// As [`Chat::set_ttl`]: there is nothing to do but to tell.
    pub fn report_screenshot(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<(), CallError> {
        swept(|| self.report_screenshot_unswept(random_ids, env))
    }

    fn report_screenshot_unswept(&mut self, random_ids: &[RandomId], env: &mut Env<'_>) -> Result<(), CallError> {
        let ids = longs(random_ids);
        let random_ids = vector(&ids)?;
        let action = DecryptedMessageAction::ScreenshotMessages(ActionScreenshotMessages { random_ids });
        self.act(&action, Kind::Screenshot, |_, _, _| {}, env)
    }

    /// Tells the peer what the user is doing.
    ///
    /// In the Telegram profile the server tells it, outside of the encryption: whether the user is busy, not with what
    /// ([`TypingAction::Cancel`] is "no"). It uses no slot and no key, nothing is stored, and a lost one is not repeated;
    /// official apps say it again every few seconds. In the X25519 profile it is a message and takes a slot, so not at
    /// every key.
    ///
    /// # Errors
    /// As [`Chat::set_ttl`]; in the Telegram profile only [`Unavailable::NotReady`] and [`Unavailable::ChatClosed`].
    pub fn typing(&mut self, action: TypingAction, env: &mut Env<'_>) -> Result<(), CallError> {
        swept(|| self.typing_unswept(action, env))
    }

    fn typing_unswept(&mut self, action: TypingAction, env: &mut Env<'_>) -> Result<(), CallError> {
        self.ready_keys()?;
        if self.rules().typing_outside {
            self.state = self.state_now(env);
            let kind = TransmitKind::Typing { typing: action != TypingAction::Cancel };
            self.outputs.push_back(Output::Transmit(Transmit { id: TransmitId::TYPING, kind }));
            return Ok(());
        }
        let action = ActionTyping { action: typing_action(action) };
        self.act(&DecryptedMessageAction::Typing(action), Kind::Action, |_, _, _| {}, env)
    }

    /// Destroys the content of those of our messages that the peer has not acknowledged: each is replaced by an empty
    /// one, once.
    pub(super) fn destroy(&self, random_ids: &[RandomId], change: &mut Change, rng: &mut dyn CryptoRng) {
        for random_id in random_ids {
            self.outbox.of_id(*random_id).for_each(|entry| self.empty(entry, change, rng));
        }
    }

    /// The same of all of them. There are no new ones within a call, so that it is done once.
    pub(super) fn destroy_all(&self, change: &mut Change, rng: &mut dyn CryptoRng) {
        if !core::mem::replace(&mut change.emptied_all, true) {
            self.outbox.iter().for_each(|entry| self.empty(entry, change, rng));
        }
    }

    fn empty(&self, entry: &Outgoing, change: &mut Change, rng: &mut dyn CryptoRng) {
        // The same call may have noted that the transport took it over.
        let entry = change.replacement(entry.slot).unwrap_or(entry);
        if entry.kind != Kind::Written || entry.emptied || entry.slot < change.state.counters.acknowledged {
            return;
        }
        // The replacement is smaller than what it replaces and needs no draw that can be unusable.
        if let Ok(empty) = self.emptied(entry, change, rng) {
            change.put_outgoing(empty);
        }
    }

    pub(super) fn check_view_once(&self, ttl: Ttl) -> Result<(), ApiMisuse> {
        if ttl.is_view_once() && !self.setup.view_once { Err(ApiMisuse::ViewOnce) } else { Ok(()) }
    }

    /// Tells the peer of what is done here in any case, unless a limit forbids it (SPEC LIM-6).
    fn tell(
        &self,
        action: &DecryptedMessageAction<'_>,
        kind: Kind,
        change: &mut Change,
        rng: &mut dyn CryptoRng,
    ) -> Result<Notice, CallError> {
        let queued = self
            .check_key_use(&change.state)
            .map_err(CallError::from)
            .and_then(|()| self.queue_service(action, kind, change, rng));
        notice_of(queued, change)
    }

    fn act(
        &mut self,
        action: &DecryptedMessageAction<'_>,
        kind: Kind,
        also: impl FnOnce(&Self, &mut Change, &mut dyn CryptoRng),
        env: &mut Env<'_>,
    ) -> Result<(), CallError> {
        self.ready_keys()?;
        let mut change = Change::of(self.state_now(env));
        self.check_key_use(&change.state)?;
        self.queue_service(action, kind, &mut change, env.rng)?;
        also(self, &mut change, env.rng);
        self.apply(change, env.rng);
        Ok(())
    }
}

/// What became of the message that tells the peer: the last one that was queued.
fn notice_of(queued: Result<(), CallError>, change: &Change) -> Result<Notice, CallError> {
    match queued {
        Ok(()) => Ok(change.outgoing.last().map_or(Notice::Nothing, |entry| Notice::Queued(entry.id()))),
        Err(CallError::Unavailable(
            limit @ (Unavailable::OutboxFull | Unavailable::RekeyRequired | Unavailable::SeqExhausted),
        )) => Ok(Notice::LeftOut(limit)),
        Err(error) => Err(error),
    }
}

/// Each once, in their order (SPEC ACT-2).
fn longs(random_ids: &[RandomId]) -> Vec<i64> {
    let mut named = BTreeSet::new();
    random_ids.iter().map(|id| id.0).filter(|id| named.insert(*id)).collect()
}

fn vector(ids: &[i64]) -> Result<Vector<'_, i64>, ApiMisuse> {
    Vector::new(ids).ok_or(ApiMisuse::MessageTooLong)
}
