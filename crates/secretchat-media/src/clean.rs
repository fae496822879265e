//! Inspects picture files, and cleans them.

use alloc::vec::Vec;
use core::fmt;

use crate::part::Parts;
use crate::sieve::Sieve;
use crate::{jpeg, png, webp};

/// The greatest length of a file, in bytes: 256 MiB.
pub const MAX_LEN: usize = 1 << 28;

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG, also with several pictures (APNG).
    Png,
    /// WebP.
    WebP,
}

impl Format {
    /// Returns the format of a file by its first bytes, whatever its name says.
    #[must_use]
    pub fn guess(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Returns the media type, such as `image/jpeg`.
    #[must_use]
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// Returns the file extension without its dot, such as `jpg`.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// The format of a picture file, and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The format, by the content of the file.
    pub format: Format,
    /// Pixels in a row, as they are stored.
    pub width: u32,
    /// Rows of pixels, as they are stored.
    pub height: u32,
    /// How to turn the picture to show it, from 1 (not at all) to 8, as in EXIF.
    pub orientation: u8,
    /// Whether the picture is animated: APNG, or WebP with several pictures.
    pub animated: bool,
    /// The parts that are not needed to show the picture.
    pub parts: Parts,
}

impl Report {
    /// Returns width and height in pixels as the picture is shown, after turning.
    #[must_use]
    pub const fn shown(&self) -> (u32, u32) {
        if self.orientation >= 5 { (self.height, self.width) } else { (self.width, self.height) }
    }
}

/// A picture file without some of its parts.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cleaned {
    /// The file.
    pub bytes: Vec<u8>,
    /// The parts that were removed.
    pub removed: Parts,
    /// The format of the cleaned file, and the parts that remain in it.
    pub report: Report,
}

/// The photo itself does not belong in logs.
impl fmt::Debug for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, removed, report } = self;
        f.debug_struct("Cleaned")
            .field("bytes", &format_args!("{} bytes", bytes.len()))
            .field("removed", removed)
            .field("report", report)
            .finish()
    }
}

/// A file was not cleaned. Do not send any of it as if it had been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The file is not JPEG, PNG or WebP.
    UnknownFormat,
    /// The file has more than [`MAX_LEN`] bytes.
    TooLong,
    /// The file ends before the picture does.
    CutOff,
    /// The file contradicts its format.
    Damaged,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownFormat => "the file is neither JPEG, PNG nor WebP; send it as a file, or convert it",
            Self::TooLong => "the file is too long for a picture; make it smaller",
            Self::CutOff => "the picture is cut off; get the whole file",
            Self::Damaged => "the picture is damaged; open it and save it again",
        })
    }
}

impl core::error::Error for Error {}

impl Error {
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(crate) fn of_container(error: img_parts::Error) -> Self {
        match error {
            img_parts::Error::Truncated => Self::CutOff,
            _ => Self::Damaged,
        }
    }
}

/// Returns the format of a picture file, its size, and its parts.
///
/// # Errors
///
/// See [`Error`].
pub fn inspect(bytes: &[u8]) -> Result<Report, Error> {
    sieve(bytes, Parts::NONE).map(|cleaned| cleaned.report)
}

/// Returns a picture file without the parts in `strip`.
///
/// The picture stays unchanged, because it is not decoded. Everything that is needed to show it correctly also stays:
/// orientation, colour profile, transparency, the frames of an animation. Removing [`Part::Location`](crate::Part::Location)
/// or [`Part::Preview`](crate::Part::Preview) also removes XMP, IPTC, trailing and other parts, because these can contain
/// places and previews, too. Removing any part of EXIF also removes the maker notes, whose format is private.
///
/// A file with nothing to remove is returned unchanged, byte for byte. One that would mean something else without these parts
/// is damaged.
///
/// # Errors
///
/// See [`Error`]. The host decides what to do with a file that cannot be cleaned.
pub fn clean(bytes: &[u8], strip: Parts) -> Result<Cleaned, Error> {
    sieve(bytes, strip)
}

fn sieve(bytes: &[u8], strip: Parts) -> Result<Cleaned, Error> {
    if bytes.len() > MAX_LEN {
        return Err(Error::TooLong);
    }
    let format = Format::guess(bytes).ok_or(Error::UnknownFormat)?;
    let mut sieve = Sieve::new(strip);
    let picture = match format {
        Format::Jpeg => jpeg::sieved(bytes, &mut sieve)?,
        Format::Png => png::sieved(bytes, &mut sieve)?,
        Format::WebP => webp::sieved(bytes, &mut sieve)?,
    };
    let Picture { bytes: cleaned, size: (width, height), orientation, animated } = picture;
    // Encoders pad the ends of some chunks in their own way.
    let bytes = if sieve.removed.is_empty() { bytes.to_vec() } else { cleaned };
    let report = Report { format, width, height, orientation, animated, parts: sieve.left };
    // Bytes that make no sense where they are may make another one once what was before them is gone.
    if !sieve.removed.is_empty() && inspect(&bytes) != Ok(report) {
        return Err(Error::Damaged);
    }
    Ok(Cleaned { bytes, removed: sieve.removed, report })
}

/// The result of a format's module.
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) size: (u32, u32),
    pub(crate) orientation: u8,
    pub(crate) animated: bool,
}
