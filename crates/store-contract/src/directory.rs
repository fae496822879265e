//! A directory for the files of one test.

use std::fs;
use std::path::{Path, PathBuf};

/// A directory that is empty at first, and is removed on drop.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Creates the directory of the test with this name.
    #[must_use]
    pub fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("store-contract-{test}-{}", std::process::id()));
        let _not_there = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns the path of the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a file in the directory.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _not_there = fs::remove_dir_all(&self.0);
    }
}
