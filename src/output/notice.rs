//! What the user does, and whether the peer is told of it.

use crate::types::error::Unavailable;
use crate::types::id::TransmitId;
use crate::types::names::names;
use crate::types::time::Ttl;

/// What the user does that the peer is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserAction {
    /// [`Chat::mark_read`](crate::Chat::mark_read), or the first [`Chat::open_view`](crate::Chat::open_view) of a message.
    MarkRead,
    /// [`Chat::delete`](crate::Chat::delete).
    Delete,
    /// [`Chat::flush_history`](crate::Chat::flush_history).
    FlushHistory,
    /// [`Chat::report_screenshot`](crate::Chat::report_screenshot).
    ReportScreenshot,
    /// [`Chat::set_ttl`](crate::Chat::set_ttl). Not `#[non_exhaustive]`: the timer is all that the action has.
    SetTtl {
        /// The timer that was set.
        ttl: Ttl,
    },
}

names! {
    copy UserAction {
        1 "mark_read" MarkRead,
        2 "delete" Delete,
        3 "flush_history" FlushHistory,
        4 "report_screenshot" ReportScreenshot,
        5 "set_ttl" SetTtl,
    }
}

/// Whether the peer is told of something that is done at this end already.
///
/// What protects is never refused because of a limit: it is done here at once, and if the peer cannot be told of it now,
/// this says so (SPEC LIM-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// What tells it is queued, under this name.
    Queued(TransmitId),
    /// There is nothing to tell.
    Nothing,
    /// A limit keeps the peer from being told: the outbox is full, the key has served too long, or all slots are used up.
    /// **Call again when it is lifted**, with the same ids: nothing is done twice.
    LeftOut(Unavailable),
}

names! {
    copy Notice {
        1 "queued" Queued,
        2 "nothing" Nothing,
        3 "left_out" LeftOut,
    }
}
