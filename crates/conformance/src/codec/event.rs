//! The JSON of events, with every field by its name.

use secretchat::{CloseReason, Content, Event, IncomingFile, Message, Peek, Position, UserAction};
use serde_json::{Value, json};

use super::entity::entity;
use super::media::{lease, media, rights};
use super::names::camel;
use super::text::{ids, opaque};

/// Writes an event.
pub(crate) fn event(event: &Event) -> Value {
    let mut line = match event {
        Event::Ready { verification, .. } => json!({"verification": hex::encode(verification.to_bytes())}),
        Event::Message(told) => message(told),
        Event::Sent { id, random_id, date, .. } => {
            json!({"id": id.0, "random_id": random_id.to_string(), "date": date.as_millis()})
        }
        Event::Failed { id, random_id, .. } => json!({"id": id.0, "random_id": random_id.to_string()}),
        Event::ActionFailed { id, action, .. } => {
            let ttl = if let UserAction::SetTtl { ttl, .. } = action { Some(ttl.to_wire()) } else { None };
            json!({"id": id.0, "action": action.name(), "ttl": ttl})
        }
        Event::Acknowledged { random_ids, .. }
        | Event::ReadByPeer { random_ids, .. }
        | Event::Screenshot { random_ids, .. } => json!({"random_ids": ids(random_ids)}),
        Event::Deleted { random_ids, files, .. } => {
            let files = files.iter().map(|(id, name)| json!({"random_id": id.to_string(), "file": opaque(name)}));
            json!({"random_ids": ids(random_ids), "files": files.collect::<Vec<_>>()})
        }
        Event::TtlChanged { ttl, asked, crossed, .. } => {
            json!({"ttl": ttl.to_wire(), "asked": asked.to_wire(), "crossed": crossed})
        }
        Event::Opened { random_id, lease: lent, content: shown, deadline, .. } => json!({
            "random_id": random_id.to_string(), "lease": lent.as_deref().map(lease),
            "content": shown.as_deref().map(|shown| content(shown.content())), "deadline": deadline.as_millis(),
        }),
        Event::Expired { random_id, file, .. } => {
            json!({"random_id": random_id.to_string(), "file": file.as_deref().map(opaque)})
        }
        Event::KeyRefused { random_id, .. } => json!({"random_id": random_id.to_string()}),
        Event::ReadUpTo { max_date, date, .. } => json!({"max_date": max_date.as_millis(), "date": date.as_millis()}),
        Event::Typing { action, .. } => json!({"action": action.name()}),
        Event::PeerLayer { layer, .. } => json!({"layer": layer.0}),
        Event::Rekeyed { rekeys, .. } => json!({"rekeys": rekeys}),
        Event::CheckOutdated { compared_at, .. } => json!({"compared_at": compared_at}),
        Event::RekeyFailed { reason, .. } => json!({"reason": camel(reason.name())}),
        Event::Closed { reason, history, missing, set_back, .. } => {
            closed_for(json!({"history": bool::from(*history), "missing": missing, "set_back": set_back}), *reason)
        }
        _ => json!({}),
    };
    (line["out"], line["event"]) = (json!("event"), json!(event.name()));
    line
}

/// Writes the result of a peek for a notification.
pub(crate) fn peek(peek: &Peek) -> Value {
    let Peek::Message(preview) = peek else { return json!(peek.name()) };
    let content = preview.content.as_ref().map(|content| {
        let entities: Vec<_> = content.entities.iter().map(entity).collect();
        json!({"text": content.text, "entities": entities, "media": content.media})
    });
    json!({
        "random_id": preview.random_id.to_string(), "position": position(preview.position), "is_early": preview.is_early,
        "silent": preview.silent, "most": preview.most.name(), "content": content,
    })
}

/// Adds the reason why a chat is closed, with the peer's fault.
pub(crate) fn closed_for(mut line: Value, reason: CloseReason) -> Value {
    match reason {
        CloseReason::Violation(violation) => {
            line["reason"] = json!("Violation");
            line["violation"] = json!(camel(violation.name()));
        }
        other => line["reason"] = json!(camel(other.name())),
    }
    line
}

fn message(message: &Message) -> Value {
    let mut line = content(&message.content);
    let around = json!({
        "random_id": message.random_id.to_string(),
        "position": position(message.position),
        "date": message.date.as_millis(),
        "file": message.file.as_ref().map(file),
        "reply_to": message.reply_to.map(|id| id.to_string()),
        "grouped_id": message.grouped_id.map(|id| id.to_string()),
        "via_bot": message.via_bot,
        "silent": message.silent,
        "ttl": message.ttl.to_wire(),
        "layer": message.layer.0,
    });
    if let (Value::Object(line), Value::Object(around)) = (&mut line, around) {
        line.extend(around);
    }
    line
}

/// Writes the content of a message.
fn content(content: &Content) -> Value {
    json!({
        "text": content.text,
        "entities": content.entities.iter().map(entity).collect::<Vec<_>>(),
        "media": content.media.as_ref().map(media),
        "rights": rights(content.rights),
    })
}

/// Writes the position of a message in the history.
pub(crate) fn position(position: Position) -> Value {
    json!({
        "sender": position.sender().name(),
        "slot": position.slot().get(),
        "acknowledged": position.acknowledged().get(),
        "order": position.order(),
    })
}

fn file(IncomingFile { reference, size, fingerprint, .. }: &IncomingFile) -> Value {
    json!({"reference": opaque(reference), "size": size, "fingerprint": fingerprint})
}
