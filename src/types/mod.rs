//! The basic types: time, what is due when, ids, secrets, errors, and the environment of a call.

#[cfg(feature = "alloc")]
pub(crate) mod buffer;
pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod id;
pub(crate) mod names;
pub(crate) mod secret;
pub(crate) mod time;
#[cfg(feature = "alloc")]
pub(crate) mod timetable;
