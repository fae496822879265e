//! Messages of the peer.

use pyo3::prelude::*;
use secretchat::{Content, IncomingFile, Message, Position, Preview, Rights};

use super::{entities, media};
use crate::make::make;

/// Returns a message of the package.
pub(crate) fn message<'py>(py: Python<'py>, message: &Message) -> PyResult<Bound<'py, PyAny>> {
    let Content { text, entities: marked, media: medium, rights: allowed, .. } = &message.content;
    Ok(make!(py, "events" Message {
        random_id: message.random_id.0,
        position: position(py, message.position)?,
        date: message.date.as_millis(),
        text: text,
        entities: entities(py, marked)?,
        media: medium.as_ref().map(|medium| media(py, medium)).transpose()?,
        rights: rights(py, *allowed)?,
        file: message.file.as_ref().map(|known| file(py, known)).transpose()?,
        reply_to: message.reply_to.map(|id| id.0),
        grouped_id: message.grouped_id.map(|id| id.0),
        via_bot: &message.via_bot,
        silent: message.silent,
        ttl: message.ttl.to_wire(),
        layer: message.layer.0,
    }))
}

/// Returns the content of a message that was hidden until it was opened.
pub(crate) fn content<'py>(py: Python<'py>, content: &Content) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" Content {
        text: &content.text,
        entities: entities(py, &content.entities)?,
        media: content.media.as_ref().map(|medium| media(py, medium)).transpose()?,
        rights: rights(py, content.rights)?,
    }))
}

/// Returns what a notification may show.
pub(crate) fn preview<'py>(py: Python<'py>, preview: &Preview) -> PyResult<Bound<'py, PyAny>> {
    let content = preview.content.as_ref().map(|content| {
        PyResult::Ok(make!(py, "media" PreviewContent {
            text: &content.text, entities: entities(py, &content.entities)?, media: content.media,
        }))
    });
    Ok(make!(py, "media" Preview {
        random_id: preview.random_id.0,
        position: position(py, preview.position)?,
        is_early: preview.is_early,
        silent: preview.silent,
        most: preview.most.name(),
        content: content.transpose()?,
    }))
}

/// Returns where a message stands in the history.
pub(crate) fn position<'py>(py: Python<'py>, position: Position) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" Position {
        sender: position.sender().name(), slot: position.slot().get(), acknowledged: position.acknowledged().get(),
        order: position.order(),
    }))
}

/// Returns what may be done with a content.
pub(crate) fn rights<'py>(py: Python<'py>, rights: Rights) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" Rights {
        notification: rights.notification().name(), may_forward: rights.may_forward(), may_save: rights.may_save(),
        may_copy: rights.may_copy(), may_screenshot: rights.may_screenshot(),
        is_hidden_until_opened: rights.is_hidden_until_opened(),
    }))
}

fn file<'py>(py: Python<'py>, file: &IncomingFile) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" IncomingFile {
        reference: &file.reference[..], size: file.size, fingerprint: file.fingerprint,
    }))
}

/// The fields of an `IncomingFile` of the package.
#[derive(FromPyObject)]
pub(crate) struct FileFields {
    reference: Vec<u8>,
    size: Option<u64>,
    fingerprint: Option<i32>,
}

impl From<FileFields> for IncomingFile {
    fn from(FileFields { reference, size, fingerprint }: FileFields) -> Self {
        Self::new(reference).with_size(size).with_fingerprint(fingerprint)
    }
}
