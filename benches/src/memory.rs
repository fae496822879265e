//! How much memory is needed to encrypt and decrypt a large file.
//!
//! The measure is the peak of resident memory (`VmHWM`), as the system counts it: heap, stack and touched pages of the
//! program alike. It is exact to some 100 KiB. A counting allocator would be more exact, but only sees the heap.

use std::fs;
use std::io::{self, Read};

use secretchat::media::{ChainKey, DecryptReader, EncryptReader, Padding, SegmentDecryptReader, SegmentEncryptReader};

use crate::peers::{IV, KEY};
use crate::random::Constant;

/// The length of the file in bytes.
pub const FILE_LEN: u64 = 1 << 30;
/// The length of the caller's buffer in bytes.
pub const BUFFER_LEN: usize = 1 << 16;

/// The peaks above the memory that the process had with its buffer.
#[derive(Clone, Copy, Debug)]
pub struct Peaks {
    /// Through a chain, in KiB.
    pub chain: u64,
    /// In segments, in KiB.
    pub segments: u64,
}

/// Encrypts and decrypts a file of [`FILE_LEN`] bytes in each form, both ends in one process. `None` without Linux's
/// `/proc`.
///
/// Call it before anything else allocates memory: freed memory hides later allocations.
///
/// # Errors
/// The memory figures cannot be read, or the file cannot be processed.
pub fn measure() -> io::Result<Option<Peaks>> {
    let mut buffer = vec![1; BUFFER_LEN];
    let Some(chain) = rise(|| through_chain(&mut buffer))? else { return Ok(None) };
    let segments = rise(|| through_segments(&mut buffer))?;
    Ok(segments.map(|segments| Peaks { chain, segments }))
}

fn through_chain(buffer: &mut [u8]) -> io::Result<()> {
    let key = ChainKey::from_parts(KEY, IV);
    let encrypting = EncryptReader::new(io::repeat(1).take(FILE_LEN), &key, FILE_LEN, Constant)?;
    read_all(DecryptReader::new(encrypting, &key, FILE_LEN)?, buffer)
}

fn through_segments(buffer: &mut [u8]) -> io::Result<()> {
    let content = io::repeat(1).take(FILE_LEN);
    let sealing = SegmentEncryptReader::new(content, FILE_LEN, Padding::None, &mut Constant)?;
    let key = sealing.key().duplicate();
    read_all(SegmentDecryptReader::new(sealing, &key, FILE_LEN)?, buffer)
}

fn read_all(mut file: impl Read, buffer: &mut [u8]) -> io::Result<()> {
    let mut left = FILE_LEN;
    while let len @ 1.. = file.read(buffer)? {
        left = left.saturating_sub(len as u64);
    }
    if left == 0 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn rise(run: impl FnOnce() -> io::Result<()>) -> io::Result<Option<u64>> {
    // Resets the peak to the present resident memory (proc(5)). Where that is not allowed, the peak so far remains.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = peak_kib();
    run()?;
    Ok(before.zip(peak_kib()).map(|(before, after)| after.saturating_sub(before)))
}

fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
