//! The picture and the text that users compare (SPEC VER-2, VER-3).

use secretchat::{HexLine, Verification};

use super::json::{array, cases, file, list, text};

#[test]
fn cells_and_lines_are_those_of_the_vectors() {
    let file = file!("verification.json");
    for case in &cases(&file, "value") {
        let value = Verification::from_bytes(array(&case["value"]));
        assert_eq!(value.to_bytes(), array(&case["value"]));
        let rows = value.cells().map(|row| row.map(|cell| cell.to_string()).concat());
        assert_eq!(rows.as_slice(), list(&case["cells"]).iter().map(text).collect::<Vec<_>>());
        let lines = value.hex_lines();
        let shown = lines.map(|line| line.to_string());
        assert_eq!(shown.as_slice(), list(&case["hex_lines"]).iter().map(text).collect::<Vec<_>>());
        assert_eq!(value.words().as_slice(), list(&case["words"]).iter().map(text).collect::<Vec<_>>());
        assert_eq!(lines.each_ref().map(HexLine::as_str), shown.each_ref().map(String::as_str));
    }
}

#[test]
fn the_colours_are_those_of_the_vectors() {
    let colours = Verification::COLOURS.map(|colour| format!("{colour:06x}"));
    let file = file!("verification.json");
    assert_eq!(colours.as_slice(), list(&file["colours"]).iter().map(text).collect::<Vec<_>>());
}

/// What users are shown has more than the 16 bytes that they compare at least: every bit of the value is in the picture,
/// every bit of its first 32 bytes in the text too.
#[test]
fn fa_52_every_bit_that_is_compared_is_shown() {
    let shown = |bytes| {
        let value = Verification::from_bytes(bytes);
        (value.cells(), value.hex_lines().map(|line| line.as_str().to_owned()))
    };
    let (picture, text) = shown([0; 36]);
    for bit in 0..36 * 8 {
        let mut bytes = [0; 36];
        bytes[bit / 8] = 1 << (bit % 8);
        let (other_picture, other_text) = shown(bytes);
        assert_ne!(picture, other_picture, "bit {bit}");
        assert_eq!(text != other_text, bit < 32 * 8, "bit {bit}");
    }
}
