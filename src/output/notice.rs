//! User actions, and whether the peer hears of them.

use crate::types::error::Unavailable;
use crate::types::id::TransmitId;
use crate::types::names::names;
use crate::types::time::Ttl;

/// An action of the user that is reported to the peer.
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

/// The notification of the peer about something that is already done at this end.
///
/// An action that protects the user is never refused because of a limit. It is done here at once, and this value
/// says whether the peer can be notified now (SPEC LIM-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The notification is queued under this name.
    Queued(TransmitId),
    /// There is nothing to notify.
    Nothing,
    /// A limit prevents the notification: the outbox is full, the key must be renewed first, or all slots are used
    /// up. **Call again when the limit is lifted**, with the same ids. Nothing is done twice.
    LeftOut(Unavailable),
}

names! {
    copy Notice {
        1 "queued" Queued,
        2 "nothing" Nothing,
        3 "left_out" LeftOut,
    }
}
