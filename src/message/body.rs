//! What stands in a message, before anything is known of how it came.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Entity, Media};
use crate::types::id::{GroupedId, RandomId};
use crate::types::time::Ttl;

/// What stands in a message. With what is known besides it becomes a [`Received`](super::Received).
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
