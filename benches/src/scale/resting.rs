//! A chat at rest: its memory, its records, and how long it takes to restore it.

use std::hint::black_box;
use std::mem::size_of;
use std::time::Instant;

use message_paths::{Counter, Hosts, Profile, Settings, carry, draft, env, store_key};
use secretchat::Chat;
use secretchat::store::{MemoryStore, Store};

use crate::measure::Table;
use crate::measure::heap::taken;

/// The heading of the table.
pub const RESTING: &str = "A chat at rest, after 20 messages of each end";

/// Measures the initiator of each profile, with and without records.
#[expect(clippy::cast_precision_loss, reason = "few bytes")]
pub(super) fn measure(rounds: u32) -> Table {
    let mut table = Table::new(RESTING, "initiator");
    for (column, digits) in
        [("heap, B", 0), ("`Chat`, B", 0), ("memory, KiB", 2), ("records, B", 0), ("rows", 0), ("restore, us", 1)]
    {
        table.add_column(column, digits);
    }
    for profile in Profile::ALL {
        for records in [false, true] {
            let settings = Settings { profile, records, rekeys: false };
            let heap = heap(settings) as f64;
            let inline = size_of::<Chat>() as f64;
            let mut values = vec![Some(heap), Some(inline), Some((heap + inline) / 1024.0)];
            if records {
                values.extend(on_disk(settings, rounds).map(Some));
            }
            let name = if records { "with records" } else { "no records" };
            table.add_row(format!("{}, {name}", profile.name()), values);
        }
    }
    table
}

/// Returns what the chat gives back to the heap when it is dropped. All its outputs are taken, and only one empty message
/// is not acknowledged.
fn heap(settings: Settings) -> isize {
    let mut rng = Counter::default();
    let mut chats = settings.ready(&mut rng);
    for _ in 0..20 {
        for from in [0, 1] {
            chats[from].send(&draft(), &mut env(&mut rng)).unwrap();
            carry(&mut chats, from, &mut rng);
        }
    }
    chats[0].acknowledge(&mut env(&mut rng)).unwrap();
    carry(&mut chats, 0, &mut rng);
    let [alice, _bob] = chats;
    let ((), given) = taken(|| drop(alice));
    -given.bytes
}

/// Returns the bytes and the number of the records of a chat, and the least time to restore it.
#[expect(clippy::cast_precision_loss, reason = "few bytes")]
fn on_disk(settings: Settings, rounds: u32) -> [f64; 3] {
    let mut hosts = Hosts::<MemoryStore>::ready(settings);
    (0..20).for_each(|_| hosts.say_both());
    let store = hosts.store_mut(0);
    let chat = store.chats().unwrap()[0];
    let records = store.load(chat).unwrap().unwrap();
    let bytes: usize = records.rows.iter().map(|(name, sealed)| 16 + name.to_bytes().len() + sealed.len()).sum();
    let restore = || {
        let start = Instant::now();
        black_box(Chat::restore(&records, &store_key(), None, &mut env(&mut Counter::default())).unwrap());
        start.elapsed()
    };
    let least = (0..rounds.max(1) * 4).map(|_| restore()).min().unwrap_or_default();
    [bytes as f64, records.rows.len() as f64, least.as_secs_f64() * 1e6]
}
