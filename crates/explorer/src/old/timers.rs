//! The timers of an old client: which texts have one, when it starts and ends.

use std::collections::BTreeMap;

use super::content::Said;
use super::{Effects, OldPeer};
use crate::settings::{Client, Side};

/// What an old client knows of timers.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    /// What a new text gets, in seconds; 0 for none.
    pub(super) ttl: i32,
    /// The texts whose timer has not started, by id.
    unread: BTreeMap<i64, Timed>,
    /// When the other ones end, by id, in milliseconds since 1970.
    ends: BTreeMap<i64, u64>,
}

/// A text with a timer.
#[derive(Clone, Copy, Debug)]
struct Timed {
    /// Who wrote it.
    by: Side,
    /// In seconds.
    ttl: i32,
    /// When it arrived here or at the server.
    date: u64,
}

impl Timers {
    /// Forgets a text that was deleted.
    pub(super) fn forget(&mut self, id: i64) {
        self.unread.remove(&id);
        self.ends.remove(&id);
    }

    /// Forgets all texts.
    pub(super) fn forget_all(&mut self) {
        *self = Self { ttl: self.ttl, ..Self::default() };
    }

    /// Starts the timers of those texts.
    fn start(&mut self, now: u64, which: impl Fn(&Timed) -> bool) {
        let (started, unread): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.unread).into_iter().partition(|(_, timed)| which(timed));
        self.unread = unread;
        for (id, Timed { ttl, .. }) in started {
            self.ends.insert(id, now + u64::try_from(ttl).unwrap_or(0) * 1000);
        }
    }
}

impl OldPeer {
    /// Returns when the first text ends.
    pub(crate) fn due(&self) -> Option<u64> {
        self.timers.ends.values().min().copied()
    }

    /// Notes a text that its user has not read, or that the server has accepted.
    pub(super) fn times(&mut self, id: i64, ttl: i32, by: Side) {
        if ttl > 0 {
            self.timers.unread.insert(id, Timed { by, ttl, date: self.now });
        }
    }

    /// Its user reads everything. The server tells the other end.
    pub(super) fn reads(&mut self, effects: &mut Effects) {
        let (now, peer) = (self.now, 1 - self.side);
        self.timers.start(now, |timed| timed.by == peer);
        effects.said.push(Said::Read(now));
    }

    /// Hears that the other user has read up to a date. On the wire it is in seconds.
    pub(crate) fn is_read(&mut self, date: u64) {
        let (now, own) = (self.now, self.side);
        self.timers.start(now, |timed| timed.by == own && timed.date / 1000 <= date / 1000);
    }

    /// Ends what is due, which tells nobody. TDLib still sends its bytes again. Android's row is gone.
    pub(crate) fn expires(&mut self) -> Effects {
        let now = self.now;
        let ends = &mut self.timers.ends;
        let over: Vec<i64> = ends.iter().filter(|(_, end)| **end <= now).map(|(id, _)| *id).collect();
        ends.retain(|_, end| *end > now);
        if self.client == Client::Android {
            self.empties(|made| over.contains(&made.random_id));
        }
        Effects { destroyed: over, ..Effects::default() }
    }
}
