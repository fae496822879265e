//! Tests that the text around an isolated one keeps its order, as `unicode-bidi` determines it.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use secretchat::{Entity, EntityKind};
use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

use super::{ends_paragraph, isolate, show_controls, turns};

fn bold(offset: u32, length: u32) -> Entity {
    Entity::new(EntityKind::Bold, offset, length)
}

#[test]
fn each_paragraph_is_one_isolate() {
    for (text, isolated) in [
        ("", ""),
        ("a", "\u{2068}a\u{2069}"),
        ("a\nb\r\n\nc\n", "\u{2068}a\u{2069}\n\u{2068}b\u{2069}\r\n\n\u{2068}c\u{2069}\n"),
        // Open isolates are closed, ends without a beginning are left out, pairs stay.
        ("\u{2066}a\u{2067}b\u{2029}c", "\u{2068}\u{2066}a\u{2067}b\u{2069}\u{2069}\u{2069}\u{2029}\u{2068}c\u{2069}"),
        ("a\u{2069}b\u{2069}", "\u{2068}ab\u{2069}"),
        ("\u{2066}a\u{2069}\u{2069}", "\u{2068}\u{2066}a\u{2069}\u{2069}"),
        ("\u{202e}a", "\u{2068}\u{202e}a\u{2069}"),
    ] {
        assert_eq!(isolate(text, &[]).0, isolated, "{text:?}");
    }
}

#[test]
fn entities_move_with_their_text() {
    let entities = [bold(0, 2), bold(2, 1), bold(3, 1), bold(2, 4), bold(6, 2), bold(5, 3), bold(1, 1), bold(8, 1)];
    let (isolated, moved) = isolate("😀a\u{2069}\nb😀", &entities);
    assert_eq!(isolated, "\u{2068}😀a\u{2069}\n\u{2068}b😀\u{2069}");
    // The third has no text left; the last two never fitted.
    assert_eq!(moved, [bold(1, 2), bold(3, 1), bold(3, 5), bold(8, 2), bold(7, 3)]);
    let shown: Vec<_> = moved.iter().map(|entity| &isolated[entity.range(&isolated).unwrap()]).collect();
    assert_eq!(shown, ["😀", "a", "a\u{2069}\n\u{2068}b", "😀", "b😀"]);
}

#[test]
fn what_turns_is_shown() {
    assert_eq!(show_controls("😀\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}é"), "😀��������é");
    assert_eq!(
        show_controls("\u{2066}\u{2067}\u{2068}\u{2069}\n\u{200d}\u{2065}\u{206a}"),
        "����\n\u{200d}\u{2065}\u{206a}"
    );
}

/// The tables of another implementation hold the same characters.
#[test]
fn classes_are_those_of_unicode() {
    use BidiClass::{FSI, LRE, LRI, LRO, PDF, PDI, RLE, RLI, RLO};
    for character in '\0'..=char::MAX {
        assert_eq!(ends_paragraph(character), bidi_class(character) == BidiClass::B, "{character:?}");
        let turns_always = matches!(bidi_class(character), FSI | LRE | LRI | LRO | PDF | PDI | RLE | RLI | RLO);
        let is_mark = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}');
        assert_eq!(turns(character), turns_always || is_mark, "{character:?}");
    }
}

/// Returns the lines of a text from left to right, with only the characters that the host wrote.
fn seen(text: &str, is_of_host: fn(char) -> bool) -> Vec<String> {
    let info = BidiInfo::new(text, None);
    let lines = info.paragraphs.iter().map(|paragraph| info.reorder_line(paragraph, paragraph.range.clone()));
    lines.map(|line| line.chars().filter(|character| is_of_host(*character)).collect()).collect()
}

/// Letters of both directions, and digits and signs that do not occur in the texts below.
fn is_of_host(character: char) -> bool {
    matches!(character, 'A' | 'B' | 'א' | 'ב' | '1' | '(' | ')' | '!')
}

/// Replaces everything between line breaks and tabs with one neutral character.
fn as_one_character(text: &str) -> String {
    let mut one = String::new();
    for character in text.chars() {
        if ends_paragraph(character) || bidi_class(character) == BidiClass::S {
            one.push(character);
        } else if !one.ends_with('\u{fffc}') {
            one.push('\u{fffc}');
        }
    }
    one
}

#[test]
fn tricks_turn_nothing_around_them() {
    let mut tricks =
        vec!["\u{202e}x", "x\u{2069}\u{202e}", "\u{2067}x", "\u{202b}x", "ג", "x\n\u{202e}", "\u{2069}\u{200f}ג2"];
    let deep = "\u{202b}\u{2067}".repeat(100);
    tricks.push(&deep);
    for trick in tricks {
        for (before, after) in [("A ", " B1 (ב)!"), ("א 1", "! ב A"), ("A", "1")] {
            let expected = seen(&format!("{before}{}{after}", as_one_character(trick)), is_of_host);
            let isolated = isolate(trick, &[]).0;
            assert_eq!(seen(&format!("{before}{isolated}{after}"), is_of_host), expected, "{trick:?}");
        }
    }
    // Without `isolate`, the override reverses the digit and the sign after it.
    assert_eq!(seen("A \u{202e}x 1!", is_of_host), ["A!1"]);
}

fn before_texts() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ABאב1()! ]{0,8}").unwrap()
}

/// A letter stands before the first bracket: for a pair without one, `unicode-bidi` 0.3.18 searches what stands before
/// the isolate in the wrong order (servo/unicode-bidi issue 141; UAX #9 rule N0 c).
fn after_texts() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[1! ]{0,3}([ABאב][ABאב1()! ]{0,6})?").unwrap()
}

fn texts() -> impl Strategy<Value = String> {
    let controls = "\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}";
    proptest::string::string_regex(&format!("[xyגד2\\[\\], .\n\r\t\u{2029}\u{85}😀{controls}{controls}]{{0,16}}"))
        .unwrap()
}

proptest! {
    #[test]
    fn what_stands_around_keeps_its_order(before in before_texts(), text in texts(), after in after_texts()) {
        let expected = seen(&format!("{before}{}{after}", as_one_character(&text)), is_of_host);
        prop_assert_eq!(seen(&format!("{before}{}{after}", isolate(&text, &[]).0), is_of_host), expected);
    }

    #[test]
    fn entities_keep_their_text(text in texts(), entities in prop::collection::vec((0u32..18, 0u32..18), 0..8)) {
        let entities: Vec<_> = entities.into_iter().map(|(offset, length)| bold(offset, length)).collect();
        let (isolated, moved) = isolate(&text, &entities);
        let plain = |part: &str| part.replace(['\u{2068}', '\u{2069}'], "");
        prop_assert_eq!(plain(&isolated), plain(&text));
        let shown: Vec<_> = moved.iter().map(|entity| plain(&isolated[entity.range(&isolated).unwrap()])).collect();
        let fitting = entities.iter().filter_map(|entity| entity.range(&text)).map(|range| plain(&text[range]));
        // An entity that covers only ends without a beginning has no text left.
        let not_empty = |parts: Vec<String>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        prop_assert_eq!(not_empty(shown), not_empty(fitting.collect()));
    }

    #[test]
    fn shown_controls_keep_places(text in texts()) {
        let shown = show_controls(&text);
        prop_assert_eq!(shown.encode_utf16().count(), text.encode_utf16().count());
        prop_assert!(!shown.chars().any(turns));
    }
}
