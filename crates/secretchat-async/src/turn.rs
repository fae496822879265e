//! One turn: some jobs of some chats, and one commit for all of them.

use core::time::Duration;
use std::collections::{HashMap, HashSet};

use secretchat::store::{Action, AsyncStore, Driver, Entry, Step};
use secretchat::{ChatId, Input, StoreError};

use crate::clock::Clock;
use crate::host::{Host, Lost};
use crate::shard::{Resident, Shard, env};

/// How long to wait while somebody still reads old copies of records (SPEC DRV-6).
pub(crate) const SCRUB_AGAIN: Duration = Duration::from_secs(1);

impl<S: AsyncStore, H: Host<Row = S::Row>> Shard<S, H> {
    /// Gives the first chats of the queue their turn.
    pub(crate) async fn turn(&mut self, clock: &impl Clock) -> Result<(), S::Error> {
        if self.scrub_at.is_some_and(|at| at <= clock.now()) {
            self.scrub(clock).await?;
        }
        let chats = self.ready.take(self.limits.chats_per_commit);
        for chat in &chats {
            self.resting.set(*chat, None);
        }
        self.restore(&chats, clock).await?;
        for chat in &chats {
            self.work(*chat, clock);
        }
        let entries: Vec<_> = chats.iter().filter_map(|chat| self.residents.get_mut(chat)?.take_entry(*chat)).collect();
        if !entries.is_empty() {
            self.commit(&entries, clock).await?;
        }
        for chat in chats {
            self.settle(chat);
        }
        self.evict();
        self.mail.note_in_memory(self.residents.len());
        Ok(())
    }

    /// Has the store destroy old copies, now or later.
    pub(crate) async fn scrub(&mut self, clock: &impl Clock) -> Result<(), S::Error> {
        self.scrub_at = None;
        if !self.store.scrub().await? {
            self.scrub_at = Some(clock.now().saturating_add(SCRUB_AGAIN));
        }
        Ok(())
    }

    /// Restores those of the chats that are not in memory, with one load.
    async fn restore(&mut self, chats: &[ChatId], clock: &impl Clock) -> Result<(), S::Error> {
        let absent = chats.iter().copied().filter(|chat| !self.residents.contains_key(chat) && self.mail.wants(*chat));
        let absent: Vec<_> = absent.collect();
        if absent.is_empty() {
            return Ok(());
        }
        let loaded = self.store.load(&absent).await?;
        let mut loaded: HashMap<_, _> = loaded.into_iter().map(|records| (records.chat, records)).collect();
        for chat in absent {
            let expected = self.host.expected(chat);
            let env = &mut env(clock, &mut *self.rng);
            let records = loaded.remove(&chat).ok_or(StoreError::Missing);
            match records.and_then(|records| Driver::from_records(&records, &self.key, expected, env)) {
                Ok(driver) => {
                    self.admit(chat, driver);
                    self.begin_again(chat, clock);
                }
                Err(error) => self.lose(chat, Lost::Records(error)),
            }
        }
        Ok(())
    }

    /// Goes on with a chat that was restored.
    fn begin_again(&mut self, chat: ChatId, clock: &impl Clock) {
        let left_at = self.evicted.remove(&chat);
        let Some(Resident { driver, batch, rows, .. }) = self.residents.get_mut(&chat) else { return };
        let env = &mut env(clock, &mut *self.rng);
        if left_at.is_some() && left_at == driver.checkpoint() {
            // It rested: the transport had accepted everything. The records need not know that (SPEC DRV-9), so they have
            // it sent again. Two ends that both leave memory would then wake each other without end.
            let mut carried = Vec::new();
            while batch.is_none() {
                match driver.next_step() {
                    Some(Step::Act(Action::Transmit(transmit))) => carried.push(transmit.id),
                    Some(Step::Act(action)) => self.host.act(driver, action, rows, env),
                    Some(Step::Write(next)) => *batch = Some(next),
                    None => break,
                }
            }
            for id in carried {
                // This input has no bytes that could be wrong.
                let _ = driver.handle(Input::carried(id, None), None, env);
            }
        }
        self.host.restored(driver, env);
    }

    /// Does what is due and some jobs, up to the first batch.
    fn work(&mut self, chat: ChatId, clock: &impl Clock) {
        let Some(Resident { driver, batch, rows, call, .. }) = self.residents.get_mut(&chat) else { return };
        let env = &mut env(clock, &mut *self.rng);
        if core::mem::take(call) || driver.poll_timeout().is_some_and(|at| at <= env.now) {
            // Where there is no room for an acknowledgement, the peer's next message is acknowledged in its place.
            let _ = driver.handle_timeout(env);
        }
        let mut jobs = self.limits.jobs_per_turn;
        while batch.is_none() {
            match driver.next_step() {
                Some(Step::Act(action)) => self.host.act(driver, action, rows, env),
                Some(Step::Write(next)) => *batch = Some(next),
                None => {
                    let job = if jobs > 0 { self.mail.take(chat) } else { None };
                    let Some(job) = job else { break };
                    jobs -= 1;
                    self.host.work(driver, job, rows, env);
                }
            }
        }
    }

    /// Writes the batches and rows of all these chats, then does what waits for that (SPEC DRV-10).
    async fn commit(&mut self, entries: &[Entry<S::Row>], clock: &impl Clock) -> Result<(), S::Error> {
        let refused: HashSet<_> = self.store.commit(entries).await?.into_iter().collect();
        if entries.iter().any(|entry| entry.batch.as_ref().is_some_and(|batch| batch.destroys)) {
            // Before anything leaves (SPEC DRV-6).
            self.scrub(clock).await?;
        }
        for Entry { chat, batch, due, rows: _ } in entries {
            if refused.contains(chat) {
                self.lose(*chat, Lost::Superseded);
                continue;
            }
            let Some(resident) = self.residents.get_mut(chat) else { continue };
            resident.noted = Some(*due);
            if let Some(batch) = batch {
                resident.driver.written(batch);
            }
            self.give_out(*chat, clock);
        }
        Ok(())
    }

    /// Gives out what is durable, up to the next batch.
    fn give_out(&mut self, chat: ChatId, clock: &impl Clock) {
        let Some(Resident { driver, batch, rows, .. }) = self.residents.get_mut(&chat) else { return };
        let env = &mut env(clock, &mut *self.rng);
        while let Some(step) = driver.next_step() {
            match step {
                Step::Act(action) => self.host.act(driver, action, rows, env),
                Step::Write(next) => *batch = Some(next),
            }
        }
    }

    /// Lets a chat rest until something comes for it, or puts it at the end of the queue.
    fn settle(&mut self, chat: ChatId) {
        let Some(resident) = self.residents.get(&chat) else {
            if self.departures.contains(chat) {
                self.forget(chat);
                self.departures.rests(chat, None);
            }
            return;
        };
        let driver = &resident.driver;
        if resident.writes() || self.mail.has_jobs(chat) {
            self.ready.push(chat);
        } else if self.departures.contains(chat) {
            let due = driver.due();
            let entry = Entry { chat, batch: None, due, rows: Vec::new() };
            let entry = (resident.noted != Some(due)).then_some(entry);
            self.forget(chat);
            self.departures.rests(chat, entry);
        } else {
            self.wheel.set(chat, driver.poll_timeout());
            if !driver.chat().awaits_transport() && !driver.chat().owes_acknowledgement() {
                self.resting.set(chat, Some(self.rests));
                self.rests += 1;
            }
        }
    }

    /// Forgets those that have rested longest, as long as there are too many. Their times stay in the wheel.
    fn evict(&mut self) {
        let excess = self.residents.len().saturating_sub(self.limits.in_memory);
        if excess == 0 {
            return;
        }
        let resting = self.resting.due(u64::MAX).copied().filter(|chat| !self.ready.contains(*chat));
        for chat in resting.take(excess).collect::<Vec<_>>() {
            self.resting.set(chat, None);
            let left = self.residents.remove(&chat);
            self.evicted.extend(left.and_then(|left| Some((chat, left.driver.checkpoint()?))));
        }
    }

    /// Drops everything about a chat.
    fn forget(&mut self, chat: ChatId) {
        self.residents.remove(&chat);
        self.evicted.remove(&chat);
        self.resting.set(chat, None);
        self.wheel.set(chat, None);
    }

    /// Drops a chat, and gives its jobs back.
    fn lose(&mut self, chat: ChatId, why: Lost) {
        self.forget(chat);
        if matches!(why, Lost::Superseded) {
            self.departures.is_lost(chat);
        } else {
            self.departures.rests(chat, None);
        }
        let jobs = self.mail.forget(chat);
        self.host.lost(chat, why, jobs);
    }
}
