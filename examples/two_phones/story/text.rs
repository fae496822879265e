//! Text with entities, for a terminal and for comparing.

use secretchat::{Entity, EntityKind};

/// Bold as `**bold**`, a link as `[text](address)`.
pub(crate) fn marked_up(text: &str, entities: &[Entity]) -> String {
    let mut marks = Vec::new();
    for entity in entities {
        let Some(range) = entity.range(text) else { continue };
        let (open, close) = match &entity.kind {
            EntityKind::Bold => ("**", "**".to_owned()),
            EntityKind::TextUrl(address) => ("[", format!("]({address})")),
            _ => continue,
        };
        marks.push((range.start, true, open.to_owned()));
        marks.push((range.end, false, close));
    }
    // From the end, so that earlier positions stay what they are; at one place what closes stands before what opens.
    marks.sort_by_key(|(at, opens, _)| (*at, *opens));
    let mut marked_up = text.to_owned();
    for (at, _, mark) in marks.iter().rev() {
        marked_up.insert_str(*at, mark);
    }
    marked_up
}

/// Marks the first place where `part` stands in `text`.
pub(crate) fn mark(kind: EntityKind, text: &str, part: &str) -> Option<Entity> {
    let start = text.find(part)?;
    Entity::at(kind, text, start..start + part.len())
}

/// What the peer wrote is nothing to hand to a terminal as it is.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
