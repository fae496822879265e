//! Photos, files, places and the rest as a message describes them (SPEC MSG-4 to MSG-6).

use alloc::string::String;
use core::fmt;

use super::{Document, DocumentKind, ExternalDocument, Held, Thumbnail};
use crate::destruct::ContentKind;
use crate::media::MediaKey;
use crate::types::names::names;

/// The medium of a message.
#[derive(Debug)]
#[non_exhaustive]
pub enum Media {
    /// A picture that the sender made smaller.
    Photo(Photo),
    /// A file, sent as it is. Videos, music, voice notes and stickers are files too, by their [`DocumentKind`].
    Document(Document),
    /// A place.
    GeoPoint(GeoPoint),
    /// A place with a name.
    Venue(Venue),
    /// A contact card.
    Contact(Contact),
    /// A web page, to show a preview of.
    WebPage(WebPage),
    /// A file that is stored **unencrypted** in the cloud, such as a sticker of a public set.
    ExternalDocument(ExternalDocument),
    /// A received medium that makes no sense, such as a file without bytes or a place that is not on Earth.
    Unsupported,
}

names! {
    ref Media {
        1 "photo" Photo,
        2 "document" Document,
        3 "geo_point" GeoPoint,
        4 "venue" Venue,
        5 "contact" Contact,
        6 "web_page" WebPage,
        7 "external_document" ExternalDocument,
        8 "unsupported" Unsupported,
    }
}

impl Media {
    /// Returns the kind of the content, for timers and rights, of a message with this medium or with none.
    pub(super) fn kind_of(media: Option<&Self>) -> ContentKind {
        let has_key = media.and_then(Self::file).is_some_and(|(_, key)| key.is_some());
        media.map_or(ContentKind::Text, |media| media.content_kind(has_key))
    }

    /// Removes the key of an encrypted file unless it fits.
    pub(super) fn keep_key_if(&mut self, fits: impl FnOnce(u64, &MediaKey) -> bool) {
        if let Self::Photo(Photo { size, key, .. }) | Self::Document(Document { size, key, .. }) = self {
            key.take_if(|key| !fits(*size, key));
        }
    }

    /// Takes out what unlocks the medium, and the preview too if it is `hidden`.
    pub(super) fn take_held(&mut self, hidden: bool) -> Option<Held> {
        let (Self::Photo(Photo { key, size, thumbnail, .. }) | Self::Document(Document { key, size, thumbnail, .. })) =
            self
        else {
            return None;
        };
        let thumbnail = if hidden { thumbnail.take() } else { None };
        key.take().map(|key| Held { key, size: *size, thumbnail })
    }

    /// Returns the size in bytes and the key of the encrypted file of a photo or a document, or `None` for a medium
    /// without such a file. The key is absent whenever [`Photo::key`] is.
    #[must_use]
    pub fn file(&self) -> Option<(u64, Option<&MediaKey>)> {
        match self {
            Self::Photo(Photo { size, key, .. }) | Self::Document(Document { size, key, .. }) => {
                Some((*size, key.as_ref()))
            }
            _ => None,
        }
    }

    /// Returns the kind of the content, for timers and rights (SPEC DES-2). Without a usable key there is nothing
    /// to open.
    pub(crate) fn content_kind(&self, has_key: bool) -> ContentKind {
        match self {
            _ if !has_key => ContentKind::Text,
            Self::Photo(_) => ContentKind::Hideable { duration: 0 },
            Self::Document(document) => match document.kind {
                DocumentKind::File | DocumentKind::Sticker { .. } => ContentKind::File,
                DocumentKind::Video { duration, .. }
                | DocumentKind::Animation { duration, .. }
                | DocumentKind::Audio { duration, .. }
                | DocumentKind::Voice { duration, .. }
                | DocumentKind::RoundVideo { duration, .. } => ContentKind::Hideable { duration },
            },
            _ => ContentKind::Text,
        }
    }
}

/// A picture that the sender made smaller.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use secretchat::{Draft, Photo, Thumbnail, media};
///
/// let jpeg = b"the bytes of a photo, made smaller";
/// let (key, sealed) = media::seal(alice.file_form(), jpeg, env.rng)?; // `sealed` goes over the transport
/// let preview = Thumbnail::new(&b"a tiny JPEG"[..], 90, 60);
/// let photo = Photo::new(1280, 853, jpeg.len() as u64, key).with_thumbnail(preview);
/// alice.send(&Draft::media(photo, "from the tower"), env)?;
/// # drop(sealed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Photo {
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// The size of the file before encryption, in bytes. In a received photo 0 means that the sender did not state
    /// it. A photo of 0 bytes cannot be sent.
    pub size: u64,
    /// The key of the file. Absent in a received message with a timer: that key stays in the chat.
    pub key: Option<MediaKey>,
}

impl Photo {
    /// Creates a picture of `size` bytes before encryption, with the key of its encrypted file.
    #[must_use]
    pub fn new(width: u32, height: u32, size: u64, key: impl Into<MediaKey>) -> Self {
        Self { thumbnail: None, width, height, size, key: Some(key.into()) }
    }

    /// Adds a small preview.
    #[must_use]
    pub fn with_thumbnail(mut self, thumbnail: impl Into<Option<Thumbnail>>) -> Self {
        self.thumbnail = thumbnail.into();
        self
    }
}

/// A place. Not `#[non_exhaustive]`: two angles are all it has.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct GeoPoint {
    /// Degrees to the north, -90 to 90.
    pub latitude: f64,
    /// Degrees to the east, -180 to 180.
    pub longitude: f64,
}

impl GeoPoint {
    pub(super) fn is_on_earth(&self) -> bool {
        // This is false for NaN.
        self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0
    }
}

/// A place with a name.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Venue {
    /// The position of the place.
    pub point: GeoPoint,
    /// The name of the place.
    pub title: String,
    /// The address of the place.
    pub address: String,
    /// The directory that lists the place, such as `foursquare`. May be empty.
    pub provider: String,
    /// The id of the place in the directory. May be empty.
    pub venue_id: String,
}

impl Venue {
    /// Creates a place with a name and an address.
    #[must_use]
    pub fn new(point: GeoPoint, title: impl Into<String>, address: impl Into<String>) -> Self {
        Self { point, title: title.into(), address: address.into(), ..Self::default() }
    }

    /// Sets the directory that lists the place, and its id there.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<String>, venue_id: impl Into<String>) -> Self {
        (self.provider, self.venue_id) = (provider.into(), venue_id.into());
        self
    }
}

/// A contact card.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// The telephone number.
    pub phone_number: String,
    /// The first name.
    pub first_name: String,
    /// The last name, which may be empty.
    pub last_name: String,
    /// The user's id if it fits 32 bits, otherwise 0.
    pub user_id: i32,
}

impl Contact {
    /// Creates a card with a telephone number and a first name.
    #[must_use]
    pub fn new(phone_number: impl Into<String>, first_name: impl Into<String>) -> Self {
        Self { phone_number: phone_number.into(), first_name: first_name.into(), ..Self::default() }
    }

    /// Adds the last name.
    #[must_use]
    pub fn with_last_name(mut self, last_name: impl Into<String>) -> Self {
        self.last_name = last_name.into();
        self
    }

    /// Adds the user's id.
    #[must_use]
    pub const fn with_user_id(mut self, user_id: i32) -> Self {
        self.user_id = user_id;
        self
    }
}

/// A web page, to show a preview of. **Fetching it reveals the chat to its server.**
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebPage {
    /// The address of the page, 1 to [`WebPage::MAX_URL_LEN`] bytes.
    pub url: String,
}

impl WebPage {
    /// The longest address in bytes. A longer one is not cut, since it would lead elsewhere: the medium is left
    /// out.
    pub const MAX_URL_LEN: usize = 4096;

    /// Creates a page from its address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }
}

/// Makes a medium of each kind from what describes it.
macro_rules! into_media {
    ($($name:ident)+) => {
        $(impl From<$name> for Media {
            fn from(medium: $name) -> Self {
                Self::$name(medium)
            }
        })+
    };
}
into_media! { Photo Document GeoPoint Venue Contact WebPage ExternalDocument }

/// Implements a `Debug` that shows only the name.
macro_rules! opaque {
    ($($name:ident)+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}
opaque! { GeoPoint Venue Contact WebPage }
