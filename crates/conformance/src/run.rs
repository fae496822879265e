//! Runs over files, each with its check.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use recordings::{Recording, read};

use crate::play::{self, Differences};
use crate::report::Report;
use crate::vectors;

/// Checks files, and reports each one as soon as it is checked.
#[derive(Debug)]
pub struct Run {
    only: String,
    report: Report,
    differences: Differences,
}

impl Run {
    /// Creates a run that reports for machines or for people.
    ///
    /// It selects the cases whose id or file name contains `only`.
    #[must_use]
    pub fn new(is_json: bool, only: Option<String>) -> Self {
        let (report, differences) = (Report::new(is_json), Differences::default());
        Self { only: only.unwrap_or_default(), report, differences }
    }

    /// Checks a file, or all JSON files in and below a directory.
    pub fn check(&mut self, path: &Path) {
        match files(path) {
            Ok(files) if files.is_empty() => self.report.useless(path, "no files"),
            Ok(files) => files.iter().for_each(|file| self.check_file(file)),
            Err(error) => self.report.useless(path, error.to_string()),
        }
    }

    /// Reports the totals. Returns whether something was checked and nothing failed.
    #[must_use]
    pub fn finish(self) -> bool {
        if self.report.lists_differences() {
            self.differences.print();
        }
        self.report.finish()
    }

    fn check_file(&mut self, file: &Path) {
        let Self { only, report, differences } = self;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let value = match read(file) {
            Ok(value) => value,
            Err(error) => return report.useless(file, error),
        };
        if !Recording::is_one(&value) {
            match vectors::check(&value, |id| name.contains(&*only) || id.contains(&*only)) {
                // Other files may have cases of that name.
                Ok(outcomes) if outcomes.is_empty() => {}
                Ok(outcomes) => report.cases(file, &outcomes),
                Err(error) => report.useless(file, error),
            }
        } else if name.contains(&*only) {
            let replay = || Recording::of(&value).and_then(|recording| play::check(&recording, differences));
            let replayed = catch_unwind(AssertUnwindSafe(replay));
            report.recording(file, &replayed.unwrap_or_else(|_| Err("expected no panic, actual a panic".into())));
        }
    }
}

/// Returns the file itself, or the JSON files below a directory, in order.
fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    let mut found = Vec::new();
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "json") {
            found.extend(files(&path)?);
        }
    }
    Ok(found)
}
