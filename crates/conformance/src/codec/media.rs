//! The JSON of media, with the fields of the schema.

use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::{
    Contact, Document, DocumentKind, ExternalDocument, GeoPoint, Media, MediaLease, Photo, Profile, Rights, Thumbnail,
    Venue, WebPage,
};
use serde_json::{Value, json};

use super::fields::{FieldError, Fields};

/// Writes a medium.
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

/// Writes the lease of an opened medium.
pub(super) fn lease(lease: &MediaLease) -> Value {
    let lent = json!({"size": lease.size(), "rights": rights(lease.rights())});
    with_key(with_thumb(lent, lease.thumbnail()), Some(lease.hazmat_key()))
}

pub(super) fn rights(rights: Rights) -> Value {
    json!({
        "notification": rights.notification().name(), "may_forward": rights.may_forward(), "may_save": rights.may_save(), "may_copy": rights.may_copy(),
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

/// Reads a medium and its caption. Missing fields are empty or zero. The chat decides whether that is valid.
pub(super) fn media_from(mut fields: Fields, profile: &Profile) -> Result<(Media, Option<String>), FieldError> {
    let f = &mut fields;
    let kind: String = f.need("kind")?;
    let media = match kind.as_str() {
        "photo" => {
            let mut photo = Photo::default();
            photo.thumbnail = thumbnail_from(f)?;
            photo.width = f.or_default("w")?;
            photo.height = f.or_default("h")?;
            photo.size = f.or_default("size")?;
            photo.key = key_from(f, profile)?;
            photo.into()
        }
        "contact" => {
            let mut contact = Contact::default();
            contact.phone_number = f.or_default("phone_number")?;
            contact.first_name = f.or_default("first_name")?;
            contact.last_name = f.or_default("last_name")?;
            contact.user_id = f.or_default("user_id")?;
            contact.into()
        }
        "geo" => Media::GeoPoint(point_from(f)?),
        "venue" => {
            let mut venue = Venue::default();
            venue.point = point_from(f)?;
            venue.title = f.or_default("title")?;
            venue.address = f.or_default("address")?;
            venue.provider = f.or_default("provider")?;
            venue.venue_id = f.or_default("venue_id")?;
            venue.into()
        }
        "web_page" => WebPage::new(f.or_default::<String>("url")?).into(),
        "external_document" => Media::ExternalDocument(external_from(f)?),
        file => {
            let Shape { kind, file_name, image_size } = shape_from(file, f)?;
            let mut document = Document::default();
            document.kind = kind;
            document.thumbnail = thumbnail_from(f)?;
            document.mime_type = f.or_default("mime_type")?;
            document.file_name = file_name;
            document.image_size = image_size;
            document.size = f.or_default("size")?;
            document.key = key_from(f, profile)?;
            document.into()
        }
    };
    let caption = f.get("caption")?;
    fields.end()?;
    Ok((media, caption))
}

fn external_from(f: &mut Fields) -> Result<ExternalDocument, FieldError> {
    let mut attributes: Fields = f.need("attributes")?;
    let Shape { kind, file_name, image_size } = shape_from(&attributes.need::<String>("kind")?, &mut attributes)?;
    attributes.end()?;
    let mut document = ExternalDocument::new(f.need("id")?, f.need("access_hash")?, f.or_default("dc_id")?);
    document.date = f.or_default("date")?;
    document.kind = kind;
    document.thumbnail = thumbnail_from(f)?;
    document.mime_type = f.or_default("mime_type")?;
    document.file_name = file_name;
    document.image_size = image_size;
    document.size = f.or_default("size")?;
    Ok(document)
}

/// The attributes of a file.
struct Shape {
    kind: DocumentKind,
    file_name: Option<String>,
    image_size: Option<(u32, u32)>,
}

fn shape_from(kind: &str, f: &mut Fields) -> Result<Shape, FieldError> {
    let file_name = f.get("file_name")?;
    let kind = match kind {
        "document" => DocumentKind::File,
        "video" => DocumentKind::video(f.or_default("duration")?, f.or_default("w")?, f.or_default("h")?),
        "animation" => DocumentKind::animation(f.or_default("duration")?, f.or_default("w")?, f.or_default("h")?),
        "audio" => DocumentKind::audio(
            f.or_default("duration")?,
            f.or_default::<String>("title")?,
            f.or_default::<String>("performer")?,
        ),
        "voice" => DocumentKind::voice(f.or_default("duration")?, f.or_default::<Vec<u8>>("waveform")?),
        "round" => DocumentKind::round_video(f.or_default("duration")?, f.or_default("w")?),
        "sticker" => DocumentKind::sticker(f.or_default::<String>("alt")?, f.get("stickerset")?),
        _ => return Err(FieldError::Bad),
    };
    // Only a picture can have these fields here: the other kinds have already taken theirs.
    let image_size = match f.get("w")? {
        None => None,
        Some(width) => Some((width, f.need("h")?)),
    };
    Ok(Shape { kind, file_name, image_size })
}

fn thumbnail_from(f: &mut Fields) -> Result<Option<Thumbnail>, FieldError> {
    let Some(jpeg) = f.get::<Vec<u8>>("thumb")? else { return Ok(None) };
    Ok(Some(Thumbnail::new(jpeg, f.or_default("thumb_w")?, f.or_default("thumb_h")?)))
}

fn point_from(f: &mut Fields) -> Result<GeoPoint, FieldError> {
    Ok(GeoPoint { latitude: f.need("lat")?, longitude: f.need("long")? })
}

/// Reads a key in the form of the profile.
fn key_from(f: &mut Fields, profile: &Profile) -> Result<Option<MediaKey>, FieldError> {
    let Some(key) = f.get("key")? else { return Ok(None) };
    let iv = f.need("iv")?;
    Ok(Some(match profile {
        Profile::Telegram { .. } => ChainKey::from_parts(key, iv).into(),
        _ => SegmentKey::from_parts(key, iv).into(),
    }))
}
