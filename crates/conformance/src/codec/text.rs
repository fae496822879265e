//! Ids and the names of files as text.

use secretchat::RandomId;

/// Writes ids.
pub(crate) fn ids(ids: &[RandomId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Writes the host's name of a file, which came in as a string.
pub(super) fn opaque(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
