//! A medium as the fields of the schema.

use secretchat::media::MediaKey;
use secretchat::{Document, DocumentKind, ExternalDocument, Media, MediaLease, Photo, Rights, Thumbnail, Venue};
use serde_json::{Value, json};

pub(crate) fn media(media: &Media) -> Value {
    match media {
        Media::Photo(Photo { thumbnail, width, height, size, key, .. }) => {
            let photo = json!({"kind": "photo", "w": width, "h": height, "size": size});
            with_key(with_thumb(photo, thumbnail.as_ref()), key.as_ref())
        }
        Media::Document(Document { kind, thumbnail, mime_type, file_name, image_size, size, key, .. }) => {
            let mut document = shape(kind, file_name.as_deref(), *image_size);
            document["mime_type"] = json!(mime_type);
            document["size"] = json!(size);
            with_key(with_thumb(document, thumbnail.as_ref()), key.as_ref())
        }
        Media::GeoPoint(point) => json!({"kind": "geo", "lat": point.latitude, "long": point.longitude}),
        Media::Venue(Venue { point, title, address, provider, venue_id, .. }) => json!({
            "kind": "venue", "lat": point.latitude, "long": point.longitude, "title": title, "address": address,
            "provider": provider, "venue_id": venue_id,
        }),
        Media::Contact(contact) => json!({
            "kind": "contact", "phone_number": contact.phone_number, "first_name": contact.first_name,
            "last_name": contact.last_name, "user_id": contact.user_id,
        }),
        Media::WebPage(page) => json!({"kind": "web_page", "url": page.url}),
        Media::ExternalDocument(document) => external(document),
        _ => json!({"kind": "unsupported"}),
    }
}

/// What is lent of an opened medium.
pub(crate) fn lease(lease: &MediaLease) -> Value {
    let lent = json!({"size": lease.size(), "rights": rights(lease.rights())});
    with_key(with_thumb(lent, lease.thumbnail()), Some(lease.hazmat_key()))
}

pub(crate) fn rights(rights: Rights) -> Value {
    json!({
        "may_forward": rights.may_forward(), "may_save": rights.may_save(), "may_copy": rights.may_copy(),
        "may_screenshot": rights.may_screenshot(), "is_hidden_until_opened": rights.is_hidden_until_opened(),
    })
}

fn external(document: &ExternalDocument) -> Value {
    let ExternalDocument {
        id, access_hash, dc_id, date, kind, thumbnail, mime_type, file_name, image_size, size, ..
    } = document;
    let value = json!({
        "kind": "external_document", "id": id.to_string(), "access_hash": access_hash.to_string(), "dc_id": dc_id,
        "date": date, "mime_type": mime_type, "size": size,
        "attributes": shape(kind, file_name.as_deref(), *image_size),
    });
    with_thumb(value, thumbnail.as_ref())
}

fn shape(kind: &DocumentKind, file_name: Option<&str>, image_size: Option<(u32, u32)>) -> Value {
    let mut shape = match kind {
        DocumentKind::File => json!({"kind": "document"}),
        DocumentKind::Video { duration, width, height, .. } => {
            json!({"kind": "video", "duration": duration, "w": width, "h": height})
        }
        DocumentKind::Animation { duration, width, height, .. } => {
            json!({"kind": "animation", "duration": duration, "w": width, "h": height})
        }
        DocumentKind::Audio { duration, title, performer, .. } => {
            json!({"kind": "audio", "duration": duration, "title": title, "performer": performer})
        }
        DocumentKind::Voice { duration, waveform, .. } => {
            json!({"kind": "voice", "duration": duration, "waveform": hex::encode(waveform)})
        }
        DocumentKind::RoundVideo { duration, side, .. } => json!({"kind": "round", "duration": duration, "w": side}),
        DocumentKind::Sticker { alt, set, .. } => json!({"kind": "sticker", "alt": alt, "stickerset": set}),
        _ => json!({"kind": "unsupported"}),
    };
    shape["file_name"] = json!(file_name);
    if let Some((width, height)) = image_size {
        (shape["w"], shape["h"]) = (json!(width), json!(height));
    }
    shape
}

fn with_thumb(mut value: Value, thumbnail: Option<&Thumbnail>) -> Value {
    value["thumb"] = json!(thumbnail.map(|thumbnail| hex::encode(&thumbnail.jpeg)));
    value["thumb_w"] = json!(thumbnail.map(|thumbnail| thumbnail.width));
    value["thumb_h"] = json!(thumbnail.map(|thumbnail| thumbnail.height));
    value
}

fn with_key(mut value: Value, key: Option<&MediaKey>) -> Value {
    let parts = key.map(MediaKey::parts);
    value["key"] = json!(parts.map(|(key, _)| hex::encode(key)));
    value["iv"] = json!(parts.map(|(_, iv)| hex::encode(iv)));
    value
}
