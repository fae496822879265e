//! Events as lines, with every field by its name.

use secretchat::{CloseReason, Entity, EntityKind, Event, IncomingFile, Message, UserAction};
use serde_json::{Value, json};

use super::media_out::{lease, media, rights};
use super::names::{snake, variant};
use super::output::{ids, opaque};

pub(crate) fn event(event: &Event) -> Value {
    let mut line = match event {
        Event::Ready { verification } => json!({"verification": hex::encode(verification.to_bytes())}),
        Event::Message(told) => message(told),
        Event::Sent { id, random_id, date } => {
            json!({"id": id.0, "random_id": random_id.to_string(), "date": date.as_millis()})
        }
        Event::Failed { id, random_id } => json!({"id": id.0, "random_id": random_id.to_string()}),
        Event::ActionFailed { id, action } => {
            let ttl = if let UserAction::SetTtl { ttl } = action { Some(ttl.to_wire()) } else { None };
            json!({"id": id.0, "action": snake(action), "ttl": ttl})
        }
        Event::Acknowledged { random_ids }
        | Event::ReadByPeer { random_ids }
        | Event::Deleted { random_ids }
        | Event::Screenshot { random_ids } => json!({"random_ids": ids(random_ids)}),
        Event::TtlChanged { ttl, crossed } => json!({"ttl": ttl.to_wire(), "crossed": crossed}),
        Event::Opened { random_id, lease: lent, deadline } => json!({
            "random_id": random_id.to_string(), "lease": lent.as_deref().map(lease), "deadline": deadline.as_millis(),
        }),
        Event::Expired { random_id } | Event::KeyRefused { random_id } => json!({"random_id": random_id.to_string()}),
        Event::ReadUpTo { max_date, date } => json!({"max_date": max_date.as_millis(), "date": date.as_millis()}),
        Event::Typing { action } => json!({"action": snake(action)}),
        Event::PeerLayer { layer } => json!({"layer": layer.0}),
        Event::Rekeyed { rekeys } => json!({"rekeys": rekeys}),
        Event::RekeyFailed { reason } => json!({"reason": variant(reason)}),
        Event::Closed { reason, history, missing, set_back } => {
            with_reason(json!({"history": history, "missing": missing, "set_back": set_back}), *reason)
        }
        _ => json!({}),
    };
    (line["out"], line["event"]) = (json!("event"), json!(snake(event)));
    line
}

/// Why a chat is over, with what the peer did wrong.
pub(crate) fn with_reason(mut line: Value, reason: CloseReason) -> Value {
    line["reason"] = json!(variant(&reason));
    if let CloseReason::Violation(violation) = reason {
        line["violation"] = json!(variant(&violation));
    }
    line
}

fn message(message: &Message) -> Value {
    let content = message.content();
    json!({
        "random_id": message.random_id.to_string(),
        "date": message.date.as_millis(),
        "text": content.text,
        "entities": content.entities.iter().map(entity).collect::<Vec<_>>(),
        "media": content.media.as_ref().map(media),
        "rights": rights(content.rights),
        "file": message.file.as_ref().map(file),
        "reply_to": message.reply_to.map(|id| id.to_string()),
        "grouped_id": message.grouped_id.map(|id| id.to_string()),
        "via_bot": message.via_bot,
        "silent": message.silent,
        "ttl": message.ttl.to_wire(),
        "layer": message.layer.0,
    })
}

fn entity(Entity { kind, offset, length, .. }: &Entity) -> Value {
    let mut value = json!({"kind": snake(kind), "offset": offset, "length": length});
    match kind {
        EntityKind::Pre(language) => value["language"] = json!(language),
        EntityKind::TextUrl(url) => value["url"] = json!(url),
        EntityKind::MentionName(user_id) => value["user_id"] = json!(user_id),
        EntityKind::CustomEmoji(document_id) => value["document_id"] = json!(document_id.to_string()),
        _ => {}
    }
    value
}

fn file(IncomingFile { reference, size, fingerprint, .. }: &IncomingFile) -> Value {
    json!({"reference": opaque(reference), "size": size, "fingerprint": fingerprint})
}
