//! Rust from the schema.

/// Formats onto the end of a string.
macro_rules! put {
    ($out:expr, $($format:tt)+) => {
        $out.push_str(&format!($($format)+))
    };
}

mod model;
mod types;
mod values;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::tl;
use model::Model;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

pub(crate) const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/secret.tl");

/// Writes every generated file.
pub(crate) fn write() -> Result<(), String> {
    for (path, content) in generate()? {
        fs::write(format!("{ROOT}/{path}"), content).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(())
}

/// Fails if a generated file is not what [`write()`] would write.
pub(crate) fn check() -> Result<(), String> {
    for (path, content) in generate()? {
        let found = fs::read_to_string(format!("{ROOT}/{path}")).map_err(|error| format!("{path}: {error}"))?;
        if found != content {
            return Err(format!("{path} is stale: run `cargo xtask codegen`"));
        }
    }
    Ok(())
}

/// The generated files: their paths from the root, and their contents.
fn generate() -> Result<[(&'static str, String); 2], String> {
    let schema = fs::read_to_string(SCHEMA).map_err(|error| format!("schema/secret.tl: {error}"))?;
    let constructors = tl::parse(&schema).map_err(|error| format!("schema/secret.tl: {error}"))?;
    let model = Model::new(&constructors);
    Ok([
        ("src/wire/schema.rs", rustfmt(&types::emit(&model))?),
        ("tests/wire/schema_values.rs", rustfmt(&values::emit(&model))?),
    ])
}

fn rustfmt(source: &str) -> Result<String, String> {
    let run = || {
        let mut child = Command::new("rustfmt")
            .args(["--edition", "2024", "--emit", "stdout"])
            // Its configuration is found from here.
            .current_dir(ROOT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // It reads everything before it writes anything.
        child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(source.as_bytes()))?;
        child.wait_with_output()
    };
    let output = run().map_err(|error| format!("rustfmt: {error}"))?;
    if !output.status.success() {
        return Err(format!("rustfmt: {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_files_are_not_stale() {
        assert_eq!(super::check(), Ok(()));
    }
}
