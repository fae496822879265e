//! The updates that have arrived, until they may be confirmed.

use std::time::Duration;

use grammers_client::session::updates::{MessageBox, State};
use secretchat::rand_core::CryptoRng;
use secretchat::store::Store;
use secretchat::{Handled, PeerFault, Timestamp};

use super::chats::Chats;
use super::invoke::Invoke;
use crate::confirm::{Confirmations, Ticket};
use crate::failure::Failure;
use crate::incoming::Incoming;
use crate::tl::{enums, types};

/// How many messages are kept for which there is no room yet.
const MOST_HELD: usize = 1_000;
/// The pause after a confirmation that failed, unless the server names one.
const PAUSE: Duration = Duration::from_secs(60);

/// The updates that have arrived and are not confirmed.
#[derive(Debug)]
pub(super) struct Arrivals {
    confirmations: Confirmations,
    /// Handled, but perhaps not stored yet.
    handled: Vec<Ticket>,
    /// Messages for which there was no room.
    held: Vec<(enums::Update, Option<Ticket>)>,
    /// A message was turned away. Nothing is confirmed any more, so that a restart brings it.
    turned_away: bool,
    /// Whether anything has arrived since grammers' numbers were kept.
    news: bool,
    /// The server is told nothing before this.
    quiet_until: Timestamp,
}

/// The requests and the faults in a batch of updates.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Taken {
    /// Users who ask for a chat. Accept or decline each before the next [`Chats::confirm`].
    pub requests: Vec<types::EncryptedChatRequested>,
    /// Chats with messages that are wrong. These changed nothing, and are done with.
    pub faults: Vec<(i32, PeerFault)>,
}

impl<S: Store + Clone, I: Invoke, R: CryptoRng> Chats<S, I, R> {
    /// Takes a batch of updates, as grammers' `UpdatesReceiver::next` gives it. Updates about other things are ignored.
    ///
    /// A message for which there is no room is kept, up to 1,000 of them, and nothing is confirmed until it was handled.
    pub fn updates(&mut self, batch: &[(enums::Update, State)]) -> Taken {
        self.arrivals.news = true;
        // The messages of a difference have one number together. It counts once all of them are stored.
        let tickets: Vec<_> = batch.iter().map(|(update, state)| self.arrivals.ticket(update, state)).collect();
        let mut taken = Taken::default();
        for ((update, _), ticket) in batch.iter().zip(tickets) {
            self.update(update, ticket, &mut taken);
        }
        // There may be room now.
        for (update, ticket) in std::mem::take(&mut self.arrivals.held) {
            self.update(&update, ticket, &mut taken);
        }
        taken
    }

    /// Confirms what has arrived, if all of it is stored. `sync` is `sync_update_state` of grammers' receiver, which keeps
    /// its numbers; then the server is told. Nothing happens as long as [`Chats::next`] has something left to do.
    ///
    /// A call to the server that fails is made again with a later confirmation. This may be dropped at any time.
    ///
    /// # Errors
    /// The error of `sync`. Nothing is confirmed then.
    pub async fn confirm<E>(&mut self, sync: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        let arrivals = &mut self.arrivals;
        if !self.called.is_empty() || !arrivals.held.is_empty() || arrivals.turned_away {
            return Ok(());
        }
        if arrivals.news {
            sync.await?;
            arrivals.news = false;
        }
        for ticket in arrivals.handled.drain(..) {
            arrivals.confirmations.stored(ticket);
        }
        let now = self.invoke.now();
        if now < arrivals.quiet_until {
            return Ok(());
        }
        let Some(call) = arrivals.confirmations.call() else { return Ok(()) };
        // It is untold until the server has answered, whoever drops this.
        arrivals.confirmations.call_failed();
        match self.invoke.invoke(None, &call).await {
            Ok(_) => _ = arrivals.confirmations.call(),
            Err(failure) => {
                let named = match failure {
                    Failure::Server(error) if error.code() == 420 => error.value(),
                    _ => None,
                };
                let pause = named.map_or(PAUSE, |seconds| Duration::from_secs(seconds.into()));
                arrivals.quiet_until = now.saturating_add(pause);
            }
        }
        Ok(())
    }

    /// Hands an update to its chat, and keeps it if there is no room.
    fn update(&mut self, update: &enums::Update, ticket: Option<Ticket>, taken: &mut Taken) {
        let handled = match Incoming::of_update(update) {
            Some(Incoming::Requested(asked)) if !self.chats.contains_key(&asked.id) => {
                taken.requests.push(asked.clone());
                None
            }
            Some(incoming) => {
                let id = incoming.chat_id();
                self.with(id, |chat, env| chat.update(&incoming, env)).map(|handled| (id, handled))
            }
            None => None,
        };
        match handled {
            Some((_, Ok(Handled::NoRoom))) => self.arrivals.hold(update.clone(), ticket),
            Some((id, Err(fault))) => {
                taken.faults.push((id, fault));
                self.arrivals.handled.extend(ticket);
            }
            Some((_, Ok(_))) | None => self.arrivals.handled.extend(ticket),
        }
    }
}

impl Arrivals {
    /// Returns the ticket of an update that has a number.
    fn ticket(&mut self, update: &enums::Update, state: &State) -> Option<Ticket> {
        let Some(MessageBox::Secondary { qts }) = state.message_box else { return None };
        let is_message = matches!(update, enums::Update::NewEncryptedMessage(_));
        // grammers closes gaps itself, so there is none here.
        self.confirmations.difference(qts, is_message.into()).pop()
    }

    fn hold(&mut self, update: enums::Update, ticket: Option<Ticket>) {
        if self.held.len() < MOST_HELD {
            self.held.push((update, ticket));
        } else {
            self.turned_away = true;
        }
    }
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            confirmations: Confirmations::new(0),
            handled: Vec::new(),
            held: Vec::new(),
            turned_away: false,
            news: false,
            quiet_until: Timestamp::default(),
        }
    }
}
