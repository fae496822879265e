//! Finds links, e-mail addresses, mentions and hashtags in a text.

mod links;
mod names;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use secretchat::{Entity, EntityKind};

use crate::mark::{end, units};

/// Finds links, e-mail addresses, mentions and hashtags, and returns them together with the text's existing entities, in the
/// order of their beginnings.
///
/// These are the four kinds that Telegram's apps find by themselves and put into messages of secret chats, by the rules of
/// TDLib. A found entity may be inside bold text or another style, or cross it. It is left out if it touches any other
/// entity, such as code or a link with a text, so nothing is found twice. A text has at most [`Entity::MAX_COUNT`] entities;
/// further ones are left out.
///
/// ```
/// use secretchat::EntityKind;
///
/// let (text, entities) = secretchat_markdown::parse("**see example.com**, `@code` and #tags");
/// let entities = secretchat_markdown::find(&text, entities);
/// let shown: Vec<_> = entities.iter().map(|entity| (&entity.kind, &text[entity.range(&text).unwrap()])).collect();
/// assert_eq!(shown, [
///     (&EntityKind::Bold, "see example.com"),
///     (&EntityKind::Url, "example.com"),
///     (&EntityKind::Code, "@code"),
///     (&EntityKind::Hashtag, "#tags"),
/// ]);
/// ```
#[must_use]
pub fn find(text: &str, mut entities: Vec<Entity>) -> Vec<Entity> {
    let mut found = Vec::new();
    links::links(text, &mut found);
    names::mentions(text, &mut found);
    names::hashtags(text, &mut found);
    keep_first(&mut found);
    let mut found = entities_of(text, found);
    keep_free(&mut found, &entities);
    found.truncate(Entity::MAX_COUNT.saturating_sub(entities.len()));
    entities.append(&mut found);
    entities.sort_by_key(|entity| (entity.offset, Reverse(entity.length)));
    entities
}

/// A range of bytes, and the kind of entity there.
type Found = (Range<usize>, EntityKind);

/// Sorts the found entities. Of overlapping ones, the first stays; of those that begin at the same place, the longest.
fn keep_first(found: &mut Vec<Found>) {
    found.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
    let mut free = 0;
    found.retain(|(range, _)| {
        let is_free = range.start >= free;
        if is_free {
            free = range.end;
        }
        is_free
    });
}

/// Converts sorted byte ranges to entities in one pass over the text.
fn entities_of(text: &str, found: Vec<Found>) -> Vec<Entity> {
    let (mut byte, mut unit) = (0, 0_u32);
    let mut unit_at = |index: usize| {
        let passed = text.get(byte..index).unwrap_or_default();
        byte = index;
        unit = passed.chars().map(units).fold(unit, u32::saturating_add);
        unit
    };
    let entity = |(range, kind): Found| {
        let offset = unit_at(range.start);
        Entity::new(kind, offset, unit_at(range.end) - offset)
    };
    found.into_iter().map(entity).collect()
}

/// Leaves out found entities that touch an existing one that is not a style. The found ones are sorted and do not overlap.
fn keep_free(found: &mut Vec<Entity>, taken: &[Entity]) {
    let mut taken: Vec<&Entity> = taken.iter().filter(|entity| !is_style(&entity.kind)).collect();
    taken.sort_by_key(|entity| entity.offset);
    let mut taken = taken.into_iter().peekable();
    let mut taken_until = 0;
    found.retain(|entity| {
        while let Some(taken) = taken.next_if(|taken| taken.offset < end(entity)) {
            taken_until = taken_until.max(end(taken));
        }
        entity.offset >= taken_until
    });
}

const fn is_style(kind: &EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Bold
            | EntityKind::Italic
            | EntityKind::Underline
            | EntityKind::Strike
            | EntityKind::Spoiler
            | EntityKind::Blockquote
    )
}
