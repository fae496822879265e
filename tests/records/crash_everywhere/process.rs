//! Processes: they take what a chat asks for, die at a chosen output, and come back from the records.

use std::mem;

use secretchat::{CallError, Chat, Env, Output, PeerFault, StoreKey, Timestamp, TransmitKind};

use super::world::{STORE_KEY, World};
use crate::support::host::{Keeping, is_among_ourselves};
use crate::support::model::Model;

/// How a call of a chat ended.
pub(crate) enum Ended {
    Whole,
    /// The process died; whether the batch of the call was written.
    Died {
        written: bool,
    },
}

impl World {
    /// The world says it again until a process has lived to the end of it.
    pub(crate) fn until_heard<R>(
        &mut self,
        end: usize,
        mut call: impl FnMut(&mut Chat, &mut Env<'_>) -> Result<R, PeerFault>,
    ) -> Option<Result<R, PeerFault>> {
        loop {
            let result = self.call(end, &mut call)?;
            if result.is_ok() {
                self.ends[end].model.advance(self.facts.now);
            }
            if let Ended::Whole = self.drain(end) {
                return Some(result);
            }
        }
    }

    /// What a user wants: the host repeats it until it knows that it is durable.
    pub(crate) fn persistently(
        &mut self,
        end: usize,
        mut call: impl FnMut(&mut Chat, &mut Env<'_>) -> Result<(), CallError>,
        effect: impl Fn(&mut Model),
    ) -> Result<(), CallError> {
        loop {
            let Some(result) = self.call(end, &mut call) else { return Ok(()) };
            let now = self.facts.now;
            let model = &mut self.ends[end].model;
            if result.is_ok() {
                model.advance(now);
                effect(model);
            }
            match (self.drain(end), self.ends[end].keeping) {
                (Ended::Whole, _) | (Ended::Died { written: true }, Keeping::OneDatabase) => return result,
                (Ended::Died { .. }, _) => {}
            }
        }
    }

    fn call<R>(&mut self, end: usize, call: impl FnOnce(&mut Chat, &mut Env<'_>) -> R) -> Option<R> {
        let chat = self.chats[end].as_mut()?;
        Some(call(chat, &mut Env::new(Timestamp::from_millis(self.facts.now), &mut self.ends[end].rng)))
    }

    /// Does what the chat asks for.
    pub(crate) fn drain(&mut self, end: usize) -> Ended {
        let mut written = false;
        while let Some(output) = self.chats[end].as_mut().and_then(Chat::poll_output) {
            let fuse = self.fuses.front().copied().filter(|fuse| fuse.at == self.facts.outputs);
            self.facts.outputs += 1;
            if fuse.is_none_or(|fuse| fuse.done) {
                written |= matches!(output, Output::Persist(_));
                self.take(end, output);
            }
            if fuse.is_some() {
                self.fuses.pop_front();
                self.crashes += 1;
                self.restart(end);
                return Ended::Died { written };
            }
        }
        Ended::Whole
    }

    fn take(&mut self, end: usize, output: Output) {
        match output {
            Output::Event(event) => {
                let chat = self.chats[end].as_ref().unwrap();
                self.ends[end].hear(event, chat, &self.facts.made);
            }
            Output::Persist(batch) => self.ends[end].persist(&batch),
            Output::Transmit(transmit) => {
                if let TransmitKind::Ciphertext { random_id, bytes, .. } = &transmit.kind {
                    let (named, left) = self.ends[end].left.entry(transmit.id).or_insert((*random_id, Vec::new()));
                    assert_eq!(named, random_id, "a slot has one message");
                    match left.contains(bytes) {
                        true if !self.offers_again => self.facts.resent[end] += 1,
                        true => {}
                        false => left.push(bytes.clone()),
                    }
                }
                // Among ourselves only the peer's word ends that (SPEC OUT-4).
                let carried_counts = !is_among_ourselves(self.chats[end].as_ref().unwrap().profile());
                if carried_counts && self.offers_again && self.ends[end].carried.contains(&transmit.id) {
                    self.facts.carried_again.push((end, transmit.id));
                }
                if self.facts.network.under_way(end).all(|other| *other != transmit) {
                    self.facts.network.post(end, transmit, self.facts.now);
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// A new process, which sends again what the peer may not have.
    pub(crate) fn restart(&mut self, end: usize) {
        self.restore(end);
        let Some(chat) = &mut self.chats[end] else { return };
        let now = Timestamp::from_millis(self.facts.now);
        chat.retransmit(&mut Env::new(now, &mut self.ends[end].rng));
        let before = mem::replace(&mut self.offers_again, true);
        self.drain(end);
        self.offers_again = before;
    }

    pub(crate) fn restore(&mut self, end: usize) {
        let records = self.ends[end].come_back(self.facts.now);
        let checkpoint = self.ends[end].checkpoint.filter(|_| self.checkpoint_is_known);
        let mut env = Env::new(Timestamp::from_millis(self.facts.now), &mut self.ends[end].rng);
        self.chats[end] =
            records.map(|records| Chat::restore(&records, &StoreKey::new(STORE_KEY), checkpoint, &mut env).unwrap());
    }
}
