//! The JSON of ids and file names.

use secretchat::RandomId;

/// Writes ids.
pub(crate) fn ids(ids: &[RandomId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Writes the host's name for a file, which was given as a string.
pub(super) fn opaque(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
