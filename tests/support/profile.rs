//! The three profiles.

use secretchat::Chat;

use super::agreement::{Agreement, EVERY};
use super::forger::Forger;
use super::pair::Pair;

/// The profile of a chat.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    Bound(Agreement),
    #[cfg(feature = "telegram")]
    Telegram,
}

impl Profile {
    /// Returns a forger that asked in this profile, and the chat that Bob accepted from it.
    pub(crate) fn meet_forger(self) -> (Forger, Chat) {
        match self {
            Self::Bound(agreement) => {
                let (forger, bob, _) = Forger::meet_seeded(agreement, Pair::bob_in(agreement), 41);
                (forger, bob)
            }
            #[cfg(feature = "telegram")]
            Self::Telegram => super::telegram::meet(secretchat::PeerPolicy::Default),
        }
    }
}

pub(crate) fn every_profile() -> Vec<Profile> {
    let bound = EVERY.iter().map(|agreement| Profile::Bound(*agreement));
    #[cfg(feature = "telegram")]
    let bound = bound.chain([Profile::Telegram]);
    bound.collect()
}
