use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One change of the source, as cargo-mutants lists it.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    /// From 1 on.
    pub(crate) number: u32,
    /// With the place: `src/seq.rs:44:25: replace < with > in Slots::after_receiving`.
    pub(crate) name: String,
    pub(crate) file: String,
    /// Line and column of the first character, both from 1 on.
    pub(crate) start: (usize, usize),
    pub(crate) genre: Genre,
    pub(crate) replacement: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArmGuard,
    MatchArm,
    StructField,
}

/// Returns the mutants of the package in `root`, with all features, in the order of the source.
///
/// # Errors
/// If cargo-mutants is not installed, or prints something else.
pub(crate) fn list(root: &Path) -> io::Result<Vec<Mutant>> {
    let output = Command::new("cargo")
        .args(["mutants", "--list", "--json", "--package=secretchat", "--all-features"])
        .current_dir(root)
        .output()?;
    let listed: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))?;
    let mutants: Option<Vec<Mutant>> =
        listed.as_array().into_iter().flatten().zip(1..).map(|(value, number)| mutant(value, number)).collect();
    mutants.ok_or_else(|| io::Error::other("cargo-mutants lists a mutant of an unknown form"))
}

impl Mutant {
    /// Returns the folder below `src`, or the file if it is in none.
    #[must_use]
    pub(crate) fn part(&self) -> &str {
        let below = self.file.trim_start_matches("src/");
        below.split_once('/').map_or(below, |(folder, _)| folder)
    }

    /// Returns the name without line and column, which other changes of the file move.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let (file, rest) = self.name.split_once(".rs:").unwrap_or((&self.name, ""));
        let text = rest.split_once(": ").map_or(rest, |(_, text)| text);
        format!("{file}.rs: {text}")
    }
}

fn mutant(value: &Value, number: u32) -> Option<Mutant> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let start = &value["span"]["start"];
    let count = |name: &str| usize::try_from(start[name].as_u64()?).ok();
    Some(Mutant {
        number,
        name: text("name")?,
        file: text("file")?,
        start: (count("line")?, count("column")?),
        genre: match value["genre"].as_str()? {
            "FnValue" => Genre::FnValue,
            "BinaryOperator" => Genre::BinaryOperator,
            "UnaryOperator" => Genre::UnaryOperator,
            "MatchArmGuard" => Genre::MatchArmGuard,
            "MatchArm" => Genre::MatchArm,
            "StructField" => Genre::StructField,
            _ => return None,
        },
        replacement: text("replacement")?,
    })
}
