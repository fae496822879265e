//! What holds of the sources of the chat.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{File, files};

fn of_chat() -> impl Iterator<Item = File> {
    files().into_iter().filter(|file| file.module == "chat" || file.module.starts_with("chat::"))
}

/// The public methods in the blocks `impl Chat`.
fn public_methods(file: &File) -> Vec<String> {
    let tokens = &file.tokens;
    let text = |i: usize| tokens.get(i).map_or("", String::as_str);
    let mut found = Vec::new();
    let mut depth = 0;
    let mut inside = None;
    for i in 0..tokens.len() {
        match text(i) {
            "{" => {
                if (text(i.wrapping_sub(2)), text(i.wrapping_sub(1))) == ("impl", "Chat") {
                    inside = Some(depth);
                }
                depth += 1;
            }
            "}" => {
                depth -= 1;
                inside = inside.filter(|outer| *outer < depth);
            }
            "pub" if inside.is_some() => {
                let name = i + 1 + usize::from(text(i + 1) == "const");
                if text(name) == "fn" {
                    found.push(text(name + 1).to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn the_table_of_methods_is_complete() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/chat/mod.rs")).unwrap();
    let rows = source.lines().filter(|line| line.starts_with("/// | "));
    let named = rows.flat_map(|row| row.split("](Self::").skip(1).filter_map(|rest| rest.split_once(')')));
    let table: Vec<String> = named.map(|(name, _)| name.to_owned()).collect();
    let methods: BTreeSet<String> = of_chat().flat_map(|file| public_methods(&file)).collect();
    assert!(methods.len() > 30, "{methods:?}");
    assert_eq!(table.iter().cloned().collect::<BTreeSet<_>>(), methods);
    assert_eq!(table.len(), methods.len(), "each once");
}

/// The places where a file writes the state of a chat, or queues or takes an output.
fn changes(file: &File) -> Vec<String> {
    let windows = file.tokens.windows(4);
    let change = |window: &&[String]| match [&window[0], &window[1], &window[2], &window[3]].map(String::as_str) {
        [".", "state", "=", next] => next != "=",
        [".", "outputs", ".", call] => !matches!(call, "len" | "is_empty" | "capacity"),
        _ => false,
    };
    windows.filter(change).map(|window| format!("{}: {}", file.module, window.concat())).collect()
}

/// SPEC OUT-2: one group a call; what a chat is and what it says change together.
#[test]
fn only_a_turn_changes_a_chat() {
    let outside = of_chat().filter(|file| !file.module.starts_with("chat::turn"));
    let found: Vec<String> = outside.flat_map(|file| changes(&file)).collect();
    // `poll_output` takes what is queued.
    assert_eq!(found, ["chat: .outputs.pop_front"]);
    assert!(of_chat().flat_map(|file| changes(&file)).count() > 4, "the turn is found");
}
