//! The users: some write all the time, most hardly ever. They remember what they asked for until it was said.

use std::collections::{BTreeSet, VecDeque};

use crate::note::{End, Note};

/// How many texts of one user a worker has at once.
const WINDOW: usize = 16;
/// After how many microseconds a user asks again.
const PATIENCE: u64 = 2_000_000;

/// All users.
#[derive(Debug)]
pub(crate) struct Users {
    users: Vec<User>,
    /// The ends whose user waits for a text to be said.
    waiting: BTreeSet<End>,
    /// The weights of the ends, summed up.
    weights: Vec<f64>,
    state: u64,
    /// The time from asking to hearing of each text, in microseconds.
    pub(crate) latencies: Vec<u64>,
    pub(crate) asked: u64,
    pub(crate) said: u64,
}

#[derive(Clone, Debug, Default)]
struct User {
    /// The number of the last text.
    number: u64,
    /// The texts that were not said yet: their numbers and when they were asked for.
    open: VecDeque<(u64, u64)>,
    /// When the first of them was last passed on.
    tried: u64,
    /// The number of the last text that the peer's user heard.
    heard: u64,
}

impl Users {
    /// Creates users of which the `n`th most talkative writes `1 / n` as often as the first (Zipf's law).
    pub(crate) fn new(ends: usize, seed: u64) -> Self {
        let mut users = Self {
            users: vec![User::default(); ends],
            waiting: BTreeSet::new(),
            weights: Vec::with_capacity(ends),
            state: seed | 1,
            latencies: Vec::new(),
            asked: 0,
            said: 0,
        };
        // Who is talkative does not depend on the number of the end.
        let mut ranks: Vec<u32> = (1..).take(ends).collect();
        for index in (1..ends).rev() {
            let other = users.below(index as u64 + 1);
            ranks.swap(index, usize::try_from(other).unwrap_or_default());
        }
        let mut sum = 0.0;
        users.weights.extend(ranks.iter().map(|rank| {
            sum += 1.0 / f64::from(*rank);
            sum
        }));
        users
    }

    /// Draws the end whose user writes next.
    pub(crate) fn next(&mut self) -> End {
        let total = self.weights.last().copied().unwrap_or_default();
        let point = total * self.below(1 << 32) as f64 / (1_u64 << 32) as f64;
        let end = self.weights.partition_point(|weight| *weight <= point).min(self.weights.len() - 1);
        u32::try_from(end).unwrap_or(End::MAX)
    }

    /// Draws a number below the limit (xorshift64*; nothing secret depends on it).
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }

    /// Asks for one more text of this end. Returns what its worker is to be told, unless it has enough to do.
    pub(crate) fn ask(&mut self, end: End, now: u64) -> Option<Note> {
        let user = &mut self.users[end as usize];
        user.number += 1;
        user.open.push_back((user.number, now));
        self.asked += 1;
        self.waiting.insert(end);
        if user.open.len() == 1 {
            user.tried = now;
        }
        (user.open.len() <= WINDOW).then_some(Note::Say(end, user.number, now))
    }

    /// Returns what a new worker of this end is to be told.
    pub(crate) fn open(&self, end: End) -> Vec<Note> {
        let open = self.users[end as usize].open.iter().take(WINDOW);
        open.map(|(number, asked)| Note::Say(end, *number, *asked)).collect()
    }

    /// Notes that all texts up to this number were said. Returns those that may be passed on now.
    pub(crate) fn said(&mut self, end: End, number: u64) -> Vec<Note> {
        let user = &mut self.users[end as usize];
        let before = user.open.len();
        while user.open.front().is_some_and(|(open, _)| *open <= number) {
            user.open.pop_front();
            self.said += 1;
        }
        let done = before - user.open.len();
        if user.open.is_empty() {
            self.waiting.remove(&end);
        }
        // Of the texts in the window, the last `done` are new in it.
        let new = user.open.iter().take(WINDOW).skip(WINDOW.saturating_sub(done));
        new.map(|(number, asked)| Note::Say(end, *number, *asked)).collect()
    }

    /// Returns what is asked for again, after it was not said for long.
    pub(crate) fn overdue(&mut self, now: u64) -> Vec<(End, Note)> {
        let mut notes = Vec::new();
        for end in &self.waiting {
            let user = &mut self.users[*end as usize];
            if user.tried + PATIENCE < now {
                user.tried = now;
                let again = user.open.iter().take(WINDOW);
                notes.extend(again.map(|(number, asked)| (*end, Note::Say(*end, *number, *asked))));
            }
        }
        notes
    }

    /// Notes that this end's user heard the peer's text of this number, so long after it was asked for.
    pub(crate) fn heard(&mut self, end: End, number: u64, latency: u64) {
        let user = &mut self.users[end as usize];
        if number > user.heard {
            user.heard = number;
            self.latencies.push(latency);
        }
    }

    /// Returns whether all that was asked for was said.
    pub(crate) fn are_content(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns how many texts this end was asked to say.
    pub(crate) fn number(&self, end: usize) -> u64 {
        self.users[end].number
    }
}
