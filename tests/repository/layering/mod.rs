//! The import law: who may name whom, read from the paths in `src`.
//!
//! ```text
//! layer 0  time id content secret error env names each other
//! layer 1  crypto::*                              layer 0, crypto
//!          wire::*                                layer 0, wire
//! layer 2  envelope seq rekey destruct timers     layers 0 and 1, never each other
//!          verify rights
//!          media::*                               layer 0, crypto, media
//! layer 3  profile agreement message event chat   everything but hazmat; `chat` only by store and itself
//!          record frame store
//!          hazmat                                 everything but chat, and nothing but `pub use`
//!          lib.rs                                 everything
//! ```
//!
//! What counts: every path that starts with `crate::` or climbs out of its file with `super::`, in `use`
//! lines and in code. What does not: comments, strings, and modules under `#[cfg(test)]`, which may use
//! anything to set a scene. A name at the crate root that is no module (`crate::Chat`) would hide where it
//! lives, so it is a breach too.

use std::fs;
use std::path::Path;

const VOCABULARY: &[&str] = &["time", "id", "content", "secret", "error", "env", "names"];
const PRIMITIVES: &[&str] = &["crypto", "wire"];
const IDEAS: &[&str] = &["envelope", "seq", "rekey", "destruct", "timers", "verify", "rights", "media"];
const COMPOSITION: &[&str] =
    &["profile", "agreement", "message", "event", "chat", "record", "frame", "store", "hazmat"];

fn layer(module: &str) -> Option<u8> {
    let layers = [VOCABULARY, PRIMITIVES, IDEAS, COMPOSITION];
    (0..).zip(layers).find(|(_, names)| names.contains(&module)).map(|(layer, _)| layer)
}

/// Whether the top-level module `from` may import the top-level module `to`.
fn allowed(from: &str, to: &str) -> bool {
    let (Some(from_layer), Some(to_layer)) = (layer(from), layer(to)) else {
        return false;
    };
    match (from, to) {
        _ if from == to => true,
        ("store", "chat") => true,
        (_, "chat" | "hazmat") => false,
        ("media", _) => to_layer == 0 || to == "crypto",
        _ if to_layer == from_layer => from_layer == 0 || from_layer == 3,
        _ => to_layer < from_layer,
    }
}

/// The breaches of one file; `module` is its path without `crate::`, empty for lib.rs.
fn breaches(module: &str, source: &str) -> Vec<String> {
    let tokens = without_tests(&tokens(source));
    if module.is_empty() {
        return breaches_of_root(&tokens);
    }
    let top = module.split("::").next().unwrap_or_default();
    if layer(top).is_none() {
        return vec![format!("`{top}` is in no layer: name its layer in tests/repository/layering.rs")];
    }
    let mut found = Vec::new();
    for target in imports(module, &tokens) {
        if layer(&target).is_none() {
            found.push(format!("{module}: `crate::{target}` is no module: import from where it lives"));
        } else if !allowed(top, &target) {
            found.push(format!("{module}: `{top}` must not import `{target}`"));
        }
    }
    if top == "hazmat" {
        let items = ["fn", "struct", "enum", "union", "trait", "impl", "const", "static", "type", "macro_rules"];
        let own = tokens.iter().filter(|t| items.contains(&t.as_str()));
        found.extend(own.map(|t| format!("hazmat: `{t}`: only re-exports live here")));
    }
    found
}

/// lib.rs imports what it likes, but it holds the two promises of the whole crate.
fn breaches_of_root(tokens: &[String]) -> Vec<String> {
    let text = tokens.join(" ");
    let promises = ["# ! [ no_std ]", "# ! [ forbid ( unsafe_code ) ]"];
    let broken = promises.iter().filter(|promise| !text.contains(**promise));
    broken.map(|promise| format!("lib.rs: `{}` is missing", promise.replace(' ', ""))).collect()
}

/// The top-level names that paths in this file reach.
fn imports(module: &str, tokens: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    // The braces that are open: `Some` where one is the body of an inline module.
    let mut open: Vec<bool> = Vec::new();
    let depth_of_file = module.split("::").count();
    let text = |i: usize| tokens.get(i).map_or("", String::as_str);

    let mut i = 0;
    while i < tokens.len() {
        match text(i) {
            "{" => open.push(i >= 2 && text(i - 2) == "mod"),
            "}" => {
                open.pop();
            }
            // `self::super::` climbs like `super::`, so `self` needs no case of its own.
            "crate" | "super" => {
                let mut depth = depth_of_file + open.iter().filter(|is_module| **is_module).count();
                let restricted = i > 0 && text(i - 1) == "(" && text(i + 1) == ")";
                loop {
                    depth = if text(i) == "crate" { 0 } else { depth.saturating_sub(1) };
                    if text(i + 1) != "::" || text(i + 2) != "super" {
                        break;
                    }
                    i += 2;
                }
                if depth == 0 && !restricted {
                    if text(i + 1) == "::" {
                        first_names(tokens, i + 2, &mut found);
                    } else {
                        // `use crate as c;` would hide every path that follows.
                        found.push(text(i).to_owned());
                    }
                }
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// The first segments of the path or `{tree}` that starts at `i`.
fn first_names(tokens: &[String], mut i: usize, found: &mut Vec<String>) {
    if tokens.get(i).is_none_or(|t| t != "{") {
        found.extend(tokens.get(i).cloned());
        return;
    }
    let mut depth = 0;
    let mut starts = false;
    while let Some(token) = tokens.get(i) {
        match token.as_str() {
            "{" => {
                depth += 1;
                starts = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," => starts = depth == 1,
            name => {
                if starts {
                    found.push(name.to_owned());
                }
                starts = false;
            }
        }
        i += 1;
    }
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

#[test]
fn the_sources_obey_the_law() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    assert!(files.iter().any(|(module, _)| module.is_empty()), "lib.rs was not read");
    let found: Vec<_> = files.iter().flat_map(|(module, source)| breaches(module, source)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn breaches_are_found() {
    for (module, source, expected) in [
        // who
        ("time", "use crate::wire::Reader;", "`time` must not import `wire`"),
        ("crypto::ige", "use crate::wire;", "`crypto` must not import `wire`"),
        ("wire::reader", "use crate::crypto::kdf;", "`wire` must not import `crypto`"),
        ("crypto", "use crate::seq::Seq;", "`crypto` must not import `seq`"),
        ("seq", "use crate::envelope;", "`seq` must not import `envelope`"),
        ("media::chain", "use crate::wire::Writer;", "`media` must not import `wire`"),
        ("media", "use crate::seq::Seq;", "`media` must not import `seq`"),
        ("rekey", "use crate::media::ChainKey;", "`rekey` must not import `media`"),
        ("seq", "use crate::message::Message;", "`seq` must not import `message`"),
        ("message", "use crate::chat::Chat;", "`message` must not import `chat`"),
        ("frame", "use crate::chat;", "`frame` must not import `chat`"),
        ("hazmat", "pub use crate::chat::Chat;", "`hazmat` must not import `chat`"),
        ("chat", "use crate::hazmat::ige;", "`chat` must not import `hazmat`"),
        ("hazmat", "pub fn helper() {}", "only re-exports"),
        ("util", "", "`util` is in no layer: name its layer"),
        // how
        ("seq", "fn f() { crate::rekey::start(); }", "`rekey`"),
        ("seq", "use super::rekey;", "`rekey`"),
        ("crypto::ige", "use super::super::wire;", "`wire`"),
        ("crypto::ige", "use self::super::super::wire;", "`wire`"),
        ("seq", "mod inner { use super::super::rekey; }", "`rekey`"),
        ("seq", "use crate::{id::{Layer, SeqNo}, rekey};", "`rekey`"),
        ("seq", "use crate::{rekey::{A, B}, id};", "`rekey`"),
        ("seq", "use ::core::fmt; pub(in crate::rekey) fn f() {}", "`rekey`"),
        ("seq", "use crate::r#rekey;", "`rekey`"),
        ("seq", "const Q: char = '\"'; use crate::rekey; // \"", "`rekey`"),
        ("seq", "const Q: &str = r#\"\"\"#; use crate::rekey; // \"", "`rekey`"),
        ("seq", "fn f<'a>(c: &'a u8) { crate::rekey::f(c) }", "`rekey`"),
        ("seq", "#[cfg(test)] mod tests { } use crate::rekey;", "`rekey`"),
        ("seq", "#[cfg(feature = \"std\")] mod io { use crate::rekey; }", "`rekey`"),
        ("seq", "#[cfg(not(test))] mod inner { use crate::rekey; }", "`rekey`"),
        ("seq", "#[cfg(test)] use crate::rekey;", "`rekey`"),
        ("seq", "use crate::Rekey;", "`crate::Rekey` is no module"),
        ("seq", "use super::*;", "`crate::*` is no module"),
        ("seq", "use crate as c;", "`crate::crate` is no module"),
        // lib.rs
        ("", "#![no_std]", "forbid(unsafe_code)"),
        ("", "#![forbid(unsafe_code)]", "no_std"),
        ("", "#![forbid(unsafe_code)] // #![no_std]", "no_std"),
        ("", "#![no_std] #![deny(unsafe_code)]", "forbid(unsafe_code)"),
        ("", "#![forbid(unsafe_code)] #![cfg_attr(not(feature = \"std\"), no_std)]", "no_std"),
    ] {
        let found = breaches(module, source);
        assert_eq!(found.len(), 1, "{module}: {source}: {found:?}");
        assert!(found[0].contains(expected), "{module}: {source}: {found:?}");
    }
}

#[test]
fn the_lawful_is_let_through() {
    for (module, source) in [
        ("time", "use crate::{error::PeerFault, id::Layer};"),
        ("crypto::ige", "use crate::secret::Secret; use super::kdf; use crate::crypto::fingerprint;"),
        ("wire", "mod reader; pub use self::reader::Reader; use crate::error;"),
        ("rekey", "use crate::{crypto::modp, wire::Reader, id::ExchangeId};"),
        ("media::many", "use crate::crypto::ige; use super::{chain, key}; use crate::media::segments;"),
        ("store", "use crate::chat::Chat; use crate::record::Batch;"),
        ("chat::rekey", "use super::Chat; use crate::chat::queue; use crate::rekey;"),
        ("event", "use crate::message::Message;"),
        ("hazmat", "pub use crate::wire; pub mod ige { pub use crate::crypto::ige::{decrypt, encrypt}; }"),
        ("seq", "mod inner { use super::Seq; pub(crate) fn f() {} pub(super) struct S; }"),
        ("seq", "// crate::rekey\n/* crate::rekey /* */ crate::rekey */ const A: &str = \"crate::rekey\";"),
        ("seq", "/// See [`crate::rekey`].\nfn f() {}"),
        ("seq", "fn f() {} #[cfg(test)]\nmod tests { use super::*; use crate::rekey; fn g() { if true {} } }"),
        ("seq", "#[cfg(all(test, feature = \"std\"))] #[allow(dead_code)] mod tests { use crate::rekey; }"),
        ("", "#![no_std]\n#![forbid(unsafe_code)]\nuse crate::chat::Chat; pub use hazmat as h;"),
    ] {
        assert_eq!(breaches(module, source), Vec::<String>::new(), "{module}: {source}");
    }
}

#[test]
fn every_module_has_one_layer() {
    let all = [VOCABULARY, PRIMITIVES, IDEAS, COMPOSITION].concat();
    for module in &all {
        assert_eq!(all.iter().filter(|other| *other == module).count(), 1, "{module}");
    }
}
