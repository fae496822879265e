//! Messages that are not done with: ours until the peer acknowledges them, the peer's until their turn.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::repeat::Rest;
use super::state::Setup;
use crate::envelope;
use crate::event::{Transmit, TransmitKind, UserAction};
use crate::id::{KeyFingerprint, Layer, RandomId, SeqNo, TransmitId};
use crate::message::IncomingFile;
use crate::profile::Limits;
use crate::record::Written;
use crate::time::{Timestamp, Ttl};

/// What a message of ours is to the user and to the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the user wrote.
    Written,
    /// What events do not name: typing, and a draft that was refused.
    Action,
    /// What the chat says by itself; in Telegram it has a call of its own.
    Protocol,
    /// What else the user did.
    Read,
    Deletion,
    Flush,
    Screenshot,
    /// The timer stands in [`Outgoing::ttl`].
    SetTtl,
}

/// What the transport has said of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Nothing.
    Queued,
    /// It has taken it over.
    Carried,
    /// It has not taken it over again since the peer asked for it.
    Asked,
}

/// A sealed message that the peer has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) slot: SeqNo,
    /// What was received when it was made: it never changes, whatever is sealed in this slot.
    pub(super) in_seq_no: SeqNo,
    pub(super) random_id: RandomId,
    /// What it is written at: like its numbers and its key it never changes.
    pub(super) layer: Layer,
    pub(super) kind: Kind,
    /// Of a [`Kind::SetTtl`].
    pub(super) ttl: Ttl,
    /// It says nothing but what was received.
    pub(super) noop: bool,
    pub(super) silent: bool,
    pub(super) delivery: Delivery,
    /// The host has heard that the transport took it over.
    pub(super) told: bool,
    /// Its content was destroyed before the peer acknowledged it; that happens once.
    pub(super) emptied: bool,
    pub(super) file: Option<Vec<u8>>,
    pub(super) sealed: Vec<u8>,
    /// What would take its slot, sealed when its key was wiped.
    pub(super) replacement: Option<Vec<u8>>,
    /// How long it is not repeated although the peer has not acknowledged it; not stored.
    pub(super) rest: Rest,
    /// Its record.
    pub(super) written: Written,
}

impl Outgoing {
    /// What the user did, by the name that events give it.
    pub(super) fn user_action(&self) -> Option<UserAction> {
        match self.kind {
            Kind::Read => Some(UserAction::MarkRead),
            Kind::Deletion => Some(UserAction::Delete),
            Kind::Flush => Some(UserAction::FlushHistory),
            Kind::Screenshot => Some(UserAction::ReportScreenshot),
            Kind::SetTtl => Some(UserAction::SetTtl { ttl: self.ttl }),
            Kind::Written | Kind::Action | Kind::Protocol => None,
        }
    }

    pub(super) fn id(&self) -> TransmitId {
        TransmitId::of_slot(self.slot)
    }

    /// Of the key that it is sealed with.
    pub(super) fn fingerprint(&self) -> Option<KeyFingerprint> {
        envelope::fingerprint(&self.sealed)
    }

    pub(super) fn transmit(&self) -> Transmit {
        Transmit {
            id: self.id(),
            kind: TransmitKind::Ciphertext {
                random_id: self.random_id,
                bytes: self.sealed.clone(),
                service: self.kind == Kind::Protocol,
                silent: self.silent,
                file: self.file.clone(),
            },
        }
    }
}

/// Slots that only service messages may use: each acknowledges at least one message of the peer.
const SERVICE_RESERVE: u32 = 64;

/// Room for so many stays when all are acknowledged: a quiet conversation needs less.
const ENTRIES_KEPT: usize = 8;

/// Sealed messages by slot, without holes: from the first that the peer has not acknowledged to the last that was made.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    entries: VecDeque<Outgoing>,
    /// Who asks for one by its id need not look at all of them.
    ids: BTreeSet<(RandomId, SeqNo)>,
    bytes: usize,
    tally: Tally,
}

/// How many of them the transport has taken over, and how many not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) uncarried: usize,
    /// Of those, Noops.
    pub(super) uncarried_noops: usize,
    /// Taken over, and no Noops: what the peer has to acknowledge.
    pub(super) carried_words: usize,
}

impl Tally {
    fn of(entry: &Outgoing) -> Self {
        let carried = entry.delivery == Delivery::Carried;
        Self {
            uncarried: usize::from(!carried),
            uncarried_noops: usize::from(!carried && entry.noop),
            carried_words: usize::from(carried && !entry.noop),
        }
    }
}

impl Outbox {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Outgoing> {
        self.entries.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, slot: SeqNo) -> Option<&Outgoing> {
        self.entries.get(self.index(slot)?)
    }

    pub(super) fn by_id(&self, id: TransmitId) -> Option<&Outgoing> {
        self.get(id.slot()?)
    }

    pub(super) fn holds(&self, random_id: RandomId) -> bool {
        self.ids.range((random_id, SeqNo::ZERO)..).next().is_some_and(|(id, _)| *id == random_id)
    }

    /// Those with this id, by slot.
    pub(super) fn of_id(&self, random_id: RandomId) -> impl Iterator<Item = &Outgoing> {
        let slots = self.ids.range((random_id, SeqNo::ZERO)..=(random_id, SeqNo::MAX));
        slots.filter_map(|(_, slot)| self.get(*slot))
    }

    /// Those of the slots from `first` up to, without, `end`.
    pub(super) fn between(&self, first: SeqNo, end: SeqNo) -> impl Iterator<Item = &Outgoing> {
        (first.get()..end.get()).filter_map(|slot| self.get(SeqNo::new(slot)?))
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    pub(super) fn last(&self) -> Option<&Outgoing> {
        self.entries.back()
    }

    pub(super) fn set_rest(&mut self, slot: SeqNo, rest: Rest) {
        if let Some(entry) = self.index(slot).and_then(|index| self.entries.get_mut(index)) {
            entry.rest = rest;
        }
    }

    /// Whether there is room for one more, of `len` sealed bytes, besides the `others` of the same call, and without what
    /// the same call frees: the slots before `acknowledged`.
    ///
    /// Service messages may go a little over the limit: an end whose outbox is full can still acknowledge, or two full
    /// ends would wait for each other for ever.
    pub(super) fn has_room(
        &self,
        acknowledged: SeqNo,
        others: &[Outgoing],
        kind: Kind,
        len: usize,
        Setup { limits, profile, .. }: &Setup,
    ) -> bool {
        let (messages, more) =
            if kind == Kind::Protocol { (SERVICE_RESERVE, profile.rules().lengths.service_reserve) } else { (0, 0) };
        let fits = |number: usize, limit: u32| u32::try_from(number).is_ok_and(|number| number <= limit);
        // Those that take the place of others need none.
        let others = others.iter().filter(|other| self.get(other.slot).is_none());
        let freed = self.entries.iter().take_while(|entry| entry.slot < acknowledged);
        let held = self.entries.len() - freed.clone().count();
        let bytes = self.bytes - freed.map(|entry| entry.sealed.len()).sum::<usize>();
        let bytes = others.clone().fold(bytes, |bytes, other| bytes.saturating_add(other.sealed.len()));
        fits(held + others.count() + 1, limits.outbox_messages.saturating_add(messages))
            && fits(bytes.saturating_add(len), limits.outbox_bytes.saturating_add(more))
    }

    /// In place of the entry with the same slot, or at the end.
    pub(super) fn put(&mut self, entry: Outgoing) {
        self.bytes += entry.sealed.len();
        let Tally { uncarried, uncarried_noops, carried_words } = Tally::of(&entry);
        self.tally.uncarried += uncarried;
        self.tally.uncarried_noops += uncarried_noops;
        self.tally.carried_words += carried_words;
        let id = (entry.random_id, entry.slot);
        match self.index(entry.slot).and_then(|index| self.entries.get_mut(index)) {
            Some(old) => {
                let old = core::mem::replace(old, entry);
                self.uncount(&old);
            }
            None => self.entries.push_back(entry),
        }
        // Last: what it replaces has the same.
        self.ids.insert(id);
    }

    /// Forgets what lies before `slot`.
    pub(super) fn free_before(&mut self, slot: SeqNo) {
        while let Some(entry) = self.entries.pop_front() {
            if entry.slot >= slot {
                self.entries.push_front(entry);
                break;
            }
            self.uncount(&entry);
        }
        if self.entries.is_empty() && self.entries.capacity() > ENTRIES_KEPT {
            self.entries = VecDeque::new();
        }
    }

    fn uncount(&mut self, entry: &Outgoing) {
        self.ids.remove(&(entry.random_id, entry.slot));
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

/// An authentic message of the peer, opened and not processed.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) slot: SeqNo,
    pub(super) in_seq_no: SeqNo,
    /// Of the key that it was sealed with.
    pub(super) fingerprint: KeyFingerprint,
    pub(super) layer: Layer,
    /// It was sealed under MTProto 1.0.
    pub(super) is_old: bool,
    /// It has as many random bytes as it must have.
    pub(super) enough_random_bytes: bool,
    /// It fills a gap that was asked for.
    pub(super) resent: bool,
    /// It asked for a resend and was answered at once.
    pub(super) answered: bool,
    pub(super) file: Option<IncomingFile>,
    pub(super) date: Option<Timestamp>,
    /// The message inside the layer.
    pub(super) body: Zeroizing<Vec<u8>>,
    /// Its record.
    pub(super) written: Written,
}

impl Arrived {
    /// A sealed message that came before there were keys; `slot` is its place among those.
    pub(super) fn before_keys(slot: SeqNo, sealed: &[u8], file: Option<IncomingFile>, date: Option<Timestamp>) -> Self {
        Self {
            slot,
            in_seq_no: SeqNo::ZERO,
            fingerprint: KeyFingerprint::from_bytes([0; 8]),
            layer: Layer(0),
            is_old: false,
            enough_random_bytes: false,
            resent: false,
            answered: false,
            file,
            date,
            body: Zeroizing::new(sealed.to_vec()),
            written: Written::default(),
        }
    }

    pub(super) fn to_parts(&self) -> (Zeroizing<Vec<u8>>, Option<IncomingFile>, Option<Timestamp>) {
        (self.body.clone(), self.file.clone(), self.date)
    }
}

/// Messages that came before their turn, by slot; or before there were keys, by place.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: BTreeMap<SeqNo, Arrived>,
    bytes: usize,
}

impl Waiting {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arrived> {
        self.entries.values()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, slot: SeqNo) -> Option<&Arrived> {
        self.entries.get(&slot)
    }

    /// The first that waits at or after `slot`.
    pub(super) fn first_from(&self, slot: SeqNo) -> Option<SeqNo> {
        self.entries.range(slot..).next().map(|(slot, _)| *slot)
    }

    /// A peer that skips slots gets no more memory than this.
    pub(super) fn has_room_for(&self, arrived: &Arrived, received: SeqNo, limits: &Limits) -> bool {
        let fits = |number: usize, limit: u32| u32::try_from(number).is_ok_and(|number| number <= limit);
        fits(self.entries.len() + 1, limits.waiting_messages)
            && fits(self.bytes.saturating_add(arrived.body.len()), limits.waiting_bytes)
            && arrived.slot.get() - received.get() <= limits.waiting_span
    }

    pub(super) fn put(&mut self, arrived: Arrived) {
        self.bytes += arrived.body.len();
        if let Some(replaced) = self.entries.insert(arrived.slot, arrived) {
            self.bytes -= replaced.body.len();
        }
    }

    /// Forgets what lies before `slot`.
    pub(super) fn free_before(&mut self, slot: SeqNo) {
        while let Some(entry) = self.entries.first_entry().filter(|entry| *entry.key() < slot) {
            self.bytes -= entry.remove().body.len();
        }
    }
}
