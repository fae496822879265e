//! Reports the result of each file, for people or for machines.

use std::path::Path;

use serde_json::json;

use crate::vectors::Outcome;

#[derive(Debug)]
pub(crate) struct Report {
    is_json: bool,
    passed: usize,
    failed: usize,
    recordings: usize,
}

impl Report {
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json, passed: 0, failed: 0, recordings: 0 }
    }

    /// Reports the cases of a vector file: one line, and one more for each failed case; or one object for each case.
    pub(crate) fn cases(&mut self, file: &Path, outcomes: &[Outcome]) {
        let failed = outcomes.iter().filter(|outcome| outcome.checked.is_err()).count();
        self.passed += outcomes.len() - failed;
        self.failed += failed;
        if self.is_json {
            for Outcome { id, checked } in outcomes {
                object(file, Some(id), checked.is_ok(), checked.as_ref().err().map(String::as_str));
            }
            return;
        }
        let word = if failed == 0 { "ok  " } else { "FAIL" };
        println!("{word} {}: {} of {} cases", file.display(), outcomes.len() - failed, outcomes.len());
        for Outcome { id, checked } in outcomes {
            if let Err(error) = checked {
                println!("     {id}: {error}");
            }
        }
    }

    pub(crate) fn recording(&mut self, file: &Path, result: &Result<String, String>) {
        self.recordings += 1;
        self.whole(file, result);
    }

    /// Reports a file or directory in which nothing can be checked.
    pub(crate) fn useless(&mut self, path: &Path, why: impl Into<String>) {
        self.whole(path, &Err(why.into()));
    }

    fn whole(&mut self, file: &Path, result: &Result<String, String>) {
        let (word, is_ok, line) = match result {
            Ok(line) => ("ok  ", true, line),
            Err(line) => ("FAIL", false, line),
        };
        self.passed += usize::from(is_ok);
        self.failed += usize::from(!is_ok);
        if self.is_json {
            object(file, None, is_ok, Some(line));
        } else {
            println!("{word} {}: {line}", file.display());
        }
    }

    /// Returns whether to list the differences from recordings.
    pub(crate) const fn lists_differences(&self) -> bool {
        self.recordings > 0 && !self.is_json
    }

    /// Reports the totals. Returns whether something was checked and nothing failed.
    pub(crate) fn finish(&self) -> bool {
        if !self.is_json {
            println!("{} passed, {} failed", self.passed, self.failed);
        }
        self.failed == 0 && self.passed > 0
    }
}

fn object(file: &Path, id: Option<&str>, is_ok: bool, detail: Option<&str>) {
    let result = if is_ok { "passed" } else { "failed" };
    println!("{}", json!({ "file": file.display().to_string(), "id": id, "result": result, "detail": detail }));
}
