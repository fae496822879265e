//! A chat and its store, driven so that nothing leaves before it is durable (SPEC DRV-1 to DRV-3, DRV-7).

mod action;
mod in_flight;
mod schedule;

use alloc::collections::VecDeque;

pub use action::{Action, DriverError};
use in_flight::InFlight;
use schedule::Schedule;
pub use schedule::Timing;

use super::Store;
use crate::chat::{Chat, ChatState, Handled, Input};
use crate::frame::Frame;
use crate::message::{Draft, IncomingFile};
use crate::output::{History, Output, Transmit};
use crate::record::{ChatId, Checkpoint, StoreKey};
use crate::transfer::FileMessage;
use crate::types::env::Env;
use crate::types::error::{CallError, PeerFault, StoreError, Unavailable};
use crate::types::id::{RandomId, TransmitId};
use crate::types::time::Timestamp;

/// Owns a chat and its store: writes each batch before anything that depends on it comes out, sends again what the
/// peer shows no sign of, and acknowledges what was processed.
///
/// Call in any order, then take [`Driver::next_action`] until it is `None`, and call [`Driver::handle_timeout`] when
/// [`Driver::poll_timeout`] says so.
///
/// ```
/// use getrandom::SysRng;
/// use secretchat::frame::{ChatTag, encode};
/// use secretchat::rand_core::UnwrapErr;
/// use secretchat::store::{Action, Driver, MemoryStore};
/// use secretchat::{Chat, Config, Env, StoreKey, Timestamp};
///
/// let mut rng = UnwrapErr(SysRng);
/// let env = &mut Env::new(Timestamp::from_unix_seconds(1_800_000_000), &mut rng);
/// let start = Config::x25519("alice/phone", "bob/phone")?.with_store(StoreKey::new([7; 32])); // 32 random bytes
/// let mut driver = Driver::new(Chat::request(start, env)?, MemoryStore::default());
///
/// let tag = ChatTag::random(env.rng);
/// let mut packets = Vec::new();
/// while let Some(action) = driver.next_action()? {
///     if let Some(frame) = action.frame()? {
///         packets.push(encode(tag, &frame)?); // carry it: it is durable
///     }
///     match action {
///         Action::Event(event) => println!("{}", event.name()), // show it
///         Action::Checkpoint(_) => {}                           // note it, to refuse old records
///         _ => {}
///     }
/// }
/// assert_eq!(packets.len(), 1);
///
/// // Nobody has answered, so the driver wants to be called, and repeats the request.
/// env.now = driver.poll_timeout().ok_or("nothing is due")?;
/// driver.handle_timeout(env)?;
/// assert!(matches!(driver.next_action()?, Some(Action::Transmit(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Driver<S: Store> {
    chat: Chat,
    store: S,
    /// Receipts for inputs whose groups have not been taken yet.
    receipts: VecDeque<Receipt>,
    schedule: Schedule,
    /// What the host is still carrying.
    in_flight: InFlight,
    /// It is time to look for old copies of records.
    scrub_again: bool,
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

impl<S: Store> Driver<S> {
    /// Drives a chat that was just requested or accepted.
    #[must_use]
    pub fn new(chat: Chat, store: S) -> Self {
        let mut schedule = Schedule::new();
        schedule.plan_retransmission(&chat, chat.raw_clock());
        Self {
            chat,
            store,
            receipts: VecDeque::new(),
            schedule,
            in_flight: InFlight::default(),
            scrub_again: false,
            checkpoint: None,
            unnoted: false,
            stopped: false,
        }
    }

    /// Restores a chat from its records and sends again what the peer may not have.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Records`]. The store is dropped then; a host that wants to try again with the
    /// same one passes it as `&mut`.
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
        driver.schedule.plan_acknowledgement(&driver.chat, env.now);
        driver.retransmit(env);
        Ok(driver)
    }

    /// Sets other times than the default ones.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.schedule.set_timing(timing);
        self
    }

    /// Takes the driver apart. Outputs that were not taken stay in the chat; a host that goes on without a driver does with
    /// them what [`Output`] says. Receipts that were not taken are gone: what they are for comes again.
    /// [`Driver::restore`] puts a driver together again.
    ///
    /// `None` after the store has failed: that chat is ahead of its records, and nothing of it may leave.
    #[must_use]
    pub fn into_parts(self) -> (Option<Chat>, S) {
        ((!self.stopped).then_some(self.chat), self.store)
    }

    /// Returns the chat, to ask it things.
    #[must_use]
    pub const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// Returns whether the chat has ended, and nothing of its end is left to be sent: the host may drop it. The other end has
    /// confirmed that it is closed, or was the one to close.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.chat.state(), ChatState::Closed(_)) && !self.chat.awaits_transport()
    }

    /// Returns the checkpoint of the records as they are now: keep it apart from them, for [`Driver::restore`].
    /// [`Action::Checkpoint`] tells it in time.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// Returns the store, to read rows of your own beside the records.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Returns the store, to write rows of your own beside the records. Changing the chat's records breaks the chat.
    #[must_use]
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Takes one input. `receipt` is the peer's name of the transmission. It comes back as [`Action::Receipt`] once what the
    /// input caused is durable, for a Discard with the proof that this end is closed. What had no room yet
    /// ([`Handled::NoRoom`]) gets no receipt, so that it comes again.
    ///
    /// A message with a file is taken at once: this is for transports that keep files themselves, as Telegram's server does.
    /// Where the host keeps them, the message comes by [`Driver::handle_message`].
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, nothing has changed.
    pub fn handle(
        &mut self,
        input: Input<'_>,
        receipt: Option<TransmitId>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let ends = matches!(input, Input::Discarded { .. });
        let handled = self.chat.handle(input, env)?;
        if handled != Handled::NoRoom {
            // A chat that was closed already need not be told again either.
            let proof = if ends { self.chat.discard_receipt() } else { None };
            self.receipts.extend(receipt.map(|id| Receipt { id, proof }));
        }
        self.schedule.plan_acknowledgement(&self.chat, env.now);
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(handled)
    }

    /// Takes one frame of this chat: an answer, a message, a Discard or a receipt. What the chat cannot use is ignored:
    /// frames of files are for [`transfer`](crate::transfer), and a repeated request is answered again as long as the
    /// initiator has not shown itself.
    ///
    /// A message that names a file goes by [`FileReceiver`](crate::transfer::FileReceiver) to [`Driver::handle_message`],
    /// when its file is there (SPEC FILE-2). Given here it is [`Handled::NoRoom`]: it gets no receipt, and comes again.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, nothing has changed.
    pub fn handle_frame(&mut self, frame: &Frame<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        match *frame {
            Frame::Request { .. } => {
                self.chat.accept_again(env);
                self.schedule.plan_retransmission(&self.chat, env.now);
                Ok(Handled::Ignored)
            }
            Frame::Accept { fingerprint, public } => self.handle(Input::Accepted { public, fingerprint }, None, env),
            Frame::Ciphertext { transmit_id, file: None, bytes } => {
                self.handle(Input::Ciphertext { bytes, file: None, date: None }, Some(transmit_id), env)
            }
            // Its receipt would tell the sender that the file is here, too (SPEC FILE-2).
            Frame::Ciphertext { file: Some(_), .. } => Ok(Handled::NoRoom),
            Frame::Discard { history, proof } => {
                self.handle(Input::Discarded { history, proof }, Some(TransmitId::DISCARD), env)
            }
            Frame::Receipt { transmit_id: TransmitId::DISCARD, ref proof } => {
                self.handle(Input::DiscardReceipt { proof: proof.as_ref() }, None, env)
            }
            Frame::Receipt { transmit_id, proof: _ } => {
                self.handle(Input::Carried { id: transmit_id, date: None }, None, env)
            }
            Frame::FilePart { .. } | Frame::FileRequest { .. } | Frame::FileCancel { .. } => Ok(Handled::Ignored),
        }
    }

    /// Takes a message whose file is whole and durable.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, nothing has changed.
    pub fn handle_message(&mut self, message: &FileMessage, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        let file = Some(IncomingFile::new(message.file()));
        let input = Input::Ciphertext { bytes: message.bytes(), file, date: None };
        self.handle(input, Some(message.transmit_id()), env)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// As [`Chat::send`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        let random_id = self.chat.send(draft, env)?;
        self.schedule.acknowledged();
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(random_id)
    }

    /// Does anything else with the chat: `set_ttl`, `mark_read`, `rekey` and the like.
    ///
    /// # Errors
    /// Those of `call`.
    pub fn act<R, E>(
        &mut self,
        env: &mut Env<'_>,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = call(&mut self.chat, env)?;
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(done)
    }

    /// Ends the chat, as [`Chat::close`].
    pub fn close(&mut self, history: History, env: &mut Env<'_>) {
        self.chat.close(history, env);
        self.schedule.plan_retransmission(&self.chat, env.now);
    }

    /// Sends again what the peer may not have: for when the transport is back. What was on its way is taken as lost.
    pub fn retransmit(&mut self, env: &mut Env<'_>) {
        self.in_flight.clear();
        self.send_again(env);
    }

    /// Notes that the host is still carrying a message, as one that waits for its file: until [`Driver::landed`] it is not
    /// asked for again. If its slot is emptied meanwhile, what takes its place comes at once, and the host drops the old
    /// one if it still can. A restart forgets it (SPEC DRV-7).
    pub fn in_flight(&mut self, transmit: &Transmit) {
        self.in_flight.note(transmit, &self.chat);
    }

    /// Notes that a message has been carried, as far as the host can tell. It is asked for again after the first pause, as
    /// if it had left only now.
    pub fn landed(&mut self, id: TransmitId, now: Timestamp) {
        if self.in_flight.land(id, now) {
            self.schedule.begin_again(now);
        }
    }

    /// Does what is due.
    ///
    /// # Errors
    /// As [`Chat::acknowledge`].
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.chat.handle_timeout(env);
        self.scrub_again |= self.schedule.scrub_is_due(env.now);
        self.schedule.plan_retransmission(&self.chat, env.now);
        if self.schedule.take_acknowledgement(env.now) {
            match self.chat.acknowledge(env) {
                // The peer frees the outbox with its next message; then there is room to say so.
                Err(CallError::Unavailable(Unavailable::OutboxFull)) => self.schedule.acknowledge_later(env.now),
                other => other?,
            }
            self.schedule.plan_retransmission(&self.chat, env.now);
        }
        if self.schedule.take_retransmission(env.now) {
            self.send_again(env);
        }
        Ok(())
    }

    /// Returns when [`Driver::handle_timeout`] wants to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.chat.poll_timeout().into_iter().chain(self.schedule.next()).min()
    }

    /// Returns the next thing to do. Batches are written on the way; what comes out is durable.
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
        Ok(match self.next_output() {
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

    /// The next output but what the host is still carrying.
    fn next_output(&mut self) -> Option<Output> {
        loop {
            match self.chat.poll_output() {
                Some(Output::Transmit(transmit)) if self.is_on_its_way(&transmit) => {}
                // Behind the batch that emptied it.
                None => return self.in_flight.take_emptied(&self.chat).map(Output::Transmit),
                output => return output,
            }
        }
    }

    fn is_on_its_way(&self, transmit: &Transmit) -> bool {
        self.in_flight.covers(transmit, self.schedule.first_pause(), self.chat.raw_clock())
    }

    fn send_again(&mut self, env: &mut Env<'_>) {
        self.chat.retransmit(env);
        self.schedule.retransmitted();
        self.schedule.plan_retransmission(&self.chat, env.now);
        self.in_flight.forget_acknowledged(&self.chat);
    }

    /// Has the store destroy old copies; later, if somebody still reads them.
    fn scrub(&mut self, now: Timestamp) -> Result<(), DriverError<S::Error>> {
        self.scrub_again = false;
        let all_gone = self.store.scrub().map_err(DriverError::Store)?;
        self.schedule.plan_scrub(all_gone, now);
        Ok(())
    }
}
