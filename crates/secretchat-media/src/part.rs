//! The parts of a picture file that are not needed to show it.

use core::fmt;

/// A part of a picture file that is not needed to show the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The GPS directory of EXIF.
    Location,
    /// EXIF as a whole: camera, lens, serial numbers, dates, exposure. A turned picture keeps its orientation.
    Exif,
    /// XMP, also in several segments: editing history, names of people, places.
    Xmp,
    /// Captions and places of press photos (IPTC), and everything else that Photoshop stores about a file.
    Iptc,
    /// Comments, and the text chunks of PNG.
    Text,
    /// Previews: those of EXIF and JFIF, and the index of further pictures (MPF). They can show what was cropped from the
    /// picture itself.
    Preview,
    /// Bytes after the end of the picture, which can hold pictures, videos and archives.
    Trailing,
    /// Parts that this crate does not know, maker notes, and signed histories (C2PA).
    Other,
}

impl Part {
    /// All parts, in the order of [`Parts::iter`].
    pub const ALL: [Self; 8] =
        [Self::Location, Self::Exif, Self::Xmp, Self::Iptc, Self::Text, Self::Preview, Self::Trailing, Self::Other];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Location => "location",
            Self::Exif => "EXIF",
            Self::Xmp => "XMP",
            Self::Iptc => "IPTC",
            Self::Text => "texts",
            Self::Preview => "previews",
            Self::Trailing => "trailing bytes",
            Self::Other => "other parts",
        })
    }
}

/// A set of parts.
///
/// ```
/// use secretchat_media::{Part, Parts};
///
/// let strip = Parts::ALL.without(Part::Text);
/// assert!(strip.contains(Part::Location) && !strip.contains(Part::Text));
/// assert!(Parts::NONE.with(Part::Text).iter().eq([Part::Text]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parts(u8);

impl Parts {
    /// No part.
    pub const NONE: Self = Self(0);
    /// Each part.
    pub const ALL: Self = Self(u8::MAX);

    /// Returns the set with this part added.
    #[must_use]
    pub const fn with(self, part: Part) -> Self {
        Self(self.0 | 1 << part as u8)
    }

    /// Returns the set without this part.
    #[must_use]
    pub const fn without(self, part: Part) -> Self {
        Self(self.0 & !(1 << part as u8))
    }

    /// Returns whether the set has this part.
    #[must_use]
    pub const fn contains(self, part: Part) -> bool {
        self.0 & 1 << part as u8 != 0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the parts of this set that are not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Iterates over the parts of the set.
    pub fn iter(self) -> impl Iterator<Item = Part> {
        Part::ALL.into_iter().filter(move |part| self.contains(*part))
    }

    /// Returns the parts that must be removed so that these are certainly gone: places and previews can also be in blocks
    /// that this crate does not read.
    pub(crate) const fn with_what_may_hold_them(self) -> Self {
        if self.contains(Part::Location) || self.contains(Part::Preview) {
            self.with(Part::Xmp).with(Part::Iptc).with(Part::Trailing).with(Part::Other)
        } else {
            self
        }
    }
}

impl From<Part> for Parts {
    fn from(part: Part) -> Self {
        Self::NONE.with(part)
    }
}

impl FromIterator<Part> for Parts {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        parts.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
