//! A medium from the fields of the schema. What is left out is empty or zero, and the chat says what it thinks of that.

use secretchat::media::{ChainKey, MediaKey, SegmentKey};
use secretchat::{
    Contact, Document, DocumentKind, ExternalDocument, GeoPoint, Media, Photo, Profile, Thumbnail, Venue, WebPage,
};

use super::failure::Misuse;
use super::fields::Fields;

/// The medium and its caption.
pub(crate) fn media(mut fields: Fields, profile: &Profile) -> Result<(Media, Option<String>), Misuse> {
    let f = &mut fields;
    let kind: String = f.need("kind")?;
    let media = match kind.as_str() {
        "photo" => Media::Photo(Photo {
            thumbnail: thumbnail(f)?,
            width: f.or_default("w")?,
            height: f.or_default("h")?,
            size: f.or_default("size")?,
            key: key(f, profile)?,
        }),
        "contact" => Media::Contact(Contact {
            phone_number: f.or_default("phone_number")?,
            first_name: f.or_default("first_name")?,
            last_name: f.or_default("last_name")?,
            user_id: f.or_default("user_id")?,
        }),
        "geo" => Media::GeoPoint(point(f)?),
        "venue" => Media::Venue(Venue {
            point: point(f)?,
            title: f.or_default("title")?,
            address: f.or_default("address")?,
            provider: f.or_default("provider")?,
            venue_id: f.or_default("venue_id")?,
        }),
        "web_page" => Media::WebPage(WebPage { url: f.or_default("url")? }),
        "external_document" => Media::ExternalDocument(external(f)?),
        file => {
            let Shape { kind, file_name, image_size } = shape(file, f)?;
            Media::Document(Document {
                kind,
                thumbnail: thumbnail(f)?,
                mime_type: f.or_default("mime_type")?,
                file_name,
                image_size,
                size: f.or_default("size")?,
                key: key(f, profile)?,
            })
        }
    };
    let caption = f.get("caption")?;
    fields.end()?;
    Ok((media, caption))
}

fn external(f: &mut Fields) -> Result<ExternalDocument, Misuse> {
    let mut attributes: Fields = f.need("attributes")?;
    let Shape { kind, file_name, image_size } = shape(&attributes.need::<String>("kind")?, &mut attributes)?;
    attributes.end()?;
    Ok(ExternalDocument {
        id: f.need("id")?,
        access_hash: f.need("access_hash")?,
        dc_id: f.or_default("dc_id")?,
        date: f.or_default("date")?,
        kind,
        thumbnail: thumbnail(f)?,
        mime_type: f.or_default("mime_type")?,
        file_name,
        image_size,
        size: f.or_default("size")?,
    })
}

/// What the attributes of a file say.
struct Shape {
    kind: DocumentKind,
    file_name: Option<String>,
    image_size: Option<(u32, u32)>,
}

fn shape(kind: &str, f: &mut Fields) -> Result<Shape, Misuse> {
    let file_name = f.get("file_name")?;
    let kind = match kind {
        "document" => DocumentKind::File,
        "video" => DocumentKind::Video {
            duration: f.or_default("duration")?,
            width: f.or_default("w")?,
            height: f.or_default("h")?,
        },
        "animation" => DocumentKind::Animation {
            duration: f.or_default("duration")?,
            width: f.or_default("w")?,
            height: f.or_default("h")?,
        },
        "audio" => DocumentKind::Audio {
            duration: f.or_default("duration")?,
            title: f.or_default("title")?,
            performer: f.or_default("performer")?,
        },
        "voice" => DocumentKind::Voice { duration: f.or_default("duration")?, waveform: f.or_default("waveform")? },
        "round" => DocumentKind::RoundVideo { duration: f.or_default("duration")?, side: f.or_default("w")? },
        "sticker" => DocumentKind::Sticker { alt: f.or_default("alt")?, set: f.get("stickerset")? },
        _ => return Err(Misuse::BadField),
    };
    // Of a picture; the other kinds have taken theirs.
    let image_size = match f.get("w")? {
        None => None,
        Some(width) => Some((width, f.need("h")?)),
    };
    Ok(Shape { kind, file_name, image_size })
}

fn thumbnail(f: &mut Fields) -> Result<Option<Thumbnail>, Misuse> {
    let Some(jpeg) = f.get("thumb")? else { return Ok(None) };
    Ok(Some(Thumbnail { jpeg, width: f.or_default("thumb_w")?, height: f.or_default("thumb_h")? }))
}

fn point(f: &mut Fields) -> Result<GeoPoint, Misuse> {
    Ok(GeoPoint { latitude: f.need("lat")?, longitude: f.need("long")? })
}

/// The key in the form of the profile.
fn key(f: &mut Fields, profile: &Profile) -> Result<Option<MediaKey>, Misuse> {
    let Some(key) = f.get("key")? else { return Ok(None) };
    let iv = f.need("iv")?;
    Ok(Some(match profile {
        Profile::Telegram { .. } => ChainKey::from_parts(key, iv).into(),
        _ => SegmentKey::from_parts(key, iv).into(),
    }))
}
