//! Media of messages: one flat struct for every kind, in both directions.

use secretchat::media::{FileForm, MediaKey};
use secretchat::{
    Contact, Document, DocumentKind, ExternalDocument, GeoPoint, Media, Photo, Thumbnail, Venue, WebPage,
};

use crate::border::ScBytes;
use crate::error::{Fault, Own};

/// A medium. All zeros but for the kind is one without details; only the fields of its kind count. It borrows.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScMedia {
    /// One of `SC_MEDIA_...`.
    pub kind: u16,
    /// For a document, one of `SC_DOCUMENT_KIND_...`.
    pub document_kind: u16,
    /// For a document: whether `width` and `height` are those of a picture that is sent as a file.
    pub has_image_size: u8,
    /// The width of a photo, video, animation or preview in pixels, or the side of a round video.
    pub width: u32,
    /// The height of a photo, video or animation in pixels.
    pub height: u32,
    /// The duration of a video, animation, audio or voice message in seconds.
    pub duration: u32,
    /// The size of the file in bytes, not encrypted.
    pub size: u64,
    /// The key of the file, 32 bytes, or null. **Secret.**
    pub key: ScBytes,
    /// The other half of the key, 32 bytes. **Secret.**
    pub iv: ScBytes,
    /// The MIME type of a document.
    pub mime_type: ScBytes,
    /// The file name of a document, or null. That of a peer may be anything: never use it as a path.
    pub file_name: ScBytes,
    /// The title of an audio or a venue.
    pub title: ScBytes,
    /// The performer of an audio.
    pub performer: ScBytes,
    /// The waveform of a voice message.
    pub waveform: ScBytes,
    /// The emoji of a sticker.
    pub alt: ScBytes,
    /// The short name of a sticker's set, or null.
    pub sticker_set: ScBytes,
    /// A small preview, a JPEG, or null.
    pub thumbnail: ScBytes,
    /// The width of the preview in pixels.
    pub thumbnail_width: u32,
    /// The height of the preview in pixels.
    pub thumbnail_height: u32,
    /// The latitude of a place in degrees.
    pub latitude: f64,
    /// The longitude of a place in degrees.
    pub longitude: f64,
    /// The address of a venue.
    pub address: ScBytes,
    /// The provider of a venue.
    pub provider: ScBytes,
    /// The provider's id of a venue.
    pub venue_id: ScBytes,
    /// The phone number of a contact.
    pub phone_number: ScBytes,
    /// The first name of a contact.
    pub first_name: ScBytes,
    /// The last name of a contact.
    pub last_name: ScBytes,
    /// The address of a web page.
    pub url: ScBytes,
    /// The id of an external document.
    pub id: i64,
    /// The access hash of an external document.
    pub access_hash: i64,
    /// The Telegram user of a contact, or 0.
    pub user_id: i32,
    /// The data centre of an external document.
    pub dc_id: i32,
    /// The date of an external document, in seconds since 1970.
    pub date: i32,
}

/// # To C
impl ScMedia {
    pub(crate) fn of(media: &Media) -> Self {
        let shown = Self { kind: media.code(), ..Self::default() };
        match media {
            Media::Photo(Photo { thumbnail, width, height, size, key, .. }) => {
                Self { width: *width, height: *height, size: *size, ..shown }
                    .with_thumbnail(thumbnail.as_ref())
                    .with_key(key.as_ref())
            }
            Media::Document(document) => Self {
                size: document.size,
                mime_type: text(&document.mime_type),
                file_name: ScBytes::of_text(document.file_name.as_deref()),
                ..shown
            }
            .with_kind(&document.kind)
            .with_image_size(document.image_size)
            .with_thumbnail(document.thumbnail.as_ref())
            .with_key(document.key.as_ref()),
            Media::ExternalDocument(document) => Self {
                id: document.id,
                access_hash: document.access_hash,
                dc_id: document.dc_id,
                date: document.date,
                size: document.size,
                mime_type: text(&document.mime_type),
                file_name: ScBytes::of_text(document.file_name.as_deref()),
                ..shown
            }
            .with_kind(&document.kind)
            .with_image_size(document.image_size)
            .with_thumbnail(document.thumbnail.as_ref()),
            Media::GeoPoint(point) => shown.with_point(*point),
            Media::Venue(venue) => Self {
                title: text(&venue.title),
                address: text(&venue.address),
                provider: text(&venue.provider),
                venue_id: text(&venue.venue_id),
                ..shown
            }
            .with_point(venue.point),
            Media::Contact(contact) => Self {
                phone_number: text(&contact.phone_number),
                first_name: text(&contact.first_name),
                last_name: text(&contact.last_name),
                user_id: contact.user_id,
                ..shown
            },
            Media::WebPage(page) => Self { url: text(&page.url), ..shown },
            _ => shown,
        }
    }

    fn with_kind(mut self, kind: &DocumentKind) -> Self {
        self.document_kind = kind.code();
        match kind {
            DocumentKind::Video { duration, width, height, .. }
            | DocumentKind::Animation { duration, width, height, .. } => {
                (self.duration, self.width, self.height) = (*duration, *width, *height);
            }
            DocumentKind::Audio { duration, title, performer, .. } => {
                (self.duration, self.title, self.performer) = (*duration, text(title), text(performer));
            }
            DocumentKind::Voice { duration, waveform, .. } => {
                (self.duration, self.waveform) = (*duration, ScBytes::of(waveform));
            }
            DocumentKind::RoundVideo { duration, side, .. } => (self.duration, self.width) = (*duration, *side),
            DocumentKind::Sticker { alt, set, .. } => {
                (self.alt, self.sticker_set) = (text(alt), ScBytes::of_text(set.as_deref()));
            }
            _ => {}
        }
        self
    }

    fn with_image_size(mut self, size: Option<(u32, u32)>) -> Self {
        if let Some((width, height)) = size {
            (self.has_image_size, self.width, self.height) = (1, width, height);
        }
        self
    }

    fn with_thumbnail(mut self, thumbnail: Option<&Thumbnail>) -> Self {
        if let Some(thumbnail) = thumbnail {
            self.thumbnail = ScBytes::of(&thumbnail.jpeg);
            (self.thumbnail_width, self.thumbnail_height) = (thumbnail.width, thumbnail.height);
        }
        self
    }

    fn with_key(mut self, key: Option<&MediaKey>) -> Self {
        if let Some((key, iv)) = key.map(MediaKey::parts) {
            (self.key, self.iv) = (ScBytes::of(key), ScBytes::of(iv));
        }
        self
    }

    const fn with_point(mut self, point: GeoPoint) -> Self {
        (self.latitude, self.longitude) = (point.latitude, point.longitude);
        self
    }
}

/// # From C
impl ScMedia {
    pub(crate) fn read(&self, form: FileForm) -> Result<Media, Fault> {
        let empty = [
            Media::Photo(Photo::default()),
            Media::Document(Document::default()),
            Media::GeoPoint(GeoPoint::default()),
            Media::Venue(Venue::default()),
            Media::Contact(Contact::default()),
            Media::WebPage(WebPage::default()),
            Media::ExternalDocument(ExternalDocument::new(0, 0, 0)),
            Media::Unsupported,
        ];
        let kind = empty.into_iter().find(|media| media.code() == self.kind).ok_or(Own::Value)?;
        Ok(match kind {
            Media::Photo(_) => Media::Photo(self.photo(form)?),
            Media::Document(_) => Media::Document(self.document(form)?),
            Media::GeoPoint(_) => Media::GeoPoint(self.point()),
            Media::Venue(_) => Media::Venue(self.venue()?),
            Media::Contact(_) => Media::Contact(self.contact()?),
            Media::WebPage(_) => WebPage::new(self.url.text()?).into(),
            Media::ExternalDocument(_) => Media::ExternalDocument(self.external()?),
            other => other,
        })
    }

    fn photo(&self, form: FileForm) -> Result<Photo, Fault> {
        let mut photo = Photo::default();
        (photo.width, photo.height, photo.size) = (self.width, self.height, self.size);
        (photo.key, photo.thumbnail) = (self.key(form)?, self.preview()?);
        Ok(photo)
    }

    fn document(&self, form: FileForm) -> Result<Document, Fault> {
        let mut document = Document::default();
        document.kind = self.shape()?;
        document.thumbnail = self.preview()?;
        document.mime_type = self.mime_type.text()?.into();
        document.file_name = self.file_name.text_some()?.map(Into::into);
        document.image_size = (self.has_image_size != 0).then_some((self.width, self.height));
        document.size = self.size;
        document.key = self.key(form)?;
        Ok(document)
    }

    fn external(&self) -> Result<ExternalDocument, Fault> {
        let mut document = ExternalDocument::new(self.id, self.access_hash, self.dc_id);
        document.date = self.date;
        document.kind = self.shape()?;
        document.thumbnail = self.preview()?;
        document.mime_type = self.mime_type.text()?.into();
        document.file_name = self.file_name.text_some()?.map(Into::into);
        document.image_size = (self.has_image_size != 0).then_some((self.width, self.height));
        document.size = self.size;
        Ok(document)
    }

    fn shape(&self) -> Result<DocumentKind, Fault> {
        let (duration, width, height) = (self.duration, self.width, self.height);
        let kinds = [
            DocumentKind::File,
            DocumentKind::video(duration, width, height),
            DocumentKind::animation(duration, width, height),
            DocumentKind::audio(duration, self.title.text()?, self.performer.text()?),
            DocumentKind::voice(duration, self.waveform.get()?),
            DocumentKind::round_video(duration, width),
            DocumentKind::sticker(self.alt.text()?, self.sticker_set.text_some()?.map(Into::into)),
        ];
        kinds.into_iter().find(|kind| kind.code() == self.document_kind).ok_or(Own::Value.into())
    }

    fn venue(&self) -> Result<Venue, Fault> {
        let mut venue = Venue::default();
        venue.point = self.point();
        venue.title = self.title.text()?.into();
        venue.address = self.address.text()?.into();
        venue.provider = self.provider.text()?.into();
        venue.venue_id = self.venue_id.text()?.into();
        Ok(venue)
    }

    fn contact(&self) -> Result<Contact, Fault> {
        let mut contact = Contact::default();
        contact.phone_number = self.phone_number.text()?.into();
        contact.first_name = self.first_name.text()?.into();
        contact.last_name = self.last_name.text()?.into();
        contact.user_id = self.user_id;
        Ok(contact)
    }

    const fn point(&self) -> GeoPoint {
        GeoPoint { latitude: self.latitude, longitude: self.longitude }
    }

    fn preview(&self) -> Result<Option<Thumbnail>, Fault> {
        let (width, height) = (self.thumbnail_width, self.thumbnail_height);
        Ok(self.thumbnail.get_some()?.map(|jpeg| Thumbnail::new(jpeg, width, height)))
    }

    pub(crate) fn key(&self, form: FileForm) -> Result<Option<MediaKey>, Fault> {
        if self.key.get_some()?.is_none() {
            return Ok(None);
        }
        Ok(Some(MediaKey::from_parts(form, *self.key.array()?, *self.iv.array()?)))
    }
}

fn text(text: &str) -> ScBytes {
    ScBytes::of_text(Some(text))
}
