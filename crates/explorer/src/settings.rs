//! What one search is about: how the two ends are set up, what their users want, and what may go wrong how often.

use std::time::Duration;

use secretchat::{Config, DhGroup, Layer, Limits, PeerPolicy, RekeyLimit, RekeyPolicy, Start, StoreKey};

use crate::fault::Fault;

/// Which of the two ends: 0 is Alice, the initiator, and 1 is Bob.
pub type Side = usize;

/// How two ends agree on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// X25519.
    X25519,
    /// X25519 and ML-KEM-768.
    Hybrid,
    /// 2,048 bits, in the published group.
    Telegram,
}

/// What runs at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// A chat of this crate.
    Own,
    /// A model of TDLib. Only in the Telegram profile.
    Tdlib,
    /// A model of Telegram for Android. Only in the Telegram profile.
    Android,
}

/// What a user wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Writes a text.
    Send,
    /// Deletes the own message that was written last.
    Delete,
    /// Asks for a new key.
    Rekey,
    /// Sets the timer of the chat, in seconds.
    SetTtl(u32),
    /// Reads everything that has arrived.
    MarkRead,
    /// Flushes the history.
    Flush,
    /// Reports a screenshot of the chat.
    Screenshot,
    /// Announces a layer.
    Announce(i32),
    /// Closes the chat.
    Close,
}

/// The settings of one search. Two searches with equal settings go through the same states in the same order.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the search is called.
    pub name: String,
    /// How the ends agree on keys.
    pub profile: Profile,
    /// What runs at each end.
    pub clients: [Client; 2],
    /// How each end judges the other one. Only in the Telegram profile.
    pub policies: [PeerPolicy; 2],
    /// The layer of each end. Only in the Telegram profile.
    pub layers: [i32; 2],
    /// How many messages may wait for the peer's acknowledgement, if that is not the default.
    pub outbox: Option<u32>,
    /// How many messages may wait for an earlier one, if that is not the default.
    pub waiting: Option<u32>,
    /// After how many messages an end asks for a new key by itself, if it does so before the user wants it.
    pub rekey_after: Option<u32>,
    /// What all draws depend on. Among others it decides which of two crossing requests wins.
    pub seed: u64,
    /// What each user wants, in order.
    pub scripts: [Vec<Act>; 2],
    /// How often time passes at each end.
    pub ticks: u8,
    /// How many messages of each end the transport refuses for good.
    pub refusals: u8,
    /// How many messages of each end the transport refuses for now.
    pub delays: u8,
    /// How often each end is set back to an older copy of its records.
    pub rollbacks: u8,
    /// How many older copies there are: the first one, and the newest of the others.
    pub copies: u8,
    /// Whether the search begins with the request. Otherwise with two chats that are ready.
    pub from_request: bool,
    /// What a host or the transport does wrong, to show that it is found.
    pub fault: Option<Fault>,
}

/// When each end starts, in milliseconds since 1970.
pub const START: u64 = 1_700_000_000_000;

impl Settings {
    /// Creates the settings of a search in the X25519 profile, without any trouble.
    #[must_use]
    pub fn new(name: &str, scripts: [&[Act]; 2]) -> Self {
        Self {
            name: name.to_owned(),
            profile: Profile::X25519,
            clients: [Client::Own; 2],
            policies: [PeerPolicy::Default; 2],
            layers: [144; 2],
            outbox: None,
            waiting: None,
            rekey_after: None,
            seed: 1,
            scripts: scripts.map(<[Act]>::to_vec),
            ticks: 0,
            refusals: 0,
            delays: 0,
            rollbacks: 0,
            copies: 1,
            from_request: false,
            fault: None,
        }
    }

    /// Returns whether an old client is at one of the ends.
    #[must_use]
    pub fn has_old_client(&self) -> bool {
        self.clients.iter().any(|client| *client != Client::Own)
    }

    /// Returns the key of an end's records.
    #[must_use]
    pub fn store_key(side: Side) -> StoreKey {
        StoreKey::new([[1; 32], [2; 32]][side])
    }

    /// Returns the configuration of an end.
    ///
    /// # Panics
    /// Never: ids and layers are valid.
    #[must_use]
    pub fn start(&self, side: Side) -> Start {
        let [own, peer] = [["alice", "bob"], ["bob", "alice"]][side];
        let config = match self.profile {
            Profile::X25519 => Config::x25519(own, peer).unwrap(),
            Profile::Hybrid => Config::hybrid(own, peer).unwrap(),
            Profile::Telegram => Config::telegram(DhGroup::published(3).unwrap(), self.policies[side])
                .with_layer(Layer(self.layers[side]))
                .unwrap(),
        };
        let mut limits = Limits::default();
        if let Some(messages) = self.outbox {
            limits = limits.with_outbox(messages, 1 << 20);
        }
        if let Some(messages) = self.waiting {
            limits = limits.with_waiting(messages, 1 << 20, messages);
        }
        let policy = match self.profile {
            Profile::Telegram => RekeyPolicy::telegram(),
            _ => RekeyPolicy::x25519(),
        };
        let messages = self.rekey_after.unwrap_or(u32::MAX);
        let policy = policy.with_messages(messages, messages.saturating_add(2));
        let policy = policy.with_limit(RekeyLimit::Tell, u32::MAX, Duration::MAX).with_age(Duration::MAX);
        config.with_limits(limits).with_rekey(policy).with_store(Self::store_key(side))
    }
}
