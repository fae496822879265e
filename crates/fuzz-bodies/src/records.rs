//! Rows of a store.

use std::sync::OnceLock;

use secretchat::{Chat, RecordName, Records, StoreError};

use crate::support::rich::{self, Written, answer, every_chat, plain, with_plain};

static CHATS: OnceLock<Vec<Written>> = OnceLock::new();

/// Restores chats from rows with any name and bytes, and from rows with any contents under the right seal (SPEC REC-5): rows
/// that nobody with the store key sealed restore nothing, and what is restored goes on.
///
/// The input: a chat, a row, and a mode. Mode 0 puts the bytes into the row, 1 seals them as its contents, 2 writes them over
/// the contents at a place, and others make rows of them.
pub fn records(data: &[u8]) {
    check(data, rich::restore);
}

/// With what restores.
fn check(data: &[u8], restore: fn(&Records) -> Result<Chat, StoreError>) {
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
    let restored = restore(&records);
    let are_forged = how == 0 || how > 2;
    assert!(!are_forged || restored.is_err() || records.rows == whole.rows, "nobody sealed these rows");
    if let Ok(chat) = restored {
        answer(chat);
    }
}

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

#[test]
fn a_store_that_takes_forged_rows_is_found() {
    let data = [&[0, 0, 0][..], &[2; 60]].concat();
    records(&data);
    let any = |_: &Records| rich::restore(CHATS.get().unwrap()[0].newest());
    assert!(crate::fails(|| check(&data, any)));
}
