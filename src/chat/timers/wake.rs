//! What time alone brings about (SPEC TIME-1).

use alloc::vec::Vec;

use crate::chat::Chat;
use crate::chat::model::{Cause, Phase, State};
use crate::chat::turn::{End, Note, Turn};
use crate::output::Event;
use crate::types::env::Env;
use crate::types::time::{Elapsed, Timestamp};

/// A reason to wake a chat: one deadline below, one arm of [`Turn::wake`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// A Discard that nobody proved ends the chat (SPEC X25-10).
    NotedDiscard,
    /// A gap is asked for again (SPEC SEQ-9).
    Gap,
    /// The host is told that the records may be old (SPEC REC-8).
    Doubt,
    /// An exchange of keys goes on, or the host is told that one is overdue (SPEC REKEY-4 to REKEY-6).
    Rekey,
    /// A message with a timer ends (SPEC DES-8).
    Timer,
    /// The records are told the time (SPEC DES-12).
    Clock,
}

impl Wake {
    const ALL: [Self; 6] = [Self::NotedDiscard, Self::Gap, Self::Doubt, Self::Rekey, Self::Timer, Self::Clock];
}

/// # Chat -> world
impl Chat {
    /// Returns when [`Chat::handle_timeout`] wants to be called, on the host's clock. How far that lies behind the `now` of
    /// the last call is how long to sleep ([`Timestamp::until`]), best by a clock that nobody can set; ask anew after
    /// every call.
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

    /// Returns the present, if the host is to be told.
    fn doubt_deadline(&self, state: &State) -> Option<Elapsed> {
        // Of a chat that is over there is nothing left to suspect.
        let doubt = self.doubt.as_ref().filter(|_| matches!(self.phase, Phase::Open(_)));
        let doubt = doubt.filter(|doubt| doubt.is_to_be_told(self.state.slots.acknowledged));
        doubt.map(|_| state.clock.elapsed())
    }
}

impl Turn<'_> {
    fn due(&self) -> Vec<Wake> {
        let now = self.state.clock.elapsed();
        let is_due = |wake: &Wake| self.chat.deadline_of(*wake, &self.state).is_some_and(|deadline| deadline <= now);
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
                self.news.push(Event::RollbackSuspected);
                self.notes.push(Note::SuspicionTold);
            }
            // Settling does it, at the end of this turn as of every other.
            Wake::Rekey | Wake::Timer | Wake::Clock => {}
        }
    }
}
