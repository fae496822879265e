//! The entities that can be written as marks.

use alloc::vec::Vec;

use secretchat::{Entity, EntityKind};

use crate::mark::{end, is_code};

/// Returns the entities that can be written, in the order of their beginnings, outer ones first.
pub(crate) fn markable<'a>(text: &str, entities: &'a [Entity]) -> Vec<&'a Entity> {
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
    let mut fits = Entity::fit(text, entities).into_iter();
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
