//! How fast two ends agree on a key and on the next one: each profile through `Chat`, and Olm.

use std::time::{Duration, Instant};

mod chats;
mod olm;
pub mod stack;
mod table;

/// The measured steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One end asks.
    Request,
    /// The other end accepts.
    Answer,
    /// The first end has the key, and the other end opens its first message.
    Finish,
    /// A new key, from its request until both ends have it.
    Rekey,
}

impl Step {
    /// All steps.
    pub const ALL: [Self; 4] = [Self::Request, Self::Answer, Self::Finish, Self::Rekey];
}

/// Two ends that agree.
pub trait Agreement: Send {
    /// Takes a step, in the order of [`Step::ALL`].
    fn take(&mut self, step: Step);
    /// Returns the total length of public values, fingerprints and sealed messages so far, in bytes, without the overhead of
    /// the transport.
    fn sent(&self) -> usize;
}

/// One line of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Peers {
    /// The name of the peers.
    pub name: &'static str,
    /// Creates two ends that only have names or accounts.
    pub meet: fn() -> Box<dyn Agreement>,
}

/// All lines. The first one is the base of comparison.
pub const ALL: [Peers; 4] = [
    Peers { name: "X25519", meet: || Box::new(chats::x25519()) },
    Peers { name: "X25519 and ML-KEM-768", meet: || Box::new(chats::hybrid()) },
    Peers { name: "Telegram, 2,048 bits", meet: || Box::new(chats::telegram()) },
    Peers { name: "vodozemac, Olm", meet: || Box::new(olm::meet()) },
];

/// One line, measured.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name of the peers.
    pub name: &'static str,
    /// The least time of each step.
    pub times: [Duration; Step::ALL.len()],
    /// How many bytes were sent until both had a key.
    pub handshake_bytes: usize,
    /// How many bytes were sent for the next key.
    pub rekey_bytes: usize,
}

/// All lines, measured. `Display` writes a Markdown table.
#[derive(Clone, Debug)]
pub struct Table(pub Vec<Row>);

impl Table {
    /// Runs each of [`ALL`] in turn in each round.
    #[must_use]
    pub fn measure(rounds: u32) -> Self {
        let mut rows = ALL.map(Row::nothing_yet);
        for _ in 0..rounds {
            for (peers, row) in ALL.iter().zip(&mut rows) {
                // Run twice, because the caches had the data of the others.
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

    /// Returns the time of the three steps to the first key.
    #[must_use]
    pub fn handshake(&self) -> Duration {
        let [request, answer, finish, _] = self.times;
        request + answer + finish
    }

    /// Returns the time of both ends for the next key.
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
