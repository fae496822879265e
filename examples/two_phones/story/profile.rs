//! How the phones agree on their keys. Everything else is the same in all profiles.

use std::fmt;

use secretchat::{Config, RekeyPolicy};
#[cfg(feature = "telegram")]
use secretchat::{DhGroup, PeerPolicy};

use super::Result;

#[derive(Clone, Copy, Default)]
pub(crate) enum Profile {
    #[default]
    X25519,
    /// With ML-KEM-768 in addition to X25519, in the handshake and for each later key.
    #[cfg(feature = "hybrid")]
    Hybrid,
    /// As between two Telegram apps. Our link carries the same bytes that a server would carry.
    #[cfg(feature = "telegram")]
    Telegram,
}

impl Profile {
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match name {
            "x25519" => Ok(Self::X25519),
            #[cfg(feature = "hybrid")]
            "hybrid" => Ok(Self::Hybrid),
            #[cfg(not(feature = "hybrid"))]
            "hybrid" => Err("--profile hybrid: this program was built without the feature hybrid".into()),
            #[cfg(feature = "telegram")]
            "telegram" => Ok(Self::Telegram),
            #[cfg(not(feature = "telegram"))]
            "telegram" => Err("--profile telegram: this program was built without the feature telegram".into()),
            _ => Err("--profile wants x25519, hybrid or telegram".into()),
        }
    }

    /// Returns what the profile means for the users, in a line.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::X25519 => "Keys by X25519. Whoever records this chat now can read it with a quantum computer later",
            #[cfg(feature = "hybrid")]
            Self::Hybrid => {
                "Keys by X25519 and ML-KEM-768. What is recorded now stays secret as long as one of the two holds"
            }
            #[cfg(feature = "telegram")]
            Self::Telegram => {
                "Keys by Diffie-Hellman. Whoever records this chat now can read it with a quantum computer later"
            }
        }
    }

    /// Returns the configuration of a chat. The ids name the two ends, and are the same on both phones. In Telegram the
    /// server says who is who.
    pub(crate) fn config(self, local_id: &str, peer_id: &str) -> Result<Config> {
        Ok(match self {
            Self::X25519 => Config::x25519(local_id, peer_id)?,
            #[cfg(feature = "hybrid")]
            Self::Hybrid => Config::hybrid(local_id, peer_id)?,
            // A client of the real server passes the group of `messages.getDhConfig` through `DhGroup::check`.
            #[cfg(feature = "telegram")]
            Self::Telegram => Config::telegram(DhGroup::published(3)?, PeerPolicy::Default),
        })
    }

    /// Returns the profile's policy for new keys, or an earlier one. The responder asks a little later, so that the two
    /// rarely ask at once.
    pub(crate) fn rekey_policy(self, every: Option<u32>) -> RekeyPolicy {
        // The hybrid profile has the same times.
        let mut policy = RekeyPolicy::x25519();
        #[cfg(feature = "telegram")]
        if matches!(self, Self::Telegram) {
            policy = RekeyPolicy::telegram();
        }
        if let Some(every) = every {
            policy.initiator_messages = every;
            policy.responder_messages = every.saturating_add((every / 6).max(1));
            // As much later as by default.
            policy.limit_messages = every.saturating_mul(10);
        }
        policy
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X25519 => "x25519",
            #[cfg(feature = "hybrid")]
            Self::Hybrid => "hybrid",
            #[cfg(feature = "telegram")]
            Self::Telegram => "telegram",
        })
    }
}
