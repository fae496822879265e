//! What must be true at rest.

use std::collections::BTreeSet;

use secretchat::RandomId;

use super::disk::Row;
use super::phone::Phone;
use super::world::World;

/// How much of everything a run had, so that no run is empty.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) arrived: usize,
    pub(crate) files: usize,
    pub(crate) expired: usize,
    pub(crate) deleted: usize,
    pub(crate) failed: usize,
    pub(crate) rekeyed: usize,
    pub(crate) deaths: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { arrived, files, expired, deleted, failed, rekeyed, deaths } = other;
        self.arrived += arrived;
        self.files += files;
        self.expired += expired;
        self.deleted += deleted;
        self.failed += failed;
        self.rekeyed += rekeyed;
        self.deaths += deaths;
    }
}

impl World {
    /// Nothing was lost, nothing came twice, all came in order, and every file is what was written.
    pub(crate) fn check(&self) -> Tally {
        let [alice, bob] = self.phones.each_ref().map(Phone::chat);
        for (one, other) in [(alice, bob), (bob, alice)] {
            assert_eq!(one.counters().sent, other.counters().received, "{one:?} {other:?}");
        }
        assert_eq!(alice.key_fingerprint(), bob.key_fingerprint());
        assert!(alice.verification().is_some());
        assert_eq!(alice.verification(), bob.verification());
        assert_eq!(alice.rekeys(), bob.rekeys());
        let mut tally = Tally { rekeyed: alice.rekeys() as usize, ..Tally::default() };
        let gone = self.gone();
        for (from, to) in [(0, 1), (1, 0)] {
            self.check_messages(from, to, &gone, &mut tally);
        }
        tally.deaths = self.phones.iter().map(|phone| phone.deaths).sum();
        tally
    }

    /// What was deleted, by either user, and what the server refused.
    fn gone(&self) -> BTreeSet<RandomId> {
        let mut gone = BTreeSet::new();
        for phone in &self.phones {
            for row in &phone.disk().rows {
                match row {
                    Row::Deleted(id) | Row::Failed(id) => drop(gone.insert(*id)),
                    Row::Flushed(until) => gone.extend((1..=*until).map(RandomId)),
                    _ => {}
                }
            }
        }
        gone
    }

    fn check_messages(&self, from: usize, to: usize, gone: &BTreeSet<RandomId>, tally: &mut Tally) {
        let (author, reader) = (self.phones[from].disk(), self.phones[to].disk());
        let written: Vec<RandomId> = author
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Written(id) => Some(*id),
                _ => None,
            })
            .collect();
        let made = self.truth.by.iter().filter(|(_, by)| **by == from).map(|(id, _)| *id);
        assert!(made.eq(written.iter().copied()), "everything that a user wrote went into the chat, once and in order");
        let arrived: Vec<(RandomId, bool)> = reader
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Message(id, is_timed) => Some((*id, *is_timed)),
                _ => None,
            })
            .collect();
        assert!(arrived.is_sorted_by(|one, next| one.0 < next.0), "in order, once: {arrived:?}");
        let ids: BTreeSet<RandomId> = arrived.iter().map(|(id, _)| *id).collect();
        let count = |rows: &[Row], row: Row| rows.iter().filter(|one| **one == row).count();
        for id in &written {
            assert!(gone.contains(id) || ids.contains(id), "{id} was lost");
            assert!(gone.contains(id) || author.has(Row::Sent(*id)), "{id} was not reported as sent");
            assert!(count(&author.rows, Row::Failed(*id)) <= 1 && count(&author.rows, Row::Expired(*id)) <= 1);
        }
        assert!(ids.iter().all(|id| self.truth.by[id] == from));
        for (id, is_timed) in &arrived {
            let (opened, expired) = (count(&reader.rows, Row::Opened(*id)), count(&reader.rows, Row::Expired(*id)));
            let is_gone = gone.contains(id);
            if *is_timed {
                assert!(expired == 1 || (is_gone && expired == 0), "{id} expired {expired} times");
            } else {
                let has_file = self.truth.made[id].has_file();
                assert!(opened == usize::from(has_file) || (is_gone && opened == 0), "the file of {id}");
                assert_eq!(expired, 0);
            }
            tally.expired += expired;
            tally.files += opened;
        }
        tally.arrived += arrived.len();
        tally.deleted += count_kind(&reader.rows, |row| matches!(row, Row::Deleted(_)));
        tally.failed += count_kind(&author.rows, |row| matches!(row, Row::Failed(_)));
        assert_eq!(count_kind(&reader.rows, |row| matches!(row, Row::Closed)), 0);
    }
}

fn count_kind(rows: &[Row], is_one: impl Fn(&Row) -> bool) -> usize {
    rows.iter().filter(|row| is_one(row)).count()
}
