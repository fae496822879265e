//! When updates may be confirmed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::tl::functions;

/// Says which update may be confirmed to the server, and when. The server forgets a message that is confirmed, so that
/// may happen only when its outputs are stored.
///
/// Updates about messages have numbers without gaps, the `qts`. A gap, or a restart, is closed by a difference, whose
/// messages have no numbers of their own: they are confirmed together.
///
/// ```
/// use secretchat_grammers::{Arrival, Confirmations};
///
/// let mut confirmations = Confirmations::new(10); // as stored; 0 for a new account
/// let Arrival::Next(first) = confirmations.update(11) else { panic!("the next one") };
/// let Arrival::Next(second) = confirmations.update(12) else { panic!("the next one") };
/// assert!(matches!(confirmations.update(11), Arrival::Old));
/// assert!(matches!(confirmations.update(14), Arrival::Gap)); // ask for a difference
///
/// confirmations.stored(second);
/// assert_eq!(confirmations.qts(), 10); // the first one is still at work
/// confirmations.stored(first);
/// assert_eq!(confirmations.qts(), 12); // store this
/// assert_eq!(confirmations.call().map(|call| call.max_qts), Some(12));
/// assert!(confirmations.call().is_none()); // once is enough
/// ```
#[derive(Debug)]
pub struct Confirmations {
    /// Everything up to here is stored.
    qts: i32,
    /// Everything up to here has arrived.
    arrived: i32,
    /// The number that the server was told.
    told: i32,
    /// How many updates are at work, by the number that had arrived before them.
    at_work: BTreeMap<i32, usize>,
}

/// Stands for an update that is at work.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the update is confirmed when this is given back"]
pub struct Ticket(i32);

/// Where an update belongs.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is the next one: handle it, then give the ticket back.
    Next(Ticket),
    /// It has been here before, and need not be handled.
    Old,
    /// Something before it is missing: ask for a difference, which brings this one too.
    Gap,
}

impl Confirmations {
    /// Continues after the number that was stored last.
    #[must_use]
    pub fn new(qts: i32) -> Self {
        Self { qts, arrived: qts, told: qts, at_work: BTreeMap::new() }
    }

    /// Takes the number of an update. All updates with a `qts` count, also those that are not about secret chats. One
    /// without a number ([`Incoming::qts`](crate::Incoming::qts) is `None`) does not: handle it at once. The difference
    /// that it came with brings the number.
    pub fn update(&mut self, qts: i32) -> Arrival {
        if qts <= self.arrived {
            return Arrival::Old;
        }
        if self.arrived.checked_add(1) != Some(qts) {
            return Arrival::Gap;
        }
        let ticket = self.ticket();
        self.arrived = qts;
        Arrival::Next(ticket)
    }

    /// Takes a difference, or a slice of one, that carries `messages` encrypted messages and ends at `qts`
    /// (`updates.state.qts`). Returns a ticket for each message. A number that goes back changes nothing: handle the
    /// messages all the same.
    pub fn difference(&mut self, qts: i32, messages: usize) -> Vec<Ticket> {
        let tickets = (0..messages).map(|_| self.ticket()).collect();
        self.arrived = self.arrived.max(qts);
        self.advance();
        tickets
    }

    /// Notes that the outputs of an update were taken and stored. Keep the ticket of a message for which there was no
    /// room ([`Handled::NoRoom`](secretchat::Handled::NoRoom)), and handle it again.
    pub fn stored(&mut self, Ticket(before): Ticket) {
        if let Entry::Occupied(mut left) = self.at_work.entry(before) {
            *left.get_mut() -= 1;
            if *left.get() == 0 {
                left.remove();
            }
        }
        self.advance();
    }

    /// Returns the number up to which everything is stored. Keep it, and name it in `updates.getDifference`.
    #[must_use]
    pub const fn qts(&self) -> i32 {
        self.qts
    }

    /// Returns the call that confirms what is stored, once for each new number.
    pub fn call(&mut self) -> Option<functions::messages::ReceivedQueue> {
        if self.told == self.qts {
            return None;
        }
        self.told = self.qts;
        Some(functions::messages::ReceivedQueue { max_qts: self.qts })
    }

    /// Counts what was told last as not told: the call was lost.
    pub fn call_failed(&mut self) {
        self.told = i32::MIN;
    }

    fn ticket(&mut self) -> Ticket {
        *self.at_work.entry(self.arrived).or_default() += 1;
        Ticket(self.arrived)
    }

    /// Nothing behind the oldest update at work is confirmed.
    fn advance(&mut self) {
        self.qts = self.at_work.first_key_value().map_or(self.arrived, |(before, _)| *before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_confirmed_as_a_whole() {
        let mut confirmations = Confirmations::new(5);
        let Arrival::Next(six) = confirmations.update(6) else { panic!("the next one") };
        let mut tickets = confirmations.difference(20, 3);
        assert_eq!(tickets.len(), 3);
        // The server repeats what it has not seen confirmed.
        assert_eq!(confirmations.update(20), Arrival::Old);
        assert_eq!(confirmations.update(22), Arrival::Gap);
        while let Some(ticket) = tickets.pop() {
            confirmations.stored(ticket);
            assert_eq!(confirmations.qts(), 5);
        }
        assert!(confirmations.call().is_none());
        confirmations.stored(six);
        assert_eq!(confirmations.qts(), 20);
        assert_eq!(confirmations.call().map(|call| call.max_qts), Some(20));
    }

    #[test]
    fn the_oldest_update_at_work_holds_up_the_rest() {
        let mut confirmations = Confirmations::new(0);
        let next = |confirmations: &mut Confirmations, qts| match confirmations.update(qts) {
            Arrival::Next(ticket) => ticket,
            other => panic!("{other:?}"),
        };
        let oldest = next(&mut confirmations, 1);
        for qts in 2..1_000 {
            let ticket = next(&mut confirmations, qts);
            confirmations.stored(ticket);
            assert_eq!((confirmations.qts(), confirmations.at_work.len()), (0, 1), "what is stored takes no room");
        }
        // A repeated difference, which does not move on, and the update after it.
        let mut repeated = confirmations.difference(500, 2);
        let last = next(&mut confirmations, 1_000);
        confirmations.stored(oldest);
        assert_eq!(confirmations.qts(), 999);
        confirmations.stored(last);
        confirmations.stored(repeated.remove(0));
        assert_eq!(confirmations.qts(), 999, "a message of the difference is still at work");
        confirmations.stored(repeated.remove(0));
        assert_eq!(confirmations.qts(), 1_000);
    }

    #[test]
    fn a_difference_without_messages_moves_on() {
        let mut confirmations = Confirmations::new(5);
        assert!(confirmations.difference(9, 0).is_empty());
        assert_eq!(confirmations.qts(), 9);
        // A server that goes back is not followed.
        assert!(confirmations.difference(2, 0).is_empty());
        assert_eq!(confirmations.qts(), 9);
        assert_eq!(confirmations.update(i32::MIN), Arrival::Old);
        assert_eq!(confirmations.update(i32::MAX), Arrival::Gap);
    }

    #[test]
    fn a_lost_confirmation_is_said_again() {
        let mut confirmations = Confirmations::new(i32::MAX - 1);
        let Arrival::Next(last) = confirmations.update(i32::MAX) else { panic!("the next one") };
        confirmations.stored(last);
        assert_eq!(confirmations.call().map(|call| call.max_qts), Some(i32::MAX));
        confirmations.call_failed();
        assert_eq!(confirmations.call().map(|call| call.max_qts), Some(i32::MAX));
        assert_eq!(confirmations.update(i32::MAX), Arrival::Old);
    }
}
