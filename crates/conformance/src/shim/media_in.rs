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
        "photo" => {
            let mut photo = Photo::default();
            photo.thumbnail = thumbnail(f)?;
            photo.width = f.or_default("w")?;
            photo.height = f.or_default("h")?;
            photo.size = f.or_default("size")?;
            photo.key = key(f, profile)?;
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
        "geo" => Media::GeoPoint(point(f)?),
        "venue" => {
            let mut venue = Venue::default();
            venue.point = point(f)?;
            venue.title = f.or_default("title")?;
            venue.address = f.or_default("address")?;
            venue.provider = f.or_default("provider")?;
            venue.venue_id = f.or_default("venue_id")?;
            venue.into()
        }
        "web_page" => WebPage::new(f.or_default::<String>("url")?).into(),
        "external_document" => Media::ExternalDocument(external(f)?),
        file => {
            let Shape { kind, file_name, image_size } = shape(file, f)?;
            let mut document = Document::default();
            document.kind = kind;
            document.thumbnail = thumbnail(f)?;
            document.mime_type = f.or_default("mime_type")?;
            document.file_name = file_name;
            document.image_size = image_size;
            document.size = f.or_default("size")?;
            document.key = key(f, profile)?;
            document.into()
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
    let mut document = ExternalDocument::new(f.need("id")?, f.need("access_hash")?, f.or_default("dc_id")?);
    document.date = f.or_default("date")?;
    document.kind = kind;
    document.thumbnail = thumbnail(f)?;
    document.mime_type = f.or_default("mime_type")?;
    document.file_name = file_name;
    document.image_size = image_size;
    document.size = f.or_default("size")?;
    Ok(document)
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
    let Some(jpeg) = f.get::<Vec<u8>>("thumb")? else { return Ok(None) };
    Ok(Some(Thumbnail::new(jpeg, f.or_default("thumb_w")?, f.or_default("thumb_h")?)))
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
