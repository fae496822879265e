//! When a message destroys itself (SPEC DES-1 to DES-9, DES-14): what starts its timer, and how long it then lives.
//!
//! There is no clock and no queue here: the caller passes what happened and when, in the chat's logical time.

use crate::destruct::ContentKind;
use crate::types::time::{Elapsed, LogicalClock, Timestamp, Ttl, millis};

/// The end that sent the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The peer sent it.
    Received,
    /// This end sent it.
    Sent,
}

/// Events that may start or end a timer. Events of the other side do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewEvent {
    /// Received: the user has read the message.
    MarkRead,
    /// Received: the user opens the medium, or what its sender hides.
    OpenView,
    /// Received: the user has closed the message.
    CloseView,
    /// Sent: the server reports that the peer's user has read up to here, at the time of [`read_since`].
    PeerReadUpTo,
    /// Sent: the peer names the message in `ReadMessages`.
    PeerReadMessages,
}

/// The self-destruct timer of one message. A record holds exactly these fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    /// The timer fixed in the message when it was sealed. A later timer of the chat never affects it (SPEC DES-1).
    pub ttl: Ttl,
    /// The kind of the message's content.
    pub kind: ContentKind,
    /// The end that sent the message.
    pub side: Side,
    /// The moment at which the message ends. `None` until the timer has started.
    pub deadline: Option<Elapsed>,
}

impl Timer {
    /// Creates a timer that has not started.
    #[must_use]
    pub const fn new(ttl: Ttl, kind: ContentKind, side: Side) -> Self {
        Self { ttl, kind, side, deadline: None }
    }

    /// Returns the timer after `event` at `at`. A second start never makes a deadline later (SPEC DES-6). An
    /// earlier, backdated start makes it earlier. `view_once` is the longest view of view-once content in
    /// milliseconds (SPEC DES-7).
    #[must_use]
    pub fn on(self, event: ViewEvent, at: Elapsed, view_once: u64) -> Self {
        let deadline = self.deadline.into_iter().chain(self.deadline_of(event, at, view_once)).min();
        Self { deadline, ..self }
    }

    /// Returns whether the message is destroyed at `now`, whether polled or not (SPEC DES-8).
    #[must_use]
    pub fn is_over(self, now: Elapsed) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }

    /// Returns whether a view may be opened at `now`: until the deadline, and only once for view-once content (SPEC
    /// DES-7).
    #[must_use]
    pub fn may_open(self, now: Elapsed) -> bool {
        !(self.is_over(now) || (self.ttl.is_view_once() && self.deadline.is_some()))
    }

    /// Returns whether only opening starts the timer at the receiver. This holds for content with at most a minute
    /// whose key the chat keeps, and for everything that is view once or hidden by its sender.
    #[must_use]
    pub const fn waits_for_open(self) -> bool {
        self.kind.is_hidden(self.ttl) || (self.ttl.is_short() && self.kind.has_key())
    }

    /// Returns the deadline by the table of SPEC DES-4.
    fn deadline_of(self, event: ViewEvent, at: Elapsed, view_once: u64) -> Option<Elapsed> {
        let once = self.ttl.is_view_once();
        let starts = match (self.side, event) {
            (Side::Received, ViewEvent::CloseView) if once && self.deadline.is_some() => return Some(at),
            // Nobody reports when a view-once message was seen.
            (Side::Sent, _) if once => false,
            (Side::Received, ViewEvent::OpenView) | (Side::Sent, ViewEvent::PeerReadMessages) => true,
            (Side::Received, ViewEvent::MarkRead) => !self.waits_for_open(),
            (Side::Sent, ViewEvent::PeerReadUpTo) => !self.kind.is_hidden(self.ttl),
            (Side::Received, ViewEvent::CloseView | ViewEvent::PeerReadUpTo | ViewEvent::PeerReadMessages)
            | (Side::Sent, ViewEvent::MarkRead | ViewEvent::OpenView | ViewEvent::CloseView) => false,
        };
        self.life(view_once).filter(|_| starts).map(|life| at.after(life))
    }

    /// Returns the milliseconds from start to deadline, or `None` without a timer (SPEC DES-5).
    fn life(self, view_once: u64) -> Option<u64> {
        // The peer chooses the duration, so it lengthens a life only up to what a timer could.
        let play = match self.kind {
            ContentKind::Hideable { duration } | ContentKind::Hidden { duration } if duration > 0 => {
                u64::from(duration.saturating_add(1).min(Ttl::MAX_SECONDS)) * 1000
            }
            _ => 0,
        };
        let counted = if self.ttl.is_view_once() { Some(view_once) } else { self.ttl.countdown().map(millis) };
        counted.map(|life| life.max(play))
    }
}

/// Returns when a sent message counts as read, from the date that a transport reports (SPEC DES-9). This is not
/// later than now, and not before the message was sealed. Without a date it is now.
///
/// `sealed_at` is the host's clock when the message was sealed, `clock` the chat's clock at the time of the call.
#[must_use]
pub fn read_since(date: Option<Timestamp>, sealed_at: Timestamp, clock: LogicalClock) -> Elapsed {
    let now = clock.raw();
    let date = date.unwrap_or(now).max(sealed_at);
    // A date in the future has no age. After a step back of the host's clock, the sealing may lie in the future
    // too.
    let age = now.as_millis().saturating_sub(date.as_millis());
    Elapsed::from_millis(clock.elapsed().as_millis().saturating_sub(age))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    const TEXT: ContentKind = ContentKind::Text;
    const FILE: ContentKind = ContentKind::File;
    const PHOTO: ContentKind = ContentKind::Hideable { duration: 0 };
    const HIDDEN: ContentKind = ContentKind::Hidden { duration: 0 };
    const EVENTS: [ViewEvent; 5] = [
        ViewEvent::MarkRead,
        ViewEvent::OpenView,
        ViewEvent::CloseView,
        ViewEvent::PeerReadUpTo,
        ViewEvent::PeerReadMessages,
    ];
    const FIVE_MINUTES: u64 = 300_000;

    fn at(millis: u64) -> Elapsed {
        Elapsed::from_millis(millis)
    }

    fn timer(ttl: i32, kind: ContentKind, side: Side) -> Timer {
        Timer::new(Ttl::from_wire(ttl), kind, side)
    }

    /// Returns the deadline after each event alone at 1,000 ms, in the order of `EVENTS`.
    fn alone(timer: Timer) -> [Option<u64>; 5] {
        EVENTS.map(|event| timer.on(event, at(1_000), FIVE_MINUTES).deadline.map(Elapsed::as_millis))
    }

    // The table of SPEC DES-4, from Telegram's view rules, TDLib (ttl_on_view, ttl_on_open) and the issue.
    #[test]
    fn each_event_starts_what_it_should() {
        const ONCE: i32 = i32::MAX;
        let (short, long) = (Some(31_000), Some(3_601_000));
        for (kind, ttl, received, sent) in [
            (TEXT, 30, [short, short, None, None, None], [None, None, None, short, short]),
            (TEXT, 3_600, [long, long, None, None, None], [None, None, None, long, long]),
            (FILE, 30, [None, short, None, None, None], [None, None, None, short, short]),
            (FILE, 3_600, [long, long, None, None, None], [None, None, None, long, long]),
            (PHOTO, 30, [None, short, None, None, None], [None, None, None, None, short]),
            (PHOTO, 60, [None, Some(61_000), None, None, None], [None, None, None, None, Some(61_000)]),
            (PHOTO, 61, [Some(62_000), Some(62_000), None, None, None], [None, None, None, Some(62_000), Some(62_000)]),
            (PHOTO, 3_600, [long, long, None, None, None], [None, None, None, long, long]),
            (TEXT, ONCE, [None, Some(301_000), None, None, None], [None; 5]),
            (FILE, ONCE, [None, Some(301_000), None, None, None], [None; 5]),
            (PHOTO, ONCE, [None, Some(301_000), None, None, None], [None; 5]),
            // DES-14: for any content and any length.
            (HIDDEN, 30, [None, short, None, None, None], [None, None, None, None, short]),
            (HIDDEN, 3_600, [None, long, None, None, None], [None, None, None, None, long]),
            (HIDDEN, ONCE, [None, Some(301_000), None, None, None], [None; 5]),
            (TEXT, 0, [None; 5], [None; 5]),
            (PHOTO, -1, [None; 5], [None; 5]),
            // A day more than a year is a year.
            (TEXT, 31_622_400, [Some(31_536_001_000), Some(31_536_001_000), None, None, None], {
                [None, None, None, Some(31_536_001_000), Some(31_536_001_000)]
            }),
        ] {
            assert_eq!(alone(timer(ttl, kind, Side::Received)), received, "received {kind:?} {ttl}");
            assert_eq!(alone(timer(ttl, kind, Side::Sent)), sent, "sent {kind:?} {ttl}");
        }
    }

    // Bug-report class "When does the clock start?": not on arrival, and only once.
    #[test]
    fn a_text_of_five_seconds_that_waits_a_minute() {
        let text = timer(5, TEXT, Side::Received);
        assert!(!text.is_over(at(u64::MAX)), "unread for ever");
        let read = text.on(ViewEvent::MarkRead, at(60_000), FIVE_MINUTES);
        assert!(!read.is_over(at(64_999)));
        assert!(read.is_over(at(65_000)), "at the deadline itself");
        assert_eq!(read.on(ViewEvent::MarkRead, at(64_000), FIVE_MINUTES), read);
        assert_eq!(read.on(ViewEvent::OpenView, at(90_000), FIVE_MINUTES), read, "over stays over");
    }

    #[test]
    fn a_date_in_the_past_only_shortens() {
        let sent = timer(30, TEXT, Side::Sent).on(ViewEvent::PeerReadMessages, at(50_000), FIVE_MINUTES);
        assert_eq!(sent.deadline, Some(at(80_000)));
        let earlier = sent.on(ViewEvent::PeerReadUpTo, at(40_000), FIVE_MINUTES);
        assert_eq!(earlier.deadline, Some(at(70_000)));
        assert_eq!(earlier.on(ViewEvent::PeerReadUpTo, at(49_000), FIVE_MINUTES), earlier);
    }

    // TDLib's ensure_at_least(duration + 1), applied after the decision whether the content is secret.
    #[test]
    fn what_plays_is_played_to_its_end() {
        for (ttl, duration, life) in [
            (5, 20, 21_000),
            (5, 4, 5_000),
            (5, 5, 6_000),
            (5, 0, 5_000),
            (5, 600, 601_000),
            (60, u32::MAX, 31_536_000_000),
            (3_600, 20, 3_600_000),
            (i32::MAX, 20, 300_000),
            (i32::MAX, 600, 601_000),
        ] {
            let video = timer(ttl, ContentKind::Hideable { duration }, Side::Received);
            let opened = video.on(ViewEvent::OpenView, at(0), FIVE_MINUTES);
            assert_eq!(opened.deadline, Some(at(life)), "{ttl} {duration}");
            let starts_when_read = ttl == 3_600;
            let read = video.on(ViewEvent::MarkRead, at(0), FIVE_MINUTES);
            assert_eq!(read.deadline.is_some(), starts_when_read, "{ttl} {duration}");
        }
        assert_eq!(timer(0, ContentKind::Hideable { duration: 20 }, Side::Received).life(FIVE_MINUTES), None);
        let hidden = timer(5, ContentKind::Hidden { duration: 20 }, Side::Received);
        assert_eq!(hidden.on(ViewEvent::OpenView, at(0), FIVE_MINUTES).deadline, Some(at(21_000)), "DES-14");
    }

    #[test]
    fn view_once_is_viewed_once() {
        let photo = timer(i32::MAX, PHOTO, Side::Received);
        assert!(photo.may_open(at(0)));
        assert_eq!(photo.on(ViewEvent::CloseView, at(5), FIVE_MINUTES), photo, "nothing was open");
        let open = photo.on(ViewEvent::OpenView, at(1_000), FIVE_MINUTES);
        assert!(!open.may_open(at(1_000)));
        assert!(!open.is_over(at(300_999)));
        assert!(open.is_over(at(301_000)), "the limit");
        let closed = open.on(ViewEvent::CloseView, at(2_000), FIVE_MINUTES);
        assert!(closed.is_over(at(2_000)));
        assert_eq!(closed.on(ViewEvent::OpenView, at(2_000), FIVE_MINUTES), closed);
        let late = open.on(ViewEvent::CloseView, at(400_000), FIVE_MINUTES);
        assert_eq!(late.deadline, Some(at(301_000)), "closing late lengthens nothing");
        let glance = photo.on(ViewEvent::OpenView, at(1_000), 500);
        assert_eq!(glance.deadline, Some(at(1_500)), "the host's limit");
        assert_eq!(glance.on(ViewEvent::OpenView, at(1_100), FIVE_MINUTES), glance);
        // A countdown may be opened until its deadline.
        let thirty = timer(30, PHOTO, Side::Received).on(ViewEvent::OpenView, at(0), FIVE_MINUTES);
        assert_eq!((thirty.may_open(at(29_999)), thirty.may_open(at(30_000))), (true, false));
        assert_eq!(thirty.on(ViewEvent::CloseView, at(10), FIVE_MINUTES), thirty);
    }

    #[test]
    fn read_dates_are_clamped() {
        let stamp = Timestamp::from_millis;
        // Sealed at 10 s; now it is 100 s, of which the chat has seen 95 s pass.
        let clock = LogicalClock::resume(stamp(100_000), at(95_000));
        for (date, expected) in [
            (Some(60_000), 55_000),
            (Some(100_000), 95_000),
            (Some(100_001), 95_000),
            (Some(u64::MAX), 95_000),
            (Some(9_999), 5_000),
            (Some(0), 5_000),
            (None, 95_000),
        ] {
            assert_eq!(read_since(date.map(stamp), stamp(10_000), clock), at(expected), "{date:?}");
        }
        // The host's clock was set back to before the sealing.
        let back = LogicalClock::start(stamp(100_000)).advanced(stamp(50_000)).advanced(stamp(50_400));
        assert_eq!(read_since(Some(stamp(20)), stamp(100_000), back), at(400));
    }

    fn any_kind() -> impl Strategy<Value = ContentKind> {
        prop_oneof![
            Just(TEXT),
            Just(FILE),
            any::<u32>().prop_map(|duration| ContentKind::Hideable { duration }),
            any::<u32>().prop_map(|duration| ContentKind::Hidden { duration }),
        ]
    }

    fn any_timer() -> impl Strategy<Value = Timer> {
        let ttl = prop_oneof![any::<i32>(), 0..70_i32, Just(i32::MAX)];
        let side = prop_oneof![Just(Side::Received), Just(Side::Sent)];
        (ttl, any_kind(), side).prop_map(|(ttl, kind, side)| timer(ttl, kind, side))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_lengthens_a_life(
            start in any_timer(),
            events in proptest::collection::vec((0..EVENTS.len(), any::<u64>()), 0..12),
            now in any::<u64>(),
            view_once in 0..1_000_000_u64,
        ) {
            let mut timer = start;
            for (event, time) in events {
                let next = timer.on(EVENTS[event], at(time), view_once);
                prop_assert!(!timer.is_over(at(now)) || next.is_over(at(now)), "over stays over");
                prop_assert!(timer.may_open(at(now)) || !next.may_open(at(now)), "no second view");
                if let (Some(deadline), Some(before)) = (next.deadline, timer.deadline) {
                    prop_assert!(deadline <= before);
                }
                prop_assert!(next.deadline.is_some() || timer.deadline.is_none(), "started stays started");
                prop_assert_eq!(Timer { deadline: None, ..next }, start, "only the deadline moves");
                timer = next;
            }
        }

        #[test]
        fn the_order_of_starts_does_not_matter(
            start in any_timer(),
            events in proptest::collection::vec((0..EVENTS.len(), any::<u64>()), 0..6),
        ) {
            // Closing needs a view first, so it does not start a timer.
            let starts: Vec<_> = events.into_iter().filter(|(event, _)| EVENTS[*event] != ViewEvent::CloseView).collect();
            let after = |events: &mut dyn Iterator<Item = &(usize, u64)>| {
                events.fold(start, |timer, (event, time)| timer.on(EVENTS[*event], at(*time), FIVE_MINUTES))
            };
            prop_assert_eq!(after(&mut starts.iter()), after(&mut starts.iter().rev()));
        }

        #[test]
        fn a_read_date_lies_between_sealing_and_now(
            before in proptest::collection::vec(0..100_000_u64, 1..6),
            after in proptest::collection::vec(0..100_000_u64, 0..6),
            date in proptest::option::of(any::<u64>()),
            near in proptest::option::of(0..100_000_u64),
        ) {
            let advance = |clock: LogicalClock, raw: &u64| clock.advanced(Timestamp::from_millis(*raw));
            let sealed = before.iter().fold(LogicalClock::start(Timestamp::from_millis(before[0])), advance);
            let now = after.iter().fold(sealed, advance);
            let date = near.or(date).map(Timestamp::from_millis);
            let since = read_since(date, sealed.raw(), now);
            prop_assert!(sealed.elapsed() <= since && since <= now.elapsed(), "{since:?} {sealed:?} {now:?}");
        }
    }
}
