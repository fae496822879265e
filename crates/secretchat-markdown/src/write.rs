//! Writes entities as marks.

use alloc::string::String;
use alloc::vec::Vec;

use secretchat::{Entity, EntityKind};

use crate::mark::{FENCE, end, is_code, is_special_in_code, mark, units};
use crate::markable::markable;

/// Writes marks, such that [`parse`](crate::parse) returns the same text and entities.
///
/// Leaves out entities that have no mark, do not fit the text, cross an earlier entity, or are inside code or an entity of
/// the same kind; links without an address; and the language of a code block if it has white space in it.
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
