//! The documentation of items begins with a sentence, and that of a public function with what the function does.

use std::fs;
use std::path::Path;

/// The sources of the published crates.
const FOLDERS: [&str; 11] = [
    "src",
    "crates/ige-lanes/src",
    "crates/secretchat-async/src",
    "crates/secretchat-ffi/src",
    "crates/secretchat-grammers/src",
    "crates/secretchat-markdown/src",
    "crates/secretchat-media/src",
    "crates/secretchat-python/src",
    "crates/secretchat-postgres/src",
    "crates/secretchat-redb/src",
    "crates/secretchat-sqlite/src",
];

/// Documented public functions whose text does not begin with a verb in the third person, as `path: function: text`.
fn without_a_verb(path: &str, source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function(line) else { continue };
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#["));
        let Some(first) = above.filter_map(|line| line.strip_prefix("///")).last() else { continue };
        let word = first.split_whitespace().next().unwrap_or_default();
        let is_verb = word.ends_with('s') && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.len() > 2;
        if !is_verb {
            found.push(format!("{path}: {name}:{first}"));
        }
    }
    found
}

/// Words that begin a fragment or a clause instead of a sentence.
const NOT_FIRST: [&str; 8] = ["Of", "As", "Which", "That", "Whether", "What", "Whoever", "Why"];

/// Documented items and modules whose first paragraph is not a sentence, as `path:line: text`.
fn without_a_sentence(path: &str, source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(marker) = ["///", "//!"].into_iter().find(|marker| line.starts_with(marker)) else { continue };
        // An attribute of documentation stands in the middle of a text.
        let inside = [marker, "#[cfg_attr", "#![cfg_attr", "#[doc"];
        if at > 0 && inside.iter().any(|before| lines[at - 1].starts_with(before)) {
            continue;
        }
        let block = lines[at..].iter().map_while(|line| line.strip_prefix(marker));
        let paragraph: Vec<_> =
            block.map(str::trim).take_while(|line| !line.is_empty() && !line.starts_with("```")).collect();
        let text = paragraph.join(" ");
        // A heading over methods, and what a macro or another file fills in.
        if text.is_empty() || text.starts_with("# ") || text.starts_with('|') {
            continue;
        }
        let item =
            lines[at..].iter().find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#["));
        let field = marker == "///" && item.is_some_and(|item| is_field_or_flag(item));
        let begins = text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || "`*[".contains(c));
        let first = text.split(' ').next().unwrap_or_default();
        let clause = NOT_FIRST.contains(&first) && !(field && first == "Whether");
        let ends = text.ends_with(['.', ':']) || text.ends_with(".**") || text.starts_with('`') && text.ends_with('`');
        if !begins || !ends || clause {
            found.push(format!("{path}:{}: {text}", at + 1));
        }
    }
    found
}

/// Whether a line declares a field or a private item, which may say what it answers: "Whether it is open."
fn is_field_or_flag(line: &str) -> bool {
    !line.contains("fn ") && line.contains(": ")
}

/// The name of a public function that is declared in the line.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let rest = rest.strip_prefix("const ").unwrap_or(rest);
    rest.strip_prefix("fn ")?.split(['(', '<']).next()
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push((path.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The sources of everything that is published, as path and text.
fn published() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut found);
    }
    assert!(found.len() > 100);
    found
}

#[test]
fn the_text_of_a_public_function_begins_with_a_verb() {
    let found = published();
    let bad: Vec<_> = found.iter().flat_map(|(path, source)| without_a_verb(path, source)).collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
}

#[test]
fn documentation_begins_with_a_sentence() {
    let mut found = published();
    // The generator writes the one, and each chapter of the other begins with its title.
    found.retain(|(path, _)| !path.ends_with("src/wire/schema.rs") && !path.contains("/src/guide/"));
    let bad: Vec<_> = found.iter().flat_map(|(path, source)| without_a_sentence(path, source)).collect();
    assert!(bad.is_empty(), "{} texts\n{}", bad.len(), bad.join("\n"));
}

#[test]
fn a_text_that_is_no_sentence_is_found() {
    for text in ["the next frame.", "The next frame", "Of the newest batch.", "As it was stored.", "What it says."] {
        for item in ["pub struct Frame;", "Frame,", "pub frame: u8,", "pub mod frame {", "pub trait Frame {"] {
            let source = format!("/// {text}\n///\n/// More.\n#[must_use]\n{item}");
            assert_eq!(without_a_sentence("a.rs", &source), [format!("a.rs:1: {text}")], "{item}");
        }
    }
    assert_eq!(without_a_sentence("a.rs", "//! Whether it is over.\n\nuse a;").len(), 1);
    assert_eq!(without_a_sentence("a.rs", "/// Whether it is over.\npub fn is_over(&self) -> bool {").len(), 1);
    let good = "//! A frame.\n\n/// Whether it is over,\n/// and why.\npub over: bool,\n/// `None` is now.\nNow,\n/// # Ask\nimpl A {";
    assert_eq!(without_a_sentence("a.rs", good), [""; 0]);
}

#[test]
fn a_text_without_a_verb_is_found() {
    for text in ["The next frame.", "Whether it is over.", "how many there are.", "`None` without one."] {
        let source = format!("/// {text}\n#[must_use]\npub const fn next<T>(&self) -> T {{");
        assert_eq!(without_a_verb("a.rs", &source), [format!("a.rs: next: {text}")]);
    }
    let good =
        "/// Returns the next frame,\n/// or what it needs.\n#[must_use]\npub fn next(&self)\npub fn undocumented()";
    assert_eq!(without_a_verb("a.rs", good), [""; 0]);
}

/// What a host touches: each has an example that compiles, above its declaration.
const TYPES_OF_A_HOST: &[&str] = &[
    "Action",
    "BlockingStore",
    "Bounds",
    "Chat",
    "Checkpoint",
    "Config",
    "ContentLease",
    "Decoder",
    "DhGroup",
    "Diagnosis",
    "Document",
    "Draft",
    "Driver",
    "Env",
    "Event",
    "FileReceiver",
    "FileSender",
    "FileStore",
    "FolderFiles",
    "HostRows",
    "Invitation",
    "Limits",
    "Link",
    "MediaCopies",
    "MediaDecryptReader",
    "MediaDecryptor",
    "MediaEncryptReader",
    "MediaEncryptor",
    "MediaKey",
    "MediaLease",
    "MemoryStore",
    "Message",
    "Monotonic",
    "Output",
    "Peeker",
    "Photo",
    "PostgresStore",
    "Progress",
    "Ranges",
    "Reassembler",
    "RedbStore",
    "RekeyPolicy",
    "ResumableMediaDecryptor",
    "ResumableMediaEncryptor",
    "Rights",
    "SqliteStore",
    "Store",
    "StoreKey",
    "Timestamp",
    "Timing",
    "Ttl",
    "TtlBounds",
    "Verification",
    "Worker",
    "WorkerId",
];

/// Whether the type is declared in the source with an example above it; `None` if it is not declared there.
fn has_example(source: &str, name: &str) -> Option<bool> {
    let lines: Vec<_> = source.lines().collect();
    let declares = |line: &str| {
        let kinds = ["pub struct ", "pub enum ", "pub trait "];
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind));
        rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let at = lines.iter().position(|line| declares(line))?;
    let above = lines[..at].iter().rev().take_while(|line| line.starts_with("///") || line.starts_with("#["));
    Some(above.filter(|line| line.starts_with("/// ```")).count() >= 2)
}

#[test]
fn each_type_of_a_host_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in
        ["src", "crates/secretchat-sqlite/src", "crates/secretchat-redb/src", "crates/secretchat-postgres/src"]
    {
        sources(&root.join(folder), &mut found);
    }
    for name in TYPES_OF_A_HOST {
        let declared: Vec<_> = found.iter().filter_map(|(_, source)| has_example(source, name)).collect();
        assert_eq!(declared, [true], "{name}");
    }
}

#[test]
fn a_type_without_an_example_is_found() {
    assert_eq!(has_example("/// A chat.\n#[derive(Debug)]\npub struct Chat {", "Chat"), Some(false));
    assert_eq!(
        has_example("/// A chat.\n///\n/// ```\n/// let a = 1;\n/// ```\n#[derive(Debug)]\npub struct Chat;", "Chat"),
        Some(true)
    );
    assert_eq!(has_example("pub struct ChatState {\nstruct Chat {", "Chat"), None);
}

#[test]
fn each_chapter_of_the_guide_stands_in_its_table_and_has_code() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide");
    let mut chapters = Vec::new();
    sources(&guide, &mut chapters);
    let table = fs::read_to_string(guide.join("mod.rs")).unwrap();
    chapters.retain(|(path, _)| !path.ends_with("mod.rs"));
    assert!(chapters.len() >= 13);
    for (path, text) in chapters {
        let name = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        assert!(table.contains(&format!("//! | [`{name}`] | ")), "{name}");
        assert!(name == "terms" || text.contains("//! ```\n"), "{name} shows no code");
    }
}
