//! The law between the files of `src`: no circle anywhere, and the floors of `src/chat`.
//!
//! ```text
//! floor 0  input                                          nothing of chat
//! floor 1  model                                          floor 0
//! floor 2  chat (mod.rs)                                  floors 0 and 1
//! floor 3  turn                                           floors 0 to 2
//! floor 4  records receive send delivery exchange timers  floors 0 to 3, never each other
//!          invitation close verification export peek diagnosis
//! ```
//!
//! What a file hands on with `pub use`, and does not use itself, is no import.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Map, paths, segments};
use crate::source::{File, files};

const FLOORS: &[&[&str]] = &[
    &["input"],
    &["model"],
    &["chat"],
    &["turn"],
    &[
        "records",
        "receive",
        "send",
        "delivery",
        "exchange",
        "timers",
        "invitation",
        "close",
        "verification",
        "export",
        "peek",
        "diagnosis",
    ],
];

/// Which files each file imports from.
fn edges(files: &[File]) -> BTreeMap<String, BTreeSet<String>> {
    let map = Map::of(files);
    let mut edges = BTreeMap::new();
    for file in files {
        let named = paths(file).into_iter().filter(|named| !named.unused);
        let targets = named.filter_map(|named| map.file_of(&named.path).map(str::to_owned));
        edges.insert(file.module.clone(), targets.filter(|target| *target != file.module).collect());
    }
    edges
}

/// The files that import each other in a loop, each with the next of the loop.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(next) = open.pop() {
            for to in edges.get(&next).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|from| (from, reached(from))).collect();
    let in_circle = |from: &String, to: &String| all.get(to).is_some_and(|back| back.contains(from));
    let each = edges.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (from, to)));
    each.filter(|(from, to)| in_circle(from, to))
        .map(|(from, to)| format!("`{from}` imports `{to}`, in a circle"))
        .collect()
}

/// The breaches inside `src/chat`.
fn breaches_in_chat(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let room = |module: &str| match segments(module).as_slice() {
        [chat] if chat == "chat" => Some("chat".to_owned()),
        [chat, room, ..] if chat == "chat" => Some(room.clone()),
        _ => None,
    };
    let floor = |room: &str| FLOORS.iter().position(|rooms| rooms.contains(&room));
    let mut found = Vec::new();
    for (module, targets) in edges {
        let Some(from) = room(module) else { continue };
        if floor(&from).is_none() {
            found.push(format!("{module}: `{from}` is on no floor: name its floor in {}", file!()));
        }
        for target in targets {
            let Some(to) = room(target).filter(|to| *to != from) else { continue };
            if floor(&to) >= floor(&from) {
                found.push(format!("{module}: `{from}` must not import `{target}`"));
            }
        }
    }
    found
}

#[test]
fn no_file_imports_itself_through_others() {
    let found = circles(&edges(&files()));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_chat_is_built_from_the_ground() {
    let found = breaches_in_chat(&edges(&files()));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The edges of a few files, by module and source.
fn edges_of(sources: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
    let files: Vec<_> = sources.iter().map(|(module, source)| File::new(module, source)).collect();
    edges(&files)
}

#[test]
fn circles_are_found() {
    let root = ("", "mod a;");
    for (case, sources) in [
        ("by name", [("a", "mod b; struct A; use b::B;"), ("a::b", "use super::A; struct B;")]),
        ("by path in code", [("a", "mod b; fn f() { b::g() }"), ("a::b", "fn g() { crate::a::f() }")]),
        (
            "in a tree",
            [("a", "mod b; struct A; use self::b::{c::C, B};"), ("a::b", "use super::{A, self as a}; struct B;")],
        ),
        (
            "that is handed on and used",
            [("a", "mod b; pub use b::B; struct A(B);"), ("a::b", "use super::A; struct B;")],
        ),
    ] {
        let edges = edges_of(&[&[root], sources.as_slice()].concat());
        assert_eq!(circles(&edges).len(), 2, "{case}: {edges:?}");
    }
    let faces = [
        ("a", "mod b; mod c; pub use b::B; pub use c::*;"),
        ("a::b", "use super::C; pub struct B;"),
        ("a::c", "pub struct C;"),
    ];
    let edges = edges_of(&[&[root], faces.as_slice()].concat());
    assert_eq!(circles(&edges), Vec::<String>::new(), "what is only handed on is no import");
    assert_eq!(edges["a::b"], BTreeSet::from(["a::c".to_owned()]), "and leads to where it lives");
}

#[test]
fn breaches_in_the_chat_are_found() {
    for (module, source, expected) in [
        ("chat::model::state", "use crate::chat::turn::Turn;", "`model` must not import `chat::turn`"),
        ("chat::model", "use super::Chat;", "`model` must not import `chat`"),
        ("chat::turn", "use super::send::seal;", "`turn` must not import `chat::send`"),
        ("chat::send", "use crate::chat::exchange::{self};", "`send` must not import `chat::exchange`"),
        ("chat::helpers", "", "`helpers` is on no floor"),
    ] {
        let others = ["chat", "chat::model::state", "chat::turn", "chat::send", "chat::exchange"];
        let others = others.into_iter().filter(|other| *other != module).map(|other| (other, "struct Turn;"));
        let sources: Vec<_> = others.chain([(module, source), ("", "mod chat;")]).collect();
        let found = breaches_in_chat(&edges_of(&sources));
        assert_eq!(found.len(), 1, "{module}: {source}: {found:?}");
        assert!(found[0].contains(expected), "{module}: {source}: {found:?}");
    }
}
