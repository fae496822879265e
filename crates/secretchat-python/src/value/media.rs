//! Media, as a message describes them.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use secretchat::{
    Contact, Document, DocumentKind, ExternalDocument, GeoPoint, Media, Photo, Thumbnail, Venue, WebPage,
};

use crate::make::{class_of, make};
use crate::media::MediaKey;

/// Returns a medium of the package.
pub(crate) fn media<'py>(py: Python<'py>, media: &Media) -> PyResult<Bound<'py, PyAny>> {
    Ok(match media {
        Media::Photo(Photo { width, height, size, key, thumbnail: preview, .. }) => make!(py, "media" Photo {
            width: width, height: height, size: size, key: key_of(py, key.as_ref())?,
            thumbnail: thumbnail(py, preview.as_ref())?,
        }),
        Media::Document(document) => make!(py, "media" Document {
            mime_type: &document.mime_type, size: document.size, key: key_of(py, document.key.as_ref())?,
            kind: kind(py, &document.kind)?, file_name: &document.file_name, image_size: document.image_size,
            thumbnail: thumbnail(py, document.thumbnail.as_ref())?,
        }),
        Media::ExternalDocument(document) => make!(py, "media" ExternalDocument {
            id: document.id, access_hash: document.access_hash, dc_id: document.dc_id, date: document.date,
            mime_type: &document.mime_type, size: document.size, kind: kind(py, &document.kind)?,
            file_name: &document.file_name, image_size: document.image_size,
            thumbnail: thumbnail(py, document.thumbnail.as_ref())?,
        }),
        Media::GeoPoint(place) => point(py, *place)?,
        Media::Venue(venue) => make!(py, "media" Venue {
            point: point(py, venue.point)?, title: &venue.title, address: &venue.address, provider: &venue.provider,
            venue_id: &venue.venue_id,
        }),
        Media::Contact(contact) => make!(py, "media" Contact {
            phone_number: &contact.phone_number, first_name: &contact.first_name, last_name: &contact.last_name,
            user_id: contact.user_id,
        }),
        Media::WebPage(page) => make!(py, "media" WebPage { url: &page.url }),
        _ => make!(py, "media" Unsupported {}),
    })
}

/// Returns a preview of the package.
pub(crate) fn thumbnail<'py>(py: Python<'py>, preview: Option<&Thumbnail>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(Thumbnail { jpeg, width, height, .. }) = preview else { return Ok(None) };
    Ok(Some(make!(py, "media" Thumbnail { jpeg: &jpeg[..], width: width, height: height })))
}

/// Reads a medium of the package, which is known by the name of its class.
pub(super) fn media_of(object: &Bound<'_, PyAny>) -> PyResult<Media> {
    Ok(match class_of(object)?.as_str() {
        "Photo" => object.extract::<PhotoFields>()?.photo().into(),
        "Document" => object.extract::<DocumentFields<'_>>()?.document()?.into(),
        "ExternalDocument" => object.extract::<ExternalFields<'_>>()?.document()?.into(),
        "GeoPoint" => Media::GeoPoint(object.extract::<PointFields>()?.into()),
        "Venue" => object.extract::<VenueFields>()?.venue().into(),
        "Contact" => object.extract::<ContactFields>()?.contact().into(),
        "WebPage" => WebPage::new(object.getattr("url")?.extract::<String>()?).into(),
        "Unsupported" => Media::Unsupported,
        other => return Err(PyTypeError::new_err(format!("{other} is no medium"))),
    })
}

fn key_of(py: Python<'_>, key: Option<&secretchat::media::MediaKey>) -> PyResult<Option<Py<MediaKey>>> {
    key.map(|key| Py::new(py, MediaKey(key.duplicate()))).transpose()
}

fn point<'py>(py: Python<'py>, GeoPoint { latitude, longitude }: GeoPoint) -> PyResult<Bound<'py, PyAny>> {
    Ok(make!(py, "media" GeoPoint { latitude: latitude, longitude: longitude }))
}

fn kind<'py>(py: Python<'py>, kind: &DocumentKind) -> PyResult<Bound<'py, PyAny>> {
    Ok(match kind {
        DocumentKind::Video { duration, width, height, .. } => {
            make!(py, "media" Video { duration: duration, width: width, height: height })
        }
        DocumentKind::Animation { duration, width, height, .. } => {
            make!(py, "media" Animation { duration: duration, width: width, height: height })
        }
        DocumentKind::RoundVideo { duration, side, .. } => {
            make!(py, "media" RoundVideo { duration: duration, side: side })
        }
        DocumentKind::Audio { duration, title, performer, .. } => {
            make!(py, "media" Audio { duration: duration, title: title, performer: performer })
        }
        DocumentKind::Voice { duration, waveform, .. } => {
            make!(py, "media" Voice { duration: duration, waveform: &waveform[..] })
        }
        DocumentKind::Sticker { alt, set, .. } => make!(py, "media" Sticker { alt: alt, set: set }),
        _ => make!(py, "media" File {}),
    })
}

fn kind_of(object: &Bound<'_, PyAny>) -> PyResult<DocumentKind> {
    let field = |name| object.getattr(name)?.extract::<u32>();
    let text = |name| object.getattr(name)?.extract::<String>();
    Ok(match class_of(object)?.as_str() {
        "File" => DocumentKind::File,
        "Video" => DocumentKind::video(field("duration")?, field("width")?, field("height")?),
        "Animation" => DocumentKind::animation(field("duration")?, field("width")?, field("height")?),
        "RoundVideo" => DocumentKind::round_video(field("duration")?, field("side")?),
        "Audio" => DocumentKind::audio(field("duration")?, text("title")?, text("performer")?),
        "Voice" => DocumentKind::voice(field("duration")?, object.getattr("waveform")?.extract::<Vec<u8>>()?),
        "Sticker" => DocumentKind::sticker(text("alt")?, object.getattr("set")?.extract()?),
        other => return Err(PyTypeError::new_err(format!("{other} is no kind of document"))),
    })
}

#[derive(FromPyObject)]
struct ThumbnailFields {
    jpeg: Vec<u8>,
    width: u32,
    height: u32,
}

fn preview(fields: Option<ThumbnailFields>) -> Option<Thumbnail> {
    fields.map(|ThumbnailFields { jpeg, width, height }| Thumbnail::new(jpeg, width, height))
}

#[derive(FromPyObject)]
struct PhotoFields {
    width: u32,
    height: u32,
    size: u64,
    key: Option<Py<MediaKey>>,
    thumbnail: Option<ThumbnailFields>,
}

impl PhotoFields {
    fn photo(self) -> Photo {
        let mut photo = Photo::default();
        (photo.width, photo.height, photo.size) = (self.width, self.height, self.size);
        photo.key = self.key.map(|key| key.get().0.duplicate());
        photo.thumbnail = preview(self.thumbnail);
        photo
    }
}

#[derive(FromPyObject)]
struct DocumentFields<'py> {
    mime_type: String,
    size: u64,
    key: Option<Py<MediaKey>>,
    kind: Bound<'py, PyAny>,
    file_name: Option<String>,
    image_size: Option<(u32, u32)>,
    thumbnail: Option<ThumbnailFields>,
}

impl DocumentFields<'_> {
    fn document(self) -> PyResult<Document> {
        let mut document = Document::default();
        document.kind = kind_of(&self.kind)?;
        (document.mime_type, document.size) = (self.mime_type, self.size);
        document.key = self.key.map(|key| key.get().0.duplicate());
        (document.file_name, document.image_size) = (self.file_name, self.image_size);
        document.thumbnail = preview(self.thumbnail);
        Ok(document)
    }
}

#[derive(FromPyObject)]
struct ExternalFields<'py> {
    id: i64,
    access_hash: i64,
    dc_id: i32,
    date: i32,
    mime_type: String,
    size: u64,
    kind: Bound<'py, PyAny>,
    file_name: Option<String>,
    image_size: Option<(u32, u32)>,
    thumbnail: Option<ThumbnailFields>,
}

impl ExternalFields<'_> {
    fn document(self) -> PyResult<ExternalDocument> {
        let mut document = ExternalDocument::new(self.id, self.access_hash, self.dc_id);
        document.kind = kind_of(&self.kind)?;
        (document.date, document.mime_type, document.size) = (self.date, self.mime_type, self.size);
        (document.file_name, document.image_size) = (self.file_name, self.image_size);
        document.thumbnail = preview(self.thumbnail);
        Ok(document)
    }
}

#[derive(FromPyObject)]
struct PointFields {
    latitude: f64,
    longitude: f64,
}

impl From<PointFields> for GeoPoint {
    fn from(PointFields { latitude, longitude }: PointFields) -> Self {
        Self { latitude, longitude }
    }
}

#[derive(FromPyObject)]
struct VenueFields {
    point: PointFields,
    title: String,
    address: String,
    provider: String,
    venue_id: String,
}

impl VenueFields {
    fn venue(self) -> Venue {
        Venue::new(self.point.into(), self.title, self.address).with_provider(self.provider, self.venue_id)
    }
}

#[derive(FromPyObject)]
struct ContactFields {
    phone_number: String,
    first_name: String,
    last_name: String,
    user_id: i32,
}

impl ContactFields {
    fn contact(self) -> Contact {
        Contact::new(self.phone_number, self.first_name).with_last_name(self.last_name).with_user_id(self.user_id)
    }
}
