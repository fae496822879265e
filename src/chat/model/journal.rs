//! The outcomes of the last calls of a chat, without secrets (SPEC DIAG-1, DIAG-2).

use alloc::vec::Vec;

use super::named::Name;
use crate::types::names::names;
use crate::types::time::Timestamp;

/// The origin of an outcome: a call on the chat, or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The chat was requested or accepted.
    Begin,
    /// The chat was restored from its records.
    Restore,
    /// Time passed.
    Timeout,
    /// The chat reported an event.
    Event,
    /// The chat ended; the outcome is the reason.
    Closed,
    /// A key exchange failed; the outcome is the reason.
    RekeyFailed,
    /// The input [`Input::Accepted`](crate::Input::Accepted).
    Accepted,
    /// The input [`Input::AcceptedElsewhere`](crate::Input::AcceptedElsewhere).
    AcceptedElsewhere,
    /// The input [`Input::Discarded`](crate::Input::Discarded).
    Discarded,
    /// The input [`Input::DiscardReceipt`](crate::Input::DiscardReceipt).
    DiscardReceipt,
    /// The input [`Input::Ciphertext`](crate::Input::Ciphertext).
    Ciphertext,
    /// The input [`Input::Read`](crate::Input::Read).
    PeerRead,
    /// The input [`Input::Typing`](crate::Input::Typing).
    PeerTyping,
    /// The input [`Input::Carried`](crate::Input::Carried).
    Carried,
    /// The input [`Input::Refused`](crate::Input::Refused).
    Refused,
    /// A call of [`Chat::send`](crate::Chat::send).
    Send,
    /// A call of [`Chat::send_album`](crate::Chat::send_album).
    SendAlbum,
    /// A call of [`Chat::mark_read`](crate::Chat::mark_read) or
    /// [`Chat::mark_read_up_to`](crate::Chat::mark_read_up_to).
    MarkRead,
    /// A call of [`Chat::open_view`](crate::Chat::open_view).
    OpenView,
    /// A call of [`Chat::close_view`](crate::Chat::close_view).
    CloseView,
    /// A call of [`Chat::set_ttl`](crate::Chat::set_ttl).
    SetTtl,
    /// A call of [`Chat::delete`](crate::Chat::delete).
    Delete,
    /// A call of [`Chat::flush_history`](crate::Chat::flush_history).
    FlushHistory,
    /// A call of [`Chat::report_screenshot`](crate::Chat::report_screenshot).
    ReportScreenshot,
    /// A call of [`Chat::typing`](crate::Chat::typing).
    Typing,
    /// A call of [`Chat::announce_layer`](crate::Chat::announce_layer).
    AnnounceLayer,
    /// A call of [`Chat::rekey`](crate::Chat::rekey).
    Rekey,
    /// A call of [`Chat::mark_verified`](crate::Chat::mark_verified),
    /// [`Chat::mark_scanned`](crate::Chat::mark_scanned) or [`Chat::clear_verified`](crate::Chat::clear_verified).
    Verify,
    /// A call of [`Chat::forget_exporter`](crate::Chat::forget_exporter).
    ForgetExporter,
    /// A call of [`Chat::retransmit`](crate::Chat::retransmit) or
    /// [`Chat::accept_again`](crate::Chat::accept_again).
    Retransmit,
    /// A call of [`Chat::acknowledge`](crate::Chat::acknowledge).
    Acknowledge,
    /// A call of [`Chat::close`](crate::Chat::close).
    Close,
}

names! {
    enum Cause {
        1 "begin" Begin,
        2 "restore" Restore,
        3 "timeout" Timeout,
        4 "event" Event,
        5 "closed" Closed,
        6 "rekey_failed" RekeyFailed,
        7 "accepted" Accepted,
        8 "accepted_elsewhere" AcceptedElsewhere,
        9 "discarded" Discarded,
        10 "discard_receipt" DiscardReceipt,
        11 "ciphertext" Ciphertext,
        12 "peer_read" PeerRead,
        13 "peer_typing" PeerTyping,
        14 "carried" Carried,
        15 "refused" Refused,
        16 "send" Send,
        17 "send_album" SendAlbum,
        18 "mark_read" MarkRead,
        19 "open_view" OpenView,
        20 "close_view" CloseView,
        21 "set_ttl" SetTtl,
        22 "delete" Delete,
        23 "flush_history" FlushHistory,
        24 "report_screenshot" ReportScreenshot,
        25 "typing" Typing,
        26 "announce_layer" AnnounceLayer,
        27 "rekey" Rekey,
        28 "verify" Verify,
        29 "forget_exporter" ForgetExporter,
        30 "retransmit" Retransmit,
        31 "acknowledge" Acknowledge,
        32 "close" Close,
    }
}

/// The outcome of one call, or one event: two stable names, and nothing of the contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The call or event that it belongs to.
    pub cause: Cause,
    /// The stable name of the outcome: `done`, or the name of a [`Handled`](crate::Handled), an
    /// [`Event`](crate::Event), an error or a reason.
    pub name: &'static str,
    /// How often it occurred lately, up to 255.
    pub times: u8,
    /// The last occurrence, in minutes since 1970 by the host's clock.
    minute: u32,
}

impl Outcome {
    /// Returns the time of the last occurrence, by the host's clock, in whole minutes.
    #[must_use]
    pub const fn minute(&self) -> Timestamp {
        Timestamp::from_millis(self.minute as u64 * MINUTE)
    }
}

/// In milliseconds.
const MINUTE: u64 = 60_000;

/// The last outcomes, the oldest first. They are kept in memory only: a restart forgets them.
#[derive(Debug, Default)]
pub(in crate::chat) struct Journal(Vec<Line>);

/// An outcome as it is kept. Every chat has some, so it is small.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// In minutes since 1970.
    minute: u32,
    name: Name,
    cause: Cause,
    times: u8,
}

impl Journal {
    /// The maximum number of lines.
    pub(in crate::chat) const LINES: usize = 32;
    /// Within this many last lines, repeated outcomes are counted instead of added. Neither ordinary outcomes nor a
    /// flood of one kind can then push the rest out.
    const RECENT: usize = 8;

    pub(in crate::chat) fn note(&mut self, now: Timestamp, cause: Cause, name: Name) {
        let minute = u32::try_from(now.as_millis() / MINUTE).unwrap_or(u32::MAX);
        let recent = self.0.len().saturating_sub(Self::RECENT);
        let same = (recent..self.0.len())
            .find(|at| self.0.get(*at).is_some_and(|line| line.cause == cause && line.name == name));
        let before = same.map_or(0, |at| self.0.remove(at).times);
        if self.0.len() == Self::LINES {
            self.0.remove(0);
        }
        // A new line is rare, and most chats have few.
        self.0.reserve_exact(1);
        self.0.push(Line { minute, name, cause, times: before.saturating_add(1) });
    }

    pub(in crate::chat) fn iter(&self) -> impl Iterator<Item = Outcome> {
        self.0.iter().map(|&Line { minute, name, cause, times }| Outcome { cause, name: name.as_str(), times, minute })
    }
}
