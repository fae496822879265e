//! Labels, constructors (SPEC TL-1) and defaults (SPEC LIM-4) stand in `SPEC.md` as they are in the code.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use secretchat::frame::FragmentBounds;
use secretchat::store::Timing;
use secretchat::transfer::Bounds;
use secretchat::{Limits, RekeyPolicy};

use super::table;

#[test]
fn every_label_of_the_sources_stands_in_text_and_in_hex() {
    let mut used = BTreeSet::new();
    labels(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
    let mut listed = BTreeSet::new();
    for row in table("| label | hex | clause |") {
        assert_eq!(row[1], hex::encode(row[0]), "{}", row[0]);
        assert!(listed.insert(row[0].to_owned()), "{} twice", row[0]);
    }
    assert_eq!(used, listed, "left: in the sources; right: in SPEC.md");
}

/// What stands between quotes and begins as a label does.
fn labels(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            labels(&path, found);
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let quoted = text.match_indices("b\"secretchat/").filter_map(|(at, _)| text[at + 2..].split('"').next());
        found.extend(quoted.map(str::to_owned));
    }
}

#[test]
fn the_constructor_table_is_the_schema() {
    let mut layer = "";
    let mut schema = Vec::new();
    for line in include_str!("../../../schema/secret.tl").lines() {
        if let Some(number) = line.strip_prefix("// layer ") {
            layer = number;
        } else if let Some((head, result)) = line.split_once(" = ") {
            let (head, fields) = head.split_once(' ').unwrap_or((head, ""));
            let (name, id) = head.split_once('#').unwrap();
            schema.push([layer, name, &format!("0x{id}"), fields, result.trim_matches(';')].map(str::to_owned));
        }
    }
    let listed = table("| layer | constructor | id | fields in wire order | type |");
    assert_eq!(schema.len(), 85);
    assert_eq!(listed, schema);
}

// SPEC TL-1.
#[test]
fn ids_are_checksums_of_the_schema() {
    // The check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms.
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    let (mut canonical, mut with_bytes) = (0, Vec::new());
    for line in include_str!("../../../schema/secret.tl").lines().filter(|line| line.contains(" = ")) {
        let (name, rest) = line.split_once('#').unwrap();
        let id = u32::from_str_radix(&rest[..8], 16).unwrap();
        let fields = rest[8..].trim_end_matches(';').split(' ').filter(|field| !field.ends_with("?true"));
        let text = name.to_owned() + &fields.collect::<Vec<_>>().join(" ").replace('<', " ").replace('>', "");
        if crc32(text.replace(":bytes", ":string").replace("?bytes", "?string").as_bytes()) == id {
            canonical += 1;
        } else {
            assert_eq!(crc32(text.as_bytes()), id, "{text}");
            with_bytes.push(id);
        }
    }
    assert_eq!((canonical, with_bytes), (84, vec![0x6abd_9782]));
}

fn crc32(text: &[u8]) -> u32 {
    !text.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[test]
fn defaults_are_those_of_the_code() {
    let (ours, telegram) = (fields(&RekeyPolicy::x25519()), fields(&RekeyPolicy::telegram()));
    let rekey = ours.into_iter().zip(telegram).map(|((name, x25519), (_, telegram))| {
        let both = if x25519 == telegram { x25519 } else { format!("{x25519} / {telegram}") };
        (name, both)
    });
    let plain = [
        ("Limits", fields(&Limits::default())),
        ("Timing", fields(&Timing::default())),
        ("Bounds", fields(&Bounds::default())),
        ("FragmentBounds", fields(&FragmentBounds::default())),
    ];
    let code: BTreeSet<_> = plain
        .into_iter()
        .chain([("RekeyPolicy", rekey.collect())])
        .flat_map(|(owner, fields)| fields.into_iter().map(move |(name, value)| (format!("{owner}.{name}"), value)))
        .collect();
    let spec: BTreeSet<_> = table("| setting | default | unit | clause |")
        .iter()
        .map(|row| (row[0].to_owned(), row[1].replace(',', "")))
        .collect();
    assert_eq!(code.len(), 28);
    assert_eq!(code, spec, "left: the code; right: SPEC.md");
}

/// The fields of a flat struct, by its own account, so that a new one is seen. Durations are in seconds.
fn fields(settings: &impl Debug) -> Vec<(String, String)> {
    let text = format!("{settings:?}");
    let inside = text.split_once(" { ").unwrap().1.trim_end_matches(" }");
    let value = |value: &str| value.strip_suffix('s').filter(|s| s.parse::<u64>().is_ok()).unwrap_or(value).to_owned();
    inside
        .split(", ")
        .map(|field| field.split_once(": ").unwrap())
        .map(|(name, v)| (name.to_owned(), value(v)))
        .collect()
}
