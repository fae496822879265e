//! The meaning of a recorded message, read from its decoded form and not with the crate's own reader, and whether a chat
//! reported it.

use std::collections::VecDeque;

use recordings::{bytes, number};
use secretchat::{Event, IncomingFile, Thumbnail, Timestamp, Ttl};
use serde_json::{Value, json};

use crate::codec::{self, snake};

/// Takes the events that the message in `step` causes from the front of `events`.
pub(crate) fn check(step: &Value, events: &mut VecDeque<Event>) -> Result<(), String> {
    let Some(expected) = expected(step)? else { return Ok(()) };
    let actual = events.pop_front().map_or(Value::Null, |event| codec::event(&event));
    if has(&actual, &expected) { Ok(()) } else { Err(format!("expected {expected}, actual {actual}")) }
}

/// Returns whether the event is about the peer's messages and not about delivery.
pub(crate) fn is_news(event: &Event) -> bool {
    matches!(
        event,
        Event::Message(_)
            | Event::TtlChanged { .. }
            | Event::ReadByPeer { .. }
            | Event::Deleted { .. }
            | Event::HistoryFlushed
            | Event::Screenshot { .. }
            | Event::Typing { .. }
            | Event::Unsupported
            | Event::Closed { .. }
    )
}

/// Returns when a message arrived, by the recording.
pub(crate) fn date(step: &Value) -> Timestamp {
    Timestamp::from_telegram(i32::try_from(number(&step["date"])).unwrap_or(0))
}

/// Returns what came with a message, by the recording.
pub(crate) fn file(step: &Value) -> Option<IncomingFile> {
    let file = &step["file"];
    let size = u64::try_from(number(&file["size"])).ok();
    let fingerprint = i32::try_from(number(&file["key_fingerprint"])).ok();
    Some(IncomingFile::new(file["id"].as_str()?).with_size(size).with_fingerprint(fingerprint))
}

/// Returns whether `actual` has each field of `expected`; `null` counts as absent.
fn has(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| has(actual.get(name).unwrap_or(&Value::Null), value))
        }
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len()
                && actual.iter().zip(expected).all(|(actual, expected)| has(actual, expected))
        }
        _ => actual == expected,
    }
}

/// Returns the event that a message causes, as the codec writes it.
fn expected(step: &Value) -> Result<Option<Value>, String> {
    let message = &step["decoded"]["message"];
    let action = &message["action"];
    if action.is_null() {
        return match message["id"].as_str() {
            Some("91cc4674" | "36b091de") => said(step, message).map(Some),
            _ => Ok(Some(json!({"event": "unsupported"}))),
        };
    }
    let ids = || -> Vec<String> {
        let ids = action["random_ids"].as_array().into_iter().flatten();
        ids.map(|id| number(id).to_string()).collect()
    };
    Ok(Some(match name(action, "decryptedMessageAction") {
        "SetMessageTTL" => json!({"event": "ttl_changed", "ttl": timer(&action["ttl_seconds"])}),
        "ReadMessages" => json!({"event": "read_by_peer", "random_ids": ids()}),
        "DeleteMessages" => json!({"event": "deleted", "random_ids": ids()}),
        "ScreenshotMessages" => json!({"event": "screenshot", "random_ids": ids()}),
        "FlushHistory" => json!({"event": "history_flushed"}),
        "Typing" => {
            let kind = name(&action["action"], "sendMessage").trim_end_matches("Action");
            json!({"event": "typing", "action": snake(kind)})
        }
        _ => return Ok(None),
    }))
}

fn said(step: &Value, message: &Value) -> Result<Value, String> {
    let ttl = timer(&message["ttl"]);
    let media = &message["media"];
    let (body, caption) = (text(&message["message"]), text(&media["caption"]));
    let between = if body.is_empty() || caption.is_empty() { "" } else { "\n\n" };
    Ok(json!({
        "event": "message",
        "random_id": id(&message["random_id"]),
        "date": date(step).as_millis(),
        "text": format!("{body}{between}{caption}"),
        "entities": message["entities"].as_array().into_iter().flatten().map(entity).collect::<Vec<_>>(),
        "media": if media.is_null() { Value::Null } else { medium(media, ttl)? },
        "file": file_told(&step["file"]),
        "reply_to": id(&message["reply_to_random_id"]),
        "grouped_id": id(&message["grouped_id"]),
        "via_bot": some(text(&message["via_bot_name"])),
        "silent": number(&message["flags"]) & 1 << 5 != 0,
        "ttl": ttl,
        "layer": number(&step["decoded"]["layer"]),
    }))
}

fn entity(entity: &Value) -> Value {
    let mut expected = json!({
        "kind": snake(name(entity, "messageEntity")),
        "offset": number(&entity["offset"]),
        "length": number(&entity["length"]),
    });
    for name in ["language", "url"].into_iter().filter(|name| !entity[*name].is_null()) {
        expected[name] = entity[name].clone();
    }
    if !entity["user_id"].is_null() {
        expected["user_id"] = json!(number(&entity["user_id"]));
    }
    if !entity["document_id"].is_null() {
        expected["document_id"] = json!(number(&entity["document_id"]).to_string());
    }
    expected
}

fn file_told(file: &Value) -> Value {
    let Some(reference) = file["id"].as_str() else { return Value::Null };
    json!({"reference": reference, "size": number(&file["size"]), "fingerprint": number(&file["key_fingerprint"])})
}

fn medium(media: &Value, ttl: i32) -> Result<Value, String> {
    let size = number(&media["size"]);
    let double = |name: &str| media[name].as_f64().unwrap_or(f64::NAN);
    let (lat, long) = (double("lat"), double("long"));
    let on_earth = lat.abs() <= 90.0 && long.abs() <= 180.0;
    // Hidden content stays in the chat until it is opened, if there is a key for it (SPEC DES-10).
    let has_key = text(&media["key"]).len() == 64 && text(&media["iv"]).len() == 64;
    let hidden = |hideable: bool| has_key && (ttl == i32::MAX || (hideable && (1..=60).contains(&ttl)));
    Ok(match name(media, "decryptedMessageMedia") {
        "Empty" => Value::Null,
        "Photo" if size >= 0 => {
            let photo = json!({"kind": "photo", "w": number(&media["w"]), "h": number(&media["h"]), "size": size});
            with_key(with_thumb(photo, media, hidden(true)), media, ttl)
        }
        kind @ ("Document" | "Document46" | "Video" | "Audio") if size > 0 => {
            let mut document = match kind {
                "Video" => video("video", media, media),
                "Audio" => json!({"kind": "voice", "duration": number(&media["duration"]), "waveform": ""}),
                _ => shape(&media["attributes"])?,
            };
            (document["mime_type"], document["size"]) = (json!(text(&media["mime_type"])), json!(size));
            let is_hideable = document["kind"] != "document" && document["kind"] != "sticker";
            with_key(with_thumb(document, media, hidden(is_hideable)), media, ttl)
        }
        "GeoPoint" if on_earth => json!({"kind": "geo", "lat": lat, "long": long}),
        "Venue" if on_earth => {
            let point = json!({"kind": "venue", "lat": lat, "long": long});
            with_texts(point, media, &["title", "address", "provider", "venue_id"])
        }
        "Contact" => {
            let contact = json!({"kind": "contact", "user_id": number(&media["user_id"])});
            with_texts(contact, media, &["phone_number", "first_name", "last_name"])
        }
        "WebPage" => with_texts(json!({"kind": "web_page"}), media, &["url"]),
        "ExternalDocument" if size >= 0 => {
            let document = json!({
                "kind": "external_document",
                "id": number(&media["id"]).to_string(),
                "access_hash": number(&media["access_hash"]).to_string(),
                "dc_id": number(&media["dc_id"]),
                "date": number(&media["date"]),
                "size": size,
                "attributes": shape(&media["attributes"])?,
            });
            with_texts(document, media, &["mime_type"])
        }
        _ => json!({"kind": "unsupported"}),
    })
}

/// Returns the kind of a file, its name and the size of the picture.
fn shape(attributes: &Value) -> Result<Value, String> {
    let attributes = attributes.as_array().map(Vec::as_slice).unwrap_or_default();
    let find = |name: &str| attributes.iter().rfind(|attribute| attribute["_"] == format!("documentAttribute{name}"));
    let (image, nothing) = (find("ImageSize"), Value::Null);
    let of_image = |kind| with_side(kind, image.unwrap_or(&nothing));
    let mut shape = if let Some(sticker) = find("Sticker") {
        of_image(with_texts(json!({"kind": "sticker"}), sticker, &["alt"]))
    } else if find("Animated").is_some() {
        let of = find("Video").unwrap_or(&nothing);
        video("animation", of, image.unwrap_or(of))
    } else if let Some(of) = find("Video") {
        if of["round_message"] == true {
            let side = number(&of["w"]).min(number(&of["h"]));
            json!({"kind": "round", "duration": number(&of["duration"]), "w": side})
        } else {
            video("video", of, of)
        }
    } else if let Some(of) = find("Audio") {
        let duration = number(&of["duration"]);
        if of["voice"] == true {
            json!({"kind": "voice", "duration": duration, "waveform": hex::encode(bytes(&of["waveform"])?)})
        } else {
            with_texts(json!({"kind": "audio", "duration": duration}), of, &["title", "performer"])
        }
    } else {
        of_image(json!({"kind": "document"}))
    };
    shape["file_name"] = some(find("Filename").map(|of| text(&of["file_name"])).unwrap_or_default());
    Ok(shape)
}

fn video(kind: &str, of: &Value, side: &Value) -> Value {
    json!({
        "kind": kind,
        "duration": number(&of["duration"]),
        "w": number(&side["w"]),
        "h": number(&side["h"]),
    })
}

fn with_side(mut value: Value, of: &Value) -> Value {
    let side = |name: &str| if of[name].is_null() { Value::Null } else { json!(number(&of[name])) };
    (value["w"], value["h"]) = (side("w"), side("h"));
    value
}

fn with_texts(mut value: Value, of: &Value, names: &[&str]) -> Value {
    for name in names {
        value[*name] = json!(text(&of[*name]));
    }
    value
}

fn with_thumb(mut value: Value, media: &Value, is_hidden: bool) -> Value {
    let jpeg = text(&media["thumb"]);
    let (w, h) = (number(&media["thumb_w"]), number(&media["thumb_h"]));
    let side = 1..=i64::from(Thumbnail::MAX_SIDE);
    let fits = !jpeg.is_empty() && jpeg.len() / 2 <= Thumbnail::MAX_BYTES && side.contains(&w) && side.contains(&h);
    let [jpeg, w, h] = if fits && !is_hidden { [json!(jpeg), json!(w), json!(h)] } else { [const { Value::Null }; 3] };
    (value["thumb"], value["thumb_w"], value["thumb_h"]) = (jpeg, w, h);
    value
}

fn with_key(mut value: Value, media: &Value, ttl: i32) -> Value {
    let part = |name: &str| if ttl == 0 { some(text(&media[name])) } else { Value::Null };
    (value["key"], value["iv"]) = (part("key"), part("iv"));
    value
}

/// Returns the part of a constructor's name after `family`.
fn name<'v>(of: &'v Value, family: &str) -> &'v str {
    of["_"].as_str().unwrap_or_default().trim_start_matches(family)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns a text as JSON. An empty text counts as absent.
fn some(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// Returns an id as JSON. An id of zero counts as absent.
fn id(value: &Value) -> Value {
    match number(value) {
        0 => Value::Null,
        id => json!(id.to_string()),
    }
}

fn timer(value: &Value) -> i32 {
    Ttl::from_wire(i32::try_from(number(value)).unwrap_or(0)).to_wire()
}
