//! Two chats of a profile that talk with each other.

use std::time::Duration;

use rand_core::CryptoRng;
use secretchat::{
    Chat, Config, DhGroup, Draft, Env, Input, Invitation, Limits, Output, PeerPolicy, RekeyLimit, RekeyPolicy, Start,
    StoreKey, Timestamp, TransmitKind,
};

/// How two ends agree on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// X25519.
    X25519,
    /// X25519 and ML-KEM-768.
    Hybrid,
    /// 2,048 bits, in the published group, whose prime needs no test.
    Telegram,
}

impl Profile {
    /// All profiles. The first one is the base of comparison.
    pub const ALL: [Self; 3] = [Self::X25519, Self::Hybrid, Self::Telegram];

    /// Returns the name in the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X25519 => "X25519",
            Self::Hybrid => "X25519 and ML-KEM-768",
            Self::Telegram => "Telegram, 2,048 bits",
        }
    }

    /// Returns the configuration of one end.
    ///
    /// # Panics
    /// Never: the ids are valid.
    #[must_use]
    pub fn config(self, local_id: &str, peer_id: &str) -> Config {
        match self {
            Self::X25519 => Config::x25519(local_id, peer_id).unwrap(),
            Self::Hybrid => Config::hybrid(local_id, peer_id).unwrap(),
            Self::Telegram => Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default),
        }
    }
}

/// What two chats do beside the messages themselves.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How they agree on a key.
    pub profile: Profile,
    /// Whether they write records.
    pub records: bool,
    /// Whether they renew their keys as they do by default, or never.
    pub rekeys: bool,
}

impl Settings {
    /// Returns the chats, with all their outputs taken.
    ///
    /// # Panics
    /// If they do not agree on a key.
    #[must_use]
    pub fn ready(self, rng: &mut dyn CryptoRng) -> [Chat; 2] {
        self.ready_within(Limits::default(), rng)
    }

    /// Returns the chats, the first of them with these limits.
    ///
    /// # Panics
    /// If they do not agree on a key.
    #[must_use]
    pub fn ready_within(self, limits: Limits, rng: &mut dyn CryptoRng) -> [Chat; 2] {
        let start = self.start("alice", "bob").map(|config| config.with_limits(limits));
        let mut alice = Chat::request(start, &mut env(rng)).unwrap();
        let public = transmissions(&mut alice).find_map(|kind| match kind {
            TransmitKind::Request { public, .. } => Some(public),
            _ => None,
        });
        let bob = self.accept(&public.unwrap(), rng);
        let mut chats = [alice, bob];
        carry(&mut chats, 1, rng);
        chats
    }

    /// Returns the chat of the end that asks.
    ///
    /// # Panics
    /// Never: the configuration is valid.
    #[must_use]
    pub fn request(self, rng: &mut dyn CryptoRng) -> Chat {
        Chat::request(self.start("alice", "bob"), &mut env(rng)).unwrap()
    }

    /// Returns the chat of the end that accepts.
    ///
    /// # Panics
    /// If the public value is not acceptable.
    #[must_use]
    pub fn accept(self, public: &[u8], rng: &mut dyn CryptoRng) -> Chat {
        Invitation::parse(public, self.start("bob", "alice")).unwrap().accept(&mut env(rng)).unwrap()
    }

    fn start(self, local_id: &str, peer_id: &str) -> Start {
        let config = self.profile.config(local_id, peer_id);
        let config = if self.rekeys { config } else { config.with_rekey(never()) };
        if self.records { config.with_store(store_key()) } else { config.into() }
    }
}

/// Returns the key of all records.
#[must_use]
pub fn store_key() -> StoreKey {
    StoreKey::new([1; 32])
}

/// Returns a policy that keeps the first key.
fn never() -> RekeyPolicy {
    let policy = RekeyPolicy::x25519().with_messages(u32::MAX, u32::MAX).with_bytes(None);
    policy.with_limit(RekeyLimit::Tell, u32::MAX, Duration::MAX)
}

/// Returns what a call needs. Time stands still.
pub fn env(rng: &mut dyn CryptoRng) -> Env<'_> {
    Env::new(Timestamp::from_millis(1_700_000_000_000), rng)
}

/// Takes the outputs of a chat and returns its transmissions.
pub fn transmissions(chat: &mut Chat) -> impl Iterator<Item = TransmitKind> {
    std::iter::from_fn(|| chat.poll_output()).filter_map(|output| match output {
        Output::Transmit(transmit) => Some(transmit.kind),
        _ => None,
    })
}

/// Returns the input that a transmission becomes at the other end.
///
/// # Panics
/// For a transmission that these chats do not make.
#[must_use]
pub fn input_of(kind: &TransmitKind) -> Input<'_> {
    match kind {
        TransmitKind::Accept { public, fingerprint, .. } => Input::accepted(public, *fingerprint),
        TransmitKind::Ciphertext { bytes, .. } => Input::ciphertext(bytes, None, None),
        other => panic!("{other:?}"),
    }
}

/// Carries what a chat has to send, then the answers, until neither has anything to send.
///
/// # Panics
/// If a chat does not take what the other one has sent.
pub fn carry(chats: &mut [Chat; 2], from: usize, rng: &mut dyn CryptoRng) {
    let mut from = from;
    while deliver(chats, from, rng) {
        from = 1 - from;
    }
}

/// Takes all outputs of a chat, and passes its transmissions to the other one. Returns whether there was one.
fn deliver(chats: &mut [Chat; 2], from: usize, rng: &mut dyn CryptoRng) -> bool {
    let [alice, bob] = chats;
    let (from, to) = if from == 0 { (alice, bob) } else { (bob, alice) };
    let mut has_sent = false;
    for kind in transmissions(from) {
        to.handle(input_of(&kind), &mut env(rng)).unwrap();
        has_sent = true;
    }
    has_sent
}

/// Returns a text of 100 characters.
#[must_use]
pub fn draft() -> Draft {
    Draft::text("x".repeat(100))
}
