//! A host with files: what it has in memory a crash takes, what is on its disk stays. A fuse kills it at a chosen step.

use std::collections::{BTreeMap, BTreeSet};

use secretchat::frame::{ChatTag, FileId, Frame, Ranges, decode_one, encode};
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::transfer::{Bounds, FileReceiver, FileSender, Heard, Step};
use secretchat::{
    Chat, ChatId, Checkpoint, Config, Document, Draft, Env, Event, Invitation, RandomId, Start, StoreKey, Timestamp,
    media,
};

use crate::support::rng::Seeded;

pub(crate) const TAG: ChatTag = ChatTag([0x77; 16]);

/// The process has died.
#[derive(Debug)]
pub(crate) struct Crash;

/// What the user wants to send.
pub(crate) struct Planned {
    pub(crate) random_id: RandomId,
    pub(crate) file: FileId,
    /// The file is carried before the message is made.
    pub(crate) upload_first: bool,
    draft: Draft,
}

/// A file that has begun to arrive.
#[derive(Default)]
pub(crate) struct Partial {
    pub(crate) bytes: Vec<u8>,
    total: Option<u64>,
    there: Ranges,
}

/// What a crash does not take.
#[derive(Default)]
pub(crate) struct Disk {
    chat: Option<ChatId>,
    note: Option<Checkpoint>,
    /// Sealed files that go.
    pub(crate) outgoing: BTreeMap<FileId, Vec<u8>>,
    /// Files that come, until the chat has taken their message.
    pub(crate) incoming: BTreeMap<FileId, Partial>,
    /// Files of messages that the chat has taken.
    pub(crate) taken: BTreeMap<FileId, Vec<u8>>,
    /// Messages that the user sees.
    pub(crate) received: Vec<(RandomId, FileId)>,
    pub(crate) acknowledged: BTreeSet<RandomId>,
}

/// What a crash takes.
struct Memory {
    driver: Driver<MemoryStore>,
    sender: FileSender,
    receiver: FileReceiver,
    delivered: Vec<FileId>,
}

pub(crate) struct Host {
    pub(crate) disk: Disk,
    memory: Option<Memory>,
    pub(crate) plans: Vec<Planned>,
    pub(crate) rng: Seeded,
    pub(crate) bounds: Bounds,
    part_len: usize,
    /// Steps until it dies.
    pub(crate) fuse: Option<u64>,
    pub(crate) crashes: usize,
    /// Frames for the link.
    pub(crate) link: Vec<Vec<u8>>,
    /// How many bytes the link takes now, and how many it has got since.
    pub(crate) room: usize,
}

fn start(local: &str, peer: &str) -> Start {
    Config::x25519(local, peer).unwrap().with_store(StoreKey::new([0x5a; 32]))
}

/// Two hosts whose chat is ready.
pub(crate) fn pair(seed: u64, part_len: usize) -> [Host; 2] {
    let [mut first, mut second] = [Seeded::new(seed), Seeded::new(seed + 1)];
    let alice = Chat::request(start("alice", "bob"), &mut Env::new(at(0), &mut first)).unwrap();
    let mut alice = Host::new(alice, first, part_len);
    alice.act(0).unwrap();
    let request = alice.link.remove(0);
    let Ok((TAG, Frame::Request { public })) = decode_one(&request) else { panic!("a request") };
    let invitation = Invitation::parse(public, start("bob", "alice")).unwrap();
    let bob = invitation.accept(&mut Env::new(at(0), &mut second)).unwrap();
    let mut hosts = [alice, Host::new(bob, second, part_len)];
    for from in [1, 0, 1, 0] {
        hosts[from].act(0).unwrap();
        for frame in std::mem::take(&mut hosts[from].link) {
            hosts[1 - from].hear(&frame, 0).unwrap();
        }
    }
    hosts
}

pub(crate) fn at(now: u64) -> Timestamp {
    Timestamp::from_millis(now)
}

impl Host {
    fn new(chat: Chat, rng: Seeded, part_len: usize) -> Self {
        let mut bounds = Bounds::default();
        bounds.patience = std::time::Duration::from_secs(300);
        let mut host = Self {
            disk: Disk { chat: chat.id(), ..Disk::default() },
            memory: None,
            plans: Vec::new(),
            rng,
            bounds,
            part_len,
            fuse: None,
            crashes: 0,
            link: Vec::new(),
            room: usize::MAX,
        };
        host.memory = Some(host.memory_of(Driver::new(chat, MemoryStore::default())));
        host
    }

    fn memory_of(&self, driver: Driver<MemoryStore>) -> Memory {
        let sender = FileSender::new().with_part_len(self.part_len).with_window(4 * self.part_len as u64);
        Memory { driver, sender, receiver: FileReceiver::new(self.bounds), delivered: Vec::new() }
    }

    /// Plans a message with a file of this content.
    pub(crate) fn plan(&mut self, content: &[u8], upload_first: bool) -> (RandomId, FileId) {
        let form = self.driver().chat().file_form();
        let (key, sealed) = media::seal(form, content, &mut self.rng).unwrap();
        let file = FileId::random(&mut self.rng);
        let random_id = RandomId(i64::try_from(self.rng.below(1 << 62)).unwrap() + 1);
        let document = Document::new("application/octet-stream", content.len() as u64, key);
        let draft = Draft::media(document, "").with_random_id(random_id).with_file(file);
        self.memory.as_mut().unwrap().sender.add(file, sealed.len() as u64);
        self.disk.outgoing.insert(file, sealed);
        self.plans.push(Planned { random_id, file, upload_first, draft });
        (random_id, file)
    }

    pub(crate) fn driver(&mut self) -> &mut Driver<MemoryStore> {
        &mut self.memory.as_mut().unwrap().driver
    }

    pub(crate) fn receiver(&mut self) -> &mut FileReceiver {
        &mut self.memory.as_mut().unwrap().receiver
    }

    /// Every step at which a process may die.
    fn step(&mut self) -> Result<(), Crash> {
        match &mut self.fuse {
            Some(0) => Err(Crash),
            Some(steps) => {
                *steps -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Does what is due at this time, and begins anew when the process dies on the way.
    pub(crate) fn live(&mut self, frame: Option<&[u8]>, now: u64) {
        if self.run(frame, now).is_err() {
            self.fuse = None;
            self.crashes += 1;
            self.restart(now);
            self.run(None, now).unwrap();
        }
    }

    fn run(&mut self, frame: Option<&[u8]>, now: u64) -> Result<(), Crash> {
        if let Some(frame) = frame {
            self.hear(frame, now)?;
        }
        self.send_plans(now)?;
        self.go_on(now)?;
        let Self { memory: Some(memory), rng, .. } = self else { panic!("it lives") };
        memory.driver.handle_timeout(&mut Env::new(at(now), rng)).unwrap();
        self.act(now)
    }

    pub(crate) fn restart(&mut self, now: u64) {
        let Memory { driver, .. } = self.memory.take().unwrap();
        let (_, store) = driver.into_parts();
        let key = StoreKey::new([0x5a; 32]);
        let mut env = Env::new(at(now), &mut self.rng);
        let driver = Driver::restore(store, self.disk.chat.unwrap(), &key, self.disk.note, &mut env).unwrap();
        let mut memory = self.memory_of(driver);
        for (file, Partial { total, there, .. }) in &self.disk.incoming {
            memory.receiver.restore(*file, *total, there, at(now));
        }
        for planned in self.plans.iter().filter(|planned| planned.upload_first) {
            if let Some(sealed) = self.disk.outgoing.get(&planned.file) {
                memory.sender.resume(planned.file, sealed.len() as u64);
            }
        }
        self.memory = Some(memory);
    }

    /// Gives the chat the messages that it does not have, where their file may wait for them.
    fn send_plans(&mut self, now: u64) -> Result<(), Crash> {
        for at_plan in 0..self.plans.len() {
            let Self { memory: Some(memory), plans, rng, disk, .. } = self else { panic!("it lives") };
            let Planned { random_id, file, upload_first, draft } = &plans[at_plan];
            let is_known = memory.driver.chat().holds(*random_id) || disk.acknowledged.contains(random_id);
            if !is_known && (!upload_first || memory.sender.is_carried(*file)) {
                memory.driver.send(draft, &mut Env::new(at(now), rng)).unwrap();
                self.act(now)?;
            }
        }
        Ok(())
    }

    pub(crate) fn act(&mut self, now: u64) -> Result<(), Crash> {
        loop {
            self.step()?;
            let Self { memory: Some(memory), disk, .. } = self else { panic!("it lives") };
            let Some(action) = memory.driver.next_action().unwrap() else { break };
            match action {
                Action::Transmit(transmit) => {
                    memory.driver.in_flight(&transmit);
                    let stored = |file| disk.outgoing.get(&file).map(|sealed| sealed.len() as u64);
                    memory.sender.hold(transmit, stored).expect("its file is there");
                }
                Action::Event(Event::Acknowledged { random_ids, .. }) => {
                    let files = self.plans.iter().filter(|planned| random_ids.contains(&planned.random_id));
                    memory.delivered.extend(files.map(|planned| planned.file));
                    disk.acknowledged.extend(random_ids);
                }
                Action::Event(Event::Message(message)) => {
                    let file = message.file.as_ref().unwrap().reference.as_slice();
                    let row = (message.random_id, FileId::try_from(file).unwrap());
                    // After a crash the event comes again.
                    if !disk.received.contains(&row) {
                        assert!(disk.taken.contains_key(&row.1), "no message is shown without its file");
                        disk.received.push(row);
                    }
                }
                Action::Checkpoint(checkpoint) => {
                    disk.note = Some(checkpoint);
                    for file in memory.delivered.drain(..) {
                        memory.sender.finished(file);
                        disk.outgoing.remove(&file);
                    }
                }
                other => self.link.extend(other.frame().unwrap().map(|frame| encode(TAG, &frame).unwrap())),
            }
        }
        self.carry(now)
    }

    /// Lets leave what the link has room for.
    fn carry(&mut self, now: u64) -> Result<(), Crash> {
        while self.room > 0 {
            self.step()?;
            let Self { memory: Some(memory), disk, .. } = self else { panic!("it lives") };
            let Some(leaving) = memory.sender.next(at(now)) else { break };
            let part = leaving.part().and_then(|(file, range)| {
                let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                disk.outgoing.get(&file)?.get(range)
            });
            let frame = encode(TAG, &leaving.frame(part.unwrap_or_default()).unwrap()).unwrap();
            self.room = self.room.saturating_sub(frame.len());
            self.link.push(frame);
            if let Some(message) = memory.sender.carried(leaving) {
                memory.driver.landed(message, at(now));
            }
        }
        Ok(())
    }

    pub(crate) fn hear(&mut self, bytes: &[u8], now: u64) -> Result<(), Crash> {
        let Ok((TAG, frame)) = decode_one(bytes) else { panic!("the network damages nothing") };
        self.step()?;
        let Self { memory: Some(memory), disk, rng, .. } = self else { panic!("it lives") };
        let stored = |file| disk.outgoing.get(&file).map(|sealed| sealed.len() as u64);
        if memory.sender.hear(&frame, stored) {
            return self.go_on(now);
        }
        match memory.receiver.hear(&frame, at(now), |file| disk.taken.contains_key(&file)) {
            Heard::Pass(frame) => {
                assert!(!matches!(frame, Frame::Ciphertext { file: Some(_), .. }));
                let _what_strangers_made_up = memory.driver.handle_frame(&frame, &mut Env::new(at(now), rng));
            }
            Heard::Write(part) => {
                let partial = disk.incoming.entry(part.file).or_default();
                let start = usize::try_from(part.offset).unwrap();
                let end = start + part.bytes.len();
                partial.bytes.resize(partial.bytes.len().max(end), 0);
                partial.bytes[start..end].copy_from_slice(part.bytes);
                let there = memory.receiver.there(part.file).unwrap().clone();
                let total = memory.receiver.progress(part.file).map(|progress| progress.total);
                let (file, is_last) = (part.file, part.is_last);
                // The bytes are there, their ranges are not yet.
                self.step()?;
                let Self { memory: Some(memory), disk, .. } = self else { panic!("it lives") };
                let partial = disk.incoming.get_mut(&file).unwrap();
                (partial.there, partial.total) = (there, total);
                if is_last {
                    memory.receiver.durable(file);
                }
            }
            Heard::Nothing => {}
        }
        self.go_on(now)
    }

    fn go_on(&mut self, now: u64) -> Result<(), Crash> {
        loop {
            self.step()?;
            let Self { memory: Some(memory), disk, rng, .. } = self else { panic!("it lives") };
            match memory.receiver.next(at(now)) {
                None => break,
                Some(Step::Send(reply)) => self.link.push(encode(TAG, &reply.frame()).unwrap()),
                Some(Step::Message(message)) => {
                    let outcome = memory.driver.handle_message(&message, &mut Env::new(at(now), rng));
                    if memory.receiver.handled(&message, &outcome)
                        && let Some(partial) = disk.incoming.remove(&message.file())
                    {
                        disk.taken.insert(message.file(), partial.bytes);
                    }
                }
                Some(Step::Remove(file)) => drop(disk.incoming.remove(&file)),
            }
        }
        self.act(now)
    }

    /// When [`Host::live`] has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<u64> {
        let Memory { driver, sender, receiver, .. } = self.memory.as_ref().unwrap();
        let all = [driver.poll_timeout(), sender.poll_timeout(), receiver.poll_timeout()];
        all.into_iter().flatten().map(Timestamp::as_millis).min()
    }

    /// What strangers and peers have it keep.
    pub(crate) fn check_bounds(&self) {
        let kept: usize = self.disk.incoming.values().map(|partial| partial.bytes.len()).sum();
        assert!(self.disk.incoming.len() <= self.bounds.files);
        assert!(kept as u64 <= self.bounds.bytes);
    }
}
