//! What the tests of `two_phones` share, whatever it keeps its phones in: directories, and what must be in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that goes with the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("secretchat-phones-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _leave_it_to_the_system = fs::remove_dir_all(&self.0);
    }
}

/// The photos of the repository, of which the package that tests is a part.
pub(crate) fn photos() -> PathBuf {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("examples/photos"));
    above.find(|photos| photos.exists()).unwrap()
}

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
