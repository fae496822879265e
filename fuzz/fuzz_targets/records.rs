//! Restores chats from rows with any name and bytes, and from rows with any contents under the right seal (SPEC REC-5).
#![no_main]
// This target uses only a part of `tests/support`.
#![allow(dead_code)]

#[path = "../../tests/support/agreement.rs"]
mod agreement;
#[path = "../../tests/support/pair.rs"]
mod pair;
#[path = "../../tests/support/rich.rs"]
mod rich;
#[path = "../../tests/support/rng.rs"]
mod rng;
#[path = "../../tests/support/timed.rs"]
mod timed;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use rich::{Written, answer, every_chat, plain, restore, with_plain};
use secretchat::{RecordName, Records};

static CHATS: OnceLock<Vec<Written>> = OnceLock::new();

// The input: a chat, a row, and a mode. Mode 0 puts the bytes into the row, 1 seals them as its contents, 2 writes them over
// the contents at a place, and others make rows of them.
fuzz_target!(|data: &[u8]| {
    let Some((&[chat, row, how], bytes)) = data.split_first_chunk() else { return };
    let chats = CHATS.get_or_init(|| every_chat(1));
    let whole = chats[usize::from(chat) % chats.len()].newest();
    let row = usize::from(row) % whole.rows.len();
    let records = match how {
        0 => {
            let mut changed = whole.clone();
            changed.rows[row].1 = bytes.to_vec();
            changed
        }
        1 => with_plain(whole, row, bytes),
        2 => {
            let Some((place, over)) = bytes.split_first_chunk() else { return };
            let (_, mut contents) = plain(whole, row);
            let place = usize::from(u16::from_le_bytes(*place)) % contents.len();
            contents[place..].iter_mut().zip(over).for_each(|(byte, new)| *byte = *new);
            with_plain(whole, row, &contents)
        }
        _ => Records { chat: whole.chat, rows: rows(bytes) },
    };
    if let Ok(chat) = restore(&records) {
        answer(chat);
    }
});

/// Reads rows of a name, a length and bytes each.
fn rows(mut bytes: &[u8]) -> Vec<(RecordName, Vec<u8>)> {
    let mut rows = Vec::new();
    while let Some((name, rest)) = bytes.split_first_chunk()
        && let Some((&len, rest)) = rest.split_first()
        && let Some(name) = RecordName::from_bytes(*name)
    {
        let (sealed, rest) = rest.split_at(rest.len().min(len.into()));
        rows.push((name, sealed.to_vec()));
        bytes = rest;
    }
    rows
}
