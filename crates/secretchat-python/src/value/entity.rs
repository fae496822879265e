//! Entities of a text.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use secretchat::{Entity, EntityKind};

use crate::make::make;

/// The fields of an `Entity` of the package.
#[derive(FromPyObject)]
pub(crate) struct EntityFields<'py> {
    kind: String,
    offset: u32,
    length: u32,
    argument: Option<Bound<'py, PyAny>>,
}

impl EntityFields<'_> {
    pub(crate) fn entity(&self) -> PyResult<Entity> {
        Ok(Entity::new(kind_of(&self.kind, self.argument.as_ref())?, self.offset, self.length))
    }
}

/// Returns entities as a tuple of the package's.
pub(crate) fn entities<'py>(py: Python<'py>, entities: &[Entity]) -> PyResult<Bound<'py, PyTuple>> {
    let made = entities.iter().map(|entity| made(py, entity)).collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, made)
}

/// Returns an entity for the characters from `start` to `end` of a text, or `None` if they are not in it.
#[pyfunction]
#[pyo3(signature = (kind, text, start, end, argument = None))]
pub(crate) fn entity_at<'py>(
    py: Python<'py>,
    kind: &str,
    text: &str,
    start: usize,
    end: usize,
    argument: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let byte = |character| text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(character);
    let (Some(from), Some(to)) = (byte(start), byte(end)) else { return Ok(None) };
    Entity::at(kind_of(kind, argument)?, text, from..to).map(|entity| made(py, &entity)).transpose()
}

/// Returns where an entity begins and ends in a text, in characters, or `None` if it does not fit.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "it is read from an object of Python")]
pub(crate) fn entity_range(entity: EntityFields<'_>, text: &str) -> PyResult<Option<(usize, usize)>> {
    let character = |byte: usize| text[..byte].chars().count();
    Ok(entity.entity()?.range(text).map(|range| (character(range.start), character(range.end))))
}

/// Returns for each entity whether it fits the text and those before it.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "they are read from objects of Python")]
pub(crate) fn entities_fit(text: &str, entities: Vec<EntityFields<'_>>) -> PyResult<Vec<bool>> {
    let entities = entities.iter().map(EntityFields::entity).collect::<PyResult<Vec<_>>>()?;
    Ok(Entity::fit(text, &entities))
}

fn made<'py>(py: Python<'py>, entity: &Entity) -> PyResult<Bound<'py, PyAny>> {
    let argument = match &entity.kind {
        EntityKind::Pre(text) | EntityKind::TextUrl(text) => Some(text.into_pyobject(py)?.into_any()),
        EntityKind::MentionName(id) => Some(id.into_pyobject(py)?.into_any()),
        EntityKind::CustomEmoji(id) => Some(id.into_pyobject(py)?.into_any()),
        _ => None,
    };
    Ok(make!(py, "media" Entity {
        kind: entity.kind.name(), offset: entity.offset, length: entity.length, argument: argument,
    }))
}

/// Kinds without an argument.
const PLAIN: [EntityKind; 16] = [
    EntityKind::BankCard,
    EntityKind::Blockquote,
    EntityKind::Bold,
    EntityKind::BotCommand,
    EntityKind::Cashtag,
    EntityKind::Code,
    EntityKind::Email,
    EntityKind::Hashtag,
    EntityKind::Italic,
    EntityKind::Mention,
    EntityKind::Phone,
    EntityKind::Spoiler,
    EntityKind::Strike,
    EntityKind::Underline,
    EntityKind::Unknown,
    EntityKind::Url,
];

fn kind_of(name: &str, argument: Option<&Bound<'_, PyAny>>) -> PyResult<EntityKind> {
    let needed = || argument.ok_or_else(|| PyValueError::new_err(format!("an entity {name:?} needs an argument")));
    let with_argument = [
        EntityKind::Pre(String::new()),
        EntityKind::TextUrl(String::new()),
        EntityKind::MentionName(0),
        EntityKind::CustomEmoji(0),
    ];
    match with_argument.into_iter().find(|kind| kind.name() == name) {
        Some(EntityKind::Pre(_)) => return Ok(EntityKind::Pre(needed()?.extract()?)),
        Some(EntityKind::TextUrl(_)) => return Ok(EntityKind::TextUrl(needed()?.extract()?)),
        Some(EntityKind::MentionName(_)) => return Ok(EntityKind::MentionName(needed()?.extract()?)),
        Some(EntityKind::CustomEmoji(_)) => return Ok(EntityKind::CustomEmoji(needed()?.extract()?)),
        _ => {}
    }
    if argument.is_some() {
        return Err(PyValueError::new_err(format!("an entity {name:?} has no argument")));
    }
    let found = PLAIN.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| PyValueError::new_err(format!("no entity is named {name:?}")))
}
