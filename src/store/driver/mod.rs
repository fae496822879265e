//! A chat and its store, driven so that nothing leaves before it is durable (SPEC DRV-1 to DRV-3, DRV-7).

mod action;
mod in_flight;
mod schedule;
mod step;
mod together;

use alloc::collections::VecDeque;

pub use action::{Action, DriverError};
use in_flight::InFlight;
use schedule::Schedule;
pub use schedule::Timing;
pub use step::Step;
pub use together::take_actions;

use super::Store;
use crate::chat::{Chat, ChatState, Handled, Input};
use crate::frame::Frame;
use crate::message::{Draft, IncomingFile};
use crate::output::{History, Transmit};
use crate::record::{ChatId, Checkpoint, Records, StoreKey};
use crate::transfer::FileMessage;
use crate::types::env::Env;
use crate::types::error::{CallError, PeerFault, StoreError, Unavailable};
use crate::types::id::{RandomId, TransmitId};
use crate::types::time::Timestamp;

/// Owns a chat and its store. It writes each batch before anything that depends on it comes out, retransmits what
/// the peer has not confirmed, and acknowledges what was processed.
///
/// Make calls in any order, then take [`Driver::next_action`] until it returns `None`. Call
/// [`Driver::handle_timeout`] when [`Driver::poll_timeout`] says so.
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
pub struct Driver<S> {
    chat: Chat,
    store: S,
    /// Receipts for inputs whose outputs have not been taken yet.
    receipts: VecDeque<Receipt>,
    schedule: Schedule,
    /// Messages that the host is still carrying.
    in_flight: InFlight,
    /// Whether to look for old copies of records again.
    scrub_again: bool,
    /// The checkpoint of the newest batch that was written.
    checkpoint: Option<Checkpoint>,
    /// Whether the host has not received that checkpoint yet.
    unnoted: bool,
    /// Whether a batch could not be written: the chat in memory is then ahead of its records.
    stopped: bool,
}

/// The answer to an input, with the proof that a Discard gets.
#[derive(Clone, Copy, Debug)]
struct Receipt {
    id: TransmitId,
    proof: Option<[u8; 32]>,
}

impl<S: Store> Driver<S> {
    /// Restores a chat from its records and retransmits what the peer may not have.
    ///
    /// # Errors
    /// [`DriverError::Store`], [`DriverError::Records`]. The store is then dropped. Pass it as `&mut` if you want
    /// to try again with the same one.
    pub fn restore(
        store: S,
        chat: ChatId,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, DriverError<S::Error>> {
        let records = store.load(chat).map_err(DriverError::Store)?;
        let records = records.ok_or(DriverError::Records(StoreError::Missing))?;
        Self::begin(store, &records, store_key, expected, env).map_err(DriverError::Records)
    }
}

impl<S> Driver<S> {
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

    fn begin(
        store: S,
        records: &Records,
        store_key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Self, StoreError> {
        let chat = Chat::restore(records, store_key, expected, env)?;
        let checkpoint = records.checkpoint();
        let mut driver = Self { checkpoint, unnoted: checkpoint != expected, ..Self::new(chat, store) };
        driver.schedule.plan_acknowledgement(&driver.chat, env.now);
        driver.retransmit(env);
        Ok(driver)
    }

    /// Replaces the default timing.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.schedule.set_timing(timing);
        self
    }

    /// Takes the driver apart. Outputs that were not taken stay in the chat: without a driver, handle them as
    /// [`Output`](crate::Output) says. Receipts that were not taken are lost, so their inputs come again. [`Driver::restore`]
    /// builds a driver again.
    ///
    /// Returns no chat after the store has failed: that chat is ahead of its records, and nothing of it may leave.
    #[must_use]
    pub fn into_parts(self) -> (Option<Chat>, S) {
        ((!self.stopped).then_some(self.chat), self.store)
    }

    /// Returns the chat, for queries.
    #[must_use]
    pub const fn chat(&self) -> &Chat {
        &self.chat
    }

    /// Returns whether the chat has ended and nothing about its end is left to send, so that the host may drop it. The
    /// other end has confirmed that it is closed, or was the one to close.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.chat.state(), ChatState::Closed(_)) && !self.chat.awaits_transport()
    }

    /// Returns the checkpoint of the records as they are now. Keep it apart from them, for [`Driver::restore`].
    /// [`Action::Checkpoint`] announces it in time.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    /// Returns the store, for reading rows of your own next to the records.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Returns the store, for writing rows of your own next to the records. Changing the chat's records breaks the
    /// chat.
    #[must_use]
    pub const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Handles one input. `receipt` is the peer's name of the transmission. It comes back as [`Action::Receipt`]
    /// once the effects of the input are durable, for a Discard with the proof that this end is closed. An input
    /// for which there was no room yet ([`Handled::NoRoom`]) gets no receipt, so it comes again.
    ///
    /// A message with a file is accepted at once: this is for transports that keep files themselves, such as
    /// Telegram's server. If the host keeps the files, pass the message to [`Driver::handle_message`].
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, and nothing has changed.
    pub fn handle(
        &mut self,
        input: Input<'_>,
        receipt: Option<TransmitId>,
        env: &mut Env<'_>,
    ) -> Result<Handled, PeerFault> {
        let ends = matches!(input, Input::Discarded { .. });
        let handled = self.chat.handle(input, env)?;
        if handled != Handled::NoRoom {
            // A chat that was already closed need not be notified again.
            let proof = if ends { self.chat.discard_receipt() } else { None };
            self.receipts.extend(receipt.map(|id| Receipt { id, proof }));
        }
        self.schedule.plan_acknowledgement(&self.chat, env.now);
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(handled)
    }

    /// Handles one frame of this chat: an answer, a message, a Discard or a receipt. A frame that the chat cannot
    /// use is ignored. Frames of files are for [`transfer`](crate::transfer). A repeated request is answered again
    /// until the initiator has been heard.
    ///
    /// A message that names a file goes through [`FileReceiver`](crate::transfer::FileReceiver) to
    /// [`Driver::handle_message`] once its file is there (SPEC FILE-2). If it is passed here, the result is
    /// [`Handled::NoRoom`]: it gets no receipt, and comes again.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, and nothing has changed.
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
            // Its receipt would tell the sender that the file has arrived too (SPEC FILE-2).
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

    /// Handles a message whose file is complete and durable.
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, and nothing has changed.
    pub fn handle_message(&mut self, message: &FileMessage, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        let file = Some(IncomingFile::new(message.file()));
        let input = Input::Ciphertext { bytes: message.bytes(), file, date: None };
        self.handle(input, Some(message.transmit_id()), env)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Same as [`Chat::send`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        let random_id = self.chat.send(draft, env)?;
        self.schedule.acknowledged();
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(random_id)
    }

    /// Runs any other command on the chat: `set_ttl`, `mark_read`, `rekey` and so on.
    ///
    /// # Errors
    /// The errors of `call`.
    pub fn act<R, E>(
        &mut self,
        env: &mut Env<'_>,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let done = call(&mut self.chat, env)?;
        self.schedule.plan_retransmission(&self.chat, env.now);
        Ok(done)
    }

    /// Ends the chat, like [`Chat::close`].
    pub fn close(&mut self, history: History, env: &mut Env<'_>) {
        self.chat.close(history, env);
        self.schedule.plan_retransmission(&self.chat, env.now);
    }

    /// Sends again what the peer may not have. Call it when the transport is back. Everything that was in flight
    /// counts as lost.
    pub fn retransmit(&mut self, env: &mut Env<'_>) {
        self.in_flight.clear();
        self.send_again(env);
    }

    /// Notes that the host is still carrying a message, for example because it waits for its file. The driver does
    /// not ask for it again until [`Driver::landed`]. If its slot is emptied meanwhile, the replacement comes at
    /// once: drop the old message if you still can. A restart forgets this note (SPEC DRV-7).
    pub fn in_flight(&mut self, transmit: &Transmit) {
        self.in_flight.note(transmit, &self.chat);
    }

    /// Notes that a message has been carried, as far as the host can tell. The driver asks for it again after the
    /// first pause, counted from now.
    pub fn landed(&mut self, id: TransmitId, now: Timestamp) {
        if self.in_flight.land(id, now) {
            self.schedule.begin_again(now);
        }
    }

    /// Does what is due.
    ///
    /// # Errors
    /// Same as [`Chat::acknowledge`].
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.chat.handle_timeout(env);
        self.scrub_again |= self.schedule.scrub_is_due(env.now);
        self.schedule.plan_retransmission(&self.chat, env.now);
        if self.schedule.take_acknowledgement(env.now) {
            match self.chat.acknowledge(env) {
                // The peer's next message frees the outbox, and then there is room to acknowledge.
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

    /// Returns when to call [`Driver::handle_timeout`]. A host with many chats keeps the answers in a
    /// [`Timetable`](crate::Timetable), and asks only the driver that it has called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.chat.poll_timeout().into_iter().chain(self.schedule.next()).min()
    }

    fn send_again(&mut self, env: &mut Env<'_>) {
        self.chat.retransmit(env);
        self.schedule.retransmitted();
        self.schedule.plan_retransmission(&self.chat, env.now);
        self.in_flight.forget_acknowledged(&self.chat);
    }
}
