//! Photos, files, places and the rest as a message describes them (SPEC MSG-4 to MSG-6).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::media::MediaKey;
use crate::names::names;

/// What a message carries besides text.
#[derive(Debug)]
#[non_exhaustive]
pub enum Media {
    /// A picture, made smaller by the sender.
    Photo(Photo),
    /// A file as it is: also videos, music, voice notes, stickers, by its [`DocumentKind`].
    Document(Document),
    /// A place.
    GeoPoint(GeoPoint),
    /// A place with a name.
    Venue(Venue),
    /// Somebody's card.
    Contact(Contact),
    /// A page to show a preview of.
    WebPage(WebPage),
    /// A file that lies **unencrypted** in the cloud, such as a sticker of a public set.
    ExternalDocument(ExternalDocument),
    /// Something received that makes no sense: a file of no bytes, a place that is not on the Earth.
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

/// A picture, made smaller by the sender.
#[derive(Debug, Default)]
pub struct Photo {
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Bytes of the file before encryption. In a received photo 0 means that the sender did not say; 0 is not sent.
    pub size: u64,
    /// What the file is encrypted with. Absent in a received message with a timer: such a key stays in the chat.
    pub key: Option<MediaKey>,
}

/// A file as it is.
#[derive(Default)]
pub struct Document {
    /// What it is to be shown as.
    pub kind: DocumentKind,
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// The sender's word for what the file is.
    pub mime_type: String,
    /// The sender's name for the file: **never** a path.
    pub file_name: Option<String>,
    /// Width and height of a [`DocumentKind::File`] that is a picture, or of a sticker. Other kinds say it themselves.
    pub image_size: Option<(u32, u32)>,
    /// Bytes of the file before encryption.
    pub size: u64,
    /// What the file is encrypted with. Absent in a received message with a timer: such a key stays in the chat.
    pub key: Option<MediaKey>,
}

/// What a file is to be shown as. Durations are in seconds, sides in pixels.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A file; a picture in full quality if the document has an `image_size`.
    #[default]
    File,
    /// A video.
    Video {
        /// How long it plays.
        duration: u32,
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
    /// A short video without sound that plays by itself.
    Animation {
        /// How long it plays; 0 is unknown.
        duration: u32,
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
    /// Music.
    Audio {
        /// How long it plays.
        duration: u32,
        /// Its title; may be empty.
        title: String,
        /// Who plays; may be empty.
        performer: String,
    },
    /// A voice note.
    Voice {
        /// How long it plays.
        duration: u32,
        /// How loud it is: values of 5 bits without gaps, at most [`DocumentKind::MAX_WAVEFORM`] bytes; may be empty.
        waveform: Vec<u8>,
    },
    /// A round video. A peer below layer 66 sees a plain one.
    RoundVideo {
        /// How long it plays.
        duration: u32,
        /// From left to right, and from top to bottom.
        side: u32,
    },
    /// A sticker.
    Sticker {
        /// The emoji that it stands for.
        alt: String,
        /// The short name of its public set. Received stickers have none: it would tell the server who got what.
        set: Option<String>,
    },
}

names! {
    ref DocumentKind {
        1 "file" File,
        2 "video" Video,
        3 "animation" Animation,
        4 "audio" Audio,
        5 "voice" Voice,
        6 "round_video" RoundVideo,
        7 "sticker" Sticker,
    }
}

impl DocumentKind {
    /// 160 values, more than the 100 of official apps.
    pub const MAX_WAVEFORM: usize = 100;
}

// Titles and emoji are what users write.
impl fmt::Debug for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "File",
            Self::Video { .. } => "Video { .. }",
            Self::Animation { .. } => "Animation { .. }",
            Self::Audio { .. } => "Audio { .. }",
            Self::Voice { .. } => "Voice { .. }",
            Self::RoundVideo { .. } => "RoundVideo { .. }",
            Self::Sticker { .. } => "Sticker { .. }",
        })
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, thumbnail, mime_type: _, file_name: _, image_size, size, key } = self;
        f.debug_struct("Document")
            .field("kind", kind)
            .field("thumbnail", thumbnail)
            .field("image_size", image_size)
            .field("size", size)
            .field("key", key)
            .finish_non_exhaustive()
    }
}

/// A place.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct GeoPoint {
    /// Degrees to the north, -90 to 90.
    pub latitude: f64,
    /// Degrees to the east, -180 to 180.
    pub longitude: f64,
}

impl GeoPoint {
    pub(super) fn is_on_earth(&self) -> bool {
        // False for what is no number.
        self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0
    }
}

/// A place with a name.
#[derive(Clone, Default, PartialEq)]
pub struct Venue {
    /// Where it is.
    pub point: GeoPoint,
    /// Its name.
    pub title: String,
    /// Its address.
    pub address: String,
    /// The directory that lists it, such as `foursquare`; may be empty.
    pub provider: String,
    /// Its id in the directory; may be empty.
    pub venue_id: String,
}

/// Somebody's card.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The telephone number.
    pub phone_number: String,
    /// The first name.
    pub first_name: String,
    /// The last name; may be empty.
    pub last_name: String,
    /// The user's id if it fits 32 bits, else 0.
    pub user_id: i32,
}

/// A page to show a preview of. **Fetching it tells its server about the chat.**
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WebPage {
    /// Its address, 1 to [`WebPage::MAX_URL_LEN`] bytes.
    pub url: String,
}

impl WebPage {
    /// A longer address is not cut, since it would lead elsewhere: the medium is left out.
    pub const MAX_URL_LEN: usize = 4096;
}

/// A file that lies **unencrypted** in the cloud.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExternalDocument {
    /// The file's id.
    pub id: i64,
    /// What the server asks for besides the id.
    pub access_hash: i64,
    /// The data centre that has it.
    pub dc_id: i32,
    /// When it was uploaded, in seconds since 1970; 0 is unknown.
    pub date: i32,
    /// What it is to be shown as.
    pub kind: DocumentKind,
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// What the file is.
    pub mime_type: String,
    /// The file's name: **never** a path.
    pub file_name: Option<String>,
    /// Width and height as in [`Document::image_size`].
    pub image_size: Option<(u32, u32)>,
    /// Bytes of the file, at most 2^31 - 1.
    pub size: u64,
}

/// `Debug` that shows the name alone.
macro_rules! opaque {
    ($($name:ident)+) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })+
    };
}
opaque! { GeoPoint Venue Contact WebPage ExternalDocument }

/// A small JPEG inside the message. It is authentic; the file it stands for need not be what it shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The JPEG, at most [`Thumbnail::MAX_BYTES`].
    pub jpeg: Vec<u8>,
    /// Pixels from left to right, at most [`Thumbnail::MAX_SIDE`].
    pub width: u32,
    /// Pixels from top to bottom, at most [`Thumbnail::MAX_SIDE`].
    pub height: u32,
}

impl Thumbnail {
    /// What Android still shows.
    pub const MAX_BYTES: usize = 6000;
    /// What Android still shows.
    pub const MAX_SIDE: u32 = 100;

    pub(super) fn is_within_bounds(&self) -> bool {
        (1..=Self::MAX_BYTES).contains(&self.jpeg.len())
            && (1..=Self::MAX_SIDE).contains(&self.width)
            && (1..=Self::MAX_SIDE).contains(&self.height)
    }
}

impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { jpeg: _, width, height } = self;
        f.debug_struct("Thumbnail").field("width", width).field("height", height).finish_non_exhaustive()
    }
}
