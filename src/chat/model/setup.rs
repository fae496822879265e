//! The fixed configuration of a chat.

use alloc::boxed::Box;
use core::ops::Deref;

use crate::agreement::Binding;
use crate::crypto::server_random::{ExponentMask, ServerRandom};
use crate::destruct::Notification;
use crate::profile::{HostData, Identities, Limits, MessagePadding, Profile};
use crate::rekey::RekeyPolicy;
use crate::types::error::ApiMisuse;
use crate::types::id::{ExchangeId, Role};
use crate::types::time::TtlBounds;

/// The configuration of a chat. It is set once and stored with the keys.
#[derive(Debug)]
pub(in crate::chat) struct Setup {
    pub(in crate::chat) profile: Profile,
    pub(in crate::chat) role: Role,
    pub(in crate::chat) identities: Identities,
    pub(in crate::chat) limits: Choice<Limits>,
    pub(in crate::chat) rekey: Choice<RekeyPolicy>,
    /// Whether view once is available.
    pub(in crate::chat) view_once: bool,
    /// The bounds on timers that the peer sets.
    pub(in crate::chat) ttl_bounds: TtlBounds,
    /// The bytes that the host keeps in the chat.
    pub(in crate::chat) host_data: HostData,
    /// The randomness that the server gave for the exponents.
    pub(in crate::chat) server_random: Option<ServerRandom>,
    /// Whether exporters are kept.
    pub(in crate::chat) exporter: bool,
    /// How much own messages are padded.
    pub(in crate::chat) message_padding: MessagePadding,
    /// The most that a notification may show.
    pub(in crate::chat) notification_cap: Notification,
}

/// A choice of the host. Most hosts leave it as it is, and then it takes no memory in each chat.
#[derive(Debug)]
pub(in crate::chat) enum Choice<T: 'static> {
    Usual(&'static T),
    Own(Box<T>),
}

impl<T: PartialEq> Choice<T> {
    pub(in crate::chat) fn new(chosen: T, usual: &'static T) -> Self {
        if chosen == *usual { Self::Usual(usual) } else { Self::Own(Box::new(chosen)) }
    }
}

impl<T> Deref for Choice<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Usual(usual) => usual,
            Self::Own(own) => own,
        }
    }
}

impl Setup {
    /// Returns the binding of the first key.
    pub(in crate::chat) fn binding(&self) -> Result<Binding<'_>, ApiMisuse> {
        if self.profile.rules().keys_are_bound {
            self.identities.ends(self.role).map(Binding::Handshake)
        } else {
            Ok(Binding::Nothing)
        }
    }

    /// Returns the mask for the exponent of an exchange. The first key has no exchange id (SPEC MODP-7).
    #[cfg(feature = "telegram")]
    pub(in crate::chat) fn exponent_mask(&self, exchange_id: Option<ExchangeId>) -> ExponentMask {
        let server_random = self.server_random.as_ref()?;
        Some(server_random.mask(exchange_id.unwrap_or(ExchangeId(0))))
    }

    /// Returns nothing: no profile of this build has exponents.
    #[cfg(not(feature = "telegram"))]
    pub(in crate::chat) fn exponent_mask(&self, _: Option<ExchangeId>) -> ExponentMask {
        None
    }
}
