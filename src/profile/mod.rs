//! The profiles of a chat, and every rule in which one differs from another.
//!
//! Each profile has a variant of [`Profile`], a file with its [`Rules`], a constructor of [`Config`], its
//! parameters in records, and a codec in `agreement`. All other code reads the rules.

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

/// The profile of a chat: how its keys are agreed on, and the rules that follow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// X25519 and HKDF-SHA-256, for transports without a Telegram server.
    X25519,
    /// X25519 and ML-KEM-768 (FIPS 203), combined with HKDF-SHA-256. Recorded traffic stays secret as long as one
    /// of the two is unbroken. Everything except the key exchange works as in [`Profile::X25519`], and what this
    /// documentation says about "the X25519 profile" holds here too.
    #[cfg(feature = "hybrid")]
    X25519MlKem768,
    /// Telegram's secret chats: MTProto 2.0 end to end over a Telegram server.
    ///
    /// Not `#[non_exhaustive]`: [`Config::telegram`] takes the same two values.
    #[cfg(feature = "telegram")]
    Telegram {
        /// The group of the key exchange.
        group: DhGroup,
        /// How strictly the peer's messages are judged.
        peer: PeerPolicy,
    },
}

/// How a chat treats an authentic message that breaks the protocol (SPEC OUT-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerPolicy {
    /// Tolerates what the official apps actually do.
    #[default]
    Default,
    /// Closes the chat on everything that the documents forbid.
    Strict,
    /// Behaves like [`PeerPolicy::Default`], and also tolerates wrong sequence numbers and too few random bytes.
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
    /// Returns the name of the profile, which is the name of its constructor in [`Config`]. It never changes.
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

    /// Returns the rules that hold in every chat of this profile.
    pub(crate) const fn rules(&self) -> &'static Rules {
        match self {
            Self::X25519 => &x25519::RULES,
            #[cfg(feature = "hybrid")]
            Self::X25519MlKem768 => &hybrid::RULES,
            #[cfg(feature = "telegram")]
            Self::Telegram { .. } => &telegram::RULES,
        }
    }

    /// Returns how strictly the peer's messages are judged. Where both ends run this crate, nothing needs to be
    /// tolerated.
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
