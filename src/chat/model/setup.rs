//! What is set up once.

use crate::agreement::Binding;
use crate::profile::{HostData, Identities, Limits, Profile};
use crate::rekey::RekeyPolicy;
use crate::types::error::ApiMisuse;
use crate::types::id::Role;
use crate::types::time::TtlBounds;

/// What is set up once and stored with the keys.
#[derive(Debug)]
pub(in crate::chat) struct Setup {
    pub(in crate::chat) profile: Profile,
    pub(in crate::chat) role: Role,
    pub(in crate::chat) identities: Identities,
    pub(in crate::chat) limits: Limits,
    pub(in crate::chat) rekey: RekeyPolicy,
    /// Whether view once is offered.
    pub(in crate::chat) view_once: bool,
    /// How short and how long a timer may be that the peer sets.
    pub(in crate::chat) ttl_bounds: TtlBounds,
    /// What the host keeps in the chat.
    pub(in crate::chat) host_data: HostData,
}

impl Setup {
    /// Returns what the first key is bound to.
    pub(in crate::chat) fn binding(&self) -> Result<Binding<'_>, ApiMisuse> {
        if self.profile.rules().keys_are_bound {
            self.identities.ends(self.role).map(Binding::Handshake)
        } else {
            Ok(Binding::Nothing)
        }
    }
}
