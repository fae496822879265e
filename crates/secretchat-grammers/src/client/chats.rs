//! The chats of an account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use secretchat::rand_core::CryptoRng;
use secretchat::store::{DriverError, Store};
use secretchat::{CallError, Env, Event, PeerPolicy, PrimePolicy, StoreKey, Timestamp, Timetable};

use super::arrivals::Arrivals;
use super::invoke::Invoke;
use super::step::next_event;
use crate::chat::TelegramChat;
use crate::dh::DhCache;

/// All secret chats of an account, over one store. One task owns it, and makes the calls of all chats one after the other.
///
/// Take [`Chats::next`] until it returns `None`, then [`Chats::confirm`], then wait for updates or for [`Chats::rest`]: see
/// the [module](super) for the loop.
pub struct Chats<S: Store, I, R> {
    pub(super) invoke: I,
    pub(super) store: S,
    pub(super) key: StoreKey,
    pub(super) rng: R,
    pub(super) prime: PrimePolicy,
    pub(super) peer: PeerPolicy,
    pub(super) dh: DhCache,
    pub(super) chats: BTreeMap<i32, TelegramChat<S>>,
    /// The chats that may have something to do.
    pub(super) called: BTreeSet<i32>,
    pub(super) arrivals: Arrivals,
    timetable: Timetable<i32>,
    now: Timestamp,
}

impl<S: Store + Clone, I: Invoke, R: CryptoRng> Chats<S, I, R> {
    /// Restores all chats of a store, except records of another kind. Deletes the records of chats that are over and have
    /// nothing left to do.
    ///
    /// Records that an older copy has replaced are not noticed: [`Event::RollbackSuspected`] may tell. A host that keeps
    /// checkpoints restores its chats itself, and drives them with [`next_event`].
    ///
    /// # Errors
    /// Same as [`TelegramChat::restore`], for any of the chats.
    pub fn open(invoke: I, store: S, key: StoreKey, mut rng: R) -> Result<Self, DriverError<S::Error>> {
        let now = invoke.now();
        let mut chats = BTreeMap::new();
        for id in store.chats().map_err(DriverError::Store)? {
            let restored = TelegramChat::restore(store.clone(), id, &key, None, &mut Env::new(now, &mut rng))?;
            let Some(mut chat) = restored else { continue };
            if chat.driver_mut().is_over() && chat.poll_timeout().is_none() {
                store.clone().delete(id).map_err(DriverError::Store)?;
            } else {
                chats.insert(chat.link().chat_id, chat);
            }
        }
        let called = chats.keys().copied().collect();
        let (prime, peer) = (PrimePolicy::PublishedOnly, PeerPolicy::Default);
        let (dh, arrivals, timetable) = (DhCache::default(), Arrivals::default(), Timetable::new());
        Ok(Self { invoke, store, key, rng, prime, peer, dh, chats, called, arrivals, timetable, now })
    }

    /// Replaces what is asked of the server's group, and of the peers of new chats. The default is
    /// [`PrimePolicy::PublishedOnly`] and [`PeerPolicy::Default`].
    #[must_use]
    pub fn with_policies(mut self, prime: PrimePolicy, peer: PeerPolicy) -> Self {
        (self.prime, self.peer) = (prime, peer);
        self
    }

    /// Does what is due and makes the calls that may leave, until a chat has an event. Returns the chat's id and the event,
    /// or `None` once nothing is left to do now. Everything is stored then.
    ///
    /// A call that waits for a pause, like that of `FLOOD_WAIT`, holds up its own chat alone. This may be dropped at any
    /// time: a call whose answer nobody waited for counts as lost, and is made again.
    ///
    /// # Errors
    /// [`NextError`]. After an error of the store, open all chats anew.
    pub async fn next(&mut self) -> Result<Option<(i32, Event)>, NextError<S::Error>> {
        self.do_what_is_due()?;
        while let Some(&id) = self.called.first() {
            if let Some(chat) = self.chats.get_mut(&id) {
                if let Some(event) = next_event(chat, &self.invoke, &mut self.rng).await? {
                    return Ok(Some((id, event)));
                }
                self.timetable.set(id, chat.poll_timeout());
            }
            self.called.remove(&id);
        }
        Ok(None)
    }

    /// Waits until a chat has something to do, for ever if none will. It may be dropped at any time.
    pub async fn rest(&self) {
        match self.next_due() {
            Some(due) => self.invoke.pause(self.invoke.now().until(due)).await,
            None => std::future::pending().await,
        }
    }

    /// Returns when to call [`Chats::next`] again, if nothing happens before.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.called.is_empty() { self.timetable.first() } else { Some(Timestamp::default()) }
    }

    /// Does something with a chat: sends, closes, opens a message, or any other command. Take [`Chats::next`] afterwards.
    /// Returns `None` for a chat that is not there.
    pub fn with<T>(&mut self, chat_id: i32, act: impl FnOnce(&mut TelegramChat<S>, &mut Env<'_>) -> T) -> Option<T> {
        let chat = self.chats.get_mut(&chat_id)?;
        self.called.insert(chat_id);
        Some(act(chat, &mut Env::new(self.invoke.now(), &mut self.rng)))
    }

    /// Returns the ids of all chats.
    pub fn ids(&self) -> impl Iterator<Item = i32> {
        self.chats.keys().copied()
    }

    /// Returns a chat, for queries.
    #[must_use]
    pub fn get(&self, chat_id: i32) -> Option<&TelegramChat<S>> {
        self.chats.get(&chat_id)
    }

    fn do_what_is_due(&mut self) -> Result<(), NextError<S::Error>> {
        let before = std::mem::replace(&mut self.now, self.invoke.now());
        // After the clock was set back, the times of all chats are too late.
        let all = self.chats.keys().filter(|_| self.now < before);
        let due: BTreeSet<_> = all.chain(self.timetable.due(self.now)).copied().collect();
        for id in due {
            let Some(chat) = self.chats.get_mut(&id) else { continue };
            self.called.insert(id);
            match chat.handle_timeout(&mut Env::new(self.now, &mut self.rng)) {
                // A chat that cannot acknowledge now is no reason to hold up the others.
                Ok(()) | Err(CallError::Unavailable(_)) => {}
                Err(error) => return Err(NextError::Call(error)),
            }
        }
        Ok(())
    }
}

impl<S: Store, I, R> fmt::Debug for Chats<S, I, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chats").field("chats", &self.chats.keys()).finish_non_exhaustive()
    }
}

/// The chats cannot go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum NextError<E> {
    /// The store failed, or another program has written to it.
    Driver(DriverError<E>),
    /// The generator is of no use.
    Call(CallError),
}

impl<E> From<DriverError<E>> for NextError<E> {
    fn from(error: DriverError<E>) -> Self {
        Self::Driver(error)
    }
}

impl<E: fmt::Display> fmt::Display for NextError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for NextError<E> {}
