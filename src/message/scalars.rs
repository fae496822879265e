//! Names and numbers of a message. What comes in is made harmless, and what goes out is checked.

use alloc::string::String;

use zeroize::Zeroizing;

use crate::types::error::ApiMisuse;
use crate::wire::{Bytes, Vector};

/// The longest name or type of a file, in bytes.
const MAX_NAME_LEN: usize = 255;

/// Reads a number that cannot be negative.
pub(super) fn number(number: i32) -> u32 {
    number.max(0).unsigned_abs()
}

/// Reads a text. Invalid UTF-8 is replaced rather than lost.
pub(super) fn lossy(bytes: Bytes<'_>) -> String {
    let bytes = bytes.as_slice();
    // Nearly every text is valid, and this check is the fast one.
    str::from_utf8(bytes).map_or_else(|_| replaced(bytes), String::from)
}

/// Does what [`String::from_utf8_lossy`] does, in memory of the right length: a text that grew would leave a copy behind.
fn replaced(bytes: &[u8]) -> String {
    let parts = || {
        bytes.utf8_chunks().flat_map(|chunk| [chunk.valid(), if chunk.invalid().is_empty() { "" } else { "\u{fffd}" }])
    };
    let mut text = String::with_capacity(parts().map(str::len).sum());
    text.extend(parts());
    text
}

/// Reads a name: bounded and harmless.
pub(super) fn name(bytes: Bytes<'_>) -> String {
    let text = Zeroizing::new(lossy(bytes));
    let cut = (0..=MAX_NAME_LEN.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    harmless(cut)
}

/// Reads an address, or something else that is shown and is longer than a name.
pub(super) fn address(bytes: Bytes<'_>) -> String {
    harmless(&Zeroizing::new(lossy(bytes)))
}

/// Replaces control characters, and those that change the writing direction: they make `gpj.exe` look like
/// `exe.jpg`.
fn harmless(text: &str) -> String {
    // A text that grew would leave a copy behind.
    let mut harmless = String::with_capacity(text.len());
    harmless.extend(text.chars().map(|character| if is_deceptive(character) { '_' } else { character }));
    harmless
}

/// Writes a number, which has 31 bits on the wire.
pub(super) fn wire_number(number: u32) -> Result<i32, ApiMisuse> {
    i32::try_from(number).map_err(|_| ApiMisuse::MediaDetails)
}

/// Writes a name.
pub(super) fn wire_name(name: &str) -> Result<Bytes<'_>, ApiMisuse> {
    if name.len() > MAX_NAME_LEN {
        return Err(ApiMisuse::MediaDetails);
    }
    bytes(name.as_bytes())
}

/// Writes bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> Result<Bytes<'_>, ApiMisuse> {
    Bytes::new(bytes).ok_or(ApiMisuse::MessageTooLong)
}

/// Writes a list.
pub(super) fn vector<T>(items: &[T]) -> Result<Vector<'_, T>, ApiMisuse> {
    Vector::new(items).ok_or(ApiMisuse::MessageTooLong)
}

fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
