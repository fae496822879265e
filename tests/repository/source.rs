//! The files of `src` as tokens.

use std::fs;
use std::path::Path;

/// One file of `src`.
pub(crate) struct File {
    /// Its path without `crate::`, empty for lib.rs.
    pub(crate) module: String,
    /// What it says outside of its tests.
    pub(crate) tokens: Vec<String>,
}

impl File {
    pub(crate) fn new(module: &str, source: &str) -> Self {
        Self { module: module.to_owned(), tokens: without_tests(&tokens(source)) }
    }
}

/// All files under `src`.
pub(crate) fn files() -> Vec<File> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    assert!(found.iter().any(|(module, _)| module.is_empty()), "lib.rs was not read");
    found.iter().map(|(module, source)| File::new(module, source)).collect()
}

/// Drops each `#[cfg(test)] mod name { .. }`, `#[cfg(all(test, ..))]` and more attributes included.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let mut end = i;
        let mut is_test = false;
        while tokens[end..].starts_with(&["#".to_owned(), "[".to_owned()]) {
            let attribute = &tokens[end..closed(tokens, end, "[", "]")];
            let text = attribute.concat();
            is_test |= text == "#[cfg(test)]" || text.starts_with("#[cfg(all(test,");
            end += attribute.len();
        }
        let is_module = |t: &[String]| t.len() > 2 && t[0] == "mod" && t[2] == "{";
        if is_test && is_module(&tokens[end..]) {
            i = closed(tokens, end, "{", "}");
        } else {
            end = end.max(i + 1);
            kept.extend_from_slice(&tokens[i..end]);
            i = end;
        }
    }
    kept
}

/// Where the first bracket from `i` on is closed: the index after it.
fn closed(tokens: &[String], mut i: usize, open: &str, close: &str) -> usize {
    let mut depth = 0;
    while i < tokens.len() {
        i += 1;
        if tokens[i - 1] == open {
            depth += 1;
        } else if tokens[i - 1] == close {
            depth -= 1;
            if depth == 0 {
                break;
            }
        }
    }
    i
}

/// Words, `::` and single signs; no comments, strings, characters or lifetimes.
fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        match (at(i), at(i + 1)) {
            ('/', '/') => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            ('/', '*') => {
                let mut depth = 0;
                while i < chars.len() {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            ('"', _) => i = end_of_quoted(&chars, i, '"'),
            // 'a' and '\n' are characters, 'a and 'static are lifetimes.
            ('\'', c) if c == '\\' || at(i + 2) == '\'' => i = end_of_quoted(&chars, i, '\''),
            ('\'', _) => {
                i += 1;
                while is_word(at(i)) {
                    i += 1;
                }
            }
            (':', ':') => {
                found.push("::".to_owned());
                i += 2;
            }
            (c, _) if is_word(c) => {
                let start = i;
                while is_word(at(i)) {
                    i += 1;
                }
                let word: String = chars[start..i].iter().collect();
                let raw = matches!(word.as_str(), "r" | "br" | "cr");
                if raw && at(i) == '#' && is_word(at(i + 1)) {
                    i += 1; // r#name is the word `name`
                } else if raw && matches!(at(i), '"' | '#') {
                    i = end_of_raw(&chars, i);
                } else {
                    found.push(word);
                }
            }
            (c, _) => {
                if !c.is_whitespace() {
                    found.push(c.to_string());
                }
                i += 1;
            }
        }
    }
    found
}

fn end_of_quoted(chars: &[char], start: usize, quote: char) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn end_of_raw(chars: &[char], start: usize) -> usize {
    let hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let mut i = start + hashes + 1;
    while i < chars.len() {
        let closing = chars[i + 1..].iter().take(hashes);
        if chars[i] == '"' && closing.filter(|c| **c == '#').count() == hashes {
            return i + 1 + hashes;
        }
        i += 1;
    }
    i
}

/// (module path, source) of each file under `src`.
fn sources(folder: &Path, module: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inner = [module, name].join("::").trim_start_matches("::").to_owned();
        if path.is_dir() {
            sources(&path, &inner, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let of_folder = name == "mod" || (name == "lib" && module.is_empty());
            let module = if of_folder { module.to_owned() } else { inner };
            found.push((module, fs::read_to_string(&path).unwrap()));
        }
    }
}
