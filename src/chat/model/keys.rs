//! The keys of an open chat: the current one, the previous one, and the one that may follow (SPEC REKEY-4).

use alloc::boxed::Box;

use super::setup::Setup;
use crate::agreement::{Agreed, Binding, CheckedRequest, Pending, RootKeys};
use crate::crypto::kdf::{ChatKey, Offset};
use crate::crypto::schedule::{DiscardKey, Exporter, Rekey, Transcript};
use crate::envelope::DirectionKey;
use crate::rekey::RekeyState;
use crate::types::error::RekeyFailure;
use crate::types::id::{ExchangeId, KeyFingerprint, Role, SeqNo};
use crate::types::secret::Secret;
use crate::types::time::Elapsed;

/// The current key, the old one and a candidate (SPEC REKEY-4).
pub(in crate::chat) const MAX_LIVE_KEYS: usize = 3;

/// The keys of an open chat. At most three of them open messages, and only the current one seals.
#[derive(Debug)]
pub(in crate::chat) struct Keys {
    pub(in crate::chat) current: SealingKey,
    pub(in crate::chat) old: Option<Box<OldKey>>,
    pub(in crate::chat) exchange: Exchange,
    /// The value that the users compare. A rekey does not change it.
    pub(in crate::chat) verification: [u8; 36],
    /// The responder's public value, to repeat the acceptance until the initiator has been heard.
    pub(in crate::chat) accepted: Option<Box<[u8]>>,
    /// The transcript of the handshake, in a profile whose keys are bound. A rekey does not change it.
    pub(in crate::chat) transcript: Option<Transcript>,
    /// The bound values of the current key, in such a profile.
    pub(in crate::chat) bound: Option<Bound>,
}

/// A chat key and its name.
#[derive(Debug)]
pub(in crate::chat) struct SealingKey {
    pub(in crate::chat) chat_key: ChatKey,
    pub(in crate::chat) fingerprint: KeyFingerprint,
    /// Checks the peer's Discards under the same root, and is wiped with the key (SPEC X25-3).
    pub(in crate::chat) peer_discard: Option<DiscardKey>,
}

/// The previous key, while messages under it may be in flight.
#[derive(Debug)]
pub(in crate::chat) struct OldKey {
    pub(in crate::chat) key: SealingKey,
    /// The slot of our CommitKey, if we asked. It must be acknowledged before this key is wiped.
    pub(in crate::chat) committed: Option<SeqNo>,
}

/// A key exchange in progress, with its secrets.
#[derive(Debug)]
pub(in crate::chat) enum Exchange {
    Idle,
    Requested {
        exchange_id: ExchangeId,
        slot: SeqNo,
        at: Elapsed,
        pending: Box<Pending>,
        /// The peer's request that crossed ours and lost. It is answered if ours is refused (SPEC REKEY-3).
        ignored: Option<Box<(ExchangeId, CheckedRequest)>>,
    },
    Asked {
        exchange_id: ExchangeId,
        public: CheckedRequest,
    },
    Accepted {
        exchange_id: ExchangeId,
        slot: SeqNo,
        next: Box<NextKey>,
    },
    Answered {
        exchange_id: ExchangeId,
        next: Box<NextKey>,
    },
}

/// A key that is not current yet.
#[derive(Debug)]
pub(in crate::chat) struct NextKey {
    pub(in crate::chat) key: SealingKey,
    pub(in crate::chat) bound: Option<Bound>,
}

/// The values that a root yields besides the message key. The side that asked adopts them when it sends CommitKey, the other
/// side when it processes it (SPEC X25-7).
#[derive(Debug)]
pub(in crate::chat) struct Bound {
    /// The value to which the next root is bound.
    pub(in crate::chat) chain: Secret<32>,
    /// The value that the users may compare again.
    pub(in crate::chat) check: [u8; 36],
    /// The key that makes this end's Discards.
    pub(in crate::chat) own_discard: DiscardKey,
    /// The source of the host's own secrets, if the host asked for it and has not forgotten it (SPEC EXP-2).
    pub(in crate::chat) exporter: Option<Exporter>,
}

impl Keys {
    /// Takes the keys of the handshake. `accepted` is the responder's own value.
    pub(in crate::chat) fn first(agreed: Agreed, setup: &Setup, accepted: Option<Box<[u8]>>) -> Self {
        let verification = agreed.verification;
        let transcript = agreed.root_keys.as_ref().map(|keys| keys.transcript);
        let NextKey { key, bound } = NextKey::new(agreed, setup);
        Self { current: key, old: None, exchange: Exchange::Idle, verification, accepted, transcript, bound }
    }

    /// Returns the binding of the key of this exchange.
    pub(in crate::chat) fn binding(&self, exchange_id: ExchangeId, starter: Role) -> Binding<'_> {
        match (&self.bound, &self.transcript) {
            (Some(Bound { chain, .. }), Some(transcript)) => {
                Binding::Rekey(Rekey { chain, transcript, exchange_id, starter })
            }
            _ => Binding::Nothing,
        }
    }

    /// Returns the key that seals now, in the direction that begins at `x`.
    pub(in crate::chat) fn current_key(&self, x: Offset) -> DirectionKey<'_> {
        self.current.in_direction(x)
    }

    /// Returns the key with this name for opening, or `None` if it does not exist any more or yet.
    pub(in crate::chat) fn opening_key(&self, fingerprint: KeyFingerprint, x: Offset) -> Option<DirectionKey<'_>> {
        self.live().find(|key| key.fingerprint == fingerprint).map(|key| key.in_direction(x))
    }

    /// Returns the key with this name for sealing again what was sealed with it: the current one or the old one.
    pub(in crate::chat) fn sealing_key(&self, fingerprint: KeyFingerprint, x: Offset) -> Option<DirectionKey<'_>> {
        self.sealing().find(|key| key.fingerprint == fingerprint).map(|key| key.in_direction(x))
    }

    pub(in crate::chat) fn sealing_fingerprints(&self) -> impl Iterator<Item = KeyFingerprint> {
        self.sealing().map(|key| key.fingerprint)
    }

    /// Returns a new key, unless its name could be mistaken for another's (SPEC REKEY-3).
    pub(in crate::chat) fn unused(&self, next: NextKey) -> Result<NextKey, RekeyFailure> {
        let is_taken = self.live().any(|key| key.fingerprint == next.key.fingerprint);
        if is_taken { Err(RekeyFailure::FingerprintCollision) } else { Ok(next) }
    }

    /// Makes the candidate current and the current key old. `committed` is the slot of our CommitKey, if we asked.
    pub(in crate::chat) fn switch(&mut self, next: NextKey, committed: Option<SeqNo>) {
        let NextKey { key, bound } = next;
        let key = core::mem::replace(&mut self.current, key);
        self.old = Some(Box::new(OldKey { key, committed }));
        self.exchange = Exchange::Idle;
        self.bound = bound;
    }

    /// Returns the slot of our open request for a key.
    pub(in crate::chat) fn requested_slot(&self) -> Option<SeqNo> {
        match self.exchange {
            Exchange::Requested { slot, .. } => Some(slot),
            Exchange::Idle | Exchange::Asked { .. } | Exchange::Accepted { .. } | Exchange::Answered { .. } => None,
        }
    }

    /// Returns the key that makes this end's Discards, in a profile where they are proved.
    pub(in crate::chat) fn own_discard(&self) -> Option<&DiscardKey> {
        self.bound.as_ref().map(|bound| &bound.own_discard)
    }

    /// Returns the exporters of the current key and of the one that may follow.
    pub(in crate::chat) fn exporters(&self) -> [Option<&Exporter>; 2] {
        let next = self.exchange.next().and_then(|next| next.bound.as_ref());
        [self.bound.as_ref(), next].map(|bound| bound.and_then(|bound| bound.exporter.as_ref()))
    }

    /// Returns the keys that check the peer's Discards: one for each root that the peer may be at (SPEC X25-8).
    pub(in crate::chat) fn peer_discards(&self) -> impl Iterator<Item = &DiscardKey> {
        self.live().filter_map(|key| key.peer_discard.as_ref())
    }

    /// Copies the keys, to build the next state beside the current one.
    pub(in crate::chat) fn duplicate(&self) -> Self {
        let Self { current, old, exchange, verification, accepted, transcript, bound } = self;
        Self {
            current: current.duplicate(),
            old: old.as_ref().map(|old| Box::new(old.duplicate())),
            exchange: exchange.duplicate(),
            verification: *verification,
            accepted: accepted.clone(),
            transcript: *transcript,
            bound: bound.as_ref().map(Bound::duplicate),
        }
    }

    /// Returns the keys with which messages of ours may be sealed.
    fn sealing(&self) -> impl Iterator<Item = &SealingKey> {
        [Some(&self.current), self.old.as_ref().map(|old| &old.key)].into_iter().flatten()
    }

    /// Returns the keys that open messages, at most [`MAX_LIVE_KEYS`].
    fn live(&self) -> impl Iterator<Item = &SealingKey> {
        let candidate = match &self.exchange {
            Exchange::Accepted { next, .. } => Some(&next.key),
            Exchange::Idle | Exchange::Requested { .. } | Exchange::Asked { .. } | Exchange::Answered { .. } => None,
        };
        [Some(&self.current), candidate, self.old.as_ref().map(|old| &old.key)].into_iter().flatten()
    }
}

impl SealingKey {
    fn in_direction(&self, x: Offset) -> DirectionKey<'_> {
        DirectionKey { chat_key: &self.chat_key, fingerprint: self.fingerprint, x }
    }

    fn duplicate(&self) -> Self {
        let Self { chat_key, fingerprint, peer_discard } = self;
        Self {
            chat_key: chat_key.duplicate(),
            fingerprint: *fingerprint,
            peer_discard: peer_discard.as_ref().map(DiscardKey::duplicate),
        }
    }
}

impl OldKey {
    fn duplicate(&self) -> Self {
        let Self { key, committed } = self;
        Self { key: key.duplicate(), committed: *committed }
    }
}

impl Exchange {
    /// Returns the key that may follow.
    pub(in crate::chat) fn next(&self) -> Option<&NextKey> {
        match self {
            Self::Accepted { next, .. } | Self::Answered { next, .. } => Some(next),
            Self::Idle | Self::Requested { .. } | Self::Asked { .. } => None,
        }
    }

    /// Returns the key that may follow, for changing it.
    pub(in crate::chat) fn next_mut(&mut self) -> Option<&mut NextKey> {
        match self {
            Self::Accepted { next, .. } | Self::Answered { next, .. } => Some(next),
            Self::Idle | Self::Requested { .. } | Self::Asked { .. } => None,
        }
    }

    pub(in crate::chat) fn state(&self) -> RekeyState {
        match *self {
            Self::Idle => RekeyState::Idle,
            Self::Requested { exchange_id, .. } => RekeyState::Requested { exchange_id },
            Self::Asked { exchange_id, .. } => RekeyState::Asked { exchange_id },
            Self::Accepted { exchange_id, ref next, .. } => {
                RekeyState::Accepted { exchange_id, fingerprint: next.key.fingerprint }
            }
            Self::Answered { exchange_id, .. } => RekeyState::Answered { exchange_id },
        }
    }

    fn duplicate(&self) -> Self {
        match *self {
            Self::Idle => Self::Idle,
            Self::Requested { exchange_id, slot, at, ref pending, ref ignored } => Self::Requested {
                exchange_id,
                slot,
                at,
                pending: Box::new(pending.duplicate()),
                ignored: ignored.clone(),
            },
            Self::Asked { exchange_id, ref public } => Self::Asked { exchange_id, public: public.clone() },
            Self::Accepted { exchange_id, slot, ref next } => {
                Self::Accepted { exchange_id, slot, next: Box::new(next.duplicate()) }
            }
            Self::Answered { exchange_id, ref next } => {
                Self::Answered { exchange_id, next: Box::new(next.duplicate()) }
            }
        }
    }
}

impl NextKey {
    /// Takes the keys of an agreement. Of the two Discard keys, the end with this configuration makes its own with
    /// one and checks the peer's with the other.
    pub(in crate::chat) fn new(agreed: Agreed, setup: &Setup) -> Self {
        let Agreed { chat_key, fingerprint, root_keys, verification: _ } = agreed;
        let (peer_discard, bound) = match root_keys {
            Some(RootKeys { chain, check, discard_keys, exporter, transcript: _ }) => {
                let (own_discard, peer_discard) = discard_keys.split(setup.role);
                let exporter = Some(exporter).filter(|_| setup.exporter);
                (Some(peer_discard), Some(Bound { chain, check, own_discard, exporter }))
            }
            None => (None, None),
        };
        Self { key: SealingKey { chat_key, fingerprint, peer_discard }, bound }
    }

    pub(in crate::chat) fn duplicate(&self) -> Self {
        let Self { key, bound } = self;
        Self { key: key.duplicate(), bound: bound.as_ref().map(Bound::duplicate) }
    }
}

impl Bound {
    fn duplicate(&self) -> Self {
        let Self { chain, check, own_discard, exporter } = self;
        let exporter = exporter.as_ref().map(Exporter::duplicate);
        Self { chain: chain.duplicate(), check: *check, own_discard: own_discard.duplicate(), exporter }
    }
}
