//! The marks, and which entity each stands for.

use secretchat::{Entity, EntityKind};

/// The marks that are the same at both ends.
pub(crate) const PAIRED: [(&str, EntityKind); 4] =
    [("**", EntityKind::Bold), ("__", EntityKind::Italic), ("~~", EntityKind::Strike), ("||", EntityKind::Spoiler)];

pub(crate) const LINK: &str = "[";

pub(crate) const CODE: &str = "`";

pub(crate) const FENCE: &str = "```";

/// Returns the mark at the beginning of an entity. For most, the mark at the end is the same.
pub(crate) fn mark(kind: &EntityKind) -> &'static str {
    match kind {
        EntityKind::Code => CODE,
        EntityKind::TextUrl(_) => LINK,
        kind => PAIRED.into_iter().find(|(_, paired)| paired == kind).map_or("", |(mark, _)| mark),
    }
}

pub(crate) const fn is_code(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Code | EntityKind::Pre(_))
}

pub(crate) const fn is_special_in_code(character: char) -> bool {
    matches!(character, '`' | '\\')
}

pub(crate) const fn end(entity: &Entity) -> u32 {
    entity.offset.saturating_add(entity.length)
}

pub(crate) const fn units(character: char) -> u32 {
    if character.len_utf16() == 1 { 1 } else { 2 }
}
