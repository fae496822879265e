//! Restoring takes memory in proportion to the records, whatever lengths and counts are sealed in them (SPEC REC-5).

use secretchat::Records;

use crate::allocator::most;
use crate::support::rich::{every_chat, plain, restore, with_plain};

/// Of the chat itself, its keys and, in the Telegram profile, the numbers of the group.
const FIXED: usize = 64 << 10;

fn within_bounds(records: &Records) {
    let used = most(|| drop(restore(records)));
    let len: usize = records.rows.iter().map(|row| row.1.len()).sum();
    assert!(used <= 4 * len + FIXED, "{used} for {len}");
}

#[test]
fn lengths_alone_take_no_memory() {
    for chat in every_chat(1) {
        let whole = chat.newest();
        within_bounds(whole);
        for row in 0..whole.rows.len() {
            let (_, contents) = plain(whole, row);
            // Each place where a length may stand; the numbers of the group take long and are no lengths.
            let step = if contents.len() < 700 { 2 } else { 61 };
            for place in (0..contents.len()).step_by(step) {
                for value in [u32::MAX, 0x1000_0000] {
                    let mut said = contents.clone();
                    said.iter_mut().skip(place).zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
                    within_bounds(&with_plain(whole, row, &said));
                }
            }
        }
    }
}
