//! Actions that the passing of time triggers (SPEC TIME-1).

use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::model::{Cause, Phase, State};
use crate::chat::turn::{End, Note, Turn};
use crate::output::Event;
use crate::types::env::Env;
use crate::types::time::{Elapsed, Timestamp};

/// A reason to wake a chat. Each has one deadline below and one arm of [`Turn::wake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// An unproved Discard ends the chat (SPEC X25-10).
    NotedDiscard,
    /// A gap is requested again (SPEC SEQ-11).
    Gap,
    /// The host is notified that the records may be old (SPEC REC-8).
    Doubt,
    /// A key exchange continues, or the host is notified that one is overdue (SPEC REKEY-4 to REKEY-6).
    Rekey,
    /// A message with a timer ends (SPEC DES-8).
    Timer,
    /// The time is written to the records (SPEC DES-12).
    Clock,
}

impl Wake {
    const ALL: [Self; 6] = [Self::NotedDiscard, Self::Gap, Self::Doubt, Self::Rekey, Self::Timer, Self::Clock];
}

/// # Chat -> world
impl Chat {
    /// Returns when to call [`Chat::handle_timeout`], on the host's clock. Sleep for the time from the `now` of the
    /// last call until then ([`Timestamp::until`]), preferably measured by a monotonic clock. Ask again after every
    /// call. A host with many chats keeps their answers in a [`Timetable`](crate::Timetable): only the chat that was
    /// called has a new one.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let deadline = Wake::ALL.into_iter().filter_map(|wake| self.deadline_of(wake, &self.state)).min()?;
        Some(self.state.clock.raw_deadline(deadline))
    }
}

/// # World -> chat
impl Chat {
    /// Lets time pass. Calling early does nothing.
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) {
        self.turn(Cause::Timeout, env, |turn| {
            let due = turn.due();
            if due.is_empty() {
                return End::Pass(());
            }
            turn.wake_for(due);
            End::Commit(())
        });
    }
}

impl Chat {
    fn deadline_of(&self, wake: Wake, state: &State) -> Option<Elapsed> {
        match wake {
            Wake::NotedDiscard => self.noted_discard_deadline(),
            Wake::Gap => self.gap_deadline(state),
            Wake::Doubt => self.doubt_deadline(state),
            Wake::Rekey => self.rekey_deadline(state),
            Wake::Timer => self.timed.next_deadline(),
            Wake::Clock => self.clock_deadline(state),
        }
    }

    /// Returns the present time if the host must be notified.
    fn doubt_deadline(&self, state: &State) -> Option<Elapsed> {
        // In a chat that is over, nothing is left to suspect.
        let doubt = self.doubt.as_ref().filter(|_| matches!(self.phase, Phase::Open(_)));
        let doubt = doubt.filter(|doubt| doubt.is_to_be_told(self.state.slots.acknowledged));
        doubt.map(|_| state.clock.elapsed())
    }
}

impl Turn<'_> {
    fn due(&self) -> Vec<Wake> {
        let now = self.state.clock.elapsed();
        let is_due = |wake: &Wake| self.chat.deadline_of(*wake, self.state).is_some_and(|deadline| deadline <= now);
        Wake::ALL.into_iter().filter(is_due).collect()
    }

    fn wake_for(&mut self, due: Vec<Wake>) {
        for wake in due {
            self.wake(wake);
            if let Phase::Closed(_) = self.phase.get() {
                break;
            }
        }
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::NotedDiscard => self.end_as_noted(),
            Wake::Gap => self.ask_again(),
            Wake::Doubt => {
                self.group.tell(Event::RollbackSuspected);
                self.notes.push(Note::SuspicionTold);
            }
            // Settling does it, at the end of this turn like of every other.
            Wake::Rekey | Wake::Timer | Wake::Clock => {}
        }
    }
}
