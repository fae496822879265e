//! `test-vectors/README.md` explains every field of every file, and no field that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

const PAGE: &str = include_str!("../../test-vectors/README.md");
/// The format of recordings, as they name it.
const RECORDING: &str = "see ../README.md";
/// Below these the names are those of Telegram's schema, or of TDLib's calls, and the page says so.
const OF_THE_SCHEMA: [&str; 5] = ["fields", "decoded", "args", "input_file", "file"];

/// The names of all fields below a value.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                if !OF_THE_SCHEMA.contains(&name.as_str()) {
                    names(value, found);
                }
            }
        }
        _ => {}
    }
}

fn files(folder: &Path, found: &mut Vec<Value>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap());
        }
    }
}

/// Names of fields, kinds and flags by format. What the files name things by (the keys of envelopes) is no field.
fn by_format() -> BTreeMap<String, BTreeSet<String>> {
    let mut read = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors"), &mut read);
    let mut formats: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for mut file in read {
        let format = file["format"].as_str().unwrap().trim_start_matches("secretchat/").to_owned();
        let found = formats.entry(format).or_default();
        if let Some(named) = file.get("keys").filter(|keys| keys.is_object()) {
            names(&Value::from_iter(named.as_object().unwrap().values().cloned()), found);
            file["keys"] = Value::Null;
        }
        names(&file, found);
        for case in file["cases"].as_array().into_iter().flatten() {
            found.extend(case["kind"].as_str().map(str::to_owned));
            let flags = case["flags"].as_array().into_iter().flatten();
            found.extend(flags.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    formats
}

/// What stands in `code` in a part of the page.
fn code(text: &str) -> BTreeSet<&str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    rest.split("\n## ").next().unwrap().split("\n### ").next().unwrap()
}

/// The section of a format. `script-1` shares that of `conversation-1`.
fn section_of(format: &str) -> &'static str {
    match format {
        RECORDING => section("\n### Recordings\n"),
        "conversation-1" | "script-1" => section("\n### `conversation-1` and `script-1`\n"),
        _ => section(&format!("\n### `{format}`\n")),
    }
}

#[test]
fn every_field_kind_and_flag_is_explained() {
    let common = code(section("\n## Form\n"));
    let formats = by_format();
    for (format, found) in &formats {
        let mut explained = code(section_of(format));
        // Some say what is different.
        match format.as_str() {
            "hybrid-profile-1" => explained.extend(code(section_of("x25519-profile-1"))),
            "client-1" => explained.extend(code(section_of("conversation-1"))),
            _ => {}
        }
        let missing: Vec<_> =
            found.iter().filter(|name| !explained.contains(name.as_str()) && !common.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "{format}: {missing:?}");
    }
    assert!(formats.len() > 20);
}

#[test]
fn no_table_explains_a_field_that_is_not_there() {
    let mut rows = 0;
    for (format, found) in by_format() {
        let lines: Vec<_> = section_of(&format).lines().collect();
        for begin in (0..lines.len()).filter(|at| lines[*at].starts_with("| field |")) {
            for row in lines[begin + 2..].iter().take_while(|line| line.starts_with('|')) {
                let field = row.split(" | ").next().unwrap();
                for name in code(field) {
                    assert!(found.contains(name), "{format}: {name}");
                    rows += 1;
                }
            }
        }
    }
    assert!(rows > 60, "{rows}");
}

// A stranger follows it without Rust.
#[test]
fn the_page_sends_nobody_to_the_sources() {
    let fields = PAGE.split_once("\n## The formats\n").unwrap().1.split_once("\n## Making and checking\n").unwrap().0;
    assert!(!fields.contains(".rs"), "a field is explained in Rust");
}
