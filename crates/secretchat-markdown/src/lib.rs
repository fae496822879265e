//! Texts with marks, as users type them, to texts with entities and back.
//!
//! | marks | entity |
//! |---|---|
//! | `**bold**` | [`EntityKind::Bold`] |
//! | `__italic__` | [`EntityKind::Italic`] |
//! | `~~strike~~` | [`EntityKind::Strike`] |
//! | `\|\|spoiler\|\|` | [`EntityKind::Spoiler`] |
//! | `` `code` `` | [`EntityKind::Code`] |
//! | ```` ```language⏎code``` ```` | [`EntityKind::Pre`] |
//! | `[text](address)` | [`EntityKind::TextUrl`] |
//!
//! A backslash takes the meaning from the punctuation character after it; within code, from `` ` `` and `\` only. Marks
//! without a partner, or with nothing between them, stand for themselves.
//!
//! ```
//! use secretchat::{EntityKind, markdown};
//!
//! let (text, entities) = markdown::parse("😀 **so __so__** good, 2 ** 3");
//! assert_eq!(text, "😀 so so good, 2 ** 3");
//! assert_eq!(entities[0].kind, EntityKind::Bold);
//! assert_eq!((entities[0].offset, entities[0].length), (3, 5));
//! assert_eq!(markdown::write(&text, &entities), r"😀 **so __so__** good, 2 \*\* 3");
//! ```

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::entity::fit;
use super::{Entity, EntityKind};

/// Reads marks. Any text is one with marks: nothing is refused.
///
/// Entities come in the order of their beginnings, outer ones first, at most [`Entity::MAX_COUNT`]; marks beyond stand
/// for themselves.
#[must_use]
pub fn parse(marked: &str) -> (String, Vec<Entity>) {
    let mut reader = Reader { rest: marked, ..Reader::default() };
    while !reader.rest.is_empty() {
        reader.piece();
    }
    joined(reader.pieces)
}

/// Writes marks, so that [`parse`] gives the same text and entities.
///
/// Left out are entities without a mark, ones that do not fit the text, cross one that began before, or stand inside
/// one of the same kind or inside code; a link without an address; and the language of a code block if it has white
/// space in it.
#[must_use]
pub fn write(text: &str, entities: &[Entity]) -> String {
    let mut entities = markable(text, entities).into_iter().peekable();
    let mut open: Vec<&Entity> = Vec::new();
    let mut marked = String::with_capacity(text.len());
    let mut at = 0;
    for character in text.chars() {
        while let Some(entity) = open.pop_if(|entity| end(entity) <= at) {
            close(entity, &mut marked);
        }
        while let Some(entity) = entities.next_if(|entity| entity.offset <= at) {
            begin(entity, &mut marked);
            open.push(entity);
        }
        let is_special = match open.last() {
            Some(entity) if is_code(&entity.kind) => is_special_in_code(character),
            _ => matches!(character, '\\' | '*' | '_' | '~' | '|' | '`' | '[' | ']'),
        };
        if is_special {
            marked.push('\\');
        }
        marked.push(character);
        at += units(character);
    }
    while let Some(entity) = open.pop() {
        close(entity, &mut marked);
    }
    marked
}

/// The marks that are the same at both ends.
const PAIRED: [(&str, EntityKind); 4] =
    [("**", EntityKind::Bold), ("__", EntityKind::Italic), ("~~", EntityKind::Strike), ("||", EntityKind::Spoiler)];

const LINK: &str = "[";

const CODE: &str = "`";

const FENCE: &str = "```";

/// A part of the text that is being read.
enum Piece<'a> {
    Text(&'a str),
    /// A piece of code with its entity.
    Code(EntityKind, String),
    Begin(EntityKind),
    End,
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    pieces: Vec<Piece<'a>>,
    /// The marks that wait for their partner, each at most once, and where in `pieces` they stand as text.
    open: Vec<(&'static str, usize)>,
    entities: usize,
    /// With this much left or less, until this much is left, no address ends: so that each byte is searched once.
    no_address: Option<(usize, usize)>,
}

impl Reader<'_> {
    fn piece(&mut self) {
        let rest = self.rest;
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') if characters.next().is_some_and(|next| next.is_ascii_punctuation()) => {
                self.skip(1);
                self.text(1);
            }
            Some('`') => self.code(),
            Some('[') => {
                // The nearest one counts.
                self.open.retain(|(mark, _)| *mark != LINK);
                self.open.push((LINK, self.pieces.len()));
                self.text(1);
            }
            Some(']') => self.link_end(),
            _ => match PAIRED.into_iter().find(|(mark, _)| rest.starts_with(mark)) {
                Some((mark, kind)) => self.paired(mark, kind),
                None => {
                    let special = |c| matches!(c, '\\' | '`' | '[' | ']' | '*' | '_' | '~' | '|');
                    let first = characters.as_str();
                    let len = first.find(special).map_or(rest.len(), |index| rest.len() - first.len() + index);
                    self.text(len);
                }
            },
        }
    }

    /// The next `len` bytes, which are at least one, as they are.
    fn text(&mut self, len: usize) {
        if let Some(text) = self.rest.get(..len) {
            self.pieces.push(Piece::Text(text));
        }
        self.skip(len);
    }

    fn skip(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    /// Whether one more entity fits; it is counted then.
    fn has_room(&mut self) -> bool {
        let has_room = self.entities < Entity::MAX_COUNT;
        self.entities += usize::from(has_room);
        has_room
    }

    fn paired(&mut self, mark: &'static str, kind: EntityKind) {
        let Some((depth, begin)) = self.position(mark) else {
            self.open.push((mark, self.pieces.len()));
            return self.text(mark.len());
        };
        // What opened inside and did not close stands for itself.
        self.open.truncate(depth);
        if self.pair(begin, kind) { self.skip(mark.len()) } else { self.text(mark.len()) }
    }

    fn link_end(&mut self) {
        let (Some((depth, begin)), Some((address, len))) = (self.position(LINK), self.address()) else {
            return self.text(1);
        };
        self.open.truncate(depth);
        if self.pair(begin, EntityKind::TextUrl(address)) { self.skip(len) } else { self.text(1) }
    }

    fn position(&self, mark: &str) -> Option<(usize, usize)> {
        let depth = self.open.iter().position(|(open, _)| *open == mark)?;
        self.open.get(depth).map(|(_, begin)| (depth, *begin))
    }

    /// Makes an entity of everything after the mark at `begin`, unless that is nothing.
    fn pair(&mut self, begin: usize, kind: EntityKind) -> bool {
        if begin + 1 >= self.pieces.len() || !self.has_room() {
            return false;
        }
        if let Some(piece) = self.pieces.get_mut(begin) {
            *piece = Piece::Begin(kind);
        }
        self.pieces.push(Piece::End);
        true
    }

    /// The address after the `]` that comes next, and how long both are with their brackets.
    fn address(&mut self) -> Option<(String, usize)> {
        let inner = self.rest.strip_prefix("](")?;
        if self.no_address.is_some_and(|(from, to)| (to..=from).contains(&inner.len())) {
            return None;
        }
        let mut address = String::new();
        let mut characters = inner.chars();
        loop {
            let left = characters.as_str().len();
            match characters.next() {
                Some(')') if !address.is_empty() => return Some((address, self.rest.len() - left + 1)),
                Some('\\') => {
                    let next = characters.clone().next();
                    match next.filter(|next| next.is_ascii_punctuation() || next.is_whitespace()) {
                        Some(next) => {
                            characters.next();
                            address.push(next);
                        }
                        None => address.push('\\'),
                    }
                }
                Some(character) if character != ')' && !character.is_whitespace() => address.push(character),
                _ => {
                    self.no_address = Some((inner.len(), left));
                    return None;
                }
            }
        }
    }

    fn code(&mut self) {
        let mark = if self.rest.starts_with(FENCE) { FENCE } else { CODE };
        let raw = self.rest.get(mark.len()..).and_then(|rest| rest.get(..code_len(rest, mark)?));
        let entity = raw.map(|raw| match mark {
            FENCE => {
                let (language, code) = match raw.split_once('\n') {
                    Some((language, code)) if !language.contains(char::is_whitespace) => (language, code),
                    _ => ("", raw),
                };
                (EntityKind::Pre(plain(language)), plain(code), raw)
            }
            _ => (EntityKind::Code, plain(raw), raw),
        });
        match entity.filter(|(_, code, _)| !code.is_empty()) {
            Some((kind, code, raw)) if self.has_room() => {
                self.pieces.push(Piece::Code(kind, code));
                self.skip(mark.len() + raw.len() + mark.len());
            }
            _ => self.text(mark.len()),
        }
    }
}

/// How long the code is before `mark` ends it.
fn code_len(code: &str, mark: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, character) in code.char_indices() {
        if escaped {
            escaped = false;
            if is_special_in_code(character) {
                continue;
            }
        }
        if character == '\\' {
            escaped = true;
        } else if character == '`' && code.get(index..).is_some_and(|rest| rest.starts_with(mark)) {
            return Some(index);
        }
    }
    None
}

/// Code without the backslashes that took a meaning away.
fn plain(code: &str) -> String {
    let mut plain = String::with_capacity(code.len());
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        let next = characters.clone().next().filter(|next| character == '\\' && is_special_in_code(*next));
        if next.is_some() {
            characters.next();
        }
        plain.push(next.unwrap_or(character));
    }
    plain
}

const fn is_special_in_code(character: char) -> bool {
    matches!(character, '`' | '\\')
}

const fn is_code(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Code | EntityKind::Pre(_))
}

/// The text of the pieces and the entities in it.
fn joined(pieces: Vec<Piece<'_>>) -> (String, Vec<Entity>) {
    let (mut text, mut entities) = (String::new(), Vec::<Entity>::new());
    let mut open = vec![];
    let mut at: u32 = 0;
    let mut append = |part: &str, at: &mut u32| {
        text.push_str(part);
        *at = part.chars().map(units).fold(*at, u32::saturating_add);
    };
    for piece in pieces {
        match piece {
            Piece::Text(part) => append(part, &mut at),
            Piece::Code(kind, code) => {
                let offset = at;
                append(&code, &mut at);
                entities.push(Entity { kind, offset, length: at - offset });
            }
            Piece::Begin(kind) => {
                open.push(entities.len());
                entities.push(Entity { kind, offset: at, length: 0 });
            }
            Piece::End => {
                if let Some(entity) = open.pop().and_then(|index| entities.get_mut(index)) {
                    entity.length = at - entity.offset;
                }
            }
        }
    }
    (text, entities)
}

/// The entities that can be written, in the order of their beginnings, outer ones first.
fn markable<'a>(text: &str, entities: &'a [Entity]) -> Vec<&'a Entity> {
    let has_mark = |kind: &EntityKind| match kind {
        EntityKind::TextUrl(address) => !address.is_empty(),
        EntityKind::Bold
        | EntityKind::Italic
        | EntityKind::Strike
        | EntityKind::Spoiler
        | EntityKind::Code
        | EntityKind::Pre(_) => true,
        _ => false,
    };
    let mut fits = fit(text, entities).into_iter();
    let mut markable: Vec<_> = entities.iter().filter(|_| fits.next().unwrap_or(false)).collect();
    markable.retain(|entity| has_mark(&entity.kind));
    markable.sort_by_key(|entity| (entity.offset, u32::MAX - entity.length));
    let mut open: Vec<&Entity> = Vec::new();
    markable.retain(|entity| {
        while open.pop_if(|outer| end(outer) <= entity.offset).is_some() {}
        let is_inside = open.last().is_none_or(|outer| end(entity) <= end(outer) && !is_code(&outer.kind));
        let same = |outer: &&Entity| core::mem::discriminant(&outer.kind) == core::mem::discriminant(&entity.kind);
        let keep = is_inside && !open.iter().any(same);
        if keep {
            open.push(entity);
        }
        keep
    });
    markable.truncate(Entity::MAX_COUNT);
    markable
}

fn begin(entity: &Entity, marked: &mut String) {
    match &entity.kind {
        EntityKind::Pre(language) => {
            marked.push_str(FENCE);
            if !language.contains(char::is_whitespace) {
                for character in language.chars() {
                    if is_special_in_code(character) {
                        marked.push('\\');
                    }
                    marked.push(character);
                }
            }
            marked.push('\n');
        }
        kind => marked.push_str(mark(kind)),
    }
}

fn close(entity: &Entity, marked: &mut String) {
    match &entity.kind {
        EntityKind::Pre(_) => marked.push_str(FENCE),
        EntityKind::TextUrl(address) => {
            marked.push_str("](");
            for character in address.chars() {
                if matches!(character, '\\' | ')') || character.is_whitespace() {
                    marked.push('\\');
                }
                marked.push(character);
            }
            marked.push(')');
        }
        kind => marked.push_str(mark(kind)),
    }
}

/// The mark at the beginning of an entity, which is the one at the end for most.
fn mark(kind: &EntityKind) -> &'static str {
    match kind {
        EntityKind::Code => CODE,
        EntityKind::TextUrl(_) => LINK,
        kind => PAIRED.into_iter().find(|(_, paired)| paired == kind).map_or("", |(mark, _)| mark),
    }
}

const fn end(entity: &Entity) -> u32 {
    entity.offset.saturating_add(entity.length)
}

const fn units(character: char) -> u32 {
    if character.len_utf16() == 1 { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entity(kind: EntityKind, offset: u32, length: u32) -> Entity {
        Entity { kind, offset, length }
    }

    fn check(marked: &str, text: &str, entities: &[Entity]) {
        assert_eq!(parse(marked), (text.into(), entities.to_vec()), "{marked}");
    }

    fn literal(marked: &str) {
        check(marked, marked, &[]);
    }

    #[test]
    fn marks_become_entities_in_utf16_code_units() {
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

    /// Texts of the characters that matter.
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
            let entities: Vec<_> = entities.into_iter().map(|(kind, offset, length)| Entity { kind, offset, length }).collect();
            let kept: Vec<_> = markable(&text, &entities).into_iter().cloned().collect();
            prop_assert_eq!(parse(&write(&text, &entities)), (text, kept));
        }

        #[test]
        fn reading_never_fails(marked in texts()) {
            let (text, entities) = parse(&marked);
            prop_assert!(fit(&text, &entities).into_iter().all(|fits| fits));
            prop_assert_eq!(parse(&write(&text, &entities)), (text, entities));
        }
    }
}
