//! The configuration of a chat.

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use secretchat::{
    Config, DhGroup, Layer, Limits, MessagePadding, Notification, PeerPolicy, PrimePolicy, RekeyLimit, RekeyPolicy,
    Start, StoreKey, Ttl, TtlBounds, media::FileForm,
};

use crate::border::{In, Out, ScBytes};
use crate::env::ScEnv;
use crate::error::{Fault, Own, ScStatus, guard};

/// The profile of Telegram's secret chats.
pub const SC_PROFILE_TELEGRAM: u16 = 1;
/// The profile with X25519.
pub const SC_PROFILE_X25519: u16 = 2;
/// The profile with X25519 and ML-KEM-768, against computers of the future.
pub const SC_PROFILE_HYBRID: u16 = 3;

/// The timer of a message that may be seen once.
pub const SC_TTL_VIEW_ONCE: u32 = 0x7fff_ffff;

/// A Diffie-Hellman group that was checked, for the Telegram profile.
pub struct ScGroup(DhGroup);

/// The configuration of a chat. Fill it with `sc_config_init`, and change what you need. It borrows: its bytes must
/// stay until the call that it is passed to returns.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScConfig {
    /// One of `SC_PROFILE_...`.
    pub profile: u16,
    /// The policy for a peer that breaks the protocol, one of `SC_PEER_POLICY_...`. Telegram only.
    pub peer_policy: u16,
    /// The most that a notification shows, one of `SC_NOTIFICATION_...`.
    pub notification_cap: u16,
    /// The policy for a key that is overdue, one of `SC_REKEY_LIMIT_...`.
    pub rekey_limit: u16,
    /// The layer of this end. Telegram only.
    pub layer: i32,
    /// Whether this end may send messages that are seen once. Telegram only; the other profiles always may.
    pub view_once: u8,
    /// Whether `sc_chat_export` will be used. Not in Telegram.
    pub exporter: u8,
    /// Whether messages get the least padding, so that their lengths show. Not in Telegram.
    pub small_padding: u8,
    /// The group, or null for the published one with the generator 3. Telegram only.
    pub group: In<ScGroup>,
    /// The id of this end, 1 to 255 bytes. Not in Telegram.
    pub local_id: ScBytes,
    /// The id of the other end, 1 to 255 bytes. Not in Telegram.
    pub peer_id: ScBytes,
    /// Anything else that both ends must agree on, at most 255 bytes.
    pub context: ScBytes,
    /// Up to 4,096 bytes of the host's own, which the records keep sealed.
    pub host_data: ScBytes,
    /// The randomness of Telegram's server, `dh_config.random`. Telegram only.
    pub server_random: ScBytes,
    /// The key that seals the records, 32 bytes. Empty for a chat without records. **Wipe your copy.**
    pub store_key: ScBytes,
    /// The shortest timer of the peer that is taken as it is, in seconds.
    pub ttl_shortest: u32,
    /// The longest timer of the peer that is taken as it is, in seconds.
    pub ttl_longest: u32,
    /// How many messages may wait for their acknowledgement.
    pub outbox_messages: u32,
    /// How many bytes may wait for their acknowledgement.
    pub outbox_bytes: u32,
    /// How many messages may wait for an earlier one.
    pub waiting_messages: u32,
    /// How many bytes may wait for an earlier message.
    pub waiting_bytes: u32,
    /// How far ahead a message may be that waits.
    pub waiting_span: u32,
    /// How many messages with a timer are kept.
    pub timed_messages: u32,
    /// How long a message to view once stays open.
    pub view_once_ms: u64,
    /// How long a Discard waits for its receipt.
    pub discard_patience_ms: u64,
    /// After how many messages the initiator asks for a new key.
    pub rekey_initiator_messages: u32,
    /// After how many messages the responder asks for a new key.
    pub rekey_responder_messages: u32,
    /// How many messages a key may protect.
    pub rekey_limit_messages: u32,
    /// After how many bytes this end asks for a new key; `UINT64_MAX` for never.
    pub rekey_bytes: u64,
    /// After what time this end asks for a new key.
    pub rekey_age_ms: u64,
    /// How old a key may become.
    pub rekey_limit_age_ms: u64,
    /// How long an exchange may take.
    pub rekey_patience_ms: u64,
}

/// Everything that a chat begins with, owned.
#[derive(Debug)]
pub(crate) struct Setup {
    config: Config,
    store_key: Option<StoreKey>,
}

impl Setup {
    pub(crate) fn start(&self) -> Start {
        let config = self.config.clone();
        match &self.store_key {
            Some(key) => config.with_store(key.duplicate()),
            None => config.into(),
        }
    }
}

impl ScConfig {
    pub(crate) fn read(&self) -> Result<Setup, Fault> {
        let mut config = match self.profile {
            SC_PROFILE_TELEGRAM => {
                let group = self.group.get().map_or_else(|| DhGroup::published(3), |group| Ok(group.0.clone()))?;
                let policy = of_code(PeerPolicy::ALL, PeerPolicy::code, self.peer_policy)?;
                Config::telegram(group, policy).with_layer(Layer(self.layer))?
            }
            SC_PROFILE_X25519 => Config::x25519(self.local_id.get()?, self.peer_id.get()?)?,
            SC_PROFILE_HYBRID => Config::hybrid(self.local_id.get()?, self.peer_id.get()?)?,
            _ => return Err(Own::Value.into()),
        };
        if self.view_once != 0 {
            config = config.with_view_once();
        }
        if self.exporter != 0 {
            config = config.with_exporter()?;
        }
        if self.small_padding != 0 {
            config = config.with_message_padding(MessagePadding::Small)?;
        }
        let server_random = self.server_random.get()?;
        if !server_random.is_empty() {
            config = config.with_server_random(server_random)?;
        }
        let host_data = self.host_data.get()?;
        if !host_data.is_empty() {
            config = config.with_host_data(host_data)?;
        }
        let bounds = TtlBounds::new(Ttl::from_seconds(self.ttl_shortest)?, Ttl::from_seconds(self.ttl_longest)?)?;
        let cap = of_code(Notification::ALL, Notification::code, self.notification_cap)?;
        let config = config
            .with_ttl_bounds(bounds)
            .with_notification_cap(cap)
            .with_limits(self.limits())
            .with_rekey(self.rekey()?)
            .with_context(self.context.get()?)?;
        Ok(Setup { config, store_key: store_key(self.store_key)? })
    }

    fn limits(&self) -> Limits {
        Limits::default()
            .with_outbox(self.outbox_messages, self.outbox_bytes)
            .with_waiting(self.waiting_messages, self.waiting_bytes, self.waiting_span)
            .with_timed_messages(self.timed_messages)
            .with_view_once(Duration::from_millis(self.view_once_ms))
            .with_discard_patience(Duration::from_millis(self.discard_patience_ms))
    }

    fn rekey(&self) -> Result<RekeyPolicy, Fault> {
        let limit = of_code(RekeyLimit::ALL, RekeyLimit::code, self.rekey_limit)?;
        Ok(usual_rekey(self.profile)
            .with_messages(self.rekey_initiator_messages, self.rekey_responder_messages)
            .with_bytes(Some(self.rekey_bytes).filter(|bytes| *bytes != u64::MAX))
            .with_age(Duration::from_millis(self.rekey_age_ms))
            .with_limit(limit, self.rekey_limit_messages, Duration::from_millis(self.rekey_limit_age_ms))
            .with_patience(Duration::from_millis(self.rekey_patience_ms)))
    }
}

/// Reads a key of 32 bytes, or none.
pub(crate) fn store_key(bytes: ScBytes) -> Result<Option<StoreKey>, Fault> {
    let given = bytes.get()?;
    Ok(if given.is_empty() { None } else { Some(StoreKey::new(*bytes.array()?)) })
}

/// Returns the form of the files of a profile.
pub(crate) fn form(profile: u16) -> Result<FileForm, Fault> {
    match profile {
        SC_PROFILE_TELEGRAM => Ok(FileForm::Chain),
        SC_PROFILE_X25519 | SC_PROFILE_HYBRID => Ok(FileForm::Segments),
        _ => Err(Own::Value.into()),
    }
}

/// Returns the variant with this code.
pub(crate) fn of_code<T: Copy>(all: &[T], code_of: impl Fn(T) -> u16, code: u16) -> Result<T, Fault> {
    all.iter().copied().find(|variant| code_of(*variant) == code).ok_or(Own::Value.into())
}

/// Returns a timer of so many seconds, none for 0, or view once.
pub(crate) fn ttl(seconds: u32) -> Result<Ttl, Fault> {
    Ok(if seconds == SC_TTL_VIEW_ONCE { Ttl::VIEW_ONCE } else { Ttl::from_seconds(seconds)? })
}

/// Returns the milliseconds of a duration.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn usual_rekey(profile: u16) -> RekeyPolicy {
    if profile == SC_PROFILE_TELEGRAM { RekeyPolicy::telegram() } else { RekeyPolicy::x25519() }
}

/// Fills a configuration with the defaults of a profile, one of `SC_PROFILE_...`.
#[unsafe(no_mangle)]
pub extern "C" fn sc_config_init(out: Out<ScConfig>, profile: u16) -> ScStatus {
    guard(|| {
        out.check()?;
        form(profile)?;
        let (limits, rekey, bounds) = (Limits::default(), usual_rekey(profile), TtlBounds::default());
        out.put(ScConfig {
            profile,
            peer_policy: PeerPolicy::default().code(),
            notification_cap: Notification::default().code(),
            rekey_limit: rekey.limit.code(),
            layer: Layer::L144.0,
            view_once: 0,
            exporter: 0,
            small_padding: 0,
            group: In::NULL,
            local_id: ScBytes::NONE,
            peer_id: ScBytes::NONE,
            context: ScBytes::NONE,
            host_data: ScBytes::NONE,
            server_random: ScBytes::NONE,
            store_key: ScBytes::NONE,
            ttl_shortest: bounds.shortest().to_wire().unsigned_abs(),
            ttl_longest: bounds.longest().to_wire().unsigned_abs(),
            outbox_messages: limits.outbox_messages,
            outbox_bytes: limits.outbox_bytes,
            waiting_messages: limits.waiting_messages,
            waiting_bytes: limits.waiting_bytes,
            waiting_span: limits.waiting_span,
            timed_messages: limits.timed_messages,
            view_once_ms: millis(limits.view_once),
            discard_patience_ms: millis(limits.discard_patience),
            rekey_initiator_messages: rekey.initiator_messages,
            rekey_responder_messages: rekey.responder_messages,
            rekey_limit_messages: rekey.limit_messages,
            rekey_bytes: rekey.bytes.unwrap_or(u64::MAX),
            rekey_age_ms: millis(rekey.age),
            rekey_limit_age_ms: millis(rekey.limit_age),
            rekey_patience_ms: millis(rekey.patience),
        });
        Ok(())
    })
}

/// Checks a configuration, as the calls that take one do.
#[unsafe(no_mangle)]
pub extern "C" fn sc_config_check(config: In<ScConfig>) -> ScStatus {
    guard(|| config.need()?.read().map(drop))
}

/// Checks a group that the server named: a generator and a prime of 256 bytes. The published prime is known; any other
/// is checked to be a safe prime if `allow_safe_prime` is not 0, which takes a while, and refused otherwise. An empty
/// prime is the published one.
#[unsafe(no_mangle)]
pub extern "C" fn sc_group_check(
    generator: u32,
    prime: In<u8>,
    prime_len: usize,
    allow_safe_prime: u8,
    env: Option<&mut ScEnv>,
    out: Out<Option<Box<ScGroup>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let (prime, env) = (prime.slice(prime_len)?, env.ok_or(Own::Null)?);
        let policy = if allow_safe_prime == 0 { PrimePolicy::PublishedOnly } else { PrimePolicy::AllowSafePrime };
        out.hand(ScGroup(if prime.is_empty() {
            DhGroup::published(generator)?
        } else {
            env.lend(|env| DhGroup::check(generator, prime, policy, env.rng))?
        }));
        Ok(())
    })
}

/// Frees a group.
#[unsafe(no_mangle)]
pub extern "C" fn sc_group_free(group: Option<Box<ScGroup>>) {
    drop(group);
}

impl fmt::Debug for ScGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
