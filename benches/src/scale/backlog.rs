//! One acknowledgement of very many messages.

use std::time::{Duration, Instant};

use message_paths::{Counter, Profile, Settings, draft, env, input_of, transmissions};
use secretchat::Limits;

use crate::measure::Table;

/// The heading of the table.
pub const ACKNOWLEDGED: &str = "One acknowledgement of all messages in the outbox";

/// The lengths of the outbox.
const LENGTHS: [usize; 3] = [1_000, 10_000, 100_000];

/// Measures the acknowledgement of each length, the least of some.
#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
pub(super) fn measure() -> Table {
    let mut table = Table::new(ACKNOWLEDGED, "messages");
    table.add_column("ms", 2);
    table.add_column("ns a message", 0);
    for length in LENGTHS {
        let least = (0..3).map(|_| acknowledge(length)).min().unwrap_or_default();
        let nanos = least.as_nanos() as f64;
        table.add_row(length.to_string(), [Some(nanos / 1e6), Some(nanos / length as f64)]);
    }
    let base = table.get(&LENGTHS[0].to_string(), "ns a message");
    table.add_ratio("ns a message", "x 1000", |_| base);
    table
}

fn acknowledge(length: usize) -> Duration {
    let mut rng = Counter::default();
    let settings = Settings { profile: Profile::X25519, records: false, rekeys: false };
    let [mut alice, mut bob] = settings.ready_within(limits(), &mut rng);
    let draft = draft();
    for _ in 0..length {
        alice.send(&draft, &mut env(&mut rng)).unwrap();
        for kind in transmissions(&mut alice) {
            bob.handle(input_of(&kind), &mut env(&mut rng)).unwrap();
        }
        assert_eq!(transmissions(&mut bob).count(), 0);
    }
    bob.acknowledge(&mut env(&mut rng)).unwrap();
    let kind = transmissions(&mut bob).next().unwrap();
    let start = Instant::now();
    alice.handle(input_of(&kind), &mut env(&mut rng)).unwrap();
    let time = start.elapsed();
    assert_eq!(alice.counters().acknowledged, alice.counters().sent);
    time
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.outbox_messages = 1 << 20;
    limits.outbox_bytes = 1 << 30;
    limits
}
