//! Text with entities, for a terminal and for comparing.

use secretchat::{Entity, EntityKind};

/// Returns the text with bold as `**bold**` and a link as `[text](address)`.
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
    // From the end, so that earlier positions stay valid. At one place, a closing mark comes before an opening one.
    marks.sort_by_key(|(at, opens, _)| (*at, *opens));
    let mut marked_up = text.to_owned();
    for (at, _, mark) in marks.iter().rev() {
        marked_up.insert_str(*at, mark);
    }
    marked_up
}

/// Marks the first place where `part` occurs in `text`.
pub(crate) fn mark(kind: EntityKind, text: &str, part: &str) -> Option<Entity> {
    let start = text.find(part)?;
    Entity::at(kind, text, start..start + part.len())
}

/// Makes the peer's text safe for a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
