//! The picture and the text that users compare (SPEC VER-2).

use secretchat::{HexLine, Verification};

use crate::json::{array, cases, file, list, text};

#[test]
fn cells_and_lines() {
    let file = file!("verification.json");
    for case in &cases(&file, "value") {
        let value = Verification::from_bytes(array(&case["value"]));
        assert_eq!(value.to_bytes(), array(&case["value"]));
        let rows = value.cells().map(|row| row.map(|cell| cell.to_string()).concat());
        assert_eq!(rows.as_slice(), list(&case["cells"]).iter().map(text).collect::<Vec<_>>());
        let lines = value.hex_lines();
        let shown = lines.map(|line| line.to_string());
        assert_eq!(shown.as_slice(), list(&case["hex_lines"]).iter().map(text).collect::<Vec<_>>());
        assert_eq!(lines.each_ref().map(HexLine::as_str), shown.each_ref().map(String::as_str));
    }
}

#[test]
fn colours() {
    let colours = Verification::COLOURS.map(|colour| format!("{colour:06x}"));
    let file = file!("verification.json");
    assert_eq!(colours.as_slice(), list(&file["colours"]).iter().map(text).collect::<Vec<_>>());
}
