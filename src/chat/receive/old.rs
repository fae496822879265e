//! A peer that begins with MTProto 1.0 (SPEC ENV-5): accepted until it uses 2.0, and only for what gets it there.

use crate::chat::Chat;
use crate::chat::model::{Arrived, Keys, Meaning, State};
use crate::chat::turn::Turn;
use crate::crypto::kdf::ChatKey;
use crate::output::Event;
use crate::profile::{OpenOld, PeerPolicy};
use crate::types::id::{KeyFingerprint, SeqNo};

impl Chat {
    /// Returns the key that may open a message of this name under MTProto 1.0: the first one, as long as a slot is
    /// missing that lies before all that were written under 2.0.
    pub(in crate::chat) fn old_key<'k>(
        &self,
        keys: &'k Keys,
        fingerprint: KeyFingerprint,
    ) -> Option<(OpenOld, &'k ChatKey)> {
        let State { slots, rekeys, modern_from, .. } = self.state;
        let lenient = self.setup.profile.policy() != PeerPolicy::Strict;
        let missing = modern_from.is_none_or(|modern| slots.received < modern);
        let is_first = rekeys == 0 && keys.current.fingerprint == fingerprint;
        let open_old = self.rules().open_old.filter(|_| lenient && missing && is_first)?;
        Some((open_old, &keys.current.chat_key))
    }
}

impl State {
    /// Returns whether a slot may have been written under MTProto 1.0: it lies before all that were written under
    /// 2.0.
    pub(in crate::chat) fn allows_old(&self, slot: SeqNo) -> bool {
        self.modern_from.is_none_or(|modern| slot < modern)
    }
}

impl Turn<'_> {
    /// Notes which protocol a slot was written under. Returns `false` if a message under 1.0 comes after one under
    /// 2.0.
    pub(in crate::chat) fn note_protocol(&mut self, is_old: bool, slot: SeqNo) -> bool {
        let state = &mut self.state;
        if !is_old {
            state.modern_from = Some(state.modern_from.map_or(slot, |modern| modern.min(slot)));
            return true;
        }
        if !state.allows_old(slot) {
            return false;
        }
        if !core::mem::replace(&mut state.told_old, true) {
            self.group.tell(Event::OldProtocol);
        }
        true
    }

    /// Returns the meaning of a message under MTProto 1.0. Everything except the way to 2.0 counts as not
    /// understood.
    pub(in crate::chat) fn meaning_under_old<'m>(&self, content: Meaning<'m>, arrived: &Arrived) -> Meaning<'m> {
        let needed = matches!(content, Meaning::NotifyLayer(_) | Meaning::Noop | Meaning::Resend { .. });
        // It waited, and meanwhile an earlier one came under 2.0.
        let too_late = self.state.modern_from.is_some_and(|modern| modern < arrived.slot);
        if needed && !too_late { content } else { Meaning::News(Event::Unsupported) }
    }
}
