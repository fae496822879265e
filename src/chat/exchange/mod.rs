//! Key exchanges (SPEC REKEY-1 to REKEY-7).

mod heard;
mod steps;
mod when;

use super::Chat;
use super::model::Exchange;
use crate::rekey::RekeyState;
use crate::types::id::{ExchangeId, SeqNo};
use crate::verify::Verification;

/// # Ask
impl Chat {
    /// Returns the state of the key exchange, which is idle if there are no keys.
    #[must_use]
    pub fn rekey_state(&self) -> RekeyState {
        self.keys().map_or(RekeyState::Idle, |keys| keys.exchange.state())
    }

    /// Returns how many keys have followed the first one.
    #[must_use]
    pub fn rekeys(&self) -> u32 {
        self.state.rekeys
    }

    /// Returns a value that users may compare again, together with [`Chat::rekeys`]. It proves that both ends hold
    /// the same key now, and that both reached it through the same exchanges (SPEC REKEY-7). Returns `None` while
    /// an exchange is unfinished, and in the Telegram profile, which has no such value.
    #[must_use]
    pub fn check(&self) -> Option<Verification> {
        let keys = self.keys().filter(|keys| keys.old.is_none() && matches!(keys.exchange, Exchange::Idle))?;
        keys.bound.as_ref().map(|bound| Verification::from_bytes(bound.check))
    }
}

impl Chat {
    /// Returns whether one of our messages carries a step of an exchange that the peer must not miss.
    pub(in crate::chat) fn is_step_of_exchange(&self, slot: SeqNo) -> bool {
        self.keys().is_some_and(|keys| {
            matches!(keys.exchange, Exchange::Accepted { slot: accepted, .. } if accepted == slot)
                || keys.old.as_ref().is_some_and(|old| old.committed == Some(slot))
        })
    }

    /// Returns the exchange that the message in this slot requested.
    pub(in crate::chat) fn requested_in(&self, slot: SeqNo) -> Option<ExchangeId> {
        match self.keys()?.exchange {
            Exchange::Requested { exchange_id, slot: requested, .. } if requested == slot => Some(exchange_id),
            _ => None,
        }
    }
}
