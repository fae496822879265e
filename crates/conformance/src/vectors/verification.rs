//! `verification-1` (SPEC VER-2).

use secretchat::Verification;

use super::case::{Case, Checked, equal};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let value = Verification::from_bytes(case.array("value")?);
    let rows = value.cells().map(|row| row.map(|cell| cell.to_string()).concat());
    equal("cells", texts(case, "cells")?, rows.to_vec())?;
    equal("hex_lines", texts(case, "hex_lines")?, value.hex_lines().map(|line| line.to_string()).to_vec())?;
    let colours = Verification::COLOURS.map(|colour| format!("{colour:06x}"));
    equal("colours", texts(&case.part(case.file), "colours")?, colours.to_vec())
}

fn texts(case: &Case<'_>, name: &str) -> Result<Vec<String>, String> {
    Ok(case.list(name)?.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
}
