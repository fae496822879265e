//! A chat and its store, driven so that nothing leaves before it is durable (SPEC DRV-1 to DRV-3).

use core::fmt;
use std::collections::VecDeque;

use super::{ApplyError, Store};
use crate::chat::{Chat, ChatState, Handled, Input};
use crate::env::Env;
use crate::error::{CallError, PeerFault, StoreError, Unavailable};
use crate::event::{Event, History, Output, Transmit};
use crate::frame::{Frame, FrameError};
use crate::id::{RandomId, TransmitId};
use crate::message::{Draft, IncomingFile};
use crate::record::{ChatId, Checkpoint, StoreKey};
use crate::time::Timestamp;

/// Owns a chat and its store: writes each batch before anything that depends on it comes out, sends again what the
/// peer shows no sign of, and acknowledges what was processed.
///
/// Call in any order, then take [`Driver::next_action`] until it is `None`, and call [`Driver::handle_timeout`] when
/// [`Driver::poll_timeout`] says so.
#[derive(Debug)]
pub struct Driver<S: Store> {
    chat: Chat,
    store: S,
    /// Receipts for inputs whose groups have not been taken yet.
    receipts: VecDeque<Receipt>,
    timing: Timing,
    acknowledge_at: Option<Timestamp>,
    retransmit_at: Option<Timestamp>,
    retransmit_after: u64,
    /// Old copies of records are still there: somebody reads them.
    scrub_at: Option<Timestamp>,
    scrub_again: bool,
    /// The chat is over: the pauses between its Discards have begun anew.
    closed: bool,
    /// How many messages the peer had acknowledged when that was last looked at.
    acknowledged: u32,
    /// Of the newest batch that was written.
    checkpoint: Option<Checkpoint>,
    /// The host has not been told of it yet.
    unnoted: bool,
    /// A batch could not be written: the chat in memory is ahead of its records.
    stopped: bool,
}

/// What is answered to an input, with the proof that a Discard gets.
#[derive(Clone, Copy, Debug)]
struct Receipt {
    id: TransmitId,
    proof: Option<[u8; 32]>,
}

/// When the driver acts by itself, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Silence after which what was processed is acknowledged.
    pub acknowledge_after: u64,
    /// Silence after which is sent again what the transport has not taken over; doubled each time,
    pub retransmit_after: u64,
    /// up to this.
    pub retransmit_at_most: u64,
    /// The same for a Discard: the other end may be gone for good.
    pub discard_at_most: u64,
}

impl Default for Timing {
    /// One second, five seconds, two minutes, a day.
    fn default() -> Self {
        Self {
            acknowledge_after: 1_000,
            retransmit_after: 5_000,
            retransmit_at_most: 120_000,
            discard_at_most: 24 * 60 * 60 * 1_000,
        }
    }
}

/// Something for the host to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Action {
    /// Something happened. After a crash the event may come again, with the same id.
    Event(Event),
    /// Carry this to the peer. It is durable.
    Transmit(Transmit),
    /// Tell the transport or the peer's host that this input need not come again.
    Receipt {
        /// The peer's name of the transmission.
        id: TransmitId,
        /// For a Discard: that this end is closed, as [`Chat::discard_receipt`].
        proof: Option<[u8; 32]>,
    },
    /// A batch is durable, or the chat came back from records that have another checkpoint than the expected one. A host
    /// that guards against put-back records notes this, in a place of its own, **before** it asks for the next action; it is
    /// what [`Driver::restore`] expects. Others pass over it (SPEC REC-6).
    Checkpoint(Checkpoint),
}

impl Action {
    /// What carries it over a transport of one's own; `None` for what stays here.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] if the message's file is not named by the 16 bytes of a file id.
    pub fn frame(&self) -> Result<Option<Frame<'_>>, FrameError> {
        match self {
            Self::Event(_) | Self::Checkpoint(_) => Ok(None),
            Self::Transmit(transmit) => Frame::of(transmit).map(Some),
            Self::Receipt { id, proof } => Ok(Some(Frame::Receipt { transmit_id: *id, proof: *proof })),
        }
    }
}

/// What stops a driver, or what its chat refuses.
#[derive(Debug)]
#[non_exhaustive]
pub enum DriverError<E> {
    /// The store failed. Nothing that depends on the lost write came out. Drop the driver, mend the store, restore.
    Store(E),
    /// The records do not give a chat.
    Records(StoreError),
    /// Somebody else drives this chat, too, and wrote first: nothing of what this one did since its last batch came out or
    /// will. Drop the driver; the chat is the other one's.
    Superseded,
    /// An earlier failure of the store has stopped this driver.
    Stopped,
}

impl<E: fmt::Display> fmt::Display for DriverError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(f, "the store failed: {error}"),
            Self::Records(error) => error.fmt(f),
            Self::Superseded => ApplyError::<E>::Superseded.fmt(f),
            Self::Stopped => f.write_str("an earlier failure of the store has stopped this chat"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for DriverError<E> {}

impl<E> From<ApplyError<E>> for DriverError<E> {
    fn from(error: ApplyError<E>) -> Self {
        match error {
            ApplyError::Superseded => Self::Superseded,
            ApplyError::Store(error) => Self::Store(error),
        }
    }
}

impl<S: Store> Driver<S> {
    /// Drives a chat that was just requested or accepted.
    #[must_use]
    pub fn new(chat: Chat, store: S) -> Self {
        let timing = Timing::default();
        Self {
            chat,
            store,
            receipts: VecDeque::new(),
            timing,
            acknowledge_at: None,
            retransmit_at: None,
            retransmit_after: timing.retransmit_after,
            scrub_at: None,
            scrub_again: false,
            closed: false,
            acknowledged: 0,
            checkpoint: None,
            unnoted: false,
            stopped: false,
        }
    }

    /// Drives a chat from its records on and sends again what the peer may not have.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Records`]. The store goes with the error; a host that wants to try again
    /// with the same one lends it as `&mut`.
    pub fn restore(
        store: S,
        chat: ChatId,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, DriverError<S::Error>> {
        let records = store.load(chat).map_err(DriverError::Store)?;
        let records = records.ok_or(DriverError::Records(StoreError::Missing))?;
        let chat = Chat::restore(&records, store_key, expected, env).map_err(DriverError::Records)?;
        let checkpoint = records.checkpoint();
        let mut driver = Self { checkpoint, unnoted: checkpoint != expected, ..Self::new(chat, store) };
        driver.schedule_acknowledgement(env.now);
        driver.retransmit(env);
        Ok(driver)
    }

    /// Other times than the default ones.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        // What is scheduled already was so by the old time.
        let begun = self.retransmit_at.map(|at| at.as_millis().saturating_sub(self.retransmit_after));
        self.retransmit_at = begun.map(|begun| later(Timestamp::from_millis(begun), timing.retransmit_after));
        self.timing = timing;
        self.retransmit_after = timing.retransmit_after;
        self
    }

    /// The chat, to ask it things.
    #[must_use]
    pub const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// Names the records as they are now: to be kept apart from them, for [`Driver::restore`]. [`Action::Checkpoint`] tells it
    /// in time.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// The store, to keep rows of one's own beside the records.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The store, to keep rows of one's own beside the records. Changing the chat's records breaks the chat.
    #[must_use]
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Takes one input. `receipt` is the peer's name of the transmission, given back as [`Action::Receipt`] once what
    /// it caused is durable; what had no room yet ([`Handled::NoRoom`]) gets none, so that it comes again.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, nothing has changed.
    pub fn handle(
        &mut self,
        input: Input<'_>,
        receipt: Option<TransmitId>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let handled = self.chat.handle(input, env)?;
        if handled != Handled::NoRoom {
            self.receipts.extend(receipt.map(|id| Receipt { id, proof: None }));
        }
        self.schedule_acknowledgement(env.now);
        self.schedule_retransmit(env.now);
        Ok(handled)
    }

    /// Takes one frame of this chat: an answer, a message, a Discard or a receipt. What the chat cannot use is ignored:
    /// parts of files are the host's, and a repeated request is answered again as long as the initiator has not shown
    /// itself.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, nothing has changed.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        match *frame {
            Frame::Request { .. } => {
                self.chat.accept_again(env);
                self.schedule_retransmit(env.now);
                Ok(Handled::Ignored)
            }
            Frame::Accept { fingerprint, public } => self.handle(Input::Accepted { public, fingerprint }, None, env),
            Frame::Ciphertext { transmit_id, file, bytes } => {
                let file = file.map(|id| IncomingFile { reference: id.0.to_vec(), size: None, fingerprint: None });
                self.handle(Input::Ciphertext { bytes, file, date: None }, Some(transmit_id), env)
            }
            Frame::Discard { history, proof } => {
                let handled = self.handle(Input::Discarded { history, proof }, None, env)?;
                // A chat that is closed already need not be told again either.
                let proof = self.chat.discard_receipt();
                self.receipts.push_back(Receipt { id: TransmitId::DISCARD, proof });
                Ok(handled)
            }
            Frame::Receipt { transmit_id: TransmitId::DISCARD, ref proof } => {
                self.handle(Input::DiscardReceipt { proof: proof.as_ref() }, None, env)
            }
            Frame::Receipt { transmit_id, proof: _ } => {
                self.handle(Input::Carried { id: transmit_id, date: None }, None, env)
            }
            Frame::FilePart { .. } => Ok(Handled::Ignored),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As [`Chat::send`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        let random_id = self.chat.send(draft, env)?;
        self.acknowledge_at = None;
        self.schedule_retransmit(env.now);
        Ok(random_id)
    }

    /// Anything else that the app does with its chat: `set_ttl`, `mark_read`, `rekey` and the like.
    ///
    /// # Errors
    /// Those of `call`.
    pub fn act<R, E>(
        &mut self,
        env: &mut Env<'_>,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = call(&mut self.chat, env)?;
        self.schedule_retransmit(env.now);
        Ok(done)
    }

    /// Ends the chat, as [`Chat::close`].
    pub fn close(&mut self, history: History, env: &mut Env<'_>) {
        self.chat.close(history, env);
        self.schedule_retransmit(env.now);
    }

    /// The transport is back: sends again what the peer may not have.
    pub fn retransmit(&mut self, env: &mut Env<'_>) {
        self.chat.retransmit(env);
        self.retransmit_at = None;
        self.schedule_retransmit(env.now);
    }

    /// Does what is due.
    ///
    /// # Errors
    /// As [`Chat::acknowledge`].
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.chat.handle_timeout(env);
        self.scrub_again |= self.scrub_at.is_some_and(|at| at <= env.now);
        self.schedule_retransmit(env.now);
        if self.acknowledge_at.is_some_and(|at| at <= env.now) {
            self.acknowledge_at = None;
            match self.chat.acknowledge(env) {
                // The peer frees the outbox with its next message; then there is room to say so.
                Err(CallError::Unavailable(Unavailable::OutboxFull)) => {
                    self.acknowledge_at = Some(later(env.now, self.timing.acknowledge_after));
                }
                other => other?,
            }
            self.schedule_retransmit(env.now);
        }
        if self.retransmit_at.is_some_and(|at| at <= env.now) {
            let at_most = if self.closed { self.timing.discard_at_most } else { self.timing.retransmit_at_most };
            self.retransmit_after = self.retransmit_after.saturating_mul(2).min(at_most);
            self.retransmit(env);
        }
        Ok(())
    }

    /// When [`Driver::handle_timeout`] wants to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let own = [self.acknowledge_at, self.retransmit_at, self.scrub_at];
        self.chat.poll_timeout().into_iter().chain(own.into_iter().flatten()).min()
    }

    /// The next thing to do. Batches are written on the way; what comes out is durable.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Superseded`], then [`DriverError::Stopped`].
    pub fn next_action(&mut self) -> Result<Option<Action>, DriverError<S::Error>> {
        if self.stopped {
            return Err(DriverError::Stopped);
        }
        if let Some(checkpoint) = self.checkpoint.filter(|_| core::mem::take(&mut self.unnoted)) {
            return Ok(Some(Action::Checkpoint(checkpoint)));
        }
        if self.scrub_again {
            self.stopped = true;
            self.scrub(self.chat.raw_clock())?;
            self.stopped = false;
        }
        Ok(match self.chat.poll_output() {
            Some(Output::Event(event)) => Some(Action::Event(event)),
            Some(Output::Transmit(transmit)) => Some(Action::Transmit(transmit)),
            Some(Output::Persist(batch)) => {
                self.stopped = true;
                self.store.apply(&batch)?;
                if batch.destroys {
                    self.scrub(self.chat.raw_clock())?;
                }
                self.stopped = false;
                self.checkpoint = Some(batch.checkpoint);
                Some(Action::Checkpoint(batch.checkpoint))
            }
            None => {
                let receipt = self.receipts.pop_front();
                receipt.map(|Receipt { id, proof }| Action::Receipt { id, proof })
            }
        })
    }

    /// Has the store destroy old copies; later, if somebody still reads them.
    fn scrub(&mut self, now: Timestamp) -> Result<(), DriverError<S::Error>> {
        self.scrub_again = false;
        let done = self.store.scrub().map_err(DriverError::Store)?;
        self.scrub_at = (!done).then(|| later(now, SCRUB_AGAIN));
        Ok(())
    }

    /// After a restart, too: what was carried does not come again to ask for it.
    fn schedule_acknowledgement(&mut self, now: Timestamp) {
        if self.chat.owes_acknowledgement() {
            self.acknowledge_at.get_or_insert(later(now, self.timing.acknowledge_after));
        }
    }

    fn schedule_retransmit(&mut self, now: Timestamp) {
        if !self.closed && matches!(self.chat.state(), ChatState::Closed(_)) {
            self.closed = true;
            self.retransmit_at = None;
            self.retransmit_after = self.timing.retransmit_after;
        }
        let acknowledged = self.chat.counters().acknowledged;
        if core::mem::replace(&mut self.acknowledged, acknowledged) < acknowledged {
            // The peer hears us: whatever is left has not been tried for long.
            self.retransmit_after = self.timing.retransmit_after;
            let soon = later(now, self.retransmit_after);
            self.retransmit_at = self.retransmit_at.map(|at| at.min(soon));
        }
        if self.chat.awaits_transport() {
            self.retransmit_at.get_or_insert(later(now, self.retransmit_after));
        } else {
            self.retransmit_at = None;
            self.retransmit_after = self.timing.retransmit_after;
        }
    }
}

/// Milliseconds until old copies that somebody still read are looked for again.
const SCRUB_AGAIN: u64 = 1_000;

fn later(now: Timestamp, millis: u64) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_add(millis))
}
