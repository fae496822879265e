//! Recorded conversations and hostile inputs.

use serde_json::{Value, json};

use crate::run::{Run, read, vectors};

const CONVERSATION: &str = "tdlib/conversations/text_layer73_td_orig.json";
const HOSTILE: &str = "tdlib/hostile/tl_unknown_media_td_orig.json";

/// Edits the decoded form of the first text.
fn edited(name: &str, edit: impl Fn(&mut Value)) -> Run {
    let mut file = read(CONVERSATION);
    let steps = file["steps"].as_array_mut().unwrap();
    let is_text =
        |step: &&mut Value| step["decoded"]["message"]["message"].as_str().is_some_and(|text| !text.is_empty());
    edit(steps.iter_mut().find(is_text).unwrap());
    Run::of_content(name, file.to_string())
}

#[test]
fn a_recording_passes_and_its_known_differences_are_listed() {
    let run = Run::of([vectors(CONVERSATION)]);
    assert_eq!((run.code, run.last()), (Some(0), "1 passed, 0 failed"));
    assert!(run.lines[0].contains("(a) ") && run.lines[0].contains("(b) ") && run.lines[0].contains("(c) "));
    assert!(run.lines.iter().any(|line| line == "listed differences:"));
    let hostile = Run::of([vectors(HOSTILE)]);
    assert_eq!((hostile.code, hostile.last()), (Some(0), "1 passed, 0 failed"));
    assert!(hostile.lines[0].contains("checks with three policies"));
}

#[test]
fn a_message_of_another_meaning_fails() {
    let run = edited("another_text", |step| step["decoded"]["message"]["message"] = json!("another text"));
    assert!(run.fails().contains("another text"), "{:?}", run.lines);
    let run = edited("another_id", |step| step["decoded"]["message"]["random_id"] = json!("1"));
    run.fails();
    let run = edited("another_layer", |step| step["decoded"]["layer"] = json!(45));
    run.fails();
}

#[test]
fn other_bytes_fail() {
    let run = edited("another_byte", |step| {
        let mut wire = hex::decode(step["wire"].as_str().unwrap()).unwrap();
        *wire.last_mut().unwrap() ^= 1;
        step["wire"] = json!(hex::encode(wire));
    });
    assert!(run.fails().contains("pass (a)"), "{:?}", run.lines);
}

/// A hostile file says whether TDLib came to a key; ours has to agree.
#[test]
fn another_outcome_of_the_key_exchange_fails() {
    let mut file = read(HOSTILE);
    for step in file["steps"].as_array_mut().unwrap() {
        step["tdlib_events"] = Value::Null;
    }
    let run = Run::of_content("no_key", file.to_string());
    assert!(run.fails().contains("expected no key, actual a key"), "{:?}", run.lines);
}

#[test]
fn a_damaged_recording_fails() {
    for (name, field) in [("no_steps", "steps"), ("no_secrets", "secrets")] {
        let mut file = read(CONVERSATION);
        file[field] = Value::Null;
        Run::of_content(name, file.to_string()).fails();
    }
}

/// Some recorded texts hold half a character, which is no JSON.
#[test]
fn half_characters_are_replaced() {
    let text = read(CONVERSATION).to_string();
    let half = text.replacen('{', r#"{"half":"\ud83d \\ud83d \ud83d\ude00","#, 1);
    assert_eq!(Run::of_content("half_characters", half).last(), "1 passed, 0 failed");
}
