//! Names for received files: safe, and never one that is taken.

use std::fs;
use std::path::Path;

use super::Result;
use super::disk::{Hash, Whole};

/// Returns the names to try for a file.
const MAX_NAMES: u32 = 10_000;

/// Returns a name without characters that have a meaning for a file system or a terminal.
pub(crate) fn safe_name(number: usize, hint: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let hint: String = secretchat_media::safe_name(hint).chars().map(safe).collect();
    format!("{number:02}-{hint}")
}

/// Gives a received file its name, or the next free one, and returns that name. Existing files stay as they are.
pub(crate) fn place(mut whole: Whole, directory: &Path, name: &str) -> Result<String> {
    let hash = whole.hash()?;
    for number in 1..=MAX_NAMES {
        let name = numbered(name, number);
        let path = directory.join(&name);
        whole = match whole.take_free_name(&path)? {
            None => return Ok(name),
            // A killed run has put it there. Even if it was somebody else, the content is the same.
            Some(_) if is_file_of(&path, hash) => return Ok(name),
            Some(whole) => whole,
        };
    }
    Err(format!("all names like {name} are taken in {}", directory.display()).into())
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) => format!("{stem}-{number}.{extension}"),
        (_, None) => format!("{name}-{number}"),
    }
}

/// Returns whether there is a regular file, and not a link, with this content.
fn is_file_of(path: &Path, hash: Hash) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
        && Hash::of_file(path).is_ok_and(|found| found == hash)
}
