//! How fast two ends agree on a key and on the next one: each profile through `Chat`, Olm and MLS; and what it is made of.

use std::time::{Duration, Instant};

use crate::measure::Table;
use message_paths::Profile;

mod chats;
mod mls;
pub(crate) mod olm;
pub mod powers;
pub mod stack;

/// The heading of the table.
pub const TITLE: &str = "A key, and the next one";

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
pub const ALL: [Peers; 5] = [
    Peers { name: Profile::X25519.name(), meet: || Box::new(chats::Chats::meet(Profile::X25519)) },
    Peers { name: Profile::Hybrid.name(), meet: || Box::new(chats::Chats::meet(Profile::Hybrid)) },
    Peers { name: Profile::Telegram.name(), meet: || Box::new(chats::Chats::meet(Profile::Telegram)) },
    Peers { name: OLM, meet: || Box::new(olm::meet()) },
    Peers { name: "openmls", meet: || Box::new(mls::meet()) },
];

/// The peer with the same curve.
pub const OLM: &str = "vodozemac, Olm";

/// One line, measured.
#[derive(Clone, Copy, Debug)]
struct Measured {
    /// The least time of each step.
    times: [Duration; Step::ALL.len()],
    /// How many bytes were sent until both had a key.
    handshake_bytes: usize,
    /// How many bytes were sent for the next key.
    rekey_bytes: usize,
}

/// Runs each of [`ALL`] in turn in each round.
#[must_use]
pub fn measure(rounds: u32) -> Table {
    let mut table = Table::new(TITLE, "us");
    for (name, digits) in [("request", 1), ("answer", 1), ("finish", 1), ("handshake", 1), ("bytes", 0)] {
        table.add_column(name, digits);
    }
    for (name, digits) in [("new key", 1), ("its bytes", 0)] {
        table.add_column(name, digits);
    }
    for (peers, measured) in ALL.iter().zip(run(rounds)) {
        table.add_row(peers.name, measured.figures().map(Some));
    }
    for (column, ratio) in [("handshake", "x X25519"), ("new key", "x X25519 (new key)")] {
        let base = table.get(Profile::X25519.name(), column);
        table.add_ratio(column, ratio, |_| base);
    }
    table
}

fn run(rounds: u32) -> [Measured; ALL.len()] {
    let mut all = [Measured::NOTHING; ALL.len()];
    for _ in 0..rounds {
        for (peers, measured) in ALL.iter().zip(&mut all) {
            // Run twice, because the caches had the data of the others.
            measured.run(peers);
            measured.run(peers);
        }
    }
    all
}

impl Measured {
    const NOTHING: Self = Self { times: [Duration::MAX; Step::ALL.len()], handshake_bytes: 0, rekey_bytes: 0 };

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

    #[expect(clippy::cast_precision_loss, reason = "few bytes")]
    fn figures(&self) -> [f64; 7] {
        let [request, answer, finish, rekey] = self.times.map(|time| time.as_secs_f64() * 1e6);
        let handshake = request + answer + finish;
        [request, answer, finish, handshake, self.handshake_bytes as f64, rekey, self.rekey_bytes as f64]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC ENV-2, X25-2, HYB-1 and REKEY-4.
    #[test]
    fn what_is_sent_is_what_the_specification_says() {
        let sent = run(1).map(|measured| (measured.handshake_bytes, measured.rekey_bytes));
        // Two public values, a fingerprint, NotifyLayer; RequestKey, AcceptKey, CommitKey, Noop.
        let x25519 = (32 + 32 + 8 + 152, 152 + 216 + 152 + 152);
        let hybrid = (1_216 + 1_120 + 8 + 152, 1_752 + 1_304 + 152 + 152);
        assert_eq!(sent[..2], [x25519, hybrid]);
        assert!(sent[2].0 > 2 * 256 + 8 && sent[2].1 > 2 * 256);
    }
}
