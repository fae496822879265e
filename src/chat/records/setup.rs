//! The configuration of a chat, as a part of the keys record and of the tombstone.

use super::keys::KeyOptions;
use crate::chat::model::{Choice, Setup};
use crate::crypto::server_random::ServerRandom;
use crate::destruct::Notification;
use crate::profile::{HostData, Identities, Limits, MessagePadding, Profile};
use crate::record::{Decode, Decoder, Encode, Encoder, fields, if_option, options, stored_secret, variants};
use crate::rekey::RekeyPolicy;
use crate::types::error::StoreError;
use crate::types::time::{Ttl, TtlBounds};

/// Options that few chats use. They are in the records of those chats only (SPEC REC-9).
#[derive(Debug, Default, PartialEq)]
struct SetupOptions {
    ttl_bounds: TtlBounds,
    rekey_bytes: Option<u64>,
    server_random: Option<ServerRandom>,
    exporter: bool,
    notification_cap: Notification,
    message_padding: MessagePadding,
}

options! {
    SetupOptions, up to 127 {
        1 ttl_bounds,
        2 rekey_bytes: if_option,
        3 server_random: if_option,
        4 exporter,
        5 notification_cap,
        6 message_padding,
    }
}

impl Setup {
    /// Writes a record of the configuration and `rest`. The host's data come at the end, then the options, and
    /// those of the keys.
    pub(super) fn encode_around(
        &self,
        to: &mut Encoder<'_>,
        rest: impl FnOnce(&mut Encoder<'_>),
        of_keys: &KeyOptions,
    ) {
        let Self {
            profile,
            role,
            identities,
            limits,
            rekey,
            view_once,
            ttl_bounds,
            host_data,
            server_random,
            exporter,
            message_padding,
            notification_cap,
        } = self;
        let options = SetupOptions {
            ttl_bounds: *ttl_bounds,
            rekey_bytes: rekey.bytes,
            server_random: server_random.clone(),
            exporter: *exporter,
            notification_cap: *notification_cap,
            message_padding: *message_padding,
        };
        profile.number().encode(to);
        role.encode(to);
        profile.encode_parameters(to);
        identities.encode(to);
        limits.encode(to);
        rekey.encode(to);
        view_once.encode(to);
        rest(to);
        let has_options = options != SetupOptions::default() || *of_keys != KeyOptions::default();
        if has_options || *host_data != HostData::default() {
            host_data.encode(to);
            options.encode(to);
            of_keys.encode(to);
        }
    }

    /// Reads such a record.
    pub(super) fn decode_around<R>(
        from: &mut Decoder<'_>,
        rest: impl FnOnce(&mut Decoder<'_>, &Profile) -> Result<R, StoreError>,
    ) -> Result<(Self, R, KeyOptions), StoreError> {
        let (number, role) = from.take()?;
        let profile = Profile::decode_parameters(number, from)?;
        let identities: Identities = from.take()?;
        if profile.rules().keys_are_bound {
            identities.ends(role).map_err(|_| StoreError::Damaged)?;
        }
        let (limits, rekey): (Limits, RekeyPolicy) = from.take()?;
        let view_once = from.take()?;
        let rest = rest(from, &profile)?;
        let (host_data, options, of_keys) = decode_end(from)?;
        let SetupOptions { ttl_bounds, rekey_bytes, server_random, exporter, notification_cap, message_padding } =
            options;
        let limits = Choice::new(limits, &Limits::USUAL);
        let rekey = Choice::new(rekey.with_bytes(rekey_bytes), &profile.rules().rekey);
        let setup = Self {
            profile,
            role,
            identities,
            limits,
            rekey,
            view_once,
            ttl_bounds,
            host_data,
            server_random,
            exporter,
            message_padding,
            notification_cap,
        };
        Ok((setup, rest, of_keys))
    }
}

/// Reads the host's data and the options. Without options there is no empty entry for the host's data.
fn decode_end(from: &mut Decoder<'_>) -> Result<(HostData, SetupOptions, KeyOptions), StoreError> {
    if from.is_empty() {
        return Ok(Default::default());
    }
    let host_data = from.take()?;
    let is_written = host_data != HostData::default() || !from.is_empty();
    if is_written { Ok((host_data, from.take()?, from.take()?)) } else { Err(StoreError::Damaged) }
}

stored_secret! { ServerRandom: kept, resume; }

impl Encode for HostData {
    fn encode(&self, to: &mut Encoder<'_>) {
        self.as_bytes().encode(to);
    }
}

impl Decode for HostData {
    fn decode(from: &mut Decoder<'_>, (): &()) -> Result<Self, StoreError> {
        Self::new(from.take()?).map_err(|_| StoreError::Damaged)
    }
}

variants! { Notification { 0 Nothing, 1 Sender, 2 All } }

variants! { MessagePadding { 0 SizeClasses, 1 Small } }

fields! { Identities { local_id, peer_id, context } }

fields! {
    Limits {
        outbox_messages,
        outbox_bytes,
        waiting_messages,
        waiting_bytes,
        waiting_span,
        timed_messages,
        view_once: seconds,
        discard_patience: seconds,
    }
}

/// A duration as seconds in 32 bits, rounded up.
mod seconds {
    use core::time::Duration;

    use crate::profile::seconds;
    use crate::record::{Decoder, Encode, Encoder};
    use crate::types::error::StoreError;

    pub(super) fn encode(duration: &Duration, to: &mut Encoder<'_>) {
        seconds(*duration).encode(to);
    }

    pub(super) fn decode<K: ?Sized>(from: &mut Decoder<'_>, _known: &K) -> Result<Duration, StoreError> {
        from.take::<u32>().map(|seconds| Duration::from_secs(seconds.into()))
    }
}

fields! {
    RekeyPolicy {
        initiator_messages, responder_messages, limit_messages, age, limit_age, patience, limit;
        // An option of the set-up.
        bytes: None,
    }
}

impl Encode for TtlBounds {
    fn encode(&self, to: &mut Encoder<'_>) {
        (self.shortest(), self.longest()).encode(to);
    }
}

impl<K: ?Sized> Decode<K> for TtlBounds {
    fn decode(from: &mut Decoder<'_>, known: &K) -> Result<Self, StoreError> {
        let (shortest, longest): (Ttl, Ttl) = Decode::decode(from, known)?;
        Self::new(shortest, longest).map_err(|_| StoreError::Damaged)
    }
}
