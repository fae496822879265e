//! Photo files: what they are, and the small form that is sent as a photo.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use secretchat::Thumbnail;

use super::Result;
use super::disk::Hash;
use super::exif;

/// As large as a photo in a chat is shown.
const MAX_SIDE: u32 = 1280;
const QUALITY: u8 = 82;
/// Previews have at most [`Thumbnail::MAX_SIDE`] pixels a side; TDLib makes them this large.
const THUMBNAIL_SIDE: u32 = 90;

/// A file that its decoder can read.
pub(crate) struct Original {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) mime_type: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) size: u64,
    pub(crate) hash: Hash,
    /// The names of its EXIF tags.
    pub(crate) tags: Vec<String>,
}

/// A photo made small, without its EXIF tags.
pub(crate) struct Small {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) hash: Hash,
    pub(crate) thumbnail: Thumbnail,
}

/// Reads a photo from end to end.
pub(crate) fn read(path: &Path) -> Result<(Original, DynamicImage)> {
    decode(path).map_err(|error| format!("cannot use {}: {error}", path.display()).into())
}

fn decode(path: &Path) -> Result<(Original, DynamicImage)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let hash = Hash::of(&mut file)?;
    file.rewind()?;

    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format()?;
    let mime_type = match reader.format() {
        Some(ImageFormat::Jpeg) => "image/jpeg",
        Some(ImageFormat::Png) => "image/png",
        _ => return Err("neither JPEG nor PNG".into()),
    };
    let mut decoder = reader.into_decoder()?;
    let tags = decoder.exif_metadata()?.map(|tiff| exif::tag_names(&tiff)).unwrap_or_default();
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    let (width, height) = (image.width(), image.height());
    // The tag that says which side is up will be gone.
    image.apply_orientation(orientation);

    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((Original { path: path.to_owned(), name, mime_type, width, height, size, hash, tags }, image))
}

/// What an app sends as a photo: pixels only, encoded anew.
pub(crate) fn shrink(image: &DynamicImage) -> Result<Small> {
    let image = if image.width().max(image.height()) > MAX_SIDE {
        image.resize(MAX_SIDE, MAX_SIDE, FilterType::Triangle)
    } else {
        image.clone()
    };
    let jpeg = encode(&image, QUALITY)?;
    let hash = Hash::of_bytes(&jpeg);
    Ok(Small { width: image.width(), height: image.height(), hash, thumbnail: preview(&image)?, jpeg })
}

fn preview(image: &DynamicImage) -> Result<Thumbnail> {
    let side = THUMBNAIL_SIDE.min(image.width().max(image.height()));
    let small = image.thumbnail(side, side);
    for quality in (10..=70).rev().step_by(15) {
        let jpeg = encode(&small, quality)?;
        if jpeg.len() < Thumbnail::MAX_BYTES {
            return Ok(Thumbnail { jpeg, width: small.width(), height: small.height() });
        }
    }
    Err("the preview does not get small enough".into())
}

fn encode(image: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&image.to_rgb8())?;
    Ok(jpeg)
}
