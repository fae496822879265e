//! Every vector file is of the form that the README describes, and its program is the one that wrote it.
//!
//! That the program writes these bytes is a matter of Python: `cargo xtask vectors --check`, which the gate runs.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::json::{list, parse, text};

/// What others made, or this crate, and no program here.
const OF_OTHERS: [&str; 7] = [
    "primitives.json",
    "x25519-profile-published.json",
    "hybrid-profile-published.json",
    "records/written.json",
    "telethon.json",
    "mtkruto.json",
    "madelineproto.json",
];

/// The JSON files below a folder, but the recordings.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| match path.is_dir() {
        true if path.ends_with("tdlib") => vec![],
        true => files(&path),
        false => vec![path],
    });
    found.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

fn check(path: &Path, file: &Value) -> (usize, usize) {
    let name = path.display();
    let format = text(&file["format"]).strip_prefix("secretchat/").and_then(|format| format.rsplit_once('-'));
    assert!(format.is_some_and(|(_, version)| matches!(version, "1" | "2")), "{name}");
    assert!(list(&file["clause"]).iter().all(|clause| text(clause).contains('-')), "{name}");
    assert!(!text(&file["comment"]).is_empty() && !text(&file["origin"]).is_empty(), "{name}");
    let mut ids = HashSet::new();
    let (mut valid, mut invalid) = (0, 0);
    for case in list(&file["cases"]) {
        assert!(ids.insert(text(&case["id"])), "{name}: {} twice", case["id"]);
        assert!(case["comment"].is_string() && case["kind"].is_string() && case["flags"].is_array(), "{name}");
        match text(&case["result"]) {
            "valid" => valid += 1,
            "invalid" => {
                assert!(case["error"].is_string(), "{name}: {} names no error", case["id"]);
                invalid += 1;
            }
            other => panic!("{name}: {other}"),
        }
    }
    (valid, invalid)
}

#[test]
fn files_are_of_their_programs() {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors"));
    assert!(files.len() >= 22, "{}", files.len());
    for path in files {
        let name = path.display();
        let file = parse(&std::fs::read_to_string(&path).unwrap());
        check(&path, &file);
        if OF_OTHERS.iter().any(|other| path.ends_with(other)) {
            assert!(file["generator"].is_null(), "{name}");
            continue;
        }
        let uses = file["generator"]["uses"].as_array().unwrap();
        let sources = [&file["generator"]["program"]].into_iter().chain(uses);
        let mut digest = Sha256::new();
        for source in sources {
            // A checkout may have other ends of lines.
            let source = std::fs::read_to_string(path.with_file_name(text(source))).unwrap();
            digest.update(source.replace("\r\n", "\n"));
        }
        let digest = hex::encode(digest.finalize());
        assert_eq!(text(&file["generator"]["sha256"]), digest, "{name} is stale: cargo xtask vectors");
    }
}
