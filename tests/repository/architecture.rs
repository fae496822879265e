//! ARCHITECTURE.md names files: each of them is there.

use std::path::Path;

const PAGE: &str = include_str!("../../ARCHITECTURE.md");

/// The paths in code marks, with each choice in braces written out.
fn named(page: &str) -> Vec<String> {
    let marked = page.split('`').skip(1).step_by(2).filter(|text| !text.contains([' ', '\n']));
    let paths = marked.filter(|text| text.contains('/') || text.ends_with(".rs") || text.ends_with(".md"));
    paths.filter(|path| !path.contains("NAME")).flat_map(written_out).collect()
}

fn written_out(path: &str) -> Vec<String> {
    match path.split_once('{').and_then(|(head, rest)| Some((head, rest.split_once('}')?))) {
        Some((head, (choices, tail))) => choices.split(',').map(|choice| format!("{head}{choice}{tail}")).collect(),
        None => vec![path.to_owned()],
    }
}

#[test]
fn every_file_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = named(PAGE);
    assert!(found.len() > 40, "{found:?}");
    for path in found {
        assert!(root.join(&path).exists() || root.join("src").join(&path).exists(), "{path}");
    }
}

#[test]
fn choices_are_written_out_and_a_missing_file_is_seen() {
    assert_eq!(named("see `a/{b,c}.rs`, `a b/c` and `word`"), ["a/b.rs", "a/c.rs"]);
    assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join("a/b.rs").exists());
}
