//! `verification-1` (SPEC VER-2, VER-5, VER-6).

use secretchat::{Role, Verification};

use super::case::{Case, Checked, equal};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "value" => shown(case),
        "scanned" => scanned(case),
        _ => case.unknown_kind(),
    }
}

fn shown(case: &Case<'_>) -> Checked {
    let value = Verification::from_bytes(case.array("value")?);
    let rows = value.cells().map(|row| row.map(|cell| cell.to_string()).concat());
    equal("cells", texts(case, "cells")?, rows.to_vec())?;
    equal("hex_lines", texts(case, "hex_lines")?, value.hex_lines().map(|line| line.to_string()).to_vec())?;
    equal("words", texts(case, "words")?, value.words().map(str::to_owned).to_vec())?;
    let codes = [Role::Initiator, Role::Responder].map(|role| value.scan_code(role).to_string());
    equal("codes", texts(case, "codes")?, codes.to_vec())?;
    let colours = Verification::COLOURS.map(|colour| format!("{colour:06x}"));
    equal("colours", texts(&case.part(case.file), "colours")?, colours.to_vec())
}

fn scanned(case: &Case<'_>) -> Checked {
    let value = Verification::from_bytes(case.array("value")?);
    let own = match case.text("own")? {
        "I" => Role::Initiator,
        "R" => Role::Responder,
        other => return Err(format!("no role is named {other}")),
    };
    let checked = value.check_scanned(own, case.text("text")?);
    if case.is_valid()? { checked.map_err(|error| format!("{error:?}")) } else { case.refused(checked) }
}

fn texts(case: &Case<'_>, name: &str) -> Result<Vec<String>, String> {
    Ok(case.list(name)?.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
}
