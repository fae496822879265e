//! What Bob must have received.

use std::fs;
use std::path::Path;

use crate::phones::photos;

/// Bob's photos as the story sends them; behind them an album of the same two, if there is one, and nothing else.
pub(crate) fn assert_received(directory: &Path, with_album: bool) {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let album: &[_] = if with_album { &["05-photo.jpg", "06-photo.jpg"] } else { &[] };
    assert_eq!(names, [&["02-photo.jpg", "03-rocket-with-gps.jpg", "04-chelsea.png"], album].concat());
    let read = |name| fs::read(directory.join(name)).unwrap();
    for original in ["03-rocket-with-gps.jpg", "04-chelsea.png"] {
        assert!(read(original) == fs::read(photos().join(&original[3..])).unwrap(), "{original} is not the same");
    }
    if with_album {
        assert!(read("05-photo.jpg") == read("02-photo.jpg"), "the album begins with the photo that went alone");
        assert!(read("06-photo.jpg") != read("02-photo.jpg"));
    }
}
