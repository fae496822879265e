//! Whether the file of a picture is there to its end. Decoders make grey of what is missing and call it a picture.

use image::ImageFormat;

/// Follows the parts of the file to the mark that ends it. What comes behind is no part of the picture.
pub(crate) fn is_complete(format: ImageFormat, bytes: &[u8]) -> bool {
    let end = match format {
        ImageFormat::Jpeg => end_of_jpeg(bytes),
        ImageFormat::Png => end_of_png(bytes),
        _ => None,
    };
    end.is_some()
}

/// Segments, each a marker, a length and that many bytes; coded pixels run from marker to marker without a length.
fn end_of_jpeg(bytes: &[u8]) -> Option<()> {
    let mut at = 0;
    loop {
        let marker = bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        at += marker + 1;
        match bytes.get(at)? {
            // A byte of pixels that is 0xff; one that fills.
            0 | 0xff => {}
            // Begin, restart: they stand alone.
            0x01 | 0xd0..=0xd8 => at += 1,
            0xd9 => return Some(()),
            _ => {
                let length = bytes.get(at + 1..)?.first_chunk()?;
                at += 1 + usize::from(u16::from_be_bytes(*length));
            }
        }
    }
}

/// Chunks, each a length, a kind, that many bytes and a checksum.
fn end_of_png(bytes: &[u8]) -> Option<()> {
    const SIGNATURE: usize = 8;
    let mut rest = bytes.get(SIGNATURE..)?;
    loop {
        let (length, after) = rest.split_first_chunk()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        rest = after.get(length.checked_add(4)?..)?;
        if kind == b"IEND" {
            return Some(());
        }
    }
}
