//! What few chats use stands at the end of a record, by number: other records are as they were (SPEC REC-9).

use secretchat::{RecordName, Records, StoreError};

use crate::support::rich::{every_chat, plain, restore, with_plain};

/// Each state of the chats that `every_chat` makes, with `options` behind its fields.
fn states_with(options: &[u8]) -> Vec<Records> {
    let with = |records: &Records| {
        let row = records.rows.iter().position(|(name, _)| *name == RecordName::State)?;
        let (_, contents) = plain(records, row);
        Some(with_plain(records, row, &[&contents, options].concat()))
    };
    every_chat(3).iter().filter_map(|chat| with(chat.newest())).collect()
}

#[test]
fn an_option_is_read_where_it_is_written_as_the_clause_says() {
    let what_was_compared = [b"\x01\x01\0\0\0\x01", b"\x01\x01\0\0\0\x02"];
    for options in what_was_compared {
        let states = states_with(options);
        assert!(states.len() > 1);
        states.iter().for_each(|records| assert_eq!(restore(records).map(drop), Ok(())));
    }
}

#[test]
fn any_other_end_of_a_state_is_refused() {
    for (what, options, error) in [
        ("an unknown number", &b"\xff\x01\0\0\0\x01"[..], StoreError::NewerVersion),
        ("an unknown number after a known one", b"\x01\x01\0\0\0\x01\xff\0\0\0\0", StoreError::NewerVersion),
        ("wrong order", b"\xff\x01\0\0\0\x01\x01\x01\0\0\0\x01", StoreError::NewerVersion),
        ("number 0", b"\0\0\0\0\0", StoreError::Damaged),
        ("an option twice", b"\x01\x01\0\0\0\x01\x01\x01\0\0\0\x01", StoreError::Damaged),
        ("the default", b"\x01\x01\0\0\0\0", StoreError::Damaged),
        ("a value that no chat has", b"\x01\x01\0\0\0\x03", StoreError::Damaged),
        ("a value too long", b"\x01\x02\0\0\0\x01\0", StoreError::Damaged),
        ("a value of no bytes", b"\x01\0\0\0\0", StoreError::Damaged),
        ("a value cut short", b"\x01\x01\0\0\0", StoreError::Damaged),
        ("a length cut short", b"\x01\x01\0\0", StoreError::Damaged),
        ("a number alone", b"\x01", StoreError::Damaged),
    ] {
        for records in states_with(options) {
            assert_eq!(restore(&records).map(drop), Err(error), "{what}");
        }
    }
}
