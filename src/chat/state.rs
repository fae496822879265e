//! The parts of a chat: what every message may change, what is set up once, how far it is.

use alloc::boxed::Box;

use super::keys::{Keys, MAX_LIVE_KEYS};
use crate::agreement::{Binding, Pending};
use crate::error::{ApiMisuse, CloseReason};
use crate::event::{DiscardProof, History, Transmit, TransmitKind};
use crate::id::{ExchangeId, Layer, Role, SeqNo, TransmitId};
use crate::profile::{Identities, Limits, Profile, Rules};
use crate::record::{RecordSets, Written};
use crate::rekey::RekeyPolicy;
use crate::seq::Counters;
use crate::time::{Elapsed, LogicalClock, Ttl};

/// What a message may change: small and `Copy`, so that the next state is built beside the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) clock: LogicalClock,
    /// The responder has seen a sign of the initiator; always true for an initiator with keys.
    pub(super) confirmed: bool,
    /// When an unproved Discard came to a responder that had heard nothing else yet (SPEC X25-10).
    pub(super) discard_noted: Option<Elapsed>,
    pub(super) counters: Counters,
    /// Missing slots of the peer below this one were asked for.
    pub(super) asked: SeqNo,
    /// Requests for the first gap since something of a gap came, and when the last was made.
    pub(super) asks: u8,
    pub(super) asked_at: Elapsed,
    /// Something other than a bare acknowledgement was processed since our last message.
    pub(super) owes_acknowledgement: bool,
    /// What this side announces and writes in.
    pub(super) own_layer: Layer,
    /// What the peer is taken to understand.
    pub(super) peer_layer: Layer,
    /// The highest layer that a message of the peer was written at.
    pub(super) seen_layer: Layer,
    /// The peer's layer when it was last told ours because a body was not understood.
    pub(super) told_at: Option<Layer>,
    pub(super) ttl: Ttl,
    /// The slot of our last `SetMessageTTL`, to see whether one of the peer crossed it.
    pub(super) ttl_slot: Option<SeqNo>,
    /// The timer at both ends if nothing of ours arrives that the peer has not acknowledged; ours of slots from
    /// `ttl_from` on would change it, earlier ones have lost against one of the peer.
    pub(super) ttl_known: Ttl,
    pub(super) ttl_from: SeqNo,
    /// How many keys have followed the first one.
    pub(super) rekeys: u32,
    /// Since when the current key is current, and what was made and processed before.
    pub(super) key_since: Elapsed,
    pub(super) key_slot: SeqNo,
    pub(super) key_received: SeqNo,
    /// The host knows that the key is beyond its limit.
    pub(super) overdue_told: bool,
    /// Exchanges in a row that gave no key, the last of them, and when we ask again by ourselves.
    pub(super) failures: u8,
    pub(super) ended: Option<ExchangeId>,
    /// The last exchange of ours whose request the transport refused: the peer may have it all the same.
    pub(super) refused: Option<ExchangeId>,
    /// Until when the Noop that confirms our switch is held back (SPEC REKEY-4).
    pub(super) noop_held_until: Option<Elapsed>,
    pub(super) ask_after: Elapsed,
    /// Messages that acknowledge our request for a key and do not answer it.
    pub(super) unanswered: u8,
    /// The lowest slot of the peer that was opened under MTProto 2.0.
    pub(super) modern_from: Option<SeqNo>,
    /// The host knows that the peer began under MTProto 1.0.
    pub(super) told_old: bool,
    /// The record that has this state, or the newest one that an older state had.
    pub(super) written: Written,
    /// The tag of the record before that one (SPEC REC-6).
    pub(super) before: [u8; 16],
    /// The record of keys.
    pub(super) keys_written: Option<Written>,
    /// The other records, as they must be.
    pub(super) sets: RecordSets,
}

impl State {
    pub(super) fn new(clock: LogicalClock, own_layer: Layer, rules: &Rules) -> Self {
        Self {
            clock,
            confirmed: false,
            discard_noted: None,
            counters: Counters::default(),
            asked: SeqNo::ZERO,
            asks: 0,
            asked_at: Elapsed::default(),
            owes_acknowledgement: false,
            own_layer,
            peer_layer: rules.first_layer,
            // A layer that is fixed was seen from the start.
            seen_layer: if rules.layer_is_fixed { rules.first_layer } else { Layer(0) },
            told_at: None,
            ttl: Ttl::OFF,
            ttl_slot: None,
            ttl_known: Ttl::OFF,
            ttl_from: SeqNo::ZERO,
            rekeys: 0,
            key_since: clock.elapsed(),
            key_slot: SeqNo::ZERO,
            key_received: SeqNo::ZERO,
            overdue_told: false,
            failures: 0,
            ended: None,
            refused: None,
            noop_held_until: None,
            ask_after: Elapsed::default(),
            unanswered: 0,
            modern_from: None,
            told_old: false,
            written: Written::default(),
            before: [0; 16],
            keys_written: None,
            sets: RecordSets::default(),
        }
    }
}

/// What is set up once and stored with the keys.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) profile: Profile,
    pub(super) role: Role,
    pub(super) identities: Identities,
    pub(super) limits: Limits,
    pub(super) rekey: RekeyPolicy,
    /// Whether view once is offered.
    pub(super) view_once: bool,
}

impl Setup {
    /// What the first key is bound to.
    pub(super) fn binding(&self) -> Result<Binding<'_>, ApiMisuse> {
        if self.profile.rules().keys_are_bound {
            self.identities.ends(self.role).map(Binding::Handshake)
        } else {
            Ok(Binding::Nothing)
        }
    }
}

/// How far the key exchange is.
#[derive(Debug)]
pub(super) enum Phase {
    /// The initiator waits for an answer.
    Requested(Pending),
    /// There are keys.
    Open(Box<Keys>),
    /// There is nothing left.
    Closed(Tombstone),
}

impl Phase {
    pub(super) fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Open(keys) => Some(keys),
            Self::Requested(_) | Self::Closed(_) => None,
        }
    }
}

/// What is left of a closed chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tombstone {
    pub(super) reason: CloseReason,
    pub(super) history: bool,
    /// What says that this end is closed, in answer to each Discard of the peer; `None` without a key (SPEC X25-11).
    pub(super) receipt: Option<[u8; 32]>,
    /// What the peer still has to be told.
    pub(super) discard: Option<PendingDiscard>,
}

/// A Discard that is not done with yet: it goes out again as it is (SPEC CLOSE-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PendingDiscard {
    pub(super) history: bool,
    pub(super) proof: Option<DiscardProof>,
    pub(super) until: Until,
}

/// What ends the repetition of a Discard (SPEC X25-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Any receipt, or the transport's word: the peer may have no key to prove anything with.
    Taken,
    /// A receipt of the peer's end: one for each root that the peer may be at.
    Closed([Option<[u8; 32]>; MAX_LIVE_KEYS]),
}

impl PendingDiscard {
    /// Creates a Discard of an end without a key.
    pub(super) const fn unproved(history: bool) -> Self {
        Self { history, proof: None, until: Until::Taken }
    }

    pub(super) fn transmit(self) -> Transmit {
        let Self { history, proof, until: _ } = self;
        Transmit { id: TransmitId::DISCARD, kind: TransmitKind::Discard { history: History::from(history), proof } }
    }
}
