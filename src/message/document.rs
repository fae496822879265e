//! Files as a message describes them (SPEC MSG-4, MSG-5).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Thumbnail;
use crate::media::MediaKey;
use crate::types::names::names;

/// A file, sent as it is.
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
    /// How it is shown.
    pub kind: DocumentKind,
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// The type of the file, as stated by the sender.
    pub mime_type: String,
    /// The sender's name for the file. **Never** use it as a path.
    pub file_name: Option<String>,
    /// The width and height of a sticker, or of a [`DocumentKind::File`] that is a picture. Other kinds carry their
    /// own.
    pub image_size: Option<(u32, u32)>,
    /// The size of the file before encryption, in bytes.
    pub size: u64,
    /// The key of the file. Absent in a received message with a timer: that key stays in the chat.
    pub key: Option<MediaKey>,
}

impl Document {
    /// Creates a file of `size` bytes before encryption, with the key of its encryption. It is shown as a file.
    #[must_use]
    pub fn new(mime_type: impl Into<String>, size: u64, key: impl Into<MediaKey>) -> Self {
        Self { mime_type: mime_type.into(), size, key: Some(key.into()), ..Self::default() }
    }

    /// Sets how it is shown.
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

    /// Sets the name of the file.
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the width and the height of a picture or a sticker, in pixels.
    #[must_use]
    pub const fn with_image_size(mut self, width: u32, height: u32) -> Self {
        self.image_size = Some((width, height));
        self
    }
}

/// How a file is shown. Durations are in seconds, sides in pixels.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A file. If the document has an `image_size`, it is a picture in full quality.
    #[default]
    File,
    /// A video.
    #[non_exhaustive]
    Video {
        /// The playing time.
        duration: u32,
        /// The width.
        width: u32,
        /// The height.
        height: u32,
    },
    /// A short video without sound that plays by itself.
    #[non_exhaustive]
    Animation {
        /// The playing time; 0 if unknown.
        duration: u32,
        /// The width.
        width: u32,
        /// The height.
        height: u32,
    },
    /// Music.
    #[non_exhaustive]
    Audio {
        /// The playing time.
        duration: u32,
        /// The title, which may be empty.
        title: String,
        /// The performer, which may be empty.
        performer: String,
    },
    /// A voice note.
    #[non_exhaustive]
    Voice {
        /// The playing time.
        duration: u32,
        /// The loudness: values of 5 bits without gaps, at most [`DocumentKind::MAX_WAVEFORM`] bytes. May be empty.
        waveform: Vec<u8>,
    },
    /// A round video. A peer below layer 66 sees a plain one.
    #[non_exhaustive]
    RoundVideo {
        /// The playing time.
        duration: u32,
        /// The width, and also the height.
        side: u32,
    },
    /// A sticker.
    #[non_exhaustive]
    Sticker {
        /// The emoji that it stands for.
        alt: String,
        /// The short name of its public set. Received stickers have none: fetching the set would tell the server
        /// who received what.
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
    /// The longest waveform in bytes. This is 160 values, more than the 100 of official apps.
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

    /// Creates the kind of a sticker that stands for an emoji, from a public set or from none.
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

/// A file that is stored **unencrypted** in the cloud.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalDocument {
    /// The file's id.
    pub id: i64,
    /// The access hash that the server requires with the id.
    pub access_hash: i64,
    /// The data centre that stores the file.
    pub dc_id: i32,
    /// The upload time, in seconds since 1970; 0 if unknown.
    pub date: i32,
    /// How it is shown.
    pub kind: DocumentKind,
    /// A small preview inside the message.
    pub thumbnail: Option<Thumbnail>,
    /// The type of the file.
    pub mime_type: String,
    /// The name of the file. **Never** use it as a path.
    pub file_name: Option<String>,
    /// The width and height, as in [`Document::image_size`].
    pub image_size: Option<(u32, u32)>,
    /// The size of the file in bytes, at most 2^31 - 1.
    pub size: u64,
}

impl ExternalDocument {
    /// Creates a file with the id that the server knows. Set the other fields as far as they are known.
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
