//! Media of the peer in bounded form. A part that exceeds a limit is cut or left out, and never costs the message.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::attributes::{Shape, read_attributes};
use super::scalars::{address, name, number};
use super::{Contact, Document, DocumentKind, ExternalDocument, GeoPoint, Media, Photo, Thumbnail, Venue, WebPage};
use crate::media::{FileForm, MediaKey};
use crate::wire::{Bytes, DecryptedMessageMedia, Double, MediaExternalDocument, PhotoSize};

/// Reads the medium and its caption, in the form of any layer, whatever layer the message was written at.
pub(super) fn read_media<'a>(media: &DecryptedMessageMedia<'a>, form: FileForm) -> (Option<Media>, Bytes<'a>) {
    let file = |thumb, size: i64, key, iv| File { form, thumb, size, key, iv };
    let whole = |media| (Some(media), Bytes::EMPTY);
    match media {
        DecryptedMessageMedia::Empty => (None, Bytes::EMPTY),
        DecryptedMessageMedia::Photo8(m) => {
            whole(file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv).photo(m.w, m.h))
        }
        DecryptedMessageMedia::Photo45(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            (Some(file.photo(m.w, m.h)), m.caption)
        }
        DecryptedMessageMedia::Document8(m) => {
            let shape = Shape { file_name: Some(name(m.file_name)), ..Shape::default() };
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            whole(file.document(name(m.mime_type), shape))
        }
        DecryptedMessageMedia::Document45(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            (Some(file.document(name(m.mime_type), read_attributes(&m.attributes))), m.caption)
        }
        DecryptedMessageMedia::Document143(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size, m.key, m.iv);
            (Some(file.document(name(m.mime_type), read_attributes(&m.attributes))), m.caption)
        }
        DecryptedMessageMedia::Video8(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            whole(file.document("video/mp4".to_owned(), video(m.duration, m.w, m.h)))
        }
        DecryptedMessageMedia::Video17(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            whole(file.document(name(m.mime_type), video(m.duration, m.w, m.h)))
        }
        DecryptedMessageMedia::Video45(m) => {
            let file = file((m.thumb, m.thumb_w, m.thumb_h), m.size.into(), m.key, m.iv);
            (Some(file.document(name(m.mime_type), video(m.duration, m.w, m.h))), m.caption)
        }
        DecryptedMessageMedia::Audio8(m) => {
            let file = file((Bytes::EMPTY, 0, 0), m.size.into(), m.key, m.iv);
            whole(file.document("audio/ogg".to_owned(), voice(m.duration)))
        }
        DecryptedMessageMedia::Audio17(m) => {
            let file = file((Bytes::EMPTY, 0, 0), m.size.into(), m.key, m.iv);
            whole(file.document(name(m.mime_type), voice(m.duration)))
        }
        DecryptedMessageMedia::GeoPoint(m) => whole(point(m.lat, m.long).map_or(Media::Unsupported, Media::GeoPoint)),
        DecryptedMessageMedia::Venue(m) => whole(match point(m.lat, m.long) {
            None => Media::Unsupported,
            Some(point) => Media::Venue(Venue {
                point,
                title: name(m.title),
                address: name(m.address),
                provider: name(m.provider),
                venue_id: name(m.venue_id),
            }),
        }),
        DecryptedMessageMedia::Contact(m) => whole(Media::Contact(Contact {
            phone_number: name(m.phone_number),
            first_name: name(m.first_name),
            last_name: name(m.last_name),
            user_id: m.user_id,
        })),
        DecryptedMessageMedia::WebPage(m) => whole(match m.url.as_slice().len() {
            1..=WebPage::MAX_URL_LEN => Media::WebPage(WebPage { url: address(m.url) }),
            _ => Media::Unsupported,
        }),
        DecryptedMessageMedia::ExternalDocument(m) => whole(external(m)),
    }
}

/// The common parts of encrypted files.
struct File<'a> {
    form: FileForm,
    thumb: (Bytes<'a>, i32, i32),
    size: i64,
    key: Bytes<'a>,
    iv: Bytes<'a>,
}

impl File<'_> {
    fn photo(&self, width: i32, height: i32) -> Media {
        let Ok(size) = u64::try_from(self.size) else { return Media::Unsupported };
        Media::Photo(Photo {
            thumbnail: thumbnail(self.thumb),
            width: number(width),
            height: number(height),
            size,
            key: self.key(size),
        })
    }

    fn document(&self, mime_type: String, shape: Shape) -> Media {
        let Some(size) = u64::try_from(self.size).ok().filter(|size| *size > 0) else { return Media::Unsupported };
        let Shape { kind, file_name, image_size } = shape;
        let (thumbnail, key) = (thumbnail(self.thumb), self.key(size));
        Media::Document(Document { kind, thumbnail, mime_type, file_name, image_size, size, key })
    }

    /// Reads the key. Parts that are not 32 bytes long count as no key.
    fn key(&self, size: u64) -> Option<MediaKey> {
        self.form.key(size, self.key.as_slice().try_into().ok()?, self.iv.as_slice().try_into().ok()?)
    }
}

fn video(duration: i32, width: i32, height: i32) -> Shape {
    let kind = DocumentKind::video(number(duration), number(width), number(height));
    Shape { kind, ..Shape::default() }
}

/// Makes a voice note. Before there were attributes, every sound was one.
fn voice(duration: i32) -> Shape {
    Shape { kind: DocumentKind::voice(number(duration), []), ..Shape::default() }
}

fn point(latitude: Double, longitude: Double) -> Option<GeoPoint> {
    Some(GeoPoint { latitude: latitude.to_f64(), longitude: longitude.to_f64() }).filter(GeoPoint::is_on_earth)
}

fn external(m: &MediaExternalDocument<'_>) -> Media {
    let Ok(size) = u64::try_from(m.size) else { return Media::Unsupported };
    let Shape { kind, file_name, image_size } = read_attributes(&m.attributes);
    Media::ExternalDocument(ExternalDocument {
        id: m.id,
        access_hash: m.access_hash,
        dc_id: m.dc_id,
        date: m.date,
        kind,
        thumbnail: match m.thumb {
            PhotoSize::Cached(size) => thumbnail((size.bytes, size.w, size.h)),
            PhotoSize::Size(_) | PhotoSize::Empty(_) => None,
        },
        mime_type: name(m.mime_type),
        file_name,
        image_size,
        size,
    })
}

/// Reads the preview. One that exceeds the limits is left out.
fn thumbnail((jpeg, width, height): (Bytes<'_>, i32, i32)) -> Option<Thumbnail> {
    if jpeg.as_slice().len() > Thumbnail::MAX_BYTES {
        return None;
    }
    let thumbnail = Thumbnail { jpeg: jpeg.as_slice().to_vec(), width: number(width), height: number(height) };
    thumbnail.is_within_bounds().then_some(thumbnail)
}
