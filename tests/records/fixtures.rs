//! Records of format version 2 are read for ever: those that an independent program sealed by SPEC alone, and those that
//! this crate wrote (`test-vectors/records`, SPEC REC-1 to REC-6).
//!
//! With `SECRETCHAT_WRITE_RECORDS` set the latter file is written anew, for `verify.py` to read field by field. What is
//! committed is of a released format: it is added to, never replaced.

#[path = "../../crates/conformance/src/vectors/restored.rs"]
mod restored;

use std::fs;

use restored::told;
use secretchat::hazmat::records;
use secretchat::{
    Chat, ChatId, Checkpoint, Draft, Event, Notification, Output, RandomId, RecordName, Records, StoreError, StoreKey,
    Transmit, TransmitKind,
};
use serde_json::{Value, json};

use crate::support::pair::{env, env_at};
use crate::support::rich::{self, answer, every_chat};
use crate::support::rng::Seeded;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/records/");

fn file(name: &str) -> Value {
    serde_json::from_slice(&fs::read(format!("{FOLDER}{name}")).unwrap()).unwrap()
}

/// The cases of chats.
fn chats(file: &Value) -> Vec<&Value> {
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "chat").collect()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

fn restore(file: &Value, case: &Value) -> Result<Chat, StoreError> {
    let row = |place: &Value| {
        let row = &file["rows"][usize::try_from(place.as_u64().unwrap()).unwrap()];
        let name = RecordName::from_bytes(bytes(&row["name"])).unwrap();
        (name, hex::decode(row["sealed"].as_str().unwrap()).unwrap())
    };
    let rows = case["rows"].as_array().unwrap().iter().map(row).collect();
    let records = Records { chat: ChatId(bytes(&case["chat"])), rows };
    let noted = &case["remembered"];
    let remembered = noted["generation"]
        .as_str()
        .map(|generation| Checkpoint { generation: generation.parse().unwrap(), tag: bytes(&noted["tag"]) });
    Chat::restore(&records, &StoreKey::new(bytes(&case["store_key"])), remembered, &mut env(&mut Seeded::new(1)))
}

/// Each chat says what the file has, and lives on.
fn goes_on(file: &Value) -> usize {
    let chats = chats(file);
    lives_on(file, &chats);
    chats.len()
}

fn lives_on(file: &Value, chats: &[&Value]) {
    for case in chats {
        let what = &case["comment"];
        let mut chat = restore(file, case).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        for (field, value) in told(&mut chat, &mut env(&mut Seeded::new(1))).unwrap() {
            assert_eq!(value, case[field], "{what}: {field}");
        }
        answer(chat);
    }
}

#[test]
fn an_independent_program_seals_what_the_crate_reads() {
    assert_eq!(goes_on(&file("chats.json")), 51);
}

#[test]
fn what_the_program_made_wrong_is_refused() {
    let file = file("hostile.json");
    let chats = chats(&file);
    assert!(chats.len() > 500);
    are_refused(&file, &chats);
}

/// Each for the reason that the file has.
fn are_refused(file: &Value, chats: &[&Value]) {
    for case in chats {
        let refused = restore(file, case).map(drop).unwrap_err();
        assert_eq!(format!("{refused:?}"), case["error"].as_str().unwrap(), "{}", case["comment"]);
    }
}

// SPEC LIM-7.
#[test]
fn what_the_host_keeps_in_a_chat_is_read_by_the_same_rules() {
    let file = file("host_data.json");
    let (valid, invalid): (Vec<&Value>, Vec<&Value>) =
        chats(&file).into_iter().partition(|case| case["result"] == "valid");
    assert_eq!((valid.len(), invalid.len()), (9, 36));
    lives_on(&file, &valid);
    are_refused(&file, &invalid);
}

// SPEC DES-14, RIGHT-7.
#[test]
fn hidden_messages_and_caps_are_read_by_the_same_rules() {
    let file = file("hidden.json");
    let (valid, invalid): (Vec<&Value>, Vec<&Value>) =
        chats(&file).into_iter().partition(|case| case["result"] == "valid");
    assert_eq!((valid.len(), invalid.len()), (4, 28));
    lives_on(&file, &valid);
    are_refused(&file, &invalid);
    for case in valid {
        let mut chat = restore(&file, case).unwrap();
        chat.open_view(RandomId(-5), &mut env(&mut Seeded::new(1))).unwrap();
        let opened = crate::support::pair::events(&mut chat).into_iter().find_map(|event| match event {
            Event::Opened { lease, content, .. } => Some((lease.is_some(), content.unwrap())),
            _ => None,
        });
        let (has_key, content) = opened.unwrap();
        let content = content.content();
        let (text, shows) = match content.text.len() {
            4 => ("look".to_owned(), Notification::Nothing),
            _ => ("a".repeat(16_384 - 24), Notification::Sender),
        };
        assert!(has_key && content.text == text, "{}", case["comment"]);
        assert_eq!(content.rights.notification(), shows, "{}", case["comment"]);
    }
}

// SPEC REC-9, VER-4, EXP-2, DES-15.
#[test]
fn options_are_read_by_the_same_rules() {
    let file = file("options.json");
    let (valid, invalid): (Vec<&Value>, Vec<&Value>) =
        chats(&file).into_iter().partition(|case| case["result"] == "valid");
    assert_eq!((valid.len(), invalid.len()), (18, 106));
    let count = |field: &str| valid.iter().filter(|case| !case[field].is_null()).count();
    assert_eq!((count("verified"), count("exported"), count("host_data")), (6, 2, 6));
    lives_on(&file, &valid);
    are_refused(&file, &invalid);
}

// SPEC DES-15.
#[test]
fn a_name_that_stands_in_a_record_goes_with_its_message() {
    let file = file("options.json");
    let mut named = 0;
    for case in chats(&file).into_iter().filter(|case| case["comment"].as_str().unwrap().ends_with("timed 1")) {
        let Ok(mut chat) = restore(&file, case) else { continue };
        chat.open_view(RandomId(-5), &mut env(&mut Seeded::new(1))).unwrap();
        chat.handle_timeout(&mut env_at(5000, &mut Seeded::new(1)));
        let ended = crate::support::pair::events(&mut chat).into_iter().find_map(|event| match event {
            Event::Expired { random_id: RandomId(-5), file, .. } => Some(file),
            _ => None,
        });
        assert_eq!(ended.unwrap().as_deref(), Some("R\u{e4}der.jpg".as_bytes()), "{}", case["comment"]);
        named += 1;
    }
    assert_eq!(named, 3, "one of each profile");
}

// SPEC ENV-6. The length is that of FRAG-5.
#[test]
fn small_padding_that_stands_in_a_record_goes_on() {
    let file = file("options.json");
    let mut small = 0;
    for case in
        chats(&file).into_iter().filter(|case| case["comment"].as_str().unwrap().contains("options keys 6, 128"))
    {
        let Ok(mut chat) = restore(&file, case) else { continue };
        chat.send(&Draft::text("hi"), &mut env(&mut Seeded::new(1))).unwrap();
        let sealed = std::iter::from_fn(|| chat.poll_output()).find_map(|output| match output {
            Output::Transmit(Transmit { kind: TransmitKind::Ciphertext { bytes, .. }, .. }) => Some(bytes),
            _ => None,
        });
        assert_eq!(sealed.unwrap().len(), 104, "{}", case["comment"]);
        small += 1;
    }
    assert_eq!(small, 2, "the X25519 and the hybrid profile");
}

#[test]
fn what_the_crate_wrote_is_read_and_goes_on() {
    if std::env::var_os("SECRETCHAT_WRITE_RECORDS").is_some() {
        write();
    }
    assert_eq!(goes_on(&file("written.json")), 6);
}

fn write() {
    let (mut table, mut cases) = (Vec::new(), Vec::new());
    for chat in every_chat(8) {
        let newest = chat.newest();
        let opened = records::open(newest, &StoreKey::new(rich::STORE_KEY)).unwrap();
        let first = table.len();
        table.extend(newest.rows.iter().zip(opened).map(|((name, sealed), (_, generation, plain))| {
            json!({
                "name": hex::encode(name.to_bytes()),
                "generation": generation.to_string(),
                "plain": hex::encode(&*plain),
                "sealed": hex::encode(sealed),
            })
        }));
        let mut case = json!({
            "id": format!("chat-{}", cases.len()),
            "kind": "chat",
            "comment": chat.what,
            "flags": [],
            "result": "valid",
            "store_key": hex::encode(rich::STORE_KEY),
            "chat": newest.chat.to_string(),
            "remembered": null,
            "rows": (first..table.len()).collect::<Vec<_>>(),
        });
        let told = told(&mut rich::restore(newest).unwrap(), &mut env(&mut Seeded::new(1))).unwrap();
        told.into_iter().for_each(|(field, value)| case[field] = value);
        cases.push(case);
    }
    let file = json!({
        "format": "secretchat/records-2",
        "clause": ["REC-1", "REC-2", "REC-3", "REC-4", "REC-5", "DRV-2"],
        "origin": "written by this crate, tests/records_fixtures.rs",
        "generator": null,
        "comment": "Records as this version of the format has them. Added to, never replaced.",
        "rows": table,
        "cases": cases,
    });
    fs::write(format!("{FOLDER}written.json"), serde_json::to_string_pretty(&file).unwrap() + "\n").unwrap();
}
