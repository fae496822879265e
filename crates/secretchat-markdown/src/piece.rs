//! The pieces of a marked text.

use alloc::string::String;
use alloc::vec::Vec;

use secretchat::{Entity, EntityKind};

use crate::mark::units;

/// A part of the text that is being read.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// A piece of code with its entity.
    Code(EntityKind, String),
    Begin(EntityKind),
    End,
}

/// Returns the text of the pieces, and the entities in it.
pub(crate) fn joined(pieces: Vec<Piece<'_>>) -> (String, Vec<Entity>) {
    let (mut text, mut entities) = (String::new(), Vec::<Entity>::new());
    let mut open = Vec::new();
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
                entities.push(Entity::new(kind, offset, at - offset));
            }
            Piece::Begin(kind) => {
                open.push(entities.len());
                entities.push(Entity::new(kind, at, 0));
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
