//! A process for notifications has little memory: a look takes what the records take, and little more (SPEC PEEK-4).

use secretchat::store::MemoryStore;
use secretchat::{Draft, Handled, Peek, Peeker, StoreKey};

use crate::allocator::most;
use crate::support::pair::{self, Pair, ciphertext, env};
use crate::support::stored::{keep, records};

/// Of the chat itself and its keys.
const FIXED: usize = 64 << 10;
const WAITING: usize = 500;
const TEXT: &str =
    "A message of a hundred letters or so, as people write them to each other on their telephones all day.";

#[test]
fn a_look_takes_little_more_than_the_records() {
    let mut store = MemoryStore::default();
    let mut pair = Pair::new_unpolled(5);
    keep(&mut pair.alice, &mut store);
    pair.finish_handshake(|chat| keep(chat, &mut store));
    // One of Bob's is lost, and the others wait for it; Alice's own wait for Bob.
    let mut newest = Vec::new();
    for number in 0..=WAITING {
        pair.bob.send(&Draft::text(TEXT), &mut env(&mut pair.rng)).unwrap();
        newest = pair::sealed(&mut pair.bob);
        if (1..WAITING).contains(&number) {
            let handled = pair.alice.handle(ciphertext(&newest), &mut env(&mut pair.rng));
            assert_eq!(handled, Ok(Handled::Waiting));
        }
        pair.alice.send(&Draft::text(TEXT), &mut env(&mut pair.rng)).unwrap();
        keep(&mut pair.alice, &mut store);
    }
    let records = records(&pair.alice, &store);
    let len: usize = records.rows.iter().map(|(_, sealed)| sealed.len()).sum();
    assert!(records.rows.len() > 2 * WAITING && len > 2 * WAITING * TEXT.len());
    let key = StoreKey::new([1; 32]);
    let used = most(|| {
        let looked = Peeker::new(&records, &key).unwrap().peek(&newest);
        assert!(matches!(looked, Ok(Peek::Message(preview)) if preview.is_early));
    });
    assert!(used <= 2 * len + FIXED, "{used} for {len}");
}
