//! Files as a message describes them (SPEC MSG-4, MSG-5).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Thumbnail;
use crate::media::MediaKey;
use crate::types::names::names;

/// A file as it is.
///
/// ```
#[doc = include_str!("../guide/two_ends.txt")]
/// use secretchat::{Document, DocumentKind, Draft, media};
///
/// let video = b"the bytes of a video";
/// let (key, sealed) = media::seal(alice.file_form(), video, env.rng)?; // `sealed` goes over the transport
/// let document = Document::new("video/mp4", video.len() as u64, key)
///     .with_kind(DocumentKind::video(12, 1280, 720))
///     .with_file_name("tower.mp4");
/// alice.send(&Draft::media(document, "from the tower"), env)?;
/// # drop(sealed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
#[non_exhaustive]
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

impl Document {
    /// Creates a file of `size` bytes before encryption, with the key that it is encrypted under. It is shown as a file.
    #[must_use]
    pub fn new(mime_type: impl Into<String>, size: u64, key: impl Into<MediaKey>) -> Self {
        Self { mime_type: mime_type.into(), size, key: Some(key.into()), ..Self::default() }
    }

    /// Sets what it is to be shown as.
    #[must_use]
    pub fn with_kind(mut self, kind: DocumentKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds a small preview.
    #[must_use]
    pub fn with_thumbnail(mut self, thumbnail: impl Into<Option<Thumbnail>>) -> Self {
        self.thumbnail = thumbnail.into();
        self
    }

    /// Names the file.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Says the width and the height of a picture or a sticker, in pixels.
    #[must_use]
    pub const fn with_image_size(mut self, width: u32, height: u32) -> Self {
        self.image_size = Some((width, height));
        self
    }
}

/// What a file is to be shown as. Durations are in seconds, sides in pixels.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A file; a picture in full quality if the document has an `image_size`.
    #[default]
    File,
    /// A video.
    #[non_exhaustive]
    Video {
        /// How long it plays.
        duration: u32,
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
    /// A short video without sound that plays by itself.
    #[non_exhaustive]
    Animation {
        /// How long it plays; 0 is unknown.
        duration: u32,
        /// From left to right.
        width: u32,
        /// From top to bottom.
        height: u32,
    },
    /// Music.
    #[non_exhaustive]
    Audio {
        /// How long it plays.
        duration: u32,
        /// Its title; may be empty.
        title: String,
        /// Who plays; may be empty.
        performer: String,
    },
    /// A voice note.
    #[non_exhaustive]
    Voice {
        /// How long it plays.
        duration: u32,
        /// How loud it is: values of 5 bits without gaps, at most [`DocumentKind::MAX_WAVEFORM`] bytes; may be empty.
        waveform: Vec<u8>,
    },
    /// A round video. A peer below layer 66 sees a plain one.
    #[non_exhaustive]
    RoundVideo {
        /// How long it plays.
        duration: u32,
        /// From left to right, and from top to bottom.
        side: u32,
    },
    /// A sticker.
    #[non_exhaustive]
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

    /// Creates the kind of a video.
    #[must_use]
    pub const fn video(duration: u32, width: u32, height: u32) -> Self {
        Self::Video { duration, width, height }
    }

    /// Creates the kind of a short video without sound that plays by itself.
    #[must_use]
    pub const fn animation(duration: u32, width: u32, height: u32) -> Self {
        Self::Animation { duration, width, height }
    }

    /// Creates the kind of a piece of music.
    #[must_use]
    pub fn audio(duration: u32, title: impl Into<String>, performer: impl Into<String>) -> Self {
        Self::Audio { duration, title: title.into(), performer: performer.into() }
    }

    /// Creates the kind of a voice note. The waveform may be empty.
    #[must_use]
    pub fn voice(duration: u32, waveform: impl Into<Vec<u8>>) -> Self {
        Self::Voice { duration, waveform: waveform.into() }
    }

    /// Creates the kind of a round video.
    #[must_use]
    pub const fn round_video(duration: u32, side: u32) -> Self {
        Self::RoundVideo { duration, side }
    }

    /// Creates the kind of a sticker that stands for an emoji, of a public set or of none.
    #[must_use]
    pub fn sticker(alt: impl Into<String>, set: Option<String>) -> Self {
        Self::Sticker { alt: alt.into(), set }
    }
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

/// A file that lies **unencrypted** in the cloud.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
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

impl ExternalDocument {
    /// Creates a file that the server knows by this id; what else is known of it goes into the fields.
    #[must_use]
    pub fn new(id: i64, access_hash: i64, dc_id: i32) -> Self {
        Self { id, access_hash, dc_id, ..Self::default() }
    }
}

impl fmt::Debug for ExternalDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalDocument").finish_non_exhaustive()
    }
}
