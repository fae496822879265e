//! Runs a case under valgrind, and says what of its report is a leak.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

use crate::cases::Case;

/// A branch on a result that is public, named by its place in the source.
#[derive(Clone, Copy)]
pub(crate) struct Public {
    /// The end of the file's path.
    pub(crate) file: &'static str,
    /// What stands in the line.
    pub(crate) line: &'static str,
    /// Why whoever can measure time may know it.
    pub(crate) why: &'static str,
}

/// How a case ends whose instructions the processor, or the one that valgrind shows, does not have.
pub(crate) const NOT_HERE: i32 = 3;

/// What a run shows.
pub(crate) enum Verdict {
    /// Nothing depends on a secret. So many branches are on public results.
    Clean(usize),
    /// As it should be.
    LeakFound,
    NotHere,
    Wrong(String),
}

/// What valgrind reports once: a branch or an address that depends on undefined bytes.
struct Report {
    kind: String,
    /// From the innermost frame on: function, path and line.
    frames: Vec<(String, String, usize)>,
}

/// Runs a case.
pub(crate) fn judge(case: &Case) -> io::Result<Verdict> {
    let file = env::temp_dir().join(format!("constant-time-{}.xml", std::process::id()));
    let ran = Command::new("valgrind")
        .args([
            "--quiet",
            "--error-limit=no",
            "--leak-check=no",
            "--num-callers=40",
            "--error-exitcode=99",
            "--xml=yes",
        ])
        .arg(format!("--xml-file={}", file.display()))
        .arg(env::current_exe()?)
        .arg(case.name)
        .output()?;
    let reports = reports(&fs::read_to_string(&file)?);
    fs::remove_file(&file)?;
    print!("{}", String::from_utf8_lossy(&ran.stdout));
    Ok(match (ran.status.code(), reports.is_empty()) {
        (Some(NOT_HERE), true) => Verdict::NotHere,
        (Some(0), true) | (Some(99), false) => verdict(case, &reports),
        _ => Verdict::Wrong(format!("it ended with {}: {}", ran.status, String::from_utf8_lossy(&ran.stderr))),
    })
}

fn verdict(case: &Case, reports: &[Report]) -> Verdict {
    if let Some(leak) = case.leaks {
        let found = reports.iter().any(|report| report.kind == leak);
        return if found { Verdict::LeakFound } else { Verdict::Wrong("the leak was not found".to_owned()) };
    }
    let mut seen = vec![false; case.public.len()];
    let mut leaks = Vec::new();
    for report in reports {
        match case.public.iter().position(|public| report.is_at(*public)) {
            Some(public) => seen[public] = true,
            None => {
                let leak = report.text();
                if !leaks.contains(&leak) {
                    leaks.push(leak);
                }
            }
        }
    }
    for (public, _) in case.public.iter().zip(&seen).filter(|(_, seen)| !**seen) {
        leaks.push(format!(
            "no branch is in {} at `{}`: take it off the list ({})",
            public.file, public.line, public.why
        ));
    }
    if leaks.is_empty() { Verdict::Clean(reports.len()) } else { Verdict::Wrong(leaks.join("\n")) }
}

impl Report {
    /// Whether the branch itself is in that line. What the line calls of Rust's library and of `subtle` belongs to it.
    fn is_at(&self, public: Public) -> bool {
        let mut own = self.frames.iter().filter(|(_, path, _)| {
            !path.contains("/rustc/")
                && !path.contains("/subtle-")
                && !path.contains("vg_replace_strmem")
                && !path.is_empty()
        });
        self.kind == "UninitCondition"
            && own.next().is_some_and(|(_, path, line)| {
                path.ends_with(public.file) && line_of(path, *line).contains(public.line)
            })
    }

    fn text(&self) -> String {
        let frames = self
            .frames
            .iter()
            .take(8)
            .map(|(function, path, line)| format!("    {path}:{line} {function}: {}", line_of(path, *line).trim()));
        format!("{}\n{}", self.kind, frames.collect::<Vec<_>>().join("\n"))
    }
}

fn line_of(path: &str, line: usize) -> String {
    let source = fs::read_to_string(Path::new(path)).unwrap_or_default();
    source.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned()
}

/// Reads the report of memcheck, whose elements stand in a fixed order (`docs/internals/xml-output-protocol4.txt` of valgrind).
fn reports(xml: &str) -> Vec<Report> {
    let errors = xml.split("<error>").skip(1);
    let read = |error: &str| {
        let stack = between(error, "<stack>", "</stack>");
        let frames = stack.split("<frame>").skip(1).map(|frame| {
            let field = |name: &str| between(frame, &format!("<{name}>"), &format!("</{name}>")).to_owned();
            let (folder, file) = (field("dir"), field("file"));
            let path = if folder.is_empty() { file } else { format!("{folder}/{file}") };
            (field("fn"), path, field("line").parse().unwrap_or_default())
        });
        Report { kind: between(error, "<kind>", "</kind>").to_owned(), frames: frames.collect() }
    };
    errors.map(read).collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(inner, _)| inner)
}
