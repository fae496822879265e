//! The rows of a phone in memory, for queries.

use std::collections::{HashMap, HashSet};

use secretchat::frame::{ChatTag, FileId};
use secretchat::{Checkpoint, RandomId};

use super::rows::{Draft, Grouped, Key, Opened, Plan, Received, Row, What};

/// Indexes the rows, so that a query need not look at thousands of them.
#[derive(Default)]
pub(crate) struct Journal {
    plan: Option<Plan>,
    tag: Option<ChatTag>,
    checkpoint: Option<Checkpoint>,
    drafts: Vec<Draft>,
    steps: HashMap<String, RandomId>,
    acknowledged: HashSet<RandomId>,
    received: Vec<Received>,
    /// Places in `received`.
    arrived: HashMap<RandomId, usize>,
    files: HashSet<FileId>,
    /// Places in `received` of files of albums that have not been decrypted.
    waiting: Vec<usize>,
    opened: HashMap<RandomId, Opened>,
    expired: HashSet<RandomId>,
    keys: Vec<Key>,
}

impl FromIterator<Row> for Journal {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut journal = Self::default();
        rows.into_iter().for_each(|row| journal.add(row));
        journal
    }
}

impl Journal {
    pub(crate) fn add(&mut self, row: Row) {
        match row {
            Row::Plan(plan) => self.plan = Some(plan),
            Row::Tag(tag) => self.tag = Some(tag),
            Row::Checkpoint(checkpoint) => self.checkpoint = Some(checkpoint),
            Row::Draft(draft) => {
                self.steps.insert(draft.step.clone(), draft.id);
                self.drafts.push(draft);
            }
            Row::Acknowledged(id) => {
                self.acknowledged.insert(id);
            }
            Row::Received(received) => self.add_received(received),
            Row::Opened(opened) => {
                let received = &self.received;
                self.waiting.retain(|place| received[*place].id != opened.id);
                self.opened.insert(opened.id, opened);
            }
            Row::Expired(id) => {
                self.expired.insert(id);
            }
            Row::Key(key) => self.keys.push(key),
        }
    }

    fn add_received(&mut self, received: Received) {
        let place = self.received.len();
        self.arrived.insert(received.id, place);
        self.files.extend(received.what.file());
        if let What::Grouped(_) = received.what {
            self.waiting.push(place);
        }
        self.received.push(received);
    }

    pub(crate) const fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    pub(crate) const fn tag(&self) -> Option<ChatTag> {
        self.tag
    }

    pub(crate) const fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    pub(crate) fn drafts(&self) -> &[Draft] {
        &self.drafts
    }

    /// Returns the message of this step of the story.
    pub(crate) fn draft(&self, step: &str) -> Option<RandomId> {
        self.steps.get(step).copied()
    }

    pub(crate) fn is_acknowledged(&self, id: RandomId) -> bool {
        self.acknowledged.contains(&id)
    }

    /// Returns how many of our messages the peer has.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    pub(crate) fn received(&self) -> &[Received] {
        &self.received
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Returns the files that came in albums.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = &Grouped> {
        self.received.iter().filter_map(|received| received.what.grouped())
    }

    /// Returns the files of albums that have not been decrypted.
    pub(crate) fn waiting(&self) -> impl ExactSizeIterator<Item = (RandomId, Option<&Grouped>)> {
        self.waiting.iter().map(|place| &self.received[*place]).map(|received| (received.id, received.what.grouped()))
    }

    /// Returns the hash of the content that was seen of a message with a timer, or decrypted of an album.
    pub(crate) fn opened(&self, id: RandomId) -> Option<&Opened> {
        self.opened.get(&id)
    }

    pub(crate) fn has_expired(&self, id: RandomId) -> bool {
        self.expired.contains(&id)
    }

    /// Returns the encrypted file of a message with a timer that arrived.
    pub(crate) fn hidden(&self, id: RandomId) -> Option<FileId> {
        match self.received[*self.arrived.get(&id)?].what {
            What::Hidden(file) => Some(file),
            _ => None,
        }
    }

    pub(crate) fn has_received(&self, id: RandomId) -> bool {
        self.arrived.contains_key(&id)
    }

    /// Returns whether the message of this file has arrived: then the file need not come again.
    pub(crate) fn has_file(&self, id: FileId) -> bool {
        self.files.contains(&id)
    }
}
