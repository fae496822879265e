//! An end of a chat in any profile, built by hand on `hazmat`: it keeps every key it ever knew and renews them in
//! every right and wrong way.

use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey};
use secretchat::hazmat::fingerprint;
use secretchat::hazmat::kdf::{ChatKey, Offset};
use secretchat::hazmat::modp::KeyPair;
use secretchat::hazmat::schedule::{Ends, Rekey, Root, Transcript};
use secretchat::hazmat::wire::{
    ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionRequestKey, DecryptedMessage, DecryptedMessageAction,
    DecryptedMessageLayer, decode_exact,
};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, CloseReason, Draft, Env, Event, ExchangeId, Handled, Input, KeyFingerprint, Output, PeerFault,
    PeerPolicy, RekeyPolicy, RekeyState, Role, Start, StoreKey, Timestamp, TransmitId, TransmitKind,
};

use super::agreement::{Agreement, Part};
use super::forger::{Around, Forger, notice, seal, service, text, wrap};
#[allow(unused_imports)] // Every program uses its part.
pub(crate) use super::forger::{abort, accept, commit, request};
use super::pair::{self, NOW, Pair};
use super::rng::Seeded;
use super::telegram;
use super::telegram::group;

/// Whose rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// The keys are bound.
    Bound(Agreement),
    Telegram(PeerPolicy),
}

/// An exchange that the peer starts.
pub(crate) const THEIRS: i64 = 77;

pub(crate) const DEFAULT: Rules = Rules::Telegram(PeerPolicy::Default);
pub(crate) const EVERY: [Rules; 4 + cfg!(feature = "hybrid") as usize] = [
    Rules::X25519,
    #[cfg(feature = "hybrid")]
    Rules::HYBRID,
    DEFAULT,
    Rules::Telegram(PeerPolicy::Strict),
    Rules::Telegram(PeerPolicy::Tolerant),
];
pub(crate) const EACH_PROFILE: [Rules; 2 + cfg!(feature = "hybrid") as usize] = [
    Rules::X25519,
    #[cfg(feature = "hybrid")]
    Rules::HYBRID,
    DEFAULT,
];

impl Rules {
    pub(crate) const X25519: Self = Self::Bound(Agreement::X25519);
    #[cfg(feature = "hybrid")]
    pub(crate) const HYBRID: Self = Self::Bound(Agreement::Hybrid);

    /// Whether keys are bound; then AbortKey is sent for an exchange that may have been accepted, too.
    pub(crate) fn bind(self) -> bool {
        matches!(self, Self::Bound(_))
    }

    /// Whether what is off the table ends the chat.
    pub(crate) fn close(self) -> bool {
        self.bind() || self == Self::Telegram(PeerPolicy::Strict)
    }

    pub(crate) fn config(self) -> Start {
        match self {
            Self::Bound(agreement) => Pair::bob_in(agreement),
            Self::Telegram(policy) => telegram::config(policy),
        }
    }

    /// When keys are renewed, unless a test chooses.
    pub(crate) fn renewal(self) -> RekeyPolicy {
        if self.bind() { RekeyPolicy::x25519() } else { RekeyPolicy::telegram() }
    }

    /// The value of a request with a secret of equal bytes.
    pub(crate) fn request(self, secret: u8) -> Vec<u8> {
        match self {
            Self::Bound(agreement) => agreement.request(secret),
            Self::Telegram(_) => key_pair(secret).public().to_vec(),
        }
    }

    /// The value of the answer with a secret of equal bytes.
    pub(crate) fn answer(self, secret: u8, request: &[u8]) -> Vec<u8> {
        match self {
            Self::Bound(agreement) => agreement.answer(secret, request),
            Self::Telegram(_) => key_pair(secret).public().to_vec(),
        }
    }

    /// A good value of an answer to nobody's request.
    pub(crate) fn any_answer(self, secret: u8) -> Vec<u8> {
        self.answer(secret, &self.request(0x21))
    }
}

fn key_pair(secret: u8) -> KeyPair {
    KeyPair::resume(&group(), Secret::new([secret; 256])).unwrap()
}

pub(crate) struct Key {
    pub(crate) chat_key: ChatKey,
    pub(crate) fingerprint: KeyFingerprint,
    chain: Option<Secret<32>>,
    pub(crate) check: Option<[u8; 36]>,
}

impl Key {
    fn of(root: &Root) -> Self {
        let (chain, check) = (Some(root.chain()), Some(root.check()));
        Self { chat_key: root.chat_key(), fingerprint: root.fingerprint(), chain, check }
    }
}

pub(crate) struct Rekeyer {
    pub(crate) rules: Rules,
    /// The initiator, but for [`Rekeyer::answer`].
    role: Role,
    transcript: Option<Transcript>,
    /// The first, then each in the order of its making.
    pub(crate) keys: Vec<Key>,
    /// With which of them it seals.
    pub(crate) sealing: usize,
    /// To which of them the next exchange is bound.
    pub(crate) current: usize,
    /// Messages made, and messages of the chat that it says it has processed.
    pub(crate) sent: i32,
    pub(crate) received: i32,
    /// Whether it says so of what it reads.
    pub(crate) acknowledges: bool,
    /// The host's clock.
    pub(crate) now: u64,
    pub(crate) rng: Seeded,
    /// Its request, and the secret of it.
    asked: Option<(i64, u8)>,
    /// The last of the chat's.
    pub(crate) request: Option<(i64, Vec<u8>)>,
    pub(crate) accept: Option<(i64, Vec<u8>, i64)>,
    pub(crate) commit: Option<(i64, i64)>,
    /// Of the last message that the chat has sent.
    pub(crate) last_id: Option<TransmitId>,
    /// The chat's.
    store: MemoryStore,
}

impl Rekeyer {
    /// With a chat that is ready and has nothing to say.
    pub(crate) fn meet(rules: Rules) -> (Self, Chat) {
        Self::meet_with(rules.config(), rules)
    }

    pub(crate) fn meet_with(config: Start, rules: Rules) -> (Self, Chat) {
        Self::meet_seeded(config, rules, 41)
    }

    pub(crate) fn meet_seeded(config: Start, rules: Rules, seed: u64) -> (Self, Chat) {
        let (chat_key, fingerprint, chain, transcript, chat, batches) = match rules {
            Rules::Bound(agreement) => {
                let (forger, chat, batches) = Forger::meet_seeded(agreement, config, seed);
                let bound = forger.bound.unwrap();
                (forger.chat_key, forger.fingerprint, Some(bound.chain), Some(bound.transcript), chat, batches)
            }
            Rules::Telegram(_) => {
                let (forger, chat, batches) = telegram::meet_seeded(config, seed);
                (forger.chat_key, forger.fingerprint, None, None, chat, batches)
            }
        };
        let mut peer = Self::with_keys(rules, Key { chat_key, fingerprint, chain, check: None }, transcript, seed + 2);
        batches.iter().for_each(|batch| peer.store.apply(batch).unwrap());
        let mut chat = chat;
        assert_eq!(peer.says(&mut chat, &notice(144)), Ok(Handled::Applied));
        peer.take(&mut chat);
        (peer, chat)
    }

    /// The chat, from its records. Its outputs must have been taken.
    pub(crate) fn restart(&mut self, chat: &Chat) -> Chat {
        let records = self.store.load(chat.id().unwrap()).unwrap().unwrap();
        let key = match self.rules {
            Rules::Bound(_) => pair::BOBS_STORE_KEY,
            Rules::Telegram(_) => telegram::STORE_KEY,
        };
        Chat::restore(&records, &StoreKey::new(key), chat.checkpoint(), &mut self.env()).unwrap()
    }

    /// A peer that has asked, and a chat that has accepted.
    pub(crate) fn accepted(rules: Rules) -> (Self, Chat) {
        let (mut peer, mut bob) = Self::meet(rules);
        peer.asks(&mut bob, THEIRS, 0x44);
        assert_eq!(peer.take(&mut bob), ["0: AcceptKey"]);
        (peer, bob)
    }

    /// A chat that has asked, and its exchange.
    pub(crate) fn requested(rules: Rules) -> (Self, Chat, i64) {
        let (mut peer, mut bob) = Self::meet(rules);
        bob.rekey(&mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: RequestKey"]);
        let exchange_id = peer.request.clone().unwrap().0;
        (peer, bob, exchange_id)
    }

    /// A chat that has asked and committed.
    pub(crate) fn committed(rules: Rules) -> (Self, Chat) {
        let (mut peer, mut bob, _) = Self::requested(rules);
        peer.accepts(&mut bob, 0x44);
        peer.acknowledges = false;
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
        peer.switch();
        (peer, bob)
    }

    /// What an exchange that failed leaves: the first key, for both directions, and an end that can ask again.
    pub(crate) fn goes_on_as_before(&mut self, chat: &mut Chat) {
        assert_eq!((chat.state(), chat.rekey_state(), chat.rekeys()), (ChatState::Ready, RekeyState::Idle, 0));
        assert_eq!(self.current_of(chat), Some(0));
        chat.send(&Draft::text("as before"), &mut self.env()).unwrap();
        assert_eq!(self.take(chat), ["0: text"]);
        self.writes(chat, "too").unwrap();
        assert_eq!(self.take(chat), ["too"]);
        for candidate in 1..self.keys.len() {
            assert_eq!(self.opening(chat, [candidate]), [0; 0]);
        }
    }

    /// With a chat under this policy that has processed messages until the key had this use.
    pub(crate) fn meet_used(rules: Rules, messages: u32, set: impl FnOnce(&mut RekeyPolicy)) -> (Self, Chat) {
        let mut policy = rules.renewal();
        set(&mut policy);
        let (mut peer, mut chat) = Self::meet_with(rules.config().map(|config| config.with_rekey(policy)), rules);
        while chat.counters().sent + chat.counters().received < messages {
            peer.writes(&mut chat, "").unwrap();
        }
        peer.take(&mut chat);
        (peer, chat)
    }

    /// With a chat that asked for it, in place of an answer of the right user.
    pub(crate) fn answer(rules: Rules, seed: u64) -> (Self, Chat) {
        let mut rng = Seeded::new(seed);
        let mut chat = Chat::request(rules.config(), &mut pair::env(&mut rng)).unwrap();
        let (secret, g_a) = (0x34, pair::request_of(&mut chat));
        let g_b = rules.answer(secret, &g_a);
        let mut peer = match rules {
            Rules::Bound(agreement) => {
                // The ids of the configuration, whose end has asked.
                let ends = Ends::new(b"bob", b"alice", b"").unwrap();
                let (transcript, root) = agreement.handshake(Part::Answers { secret, request: &g_a }, &ends);
                Self::with_keys(rules, Key::of(&root), Some(transcript), seed + 2)
            }
            Rules::Telegram(_) => Self::of(rules, key_pair(secret).shared_key(&group(), &g_a).unwrap()),
        };
        peer.role = Role::Responder;
        let accepted = Input::accepted(&g_b, peer.keys[0].fingerprint);
        assert_eq!(chat.handle(accepted, &mut peer.env()), Ok(Handled::Applied));
        peer.take(&mut chat);
        (peer, chat)
    }

    /// In a Telegram chat that has this key, and has heard nothing.
    pub(crate) fn of(rules: Rules, chat_key: ChatKey) -> Self {
        let fingerprint = fingerprint::key_fingerprint(&chat_key);
        Self::with_keys(rules, Key { chat_key, fingerprint, chain: None, check: None }, None, 43)
    }

    fn with_keys(rules: Rules, first: Key, transcript: Option<Transcript>, seed: u64) -> Self {
        Self {
            rules,
            role: Role::Initiator,
            transcript,
            keys: vec![first],
            sealing: 0,
            current: 0,
            sent: 0,
            received: 0,
            acknowledges: true,
            now: NOW,
            rng: Seeded::new(seed),
            asked: None,
            request: None,
            accept: None,
            commit: None,
            last_id: None,
            store: MemoryStore::default(),
        }
    }

    pub(crate) fn env(&mut self) -> Env<'_> {
        Env::new(Timestamp::from_millis(self.now), &mut self.rng)
    }

    /// Its next message, if the chat can open it.
    pub(crate) fn says(&mut self, chat: &mut Chat, message: &[u8]) -> Result<Handled, PeerFault> {
        let sealed = self.seal(self.sent, message);
        let handled = self.gives(chat, &sealed)?;
        self.sent += 1;
        Ok(handled)
    }

    pub(crate) fn gives(&mut self, chat: &mut Chat, sealed: &[u8]) -> Result<Handled, PeerFault> {
        chat.handle(pair::ciphertext(sealed), &mut self.env())
    }

    /// A message for a slot.
    pub(crate) fn seal(&mut self, slot: i32, message: &[u8]) -> Vec<u8> {
        let initiates = i32::from(self.role == Role::Initiator);
        let (in_seq_no, out_seq_no) = (2 * self.received + 1 - initiates, 2 * slot + initiates);
        let around = Around { random_bytes: 15, layer: 144, in_seq_no, out_seq_no };
        let body = wrap(around, message);
        let Key { chat_key, fingerprint, .. } = &self.keys[self.sealing];
        let x = self.rules.offset(self.role);
        let key = DirectionKey { chat_key, fingerprint: *fingerprint, x };
        seal(&key, &mut self.rng, &body)
    }

    pub(crate) fn writes(&mut self, chat: &mut Chat, words: &str) -> Result<Handled, PeerFault> {
        self.says(chat, &text(i64::from(self.sent) + 1, words))
    }

    /// Which of these keys open a text now, each tried in turn.
    pub(crate) fn opening(&mut self, chat: &mut Chat, keys: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let before = self.sealing;
        let mut opening = Vec::new();
        for key in keys {
            self.sealing = key;
            match self.writes(chat, "probe") {
                Ok(Handled::Applied) => opening.push(key),
                Err(PeerFault::UnknownKey) => {}
                other => panic!("{other:?}"),
            }
        }
        self.sealing = before;
        opening
    }

    /// Which of the keys the chat seals with.
    pub(crate) fn current_of(&self, chat: &Chat) -> Option<usize> {
        let current = chat.key_fingerprint()?;
        self.keys.iter().position(|key| key.fingerprint == current)
    }

    /// RequestKey with the public value of `secret`.
    pub(crate) fn asks(&mut self, chat: &mut Chat, exchange_id: i64, secret: u8) -> Handled {
        let message = self.question(exchange_id, secret);
        self.says(chat, &message).unwrap()
    }

    pub(crate) fn question(&mut self, exchange_id: i64, secret: u8) -> Vec<u8> {
        self.asked = Some((exchange_id, secret));
        request(exchange_id, &self.rules.request(secret))
    }

    /// The right AcceptKey for the chat's last request; the new key is the last one from now on.
    pub(crate) fn accepts(&mut self, chat: &mut Chat, secret: u8) -> Handled {
        let message = self.acceptance(secret);
        self.says(chat, &message).unwrap()
    }

    pub(crate) fn acceptance(&mut self, secret: u8) -> Vec<u8> {
        let (exchange_id, g_a) = self.request.clone().unwrap();
        self.learn(exchange_id, Part::Answers { secret, request: &g_a });
        accept(exchange_id, &self.rules.answer(secret, &g_a), self.last_fingerprint())
    }

    /// The right CommitKey for its own last request; it seals with the new key afterwards.
    pub(crate) fn commits(&mut self, chat: &mut Chat) -> Handled {
        let (exchange_id, _) = self.asked.unwrap();
        let handled = self.says(chat, &commit(exchange_id, self.last_fingerprint())).unwrap();
        self.switch();
        handled
    }

    /// It seals with the last key from now on, and the next exchange is bound to it.
    pub(crate) fn switch(&mut self) {
        self.current = self.keys.len() - 1;
        self.sealing = self.current;
    }

    pub(crate) fn last_fingerprint(&self) -> i64 {
        self.keys.last().unwrap().fingerprint.to_long()
    }

    fn learn(&mut self, exchange_id: i64, part: Part<'_>) {
        let (Part::Asks { secret, answer: theirs } | Part::Answers { secret, request: theirs }) = part;
        let key = match (self.rules, &self.transcript, &self.keys[self.current].chain) {
            (Rules::Bound(agreement), Some(transcript), Some(chain)) => {
                let starter = if matches!(part, Part::Asks { .. }) { self.role } else { self.role.peer() };
                let rekey = Rekey { chain, transcript, exchange_id: ExchangeId(exchange_id), starter };
                Key::of(&agreement.rekey(part, &rekey))
            }
            _ => {
                let chat_key = key_pair(secret).shared_key(&group(), theirs).unwrap();
                Key { fingerprint: fingerprint::key_fingerprint(&chat_key), chat_key, chain: None, check: None }
            }
        };
        self.keys.push(key);
    }

    /// What the chat tells its host, and what it sends, each with the number of the key that sealed it.
    pub(crate) fn take(&mut self, chat: &mut Chat) -> Vec<String> {
        pair::outputs(chat).into_iter().filter_map(|output| self.take_one(output)).collect()
    }

    pub(crate) fn take_one(&mut self, output: Output) -> Option<String> {
        match output {
            Output::Event(Event::Rekeyed { rekeys, .. }) => Some(format!("Rekeyed {rekeys}")),
            Output::Event(Event::RekeyFailed { reason, .. }) => Some(format!("RekeyFailed {reason:?}")),
            Output::Event(Event::RekeyOverdue) => Some("RekeyOverdue".to_owned()),
            Output::Event(Event::Message(message)) => Some(message.content.text),
            Output::Event(Event::Closed { reason: CloseReason::Violation(violation), .. }) => {
                Some(format!("Closed {violation:?}"))
            }
            Output::Persist(batch) => {
                // A peer that met the chat later keeps none of its records.
                if batch.follows.is_none() || self.store.load(batch.chat).unwrap().is_some() {
                    self.store.apply(&batch).unwrap();
                }
                None
            }
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Ciphertext { bytes, .. } => {
                    self.last_id = Some(transmit.id);
                    Some(self.read(&bytes))
                }
                TransmitKind::Discard { .. } => Some("Discard".to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    fn read(&mut self, sealed: &[u8]) -> String {
        let fingerprint = envelope::fingerprint(sealed).unwrap();
        let index = self.keys.iter().position(|key| key.fingerprint == fingerprint).expect("a key that it knows");
        let x = self.rules.offset(self.role.peer());
        let mut opened = sealed.to_vec();
        let key = DirectionKey { chat_key: &self.keys[index].chat_key, fingerprint, x };
        let body = envelope::open(&key, &mut opened).unwrap();
        let layer: DecryptedMessageLayer<'_> = decode_exact(body).unwrap();
        if self.acknowledges {
            self.received = self.received.max(layer.out_seq_no / 2 + 1);
        }
        let name = match layer.message {
            DecryptedMessage::Service17(service) => self.read_action(service.action),
            _ => "text".to_owned(),
        };
        format!("{index}: {name}")
    }

    fn read_action(&mut self, action: DecryptedMessageAction<'_>) -> String {
        let name = match action {
            DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id, g_a }) => {
                self.request = Some((exchange_id, g_a.as_slice().to_vec()));
                "RequestKey"
            }
            DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id, g_b, key_fingerprint }) => {
                let g_b = g_b.as_slice().to_vec();
                if let Some((_, secret)) = self.asked.filter(|(asked, _)| *asked == exchange_id) {
                    self.learn(exchange_id, Part::Asks { secret, answer: &g_b });
                    assert_eq!(self.last_fingerprint(), key_fingerprint, "both ends derive one key");
                }
                self.accept = Some((exchange_id, g_b, key_fingerprint));
                "AcceptKey"
            }
            DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id, key_fingerprint }) => {
                self.commit = Some((exchange_id, key_fingerprint));
                "CommitKey"
            }
            DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id }) => {
                return format!("AbortKey {exchange_id}");
            }
            DecryptedMessageAction::Noop => "Noop",
            other => return format!("{other:?}").split(['(', ' ']).next().unwrap().to_owned(),
        };
        name.to_owned()
    }
}

impl Rules {
    fn offset(self, sender: Role) -> Offset {
        match self {
            Self::Bound(_) => Offset::x25519(sender),
            Self::Telegram(_) => Offset::telegram(sender),
        }
    }
}

pub(crate) fn noop() -> Vec<u8> {
    service(DecryptedMessageAction::Noop)
}
