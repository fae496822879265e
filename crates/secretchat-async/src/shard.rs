//! The task that has many chats.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::collections::HashMap;
use std::sync::Arc;

use secretchat::rand_core::CryptoRng;
use secretchat::store::{AsyncStore, Driver, Entry, Timing};
use secretchat::{Batch, ChatId, Checkpoint, Env, StoreKey, Timestamp, Timetable};

use crate::clock::Clock;
use crate::departures::Departures;
use crate::host::Host;
use crate::limits::Limits;
use crate::mailbox::{Mailbox, News, Order};
use crate::post::Post;
use crate::queue::Queue;
use crate::signal::{Promise, promise};

/// Many chats in one task: one store, one timer, one commit for all that have something to write.
///
/// [`Shard::run`] is the task. It takes chats and jobs from its [`Post`], in turns: the chats that have jobs or whose time
/// has come wait in a queue, and a turn does some jobs of each of the first ones, then commits the batches of all of them
/// together. What depends on a batch comes out after the commit (SPEC DRV-1, DRV-10). While the store works, jobs are
/// taken and wait.
pub struct Shard<S: AsyncStore, H: Host<Row = S::Row>> {
    pub(crate) store: S,
    pub(crate) host: H,
    pub(crate) rng: Box<dyn CryptoRng + Send>,
    pub(crate) key: StoreKey,
    pub(crate) limits: Limits,
    pub(crate) timing: Option<Timing>,
    pub(crate) mail: Arc<Mailbox<H::Job>>,
    /// The chats in memory.
    pub(crate) residents: HashMap<ChatId, Resident<S::Row>>,
    pub(crate) ready: Queue,
    /// When each chat wants to be called, in memory or not.
    pub(crate) wheel: Timetable<ChatId>,
    /// The chats that may leave memory, by the count of rests at which they came to theirs.
    pub(crate) resting: Timetable<ChatId, u64>,
    pub(crate) rests: u64,
    /// The chats that left memory while they rested, and their records then.
    pub(crate) evicted: HashMap<ChatId, Checkpoint>,
    /// When the store is asked to scrub again.
    pub(crate) scrub_at: Option<Timestamp>,
    pub(crate) departures: Departures<S::Row>,
    /// The last time that was seen.
    last: Timestamp,
    end: Promise,
    closing: Closing<H::Job>,
}

/// A chat in memory.
#[derive(Debug)]
pub(crate) struct Resident<R> {
    pub(crate) driver: Driver<()>,
    /// The batch that the driver waits for.
    pub(crate) batch: Option<Batch>,
    /// The rows of the host that go with it.
    pub(crate) rows: Vec<R>,
    /// When the store says that the chat is due, if that is known.
    pub(crate) noted: Option<Option<Timestamp>>,
    /// Whether to call it in its next turn, due or not.
    pub(crate) call: bool,
}

impl<S: AsyncStore, H: Host<Row = S::Row>> Shard<S, H> {
    /// Creates a shard without chats, and its handle. `rng` must be cryptographically secure; `key` is the one that the
    /// records of all its chats are sealed with.
    pub fn new(
        store: S,
        host: H,
        rng: impl CryptoRng + Send + 'static,
        key: StoreKey,
        limits: Limits,
    ) -> (Self, Post<H::Job>) {
        let limits = limits.at_least_one();
        let (end, ended) = promise();
        let mail = Arc::new(Mailbox::new(limits.jobs_per_chat, ended));
        let post = Post(Arc::clone(&mail));
        let closing = Closing(Arc::clone(&mail));
        let shard = Self {
            store,
            host,
            rng: Box::new(rng),
            key,
            limits,
            timing: None,
            mail,
            residents: HashMap::new(),
            ready: Queue::default(),
            wheel: Timetable::new(),
            resting: Timetable::new(),
            rests: 0,
            evicted: HashMap::new(),
            scrub_at: None,
            departures: Departures::new(),
            last: Timestamp::default(),
            end,
            closing,
        };
        (shard, post)
    }

    /// Replaces the default timing of all chats.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        self.timing = Some(timing);
        self
    }

    /// Runs until [`Post::finish`]. Spawn it on any runtime.
    ///
    /// A future that is dropped leaves every chat in the store as it was at some moment of its life, like a crash: adopt the
    /// chats in another shard. Jobs that were posted and not done are dropped.
    ///
    /// # Errors
    /// The error of the store, which is final: nothing that depends on the lost commit came out. Adopt the chats in another
    /// shard.
    pub async fn run(mut self, clock: impl Clock) -> Result<(), S::Error> {
        loop {
            let now = clock.now();
            let finishing = self.look(now);
            if self.has_work(now) {
                self.turn(&clock).await?;
                self.depart(&clock).await?;
                // A store that never waits must not keep the thread from those who post.
                pause().await;
            } else if finishing && self.departures.is_empty() {
                break;
            } else {
                self.wait(&clock).await;
            }
        }
        // Whoever waits for the end may open the store again.
        let Self { end, closing, store, host, .. } = self;
        drop((closing, store, host));
        end.keep();
        Ok(())
    }

    /// Takes what has come, and what is due. Returns whether the shard is finishing.
    fn look(&mut self, now: Timestamp) -> bool {
        let News { orders, fresh, finishing } = self.mail.take_news();
        for order in orders {
            self.obey(order);
        }
        for chat in fresh {
            self.ready.push(chat);
        }
        if now < self.last {
            self.set_back(now);
        }
        self.last = now;
        let due: Vec<_> = self.wheel.due(now).take(self.limits.chats_per_commit).copied().collect();
        for chat in due {
            self.wheel.set(chat, None);
            self.ready.push(chat);
        }
        finishing
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Open(chat) => {
                let Some(id) = chat.id() else { return };
                self.admit(id, Driver::new(*chat, ()));
                self.ready.push(id);
            }
            Order::Adopt(chat, due) => _ = self.wheel.set(chat, due),
            Order::Leave(leave) => {
                // Each has a turn, in which it is seen whether it rests.
                for chat in &leave.chats {
                    self.ready.push(*chat);
                }
                self.departures.begin(leave);
            }
        }
    }

    /// Holds a driver in memory.
    pub(crate) fn admit(&mut self, chat: ChatId, driver: Driver<()>) {
        let driver = match self.timing {
            Some(timing) => driver.with_timing(timing),
            None => driver,
        };
        let resident = Resident { driver, batch: None, rows: Vec::new(), noted: None, call: false };
        self.residents.insert(chat, resident);
    }

    /// Goes on after the clock was set back: by it, all times of the wheel are too late.
    fn set_back(&mut self, now: Timestamp) {
        let by = now.until(self.last);
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let all: Vec<_> = self.wheel.due(Timestamp::from_millis(u64::MAX)).copied().collect();
        for chat in all {
            if let Some(resident) = self.residents.get_mut(&chat) {
                // It says a new time once it was called.
                resident.call = true;
                self.ready.push(chat);
            }
            let Some(at) = self.wheel.set(chat, None) else { continue };
            self.wheel.set(chat, Some(Timestamp::from_millis(at.as_millis().saturating_sub(by))));
        }
        self.scrub_at = self.scrub_at.map(|at| at.min(now.saturating_add(crate::turn::SCRUB_AGAIN)));
    }

    fn has_work(&self, now: Timestamp) -> bool {
        !self.ready.is_empty() || self.departures.any_gone() || self.scrub_at.is_some_and(|at| at <= now)
    }

    /// Waits until something comes or is due.
    async fn wait(&mut self, clock: &impl Clock) {
        let Some(news) = self.mail.listen() else { return };
        match self.wheel.first().into_iter().chain(self.scrub_at).min() {
            Some(at) => either(news, clock.sleep_until(at)).await,
            None => news.await,
        }
    }

    /// Lets those chats go that have come to rest.
    async fn depart(&mut self, clock: &impl Clock) -> Result<(), S::Error> {
        for departure in self.departures.take_gone() {
            if departure.delete {
                self.store.delete(&departure.chats).await?;
                self.scrub(clock).await?;
            } else {
                // The next worker then restores those that are due, and no others.
                for dues in departure.dues.chunks(self.limits.chats_per_commit) {
                    self.store.commit(dues).await?;
                }
                self.store.release(&departure.chats).await?;
            }
            for chat in &departure.chats {
                self.mail.forget(*chat);
            }
            departure.done.keep();
        }
        Ok(())
    }
}

/// Makes what a call on a driver needs. It must not live across an await (it is not `Send`).
pub(crate) fn env<'a>(clock: &impl Clock, rng: &'a mut (dyn CryptoRng + Send)) -> Env<'a> {
    Env::new(clock.now(), rng).with_monotonic(clock.monotonic())
}

/// The time and the entry of a chat.
impl<R> Resident<R> {
    /// Returns whether there is something to commit.
    pub(crate) fn writes(&self) -> bool {
        self.batch.is_some() || !self.rows.is_empty()
    }

    /// Takes what there is to commit.
    pub(crate) fn take_entry(&mut self, chat: ChatId) -> Option<Entry<R>> {
        if !self.writes() {
            return None;
        }
        let rows = core::mem::take(&mut self.rows);
        Some(Entry { chat, batch: self.batch.take(), due: self.driver.due(), rows })
    }
}

/// Turns everybody away when the task ends, however it does.
struct Closing<J>(Arc<Mailbox<J>>);

impl<J> Drop for Closing<J> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Waits for the first of the two.
async fn either(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready => ready,
    })
    .await;
}

/// Lets other tasks of the thread run.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if core::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<S: AsyncStore, H: Host<Row = S::Row>> fmt::Debug for Shard<S, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, residents, .. } = self;
        f.debug_struct("Shard").field("limits", limits).field("in_memory", &residents.len()).finish_non_exhaustive()
    }
}
