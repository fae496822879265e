//! The phase, and the keys in it, as a turn leaves them.

use alloc::boxed::Box;

use crate::chat::model::{Keys, Phase};

/// The chat's phase, or its replacement.
pub(in crate::chat) struct NextPhase<'a> {
    before: &'a Phase,
    after: Option<Phase>,
    rewritten: bool,
}

impl<'a> NextPhase<'a> {
    pub(super) const fn over(before: &'a Phase) -> Self {
        Self { before, after: None, rewritten: false }
    }

    pub(in crate::chat) fn get(&self) -> &Phase {
        self.after.as_ref().unwrap_or(self.before)
    }

    pub(in crate::chat) fn set(&mut self, phase: Phase) {
        self.after = Some(phase);
    }

    pub(in crate::chat) fn keys(&self) -> Option<&Keys> {
        self.get().keys()
    }

    /// Returns the keys for changing: a copy, while the chat's own stay as they are until the commit.
    pub(in crate::chat) fn keys_mut(&mut self) -> Option<&mut Keys> {
        if let (None, Phase::Open(keys)) = (&self.after, self.before) {
            self.after = Some(Phase::Open(Box::new(keys.duplicate())));
        }
        match &mut self.after {
            Some(Phase::Open(keys)) => Some(keys),
            Some(Phase::Requested(_) | Phase::Closed(_)) | None => None,
        }
    }

    /// Marks the record for writing although the phase stays.
    pub(in crate::chat) fn rewrite(&mut self) {
        self.rewritten = true;
    }

    /// Returns whether the record has to be written.
    pub(in crate::chat) fn is_written(&self) -> bool {
        self.rewritten || self.after.is_some()
    }

    pub(super) fn into_change(self) -> Option<Phase> {
        self.after
    }
}
