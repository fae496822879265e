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
    let reading = b"\x02\x18\0\0\0start of device. 8 bytes";
    let key_bytes = b"\x03\x08\0\0\0\x01\0\0\0\0\0\0\0";
    let compared = [b"\x01\x01\0\0\0\x01", b"\x01\x01\0\0\0\x02"];
    for options in [&compared[0][..], compared[1], reading, key_bytes, &[compared[0], &reading[..], key_bytes].concat()]
    {
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

/// The set-up of each chat that `every_chat` makes, whatever it is, with `end` behind everything.
fn set_ups_with(end: &[u8]) -> Vec<Records> {
    let with = |records: &Records| {
        let holds_set_up = |name: RecordName| matches!(name, RecordName::Keys | RecordName::Tombstone);
        let row = records.rows.iter().position(|(name, _)| holds_set_up(*name))?;
        let (_, contents) = plain(records, row);
        Some(with_plain(records, row, &[&contents, end].concat()))
    };
    every_chat(3).iter().filter_map(|chat| with(chat.newest())).collect()
}

const BOUNDS: &[u8] = b"\x01\x08\0\0\0\x05\0\0\0\x3c\0\0\0";
const SENDER: &[u8] = b"\x05\x01\0\0\0\x01";
const BYTES: &[u8] = b"\x02\x08\0\0\0\0\0\x10\0\0\0\0\0";

#[test]
fn options_of_a_set_up_follow_what_the_host_keeps() {
    for (what, end, expected) in [
        ("both, and nothing of the host", &[&[0; 4], BOUNDS, BYTES].concat()[..], Ok(())),
        ("bounds of timers", &[&[0; 4], BOUNDS].concat(), Ok(())),
        ("bytes under a key", &[b"\x02\0\0\0ab", BYTES].concat(), Ok(())),
        ("a cap on notifications", &[&[0; 4], BYTES, SENDER].concat(), Ok(())),
        ("notifications of nothing", b"\0\0\0\0\x05\x01\0\0\0\0", Ok(())),
        ("the default cap", b"\0\0\0\0\x05\x01\0\0\0\x02", Err(StoreError::Damaged)),
        ("a cap that does not exist", b"\0\0\0\0\x05\x01\0\0\0\x03", Err(StoreError::Damaged)),
        ("nothing at all", &[0; 4], Err(StoreError::Damaged)),
        ("the default bounds", b"\0\0\0\0\x01\x08\0\0\0\x01\0\0\0\x80\x33\xe1\x01", Err(StoreError::Damaged)),
        ("bounds the wrong way round", b"\0\0\0\0\x01\x08\0\0\0\x05\0\0\0\x04\0\0\0", Err(StoreError::Damaged)),
        ("bounds of no timer", b"\0\0\0\0\x01\x08\0\0\0\0\0\0\0\x04\0\0\0", Err(StoreError::Damaged)),
        ("wrong order", &[&[0; 4], BYTES, BOUNDS].concat(), Err(StoreError::Damaged)),
        ("an unknown number", &[&[0; 4], BOUNDS, b"\xff\0\0\0\0"].concat(), Err(StoreError::NewerVersion)),
        ("bytes cut short", &[&[0; 4], &BYTES[..12]].concat(), Err(StoreError::Damaged)),
    ] {
        let set_ups = set_ups_with(end);
        assert!(set_ups.len() > 1);
        for records in set_ups {
            assert_eq!(restore(&records).map(drop), expected, "{what}");
        }
    }
}

/// A message of a text as it stands inside the layer (SPEC TL-1, DES-14), written by hand: constructor, bit 27, id, timer,
/// and the text with its length before it.
fn hidden(id: u8, text: &[u8]) -> Vec<u8> {
    let len = u8::try_from(text.len()).unwrap();
    let head = [0x74, 0x46, 0xcc, 0x91, 0, 0, 0, 8, id, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, len];
    let padding = vec![0; (4 - (text.len() + 1) % 4) % 4];
    [&head[..], text, &padding].concat()
}

// SPEC REC-9, DES-14.
#[test]
fn a_hidden_message_is_read_from_its_record_only_if_it_is_one() {
    let option = |body: &[u8]| {
        let len = u32::try_from(body.len()).unwrap();
        [&[2][..], &(len + 4).to_le_bytes(), &len.to_le_bytes(), body].concat()
    };
    let whole = hidden(9, b"look");
    let mut long = [0x74, 0x46, 0xcc, 0x91, 0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 254, 0, 0, 0].to_vec();
    let text = 16_384 - long.len();
    long[21..24].copy_from_slice(&u32::try_from(text).unwrap().to_le_bytes()[..3]);
    long.resize(16_384, b'a');
    let mut too_long = long.clone();
    too_long[21..24].copy_from_slice(&u32::try_from(text + 4).unwrap().to_le_bytes()[..3]);
    too_long.resize(16_388, b'a');
    // A Noop: decryptedMessageService#73164160, its id, decryptedMessageActionNoop#a82fdd63.
    let service = [&[0x60, 0x41, 0x16, 0x73][..], &[9, 0, 0, 0, 0, 0, 0, 0], &[0x63, 0xdd, 0x2f, 0xa8]].concat();
    for (what, end, expected) in [
        ("a message", option(&whole), Ok(())),
        (
            "the name of a file behind it",
            [&option(&whole)[..], b"\x01\x06\0\0\0\x02\0\0\0ab"].concat(),
            Err(StoreError::Damaged),
        ),
        ("one of 16,384 bytes", option(&long), Ok(())),
        ("a longer one", option(&too_long), Err(StoreError::Damaged)),
        ("one cut short", option(&whole[..24]), Err(StoreError::Damaged)),
        ("one with more behind it", option(&[&whole[..], &[0; 4]].concat()), Err(StoreError::Damaged)),
        ("one without an id", option(&hidden(0, b"look")), Err(StoreError::Damaged)),
        ("what no user writes", option(&service), Err(StoreError::Damaged)),
        ("no bytes", option(b""), Err(StoreError::Damaged)),
        ("an option that is no bytes", b"\x02\x01\0\0\0\x01".to_vec(), Err(StoreError::Damaged)),
        ("twice", [option(&whole), option(&whole)].concat(), Err(StoreError::Damaged)),
    ] {
        let chats = every_chat(3);
        let records = chats.iter().find(|chat| chat.what == "open").unwrap().newest();
        let row = records.rows.iter().position(|(name, _)| matches!(name, RecordName::Timed(_))).unwrap();
        let (_, contents) = plain(records, row);
        let records = with_plain(records, row, &[&contents, &end[..]].concat());
        assert_eq!(restore(&records).map(drop), expected, "{what}");
    }
}

/// The record of keys, or the tombstone, of each chat of one phase in the X25519 profile, with `end` behind its fields.
fn one_set_up_with(what: &str, end: &[u8]) -> Records {
    let chats = every_chat(3);
    let records = chats.iter().find(|chat| chat.what == what).unwrap().newest();
    let is_set_up = |name: &RecordName| matches!(name, RecordName::Keys | RecordName::Tombstone);
    let row = records.rows.iter().position(|(name, _)| is_set_up(name)).unwrap();
    let (_, contents) = plain(records, row);
    with_plain(records, row, &[&contents, end].concat())
}

#[test]
fn options_of_keys_and_tombstones_stand_behind_the_hosts_data() {
    const NO_DATA: &[u8] = b"\0\0\0\0";
    const EXPORTS: &[u8] = b"\x04\x01\0\0\0\x01";
    const SMALL: &[u8] = b"\x06\x01\0\0\0\x01";
    let kept = |number: u8| [&[number, 32, 0, 0, 0][..], &[7; 32]].concat();
    for what in ["asked", "open", "closed"] {
        for options in
            [EXPORTS.to_vec(), SMALL.to_vec(), kept(3), [kept(3), EXPORTS.to_vec()].concat(), [EXPORTS, SMALL].concat()]
        {
            assert_eq!(restore(&one_set_up_with(what, &[NO_DATA, &options].concat())).map(drop), Ok(()), "{what}");
        }
        for (fault, end, error) in [
            ("no data and no options", NO_DATA.to_vec(), StoreError::Damaged),
            ("wrong order", [NO_DATA, EXPORTS, &kept(3)].concat(), StoreError::Damaged),
            ("twice", [NO_DATA, EXPORTS, EXPORTS].concat(), StoreError::Damaged),
            ("the default", [NO_DATA, b"\x04\x01\0\0\0\0"].concat(), StoreError::Damaged),
            ("the default padding", [NO_DATA, b"\x06\x01\0\0\0\0"].concat(), StoreError::Damaged),
            ("no padding", [NO_DATA, b"\x06\x01\0\0\0\x02"].concat(), StoreError::Damaged),
            ("no flag", [NO_DATA, b"\x04\x01\0\0\0\x02"].concat(), StoreError::Damaged),
            ("a key too short", [NO_DATA, b"\x03\x01\0\0\0\x01"].concat(), StoreError::Damaged),
            ("cut", [NO_DATA, &kept(3)[..36]].concat(), StoreError::Damaged),
            ("a number of the set-up that is unknown", [NO_DATA, &kept(127)].concat(), StoreError::NewerVersion),
            ("a number of keys that is unknown", [NO_DATA, &kept(255)].concat(), StoreError::NewerVersion),
            ("one of the set-up behind one of keys", [NO_DATA, &kept(128), EXPORTS].concat(), StoreError::Damaged),
            ("the exporter of a candidate that is not there", [NO_DATA, &kept(129)].concat(), StoreError::Damaged),
        ] {
            assert_eq!(restore(&one_set_up_with(what, &end)).map(drop), Err(error), "{what}: {fault}");
        }
        let exporter = restore(&one_set_up_with(what, &[NO_DATA, &kept(128)].concat())).map(drop);
        assert_eq!(exporter, if what == "open" { Ok(()) } else { Err(StoreError::Damaged) }, "{what}");
    }
}
