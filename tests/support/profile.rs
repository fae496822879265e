//! The three profiles.

use super::agreement::{Agreement, EVERY};

/// The profile of a chat.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    Bound(Agreement),
    #[cfg(feature = "telegram")]
    Telegram,
}

pub(crate) fn every_profile() -> Vec<Profile> {
    let bound = EVERY.iter().map(|agreement| Profile::Bound(*agreement));
    #[cfg(feature = "telegram")]
    let bound = bound.chain([Profile::Telegram]);
    bound.collect()
}
