//! Tests the meaning of the marks, and that reading inverts writing.

use proptest::prelude::*;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use secretchat::{Entity, EntityKind};

use crate::markable::markable;
use crate::{parse, write};

fn entity(kind: EntityKind, offset: u32, length: u32) -> Entity {
    Entity::new(kind, offset, length)
}

fn check(marked: &str, text: &str, entities: &[Entity]) {
    assert_eq!(parse(marked), (text.into(), entities.to_vec()), "{marked}");
}

fn literal(marked: &str) {
    check(marked, marked, &[]);
}

#[test]
fn br_56_marks_become_entities_in_utf16_code_units() {
    use EntityKind::{Bold, Code, Italic, Pre, Spoiler, Strike, TextUrl};
    check("**b** __i__", "b i", &[entity(Bold, 0, 1), entity(Italic, 2, 1)]);
    check("😀~~s~~||p||", "😀sp", &[entity(Strike, 2, 1), entity(Spoiler, 3, 1)]);
    check("**😀__é__**", "😀é", &[entity(Bold, 0, 3), entity(Italic, 2, 1)]);
    check("**a****b**", "ab", &[entity(Bold, 0, 1), entity(Bold, 1, 1)]);
    check("`a*b`", "a*b", &[entity(Code, 0, 3)]);
    check(r"`\`\\n`", r"`\n", &[entity(Code, 0, 3)]);
    check("```rust\nlet a;```", "let a;", &[entity(Pre("rust".into()), 0, 6)]);
    check("```a b\nc```", "a b\nc", &[entity(Pre(String::new()), 0, 5)]);
    check("```a```", "a", &[entity(Pre(String::new()), 0, 1)]);
    check("[a **b**](c)", "a b", &[entity(TextUrl("c".into()), 0, 3), entity(Bold, 2, 1)]);
    check(r"[a](b\)c)", "a", &[entity(TextUrl("b)c".into()), 0, 1)]);
}

#[test]
fn a_caption_is_read_and_written_back() {
    // A test of `secretchat` checks that it arrives like this at the peer.
    let marked = "😀 **bold __both__** ||[hidden](https://example.org/)|| `code` ~~gone~~\n```rust\nlet a = 1;```";
    let (text, entities) = parse(marked);
    assert_eq!(text, "😀 bold both hidden code gone\nlet a = 1;");
    let shown: Vec<_> = entities.iter().map(|entity| (&entity.kind, &text[entity.range(&text).unwrap()])).collect();
    let expected = [
        (&EntityKind::Bold, "bold both"),
        (&EntityKind::Italic, "both"),
        (&EntityKind::Spoiler, "hidden"),
        (&EntityKind::TextUrl("https://example.org/".into()), "hidden"),
        (&EntityKind::Code, "code"),
        (&EntityKind::Strike, "gone"),
        (&EntityKind::Pre("rust".into()), "let a = 1;"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(write(&text, &entities), marked);
}

#[test]
fn what_is_not_a_mark_stands_for_itself() {
    for marked in ["", "**", "****", "a ** b", "*a*", "a_b_c", "`", "``", "```", "``````", "```\n```", r"\a"] {
        literal(marked);
    }
    for marked in ["[", "]", "[]", "[a]", "[](b)", "[a]()", "[a](b c)", "[a](b", "](b)", "**__", "é\\", "a|b"] {
        literal(marked);
    }
    check(r"\*\*a\*\*", "**a**", &[]);
    check("**a __b** c__", "a __b c__", &[entity(EntityKind::Bold, 0, 5)]);
    check("**[a**](b)", "[a](b)", &[entity(EntityKind::Bold, 0, 2)]);
    check("[a [b](c)", "[a b", &[entity(EntityKind::TextUrl("c".into()), 3, 1)]);
}

#[test]
fn what_has_no_mark_is_left_out() {
    let bold = |offset, length| entity(EntityKind::Bold, offset, length);
    let link = |address: &str| entity(EntityKind::TextUrl(address.into()), 0, 2);
    for (entities, marked) in [
        (vec![entity(EntityKind::Underline, 0, 2)], "ab😀"),
        (vec![bold(0, 3), bold(3, 9), bold(9, 1), bold(0, 0)], "ab😀"),
        (vec![bold(0, 2), entity(EntityKind::Italic, 1, 3)], "**ab**😀"),
        (vec![bold(0, 4), bold(0, 2)], "**ab😀**"),
        (vec![entity(EntityKind::Code, 0, 4), bold(0, 2)], "`ab😀`"),
        (vec![link(""), link(" )")], r"[ab](\ \))😀"),
        (vec![entity(EntityKind::Pre("a b".into()), 2, 2)], "ab```\n😀```"),
    ] {
        assert_eq!(write("ab😀", &entities), marked);
    }
}

#[test]
fn many_marks_are_bounded_and_fast() {
    let (text, entities) = parse(&"**a** ".repeat(1001));
    assert_eq!((entities.len(), &text[1998..]), (1000, "a **a** "));
    for marks in ["**", "__**", "[", "](", "[a](", "[a](b", "`", "``", "```", "```a\n", "\\", "||[**`"] {
        let marked = marks.repeat(100_000);
        assert!(parse(&marked).0.len() <= marked.len());
    }
}

/// Texts made of the characters that matter.
fn texts() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[ab*_~|`\\\\\\[\\]()\n 😀é\u{301}]{0,24}").unwrap()
}

fn kinds() -> impl Strategy<Value = EntityKind> {
    let word = proptest::string::string_regex("[a`)(\\\\é]{0,4}").unwrap();
    let address = proptest::string::string_regex("[a`)( \n\\\\é😀]{1,4}").unwrap();
    prop_oneof![
        Just(EntityKind::Bold),
        Just(EntityKind::Italic),
        Just(EntityKind::Strike),
        Just(EntityKind::Spoiler),
        Just(EntityKind::Code),
        word.prop_map(EntityKind::Pre),
        address.prop_map(EntityKind::TextUrl),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        text in texts(),
        entities in prop::collection::vec((kinds(), 0u32..24, 1u32..24), 0..12),
    ) {
        let entities: Vec<_> = entities.into_iter().map(|(kind, offset, length)| Entity::new(kind, offset, length)).collect();
        let kept: Vec<_> = markable(&text, &entities).into_iter().cloned().collect();
        prop_assert_eq!(parse(&write(&text, &entities)), (text, kept));
    }

    #[test]
    fn reading_never_fails(marked in texts()) {
        let (text, entities) = parse(&marked);
        prop_assert!(Entity::fit(&text, &entities).into_iter().all(|fits| fits));
        prop_assert_eq!(parse(&write(&text, &entities)), (text, entities));
    }
}
