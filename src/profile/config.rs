//! What a chat is set up with.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

#[cfg(feature = "telegram")]
use super::PeerPolicy;
use super::Profile;
#[cfg(feature = "telegram")]
use crate::crypto::modp::DhGroup;
use crate::crypto::schedule::Ends;
use crate::error::ApiMisuse;
use crate::id::{Layer, Role};
use crate::record::StoreKey;
use crate::rekey::RekeyPolicy;

/// The set-up of one chat at one end, checked when it is made.
#[derive(Debug)]
pub struct Config {
    pub(crate) profile: Profile,
    pub(crate) layer: Layer,
    pub(crate) local_id: Vec<u8>,
    pub(crate) peer_id: Vec<u8>,
    pub(crate) context: Vec<u8>,
    pub(crate) limits: Limits,
    pub(crate) rekey: RekeyPolicy,
    pub(crate) view_once: bool,
    pub(crate) host_data: HostData,
    pub(crate) store: Option<StoreKey>,
}

impl Config {
    /// A chat in the X25519 profile between two ends.
    ///
    /// An id names an **end**, a user's device, and both ends must give the same bytes for each. A host without
    /// identities uses two fixed different ids and may then **not** claim protection against misdirected chats.
    ///
    /// # Errors
    /// [`ApiMisuse::IdLength`], [`ApiMisuse::IdsEqual`] (SPEC X25-1).
    pub fn x25519(local_id: impl Into<Vec<u8>>, peer_id: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        let config = Self { local_id: local_id.into(), peer_id: peer_id.into(), ..Self::of(Profile::X25519) };
        config.check_ends()?;
        Ok(config)
    }

    /// A chat in the Telegram profile. The server names the ends, so nothing of them is bound into the keys.
    ///
    /// What goes through the server, by the names of Telegram's API:
    ///
    /// | the chat | the API |
    /// |---|---|
    /// | [`DhGroup::published`], [`DhGroup::check`] | `messages.dhConfig{g, p}`, asked for before each request and acceptance |
    /// | `Transmit` `Request{public}` | `messages.requestEncryption{g_a}` |
    /// | [`Invitation::parse`](crate::Invitation::parse) | `encryptedChatRequested{g_a}` |
    /// | `Accept{public, fingerprint}` | `messages.acceptEncryption{g_b, key_fingerprint}` |
    /// | [`Input::Accepted`](crate::Input::Accepted) | `encryptedChat{g_a_or_b, key_fingerprint}` at the initiator |
    /// | [`Input::AcceptedElsewhere`](crate::Input::AcceptedElsewhere) | `encryptedChatDiscarded` or an error in answer to the acceptance, when another device was faster |
    /// | `Ciphertext` | `messages.sendEncryptedService` if `service`, `messages.sendEncryptedFile` with a file, else `messages.sendEncrypted`; with `random_id`, `silent` and the bytes as `data`, **in the order they come** |
    /// | [`Input::Ciphertext`](crate::Input::Ciphertext) | `updateNewEncryptedMessage`: `bytes`, `file`, `date` |
    /// | [`Input::Carried`](crate::Input::Carried), [`Input::Refused`](crate::Input::Refused) | `messages.sentEncryptedMessage{date}`, an error |
    /// | `Discard{history}` | `messages.discardEncryption{delete_history}` |
    /// | [`Input::Discarded`](crate::Input::Discarded) | `encryptedChatDiscarded{history_deleted}`, and the errors that mean so (400 `ENCRYPTION_DECLINED`, 403) |
    /// | `Read{max_date}`, [`Input::Read`](crate::Input::Read) | `messages.readEncryptedHistory`, `updateEncryptedMessagesRead` |
    /// | `Typing{typing}`, [`Input::Typing`](crate::Input::Typing) | `messages.setEncryptedTyping{typing}`, `updateEncryptedChatTyping` |
    ///
    /// The update is confirmed to the server only after the outputs of its input were taken. The fingerprint of a file's
    /// key for the upload is [`ChainKey::fingerprint`](crate::media::ChainKey::fingerprint).
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn telegram(group: DhGroup, peer: PeerPolicy) -> Self {
        Self::of(Profile::Telegram { group, peer })
    }

    /// A lower layer than 144 to announce and to write in, for a program that shows less than this crate reads; from 73
    /// on. A chat in the X25519 profile stays at 144.
    #[cfg(feature = "telegram")]
    #[must_use]
    pub fn with_layer(mut self, layer: Layer) -> Self {
        if !self.profile.rules().layer_is_fixed {
            self.layer = layer.clamp(Layer::L73, Layer::L144);
        }
        self
    }

    /// What the chat is about, in the X25519 profile: bound into the keys, so both ends must give the same bytes.
    ///
    /// # Errors
    /// [`ApiMisuse::IdLength`] beyond 1,024 bytes (SPEC X25-1).
    pub fn with_context(mut self, context: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        self.context = context.into();
        self.check_ends()?;
        Ok(self)
    }

    /// Keeps records, sealed under keys derived from `key`. Without it a chat hands out no batches and ends with the
    /// process.
    #[must_use]
    pub fn with_store(mut self, key: StoreKey) -> Self {
        self.store = Some(key);
        self
    }

    /// Keeps bytes of the host in the chat, up to 4,096: who the peer is, say, and where its messages go. They are sealed
    /// with the chat's records and never sent, and nothing depends on them. [`Chat::host_data`](crate::Chat::host_data)
    /// gives them back, after a restart, too, and after the end: a Discard may have to find the peer then.
    ///
    /// # Errors
    /// [`ApiMisuse::HostDataLength`] (SPEC LIM-7).
    pub fn with_host_data(mut self, bytes: impl Into<Vec<u8>>) -> Result<Self, ApiMisuse> {
        self.host_data = HostData::new(bytes.into())?;
        Ok(self)
    }

    /// Other bounds than the default ones.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Offers view once in the Telegram profile, too. **Official apps may not honour it**: TDLib takes it as a timer of 68
    /// years, others as one of a year, and all show the medium as often as their user likes. A timer of one second is the
    /// safer wish. The X25519 profile always offers it.
    #[must_use]
    pub const fn with_view_once(mut self) -> Self {
        self.view_once = true;
        self
    }

    /// Other times for new keys than the profile's.
    #[must_use]
    pub const fn with_rekey(mut self, rekey: RekeyPolicy) -> Self {
        self.rekey = rekey;
        self
    }

    /// Creates the set-up of this profile as its rules have it, between ends without names.
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
            host_data: HostData::default(),
            store: None,
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

/// What the host keeps in the chat (SPEC LIM-7). It may be private, so `Debug` shows its length only.
#[derive(Clone, Default)]
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

/// The ids of both ends and the context, as they are stored with the chat.
#[derive(Debug)]
pub(crate) struct Identities {
    pub(crate) local_id: Vec<u8>,
    pub(crate) peer_id: Vec<u8>,
    pub(crate) context: Vec<u8>,
}

impl Identities {
    /// Returns the ends in the order of roles. [`Config`] has checked them.
    pub(crate) fn ends(&self, role: Role) -> Result<Ends<'_>, ApiMisuse> {
        let (initiator, responder) = match role {
            Role::Initiator => (&self.local_id, &self.peer_id),
            Role::Responder => (&self.peer_id, &self.local_id),
        };
        Ends::new(initiator, responder, &self.context)
    }
}

/// Bounds on what a chat holds (SPEC LIM-1). They are stored with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Messages that may wait for the peer's acknowledgement.
    pub outbox_messages: u32,
    /// Sealed bytes that may wait for the peer's acknowledgement.
    pub outbox_bytes: u32,
    /// Messages of the peer that may wait for an earlier one.
    pub waiting_messages: u32,
    /// Bytes of theirs.
    pub waiting_bytes: u32,
    /// How far ahead of the next slot the last of them may be.
    pub waiting_span: u32,
    /// Messages of both ends whose timer has not ended.
    pub timed_messages: u32,
    /// The longest view of a view-once medium, in seconds.
    pub view_once: u32,
    /// How long a responder that has heard nothing of the initiator but a Discard without a proof goes on waiting, in
    /// seconds (SPEC X25-10).
    pub discard_patience: u32,
}

impl Default for Limits {
    /// A thousand messages each way, as many as one request to resend may name, and 16 MiB; a span of ten such requests;
    /// timers for 4,096 messages; five minutes for a look; a day for an initiator that seems to have closed.
    fn default() -> Self {
        Self {
            outbox_messages: 1000,
            outbox_bytes: 1 << 24,
            waiting_messages: 1000,
            waiting_bytes: 1 << 24,
            waiting_span: 10_000,
            timed_messages: 4096,
            view_once: 5 * 60,
            discard_patience: 24 * 60 * 60,
        }
    }
}
