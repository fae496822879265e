//! The profiles of a chat, and every rule in which one differs from another.
//!
//! A profile is a variant of [`Profile`], a file with its [`Rules`], a constructor of [`Config`], its parameters in
//! records, and a codec in `agreement`. Everything else reads facts.

mod config;
#[cfg(feature = "hybrid")]
mod hybrid;
mod limits;
mod padding;
mod rules;
mod stored;
#[cfg(feature = "telegram")]
mod telegram;
mod x25519;

pub use config::{Config, Start};
pub(crate) use config::{HostData, Identities};
pub use limits::Limits;
pub(crate) use limits::seconds;
pub use padding::MessagePadding;
pub(crate) use rules::{OpenOld, Rules};

#[cfg(feature = "telegram")]
use crate::crypto::modp::DhGroup;
use crate::media::FileForm;
use crate::types::names::names;

/// How keys are agreed on and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// X25519 and HKDF-SHA-256, for transports without a Telegram server.
    X25519,
    /// X25519 and ML-KEM-768 (FIPS 203) together with HKDF-SHA-256. Recorded traffic stays secret as long as one of the two
    /// holds. Everything but the key exchange is as in [`Profile::X25519`], and what these pages say of "the X25519
    /// profile" holds here too.
    #[cfg(feature = "hybrid")]
    X25519MlKem768,
    /// Telegram's secret chats: MTProto 2.0 end to end over a Telegram server.
    ///
    /// Not `#[non_exhaustive]`: [`Config::telegram`] takes the same two.
    #[cfg(feature = "telegram")]
    Telegram {
        /// Where the key exchange takes place.
        group: DhGroup,
        /// How much is expected of the peer's program.
        peer: PeerPolicy,
    },
}

/// What becomes of an authentic message that breaks the protocol (SPEC OUT-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerPolicy {
    /// Tolerates what the official apps actually do.
    #[default]
    Default,
    /// Everything that the documents forbid ends the chat.
    Strict,
    /// As [`PeerPolicy::Default`], and also tolerates wrong sequence numbers and short random bytes.
    Tolerant,
}

names! {
    enum PeerPolicy {
        0 "default" Default,
        1 "strict" Strict,
        2 "tolerant" Tolerant,
    }
}

impl Profile {
    /// Returns the name of the profile, which is that of its constructor of [`Config`]. It never changes.
    ///
    /// ```
    /// use secretchat::Profile;
    ///
    /// assert_eq!(Profile::X25519.name(), "x25519");
    /// ```
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::X25519 => "x25519",
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => "hybrid",
            #[cfg(feature = "telegram")]
            Self::Telegram { .. } => "telegram",
        }
    }

    /// Returns the form of the files that messages name (SPEC MED-1).
    #[must_use]
    pub const fn file_form(&self) -> FileForm {
        self.rules().file_form
    }

    /// Returns what holds in every chat of this profile.
    pub(crate) const fn rules(&self) -> &'static Rules {
        match self {
            Self::X25519 => &x25519::RULES,
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => &hybrid::RULES,
            #[cfg(feature = "telegram")]
            Self::Telegram { .. } => &telegram::RULES,
        }
    }

    /// Returns how much is expected of the peer's program. Where both ends are ours there is nothing to tolerate.
    pub(crate) const fn policy(&self) -> PeerPolicy {
        match self {
            Self::X25519 => PeerPolicy::Strict,
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => PeerPolicy::Strict,
            #[cfg(feature = "telegram")]
            Self::Telegram { peer, .. } => *peer,
        }
    }
}
