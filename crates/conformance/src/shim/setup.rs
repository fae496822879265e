//! The setup of a chat, from `config`.

use std::time::Duration;

use recordings::Scripted;
use secretchat::{
    Config, DhGroup, Layer, Limits, PeerPolicy, PrimePolicy, Profile, RekeyPolicy, Start, StoreKey, TtlBounds,
};

use super::failure::Failure;
use crate::codec::{FieldError, Fields, notification, peer_policy, ttl};

/// The setup of a chat. It is kept because a chat may have to begin again after a crash.
#[derive(Debug)]
pub(crate) struct Setup {
    profile: Profile,
    config: Config,
    keeps_records: bool,
}

impl Setup {
    pub(crate) fn read(mut fields: Fields, rng: &mut Scripted) -> Result<Self, Failure> {
        let profile = match fields.need::<String>("profile")?.as_str() {
            "x25519" => Profile::X25519,
            "hybrid" => Profile::X25519MlKem768,
            "telegram" => telegram(&mut fields, rng)?,
            _ => return Err(FieldError::Bad.into()),
        };
        let is_telegram = matches!(profile, Profile::Telegram { .. });
        let rekey = if is_telegram { RekeyPolicy::telegram() } else { RekeyPolicy::x25519() };
        let view_once = is_telegram && fields.or_default("view_once")?;
        let (local_id, peer_id): (Vec<u8>, Vec<u8>) = (fields.or_default("local_id")?, fields.or_default("peer_id")?);
        let context: Vec<u8> = fields.or_default("context")?;
        let layer = fields.get("layer")?.map_or(Layer::L144, Layer);
        let limits = fields.get("limits")?.map_or(Ok(Limits::default()), limits)?;
        let rekey = fields.get("rekey")?.map_or(Ok(rekey), |fields| rekey_policy(fields, rekey))?;
        let bounds: Option<Vec<u32>> = fields.get("ttl_bounds")?;
        let cap: Option<String> = fields.get("notification_cap")?;
        let (server_random, exporter): (Vec<u8>, bool) =
            (fields.or_default("server_random")?, fields.or_default("exporter")?);
        let keeps_records = fields.get("store")?.unwrap_or(true);
        fields.end()?;

        let mut config = match &profile {
            Profile::Telegram { group, peer } => Config::telegram(group.clone(), *peer).with_layer(layer)?,
            Profile::X25519MlKem768 => Config::hybrid(local_id, peer_id)?,
            _ => Config::x25519(local_id, peer_id)?,
        };
        if view_once {
            config = config.with_view_once();
        }
        if let Some(bounds) = bounds {
            let [shortest, longest] = bounds[..] else { return Err(FieldError::Bad.into()) };
            config = config.with_ttl_bounds(TtlBounds::new(ttl(shortest)?, ttl(longest)?)?);
        }
        if let Some(cap) = cap {
            config = config.with_notification_cap(notification(&cap).ok_or(FieldError::Bad)?);
        }
        if !server_random.is_empty() {
            config = config.with_server_random(&server_random)?;
        }
        if exporter {
            config = config.with_exporter()?;
        }
        let config = config.with_limits(limits).with_rekey(rekey).with_context(context)?;
        Ok(Self { profile, config, keeps_records })
    }

    pub(crate) fn start(&self) -> Start {
        let config = self.config.clone();
        if self.keeps_records { config.with_store(store_key()) } else { config.into() }
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }
}

/// Returns the same key for every chat, because nothing here is secret.
pub(crate) fn store_key() -> StoreKey {
    StoreKey::new([0x5a; 32])
}

fn telegram(fields: &mut Fields, rng: &mut Scripted) -> Result<Profile, Failure> {
    let g = fields.get("g")?.unwrap_or(3);
    let group = match fields.get::<Vec<u8>>("p")? {
        None => DhGroup::published(g)?,
        // A caller that gives a prime wants it to be used.
        Some(p) => DhGroup::check(g, &p, PrimePolicy::AllowSafePrime, rng)?,
    };
    let peer = match fields.get::<String>("policy")? {
        None => PeerPolicy::Default,
        Some(name) => peer_policy(&name).ok_or(FieldError::Bad)?,
    };
    Ok(Profile::Telegram { group, peer })
}

fn limits(mut fields: Fields) -> Result<Limits, FieldError> {
    let mut limits = Limits::default();
    while let Some(name) = fields.next_name() {
        let duration = match name.as_str() {
            "view_once" => Some(&mut limits.view_once),
            "discard_patience" => Some(&mut limits.discard_patience),
            _ => None,
        };
        if let Some(duration) = duration {
            *duration = Duration::from_secs(fields.need::<u32>(&name)?.into());
            continue;
        }
        let limit = match name.as_str() {
            "outbox_messages" => &mut limits.outbox_messages,
            "outbox_bytes" => &mut limits.outbox_bytes,
            "waiting_messages" => &mut limits.waiting_messages,
            "waiting_bytes" => &mut limits.waiting_bytes,
            "waiting_span" => &mut limits.waiting_span,
            "timed_messages" => &mut limits.timed_messages,
            _ => return Err(FieldError::Unknown),
        };
        *limit = fields.need(&name)?;
    }
    Ok(limits)
}

/// Reads a policy. Each end uses one of the two message counts, so both are set.
fn rekey_policy(mut fields: Fields, default: RekeyPolicy) -> Result<RekeyPolicy, FieldError> {
    let mut policy = default;
    if let Some(messages) = fields.get("after_messages")? {
        (policy.initiator_messages, policy.responder_messages) = (messages, messages);
    }
    if let Some(bytes) = fields.get::<u64>("after_bytes")? {
        policy.bytes = Some(bytes);
    }
    if let Some(millis) = fields.get("after_millis")? {
        policy.age = Duration::from_millis(millis);
    }
    fields.end()?;
    Ok(policy)
}
