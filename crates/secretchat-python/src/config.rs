//! The configuration of a chat.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use secretchat::{
    Layer, Limits, MessagePadding, Notification, PeerPolicy, PrimePolicy, RekeyLimit, RekeyPolicy, Start, TtlBounds,
    store,
};

use crate::error::OrRaise;
use crate::host::Host;
use crate::names::of_name;
use crate::value::ttl;

/// The key that seals a chat's records: 32 random bytes, which the host keeps apart from them, such as in the system's
/// keychain. It is wiped when it is no longer used; the bytes that it is made of are Python's.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct StoreKey(pub(crate) secretchat::StoreKey);

#[pymethods]
impl StoreKey {
    #[new]
    fn new(key: [u8; 32]) -> Self {
        Self(secretchat::StoreKey::new(key))
    }

    fn __repr__(&self) -> &'static str {
        "StoreKey(..)"
    }
}

/// Reads the store key in a file, and writes a new one to it if there is none. Only its owner can read the file.
#[pyfunction]
#[pyo3(signature = (path, *, random = None))]
pub(crate) fn key_file(py: Python<'_>, path: PathBuf, random: Option<&Bound<'_, PyAny>>) -> PyResult<StoreKey> {
    Ok(StoreKey(Host::new(random, None).draw(py, |rng| store::key_file(path, rng))??))
}

/// The Diffie-Hellman group of the Telegram profile.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct DhGroup(secretchat::DhGroup);

#[pymethods]
impl DhGroup {
    /// Returns the published group with the generator `g`, a number from 2 to 7.
    #[staticmethod]
    #[pyo3(signature = (g = 3))]
    fn published(g: u32) -> PyResult<Self> {
        secretchat::DhGroup::published(g).map(Self).or_raise()
    }

    /// Checks a group that the server gave. With `any_safe_prime` it may have another prime than the published one, which
    /// takes a second or more to check.
    #[staticmethod]
    #[pyo3(signature = (g, p, *, any_safe_prime = false, random = None))]
    fn check(
        py: Python<'_>,
        g: u32,
        p: &[u8],
        any_safe_prime: bool,
        random: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let policy = if any_safe_prime { PrimePolicy::AllowSafePrime } else { PrimePolicy::PublishedOnly };
        Host::new(random, None).draw(py, |rng| secretchat::DhGroup::check(g, p, policy, rng))?.map(Self).or_raise()
    }

    /// The generator.
    #[getter]
    fn generator(&self) -> u32 {
        self.0.generator()
    }

    /// The prime, 256 bytes.
    #[getter]
    fn prime<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.prime())
    }

    /// Returns whether the prime is the published one.
    #[getter]
    fn is_published(&self) -> bool {
        self.0.is_published()
    }
}

/// The profile and the options of a chat. Each `with_` method returns a changed copy.
#[pyclass(frozen, module = "secretchat")]
pub(crate) struct Config {
    config: secretchat::Config,
    key: Option<secretchat::StoreKey>,
    is_telegram: bool,
}

impl Config {
    fn new(config: secretchat::Config) -> Self {
        Self { config, key: None, is_telegram: false }
    }

    fn with(&self, config: secretchat::Config) -> Self {
        Self { config, key: self.key.as_ref().map(secretchat::StoreKey::duplicate), is_telegram: self.is_telegram }
    }

    /// Returns what a chat begins with.
    pub(crate) fn start(&self) -> Start {
        match &self.key {
            Some(key) => self.config.clone().with_store(key.duplicate()),
            None => self.config.clone().into(),
        }
    }
}

#[pymethods]
impl Config {
    /// Creates the configuration of an X25519 chat. Both ends use the same two ids.
    #[staticmethod]
    fn x25519(local_id: Name, peer_id: Name) -> PyResult<Self> {
        secretchat::Config::x25519(local_id, peer_id).map(Self::new).or_raise()
    }

    /// Creates the configuration of a hybrid chat: X25519 and ML-KEM-768. Both ends use the same two ids.
    #[staticmethod]
    fn hybrid(local_id: Name, peer_id: Name) -> PyResult<Self> {
        secretchat::Config::hybrid(local_id, peer_id).map(Self::new).or_raise()
    }

    /// Creates the configuration of a secret chat of Telegram. `policy` is "default", "strict" or "tolerant".
    #[staticmethod]
    #[pyo3(signature = (group, policy = "default"))]
    fn telegram(group: &DhGroup, policy: &str) -> PyResult<Self> {
        let config = secretchat::Config::telegram(group.0.clone(), of_name::<PeerPolicy>(policy)?);
        Ok(Self { is_telegram: true, ..Self::new(config) })
    }

    /// Keeps records, sealed with `key`: `Persist` outputs come, and the chat can be restored.
    fn with_store(&self, key: &StoreKey) -> Self {
        Self { key: Some(key.0.duplicate()), ..self.with(self.config.clone()) }
    }

    /// Binds the keys to bytes that both ends know.
    fn with_context(&self, context: Vec<u8>) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_context(context).or_raise()?))
    }

    /// Keeps bytes of the host in the records, at most 256.
    fn with_host_data(&self, data: Vec<u8>) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_host_data(data).or_raise()?))
    }

    /// Lets the chat derive secrets for the host, by `Chat.export_secret`.
    fn with_exporter(&self) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_exporter().or_raise()?))
    }

    /// Sets the layer that this end speaks in the Telegram profile.
    fn with_layer(&self, layer: i32) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_layer(Layer(layer)).or_raise()?))
    }

    /// Adds randomness of the server to this end's exponent, in the Telegram profile.
    fn with_server_random(&self, random: &[u8]) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_server_random(random).or_raise()?))
    }

    /// Sends messages to view once in the Telegram profile, where not every client knows them.
    fn with_view_once(&self) -> Self {
        self.with(self.config.clone().with_view_once())
    }

    /// Pads messages less, for slow radio: "small" instead of `"size_classes"`. More of their lengths shows.
    fn with_message_padding(&self, padding: &str) -> PyResult<Self> {
        let padding = match padding {
            "small" => MessagePadding::Small,
            "size_classes" => MessagePadding::SizeClasses,
            other => return Err(PyValueError::new_err(format!("no padding is named {other:?}"))),
        };
        Ok(self.with(self.config.clone().with_message_padding(padding).or_raise()?))
    }

    /// Bounds the timers of the peer that are taken as they are, in seconds.
    fn with_ttl_bounds(&self, shortest: u32, longest: u32) -> PyResult<Self> {
        let bounds = TtlBounds::new(ttl(shortest)?, ttl(longest)?).or_raise()?;
        Ok(self.with(self.config.clone().with_ttl_bounds(bounds)))
    }

    /// Sets the most that a notification shows: "all", "sender" or "nothing".
    fn with_notification_cap(&self, cap: &str) -> PyResult<Self> {
        Ok(self.with(self.config.clone().with_notification_cap(of_name::<Notification>(cap)?)))
    }

    /// Sets limits. What is left out keeps its default. `view_once` and `discard_patience` are `timedelta`s.
    #[pyo3(signature = (*, outbox_messages = None, outbox_bytes = None, waiting_messages = None, waiting_bytes = None,
        waiting_span = None, timed_messages = None, view_once = None, discard_patience = None))]
    #[expect(clippy::too_many_arguments, reason = "each by its name")]
    fn with_limits(
        &self,
        outbox_messages: Option<u32>,
        outbox_bytes: Option<u32>,
        waiting_messages: Option<u32>,
        waiting_bytes: Option<u32>,
        waiting_span: Option<u32>,
        timed_messages: Option<u32>,
        view_once: Option<Duration>,
        discard_patience: Option<Duration>,
    ) -> Self {
        let mut limits = Limits::default();
        set(&mut limits.outbox_messages, outbox_messages);
        set(&mut limits.outbox_bytes, outbox_bytes);
        set(&mut limits.waiting_messages, waiting_messages);
        set(&mut limits.waiting_bytes, waiting_bytes);
        set(&mut limits.waiting_span, waiting_span);
        set(&mut limits.timed_messages, timed_messages);
        set(&mut limits.view_once, view_once);
        set(&mut limits.discard_patience, discard_patience);
        self.with(self.config.clone().with_limits(limits))
    }

    /// Sets when this end asks for a new key, and what happens when none comes. What is left out keeps the profile's
    /// default. `age`, `limit_age` and `patience` are `timedelta`s, and `limit` is "tell" or "refuse".
    #[pyo3(signature = (*, messages = None, bytes = None, age = None, limit = None, limit_messages = None,
        limit_age = None, patience = None))]
    #[expect(clippy::too_many_arguments, reason = "each by its name")]
    fn with_rekey(
        &self,
        messages: Option<u32>,
        bytes: Option<u64>,
        age: Option<Duration>,
        limit: Option<&str>,
        limit_messages: Option<u32>,
        limit_age: Option<Duration>,
        patience: Option<Duration>,
    ) -> PyResult<Self> {
        let mut policy = if self.is_telegram { RekeyPolicy::telegram() } else { RekeyPolicy::x25519() };
        // Each end uses one of the two.
        set(&mut policy.initiator_messages, messages);
        set(&mut policy.responder_messages, messages);
        policy.bytes = bytes.or(policy.bytes);
        set(&mut policy.age, age);
        set(&mut policy.limit, limit.map(of_name::<RekeyLimit>).transpose()?);
        set(&mut policy.limit_messages, limit_messages);
        set(&mut policy.limit_age, limit_age);
        set(&mut policy.patience, patience);
        Ok(self.with(self.config.clone().with_rekey(policy)))
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// The id of an end: text, or bytes.
#[derive(FromPyObject)]
enum Name {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Name> for Vec<u8> {
    fn from(name: Name) -> Self {
        match name {
            Name::Text(text) => text.into_bytes(),
            Name::Bytes(bytes) => bytes,
        }
    }
}
