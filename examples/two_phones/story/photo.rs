//! Photo files: what they are, and their pixels.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use secretchat_media::{FileName, Format, Parts, inspect};

use super::Result;
use super::disk::{At, Hash, open_regular};

/// The greatest length of a photo file, because it is decoded in memory.
const MAX_FILE_LEN: u64 = 1 << 28;
/// The greatest side in pixels: the limit of JPEG.
const MAX_SIDE: u32 = u16::MAX as u32;
/// The greatest number of bytes for the pixels, because a file of a few bytes can claim any size. This is enough for 170
/// million pixels in colour.
const MAX_DECODED_LEN: u64 = 1 << 29;

/// A photo file that was read completely.
pub(crate) struct Original {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) mime_type: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) size: u64,
    pub(crate) hash: Hash,
    /// The parts of the file besides the picture.
    pub(crate) parts: Parts,
}

/// The pixels of a photo, the right way up.
pub(crate) struct Picture {
    pub(crate) image: DynamicImage,
    /// The ICC profile of the colours. Without one they are sRGB.
    pub(crate) profile: Option<Vec<u8>>,
}

impl Original {
    /// Reads a photo from end to end.
    pub(crate) fn read(path: &Path) -> Result<(Self, Picture)> {
        decode(path).at("use", path)
    }

    /// Opens the file again.
    pub(crate) fn open(&self) -> Result<File> {
        open_regular(&self.path).at("read", &self.path)
    }
}

fn decode(path: &Path) -> Result<(Original, Picture)> {
    let bytes = read_at_most(path, MAX_FILE_LEN)?;
    let format = match Format::guess(&bytes) {
        Some(Format::Jpeg) => ImageFormat::Jpeg,
        Some(Format::Png) => ImageFormat::Png,
        _ => return Err("neither JPEG nor PNG".into()),
    };
    // A truncated file is an error here. Decoders fill the missing part with grey and call it a picture.
    let report = inspect(&bytes)?;

    let mut reader = ImageReader::with_format(Cursor::new(&bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_LEN);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // The crate would allocate the memory without checking the limit.
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE || decoder.total_bytes() > MAX_DECODED_LEN {
        return Err(format!("{width}x{height} pixels are more than this program takes").into());
    }
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    // The orientation tag will be gone.
    image.apply_orientation(orientation);

    let name = FileName::Kept(&path.file_name().unwrap_or_default().to_string_lossy()).of(report.format);
    let (size, hash) = (bytes.len() as u64, Hash::of_bytes(&bytes));
    let (mime_type, parts) = (report.format.mime_type(), report.parts);
    let original = Original { path: path.to_owned(), name, mime_type, width, height, size, hash, parts };
    Ok((original, Picture { image, profile }))
}

fn read_at_most(path: &Path, len: u64) -> Result<Vec<u8>> {
    let file = open_regular(path)?;
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    if file.metadata()?.len() > len || file.take(len + 1).read_to_end(&mut bytes)? as u64 > len {
        return Err(format!("more than {len} bytes are no photo").into());
    }
    Ok(bytes)
}
