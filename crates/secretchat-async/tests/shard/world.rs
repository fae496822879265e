//! Shards, the chats between them, a network and a clock that the test moves.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use event_listener::Event as Alarm;
use recordings::Seeded;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::store::{Action, AsyncStore, Driver, Store};
use secretchat::{Chat, ChatId, Config, Draft, Env, Event, Invitation, StoreKey, Timestamp};
use secretchat_async::{Clock, Host, Limits, Lost, Post, Reason, Shard};

use crate::executor::{Executor, Task};
use crate::store::{Broken, Row, TestStore};

pub(crate) fn key() -> StoreKey {
    StoreKey::new([7; 32])
}

/// A wall clock, which may be set, and the time that really passes, by which sleepers wake.
#[derive(Clone)]
pub(crate) struct FakeClock(Arc<(Mutex<(Timestamp, Duration)>, Alarm)>);

impl FakeClock {
    fn new() -> Self {
        Self(Arc::new((Mutex::new((Timestamp::from_unix_seconds(1_800_000_000), Duration::ZERO)), Alarm::new())))
    }

    pub(crate) fn pass(&self, time: Duration) {
        let mut clocks = self.0.0.lock().unwrap();
        *clocks = (clocks.0.saturating_add(time), clocks.1 + time);
        self.0.1.notify(usize::MAX);
    }

    /// Sets the wall clock back by whole seconds.
    pub(crate) fn set_back(&self, by: Duration) {
        let mut clocks = self.0.0.lock().unwrap();
        clocks.0 = Timestamp::from_millis(clocks.0.as_millis() - by.as_secs() * 1_000);
    }

    fn passed(&self) -> Duration {
        self.0.0.lock().unwrap().1
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.0.0.lock().unwrap().0
    }

    async fn sleep_until(&self, at: Timestamp) {
        let end = self.passed() + self.now().until(at);
        loop {
            let alarm = self.0.1.listen();
            if self.passed() >= end {
                return;
            }
            alarm.await;
        }
    }
}

#[derive(Debug)]
pub(crate) enum Job {
    Packet(Vec<u8>),
    Say(String),
    /// Writes a row, and nothing of the chat.
    Note(String),
    /// Writes nothing.
    Nothing,
}

pub(crate) fn say(text: impl Into<String>) -> Job {
    Job::Say(text.into())
}

/// What the hosts of all shards have seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// What is to be carried, from which chat.
    pub(crate) packets: Vec<(ChatId, Vec<u8>)>,
    pub(crate) texts: HashMap<ChatId, Vec<String>>,
    /// The chats whose jobs were done, in this order; without packets.
    pub(crate) worked: Vec<ChatId>,
    pub(crate) restored: Vec<ChatId>,
    pub(crate) lost: Vec<(ChatId, String, usize)>,
}

pub(crate) struct Phone {
    seen: Arc<Mutex<Seen>>,
    store: TestStore,
}

impl Host for Phone {
    type Job = Job;
    type Row = Row;

    fn work(&mut self, driver: &mut Driver<()>, job: Job, rows: &mut Vec<Row>, env: &mut Env<'_>) {
        let id = driver.chat().id().unwrap();
        match job {
            Job::Packet(bytes) => {
                let (_, frame) = decode_one(&bytes).unwrap();
                driver.handle_frame(&frame, env).unwrap();
                return;
            }
            Job::Say(text) => {
                driver.send(&Draft::text(text.as_str()), env).unwrap();
                rows.push((id, format!("sent {text}")));
            }
            Job::Note(text) => rows.push((id, text)),
            Job::Nothing => {}
        }
        self.seen.lock().unwrap().worked.push(id);
    }

    fn act(&mut self, driver: &mut Driver<()>, action: Action, rows: &mut Vec<Row>, _: &mut Env<'_>) {
        let id = driver.chat().id().unwrap();
        let mut seen = self.seen.lock().unwrap();
        if let Some(frame) = action.frame().unwrap() {
            // Nothing leaves before it is durable.
            let stored = self.store.lock().memory.load(id).unwrap().unwrap();
            assert_eq!(stored.checkpoint(), driver.checkpoint());
            seen.packets.push((id, encode(ChatTag([0; 16]), &frame).unwrap()));
        }
        if let Action::Event(Event::Message(message)) = action {
            rows.push((id, format!("got {}", message.content.text)));
            seen.texts.entry(id).or_default().push(message.content.text);
        }
    }

    fn restored(&mut self, driver: &mut Driver<()>, _: &mut Env<'_>) {
        self.seen.lock().unwrap().restored.push(driver.chat().id().unwrap());
    }

    fn lost(&mut self, chat: ChatId, why: Lost, jobs: Vec<Job>) {
        self.seen.lock().unwrap().lost.push((chat, why.to_string(), jobs.len()));
    }
}

pub(crate) struct Worker {
    pub(crate) post: Post<Job>,
    pub(crate) store: TestStore,
    pub(crate) task: Task<Result<(), Broken>>,
}

pub(crate) struct World {
    pub(crate) executor: Executor,
    pub(crate) clock: FakeClock,
    pub(crate) workers: Vec<Worker>,
    pub(crate) peer: HashMap<ChatId, ChatId>,
    /// Which shard has each chat.
    pub(crate) home: HashMap<ChatId, usize>,
    /// Where the other end of a request will be.
    awaited: HashMap<ChatId, usize>,
    pub(crate) rng: Seeded,
    seen: Arc<Mutex<Seen>>,
}

impl World {
    /// Creates two shards with stores of their own.
    pub(crate) fn new(seed: u64, limits: Limits) -> Self {
        let mut world = Self {
            executor: Executor::new(seed),
            clock: FakeClock::new(),
            workers: Vec::new(),
            peer: HashMap::new(),
            home: HashMap::new(),
            awaited: HashMap::new(),
            rng: Seeded::new(seed),
            seen: Arc::default(),
        };
        world.shard(TestStore::default(), limits);
        world.shard(TestStore::default(), limits);
        world
    }

    /// Adds a shard. Returns its number.
    pub(crate) fn shard(&mut self, store: TestStore, limits: Limits) -> usize {
        let phone = Phone { seen: Arc::clone(&self.seen), store: store.clone() };
        let rng = Seeded::new(self.rng.below(u64::MAX));
        let (shard, post) = Shard::new(store.clone(), phone, rng, key(), limits);
        let task = self.executor.spawn(shard.run(self.clock.clone()));
        self.workers.push(Worker { post, store, task });
        self.workers.len() - 1
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub(crate) fn post(&self, chat: ChatId) -> &Post<Job> {
        &self.workers[self.home[&chat]].post
    }

    pub(crate) fn say(&self, chat: ChatId, text: &str) {
        self.post(chat).try_post(chat, say(text)).unwrap();
    }

    /// Requests chats from shard 0, which shard 1 accepts. Returns the ends in shard 0 once all are ready and rest.
    pub(crate) fn pairs(&mut self, count: usize) -> Vec<ChatId> {
        self.pairs_in(count, 0, 1)
    }

    pub(crate) fn pairs_in(&mut self, count: usize, from: usize, to: usize) -> Vec<ChatId> {
        let mut chats = Vec::new();
        for _ in 0..count {
            let config = Config::x25519("alice", "bob").unwrap().with_store(key());
            let chat = Chat::request(config, &mut Env::new(self.clock.now(), &mut self.rng)).unwrap();
            let id = chat.id().unwrap();
            self.home.insert(id, from);
            self.awaited.insert(id, to);
            self.workers[from].post.open(chat).unwrap();
            chats.push(id);
        }
        self.rest();
        for worker in &self.workers {
            let mut inner = worker.store.lock();
            inner.commits.clear();
            inner.rows.clear();
            (inner.scrubbed, inner.loads) = (0, Vec::new());
        }
        self.seen().worked.clear();
        chats
    }

    /// Carries everything until nothing moves, without letting time pass.
    pub(crate) fn carry(&mut self) {
        for round in 0.. {
            assert!(
                round < 10_000,
                "the packets never rest: {:?}",
                self.workers.iter().map(|worker| worker.post.tally()).collect::<Vec<_>>()
            );
            self.executor.idle();
            let packets = std::mem::take(&mut self.seen().packets);
            if packets.is_empty() {
                return;
            }
            for (from, packet) in packets {
                self.deliver(from, packet);
            }
        }
    }

    /// Delivers one packet. If the mailbox is full it stays in the network.
    pub(crate) fn deliver(&mut self, from: ChatId, packet: Vec<u8>) {
        if !self.peer.contains_key(&from) {
            return self.accept(from, &packet);
        }
        let to = self.peer[&from];
        match self.post(to).try_post(to, Job::Packet(packet)) {
            Ok(()) => {}
            Err(refused) if refused.reason == Reason::Full => {
                let Job::Packet(packet) = refused.item else { panic!() };
                self.seen().packets.push((from, packet));
                self.executor.idle();
            }
            Err(_lost) => {} // it is sent again
        }
    }

    fn accept(&mut self, from: ChatId, packet: &[u8]) {
        let (_, Frame::Request { public }) = decode_one(packet).unwrap() else { return };
        let config = Config::x25519("bob", "alice").unwrap().with_store(key());
        let env = &mut Env::new(self.clock.now(), &mut self.rng);
        let chat = Invitation::parse(public, config).unwrap().accept(env).unwrap();
        let id = chat.id().unwrap();
        let home = self.awaited[&from];
        self.home.insert(id, home);
        self.peer.insert(from, id);
        self.peer.insert(id, from);
        self.workers[home].post.open(chat).unwrap();
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds));
        self.carry();
    }

    /// Lets time pass until nothing is left to send or to acknowledge.
    pub(crate) fn rest(&mut self) {
        self.carry();
        for _ in 0..20 {
            self.advance(30);
        }
    }

    pub(crate) fn texts(&self, chat: ChatId) -> Vec<String> {
        self.seen().texts.get(&chat).cloned().unwrap_or_default()
    }

    /// Waits for a future to end, while nothing else moves the clock.
    pub(crate) fn wait<T: Send + 'static>(&mut self, future: impl Future<Output = T> + Send + 'static) -> T {
        let task = self.executor.spawn(future);
        self.carry();
        task.result().expect("it ended")
    }

    pub(crate) fn hand_over(&mut self, from: usize, chats: &[ChatId]) {
        let (post, chats) = (self.workers[from].post.clone(), chats.to_vec());
        self.wait(async move { post.hand_over(&chats).await }).unwrap();
    }

    /// Lets a shard have chats, due as their store says.
    pub(crate) fn adopt(&mut self, to: usize, chats: &[ChatId]) {
        for chat in chats {
            let due = self.workers[to].store.lock().dues[chat];
            self.workers[to].post.adopt(*chat, due).unwrap();
            self.home.insert(*chat, to);
        }
    }

    /// Asserts that each chat of this shard was in the store's rows exactly as its peer and its user saw it.
    pub(crate) fn assert_rows(&self, worker: usize) {
        let rows = self.workers[worker].store.lock().rows.clone();
        let chats: HashSet<_> = rows.iter().map(|(chat, _)| *chat).collect();
        for chat in chats {
            let of = |word: &str| -> Vec<String> {
                let rows = rows.iter().filter(|(other, _)| *other == chat);
                rows.filter_map(|(_, row)| row.strip_prefix(word).map(str::to_owned)).collect()
            };
            assert_eq!(of("got "), self.texts(chat));
            assert_eq!(of("sent "), self.texts(self.peer[&chat]));
        }
    }
}

fn _futures_are_send<S: AsyncStore, H: Host<Row = S::Row>>(shard: Shard<S, H>, clock: FakeClock, post: Post<H::Job>)
where
    Post<H::Job>: Send + Sync,
{
    fn sent<T: Send>(_: T) {}
    sent(shard.run(clock));
    sent(post.hand_over(&[]));
    sent(post.finish());
}
