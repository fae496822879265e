//! The JSON of both programs, for the inputs and the outputs of a chat.
//!
//! Bytes are lower-case hex, 64-bit ids are decimal strings, and times are milliseconds since the Unix epoch. Media and
//! entities have a `kind` and the fields of the schema by their names.

mod draft;
mod entity;
mod event;
mod fields;
mod media;
mod names;
mod output;
mod text;

pub(crate) use draft::{Unfit, draft, ttl};
pub(crate) use event::{closed_for, event, peek, position};
pub(crate) use fields::{FieldError, Fields, FromJson};
pub(crate) use media::media;
pub(crate) use names::{camel, notification, peer_policy, snake, typing_action};
pub(crate) use output::{output, timeout, transmit};
pub(crate) use text::ids;
