//! Our messages until the peer acknowledges them.

use alloc::boxed::Box;
use alloc::collections::{BTreeSet, VecDeque};

use super::rest::Rest;
use super::setup::Setup;
use super::state::State;
use crate::envelope;
use crate::output::{Transmit, TransmitKind, UserAction};
use crate::record::Written;
use crate::types::id::{KeyFingerprint, Layer, RandomId, SeqNo, TransmitId};
use crate::types::time::Ttl;

/// The kind of a message of ours, for the user and for the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum Kind {
    /// A message that the user wrote.
    Written,
    /// A message that events do not name: typing, or a draft that was refused.
    Action,
    /// A message of the protocol itself. In Telegram it has its own API method.
    Protocol,
    /// The other actions of the user.
    Read,
    Deletion,
    Flush,
    Screenshot,
    /// Sets the timer that [`Outgoing::ttl`] holds.
    SetTtl,
}

/// The last report of the transport about a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum Delivery {
    /// Nothing yet.
    Queued,
    /// It has accepted the message.
    Carried,
    /// It has not accepted the message again since the peer requested it.
    Asked,
}

/// A sealed message that the peer has not acknowledged.
#[derive(Clone, Debug)]
pub(in crate::chat) struct Outgoing {
    pub(in crate::chat) slot: SeqNo,
    /// How many messages were received when it was made. This never changes, whatever is sealed in this slot.
    pub(in crate::chat) in_seq_no: SeqNo,
    pub(in crate::chat) random_id: RandomId,
    /// The layer at which it is written. Like its numbers and its key, it never changes.
    pub(in crate::chat) layer: Layer,
    pub(in crate::chat) kind: Kind,
    /// The timer that a [`Kind::SetTtl`] sets.
    pub(in crate::chat) ttl: Ttl,
    /// Whether it only acknowledges.
    pub(in crate::chat) noop: bool,
    pub(in crate::chat) silent: bool,
    pub(in crate::chat) delivery: Delivery,
    /// Whether the host knows that the transport accepted it.
    pub(in crate::chat) told: bool,
    /// Whether its content was destroyed before the peer acknowledged it, which happens once.
    pub(in crate::chat) emptied: bool,
    pub(in crate::chat) file: Option<Box<[u8]>>,
    pub(in crate::chat) sealed: Box<[u8]>,
    /// The replacement for its slot, sealed when its key was wiped.
    pub(in crate::chat) replacement: Option<Box<[u8]>>,
    /// How long it is not repeated although the peer has not acknowledged it. Not stored.
    pub(in crate::chat) rest: Rest,
    /// The record of this message.
    pub(in crate::chat) written: Written,
}

impl Outgoing {
    /// Returns the user's action, as events name it.
    pub(in crate::chat) fn user_action(&self) -> Option<UserAction> {
        match self.kind {
            Kind::Read => Some(UserAction::MarkRead),
            Kind::Deletion => Some(UserAction::Delete),
            Kind::Flush => Some(UserAction::FlushHistory),
            Kind::Screenshot => Some(UserAction::ReportScreenshot),
            Kind::SetTtl => Some(UserAction::SetTtl { ttl: self.ttl }),
            Kind::Written | Kind::Action | Kind::Protocol => None,
        }
    }

    pub(in crate::chat) fn id(&self) -> TransmitId {
        TransmitId::of_slot(self.slot)
    }

    /// Returns this entry once the transport has accepted it.
    pub(in crate::chat) fn carried(&self) -> Self {
        Self { delivery: Delivery::Carried, told: true, rest: Rest::FIRST, ..self.clone() }
    }

    /// Returns the name of the key with which it is sealed.
    pub(in crate::chat) fn fingerprint(&self) -> Option<KeyFingerprint> {
        envelope::fingerprint(&self.sealed)
    }

    /// Notes that the peer has acknowledged this entry. If it set the timer, both ends know that timer now.
    pub(in crate::chat) fn set_ttl_is_known(&self, state: &mut State) {
        if self.sets_ttl() && self.slot >= state.ttl_from {
            state.ttl_known = self.ttl;
        }
    }

    pub(in crate::chat) fn sets_ttl(&self) -> bool {
        self.kind == Kind::SetTtl && !self.emptied
    }

    pub(in crate::chat) fn transmit(&self) -> Transmit {
        Transmit {
            id: self.id(),
            kind: TransmitKind::Ciphertext {
                random_id: self.random_id,
                bytes: self.sealed.to_vec(),
                service: self.kind == Kind::Protocol,
                silent: self.silent,
                file: self.file.as_deref().map(<[u8]>::to_vec),
            },
        }
    }
}

/// Slots that only service messages may use. Each of these acknowledges at least one message of the peer.
const SERVICE_RESERVE: u32 = 64;

/// Up to this many entries take exactly the room that they need.
const FEW: usize = 2;

/// The room that is kept when all are acknowledged. A conversation in which both ends write in turn needs no more.
const ENTRIES_KEPT: usize = 1;

/// Up to this many entries, a lookup by id scans them all.
const SCANNED: usize = 64;

/// Sealed messages by slot, without holes, from the first that the peer has not acknowledged to the last that was
/// made.
#[derive(Debug, Default)]
pub(in crate::chat) struct Outbox {
    entries: VecDeque<Outgoing>,
    /// An index by id. `None` while the entries are few enough to scan.
    #[expect(clippy::box_collection, reason = "few chats have an index, and those without save two words")]
    ids: Option<Box<BTreeSet<(RandomId, SeqNo)>>>,
    bytes: usize,
    tally: Tally,
}

/// Messages, and their sealed bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::chat) struct Load {
    messages: usize,
    bytes: usize,
}

impl Load {
    pub(in crate::chat) const NONE: Self = Self { messages: 0, bytes: 0 };

    pub(in crate::chat) fn of(entry: &Outgoing) -> Self {
        Self { messages: 1, bytes: entry.sealed.len() }
    }

    pub(in crate::chat) fn and(self, more: Self) -> Self {
        Self { messages: self.messages + more.messages, bytes: self.bytes + more.bytes }
    }

    pub(in crate::chat) fn without(self, fewer: Self) -> Self {
        Self { messages: self.messages - fewer.messages, bytes: self.bytes - fewer.bytes }
    }

    /// Returns whether one more message of `len` sealed bytes fits.
    ///
    /// Service messages may exceed the limit a little, so that an end whose outbox is full can still acknowledge.
    /// Otherwise two full ends would wait for each other forever.
    pub(in crate::chat) fn has_room(self, kind: Kind, len: usize, Setup { limits, profile, .. }: &Setup) -> bool {
        let (messages, more) =
            if kind == Kind::Protocol { (SERVICE_RESERVE, profile.rules().lengths.service_reserve) } else { (0, 0) };
        let fits = |number: usize, limit: u32| u32::try_from(number).is_ok_and(|number| number <= limit);
        fits(self.messages + 1, limits.outbox_messages.saturating_add(messages))
            && fits(self.bytes.saturating_add(len), limits.outbox_bytes.saturating_add(more))
    }
}

/// How many of them the transport has accepted, and how many it has not.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::chat) struct Tally {
    pub(in crate::chat) uncarried: u32,
    /// How many of the latter are Noops.
    pub(in crate::chat) uncarried_noops: u32,
    /// How many accepted messages are not Noops: the peer has to acknowledge these.
    pub(in crate::chat) carried_words: u32,
}

impl Tally {
    fn of(entry: &Outgoing) -> Self {
        let carried = entry.delivery == Delivery::Carried;
        Self {
            uncarried: u32::from(!carried),
            uncarried_noops: u32::from(!carried && entry.noop),
            carried_words: u32::from(carried && !entry.noop),
        }
    }
}

impl Outbox {
    pub(in crate::chat) fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.entries.iter()
    }

    pub(in crate::chat) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(in crate::chat) fn get(&self, slot: SeqNo) -> Option<&Outgoing> {
        self.entries.get(self.index(slot)?)
    }

    pub(in crate::chat) fn by_id(&self, id: TransmitId) -> Option<&Outgoing> {
        self.get(id.slot()?)
    }

    pub(in crate::chat) fn holds(&self, random_id: RandomId) -> bool {
        self.of_id(random_id).next().is_some()
    }

    /// Returns the messages with this id, by slot.
    pub(in crate::chat) fn of_id(&self, random_id: RandomId) -> impl Iterator<Item = &Outgoing> {
        let (scanned, indexed) = match &self.ids {
            Some(ids) => (None, Some(ids.range((random_id, SeqNo::ZERO)..=(random_id, SeqNo::MAX)))),
            None => (Some(self.entries.iter()), None),
        };
        let scanned = scanned.into_iter().flatten().filter(move |entry| entry.random_id == random_id);
        scanned.chain(indexed.into_iter().flatten().filter_map(|(_, slot)| self.get(*slot)))
    }

    /// Returns the messages of the slots from `first` (inclusive) to `end` (exclusive).
    pub(in crate::chat) fn between(&self, first: SeqNo, end: SeqNo) -> impl Iterator<Item = &Outgoing> {
        (first.get()..end.get()).filter_map(|slot| self.get(SeqNo::new(slot)?))
    }

    pub(in crate::chat) fn tally(&self) -> Tally {
        self.tally
    }

    pub(in crate::chat) fn last(&self) -> Option<&Outgoing> {
        self.entries.back()
    }

    pub(in crate::chat) fn set_rest(&mut self, slot: SeqNo, rest: Rest) {
        if let Some(entry) = self.index(slot).and_then(|index| self.entries.get_mut(index)) {
            entry.rest = rest;
        }
    }

    /// Returns how much there is.
    pub(in crate::chat) fn load(&self) -> Load {
        Load { messages: self.entries.len(), bytes: self.bytes }
    }

    /// Puts an entry in place of the one with the same slot, or at the end.
    pub(in crate::chat) fn put(&mut self, entry: Outgoing) {
        self.bytes += entry.sealed.len();
        let Tally { uncarried, uncarried_noops, carried_words } = Tally::of(&entry);
        self.tally.uncarried += uncarried;
        self.tally.uncarried_noops += uncarried_noops;
        self.tally.carried_words += carried_words;
        let id = indexed_as(&entry);
        match self.index(entry.slot).and_then(|index| self.entries.get_mut(index)) {
            Some(old) => {
                let old = core::mem::replace(old, entry);
                self.uncount(&old);
            }
            None => {
                if self.entries.len() < FEW {
                    self.entries.reserve_exact(1);
                }
                self.entries.push_back(entry);
            }
        }
        // This comes last, because what it replaces has the same id.
        match &mut self.ids {
            Some(ids) => {
                ids.insert(id);
            }
            None if self.entries.len() > SCANNED => {
                self.ids = Some(Box::new(self.entries.iter().map(indexed_as).collect()));
            }
            None => {}
        }
    }

    /// Forgets the messages before `slot`.
    pub(in crate::chat) fn free_before(&mut self, slot: SeqNo) {
        // The ids are in no order. To look up each of many would cost more than to build the index again, which the next
        // entry does if the outbox is still long.
        if self.entries.partition_point(|entry| entry.slot < slot) > self.entries.len() / 2 {
            self.ids = None;
        }
        while self.entries.front().is_some_and(|entry| entry.slot < slot)
            && let Some(entry) = self.entries.pop_front()
        {
            self.uncount(&entry);
        }
        // Far below the limit, so that an outbox of about that length does not build its index again and again.
        if self.entries.len() < SCANNED / 2 {
            self.ids = None;
        }
        if self.entries.is_empty() && self.entries.capacity() > ENTRIES_KEPT {
            self.entries = VecDeque::new();
        }
    }

    fn uncount(&mut self, entry: &Outgoing) {
        if let Some(ids) = &mut self.ids {
            ids.remove(&indexed_as(entry));
        }
        self.bytes -= entry.sealed.len();
        let Tally { uncarried, uncarried_noops, carried_words } = Tally::of(entry);
        self.tally.uncarried -= uncarried;
        self.tally.uncarried_noops -= uncarried_noops;
        self.tally.carried_words -= carried_words;
    }

    fn index(&self, slot: SeqNo) -> Option<usize> {
        let first = self.entries.front()?.slot;
        usize::try_from(slot.get().checked_sub(first.get())?).ok()
    }
}

/// Returns what the index by id holds of an entry.
fn indexed_as(entry: &Outgoing) -> (RandomId, SeqNo) {
    (entry.random_id, entry.slot)
}
