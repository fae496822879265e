//! A photo in segments of 4 KiB: neither end needs room for more than one of them, wherever the sealed file is.

use alloc::vec::Vec;

use secretchat::MediaError;
use secretchat::media::{HEADER_LEN, Padding, SegmentKey, SegmentLayout, SegmentOpener, SegmentSealer, SegmentSize};
use secretchat::rand_core::CryptoRng;

/// Returns the length of the sealed file of a photo of `size` bytes.
pub fn sealed_len(size: u64) -> Result<usize, MediaError> {
    usize::try_from(layout(size)?.encrypted_len()).map_err(|_| MediaError::TooLarge)
}

fn layout(size: u64) -> Result<SegmentLayout, MediaError> {
    Ok(SegmentLayout::new(size, Padding::Padme)?.with_segment_size(SegmentSize::Kib4))
}

/// Seals a photo under a new key, and hands over the sealed file in pieces.
pub fn seal(photo: &[u8], rng: &mut dyn CryptoRng, mut write: impl FnMut(&[u8])) -> Result<SegmentKey, MediaError> {
    let layout = layout(photo.len() as u64)?;
    let mut sealer = SegmentSealer::with_layout(layout, rng);
    write(&sealer.header());
    let mut contents = photo.chunks(layout.segment_size().bytes());
    let mut buffer = Vec::new();
    // The last segments can be padding alone.
    while let Some(segment) = sealer.next_segment() {
        buffer.clear();
        buffer.extend(contents.next().unwrap_or_default());
        buffer.resize(segment.stored_len, 0);
        sealer.seal(&mut buffer)?;
        write(&buffer);
    }
    let key = sealer.key().duplicate();
    sealer.finish()?;
    Ok(key)
}

/// Opens a sealed photo of `size` bytes, and hands over its content in pieces.
pub fn open(key: &SegmentKey, size: u64, sealed: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), MediaError> {
    let (header, mut rest) = sealed.split_first_chunk::<HEADER_LEN>().ok_or(MediaError::Truncated)?;
    let opener = SegmentOpener::new(key, size, header)?;
    let mut buffer = Vec::new();
    for index in 0..opener.layout().count() {
        let segment = opener.layout().segment(index).ok_or(MediaError::OutOfRange)?;
        let (stored, after) = rest.split_at_checked(segment.stored_len).ok_or(MediaError::Truncated)?;
        buffer.clear();
        buffer.extend(stored);
        take(opener.open(index, &mut buffer)?);
        rest = after;
    }
    if rest.is_empty() { Ok(()) } else { Err(MediaError::TooLong) }
}
