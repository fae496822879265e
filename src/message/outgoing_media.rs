//! The wire form of a draft's medium at the peer's layer (SPEC MSG-4 to MSG-6).

use alloc::vec::Vec;

use super::attributes::write_attributes;
use super::scalars::{bytes, vector, wire_name, wire_number};
use super::{Document, ExternalDocument, Media, Photo, Thumbnail, WebPage};
use crate::media::MediaKey;
use crate::types::error::ApiMisuse;
use crate::types::id::Layer;
use crate::wire::{
    Bytes, DecryptedMessageMedia, DocumentAttribute, Double, FileLocation, FileLocationUnavailable, MediaContact,
    MediaDocument45, MediaDocument143, MediaExternalDocument, MediaGeoPoint, MediaPhoto45, MediaVenue, MediaWebPage,
    PhotoCachedSize, PhotoSize, PhotoSizeEmpty,
};

/// The first layer with files of 64 bits.
const LONG_SIZE_LAYER: Layer = Layer(143);

/// The longest file below that layer, as in TDLib.
const MAX_SHORT_SIZE: u64 = 2_097_152_000;

/// The name of the smallest size among the sizes of pictures in the cloud.
const SMALL: &[u8] = b"s";

/// Writes the attributes that [`media`] borrows, for media that have some.
pub(super) fn attributes(media: &Media, layer: Layer) -> Result<Vec<DocumentAttribute<'_>>, ApiMisuse> {
    match media {
        Media::Document(Document { kind, file_name, image_size, .. })
        | Media::ExternalDocument(ExternalDocument { kind, file_name, image_size, .. }) => {
            write_attributes(kind, file_name.as_deref(), *image_size, layer)
        }
        _ => Ok(Vec::new()),
    }
}

/// Writes a medium, and finds everything that can be wrong with it. Takes the caption if the medium has a place for
/// one.
pub(super) fn media<'a>(
    media: &'a Media,
    attributes: &'a [DocumentAttribute<'a>],
    caption: &mut Bytes<'a>,
    layer: Layer,
) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    Ok(match media {
        Media::Photo(photo) => photo_media(photo, core::mem::take(caption))?,
        Media::Document(document) => document_media(document, attributes, core::mem::take(caption), layer)?,
        Media::GeoPoint(point) => {
            if !point.is_on_earth() {
                return Err(ApiMisuse::Coordinates);
            }
            let (lat, long) = (Double::from_f64(point.latitude), Double::from_f64(point.longitude));
            DecryptedMessageMedia::GeoPoint(MediaGeoPoint { lat, long })
        }
        Media::Venue(venue) => {
            if !venue.point.is_on_earth() {
                return Err(ApiMisuse::Coordinates);
            }
            DecryptedMessageMedia::Venue(MediaVenue {
                lat: Double::from_f64(venue.point.latitude),
                long: Double::from_f64(venue.point.longitude),
                title: wire_name(&venue.title)?,
                address: wire_name(&venue.address)?,
                provider: wire_name(&venue.provider)?,
                venue_id: wire_name(&venue.venue_id)?,
            })
        }
        Media::Contact(contact) => DecryptedMessageMedia::Contact(MediaContact {
            phone_number: wire_name(&contact.phone_number)?,
            first_name: wire_name(&contact.first_name)?,
            last_name: wire_name(&contact.last_name)?,
            user_id: contact.user_id,
        }),
        Media::WebPage(WebPage { url }) => {
            if !(1..=WebPage::MAX_URL_LEN).contains(&url.len()) {
                return Err(ApiMisuse::MediaDetails);
            }
            DecryptedMessageMedia::WebPage(MediaWebPage { url: bytes(url.as_bytes())? })
        }
        Media::ExternalDocument(document) => external_media(document, attributes)?,
        Media::Unsupported => return Err(ApiMisuse::EmptyMessage),
    })
}

fn photo_media<'a>(photo: &'a Photo, caption: Bytes<'a>) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    let Photo { thumbnail, width, height, size, key } = photo;
    let (key, iv) = key_bytes(key.as_ref(), *size)?;
    let size = i32::try_from(*size).ok().filter(|size| *size > 0).ok_or(ApiMisuse::MediaSize)?;
    let (thumb, thumb_w, thumb_h) = thumb(thumbnail.as_ref())?;
    let (w, h) = (wire_number(*width)?, wire_number(*height)?);
    Ok(DecryptedMessageMedia::Photo45(MediaPhoto45 { thumb, thumb_w, thumb_h, w, h, size, key, iv, caption }))
}

fn document_media<'a>(
    document: &'a Document,
    attributes: &'a [DocumentAttribute<'a>],
    caption: Bytes<'a>,
    layer: Layer,
) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    let Document { kind: _, thumbnail, mime_type, file_name: _, image_size: _, size, key } = document;
    let (key, iv) = key_bytes(key.as_ref(), *size)?;
    let size = i64::try_from(*size).ok().filter(|size| *size > 0).ok_or(ApiMisuse::MediaSize)?;
    let (thumb, thumb_w, thumb_h) = thumb(thumbnail.as_ref())?;
    let mime_type = wire_name(mime_type)?;
    let attributes = vector(attributes)?;
    Ok(if layer >= LONG_SIZE_LAYER {
        DecryptedMessageMedia::Document143(MediaDocument143 {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size,
            key,
            iv,
            attributes,
            caption,
        })
    } else {
        let size = i32::try_from(size).ok().filter(|size| u64::from(size.unsigned_abs()) <= MAX_SHORT_SIZE);
        DecryptedMessageMedia::Document45(MediaDocument45 {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size: size.ok_or(ApiMisuse::MediaSize)?,
            key,
            iv,
            attributes,
            caption,
        })
    })
}

fn external_media<'a>(
    document: &'a ExternalDocument,
    attributes: &'a [DocumentAttribute<'a>],
) -> Result<DecryptedMessageMedia<'a>, ApiMisuse> {
    let r#type = bytes(SMALL)?;
    let thumb = match thumb(document.thumbnail.as_ref())? {
        (Bytes::EMPTY, ..) => PhotoSize::Empty(PhotoSizeEmpty { r#type }),
        (bytes, w, h) => {
            let nowhere = FileLocationUnavailable { volume_id: 0, local_id: 0, secret: 0 };
            PhotoSize::Cached(PhotoCachedSize { r#type, location: FileLocation::Unavailable(nowhere), w, h, bytes })
        }
    };
    Ok(DecryptedMessageMedia::ExternalDocument(MediaExternalDocument {
        id: document.id,
        access_hash: document.access_hash,
        date: document.date,
        mime_type: wire_name(&document.mime_type)?,
        size: i32::try_from(document.size).map_err(|_| ApiMisuse::MediaSize)?,
        thumb,
        dc_id: document.dc_id,
        attributes: vector(attributes)?,
    }))
}

fn thumb(thumbnail: Option<&Thumbnail>) -> Result<(Bytes<'_>, i32, i32), ApiMisuse> {
    let Some(thumbnail) = thumbnail else { return Ok((Bytes::EMPTY, 0, 0)) };
    if !thumbnail.is_within_bounds() {
        return Err(ApiMisuse::MediaDetails);
    }
    Ok((bytes(&thumbnail.jpeg)?, wire_number(thumbnail.width)?, wire_number(thumbnail.height)?))
}

fn key_bytes(key: Option<&MediaKey>, size: u64) -> Result<(Bytes<'_>, Bytes<'_>), ApiMisuse> {
    let key = key.ok_or(ApiMisuse::MissingMediaKey)?;
    if !key.form().allows(size) {
        return Err(ApiMisuse::MediaSize);
    }
    let (key, iv) = key.parts();
    Ok((bytes(key)?, bytes(iv)?))
}
