//! The names of EXIF tags: what a photo says about its camera, its place and its time.

/// The most entries of a directory that are looked at; what a file claims beyond is not believed.
const MAX_ENTRIES: usize = 256;

const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;

/// Of the TIFF structure inside a photo; empty where it makes no sense.
pub(crate) fn tag_names(tiff: &[u8]) -> Vec<String> {
    let big_endian = match tiff {
        [b'M', b'M', ..] => true,
        [b'I', b'I', ..] => false,
        _ => return Vec::new(),
    };
    let tiff = Tiff { bytes: tiff, big_endian };
    let main = tiff.u32(4).map(|at| tiff.directory(at)).unwrap_or_default();
    let mut names = Vec::new();
    for (tag, value) in main {
        match tag {
            EXIF_POINTER => names.extend(tiff.directory(value).into_iter().map(|(tag, _)| name(tag))),
            GPS_POINTER => names.extend(tiff.directory(value).into_iter().map(|(tag, _)| gps_name(tag))),
            _ => names.push(name(tag)),
        }
    }
    names
}

struct Tiff<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Tiff<'_> {
    /// Tags and values, or where the values lie; as far as the bytes go.
    fn directory(&self, at: u32) -> Vec<(u16, u32)> {
        let Ok(at) = usize::try_from(at) else { return Vec::new() };
        let count = usize::from(self.u16(at).unwrap_or(0)).min(MAX_ENTRIES);
        (0..count)
            .map_while(|i| {
                let entry = at.checked_add(2 + 12 * i)?;
                Some((self.u16(entry)?, self.u32(entry.checked_add(8)?)?))
            })
            .collect()
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }
}

fn name(tag: u16) -> String {
    let known = match tag {
        0x010e => "ImageDescription",
        0x010f => "Make",
        0x0110 => "Model",
        0x0112 => "Orientation",
        0x011a => "XResolution",
        0x011b => "YResolution",
        0x0128 => "ResolutionUnit",
        0x0131 => "Software",
        0x0132 => "DateTime",
        0x013b => "Artist",
        0x0213 => "YCbCrPositioning",
        0x8298 => "Copyright",
        0x829a => "ExposureTime",
        0x829d => "FNumber",
        0x8827 => "ISO",
        0x9000 => "ExifVersion",
        0x9003 => "DateTimeOriginal",
        0x9004 => "DateTimeDigitized",
        0x9010 => "OffsetTime",
        0x920a => "FocalLength",
        0x927c => "MakerNote",
        0x9286 => "UserComment",
        0xa001 => "ColorSpace",
        0xa002 => "PixelXDimension",
        0xa003 => "PixelYDimension",
        0xa430 => "CameraOwnerName",
        0xa431 => "BodySerialNumber",
        0xa433 => "LensMake",
        0xa434 => "LensModel",
        _ => return format!("0x{tag:04x}"),
    };
    known.to_owned()
}

fn gps_name(tag: u16) -> String {
    let known = match tag {
        0 => "GPSVersionID",
        1 => "GPSLatitudeRef",
        2 => "GPSLatitude",
        3 => "GPSLongitudeRef",
        4 => "GPSLongitude",
        5 => "GPSAltitudeRef",
        6 => "GPSAltitude",
        7 => "GPSTimeStamp",
        16 => "GPSImgDirectionRef",
        17 => "GPSImgDirection",
        29 => "GPSDateStamp",
        31 => "GPSHPositioningError",
        _ => return format!("GPS 0x{tag:04x}"),
    };
    known.to_owned()
}
