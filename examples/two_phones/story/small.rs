//! The small form of a picture, which is sent as a photo: pixels only, encoded again.

use std::fmt;

use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use secretchat::Thumbnail;
use secretchat_media::{Mode, SIDE};

use super::Result;
use super::colour::over_white;
use super::disk::Hash;
use super::photo::Picture;

const QUALITY: u8 = 82;
/// Previews have at most [`Thumbnail::MAX_SIDE`] pixels a side; TDLib makes them this large.
const THUMBNAIL_SIDE: u32 = 90;

/// A photo made small: its pixels, and nothing else of its file.
#[derive(Clone)]
pub(crate) struct Small {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) hash: Hash,
    pub(crate) thumbnail: Thumbnail,
}

/// Why a picture can only be sent as a file.
pub(crate) enum FileOnly {
    Line {
        width: u32,
        height: u32,
    },
    /// The colours of the picture are not known.
    Profile(String),
}

impl fmt::Display for FileOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { width, height } => write!(f, "{width}x{height} pixels are too long and narrow for a photo"),
            Self::Profile(error) => write!(f, "its colour profile cannot be used: {error}"),
        }
    }
}

/// Makes the small form that an app sends as a photo.
pub(crate) fn shrink(picture: Picture) -> Result<Result<Small, FileOnly>> {
    let (width, height) = (picture.image.width(), picture.image.height());
    if let Mode::File(_) = Mode::scaled(width, height, SIDE) {
        return Ok(Err(FileOnly::Line { width, height }));
    }
    let image = match over_white(picture) {
        Ok(image) => DynamicImage::from(image),
        Err(error) => return Ok(Err(FileOnly::Profile(error.to_string()))),
    };
    let image = if width.max(height) > SIDE { image.resize(SIDE, SIDE, FilterType::Triangle) } else { image };
    let jpeg = encode(&image, QUALITY)?;
    let hash = Hash::of_bytes(&jpeg);
    Ok(Ok(Small { width: image.width(), height: image.height(), hash, thumbnail: preview(&image)?, jpeg }))
}

fn preview(image: &DynamicImage) -> Result<Thumbnail> {
    let side = THUMBNAIL_SIDE.min(image.width().max(image.height()));
    let small = image.thumbnail(side, side);
    for quality in (10..=70).rev().step_by(15) {
        let jpeg = encode(&small, quality)?;
        if jpeg.len() < Thumbnail::MAX_BYTES {
            return Ok(Thumbnail::new(jpeg, small.width(), small.height()));
        }
    }
    Err("the preview does not get small enough".into())
}

fn encode(image: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(image)?;
    Ok(jpeg)
}
