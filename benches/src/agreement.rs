//! How two ends agree on a key, and on the next one: each profile through `Chat`, and Olm.

use std::time::{Duration, Instant};

mod chats;
mod olm;
pub mod stack;
mod table;

/// What is measured, in the order in which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One end asks.
    Request,
    /// The other end accepts.
    Answer,
    /// The first end has the key, and its first message is opened by the other one.
    Finish,
    /// A new key, from its request until both ends have it.
    Rekey,
}

impl Step {
    /// Each of them once.
    pub const ALL: [Self; 4] = [Self::Request, Self::Answer, Self::Finish, Self::Rekey];
}

/// Two ends that agree.
pub trait Agreement: Send {
    /// Takes a step, in the order of [`Step::ALL`].
    fn take(&mut self, step: Step);
    /// The public values, fingerprints and sealed messages so far, in bytes. What carries them adds its own.
    fn sent(&self) -> usize;
}

/// One line of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Peers {
    /// Who agrees.
    pub name: &'static str,
    /// Makes two ends that have nothing yet but names or accounts.
    pub meet: fn() -> Box<dyn Agreement>,
}

/// What everything is compared with comes first.
pub const ALL: [Peers; 4] = [
    Peers { name: "X25519", meet: || Box::new(chats::x25519()) },
    Peers { name: "X25519 and ML-KEM-768", meet: || Box::new(chats::hybrid()) },
    Peers { name: "Telegram, 2,048 bits", meet: || Box::new(chats::telegram()) },
    Peers { name: "vodozemac, Olm", meet: || Box::new(olm::meet()) },
];

/// One line, measured.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Who agreed.
    pub name: &'static str,
    /// The least time of each step.
    pub times: [Duration; Step::ALL.len()],
    /// What was sent until both had a key.
    pub handshake_bytes: usize,
    /// What was sent for the next one.
    pub rekey_bytes: usize,
}

/// All lines, measured. `Display` gives a Markdown table.
#[derive(Clone, Debug)]
pub struct Table(pub Vec<Row>);

impl Table {
    /// Runs all of [`ALL`] in turn in each round.
    #[must_use]
    pub fn measure(rounds: u32) -> Self {
        let mut rows = ALL.map(Row::nothing_yet);
        for _ in 0..rounds {
            for (peers, row) in ALL.iter().zip(&mut rows) {
                // Twice: the caches belonged to the others before.
                row.run(peers);
                row.run(peers);
            }
        }
        Self(rows.into())
    }
}

impl Row {
    fn nothing_yet(peers: Peers) -> Self {
        Self { name: peers.name, times: [Duration::MAX; Step::ALL.len()], handshake_bytes: 0, rekey_bytes: 0 }
    }

    fn run(&mut self, peers: &Peers) {
        let mut agreement = (peers.meet)();
        for (step, least) in Step::ALL.into_iter().zip(&mut self.times) {
            let sent = agreement.sent();
            let start = Instant::now();
            agreement.take(step);
            *least = start.elapsed().min(*least);
            match step {
                Step::Rekey => self.rekey_bytes = agreement.sent() - sent,
                _ => self.handshake_bytes = agreement.sent(),
            }
        }
    }

    /// The three steps to the first key.
    #[must_use]
    pub fn handshake(&self) -> Duration {
        let [request, answer, finish, _] = self.times;
        request + answer + finish
    }

    /// Both ends' work for the next key.
    #[must_use]
    pub const fn rekey(&self) -> Duration {
        let [.., rekey] = self.times;
        rekey
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC ENV-2, X25-2, HYB-1 and REKEY-4.
    #[test]
    fn what_is_sent_is_what_the_specification_says() {
        let sent: Vec<_> =
            Table::measure(1).0.iter().take(3).map(|row| (row.handshake_bytes, row.rekey_bytes)).collect();
        // Two public values, a fingerprint, NotifyLayer; RequestKey, AcceptKey, CommitKey, Noop.
        let x25519 = (32 + 32 + 8 + 152, 152 + 216 + 152 + 152);
        let hybrid = (1_216 + 1_120 + 8 + 152, 1_752 + 1_304 + 152 + 152);
        assert_eq!(sent[..2], [x25519, hybrid]);
        assert!(sent[2].0 > 2 * 256 + 8 && sent[2].1 > 2 * 256);
    }
}
