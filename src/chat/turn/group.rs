//! The outputs of a turn, in causal order (SPEC OUT-2).

use alloc::vec::Vec;

use crate::output::{Event, Output, Transmit};
use crate::record::Batch;

/// One commit group: events, the batch, then what requires the batch to be durable. Most groups are one list, which
/// becomes the outputs of the chat.
#[derive(Default)]
pub(in crate::chat) struct Group {
    /// Events that go out before the batch.
    news: Vec<Output>,
    /// Events that lend something and therefore follow the batch, then transmissions.
    rest: Vec<Output>,
}

impl Group {
    /// Adds an event that goes out before the batch.
    pub(in crate::chat) fn tell(&mut self, event: Event) {
        self.news.push(Output::Event(event));
    }

    /// Adds an event that lends something.
    pub(in crate::chat) fn lend(&mut self, event: Event) {
        self.rest.insert(self.first_transmit(), Output::Event(event));
    }

    /// Adds a transmission.
    pub(in crate::chat) fn send(&mut self, transmit: Transmit) {
        self.rest.push(Output::Transmit(transmit));
    }

    /// Adds transmissions that go before all others.
    pub(in crate::chat) fn send_first(&mut self, transmits: Vec<Transmit>) {
        let at = self.first_transmit();
        self.rest.splice(at..at, transmits.into_iter().map(Output::Transmit));
    }

    /// Adds the batch, as the last thing that is added.
    pub(in crate::chat) fn persist(&mut self, batch: Batch) {
        if self.rest.is_empty() {
            self.news.push(Output::Persist(batch));
        } else {
            self.rest.insert(0, Output::Persist(batch));
        }
    }

    /// Returns whether there is anything to tell.
    pub(in crate::chat) const fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// Returns the events.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.news.iter().chain(&self.rest).filter_map(|output| match output {
            Output::Event(event) => Some(event),
            Output::Persist(_) | Output::Transmit(_) => None,
        })
    }

    pub(super) fn into_outputs(self) -> Vec<Output> {
        let Self { mut news, rest } = self;
        if news.is_empty() {
            return rest;
        }
        news.extend(rest);
        news
    }

    fn first_transmit(&self) -> usize {
        let is_transmit = |output: &Output| matches!(output, Output::Transmit(_));
        self.rest.iter().position(is_transmit).unwrap_or(self.rest.len())
    }
}
