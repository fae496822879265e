//! The state that the handles of a shard and its task share: which chats it has, and their jobs.

use core::mem;
use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event, EventListener, IntoNotification};
use secretchat::{Chat, ChatId, Timestamp};

use crate::post::Tally;
use crate::refused::{Reason, Refused};
use crate::signal::{Promise, Promised, promise};

/// The mailboxes of all chats of a shard. A chat without jobs takes only the room of its name.
#[derive(Debug)]
pub(crate) struct Mailbox<J> {
    state: Mutex<State<J>>,
    /// Something has come for the task.
    news: Event,
    jobs_per_chat: usize,
    /// The end of the task, when it has finished.
    end: Promised,
}

#[derive(Debug)]
struct State<J> {
    chats: HashMap<ChatId, Presence>,
    boxes: HashMap<ChatId, VecDeque<J>>,
    /// Those who wait for room in a full box.
    waiting: HashMap<ChatId, Arc<Event>>,
    /// The chats whose box was empty before.
    fresh: Vec<ChatId>,
    orders: Vec<Order>,
    /// Whether nothing new is taken.
    finishing: bool,
    jobs: usize,
    in_memory: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Here,
    /// Its jobs are still done.
    Leaving,
}

/// Something for the task itself.
#[derive(Debug)]
pub(crate) enum Order {
    Open(Box<Chat>),
    Adopt(ChatId, Option<Timestamp>),
    Leave(Leave),
}

/// Chats that go.
#[derive(Debug)]
pub(crate) struct Leave {
    pub(crate) chats: Vec<ChatId>,
    /// Whether their records go, too.
    pub(crate) delete: bool,
    pub(crate) done: Promise,
}

/// Everything that has come since the task last looked.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) orders: Vec<Order>,
    pub(crate) fresh: Vec<ChatId>,
    pub(crate) finishing: bool,
}

impl<J> Mailbox<J> {
    /// Creates the mailboxes. `end` is kept when the task has finished.
    pub(crate) fn new(jobs_per_chat: usize, end: Promised) -> Self {
        let state = State {
            chats: HashMap::new(),
            boxes: HashMap::new(),
            waiting: HashMap::new(),
            fresh: Vec::new(),
            orders: Vec::new(),
            finishing: false,
            jobs: 0,
            in_memory: 0,
        };
        Self { state: Mutex::new(state), news: Event::new(), jobs_per_chat, end }
    }

    // No call on a job or on the host happens under the lock, so a panic leaves the state whole.
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # From the handles
impl<J> Mailbox<J> {
    /// Takes a job, or says why not. If the box is full, also returns what to wait for.
    pub(crate) fn offer(&self, chat: ChatId, job: J) -> Result<(), (Refused<J>, Option<EventListener>)> {
        let mut state = self.lock();
        if state.chats.get(&chat) != Some(&Presence::Here) {
            let reason = if state.finishing { Reason::Ended } else { Reason::NotHere };
            return Err((Refused { item: job, reason }, None));
        }
        let State { boxes, fresh, waiting, .. } = &mut *state;
        match boxes.entry(chat) {
            Slot::Vacant(slot) => {
                slot.insert(VecDeque::new()).push_back(job);
                fresh.push(chat);
            }
            Slot::Occupied(slot) if slot.get().len() < self.jobs_per_chat => slot.into_mut().push_back(job),
            Slot::Occupied(_) => {
                let listener = waiting.entry(chat).or_default().listen();
                return Err((Refused { item: job, reason: Reason::Full }, Some(listener)));
            }
        }
        state.jobs += 1;
        drop(state);
        self.news.notify(1);
        Ok(())
    }

    pub(crate) fn open(&self, chat: Chat) -> Result<(), Refused<Box<Chat>>> {
        let item = Box::new(chat);
        let Some(id) = item.id() else { return Err(Refused { item, reason: Reason::NoRecords }) };
        let mut state = self.lock();
        match state.admit(id) {
            Err(reason) => return Err(Refused { item, reason }),
            Ok(()) => state.orders.push(Order::Open(item)),
        }
        drop(state);
        self.news.notify(1);
        Ok(())
    }

    pub(crate) fn adopt(&self, chat: ChatId, due: Option<Timestamp>) -> Result<(), Reason> {
        let mut state = self.lock();
        state.admit(chat)?;
        state.orders.push(Order::Adopt(chat, due));
        drop(state);
        self.news.notify(1);
        Ok(())
    }

    /// Lets chats go. Those that are not here are passed over.
    pub(crate) fn leave(&self, chats: &[ChatId], delete: bool) -> Promised {
        let mut state = self.lock();
        let promised = state.leave(chats.to_vec(), delete);
        drop(state);
        self.news.notify(1);
        promised
    }

    /// Lets all chats go, and takes nothing any more.
    pub(crate) fn finish(&self) -> Promised {
        let mut state = self.lock();
        state.finishing = true;
        let chats = state.chats.keys().copied().collect();
        state.leave(chats, false);
        drop(state);
        self.news.notify(1);
        self.end.clone()
    }

    pub(crate) fn tally(&self) -> Tally {
        let State { chats, jobs, in_memory, .. } = &*self.lock();
        Tally { chats: chats.len(), jobs: *jobs, in_memory: *in_memory }
    }
}

/// # From the task
impl<J> Mailbox<J> {
    pub(crate) fn take_news(&self) -> News {
        let mut state = self.lock();
        News { orders: mem::take(&mut state.orders), fresh: mem::take(&mut state.fresh), finishing: state.finishing }
    }

    /// Returns what to wait for, or `None` if something has come already.
    pub(crate) fn listen(&self) -> Option<EventListener> {
        let listener = self.news.listen();
        let state = self.lock();
        (state.orders.is_empty() && state.fresh.is_empty()).then_some(listener)
    }

    /// Takes the next job of a chat, and lets in whoever waits for the room.
    pub(crate) fn take(&self, chat: ChatId) -> Option<J> {
        let mut state = self.lock();
        let Slot::Occupied(mut slot) = state.boxes.entry(chat) else { return None };
        let job = slot.get_mut().pop_front();
        if slot.get().is_empty() {
            slot.remove();
        }
        state.jobs -= usize::from(job.is_some());
        if let Slot::Occupied(event) = state.waiting.entry(chat) {
            if event.get().total_listeners() == 0 {
                event.remove();
            } else {
                event.get().notify(1.additional());
            }
        }
        job
    }

    pub(crate) fn has_jobs(&self, chat: ChatId) -> bool {
        self.lock().boxes.contains_key(&chat)
    }

    /// Returns whether there is a reason to restore a chat that has its turn.
    pub(crate) fn wants(&self, chat: ChatId) -> bool {
        let state = self.lock();
        match state.chats.get(&chat) {
            Some(Presence::Here) => true,
            Some(Presence::Leaving) => state.boxes.contains_key(&chat),
            None => false,
        }
    }

    /// Forgets a chat, and returns its jobs.
    pub(crate) fn forget(&self, chat: ChatId) -> Vec<J> {
        let mut state = self.lock();
        state.chats.remove(&chat);
        state.turn_away(chat);
        let jobs: Vec<_> = state.boxes.remove(&chat).into_iter().flatten().collect();
        state.jobs -= jobs.len();
        jobs
    }

    pub(crate) fn note_in_memory(&self, count: usize) {
        self.lock().in_memory = count;
    }

    /// Takes nothing any more, and turns away whoever waits.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.finishing = true;
        state.chats.clear();
        state.jobs = 0;
        for event in mem::take(&mut state.waiting).into_values() {
            event.notify(usize::MAX);
        }
        let left = (mem::take(&mut state.boxes), mem::take(&mut state.orders));
        drop(state);
        drop(left);
    }
}

impl<J> State<J> {
    fn admit(&mut self, chat: ChatId) -> Result<(), Reason> {
        if self.finishing {
            return Err(Reason::Ended);
        }
        match self.chats.entry(chat) {
            Slot::Occupied(_) => Err(Reason::Here),
            Slot::Vacant(slot) => {
                slot.insert(Presence::Here);
                Ok(())
            }
        }
    }

    fn leave(&mut self, mut chats: Vec<ChatId>, delete: bool) -> Promised {
        let (done, promised) = promise();
        chats.retain(|chat| match self.chats.get_mut(chat) {
            Some(presence @ Presence::Here) => {
                *presence = Presence::Leaving;
                true
            }
            _ => false,
        });
        for chat in &chats {
            self.turn_away(*chat);
        }
        self.orders.push(Order::Leave(Leave { chats, delete, done }));
        promised
    }

    /// Wakes those who wait for room, to be refused.
    fn turn_away(&mut self, chat: ChatId) {
        if let Some(event) = self.waiting.remove(&chat) {
            event.notify(usize::MAX);
        }
    }
}
