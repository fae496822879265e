//! Two chats, each with a database, and a transport in memory, which is lost when the process dies.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use recordings::Seeded;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::store::{Action, Driver, DriverError, Store};
use secretchat::{Chat, ChatState, Config, Draft, Env, Event, Invitation, Role, Start, StoreKey, Timestamp};

use crate::{Database, Failure, Row};

const TAG: ChatTag = ChatTag([9; 16]);
const STORE_KEY: [u8; 32] = [0x5a; 32];

/// Ends the process at a chosen point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fuse(pub(crate) Option<u32>);

impl Fuse {
    fn burn(&mut self) {
        match &mut self.0 {
            Some(0) => std::process::abort(),
            Some(left) => *left -= 1,
            None => {}
        }
    }
}

/// Two ends.
pub(crate) struct Conversation<D: Database> {
    pub(crate) alice: End<D>,
    pub(crate) bob: End<D>,
    pub(crate) fuse: Fuse,
    now: u64,
}

/// One end.
pub(crate) struct End<D: Database> {
    role: Role,
    path: PathBuf,
    rng: Seeded,
    side: Option<Side<D::Store>>,
    /// Frames for the peer.
    pub(crate) out: VecDeque<Vec<u8>>,
}

enum Side<S: Store> {
    /// Nobody has asked for a chat yet.
    Idle(S),
    Chatting(Box<Driver<S>>),
}

type Outcome<T, D> = Result<T, DriverError<Failure<D>>>;

impl<D: Database> Conversation<D> {
    /// Continues from the records in the directory, or begins. Each start needs a seed of its own.
    pub(crate) fn open(directory: &Path, seed: u64, fuse: Fuse) -> Self {
        let mut conversation = Self {
            alice: End::new(Role::Initiator, directory.join("alice"), 2 * seed),
            bob: End::new(Role::Responder, directory.join("bob"), 2 * seed + 1),
            fuse,
            now: 1_700_000_000_000,
        };
        conversation.reopen();
        conversation
    }

    /// Opens each end that is not open.
    pub(crate) fn reopen(&mut self) {
        for end in [&mut self.alice, &mut self.bob] {
            if end.side.is_none() {
                end.open(self.now, &mut self.fuse).unwrap();
            }
        }
    }

    /// Runs until each end has written `texts` texts and received as many.
    pub(crate) fn run(&mut self, texts: usize) -> Outcome<(), D> {
        let Self { alice, bob, fuse, now } = self;
        for _ in 0..10_000 {
            let moved = carry(alice, bob, *now, fuse)? | carry(bob, alice, *now, fuse)?;
            let wrote = alice.write_next(texts, *now, fuse)? | bob.write_next(texts, *now, fuse)?;
            if moved || wrote {
                continue;
            }
            if [&*alice, &*bob].iter().all(|end| end.count(false) >= texts && end.count(true) >= texts) {
                return Ok(());
            }
            *now += 1_000;
            alice.wait(*now, fuse)?;
            bob.wait(*now, fuse)?;
        }
        panic!("the conversation does not come to an end");
    }

    /// Carries one frame from Bob to Alice.
    pub(crate) fn bob_reaches_alice(&mut self) -> Outcome<bool, D> {
        carry(&mut self.bob, &mut self.alice, self.now, &mut self.fuse)
    }

    pub(crate) fn alice_writes(&mut self, text: &str) -> Outcome<(), D> {
        self.alice.write(text, self.now, &mut self.fuse)
    }

    pub(crate) fn bob_writes(&mut self, text: &str) -> Outcome<(), D> {
        self.bob.write(text, self.now, &mut self.fuse)
    }
}

/// Returns the `number`th text of an end.
pub(crate) fn text(role: Role, number: usize) -> String {
    format!("{role:?} {number}")
}

fn carry<D: Database>(from: &mut End<D>, to: &mut End<D>, now: u64, fuse: &mut Fuse) -> Outcome<bool, D> {
    let Some(bytes) = from.out.pop_front() else { return Ok(false) };
    to.take(&bytes, now, fuse)?;
    Ok(true)
}

impl<D: Database> End<D> {
    fn new(role: Role, path: PathBuf, seed: u64) -> Self {
        Self { role, path, rng: Seeded::new(seed), side: None, out: VecDeque::new() }
    }

    /// Drops the chat and its store, as after an error, and the frames that were on their way.
    pub(crate) fn drop_chat(&mut self) {
        self.side = None;
        self.out.clear();
    }

    pub(crate) fn driver(&mut self) -> &mut Driver<D::Store> {
        let Some(Side::Chatting(driver)) = &mut self.side else { panic!("no chat") };
        driver
    }

    pub(crate) fn list(&self) -> Vec<Row> {
        D::list(match &self.side {
            Some(Side::Chatting(driver)) => driver.store(),
            Some(Side::Idle(store)) => store,
            None => panic!("no store"),
        })
        .unwrap()
    }

    /// Returns how many rows of a kind the list has.
    pub(crate) fn count(&self, received: bool) -> usize {
        self.list().iter().filter(|row| row.received == received).count()
    }

    fn config(&self) -> Start {
        let (local, peer) = if self.role == Role::Initiator { ("alice", "bob") } else { ("bob", "alice") };
        // The records of keys are the largest.
        Config::hybrid(local, peer).unwrap().with_store(StoreKey::new(STORE_KEY))
    }

    fn open(&mut self, now: u64, fuse: &mut Fuse) -> Outcome<(), D> {
        let config = self.config();
        let store = D::open(&self.path).map_err(DriverError::Store)?;
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        let driver = match store.chats().map_err(DriverError::Store)?.first() {
            Some(chat) => Driver::restore(store, *chat, &StoreKey::new(STORE_KEY), None, &mut env)?,
            None if self.role == Role::Initiator => Driver::new(Chat::request(config, &mut env).unwrap(), store),
            None => {
                self.side = Some(Side::Idle(store));
                return Ok(());
            }
        };
        self.side = Some(Side::Chatting(Box::new(driver)));
        self.drain(fuse)
    }

    fn take(&mut self, bytes: &[u8], now: u64, fuse: &mut Fuse) -> Outcome<(), D> {
        let config = self.config();
        let (_, frame) = decode_one(bytes).unwrap();
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        self.side = Some(match self.side.take().expect("a store") {
            Side::Idle(store) => {
                let Frame::Request { public } = frame else { panic!("{frame:?} before there is a chat") };
                let chat = Invitation::parse(public, config).unwrap().accept(&mut env).unwrap();
                Side::Chatting(Box::new(Driver::new(chat, store)))
            }
            Side::Chatting(mut driver) => {
                driver.handle_frame(&frame, &mut env).unwrap();
                Side::Chatting(driver)
            }
        });
        self.drain(fuse)
    }

    /// Writes the next of `texts` texts, if the chat allows it.
    fn write_next(&mut self, texts: usize, now: u64, fuse: &mut Fuse) -> Outcome<bool, D> {
        let written = self.count(false);
        let ready = matches!(&self.side, Some(Side::Chatting(driver)) if driver.chat().state() == ChatState::Ready);
        if !ready || written >= texts {
            return Ok(false);
        }
        self.write(&text(self.role, written), now, fuse)?;
        Ok(true)
    }

    /// Writes a text and adds it to the list, in the transaction of the batch that queues it.
    fn write(&mut self, text: &str, now: u64, fuse: &mut Fuse) -> Outcome<(), D> {
        let Some(Side::Chatting(driver)) = &mut self.side else { panic!("no chat") };
        let mut env = Env::new(Timestamp::from_millis(now), &mut self.rng);
        driver.send(&Draft::text(text), &mut env).unwrap();
        fuse.burn();
        let row = Row { received: false, text: text.to_owned() };
        D::append(driver.store_mut(), &row).map_err(DriverError::Store)?;
        self.drain(fuse)
    }

    fn wait(&mut self, now: u64, fuse: &mut Fuse) -> Outcome<(), D> {
        if let Some(Side::Chatting(driver)) = &mut self.side {
            driver.handle_timeout(&mut Env::new(Timestamp::from_millis(now), &mut self.rng)).unwrap();
            self.drain(fuse)?;
        }
        Ok(())
    }

    /// Carries out the driver's actions, and adds each message to the list as soon as its event comes.
    fn drain(&mut self, fuse: &mut Fuse) -> Outcome<(), D> {
        let Some(Side::Chatting(driver)) = &mut self.side else { return Ok(()) };
        loop {
            fuse.burn();
            let Some(action) = driver.next_action()? else { return Ok(()) };
            fuse.burn();
            match &action {
                Action::Event(Event::Message(message)) => {
                    let row = Row { received: true, text: message.content.text.clone() };
                    D::append(driver.store_mut(), &row).map_err(DriverError::Store)?;
                }
                Action::Event(_) | Action::Checkpoint(_) => {}
                other => {
                    let frame = other.frame().unwrap().expect("what is carried");
                    self.out.push_back(encode(TAG, &frame).unwrap());
                }
            }
        }
    }
}
