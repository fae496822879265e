//! A run of the program, and files for it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) lines: Vec<String>,
}

impl Run {
    pub(crate) fn of<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_conformance")).args(arguments).output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        Self { code: output.status.code(), lines }
    }

    /// Checks a file with this content, which has the name of the test.
    pub(crate) fn of_content(name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
        std::fs::write(&path, content).unwrap();
        Self::of([path])
    }

    pub(crate) fn last(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }

    /// Asserts that the one file fails, and returns what is said of it.
    #[track_caller]
    pub(crate) fn fails(&self) -> &str {
        assert_eq!((self.code, self.last()), (Some(1), "0 passed, 1 failed"), "{:?}", self.lines);
        let line = self.lines.iter().find(|line| line.starts_with("FAIL ")).expect("a line of the file");
        line.split_once(".json: ").or(line.split_once(": ")).unwrap().1
    }
}

/// Returns a path in the folder of the vectors.
pub(crate) fn vectors(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors").join(path)
}

pub(crate) fn read(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(vectors(path)).unwrap()).unwrap()
}
