//! A turn: the only way to change a chat (SPEC OUT-2, TIME-1).
//!
//! Each call on a chat takes one turn, or a few. A turn sees the chat as it was and builds the next state beside
//! it. Its [`End`] decides what remains:
//!
//! ```text
//! begin   the clock, in the turn alone
//! work    the closure of the call: checks, draws, builds the next state, collects outputs
//! end     Commit   settles (which may send), seals one batch, assigns all of it at once
//!         Tell     moves the clock and lets the outputs go: nothing of them has to last
//!         Pass     moves the clock
//!         Err      leaves everything as it was
//! ```
//!
//! Everything that can fail, and every draw of randomness, happens before anything is assigned. An error, or a
//! generator that panics, leaves the chat intact.

mod commit;
mod draws;
mod group;
mod journal;
mod notes;
mod outbox;
mod phase;
mod queued;
mod timed;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::ops::Range;

pub(super) use draws::Draws;
use group::Group;
pub(super) use notes::Note;
use outbox::NextOutbox;
use phase::NextPhase;
use timed::NextTimed;

use crate::chat::Chat;
use crate::chat::model::{Arrived, Cause, Named, Outgoing, State};
use crate::types::env::Env;
use crate::types::secret::swept;
use crate::types::time::Timestamp;

/// The next state of a chat while it is being built.
pub(super) struct Turn<'a> {
    /// The chat as it was. Only the end of the turn decides what it becomes.
    pub(super) chat: &'a Chat,
    /// The host's time.
    pub(super) now: Timestamp,
    pub(super) rng: &'a mut Draws<'a>,
    /// The next state. It starts as the chat's, at the host's time.
    pub(super) state: &'a mut State,
    pub(super) phase: NextPhase<'a>,
    pub(super) outbox: NextOutbox<'a>,
    pub(super) timed: NextTimed<'a>,
    /// A message that came early.
    pub(super) waiting: Option<Box<Arrived>>,
    /// A sealed message that came before there are keys.
    pub(super) unopened: Option<Box<Arrived>>,
    /// Whether the messages that came before have been processed.
    pub(super) forget_unopened: bool,
    /// The outputs, in order.
    pub(super) group: Group,
    /// Our slots that the peer has requested again.
    pub(super) resends: Vec<Range<u32>>,
    /// Facts that the chat learns without writing them to its records.
    pub(super) notes: Vec<Note>,
}

/// How a turn ends.
pub(super) enum End<T> {
    /// Keeps everything, as one commit group with whatever settling adds.
    Commit(T),
    /// Keeps the clock, the events and the transmissions. Nothing is written: if one is lost, the next one covers
    /// it.
    Tell(T),
    /// Keeps only the clock.
    Pass(T),
}

impl Chat {
    /// Takes a turn for `cause`: lets `work` build the next state, then does what its end says. On `Err` nothing
    /// has changed.
    pub(super) fn try_turn<T: Named, E: Named>(
        &mut self,
        cause: Cause,
        env: &mut Env<'_>,
        work: impl FnOnce(&mut Turn<'_>) -> Result<End<T>, E>,
    ) -> Result<T, E> {
        // Work with keys leaves traces on the stack, and all of it is done in turns.
        swept(|| {
            let Env { now, monotonic, ref mut rng, .. } = *env;
            // The large parts stay where they are, and the turn borrows them.
            let (mut rng, mut state) = (Draws::new(*rng), self.state);
            state.advance(now, monotonic);
            let mut turn = Turn::begin(self, now, &mut rng, &mut state);
            let end = work(&mut turn);
            // A commit may send: settling expires what is due, takes the next step of an exchange, and answers
            // resend requests.
            let kept = if let Ok(End::Commit(_)) = end { turn.settle() } else { None };
            let (notes, next) = turn.leave();
            self.note(notes);
            self.note_outcome(cause, &end, state.clock.raw(), &next);
            match end? {
                End::Commit(value) => {
                    self.commit(&state, next, kept.as_ref());
                    Ok(value)
                }
                End::Tell(value) => {
                    self.tell(&state, next);
                    Ok(value)
                }
                End::Pass(value) => {
                    self.pass(&state);
                    Ok(value)
                }
            }
        })
    }

    /// Takes a turn that is never refused.
    pub(super) fn turn<T: Named>(
        &mut self,
        cause: Cause,
        env: &mut Env<'_>,
        work: impl FnOnce(&mut Turn<'_>) -> End<T>,
    ) -> T {
        let Ok(value) = self.try_turn(cause, env, |turn| Ok::<_, Infallible>(work(turn)));
        value
    }
}

impl<'a> Turn<'a> {
    fn begin(chat: &'a Chat, now: Timestamp, rng: &'a mut Draws<'a>, state: &'a mut State) -> Self {
        Self {
            chat,
            now,
            rng,
            state,
            phase: NextPhase::over(&chat.phase),
            outbox: NextOutbox::over(&chat.outbox),
            timed: NextTimed::over(&chat.timed),
            waiting: None,
            unopened: None,
            forget_unopened: false,
            group: Group::default(),
            resends: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Keeps the state and the notes, and drops everything else that was built: a chat that ends keeps nothing of
    /// the call.
    pub(super) fn start_over(&mut self) {
        let Self {
            chat,
            now: _,
            rng: _,
            state: _,
            phase,
            outbox,
            timed,
            waiting,
            unopened,
            forget_unopened,
            group,
            resends,
            notes: _,
        } = self;
        *phase = NextPhase::over(&chat.phase);
        *outbox = NextOutbox::over(&chat.outbox);
        *timed = NextTimed::over(&chat.timed);
        (*waiting, *unopened, *forget_unopened) = (None, None, false);
        *group = Group::default();
        resends.clear();
    }

    /// Puts an entry into the outbox and sends it on its way.
    pub(super) fn send(&mut self, outgoing: Outgoing) {
        self.group.send(outgoing.transmit());
        self.outbox.put(outgoing);
    }
}
