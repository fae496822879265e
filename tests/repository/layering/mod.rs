//! The import law: who may name whom, read from the paths in `src`.
//!
//! ```text
//! layer 0  types::*                               types
//! layer 1  crypto::*                              layer 0, crypto
//!          wire::*                                layer 0, wire
//! layer 2  envelope seq rekey destruct verify     layers 0 and 1, never each other
//!          media::*                               layer 0, crypto, media
//! layer 3  profile agreement message output chat  everything but hazmat; `chat` only by store, transfer and
//!          record frame store transfer            itself
//!          hazmat                                 everything but chat, and nothing but `pub use`
//!          guide                                  nothing: it is text
//!          lib.rs                                 everything
//! ```
//!
//! What counts: every path that starts with `crate::` or climbs out of its file with `super::`, in `use`
//! lines and in code. What does not: comments, strings, and modules under `#[cfg(test)]`, which may use
//! anything to set a scene. A name at the crate root that is no module (`crate::Chat`) would hide where it
//! lives, so it is a breach too.

mod inside;
mod paths;

use std::collections::BTreeSet;

use paths::paths;

use crate::source::{File, files};

const VOCABULARY: &[&str] = &["types"];
const PRIMITIVES: &[&str] = &["crypto", "wire"];
const IDEAS: &[&str] = &["envelope", "seq", "rekey", "destruct", "verify", "media"];
const COMPOSITION: &[&str] =
    &["profile", "agreement", "message", "output", "chat", "record", "frame", "store", "transfer", "hazmat"];

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
        ("store" | "transfer", "chat") => true,
        (_, "chat" | "hazmat") => false,
        ("media", _) => to_layer == 0 || to == "crypto",
        _ if to_layer == from_layer => from_layer == 0 || from_layer == 3,
        _ => to_layer < from_layer,
    }
}

/// The breaches of one file.
fn breaches(file: &File) -> Vec<String> {
    let File { module, tokens } = file;
    if module.is_empty() {
        return breaches_of_root(tokens);
    }
    let top = module.split("::").next().unwrap_or_default();
    if top == "guide" {
        // A chapter may include text, which its examples share.
        let text = ["pub", "mod", ";", "#", "!", "[", "doc", "=", "include_str", "(", ")", "]"];
        let other = tokens.iter().filter(|t| !text.contains(&t.as_str()) && !is_chapter(t));
        return other.map(|t| format!("guide: `{t}`: only chapters live here, and they are text")).collect();
    }
    if layer(top).is_none() {
        return vec![format!("`{top}` is in no layer: name its layer in tests/repository/layering/mod.rs")];
    }
    let mut found = Vec::new();
    let reached: BTreeSet<_> = paths(file).into_iter().filter_map(|named| named.path.into_iter().next()).collect();
    for target in reached {
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

/// The names of the guide's chapters.
fn is_chapter(token: &str) -> bool {
    files().iter().any(|file| file.module.strip_prefix("guide::") == Some(token))
}

/// lib.rs imports what it likes, but it holds the two promises of the whole crate.
fn breaches_of_root(tokens: &[String]) -> Vec<String> {
    let text = tokens.join(" ");
    let promises = ["# ! [ no_std ]", "# ! [ forbid ( unsafe_code ) ]"];
    let broken = promises.iter().filter(|promise| !text.contains(**promise));
    broken.map(|promise| format!("lib.rs: `{}` is missing", promise.replace(' ', ""))).collect()
}

#[test]
fn the_sources_obey_the_law() {
    let found: Vec<_> = files().iter().flat_map(breaches).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn breaches_are_found() {
    for (module, source, expected) in [
        // who
        ("types::time", "use crate::wire::Reader;", "`types` must not import `wire`"),
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
        ("guide", "pub mod files; pub mod no_chapter;", "only chapters live here"),
        ("util", "", "`util` is in no layer: name its layer"),
        // how
        ("seq", "fn f() { crate::rekey::start(); }", "`rekey`"),
        ("seq", "use super::rekey;", "`rekey`"),
        ("crypto::ige", "use super::super::wire;", "`wire`"),
        ("crypto::ige", "use self::super::super::wire;", "`wire`"),
        ("seq", "mod inner { use super::super::rekey; }", "`rekey`"),
        ("seq", "use crate::{types::{Layer, SeqNo}, rekey};", "`rekey`"),
        ("seq", "use crate::{rekey::{A, B}, types};", "`rekey`"),
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
        let found = breaches(&File::new(module, source));
        assert_eq!(found.len(), 1, "{module}: {source}: {found:?}");
        assert!(found[0].contains(expected), "{module}: {source}: {found:?}");
    }
}

#[test]
fn the_lawful_is_let_through() {
    for (module, source) in [
        ("types::time", "use crate::types::{error::PeerFault, id::Layer};"),
        ("crypto::ige", "use crate::types::secret::Secret; use super::kdf; use crate::crypto::fingerprint;"),
        ("wire", "mod reader; pub use self::reader::Reader; use crate::types::error;"),
        ("rekey", "use crate::{crypto::modp, wire::Reader, types::id::ExchangeId};"),
        ("media::many", "use crate::crypto::ige; use super::{chain, key}; use crate::media::segments;"),
        ("store", "use crate::chat::Chat; use crate::record::Batch;"),
        ("chat::exchange", "use super::Chat; use crate::chat::model; use crate::rekey;"),
        ("output", "use crate::message::Message;"),
        ("guide", "//! Text.\npub mod files;"),
        ("hazmat", "pub use crate::wire; pub mod ige { pub use crate::crypto::ige::{decrypt, encrypt}; }"),
        ("seq", "mod inner { use super::Seq; pub(crate) fn f() {} pub(super) struct S; }"),
        ("seq", "// crate::rekey\n/* crate::rekey /* */ crate::rekey */ const A: &str = \"crate::rekey\";"),
        ("seq", "/// See [`crate::rekey`].\nfn f() {}"),
        ("seq", "fn f() {} #[cfg(test)]\nmod tests { use super::*; use crate::rekey; fn g() { if true {} } }"),
        ("seq", "#[cfg(all(test, feature = \"std\"))] #[allow(dead_code)] mod tests { use crate::rekey; }"),
        ("", "#![no_std]\n#![forbid(unsafe_code)]\nuse crate::chat::Chat; pub use hazmat as h;"),
    ] {
        assert_eq!(breaches(&File::new(module, source)), Vec::<String>::new(), "{module}: {source}");
    }
}

#[test]
fn every_module_has_one_layer() {
    let all = [VOCABULARY, PRIMITIVES, IDEAS, COMPOSITION].concat();
    for module in &all {
        assert_eq!(all.iter().filter(|other| *other == module).count(), 1, "{module}");
    }
}
