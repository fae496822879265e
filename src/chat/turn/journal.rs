//! The outcome of a turn, noted for support without secrets (SPEC DIAG-1).

use super::End;
use super::commit::Next;
use crate::chat::Chat;
use crate::chat::model::{Cause, Name, Named};
use crate::output::Event;
use crate::types::time::Timestamp;

impl Chat {
    /// Notes the outcome of a turn, whether it took effect or was refused.
    pub(super) fn note_outcome<T: Named, E: Named>(
        &mut self,
        cause: Cause,
        end: &Result<End<T>, E>,
        now: Timestamp,
        next: &Next,
    ) {
        let name = match end {
            Ok(End::Commit(value) | End::Tell(value)) => Some(value.outcome_name()),
            // Nothing happened, so nothing is noted.
            Ok(End::Pass(value)) => {
                Some(value.outcome_name()).filter(|name| *name != Name::DONE || cause == Cause::Restore)
            }
            Err(error) => Some(error.outcome_name()),
        };
        name.into_iter().for_each(|name| self.journal.note(now, cause, name));
        if let Ok(End::Commit(_) | End::Tell(_)) = end {
            for event in next.events() {
                match event {
                    Event::Closed { reason, .. } => self.journal.note(now, Cause::Closed, reason.outcome_name()),
                    Event::RekeyFailed { reason, .. } => {
                        self.journal.note(now, Cause::RekeyFailed, reason.outcome_name());
                    }
                    event => self.journal.note(now, Cause::Event, event.outcome_name()),
                }
            }
        }
    }
}
