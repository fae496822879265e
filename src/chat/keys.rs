//! The keys of an open chat: the current one, the one before it, and the one that may follow (SPEC REKEY-4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::agreement::Pending;
#[cfg(feature = "telegram")]
use crate::crypto::fingerprint;
use crate::crypto::kdf::{ChatKey, Offset};
use crate::crypto::schedule::{DiscardKey, Root, Transcript};
use crate::envelope::MessageKey;
use crate::handshake::Established;
use crate::id::{ExchangeId, KeyFingerprint, Role, SeqNo};
use crate::rekey::RekeyState;
use crate::secret::Secret;
use crate::time::Elapsed;

/// The current key, the old one and a candidate (SPEC REKEY-4).
pub(super) const MAX_LIVE_KEYS: usize = 3;

/// The keys of an open chat. At most three of them open messages; only the current one seals.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) current: SealingKey,
    pub(super) old: Option<OldKey>,
    pub(super) exchange: Exchange,
    /// Of the first key, for ever.
    pub(super) verification: [u8; 36],
    /// The responder's public value, to accept again until the initiator shows itself.
    pub(super) accepted: Option<Vec<u8>>,
    pub(super) agreed: Agreed,
}

/// A chat key and its name.
#[derive(Debug)]
pub(super) struct SealingKey {
    pub(super) chat_key: ChatKey,
    pub(super) fingerprint: KeyFingerprint,
    /// Of the X25519 profile: checks the peer's Discards under the same root, and goes with it (SPEC X25-3).
    pub(super) peer_discard: Option<DiscardKey>,
}

/// The key before the current one, while messages under it may be on their way.
#[derive(Debug)]
pub(super) struct OldKey {
    pub(super) key: SealingKey,
    /// The slot of our CommitKey, if we asked; it must be acknowledged before this key goes.
    pub(super) committed: Option<SeqNo>,
}

/// An exchange that is open, with its secrets.
#[derive(Debug)]
pub(super) enum Exchange {
    Idle,
    Requested {
        exchange_id: ExchangeId,
        slot: SeqNo,
        at: Elapsed,
        pending: Pending,
        /// The peer's request that crossed ours and lost: it is answered if ours is refused (SPEC REKEY-3).
        ignored: Option<(ExchangeId, Vec<u8>)>,
    },
    Asked {
        exchange_id: ExchangeId,
        public: Vec<u8>,
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
pub(super) struct NextKey {
    pub(super) key: SealingKey,
    /// Of the X25519 profile.
    pub(super) bound: Option<Bound>,
}

/// What a root gives besides the key of messages: the side that asked takes it when it sends CommitKey, the other one
/// when it processes it (SPEC X25-7).
#[derive(Debug)]
pub(super) struct Bound {
    /// What the next root is bound to.
    pub(super) chain: Secret<32>,
    /// What the users may compare again.
    pub(super) check: [u8; 36],
    /// Makes this end's Discards.
    pub(super) own_discard: DiscardKey,
}

/// What else an agreement gives.
#[derive(Debug)]
pub(super) enum Agreed {
    X25519 {
        transcript: Transcript,
        bound: Bound,
    },
    #[cfg(feature = "telegram")]
    Telegram,
}

impl Keys {
    pub(super) fn of_x25519(established: Established, role: Role, accepted: Option<Vec<u8>>) -> Self {
        let Established { transcript, chat_key, fingerprint, chain, check, discard_keys } = established;
        let verification = transcript.verification();
        let (own_discard, peer_discard) = discard_keys.split(role);
        let agreed = Agreed::X25519 { transcript, bound: Bound { chain, check, own_discard } };
        let current = SealingKey { chat_key, fingerprint, peer_discard: Some(peer_discard) };
        Self::first(current, verification, accepted, agreed)
    }

    #[cfg(feature = "telegram")]
    pub(super) fn of_telegram(chat_key: ChatKey, accepted: Option<Vec<u8>>) -> Self {
        let verification = fingerprint::verification(&chat_key);
        Self::first(SealingKey::of_telegram(chat_key), verification, accepted, Agreed::Telegram)
    }

    fn first(current: SealingKey, verification: [u8; 36], accepted: Option<Vec<u8>>, agreed: Agreed) -> Self {
        Self { current, old: None, exchange: Exchange::Idle, verification, accepted, agreed }
    }

    /// The key for what `sender` seals now.
    pub(super) fn message_key(&self, sender: Role) -> MessageKey<'_> {
        self.with_direction(&self.current, sender)
    }

    /// The key with this name, for what `sender` sealed; `None` if there is none any more, or not yet.
    pub(super) fn opening_key(&self, fingerprint: KeyFingerprint, sender: Role) -> Option<MessageKey<'_>> {
        let key = self.live().find(|key| key.fingerprint == fingerprint)?;
        Some(self.with_direction(key, sender))
    }

    /// The key with this name, for what `sender` sealed with it and may have to seal again: the current one or the old one.
    pub(super) fn sealing_key(&self, fingerprint: KeyFingerprint, sender: Role) -> Option<MessageKey<'_>> {
        let key = self.sealing().find(|key| key.fingerprint == fingerprint)?;
        Some(self.with_direction(key, sender))
    }

    pub(super) fn sealing_fingerprints(&self) -> impl Iterator<Item = KeyFingerprint> {
        self.sealing().map(|key| key.fingerprint)
    }

    /// Whether a key that can open messages has this name.
    pub(super) fn holds(&self, fingerprint: KeyFingerprint) -> bool {
        self.live().any(|key| key.fingerprint == fingerprint)
    }

    /// The candidate becomes current, the current key old. `committed` is the slot of our CommitKey, if we asked.
    pub(super) fn switch(&mut self, next: NextKey, committed: Option<SeqNo>) {
        let NextKey { key, bound: next_bound } = next;
        let key = core::mem::replace(&mut self.current, key);
        self.old = Some(OldKey { key, committed });
        self.exchange = Exchange::Idle;
        if let (Agreed::X25519 { bound, .. }, Some(next_bound)) = (&mut self.agreed, next_bound) {
            *bound = next_bound;
        }
    }

    /// The slot of our open request for a key.
    pub(super) fn requested_slot(&self) -> Option<SeqNo> {
        match self.exchange {
            Exchange::Requested { slot, .. } => Some(slot),
            Exchange::Idle | Exchange::Asked { .. } | Exchange::Accepted { .. } | Exchange::Answered { .. } => None,
        }
    }

    /// The key that makes this end's Discards; Telegram has none.
    pub(super) fn own_discard(&self) -> Option<&DiscardKey> {
        match &self.agreed {
            Agreed::X25519 { bound, .. } => Some(&bound.own_discard),
            #[cfg(feature = "telegram")]
            Agreed::Telegram => None,
        }
    }

    /// The keys that check the peer's Discards: of each root that the peer may be at (SPEC X25-8).
    pub(super) fn peer_discards(&self) -> impl Iterator<Item = &DiscardKey> {
        self.live().filter_map(|key| key.peer_discard.as_ref())
    }

    /// The same keys once more, to build the next state beside the current one.
    pub(super) fn duplicate(&self) -> Self {
        let Self { current, old, exchange, verification, accepted, agreed } = self;
        Self {
            current: current.duplicate(),
            old: old.as_ref().map(|OldKey { key, committed }| OldKey { key: key.duplicate(), committed: *committed }),
            exchange: exchange.duplicate(),
            verification: *verification,
            accepted: accepted.clone(),
            agreed: agreed.duplicate(),
        }
    }

    /// Those that messages of ours may be sealed with.
    fn sealing(&self) -> impl Iterator<Item = &SealingKey> {
        [Some(&self.current), self.old.as_ref().map(|old| &old.key)].into_iter().flatten()
    }

    /// At most [`MAX_LIVE_KEYS`].
    fn live(&self) -> impl Iterator<Item = &SealingKey> {
        let candidate = match &self.exchange {
            Exchange::Accepted { next, .. } => Some(&next.key),
            Exchange::Idle | Exchange::Requested { .. } | Exchange::Asked { .. } | Exchange::Answered { .. } => None,
        };
        [Some(&self.current), candidate, self.old.as_ref().map(|old| &old.key)].into_iter().flatten()
    }

    fn with_direction<'k>(&self, key: &'k SealingKey, sender: Role) -> MessageKey<'k> {
        let x = match self.agreed {
            Agreed::X25519 { .. } => Offset::x25519(sender),
            #[cfg(feature = "telegram")]
            Agreed::Telegram => Offset::telegram(sender),
        };
        MessageKey { chat_key: &key.chat_key, fingerprint: key.fingerprint, x }
    }
}

impl SealingKey {
    #[cfg(feature = "telegram")]
    fn of_telegram(chat_key: ChatKey) -> Self {
        Self { fingerprint: fingerprint::key_fingerprint(&chat_key), chat_key, peer_discard: None }
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

impl Exchange {
    pub(super) fn state(&self) -> RekeyState {
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
            Self::Requested { exchange_id, slot, at, ref pending, ref ignored } => {
                Self::Requested { exchange_id, slot, at, pending: pending.duplicate(), ignored: ignored.clone() }
            }
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
    pub(super) fn of_x25519(root: &Root, role: Role) -> Self {
        let (own_discard, peer_discard) = root.discard_keys().split(role);
        let (chat_key, fingerprint) = (root.chat_key(), root.fingerprint());
        let key = SealingKey { chat_key, fingerprint, peer_discard: Some(peer_discard) };
        Self { key, bound: Some(Bound { chain: root.chain(), check: root.check(), own_discard }) }
    }

    #[cfg(feature = "telegram")]
    pub(super) fn of_telegram(chat_key: ChatKey) -> Self {
        Self { key: SealingKey::of_telegram(chat_key), bound: None }
    }

    pub(super) fn duplicate(&self) -> Self {
        let Self { key, bound } = self;
        Self { key: key.duplicate(), bound: bound.as_ref().map(Bound::duplicate) }
    }
}

impl Bound {
    fn duplicate(&self) -> Self {
        let Self { chain, check, own_discard } = self;
        Self { chain: chain.duplicate(), check: *check, own_discard: own_discard.duplicate() }
    }
}

impl Agreed {
    fn duplicate(&self) -> Self {
        match self {
            Self::X25519 { transcript, bound } => Self::X25519 { transcript: *transcript, bound: bound.duplicate() },
            #[cfg(feature = "telegram")]
            Self::Telegram => Self::Telegram,
        }
    }
}
