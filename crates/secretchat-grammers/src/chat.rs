//! A chat with its place on the server.

use std::time::Duration;

use secretchat::store::{Action, Driver, DriverError, Store};
use secretchat::{
    CallError, Chat, ChatId, Checkpoint, Config, Draft, Env, Event, Handled, History, Input, PeerFault, RandomId,
    StoreKey, Timestamp, TransmitId,
};

use crate::accepting::{AcceptError, accept};
use crate::answer::Answer;
use crate::call::Call;
use crate::failure::{Failure, ServerError};
use crate::fate::{Fate, fate};
use crate::incoming::Incoming;
use crate::link::Link;
use crate::sends::Sends;
use crate::tl::{enums, types};

/// A secret chat over Telegram's server: a [`Driver`], where the chat is, and its calls in their order.
///
/// Make calls in any order, then take [`TelegramChat::next`] until it returns `None`. Then everything is stored, and the
/// update that was handled may be confirmed.
#[derive(Debug)]
pub struct TelegramChat<S: Store> {
    driver: Driver<S>,
    link: Link,
    sends: Sends,
    /// Whether an answer to our acceptance may have been lost.
    may_have_accepted: bool,
    accepted: bool,
}

/// A thing that a chat has for its host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Work {
    /// Show this.
    Event(Event),
    /// Make this call. Report its answer with [`TelegramChat::answered`].
    Call(TransmitId, Call),
    /// Note this elsewhere, to refuse old records: see [`Action::Checkpoint`].
    Checkpoint(Checkpoint),
}

impl<S: Store> TelegramChat<S> {
    /// Drives a chat that was asked for: see [`Asking`](crate::Asking). Returns `None` for a chat without a [`Link`].
    #[must_use]
    pub fn asked(chat: Chat, store: S) -> Option<Self> {
        let (link, _) = Link::read(chat.host_data()).ok()?;
        Some(Self::of(Driver::new(chat, store), link, false))
    }

    /// Accepts a chat that a user asks for. `own` is what the host itself keeps with the chat.
    ///
    /// # Errors
    /// [`AcceptError`]. Nothing has been kept then: [`decline`](crate::decline) the chat.
    pub fn accept(
        requested: &types::EncryptedChatRequested,
        config: Config,
        key: Option<StoreKey>,
        own: &[u8],
        store: S,
        env: &mut Env<'_>,
    ) -> Result<Self, AcceptError> {
        let (chat, link) = accept(requested, config, key, own, env)?;
        Ok(Self::of(Driver::new(chat, store), link, false))
    }

    /// Restores a chat from its records. Returns `None` if these are not of this crate.
    ///
    /// # Errors
    /// Same as [`Driver::restore`].
    pub fn restore(
        store: S,
        chat: ChatId,
        key: &StoreKey,
        expected: Option<Checkpoint>,
        env: &mut Env<'_>,
    ) -> Result<Option<Self>, DriverError<S::Error>> {
        let driver = Driver::restore(store, chat, key, expected, env)?;
        let Ok((link, _)) = Link::read(driver.chat().host_data()) else { return Ok(None) };
        Ok(Some(Self::of(driver, link, true)))
    }

    /// Handles an update. One that is not for this chat, or not from its users, is [`Handled::Ignored`].
    ///
    /// # Errors
    /// [`PeerFault`]: the bytes are wrong, and nothing has changed. The update is done with all the same.
    pub fn update(&mut self, incoming: &Incoming<'_>, env: &mut Env<'_>) -> Result<Handled, PeerFault> {
        match incoming.input(&self.link) {
            Some(input) => self.driver.handle(input, None, env),
            None => Ok(Handled::Ignored),
        }
    }

    /// Returns what to do next. Batches are written on the way, so what comes out is durable.
    ///
    /// # Errors
    /// Same as [`Driver::next_action`].
    pub fn next(&mut self, env: &mut Env<'_>) -> Result<Option<Work>, DriverError<S::Error>> {
        while let Some(action) = self.driver.next_action()? {
            match action {
                Action::Event(event) => {
                    if let Event::Closed { .. } = event {
                        self.sends.end();
                    }
                    return Ok(Some(Work::Event(event)));
                }
                Action::Transmit(transmit) => {
                    // If its slot is emptied while it waits here, the driver brings what replaces it (SPEC DRV-7).
                    self.driver.in_flight(&transmit);
                    self.queue(transmit.id, Call::of(transmit.kind, &self.link), env);
                }
                Action::Checkpoint(checkpoint) => return Ok(Some(Work::Checkpoint(checkpoint))),
                _ => {}
            }
        }
        Ok(self.sends.next(env.now).map(|(id, call)| Work::Call(id, call)))
    }

    /// Takes the answer to a call, or the reason why there is none. An answer to a call that is not on its way is ignored.
    pub fn answered(&mut self, id: TransmitId, outcome: Result<Answer, Failure>, env: &mut Env<'_>) {
        if !self.sends.holds(id) {
            return;
        }
        match outcome {
            Ok(Answer::Chat(enums::EncryptedChat::Discarded(_))) => self.end(id, Input::AcceptedElsewhere, env),
            Ok(Answer::Chat(_)) => {
                self.accepted = true;
                self.sends.done(id);
            }
            Ok(answer) => self.carried(id, answer.date(), env),
            Err(Failure::Lost) => {
                self.may_have_accepted |= id == TransmitId::ACCEPT;
                self.sends.failed(id, None, env.now);
            }
            Err(Failure::Server(error)) => self.refused(id, &error, env),
        }
    }

    /// Counts all calls on their way as lost, and makes them again. Call it when the connection is back.
    pub fn reconnected(&mut self, env: &mut Env<'_>) {
        self.may_have_accepted |= self.sends.holds(TransmitId::ACCEPT);
        self.sends.reconnected();
        self.driver.retransmit(env);
    }

    /// Sends a message. Its file is uploaded before: see [`Upload`](crate::Upload).
    ///
    /// # Errors
    /// Same as [`Chat::send`].
    pub fn send(&mut self, draft: &Draft, env: &mut Env<'_>) -> Result<RandomId, CallError> {
        self.driver.send(draft, env)
    }

    /// Runs any other command on the chat.
    ///
    /// # Errors
    /// The errors of `call`.
    pub fn act<R, E>(
        &mut self,
        env: &mut Env<'_>,
        call: impl FnOnce(&mut Chat, &mut Env<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.driver.act(env, call)
    }

    /// Ends the chat.
    pub fn close(&mut self, history: History, env: &mut Env<'_>) {
        self.driver.close(history, env);
    }

    /// Does what is due.
    ///
    /// # Errors
    /// Same as [`Driver::handle_timeout`].
    pub fn handle_timeout(&mut self, env: &mut Env<'_>) -> Result<(), CallError> {
        self.driver.handle_timeout(env)
    }

    /// Returns when to call [`TelegramChat::handle_timeout`], and then [`TelegramChat::next`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.driver.poll_timeout().into_iter().chain(self.sends.next_due()).min()
    }

    /// Returns the chat, for queries.
    #[must_use]
    pub const fn chat(&self) -> &Chat {
        self.driver.chat()
    }

    /// Returns the driver, for its store and its checkpoint.
    #[must_use]
    pub const fn driver_mut(&mut self) -> &mut Driver<S> {
        &mut self.driver
    }

    /// Returns where the chat is on the server.
    #[must_use]
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// Returns what the host itself keeps with the chat.
    #[must_use]
    pub fn own_data(&self) -> &[u8] {
        self.chat().host_data().get(Link::LEN..).unwrap_or_default()
    }

    fn of(driver: Driver<S>, link: Link, may_have_accepted: bool) -> Self {
        Self { driver, link, sends: Sends::default(), may_have_accepted, accepted: false }
    }

    fn queue(&mut self, id: TransmitId, call: Option<Call>, env: &mut Env<'_>) {
        match (id, call) {
            // The server answered the request before there was a chat, and keeps an acceptance.
            (TransmitId::REQUEST, _) => {}
            (TransmitId::ACCEPT, _) if self.accepted => {}
            (_, Some(call)) => self.sends.push(id, call),
            // A file without a name that the server knows never gets one.
            (_, None) => self.give_up(id, env),
        }
    }

    fn refused(&mut self, id: TransmitId, error: &ServerError, env: &mut Env<'_>) {
        let Some(method) = self.sends.method(id) else { return };
        match fate(method, error) {
            Fate::Again => {
                // The server may have done what it failed to answer.
                let unsure = error.code() >= 500 || error.code() < 0;
                self.may_have_accepted |= unsure && id == TransmitId::ACCEPT;
                let pause = error.value().filter(|_| error.code() == 420);
                self.sends.failed(id, pause.map(|seconds| Duration::from_secs(seconds.into())), env.now);
            }
            Fate::ForGood => {
                self.sends.done(id);
                self.give_up(id, env);
            }
            Fate::Over => self.end(id, Input::discarded(History::Keep, None), env),
            Fate::Done => self.carried(id, None, env),
            Fate::Elsewhere if self.may_have_accepted => {
                self.accepted = true;
                self.sends.done(id);
            }
            Fate::Elsewhere => self.end(id, Input::AcceptedElsewhere, env),
        }
    }

    fn carried(&mut self, id: TransmitId, date: Option<Timestamp>, env: &mut Env<'_>) {
        self.sends.done(id);
        self.driver.landed(id, env.now);
        self.tell(Input::carried(id, date), env);
    }

    fn give_up(&mut self, id: TransmitId, env: &mut Env<'_>) {
        self.driver.landed(id, env.now);
        self.tell(Input::refused_for_good(id), env);
    }

    fn end(&mut self, id: TransmitId, input: Input<'static>, env: &mut Env<'_>) {
        self.sends.done(id);
        self.tell(input, env);
    }

    /// Passes on what the server says about our own calls. No bytes of the peer are in it, so it cannot be at fault.
    fn tell(&mut self, input: Input<'_>, env: &mut Env<'_>) {
        let _handled = self.driver.handle(input, None, env);
    }
}
