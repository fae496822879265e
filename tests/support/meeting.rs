//! A chat of each profile with a store, and a hand-made peer that lets things pile up in it.

#[cfg(feature = "telegram")]
use secretchat::PeerPolicy;
use secretchat::hazmat::kdf::ChatKey;
use secretchat::hazmat::schedule::Rekey;
use secretchat::hazmat::wire::DecryptedMessageAction;
use secretchat::media::{FileForm, MediaKey};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, Draft, ExchangeId, Handled, Input, KeyFingerprint, Limits, Output, Records, RekeyPolicy, Role, Start,
    TransmitId, TransmitKind,
};

use super::agreement::Part;
use super::forger::{self, Forger};
use super::pair::{BOBS_STORE_KEY, Pair, ciphertext, env, outputs};
use super::profile::Profile;
use super::stored::{keep, records, restore};

/// How far a message may be ahead, however many wait.
const SPAN: u32 = 10_000;
/// The secret of the peer in an exchange of keys.
const SECRET: u8 = 0x44;
/// The exchange that the peer asks for.
pub(crate) const EXCHANGE: i64 = 7;

impl Profile {
    fn store_key(self) -> [u8; 32] {
        match self {
            Self::Bound(_) => BOBS_STORE_KEY,
            #[cfg(feature = "telegram")]
            Self::Telegram => super::telegram::STORE_KEY,
        }
    }

    /// Returns the limits of a chat in which so many of each kind pile up, with room for an answer to each of them.
    pub(crate) fn limits(size: usize) -> Limits {
        let size = u32::try_from(size).unwrap();
        let limits = Limits::default().with_outbox(2 * size + 16, 512 * (2 * size + 16));
        limits.with_waiting(size + 8, 256 * (size + 8), SPAN).with_timed_messages(size + 8)
    }

    /// Returns a chat that is ready, its store, and its peer.
    pub(crate) fn meet(self, size: usize) -> Meeting {
        let limits = Self::limits(size);
        // No exchange of keys begins by itself, however many messages there are.
        let mut rekey = self.rekey_policy();
        (rekey.initiator_messages, rekey.responder_messages, rekey.limit_messages) = (u32::MAX, u32::MAX, u32::MAX);
        let within = |start: Start| start.map(|config| config.with_limits(limits).with_rekey(rekey));
        let (mut forger, mut bob, batches) = match self {
            Self::Bound(agreement) => Forger::meet_seeded(agreement, within(Pair::bob_in(agreement)), 41),
            #[cfg(feature = "telegram")]
            Self::Telegram => super::telegram::meet_as(within(super::telegram::config(PeerPolicy::Default))),
        };
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| store.apply(batch).unwrap());
        forger.layer = 144;
        forger.give_next(&mut bob, &forger::notice(144));
        keep(&mut bob, &mut store);
        let accept = forger::accept(EXCHANGE, &[9; 32], 1);
        let commit = forger::commit(EXCHANGE, 1);
        Meeting { profile: self, limits, forger, bob, store, unwritten: Vec::new(), accept, commit, asked: EXCHANGE }
    }

    fn rekey_policy(self) -> RekeyPolicy {
        match self {
            Self::Bound(_) => RekeyPolicy::x25519(),
            #[cfg(feature = "telegram")]
            Self::Telegram => RekeyPolicy::telegram(),
        }
    }

    pub(crate) fn media_key(self) -> MediaKey {
        let form = match self {
            Self::Bound(_) => FileForm::Segments,
            #[cfg(feature = "telegram")]
            Self::Telegram => FileForm::Chain,
        };
        MediaKey::from_parts(form, [7; 32], [9; 32])
    }

    /// A value that asks for a key.
    pub(crate) fn request(self) -> Vec<u8> {
        match self {
            Self::Bound(agreement) => agreement.request(SECRET),
            #[cfg(feature = "telegram")]
            Self::Telegram => super::telegram::public_value(),
        }
    }

    /// A value that answers such a one.
    fn answer(self, request: &[u8]) -> Vec<u8> {
        match self {
            Self::Bound(agreement) => agreement.answer(SECRET, request),
            #[cfg(feature = "telegram")]
            Self::Telegram => super::telegram::public_value(),
        }
    }
}

/// A chat and its peer.
pub(crate) struct Meeting {
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
    pub(crate) forger: Forger,
    pub(crate) bob: Chat,
    pub(crate) store: MemoryStore,
    /// What piled up in no record: it comes anew after each restart.
    pub(crate) unwritten: Vec<Unwritten>,
    /// The peer's next steps in an exchange of keys, and its name; of an exchange that nobody began if there is none.
    pub(crate) accept: Vec<u8>,
    pub(crate) commit: Vec<u8>,
    pub(crate) asked: i64,
}

/// What a chat learns without writing it down at once.
pub(crate) enum Unwritten {
    /// A message whose outputs nobody takes.
    Unpolled(Vec<u8>),
    /// A message of ours whose outputs nobody takes.
    Sent(Box<Draft>),
    /// The transport accepted one of ours.
    Carried(TransmitId),
}

impl Meeting {
    /// Gives Bob a message in a slot; the peer's next slot stays the same.
    pub(crate) fn give(&mut self, slot: i32, message: &[u8]) -> Handled {
        let handled = self.forger.give(&mut self.bob, self.forger.around_slot(slot), message);
        self.forger.sent -= 1;
        keep(&mut self.bob, &mut self.store);
        handled
    }

    /// Gives Bob a message in its turn.
    pub(crate) fn give_next(&mut self, message: &[u8]) {
        assert_eq!(self.give(self.forger.sent, message), Handled::Applied);
        self.forger.sent += 1;
    }

    /// Lets so many wait for one that is missing.
    pub(crate) fn give_early(&mut self, count: usize, message: impl Fn(usize) -> Vec<u8>) {
        for at in 1..=count {
            let slot = self.forger.sent + i32::try_from(at).unwrap();
            assert_eq!(self.give(slot, &message(at)), Handled::Waiting);
        }
    }

    /// Makes a message that comes in its turn, but not yet.
    pub(crate) fn say_later(&mut self, message: &[u8]) {
        let sealed = self.forger.say_next(message);
        self.unwritten.push(Unwritten::Unpolled(sealed));
    }

    pub(crate) fn send(&mut self, draft: &Draft) {
        self.bob.send(draft, &mut env(&mut self.forger.rng)).unwrap();
        keep(&mut self.bob, &mut self.store);
    }

    /// The peer says that it has everything of ours.
    pub(crate) fn acknowledges_all(&mut self) {
        self.forger.received = i32::try_from(self.bob.counters().sent).unwrap();
    }

    pub(crate) fn records(&self) -> Records {
        records(&self.bob, &self.store)
    }

    /// Returns the chat after a restart, with everything that had piled up.
    pub(crate) fn restart(&mut self, records: &Records) -> Chat {
        let mut bob = restore(records, self.profile.store_key(), None).unwrap();
        outputs(&mut bob);
        let env = &mut env(&mut self.forger.rng);
        for unwritten in &self.unwritten {
            match unwritten {
                Unwritten::Unpolled(sealed) => assert_eq!(bob.handle(ciphertext(sealed), env), Ok(Handled::Applied)),
                Unwritten::Sent(draft) => _ = bob.send(draft, env).unwrap(),
                Unwritten::Carried(id) => {
                    assert_eq!(bob.handle(Input::carried(*id, None), env), Ok(Handled::Applied));
                    outputs(&mut bob);
                }
            }
        }
        bob
    }
}

/// # Exchanges of keys
impl Meeting {
    /// Lets Bob ask for a key; [`Meeting::accept`] is the answer.
    pub(crate) fn bob_asks(&mut self) {
        self.bob.rekey(&mut env(&mut self.forger.rng)).unwrap();
        let sealed = self.newest_sealed();
        let DecryptedMessageAction::RequestKey(request) = self.forger.read_service(&sealed) else {
            panic!("no request")
        };
        let (exchange_id, theirs) = (request.exchange_id, request.g_a.as_slice().to_vec());
        let own = self.profile.answer(&theirs);
        let part = Part::Answers { secret: SECRET, request: &theirs };
        let (_, fingerprint) = self.next_key(exchange_id, part, self.bob.role());
        self.accept = forger::accept(exchange_id, &own, fingerprint.to_long());
        self.asked = exchange_id;
    }

    /// Lets the peer ask for a key and Bob answer; [`Meeting::commit`] comes next. Returns the key.
    pub(crate) fn bob_answers(&mut self) -> (ChatKey, KeyFingerprint) {
        let request = forger::request(EXCHANGE, &self.profile.request());
        let handled = self.forger.give_next(&mut self.bob, &request);
        assert_eq!(handled, Handled::Applied);
        let sealed = self.newest_sealed();
        let DecryptedMessageAction::AcceptKey(accept) = self.forger.read_service(&sealed) else { panic!("no answer") };
        let (theirs, said) = (accept.g_b.as_slice().to_vec(), accept.key_fingerprint);
        let part = Part::Asks { secret: SECRET, answer: &theirs };
        let (key, fingerprint) = self.next_key(EXCHANGE, part, self.forger.role);
        assert_eq!(fingerprint.to_long(), said);
        self.commit = forger::commit(EXCHANGE, said);
        (key, fingerprint)
    }

    /// Lets the peer commit to a key, under which it goes on.
    pub(crate) fn peer_switches(&mut self, (key, fingerprint): (ChatKey, KeyFingerprint)) {
        let commit = self.commit.clone();
        self.give_next(&commit);
        (self.forger.chat_key, self.forger.fingerprint) = (key, fingerprint);
    }

    fn next_key(&self, exchange_id: i64, part: Part<'_>, starter: Role) -> (ChatKey, KeyFingerprint) {
        match (self.profile, &self.forger.bound) {
            (Profile::Bound(agreement), Some(bound)) => {
                let (chain, transcript) = (&bound.chain, &bound.transcript);
                let rekey = Rekey { chain, transcript, exchange_id: ExchangeId(exchange_id), starter };
                let root = agreement.rekey(part, &rekey);
                (root.chat_key(), root.fingerprint())
            }
            #[cfg(feature = "telegram")]
            _ => {
                let (Part::Asks { answer: theirs, .. } | Part::Answers { request: theirs, .. }) = part;
                let key = super::telegram::shared_key(theirs);
                let fingerprint = secretchat::hazmat::fingerprint::key_fingerprint(&key);
                (key, fingerprint)
            }
            #[cfg(not(feature = "telegram"))]
            _ => panic!("a profile that binds its keys"),
        }
    }

    /// Keeps what Bob wrote, and returns the last message that he made.
    fn newest_sealed(&mut self) -> Vec<u8> {
        let others = keep(&mut self.bob, &mut self.store);
        let mut sealed = others.into_iter().filter_map(|output| match output {
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Ciphertext { bytes, .. } => Some(bytes),
                _ => None,
            },
            _ => None,
        });
        sealed.next_back().unwrap()
    }
}
