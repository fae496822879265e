//! When a key is due, and when it is beyond its limit (SPEC REKEY-5, REKEY-6).

use crate::chat::Chat;
use crate::chat::model::{Compared, Exchange, Keys, State};
use crate::chat::turn::Turn;
use crate::output::Event;
use crate::rekey::{KeyUse, RekeyLimit};
use crate::types::error::Unavailable;
use crate::types::id::SeqNo;
use crate::types::time::Elapsed;

impl Chat {
    /// Returns when the passing of time alone requires a step.
    pub(in crate::chat) fn rekey_deadline(&self, state: &State) -> Option<Elapsed> {
        let keys = self.ready_keys().ok()?;
        let policy = &self.setup.rekey;
        let key = key_use(state);
        let due = if key.is_due(policy, self.setup.role, state.clock.elapsed()) {
            Some(state.ask_after)
        } else {
            key.due_at(policy).map(|due| due.max(state.ask_after))
        };
        let tell = policy.limit == RekeyLimit::Tell && !state.overdue_told;
        let overdue = tell.then(|| key.overdue_at(policy));
        due.filter(|_| may_ask(keys, state)).into_iter().chain(overdue).chain(state.noop_held_until).min()
    }

    /// Checks that the key is not beyond its limit, where nothing may be written or done under it (SPEC REKEY-6).
    pub(in crate::chat) fn check_key_use(&self, state: &State) -> Result<(), Unavailable> {
        let policy = &self.setup.rekey;
        if policy.limit == RekeyLimit::Refuse && key_use(state).is_overdue(policy, state.clock.elapsed()) {
            return Err(Unavailable::RekeyRequired);
        }
        Ok(())
    }

    pub(in crate::chat) fn asks_now(&self, keys: &Keys, state: &State) -> bool {
        let now = state.clock.elapsed();
        may_ask(keys, state) && now >= state.ask_after && key_use(state).is_due(&self.setup.rekey, self.setup.role, now)
    }

    pub(in crate::chat) fn tells_overdue(&self, state: &State) -> bool {
        let policy = &self.setup.rekey;
        policy.limit == RekeyLimit::Tell
            && !state.overdue_told
            && key_use(state).is_overdue(policy, state.clock.elapsed())
    }
}

/// Returns whether this end may ask: only when neither end can hold an old key (SPEC REKEY-5).
pub(in crate::chat) fn may_ask(keys: &Keys, state: &State) -> bool {
    let settled = state.rekeys == 0 || state.slots.acknowledged > state.key_slot;
    matches!(keys.exchange, Exchange::Idle) && keys.old.is_none() && settled
}

impl Turn<'_> {
    /// Counts a sealed message, made or opened, if the policy bounds bytes. Other chats keep no such number.
    pub(in crate::chat) fn count_sealed(&mut self, len: usize) {
        if self.chat.setup.rekey.bytes.is_some() {
            let bytes = &mut self.state.options.key_bytes;
            *bytes = bytes.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        }
    }

    /// Restarts all counts for the new key.
    pub(in crate::chat) fn begin_key(&mut self) {
        let state = &mut self.state;
        let compared_at = state.rekeys;
        state.rekeys = state.rekeys.saturating_add(1);
        state.key_since = state.clock.elapsed();
        state.key_slot = state.slots.sent;
        state.key_received = state.slots.received;
        state.options.key_bytes = 0;
        state.overdue_told = false;
        state.failures = 0;
        state.ended = None;
        self.group.tell(Event::Rekeyed { rekeys: state.rekeys });
        // A comparison of the old key does not cover the new one (SPEC VER-4).
        if state.options.compared == Compared::CurrentKey {
            state.options.compared = Compared::Handshake;
            self.group.tell(Event::CheckOutdated { compared_at });
        }
    }
}

fn key_use(state: &State) -> KeyUse {
    let since = |now: SeqNo, then: SeqNo| u64::from(now.get().saturating_sub(then.get()));
    let State { slots, key_since, key_slot, key_received, options, .. } = *state;
    let messages = since(slots.sent, key_slot) + since(slots.received, key_received);
    KeyUse { messages, bytes: options.key_bytes, since: key_since }
}
