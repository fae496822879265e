//! Every record of chats of every phase, in every wrong way: a typed error, never a panic; and contents that are sealed
//! rightly and say anything give a chat that answers or a typed error (SPEC REC-2 to REC-5).

use std::collections::BTreeSet;

use secretchat::{RecordName, StoreError};

use crate::support::rich::{answer, every_chat, plain, restore, seal, with_plain};

/// Every place of `len`, or some of them where it must be quick.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let step = if std::env::var_os("SECRETCHAT_SLOW").is_some() { 1 } else { (len / 24).max(1) };
    (0..len).step_by(step)
}

#[test]
fn the_chats_have_every_kind_of_record() {
    let kinds: BTreeSet<u8> =
        every_chat(1).iter().flat_map(|chat| chat.newest().rows.iter().map(|row| row.0.to_bytes()[0])).collect();
    let early = if cfg!(feature = "telegram") { &[5][..] } else { &[] };
    let expected: BTreeSet<u8> = [1, 2, 3, 4, 6, 7].iter().chain(early).copied().collect();
    assert_eq!(kinds, expected);
}

#[test]
fn each_row_changed_cut_longer_or_of_another_version() {
    for chat in every_chat(1) {
        let whole = chat.newest();
        assert!(restore(whole).is_ok(), "{}", chat.what);
        for (row, (name, sealed)) in whole.rows.iter().enumerate() {
            let with = |sealed: Vec<u8>| {
                let mut changed = whole.clone();
                changed.rows[row].1 = sealed;
                restore(&changed).unwrap_err()
            };
            for place in places(sealed.len()) {
                let mut flipped = sealed.clone();
                flipped[place] ^= 1 << (place % 8);
                // The first bit of the version makes it 3.
                let expected = if place == 0 { StoreError::NewerVersion } else { StoreError::Damaged };
                assert_eq!(with(flipped), expected, "{} {name} {place}", chat.what);
                assert_eq!(with(sealed[..place].to_vec()), StoreError::Damaged, "{} {name} {place}", chat.what);
            }
            assert_eq!(with([sealed, &[0][..]].concat()), StoreError::Damaged);
            let (generation, contents) = plain(whole, row);
            assert!(restore(&with_plain(whole, row, &contents)).is_ok(), "the test seals as the crate does");
            let version = |version| with(seal(whole.chat, *name, version, generation, &contents));
            assert_eq!(version(1), StoreError::OlderVersion);
            assert_eq!(version(3), StoreError::NewerVersion);
            assert_eq!(version(255), StoreError::NewerVersion);
            assert_eq!(version(0), StoreError::Damaged);
        }
    }
}

#[test]
fn each_row_removed_repeated_swapped_foreign_or_older() {
    let others = every_chat(2);
    for (chat, other) in every_chat(1).iter().zip(&others) {
        let (whole, what) = (chat.newest(), chat.what);
        for row in 0..whole.rows.len() {
            let name = whole.rows[row].0;
            let mut removed = whole.clone();
            removed.rows.remove(row);
            let expected = match name {
                RecordName::Keys | RecordName::State | RecordName::Tombstone => StoreError::Missing,
                _ => StoreError::Mismatch,
            };
            assert_eq!(restore(&removed).unwrap_err(), expected, "{what} {name}");

            let mut repeated = whole.clone();
            repeated.rows.push(whole.rows[row].clone());
            assert_eq!(restore(&repeated).unwrap_err(), StoreError::Mismatch, "{what} {name}");

            for second in 0..whole.rows.len() {
                let mut swapped = whole.clone();
                swapped.rows[row].1.clone_from(&whole.rows[second].1);
                swapped.rows[second].1.clone_from(&whole.rows[row].1);
                let restored = restore(&swapped).err();
                assert_eq!(restored, (row != second).then_some(StoreError::Damaged), "{what} {name} {second}");
            }

            // Another chat under the same key of the store, at the same place.
            let mut foreign = whole.clone();
            foreign.rows[row].1.clone_from(&other.newest().rows[row].1);
            assert_eq!(restore(&foreign).unwrap_err(), StoreError::Damaged, "{what} {name}");

            for older in chat.history.iter().flat_map(|records| &records.rows) {
                if older.0 == name && *older != whole.rows[row] {
                    let mut put_back = whole.clone();
                    put_back.rows[row] = older.clone();
                    assert_eq!(restore(&put_back).unwrap_err(), StoreError::Mismatch, "{what} {name}");
                }
            }
        }
        // What was deleted, put back beside the rest.
        for gone in chat.history.iter().flat_map(|records| &records.rows) {
            if !whole.rows.iter().any(|row| row.0 == gone.0) {
                let mut extra = whole.clone();
                extra.rows.push(gone.clone());
                assert_eq!(restore(&extra).unwrap_err(), StoreError::Mismatch, "{what} {}", gone.0);
            }
        }
    }
}

#[test]
fn contents_that_are_cut_or_longer_are_damage() {
    for chat in every_chat(1) {
        let whole = chat.newest();
        for row in 0..whole.rows.len() {
            let (_, contents) = plain(whole, row);
            for place in places(contents.len()) {
                // What ends before an option is another whole record (SPEC REC-9).
                if is_option(&contents[place..]) {
                    continue;
                }
                let cut = with_plain(whole, row, &contents[..place]);
                assert_eq!(restore(&cut).unwrap_err(), StoreError::Damaged, "{} {row} {place}", chat.what);
            }
            for (layout, error) in [(0, StoreError::Damaged), (2, StoreError::NewerVersion)] {
                let other = with_plain(whole, row, &[&[layout], &contents[1..]].concat());
                assert_eq!(restore(&other).unwrap_err(), error, "{} {row}", chat.what);
            }
            let longer = with_plain(whole, row, &[&contents, &[0][..]].concat());
            assert_eq!(restore(&longer).unwrap_err(), StoreError::Damaged, "{} {row}", chat.what);
        }
    }
}

/// Numbers, lengths and flags of every size at every place.
#[test]
fn contents_that_say_anything_give_a_chat_that_answers_or_a_typed_error() {
    let (mut restored, mut refused) = (0, 0);
    for chat in every_chat(1) {
        let whole = chat.newest();
        for row in 0..whole.rows.len() {
            let (_, contents) = plain(whole, row);
            for place in places(contents.len()) {
                for (width, value) in [(1, 0), (1, 0xff), (4, 0), (4, 0xff), (8, 0xff), (8, 0x7f)] {
                    let mut said = contents.clone();
                    said.iter_mut().skip(place).take(width).for_each(|byte| *byte = value);
                    match restore(&with_plain(whole, row, &said)) {
                        Ok(chat) => {
                            restored += 1;
                            answer(chat);
                        }
                        Err(error) => {
                            refused += 1;
                            assert!(matches!(
                                error,
                                StoreError::Damaged | StoreError::Mismatch | StoreError::NewerVersion
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(restored > 500 && refused > 500, "{restored} {refused}");
}

fn is_option(plain: &[u8]) -> bool {
    let length = |length: &[u8; 4]| usize::try_from(u32::from_le_bytes(*length)).ok();
    plain.get(1..).and_then(<[u8]>::split_first_chunk).is_some_and(|(len, value)| length(len) == Some(value.len()))
}
