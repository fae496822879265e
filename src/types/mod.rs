//! The words that everything else uses: time, ids, secrets, errors, and what a call needs from the world.

pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod names;
pub(crate) mod secret;
pub(crate) mod time;
