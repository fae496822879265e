//! Files in segments, from any place: not in chats of Telegram.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use secretchat::MediaError;
use secretchat::media::{MediaKey, Segment, SegmentLayout, SegmentOpener};
use zeroize::Zeroizing;

use crate::border::{In, Out};
use crate::buffer::ScBuffer;
use crate::error::{Fault, Own, ScStatus, guard};
use crate::file::ScMediaKey;

/// How many bytes an encrypted file in segments begins with, before its first segment.
pub const SC_SEGMENT_HEADER_LEN: usize = 40;

const _: () = assert!(SC_SEGMENT_HEADER_LEN == secretchat::media::HEADER_LEN, "the header has another length");

/// Opens the segments of one file, in any order.
pub struct ScOpener(SegmentOpener);

/// The segments of a file.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScLayout {
    /// How many bytes of content there are.
    pub size: u64,
    /// How many segments there are, with those that are only padding.
    pub count: u64,
    /// How many bytes the encrypted file has.
    pub encrypted_len: u64,
    /// How many bytes of content each segment has but the last: byte `n` is in the segment `n / segment_size`.
    pub segment_size: u32,
}

/// Where a segment is.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ScSegment {
    /// Where it begins in the encrypted file.
    pub offset: u64,
    /// How many bytes it has there.
    pub encrypted_len: u32,
    /// How many bytes of content it has: 0 if it is only padding.
    pub content_len: u32,
    /// Whether the content ends in it.
    pub is_last: u8,
}

impl ScLayout {
    fn of(layout: &SegmentLayout) -> Self {
        Self {
            size: layout.size(),
            count: layout.count(),
            encrypted_len: layout.encrypted_len(),
            segment_size: short(layout.segment_size().bytes()),
        }
    }
}

impl ScSegment {
    fn of(segment: &Segment) -> Self {
        Self {
            offset: segment.offset,
            encrypted_len: short(segment.stored_len),
            content_len: short(segment.content_len),
            is_last: segment.is_last.into(),
        }
    }
}

/// A segment has at most 64 KiB of content.
fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn opener(opener: Option<&ScOpener>) -> Result<&SegmentOpener, Fault> {
    Ok(&opener.ok_or(Own::Null)?.0)
}

/// Creates an opener, from the key and the size of a medium and the first `SC_SEGMENT_HEADER_LEN` bytes of its encrypted
/// file. `SC_ERROR_VALUE` for a key of Telegram, whose files are not in segments.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_new(
    key: Option<&ScMediaKey>,
    size: u64,
    header: In<u8>,
    header_len: usize,
    out: Out<Option<Box<ScOpener>>>,
) -> ScStatus {
    guard(|| {
        out.check()?;
        let MediaKey::Segments(key) = &key.ok_or(Own::Null)?.0 else { return Err(Own::Value.into()) };
        let header = header.slice(header_len)?.try_into().map_err(|_| Own::Length)?;
        out.hand(ScOpener(SegmentOpener::new(key, size, header)?));
        Ok(())
    })
}

/// Writes which segments the file has.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_layout(opener: Option<&ScOpener>, out: Out<ScLayout>) -> ScStatus {
    guard(|| {
        out.check()?;
        out.put(ScLayout::of(self::opener(opener)?.layout()));
        Ok(())
    })
}

/// Writes where the segment with this number from 0 is.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_segment(opener: Option<&ScOpener>, number: u64, out: Out<ScSegment>) -> ScStatus {
    guard(|| {
        out.check()?;
        let segment = self::opener(opener)?.layout().segment(number).ok_or(MediaError::OutOfRange)?;
        out.put(ScSegment::of(&segment));
        Ok(())
    })
}

/// Decrypts a segment: `bytes` are those that `sc_opener_segment` tells, all of them. What comes out is authentic, and
/// stood at `number * segment_size` of the content.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_open(
    opener: Option<&ScOpener>,
    number: u64,
    bytes: In<u8>,
    len: usize,
    content: Out<Option<Box<ScBuffer>>>,
) -> ScStatus {
    guard(|| {
        content.check()?;
        let opener = self::opener(opener)?;
        let (segment, bytes) = (opener.layout().segment(number).ok_or(MediaError::OutOfRange)?, bytes.slice(len)?);
        if bytes.len() != segment.stored_len {
            return Err(MediaError::PartLength.into());
        }
        let mut bytes = Zeroizing::new(Vec::from(bytes));
        content.hand(ScBuffer::new(&*opener.open(number, &mut bytes)?));
        Ok(())
    })
}

/// Checks a segment and leaves it encrypted: to find out which segments of a file have arrived.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_verify(opener: Option<&ScOpener>, number: u64, bytes: In<u8>, len: usize) -> ScStatus {
    guard(|| Ok(self::opener(opener)?.verify(number, bytes.slice(len)?)?))
}

/// Wipes and frees an opener.
#[unsafe(no_mangle)]
pub extern "C" fn sc_opener_free(opener: Option<Box<ScOpener>>) {
    drop(opener);
}

impl fmt::Debug for ScOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
