//! What a recorded message means, read from its decoded form and not with the crate's own reader, and whether a chat said
//! that.

use std::collections::VecDeque;

use recordings::{bytes, number};
use secretchat::media::MediaKey;
use secretchat::{
    Document, DocumentKind, EntityKind, Event, Layer, Media, Message, RandomId, Thumbnail, Timestamp, Ttl, TypingAction,
};
use serde_json::Value;

/// Takes the events that the message in `step` causes from the front of `events`.
pub(crate) fn check(step: &Value, events: &mut VecDeque<Event>) -> Result<(), String> {
    let message = &step["decoded"]["message"];
    let Some(expected) = expected(step, message)? else { return Ok(()) };
    let actual = events.pop_front().map_or_else(|| "nothing".to_owned(), |event| told(&event));
    if expected == actual { Ok(()) } else { Err(format!("expected {expected}, actual {actual}")) }
}

/// Whether the event is about the peer's messages and not about delivery.
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

fn expected(step: &Value, message: &Value) -> Result<Option<String>, String> {
    let action = &message["action"];
    if action.is_null() {
        return match message["id"].as_str() {
            Some("91cc4674" | "36b091de") => said(step, message).map(Some),
            _ => Ok(Some("Unsupported".into())),
        };
    }
    let name = action["_"].as_str().unwrap_or_default().trim_start_matches("decryptedMessageAction");
    Ok(match name {
        "SetMessageTTL" => Some(format!("SetMessageTTL {}", timer(&action["ttl_seconds"]))),
        "ReadMessages" | "DeleteMessages" | "ScreenshotMessages" => {
            let ids: Vec<i64> = action["random_ids"].as_array().into_iter().flatten().map(number).collect();
            Some(format!("{name} {ids:?}"))
        }
        "FlushHistory" => Some("FlushHistory".into()),
        "Typing" => {
            let kind = action["action"]["_"].as_str().unwrap_or_default();
            Some(format!("Typing {}", kind.trim_start_matches("sendMessage").trim_end_matches("Action")))
        }
        _ => None,
    })
}

fn told(event: &Event) -> String {
    let ids = |ids: &[RandomId]| format!("{:?}", ids.iter().map(|id| id.0).collect::<Vec<_>>());
    match event {
        Event::Message(message) => described(message),
        Event::TtlChanged { ttl, crossed: _ } => format!("SetMessageTTL {}", ttl.to_wire()),
        Event::ReadByPeer { random_ids } => format!("ReadMessages {}", ids(random_ids)),
        Event::Deleted { random_ids } => format!("DeleteMessages {}", ids(random_ids)),
        Event::Screenshot { random_ids } => format!("ScreenshotMessages {}", ids(random_ids)),
        Event::HistoryFlushed => "FlushHistory".into(),
        Event::Unsupported => "Unsupported".into(),
        Event::Typing { action } => format!(
            "Typing {}",
            match action {
                TypingAction::Cancel => "Cancel",
                TypingAction::Typing => "Typing",
                TypingAction::RecordVideo => "RecordVideo",
                TypingAction::UploadVideo => "UploadVideo",
                TypingAction::RecordAudio => "RecordAudio",
                TypingAction::UploadAudio => "UploadAudio",
                TypingAction::UploadPhoto => "UploadPhoto",
                TypingAction::UploadDocument => "UploadDocument",
                TypingAction::GeoLocation => "GeoLocation",
                TypingAction::ChooseContact => "ChooseContact",
                TypingAction::RecordRound => "RecordRound",
                TypingAction::UploadRound => "UploadRound",
                _ => "?",
            }
        ),
        other => format!("{other:?}"),
    }
}

fn timer(value: &Value) -> i32 {
    Ttl::from_wire(i32::try_from(number(value)).unwrap_or(0)).to_wire()
}

/// The recorded message.
fn said(step: &Value, message: &Value) -> Result<String, String> {
    let ttl = timer(&message["ttl"]);
    let media = &message["media"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (body, caption) = (text(&message["message"]), text(&media["caption"]));
    let between = if body.is_empty() || caption.is_empty() { "" } else { "\n\n" };
    let entities: Vec<String> = message["entities"].as_array().into_iter().flatten().map(entity).collect();
    let file = match step["file"]["id"].as_str() {
        Some(_) => format!("{} {}", number(&step["file"]["size"]), number(&step["file"]["key_fingerprint"])),
        None => String::new(),
    };
    Ok(Said {
        random_id: number(&message["random_id"]),
        date: date(step),
        text: format!("{body}{between}{caption}"),
        entities,
        media: if media.is_null() { "none".into() } else { recorded_media(media, ttl)? },
        file,
        reply_to: number(&message["reply_to_random_id"]),
        grouped_id: number(&message["grouped_id"]),
        via_bot: text(&message["via_bot_name"]),
        silent: number(&message["flags"]) & 1 << 5 != 0,
        ttl,
        layer: i32::try_from(number(&step["decoded"]["layer"])).unwrap_or(0),
    }
    .line())
}

/// When a message arrived, by the recording.
pub(crate) fn date(step: &Value) -> Timestamp {
    Timestamp::from_unix_seconds(i32::try_from(number(&step["date"])).unwrap_or(0))
}

/// The message that the chat gave out.
fn described(message: &Message) -> String {
    let entity = |entity: &secretchat::Entity| format!("{} {} {}", kind(&entity.kind), entity.offset, entity.length);
    let Layer(layer) = message.layer;
    Said {
        random_id: message.random_id.0,
        date: message.date,
        text: message.content().text.clone(),
        entities: message.content().entities.iter().map(entity).collect(),
        media: message.content().media.as_ref().map_or_else(|| "none".into(), told_media),
        file: message
            .file
            .as_ref()
            .map_or_else(String::new, |file| format!("{} {}", file.size.unwrap_or(0), file.fingerprint.unwrap_or(0))),
        reply_to: message.reply_to.map_or(0, |id| id.0),
        grouped_id: message.grouped_id.map_or(0, |id| id.0),
        via_bot: message.via_bot.clone().unwrap_or_default(),
        silent: message.silent,
        ttl: message.ttl.to_wire(),
        layer,
    }
    .line()
}

/// Every field of a message in a form that both sides can be brought into.
#[derive(Debug)]
#[allow(dead_code, reason = "what is printed is compared")]
struct Said {
    random_id: i64,
    date: Timestamp,
    text: String,
    entities: Vec<String>,
    media: String,
    file: String,
    reply_to: i64,
    grouped_id: i64,
    via_bot: String,
    silent: bool,
    ttl: i32,
    layer: i32,
}

impl Said {
    fn line(&self) -> String {
        format!("{self:?}")
    }
}

fn entity(entity: &Value) -> String {
    let name = entity["_"].as_str().unwrap_or_default().trim_start_matches("messageEntity");
    let more = ["language", "url", "user_id", "document_id"].iter().find_map(|key| match &entity[key] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    });
    let more = more.map_or_else(String::new, |more| format!("({more})"));
    format!("{name}{more} {} {}", number(&entity["offset"]), number(&entity["length"]))
}

fn kind(kind: &EntityKind) -> String {
    match kind {
        EntityKind::Pre(language) => format!("Pre({language})"),
        EntityKind::TextUrl(url) => format!("TextUrl({url})"),
        EntityKind::MentionName(id) => format!("MentionName({id})"),
        EntityKind::CustomEmoji(id) => format!("CustomEmoji({id})"),
        // The others are called as on the wire and say nothing more.
        other => format!("{other:?}"),
    }
}

fn recorded_media(media: &Value, ttl: i32) -> Result<String, String> {
    let name = media["_"].as_str().unwrap_or_default().trim_start_matches("decryptedMessageMedia");
    let text = |key: &str| media[key].as_str().unwrap_or_default().to_owned();
    let (w, h, size) = (number(&media["w"]), number(&media["h"]), number(&media["size"]));
    let key = if ttl == 0 { text("key") + &text("iv") } else { String::new() };
    // The preview of what is hidden until it is opened stays in the chat, if there is a key to open it with (SPEC DES-10).
    let has_key = text("key").len() == 64 && text("iv").len() == 64;
    let preview = |hideable: bool| {
        let hidden = ttl == i32::MAX || (hideable && (1..=60).contains(&ttl));
        if has_key && hidden { "none".into() } else { recorded_thumb(media) }
    };
    let double = |key: &str| media[key].as_f64().unwrap_or(f64::NAN);
    let (lat, long) = (double("lat"), double("long"));
    let on_earth = lat.abs() <= 90.0 && long.abs() <= 180.0;
    Ok(match name {
        "Empty" => "none".into(),
        "Photo" if size >= 0 => format!("Photo {w}x{h} {size} thumb {} key {key}", preview(true)),
        "Document" | "Document46" | "Video" | "Audio" if size > 0 => {
            let (shape, file_name, image) = match name {
                "Video" => (format!("Video {} {w}x{h}", number(&media["duration"])), String::new(), String::new()),
                "Audio" => (format!("Voice {} ", number(&media["duration"])), String::new(), String::new()),
                _ => recorded_shape(&media["attributes"])?,
            };
            let mime = text("mime_type");
            let thumb = preview(!shape.starts_with("File") && !shape.starts_with("Sticker"));
            format!("Document {shape} mime {mime} name {file_name} image {image} {size} thumb {thumb} key {key}")
        }
        "GeoPoint" if on_earth => format!("GeoPoint {lat} {long}"),
        "Venue" if on_earth => {
            let [title, address, provider, id] = ["title", "address", "provider", "venue_id"].map(text);
            format!("Venue {lat} {long} {title}, {address}, {provider}, {id}")
        }
        "Contact" => {
            let [phone, first, last] = ["phone_number", "first_name", "last_name"].map(text);
            format!("Contact {phone}, {first}, {last}, {}", number(&media["user_id"]))
        }
        "WebPage" => format!("WebPage {}", text("url")),
        "ExternalDocument" if size >= 0 => {
            let (shape, file_name, image) = recorded_shape(&media["attributes"])?;
            let mime = text("mime_type");
            let [id, hash, dc, date] = ["id", "access_hash", "dc_id", "date"].map(|key| number(&media[key]));
            format!("External {id} {hash} {dc} {date} {shape} mime {mime} name {file_name} image {image} {size}")
        }
        _ => "Unsupported".into(),
    })
}

fn recorded_thumb(media: &Value) -> String {
    let jpeg = media["thumb"].as_str().unwrap_or_default();
    let (w, h) = (number(&media["thumb_w"]), number(&media["thumb_h"]));
    let side = 1..=i64::from(Thumbnail::MAX_SIDE);
    if jpeg.is_empty() || jpeg.len() / 2 > Thumbnail::MAX_BYTES || !side.contains(&w) || !side.contains(&h) {
        return "none".into();
    }
    format!("{w}x{h} {jpeg}")
}

/// Kind, file name and size of the picture.
fn recorded_shape(attributes: &Value) -> Result<(String, String, String), String> {
    let attributes = attributes.as_array().map(Vec::as_slice).unwrap_or_default();
    let find = |name: &str| attributes.iter().rfind(|attribute| attribute["_"] == format!("documentAttribute{name}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let side = |of: &Value| format!("{}x{}", number(&of["w"]), number(&of["h"]));
    let file_name = find("Filename").map(|attribute| text(&attribute["file_name"])).unwrap_or_default();
    let image = find("ImageSize").map(side);
    let video = find("Video");
    let duration = |of: &Value| number(&of["duration"]);
    let (shape, keeps_image) = if let Some(sticker) = find("Sticker") {
        (format!("Sticker {}", text(&sticker["alt"])), true)
    } else if find("Animated").is_some() {
        let side = image.clone().or_else(|| video.map(side)).unwrap_or_else(|| "0x0".into());
        (format!("Animation {} {side}", video.map_or(0, duration)), false)
    } else if let Some(video) = video {
        if video["round_message"] == true {
            let side = number(&video["w"]).min(number(&video["h"]));
            (format!("RoundVideo {} {side}", duration(video)), false)
        } else {
            (format!("Video {} {}", duration(video), side(video)), false)
        }
    } else if let Some(audio) = find("Audio") {
        if audio["voice"] == true {
            (format!("Voice {} {}", duration(audio), hex::encode(bytes(&audio["waveform"])?)), false)
        } else {
            (format!("Audio {} {}, {}", duration(audio), text(&audio["title"]), text(&audio["performer"])), false)
        }
    } else {
        ("File".into(), true)
    };
    Ok((shape, file_name, image.filter(|_| keeps_image).unwrap_or_default()))
}

/// A medium, its keys and all.
pub(crate) fn told_media(media: &Media) -> String {
    match media {
        Media::Photo(photo) => format!(
            "Photo {}x{} {} thumb {} key {}",
            photo.width,
            photo.height,
            photo.size,
            told_thumb(photo.thumbnail.as_ref()),
            told_key(photo.key.as_ref())
        ),
        Media::Document(document) => {
            let Document { kind, thumbnail, mime_type, file_name, image_size, size, key, .. } = document;
            format!(
                "Document {} mime {mime_type} name {} image {} {size} thumb {} key {}",
                told_kind(kind),
                file_name.clone().unwrap_or_default(),
                told_image(*image_size),
                told_thumb(thumbnail.as_ref()),
                told_key(key.as_ref())
            )
        }
        Media::GeoPoint(point) => format!("GeoPoint {} {}", point.latitude, point.longitude),
        Media::Venue(venue) => format!(
            "Venue {} {} {}, {}, {}, {}",
            venue.point.latitude, venue.point.longitude, venue.title, venue.address, venue.provider, venue.venue_id
        ),
        Media::Contact(contact) => format!(
            "Contact {}, {}, {}, {}",
            contact.phone_number, contact.first_name, contact.last_name, contact.user_id
        ),
        Media::WebPage(page) => format!("WebPage {}", page.url),
        Media::ExternalDocument(document) => format!(
            "External {} {} {} {} {} mime {} name {} image {} {}",
            document.id,
            document.access_hash,
            document.dc_id,
            document.date,
            told_kind(&document.kind),
            document.mime_type,
            document.file_name.clone().unwrap_or_default(),
            told_image(document.image_size),
            document.size
        ),
        _ => "Unsupported".into(),
    }
}

fn told_kind(kind: &DocumentKind) -> String {
    match kind {
        DocumentKind::Video { duration, width, height, .. } => format!("Video {duration} {width}x{height}"),
        DocumentKind::Animation { duration, width, height, .. } => format!("Animation {duration} {width}x{height}"),
        DocumentKind::Audio { duration, title, performer, .. } => format!("Audio {duration} {title}, {performer}"),
        DocumentKind::Voice { duration, waveform, .. } => format!("Voice {duration} {}", hex::encode(waveform)),
        DocumentKind::RoundVideo { duration, side, .. } => format!("RoundVideo {duration} {side}"),
        DocumentKind::Sticker { alt, .. } => format!("Sticker {alt}"),
        _ => "File".into(),
    }
}

fn told_image(size: Option<(u32, u32)>) -> String {
    size.map_or_else(String::new, |(w, h)| format!("{w}x{h}"))
}

fn told_thumb(thumbnail: Option<&Thumbnail>) -> String {
    thumbnail
        .map_or_else(|| "none".into(), |thumb| format!("{}x{} {}", thumb.width, thumb.height, hex::encode(&thumb.jpeg)))
}

fn told_key(key: Option<&MediaKey>) -> String {
    let parts = key.map(MediaKey::parts);
    parts.map_or_else(String::new, |(key, iv)| hex::encode(key) + &hex::encode(iv))
}
