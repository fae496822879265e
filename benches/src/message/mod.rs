//! A message of 100 characters: the cipher alone, the whole way through two chats, and the same with peers.

use crate::measure::{Group, Table, Unit, timing};

mod alone;
mod envelope;
mod floor;
pub mod mls;
mod path;
mod peers;

pub use path::Path;

/// Sealing and opening alone.
pub const SEALED: &str = "A message of 100 characters, sealed and opened";
/// The whole way.
pub const WHOLE: &str = "The same from `send` to the last output of the peer";
/// The whole way in other protocols.
pub const PEERS: &str = "The same message by peers";
/// What a message asks of the heap.
pub const ALLOCATIONS: &str = "Allocations for a message";

/// Olm, where the direction does not change.
pub const OLM_CHAIN: &str = "vodozemac, Olm, one chain";
/// The dependent instructions of a message.
pub const LATENCY_FLOOR: &str = "latency floor: 168 AES rounds, then 6 blocks of SHA-256";
/// The same work by the crates that do it, without anything around it.
pub const CODE_FLOOR: &str = "code floor: `sha2` and `ige-lanes` alone";
/// `hazmat::envelope`.
pub const ENVELOPE: &str = "secretchat, `seal` and `open`";
/// Its functions for messages.
pub const GRAMMERS: &str = "grammers-crypto, the draw of its padding included";

/// Returns the groups of cases.
#[must_use]
pub fn groups() -> Vec<Group> {
    let profiles = &["X25519", "hybrid", "Telegram"];
    vec![
        Group { title: SEALED, unit: Unit::Nanos, columns: &["seal", "open"], cases: alone::cases() },
        Group { title: WHOLE, unit: Unit::Nanos, columns: profiles, cases: path::cases() },
        Group { title: PEERS, unit: Unit::Nanos, columns: &["ns"], cases: peers::cases() },
    ]
}

/// Measures all of it.
#[must_use]
pub fn measure(rounds: u32) -> Vec<Table> {
    let mut tables = timing::measure(&mut groups(), rounds);
    let [sealed, whole, peers] = &mut tables[..] else { return tables };
    let floor = sealed.get(CODE_FLOOR, "seal").zip(sealed.get(CODE_FLOOR, "open")).map(|(seal, open)| seal + open);
    for way in ["seal", "open"] {
        for (name, row) in [("x code", CODE_FLOOR), ("x latency", LATENCY_FLOOR)] {
            let base = sealed.get(row, way);
            sealed.add_ratio(way, format!("{name} ({way})"), |_| base);
        }
    }
    let ours = whole.get(&Path::NO_RECORDS.name(), "X25519");
    whole.add_ratio("X25519", "x code floor", |_| floor);
    peers.add_ratio("ns", "x secretchat", |_| ours);
    tables.push(path::allocations());
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_runs_and_has_its_columns() {
        for group in &mut groups() {
            for case in &mut group.cases {
                assert_eq!(case.laps.len(), group.columns.len(), "{}", case.name);
                for lap in &mut case.laps {
                    (lap.prepare)();
                    (lap.run)();
                }
            }
        }
    }
}
