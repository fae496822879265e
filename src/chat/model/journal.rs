//! What the last calls of a chat ended in, without a secret (SPEC DIAG-1, DIAG-2).

use alloc::collections::VecDeque;

use crate::types::names::names;
use crate::types::time::Timestamp;

/// What was asked of a chat, or what the chat tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The chat was asked for, or accepted.
    Begin,
    /// It was restored from its records.
    Restore,
    /// Time passed.
    Timeout,
    /// The chat told its host of an event.
    Event,
    /// The chat ended; the outcome is the reason.
    Closed,
    /// An exchange of keys failed; the outcome is the reason.
    RekeyFailed,
    /// [`Input::Accepted`](crate::Input::Accepted).
    Accepted,
    /// [`Input::AcceptedElsewhere`](crate::Input::AcceptedElsewhere).
    AcceptedElsewhere,
    /// [`Input::Discarded`](crate::Input::Discarded).
    Discarded,
    /// [`Input::DiscardReceipt`](crate::Input::DiscardReceipt).
    DiscardReceipt,
    /// [`Input::Ciphertext`](crate::Input::Ciphertext).
    Ciphertext,
    /// [`Input::Read`](crate::Input::Read).
    PeerRead,
    /// [`Input::Typing`](crate::Input::Typing).
    PeerTyping,
    /// [`Input::Carried`](crate::Input::Carried).
    Carried,
    /// [`Input::Refused`](crate::Input::Refused).
    Refused,
    /// [`Chat::send`](crate::Chat::send).
    Send,
    /// [`Chat::send_album`](crate::Chat::send_album).
    SendAlbum,
    /// [`Chat::mark_read`](crate::Chat::mark_read) and [`Chat::mark_read_up_to`](crate::Chat::mark_read_up_to).
    MarkRead,
    /// [`Chat::open_view`](crate::Chat::open_view).
    OpenView,
    /// [`Chat::close_view`](crate::Chat::close_view).
    CloseView,
    /// [`Chat::set_ttl`](crate::Chat::set_ttl).
    SetTtl,
    /// [`Chat::delete`](crate::Chat::delete).
    Delete,
    /// [`Chat::flush_history`](crate::Chat::flush_history).
    FlushHistory,
    /// [`Chat::report_screenshot`](crate::Chat::report_screenshot).
    ReportScreenshot,
    /// [`Chat::typing`](crate::Chat::typing).
    Typing,
    /// [`Chat::announce_layer`](crate::Chat::announce_layer).
    AnnounceLayer,
    /// [`Chat::rekey`](crate::Chat::rekey).
    Rekey,
    /// [`Chat::mark_verified`](crate::Chat::mark_verified), [`Chat::mark_scanned`](crate::Chat::mark_scanned) and
    /// [`Chat::clear_verified`](crate::Chat::clear_verified).
    Verify,
    /// [`Chat::forget_exporter`](crate::Chat::forget_exporter).
    ForgetExporter,
    /// [`Chat::retransmit`](crate::Chat::retransmit) and [`Chat::accept_again`](crate::Chat::accept_again).
    Retransmit,
    /// [`Chat::acknowledge`](crate::Chat::acknowledge).
    Acknowledge,
    /// [`Chat::close`](crate::Chat::close).
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

/// What one call ended in, or one event: two stable names, and nothing of what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// What was asked of the chat, or what it tells.
    pub cause: Cause,
    /// The stable name of what came of it: `done`, or that of a [`Handled`](crate::Handled), an
    /// [`Event`](crate::Event), an error or a reason.
    pub name: &'static str,
    /// How often that was so lately, up to 255.
    pub times: u8,
    /// The last time, in minutes since 1970 by the host's clock.
    minute: u32,
}

impl Outcome {
    /// Returns when it was so the last time, by the host's clock, in whole minutes.
    #[must_use]
    pub const fn minute(&self) -> Timestamp {
        Timestamp::from_millis(self.minute as u64 * MINUTE)
    }
}

/// In milliseconds.
const MINUTE: u64 = 60_000;

/// The last outcomes, the oldest first. They are memory alone: a restart forgets them.
#[derive(Debug, Default)]
pub(in crate::chat) struct Journal(VecDeque<Outcome>);

impl Journal {
    /// How many lines there are at most.
    pub(in crate::chat) const LINES: usize = 32;
    /// Among so many of the last ones the same outcome is counted, so that neither what is ordinary nor a flood of one
    /// kind pushes the rest out.
    const RECENT: usize = 8;

    pub(in crate::chat) fn note(&mut self, now: Timestamp, cause: Cause, name: &'static str) {
        let minute = u32::try_from(now.as_millis() / MINUTE).unwrap_or(u32::MAX);
        let recent = self.0.len().saturating_sub(Self::RECENT);
        let same = (recent..self.0.len())
            .find(|at| self.0.get(*at).is_some_and(|outcome| outcome.cause == cause && outcome.name == name));
        let before = same.and_then(|at| self.0.remove(at)).map_or(0, |outcome| outcome.times);
        if self.0.len() == Self::LINES {
            self.0.pop_front();
        }
        self.0.push_back(Outcome { cause, name, times: before.saturating_add(1), minute });
    }

    pub(in crate::chat) fn iter(&self) -> impl Iterator<Item = Outcome> {
        self.0.iter().copied()
    }
}
