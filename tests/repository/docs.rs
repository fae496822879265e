//! What every public function says of itself begins with what it does.

use std::fs;
use std::path::Path;

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

#[test]
fn the_text_of_a_public_function_begins_with_a_verb() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "crates/ige-lanes/src", "crates/secretchat-markdown/src", "crates/secretchat-sqlite/src"] {
        sources(&root.join(folder), &mut found);
    }
    assert!(found.len() > 100);
    let bad: Vec<_> = found.iter().flat_map(|(path, source)| without_a_verb(path, source)).collect();
    assert!(bad.is_empty(), "\n{}", bad.join("\n"));
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
    "HostRows",
    "Invitation",
    "Limits",
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
    for folder in ["src", "crates/secretchat-sqlite/src", "crates/secretchat-redb/src"] {
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
