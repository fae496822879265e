//! Functions for both recordings and vector files.

use std::path::Path;

use serde_json::Value;

/// Reads a JSON file.
///
/// # Errors
///
/// The file cannot be read, or is not JSON.
pub fn read(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    serde_json::from_str(&without_lone_surrogates(&text)).map_err(|error| error.to_string())
}

/// Returns the bytes of a hex string; no bytes if there is no string.
///
/// # Errors
///
/// The string is not hex.
pub fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    hex::decode(value.as_str().unwrap_or_default()).map_err(|error| error.to_string())
}

/// Returns a number, which may be written as a decimal string; 0 if there is none.
#[must_use]
pub fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

/// Replaces each escape that stands for half a character. This is not valid JSON, but some recorded texts have such an
/// escape.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                clean.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // The escaped character belongs to its backslash.
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        clean.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    clean.push_str(rest);
    clean
}
