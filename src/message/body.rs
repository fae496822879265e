//! The body of a message, before anything is known about how it arrived.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Entity, Media};
use crate::types::id::{GroupedId, RandomId};
use crate::types::time::Ttl;

/// The body of a message. Together with the facts from outside it becomes a [`Received`](super::Received).
pub(crate) struct Body {
    pub(super) random_id: RandomId,
    pub(super) ttl: Ttl,
    pub(super) text: String,
    pub(super) entities: Vec<Entity>,
    pub(super) media: Option<Media>,
    pub(super) reply_to: Option<RandomId>,
    pub(super) grouped_id: Option<GroupedId>,
    pub(super) via_bot: Option<String>,
    pub(super) silent: bool,
    pub(super) protected: bool,
    pub(super) hidden: bool,
}
