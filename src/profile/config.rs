//! The configuration of a chat.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

#[cfg(feature = "telegram")]
use super::PeerPolicy;
use super::{Limits, MessagePadding, Profile};
#[cfg(feature = "telegram")]
use crate::crypto::modp::DhGroup;
use crate::crypto::schedule::Ends;
use crate::crypto::server_random::ServerRandom;
use crate::destruct::Notification;
use crate::record::StoreKey;
use crate::rekey::RekeyPolicy;
use crate::types::error::ApiMisuse;
use crate::types::id::{Layer, Role};
use crate::types::time::TtlBounds;

/// The configuration of one chat at one end, checked when it is made. It contains no key.
///
/// ```
/// # fn main() -> Result<(), secretchat::ApiMisuse> {
/// use secretchat::{Config, Limits, StoreKey};
///
/// let config = Config::x25519("alice/phone", "bob/phone")?.with_limits(Limits::default().with_timed_messages(100));
/// // Without a store key the chat ends with the process. The key is 32 random bytes, kept apart from the records.
/// let start = config.clone().with_store(StoreKey::new([7; 32]));
/// # drop(start);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) profile: Profile,
    pub(crate) layer: Layer,
    pub(crate) local_id: Vec<u8>,
    pub(crate) peer_id: Vec<u8>,
    pub(crate) context: Vec<u8>,
    pub(crate) limits: Limits,
    pub(crate) rekey: RekeyPolicy,
    pub(crate) view_once: bool,
    pub(crate) ttl_bounds: TtlBounds,
    pub(crate) host_data: HostData,
    pub(crate) server_random: Option<ServerRandom>,
    pub(crate) exporter: bool,
    pub(crate) message_padding: MessagePadding,
    pub(crate) notification_cap: Notification,
}

impl Config {
    /// Sets up a chat in the X25519 profile between two ends.
    ///
    /// An id names an **end**, which is one device of a user. Both ends must use the same bytes for each id. A host
    /// without identities may use two fixed different ids, but must then **not** claim protection against
    /// misdirected chats.
    ///
    /// # Errors
    /// [`ApiMisuse::IdLength`], [`ApiMisuse::IdsEqual`] (SPEC X25-1).
    pub fn x25519(local_id: impl Into<Vec<u8>>, peer_id: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        let config = Self { local_id: local_id.into(), peer_id: peer_id.into(), ..Self::of(Profile::X25519) };
        config.check_ends()?;
        Ok(config)
    }

    /// Sets up a chat in the hybrid profile. It works like [`Config::x25519`], with ML-KEM-768 in addition to
    /// X25519 in the handshake and in every rekey (SPEC HYB-1).
    ///
    /// Both ends must choose it. Do **not** fall back to X25519 automatically when a request goes unanswered or is
    /// refused: whoever carries the bytes could provoke that.
    ///
    /// Each step of an exchange takes up to 80 KiB of stack (x86-64, optimised), compared with up to 28 KiB in the
    /// X25519 profile.
    ///
    /// ```
    /// use secretchat::rand_core::UnwrapErr;
    /// use secretchat::{Chat, Config, Env, Input, Invitation, Output, Timestamp, TransmitKind};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut rng = UnwrapErr(getrandom::SysRng);
    /// let env = &mut Env::new(Timestamp::from_millis(1_700_000_000_000), &mut rng);
    ///
    /// let mut alice = Chat::request(Config::hybrid("alice/phone", "bob/phone")?, env)?;
    /// let Some(Output::Transmit(request)) = alice.poll_output() else { panic!("the first output") };
    /// let TransmitKind::Request { public, .. } = request.kind else { panic!("a request") };
    ///
    /// // A request of another profile is refused here. Otherwise the host asks its user.
    /// let mut bob = Invitation::parse(&public, Config::hybrid("bob/phone", "alice/phone")?)?.accept(env)?;
    /// let Some(Output::Transmit(accept)) = bob.poll_output() else { panic!("the first output") };
    /// let TransmitKind::Accept { public, fingerprint, .. } = accept.kind else { panic!("an acceptance") };
    /// alice.handle(Input::accepted(&public, fingerprint), env)?;
    ///
    /// // Users compare this as in every profile. Until they have, a relay may sit in the middle.
    /// assert_eq!(alice.verification(), bob.verification());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Same as [`Config::x25519`].
    #[cfg(feature = "hybrid")]
    pub fn hybrid(local_id: impl Into<Vec<u8>>, peer_id: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        let config = Self { local_id: local_id.into(), peer_id: peer_id.into(), ..Self::of(Profile::X25519MlKem768) };
        config.check_ends()?;
        Ok(config)
    }

    /// Sets up a chat in the Telegram profile. The server names the ends, so nothing about them is bound into the
    /// keys.
    ///
    /// The table maps the outputs and inputs of the chat to the methods and updates of Telegram's API:
    ///
    /// | the chat | the API |
    /// |---|---|
    /// | [`DhGroup::published`], [`DhGroup::check`] | `messages.dhConfig{g, p}`, fetched before each request and acceptance |
    /// | [`with_server_random`](Config::with_server_random) | its `random`, of the 256 bytes that `random_length` asks for |
    /// | `Transmit` `Request{public}` | `messages.requestEncryption{g_a}` |
    /// | [`Invitation::parse`](crate::Invitation::parse) | `encryptedChatRequested{g_a}` |
    /// | `Accept{public, fingerprint}` | `messages.acceptEncryption{g_b, key_fingerprint}` |
    /// | [`Input::Accepted`](crate::Input::Accepted) | `encryptedChat{g_a_or_b, key_fingerprint}` at the initiator |
    /// | [`Input::AcceptedElsewhere`](crate::Input::AcceptedElsewhere) | `encryptedChatDiscarded` or an error in answer to the acceptance, when another device was faster |
    /// | `Ciphertext` | `messages.sendEncryptedService` if `service`, `messages.sendEncryptedFile` with a file, otherwise `messages.sendEncrypted`; with `random_id`, `silent` and the bytes as `data`, **in the order in which they come** |
    /// | [`Input::Ciphertext`](crate::Input::Ciphertext) | `updateNewEncryptedMessage`: `bytes`, `file`, `date` |
    /// | [`Input::Carried`](crate::Input::Carried), [`Input::Refused`](crate::Input::Refused) | `messages.sentEncryptedMessage{date}`, an error |
    /// | `Discard{history}` | `messages.discardEncryption{delete_history}` |
    /// | [`Input::Discarded`](crate::Input::Discarded) | `encryptedChatDiscarded{history_deleted}`, and the errors with that meaning (400 `ENCRYPTION_DECLINED`, 403) |
    /// | `Read{max_date}`, [`Input::Read`](crate::Input::Read) | `messages.readEncryptedHistory`, `updateEncryptedMessagesRead` |
    /// | `Typing{typing}`, [`Input::Typing`](crate::Input::Typing) | `messages.setEncryptedTyping{typing}`, `updateEncryptedChatTyping` |
    ///
    /// Confirm an update to the server only after you have taken the outputs of its input. The fingerprint of a
    /// file's key for the upload is [`ChainKey::fingerprint`](crate::media::ChainKey::fingerprint).
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn telegram(group: DhGroup, peer: PeerPolicy) -> Self {
        Self::of(Profile::Telegram { group, peer })
    }

    /// Announces and writes a layer below 144, for a program that shows less than this crate reads. Layers below 73
    /// count as 73, and layers above 144 as 144 (SPEC LAY-2).
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`] in the X25519 profile, which has one layer.
    #[cfg(feature = "telegram")]
    pub fn with_layer(mut self, layer: Layer) -> Result<Self, ApiMisuse> {
        if self.profile.rules().layer_is_fixed {
            return Err(ApiMisuse::NotInProfile);
        }
        self.layer = layer.clamp(Layer::L73, Layer::L144);
        Ok(self)
    }

    /// Mixes the server's `random` of `messages.dhConfig` into the exponents of this chat, including those of
    /// rekeys (SPEC MODP-7). It is combined with the output of the host's own generator, which alone must be good
    /// enough: a server that chooses `random` freely learns and changes nothing. The number of draws stays the
    /// same. Empty bytes count as none.
    ///
    /// ```
    /// # fn main() -> Result<(), secretchat::ApiMisuse> {
    /// use secretchat::{Config, DhGroup, PeerPolicy};
    ///
    /// # let random = [7; 256];
    /// let config = Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default).with_server_random(&random)?;
    /// # drop(config);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`] in the X25519 profile, which has no server.
    #[cfg(feature = "telegram")]
    pub fn with_server_random(mut self, random: &[u8]) -> Result<Self, ApiMisuse> {
        if self.profile.rules().keys_are_bound {
            return Err(ApiMisuse::NotInProfile);
        }
        self.server_random = Some(random).filter(|random| !random.is_empty()).map(ServerRandom::new);
        Ok(self)
    }

    /// Keeps an exporter with each key, from which the host derives secrets of its own: see
    /// [`Chat::export_secret`](crate::Chat::export_secret).
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`] in the Telegram profile, whose keys are not bound to the two ends (SPEC EXP-1).
    pub fn with_exporter(mut self) -> Result<Self, ApiMisuse> {
        if !self.profile.rules().keys_are_bound {
            return Err(ApiMisuse::NotInProfile);
        }
        self.exporter = true;
        Ok(self)
    }

    /// Sets how much the messages of this end are padded. The setting is stored with the chat.
    ///
    /// ```
    /// # fn main() -> Result<(), secretchat::ApiMisuse> {
    /// use secretchat::{Config, MessagePadding};
    ///
    /// // A radio that carries 50 bytes at a time: the length of each text shows, and four packets carry a short one.
    /// let config = Config::x25519("alice/radio", "bob/radio")?.with_message_padding(MessagePadding::Small)?;
    /// # drop(config);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ApiMisuse::NotInProfile`] in the Telegram profile, whose messages have the same sizes as TDLib's (SPEC
    /// ENV-6).
    pub fn with_message_padding(mut self, padding: MessagePadding) -> Result<Self, ApiMisuse> {
        if self.profile.rules().padding_is_fixed {
            return Err(ApiMisuse::NotInProfile);
        }
        self.message_padding = padding;
        Ok(self)
    }

    /// Sets the context: what the chat is about. The X25519 profile binds it into the keys, so both ends must use
    /// the same bytes. The Telegram profile only stores it with the chat.
    ///
    /// # Errors
    /// [`ApiMisuse::IdLength`] above 1,024 bytes (SPEC X25-1).
    pub fn with_context(mut self, context: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        self.context = context.into();
        self.check_ends()?;
        Ok(self)
    }

    /// Keeps records, sealed under keys derived from `key`. Without a store a chat returns no batches and ends with
    /// the process.
    #[must_use]
    pub const fn with_store(self, key: StoreKey) -> Start {
        Start { config: self, store: Some(key) }
    }

    /// Keeps up to 4,096 bytes of the host in the chat, for example who the peer is and where its messages go. They
    /// are sealed with the chat's records and never sent, and nothing depends on them.
    /// [`Chat::host_data`](crate::Chat::host_data) returns them, also after a restart and after the end of the
    /// chat, when a Discard may still have to find the peer.
    ///
    /// # Errors
    /// [`ApiMisuse::HostDataLength`] (SPEC LIM-7).
    pub fn with_host_data(mut self, bytes: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        self.host_data = HostData::new(bytes.into())?;
        Ok(self)
    }

    /// Replaces the default limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Allows view once in the Telegram profile. **Official apps may not honour it**: TDLib treats it as a timer of
    /// 68 years, others as one of a year, and all show the medium as often as their user likes. A timer of one
    /// second is safer. The X25519 profile always allows view once.
    #[must_use]
    pub const fn with_view_once(mut self) -> Self {
        self.view_once = true;
        self
    }

    /// Bounds the timers that the peer sets for messages of this end (SPEC DES-13). A timer outside the bounds
    /// becomes the nearest one within. The bounds apply neither to timers that this end sets itself, nor to the
    /// timer in a message of the peer.
    #[must_use]
    pub const fn with_ttl_bounds(mut self, bounds: TtlBounds) -> Self {
        self.ttl_bounds = bounds;
        self
    }

    /// Limits what notifications of this end may show (SPEC RIGHT-7). The rights of every message allow no more,
    /// whatever the profile and the sender say. The setting is stored with the chat.
    ///
    /// ```
    /// use secretchat::{Config, Notification};
    ///
    /// # fn main() -> Result<(), secretchat::ApiMisuse> {
    /// let config = Config::x25519("alice/phone", "bob/phone")?.with_notification_cap(Notification::Sender);
    /// # drop(config);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn with_notification_cap(mut self, most: Notification) -> Self {
        self.notification_cap = most;
        self
    }

    /// Sets when the chat renews its key, instead of the profile's policy.
    #[must_use]
    pub const fn with_rekey(mut self, rekey: RekeyPolicy) -> Self {
        self.rekey = rekey;
        self
    }

    /// Creates the default configuration of a profile, between ends without names.
    fn of(profile: Profile) -> Self {
        let rules = profile.rules();
        Self {
            layer: Layer::L144,
            local_id: Vec::new(),
            peer_id: Vec::new(),
            context: Vec::new(),
            limits: Limits::default(),
            rekey: rules.rekey,
            view_once: rules.view_once,
            ttl_bounds: TtlBounds::default(),
            host_data: HostData::default(),
            server_random: None,
            exporter: false,
            message_padding: MessagePadding::default(),
            notification_cap: Notification::default(),
            profile,
        }
    }

    fn check_ends(&self) -> Result<(), ApiMisuse> {
        if self.profile.rules().keys_are_bound {
            Ends::new(&self.local_id, &self.peer_id, &self.context).map(drop)
        } else if self.context.len() > Ends::MAX_LEN {
            Err(ApiMisuse::IdLength)
        } else {
            Ok(())
        }
    }
}

/// The host's data in the chat (SPEC LIM-7). It may be private, so `Debug` shows its length only.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct HostData(Zeroizing<Vec<u8>>);

impl HostData {
    const MAX_LEN: usize = 4096;

    pub(crate) fn new(bytes: Vec<u8>) -> Result<Self, ApiMisuse> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() > Self::MAX_LEN { Err(ApiMisuse::HostDataLength) } else { Ok(Self(bytes)) }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HostData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes) = self;
        write!(f, "HostData({} bytes)", bytes.len())
    }
}

/// Everything a new chat needs: its [`Config`], and the key for its records if it keeps any
/// ([`Config::with_store`]).
#[derive(Debug)]
pub struct Start {
    pub(crate) config: Config,
    pub(crate) store: Option<StoreKey>,
}

impl Start {
    /// Changes the configuration and keeps the key.
    #[must_use]
    pub fn map(self, change: impl FnOnce(Config) -> Config) -> Self {
        Self { config: change(self.config), store: self.store }
    }
}

/// Starts a chat without a store: it ends with the process.
impl From<Config> for Start {
    fn from(config: Config) -> Self {
        Self { config, store: None }
    }
}

/// The ids of both ends and the context, stored with the chat.
#[derive(Debug)]
pub(crate) struct Identities {
    pub(crate) local_id: Box<[u8]>,
    pub(crate) peer_id: Box<[u8]>,
    pub(crate) context: Box<[u8]>,
}

impl Identities {
    /// Returns the ends ordered by role. [`Config`] has checked them.
    pub(crate) fn ends(&self, role: Role) -> Result<Ends<'_>, ApiMisuse> {
        let (initiator, responder) = match role {
            Role::Initiator => (&self.local_id, &self.peer_id),
            Role::Responder => (&self.peer_id, &self.local_id),
        };
        Ends::new(initiator, responder, &self.context)
    }
}
