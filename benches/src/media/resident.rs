//! How much memory is needed to encrypt and decrypt a large file.
//!
//! The measure is the peak of resident memory (`VmHWM`), as the system counts it: heap, stack and touched pages of the
//! program alike. It is exact to some 100 KiB. A counting allocator would be more exact, but only sees the heap.

use std::fs;
use std::io::{self, Read};

use secretchat::media::{ChainKey, DecryptReader, EncryptReader, Padding, SegmentDecryptReader, SegmentEncryptReader};

use super::ige::{IV, KEY};
use crate::measure::Table;
use crate::measure::random::Constant;

/// The length of the file in bytes.
pub const FILE_LEN: u64 = 1 << 30;
/// The length of the caller's buffer in bytes.
pub const BUFFER_LEN: usize = 1 << 16;

/// The heading of the table.
pub const TITLE: &str = "Memory for a file of 1 GiB, both ends, above the caller's buffer";
/// Through a chain.
pub const CHAIN: &str = "through a chain";
/// In segments.
pub const SEGMENTS: &str = "in segments";

/// Encrypts and decrypts a file of [`FILE_LEN`] bytes in each form, both ends in one process. Nothing is measured without
/// Linux's `/proc`.
///
/// Call it before anything else allocates memory: freed memory hides later allocations.
///
/// # Errors
/// The memory figures cannot be read, or the file cannot be processed.
#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
pub fn measure() -> io::Result<Table> {
    let mut buffer = vec![1; BUFFER_LEN];
    let [chain, segments] = [rise(|| through_chain(&mut buffer))?, rise(|| through_segments(&mut buffer))?];
    let mut table = Table::new(TITLE, "peak");
    table.add_column("MiB", 2);
    for (form, kib) in [(CHAIN, chain), (SEGMENTS, segments)] {
        table.add_row(form, [kib.map(|kib| kib as f64 / 1024.0)]);
    }
    Ok(table)
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
