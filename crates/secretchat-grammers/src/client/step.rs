//! The next event of one chat.

use secretchat::rand_core::CryptoRng;
use secretchat::store::{DriverError, Store};
use secretchat::{Env, Event, Timestamp, TransmitId};

use super::invoke::{Invoke, make};
use crate::answer::Answer;
use crate::chat::{TelegramChat, Work};
use crate::failure::Failure;

/// Makes the calls of a chat that may leave now, one after the other, until the chat has an event. Returns `None` once
/// nothing is left to do now: everything is stored then, and [`TelegramChat::poll_timeout`] says when to go on.
///
/// [`Chats`](super::Chats) does this for many chats. This is for a host that keeps its chats itself. It may be dropped at
/// any time: a call whose answer nobody waited for counts as lost.
///
/// # Errors
/// Same as [`TelegramChat::next`].
pub async fn next_event<S: Store>(
    chat: &mut TelegramChat<S>,
    invoke: &impl Invoke,
    rng: &mut impl CryptoRng,
) -> Result<Option<Event>, DriverError<S::Error>> {
    loop {
        let now = invoke.now();
        // An `Env` does not live across an `.await`.
        let work = chat.next(&mut Env::new(now, rng))?;
        match work {
            None => return Ok(None),
            Some(Work::Event(event)) => return Ok(Some(event)),
            Some(Work::Call(id, call)) => {
                let mut on_its_way = OnItsWay { chat, rng, id, now, outcome: Err(Failure::Lost) };
                on_its_way.outcome = make(invoke, &call).await;
                on_its_way.now = invoke.now();
            }
            Some(Work::Checkpoint(_)) => {}
        }
    }
}

/// A call on its way. It tells the chat what came of it when it is dropped, whether or not the answer was waited for.
struct OnItsWay<'a, S: Store, R: CryptoRng> {
    chat: &'a mut TelegramChat<S>,
    rng: &'a mut R,
    id: TransmitId,
    now: Timestamp,
    outcome: Result<Answer, Failure>,
}

impl<S: Store, R: CryptoRng> Drop for OnItsWay<'_, S, R> {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(Failure::Lost));
        self.chat.answered(self.id, outcome, &mut Env::new(self.now, self.rng));
    }
}
