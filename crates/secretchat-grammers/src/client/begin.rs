//! The beginning of chats, and of none.

use std::fmt;

use secretchat::rand_core::CryptoRng;
use secretchat::store::Store;
use secretchat::{Env, History};

use super::chats::Chats;
use super::invoke::{Invoke, Patience, make};
use crate::accepting::{AcceptError, decline};
use crate::asking::{AskError, Asking};
use crate::call::Method;
use crate::chat::TelegramChat;
use crate::dh::{DhError, ServerDh};
use crate::failure::{Failure, ServerError};
use crate::fate::{Fate, fate};
use crate::tl::{enums, types};

impl<S: Store + Clone, I: Invoke, R: CryptoRng> Chats<S, I, R> {
    /// Accepts a chat that a user asks for. `own` is what the host itself keeps with the chat. Returns the chat's id. Take
    /// [`Chats::next`] afterwards: it makes the call, and [`Event::Ready`](secretchat::Event::Ready) comes out.
    ///
    /// It waits as long as the server asks. If it is dropped, nothing has begun.
    ///
    /// # Errors
    /// [`BeginError`]. Nothing has begun: [`Chats::decline`] the chat, or accept it later.
    pub async fn accept(&mut self, asked: &types::EncryptedChatRequested, own: &[u8]) -> Result<i32, BeginError> {
        if self.chats.contains_key(&asked.id) {
            return Ok(asked.id);
        }
        let config = self.server_dh().await?.config(self.peer);
        let (key, store) = (Some(self.key.duplicate()), self.store.clone());
        let env = &mut Env::new(self.invoke.now(), &mut self.rng);
        let chat = TelegramChat::accept(asked, config, key, own, store, env).map_err(BeginError::Accept)?;
        Ok(self.begin(chat))
    }

    /// Asks a user for a chat. `own` is what the host itself keeps with the chat. Returns the chat's id. Take
    /// [`Chats::next`] afterwards: it stores the chat. [`Event::Ready`](secretchat::Event::Ready) comes once the user has
    /// accepted.
    ///
    /// It waits as long as the server asks. If it is dropped, or if the answer is lost, a request may be left behind that
    /// this host does not know: see the README.
    ///
    /// # Errors
    /// [`BeginError`].
    pub async fn ask(&mut self, user: enums::InputUser, own: &[u8]) -> Result<i32, BeginError> {
        let config = self.server_dh().await?.config(self.peer);
        let key = Some(self.key.duplicate());
        let asking = Asking::new(user, config, key, own, &mut Env::new(self.invoke.now(), &mut self.rng))
            .map_err(|misuse| BeginError::Ask(AskError::Misuse(misuse)))?;
        let mut patience = Patience::default();
        let answer = loop {
            match self.invoke.invoke(None, asking.call()).await {
                Ok(answer) => break answer,
                // Nobody knows whether the server has it, so it is not made again.
                Err(Failure::Lost) => return Err(Failure::Lost.into()),
                Err(failure) => self.invoke.pause(patience.pause(Method::Request, failure)?).await,
            }
        };
        let env = &mut Env::new(self.invoke.now(), &mut self.rng);
        let chat = asking.answered(&answer, env).map_err(BeginError::Ask)?;
        let chat = TelegramChat::asked(chat, self.store.clone()).ok_or(BeginError::Ask(AskError::OtherChat))?;
        Ok(self.begin(chat))
    }

    /// Declines a chat that a user asks for, or ends one that this host does not know. If this is dropped, the server may
    /// not have been told.
    ///
    /// # Errors
    /// [`Failure`], after eight failures in a row.
    pub async fn decline(&self, chat_id: i32, history: History) -> Result<(), Failure> {
        let call = decline(chat_id, history);
        let is_over = |error: &ServerError| fate(Method::Discard, error) == Fate::Done;
        let mut patience = Patience::default();
        loop {
            match make(&self.invoke, &call).await {
                Ok(_) => return Ok(()),
                Err(Failure::Server(error)) if is_over(&error) => return Ok(()),
                Err(failure) => self.invoke.pause(patience.pause(Method::Discard, failure)?).await,
            }
        }
    }

    async fn server_dh(&mut self) -> Result<ServerDh, BeginError> {
        let call = self.dh.call();
        let mut patience = Patience::default();
        loop {
            match self.invoke.invoke(None, &call).await {
                Ok(answer) => return self.dh.answer(&answer, self.prime, &mut self.rng).map_err(BeginError::Dh),
                Err(failure) => self.invoke.pause(patience.pause(Method::Request, failure)?).await,
            }
        }
    }

    fn begin(&mut self, chat: TelegramChat<S>) -> i32 {
        let id = chat.link().chat_id;
        self.chats.insert(id, chat);
        self.called.insert(id);
        id
    }
}

/// A chat has not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BeginError {
    /// The server refused, or failed too often.
    Call(Failure),
    /// The server's group is of no use.
    Dh(DhError),
    /// The user cannot be asked.
    Ask(AskError),
    /// The user's request is of no use.
    Accept(AcceptError),
}

impl From<Failure> for BeginError {
    fn from(failure: Failure) -> Self {
        Self::Call(failure)
    }
}

impl fmt::Display for BeginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(failure) => failure.fmt(f),
            Self::Dh(error) => error.fmt(f),
            Self::Ask(error) => error.fmt(f),
            Self::Accept(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BeginError {}
