//! What the tests of `two_phones` share, whatever it keeps its phones in: the profiles, directories, and the photos.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Those that the program was built with.
pub(crate) const PROFILES: &[&str] = &[
    "x25519",
    #[cfg(feature = "hybrid")]
    "hybrid",
    #[cfg(feature = "telegram")]
    "telegram",
];

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
