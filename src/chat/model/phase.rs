//! The phase of a chat: requested, open, or closed.

use alloc::boxed::Box;

use super::keys::{Keys, MAX_LIVE_KEYS};
use crate::agreement::Pending;
use crate::output::{DiscardProof, History, Transmit, TransmitKind};
use crate::types::error::CloseReason;
use crate::types::id::{SeqNo, TransmitId};

/// The phase of the key exchange.
#[derive(Debug)]
pub(in crate::chat) enum Phase {
    /// The initiator waits for an answer.
    Requested(Box<Pending>),
    /// There are keys.
    Open(Box<Keys>),
    /// There is nothing left.
    Closed(Box<Tombstone>),
}

impl Phase {
    pub(in crate::chat) fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Open(keys) => Some(keys),
            Self::Requested(_) | Self::Closed(_) => None,
        }
    }

    /// Forgets a responder's acceptance once something of the initiator was processed: it is never sent again then
    /// (SPEC SEQ-12).
    pub(in crate::chat) fn heard(&mut self, received: SeqNo) {
        if let (true, Self::Open(keys)) = (received > SeqNo::ZERO, self) {
            keys.accepted = None;
        }
    }

    /// Returns our Discard, as long as it has to reach the peer.
    pub(in crate::chat) fn pending_discard(&self) -> Option<&PendingDiscard> {
        match self {
            Self::Closed(tombstone) => tombstone.discard.as_ref(),
            Self::Requested(_) | Self::Open(_) => None,
        }
    }

    /// Returns what informs the peer of the phase until it answers: the request, a responder's acceptance, or our
    /// Discard.
    pub(in crate::chat) fn transmit(&self) -> Option<Transmit> {
        match self {
            Self::Requested(pending) => {
                let kind = TransmitKind::Request { public: pending.public().to_vec() };
                Some(Transmit { id: TransmitId::REQUEST, kind })
            }
            Self::Open(keys) => {
                let (public, fingerprint) = (keys.accepted.as_ref()?.to_vec(), keys.current.fingerprint);
                Some(Transmit { id: TransmitId::ACCEPT, kind: TransmitKind::Accept { public, fingerprint } })
            }
            Self::Closed(tombstone) => tombstone.discard.map(PendingDiscard::transmit),
        }
    }
}

/// The remains of a closed chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) struct Tombstone {
    pub(in crate::chat) reason: CloseReason,
    pub(in crate::chat) history: bool,
    /// The proof that this end is closed, in answer to each Discard of the peer. `None` without a key (SPEC
    /// X25-11).
    pub(in crate::chat) receipt: Option<[u8; 32]>,
    /// The Discard that still has to reach the peer.
    pub(in crate::chat) discard: Option<PendingDiscard>,
}

/// A Discard that is not finished yet. It is repeated unchanged (SPEC CLOSE-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) struct PendingDiscard {
    pub(in crate::chat) history: bool,
    pub(in crate::chat) proof: Option<DiscardProof>,
    pub(in crate::chat) until: Until,
}

/// The condition that ends the repetition of a Discard (SPEC X25-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) enum Until {
    /// Any receipt, or the acceptance by the transport: the peer may have no key for a proof.
    Taken,
    /// A receipt of the peer's end: one for each root that the peer may be at.
    Closed([Option<[u8; 32]>; MAX_LIVE_KEYS]),
}

impl PendingDiscard {
    /// Creates a Discard of an end without a key.
    pub(in crate::chat) const fn unproved(history: bool) -> Self {
        Self { history, proof: None, until: Until::Taken }
    }

    pub(in crate::chat) fn transmit(self) -> Transmit {
        let Self { history, proof, until: _ } = self;
        Transmit { id: TransmitId::DISCARD, kind: TransmitKind::Discard { history: History::from(history), proof } }
    }
}
