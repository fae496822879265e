//! The names of received files: safe ones, and never one that is taken.

use std::fs;
use std::path::Path;

use super::Result;
use super::disk::{Hash, Whole};

/// The names that are tried for a file.
const MAX_NAMES: u32 = 10_000;

/// A name without anything that a file system or a terminal could take for more than a letter.
pub(crate) fn safe_name(number: usize, hint: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let hint: String = secretchat_media::safe_name(hint).chars().map(safe).collect();
    format!("{number:02}-{hint}")
}

/// Gives a received file its name, or the next one that is free; that one. What has the name already stays as it is.
pub(crate) fn place(mut whole: Whole, directory: &Path, name: &str) -> Result<String> {
    let hash = whole.hash()?;
    for number in 1..=MAX_NAMES {
        let name = numbered(name, number);
        let path = directory.join(&name);
        whole = match whole.take_free_name(&path)? {
            None => return Ok(name),
            // A killed run has put it there. If it was somebody else, the content is the same all the same.
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

/// Whether a regular file with this content is there, not a link to one.
fn is_file_of(path: &Path, hash: Hash) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
        && Hash::of_file(path).is_ok_and(|found| found == hash)
}
