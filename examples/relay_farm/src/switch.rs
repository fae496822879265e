//! The switch: it knows which worker drives each end, passes frames on, and looks at every message that leaves.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secretchat::TransmitId;
use secretchat::frame::{Frame, decode_one};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::unbounded_channel;

use crate::note::{End, Line, Note, carry, peer};
use crate::users::Users;

/// The switch, which the tasks of all lines share.
#[derive(Clone, Debug)]
pub(crate) struct Switch(Arc<Mutex<State>>);

/// What the switch knows.
#[derive(Debug)]
pub(crate) struct State {
    began: Instant,
    lines: HashMap<u32, Line>,
    /// The worker of each end.
    owners: Vec<Option<u32>>,
    /// The ends whose worker was killed or left, since when.
    orphans: HashMap<End, Instant>,
    /// When it was last asked who drives an end.
    sought: HashMap<End, Instant>,
    /// How long each of them was without a worker, in microseconds.
    pub(crate) without_worker: Vec<u64>,
    /// A hash of the message in each slot that left.
    slots: HashMap<(End, TransmitId), u64>,
    /// How many slots left with two messages.
    pub(crate) twice: u64,
    /// How many texts came out of turn.
    pub(crate) wrong: u64,
    /// How many chats workers lost to others while they were alive.
    pub(crate) lost: u64,
    ready: Vec<bool>,
    pub(crate) readies: usize,
    pub(crate) users: Users,
    /// How many chats each worker has, how many of them in memory, and the bytes of its process.
    pub(crate) sizes: HashMap<u32, (u32, u64, u64)>,
}

impl Switch {
    pub(crate) fn new(ends: usize, users: Users) -> Self {
        Self(Arc::new(Mutex::new(State {
            began: Instant::now(),
            lines: HashMap::new(),
            owners: vec![None; ends],
            orphans: HashMap::new(),
            sought: HashMap::new(),
            without_worker: Vec::new(),
            slots: HashMap::new(),
            twice: 0,
            wrong: 0,
            lost: 0,
            ready: vec![false; ends],
            readies: 0,
            users,
            sizes: HashMap::new(),
        })))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves the lines of all workers.
    pub(crate) async fn serve(self, listener: UnixListener) -> std::io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(self.clone().serve_worker(stream));
        }
    }

    async fn serve_worker(self, stream: UnixStream) -> std::io::Result<()> {
        let (mut read, write) = stream.into_split();
        let Some(Note::Begin(worker)) = Note::read(&mut read).await? else { return Ok(()) };
        let (sender, notes) = unbounded_channel();
        self.state().lines.insert(worker, Line(sender));
        tokio::spawn(carry(notes, write));
        let ended = self.listen(worker, read).await;
        self.state().hang_up(worker);
        ended
    }

    async fn listen(&self, worker: u32, read: OwnedReadHalf) -> std::io::Result<()> {
        let mut read = tokio::io::BufReader::with_capacity(1 << 16, read);
        while let Some(note) = Note::read(&mut read).await? {
            self.state().hear(worker, note);
        }
        Ok(())
    }
}

impl State {
    /// Returns the microseconds since the farm began.
    pub(crate) fn now(&self) -> u64 {
        micros(self.began.elapsed())
    }

    pub(crate) fn is_connected(&self, worker: u32) -> bool {
        self.lines.contains_key(&worker)
    }

    /// Returns how many ends have no worker.
    pub(crate) fn orphans(&self) -> usize {
        self.orphans.len()
    }

    pub(crate) fn tell(&self, worker: u32, note: Note) {
        if let Some(line) = self.lines.get(&worker) {
            line.put(note);
        }
    }

    /// Passes a note on to whoever drives the end, or asks who that is.
    fn pass(&mut self, end: End, note: Note) {
        match self.owners[end as usize] {
            Some(worker) => self.tell(worker, note),
            None => self.seek(end),
        }
    }

    /// Asks all workers who drives an end, at most once a second.
    fn seek(&mut self, end: End) {
        let sought = self.sought.get(&end).is_some_and(|at| at.elapsed() < Duration::from_secs(1));
        if !sought {
            self.sought.insert(end, Instant::now());
            self.lines.values().for_each(|line| line.put(Note::Who(end)));
        }
    }

    /// Lets a user ask for a text, and its worker know if the end has one.
    pub(crate) fn ask(&mut self, end: End) {
        let now = self.now();
        if let Some(say) = self.users.ask(end, now) {
            self.pass(end, say);
        }
    }

    /// Asks again for what was not said for long.
    pub(crate) fn ask_again(&mut self) {
        let now = self.now();
        for (end, say) in self.users.overdue(now) {
            self.pass(end, say);
        }
    }

    fn hear(&mut self, worker: u32, note: Note) {
        match note {
            Note::Frame(end, bytes) => self.carry(end, bytes),
            Note::Has(end) => {
                self.owners[end as usize] = Some(worker);
                if let Some(since) = self.orphans.remove(&end) {
                    self.without_worker.push(micros(since.elapsed()));
                }
                for say in self.users.open(end) {
                    self.pass(end, say);
                }
            }
            Note::Lost(end) => {
                self.lost += 1;
                if self.owners[end as usize] == Some(worker) {
                    self.owners[end as usize] = None;
                    self.orphans.insert(end, Instant::now());
                }
            }
            Note::Ready(end) => {
                let ready = &mut self.ready[end as usize];
                self.readies += usize::from(!*ready);
                *ready = true;
            }
            Note::Said(end, number) => {
                for say in self.users.said(end, number) {
                    self.pass(end, say);
                }
            }
            Note::Heard(end, number, asked) => {
                let now = self.now();
                self.users.heard(end, number, now.saturating_sub(asked));
            }
            Note::Wrong(end, number, expected) => {
                self.wrong += 1;
                eprintln!("end {end} received text {number} in place of {expected}");
            }
            Note::Size(chats, in_memory, bytes) => _ = self.sizes.insert(worker, (chats, in_memory, bytes)),
            Note::NotHere(end) => {
                if self.owners[end as usize] == Some(worker) {
                    self.owners[end as usize] = None;
                }
                self.seek(end);
            }
            Note::Begin(_) | Note::Say(..) | Note::Leave | Note::Who(_) => {}
        }
    }

    fn carry(&mut self, end: End, bytes: Vec<u8>) {
        match decode_one(&bytes) {
            // A request goes to the worker that is to answer it: the one after the caller's.
            Ok((_, Frame::Request { .. })) if self.owners[peer(end) as usize].is_none() => {
                let mut workers: Vec<_> = self.lines.keys().copied().collect();
                workers.sort_unstable();
                let next = workers.get((end as usize / 2 + 1) % workers.len().max(1)).copied();
                next.into_iter().for_each(|worker| self.tell(worker, Note::Frame(peer(end), bytes.clone())));
                return;
            }
            Ok((_, Frame::Ciphertext { transmit_id, bytes, .. })) => {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                match self.slots.entry((end, transmit_id)) {
                    Entry::Vacant(slot) => _ = slot.insert(hasher.finish()),
                    Entry::Occupied(slot) if *slot.get() == hasher.finish() => {}
                    Entry::Occupied(_) => self.twice += 1,
                }
            }
            _ => {}
        }
        self.pass(peer(end), Note::Frame(peer(end), bytes));
    }

    /// Notes that a worker is gone.
    fn hang_up(&mut self, worker: u32) {
        self.lines.remove(&worker);
        self.sizes.remove(&worker);
        for (end, owner) in self.owners.iter_mut().enumerate().filter(|(_, owner)| **owner == Some(worker)) {
            *owner = None;
            self.orphans.insert(u32::try_from(end).unwrap_or(End::MAX), Instant::now());
        }
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
