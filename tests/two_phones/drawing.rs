//! The picture in the README shows what the program prints today (`docs/two_phones.py` draws it).

use std::process::Command;

use crate::example::example;
use crate::killer::stdout;
use crate::phones::Scratch;

const PICTURE: &str = include_str!("../../docs/two_phones.svg");

/// The lines of text in the picture, without what they are indented by.
fn drawn() -> Vec<String> {
    let texts = PICTURE.lines().filter(|line| line.starts_with("<text "));
    let bare = texts.map(|line| {
        let parts: Vec<_> = line.split('<').filter_map(|part| Some(part.split_once('>')?.1)).collect();
        parts.concat().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    });
    bare.collect()
}

/// A line in which only what is the same in each run is left, and nothing of one that is another each time.
fn steady(line: &str) -> Option<String> {
    let line = line.trim();
    let is_hex = line.split_whitespace().all(|word| word.len() == 2 && u8::from_str_radix(word, 16).is_ok());
    let is_picture = line.chars().all(|letter| " ·░▒▓".contains(letter));
    // The clock goes on between two lines.
    let line = match line.split_once(", ").filter(|_| line.ends_with(" s left")) {
        Some((start, _)) => start,
        None => line,
    };
    (!is_hex && !is_picture && !line.starts_with("Received files go to ")).then(|| line.to_owned())
}

#[cfg(feature = "hybrid")]
#[test]
fn the_picture_shows_what_the_program_prints() {
    let scratch = Scratch::new();
    let lines = drawn();
    let command = lines[0].strip_prefix("$ cargo run --release --example two_phones -- ").unwrap();
    let arguments = command.strip_suffix("--out received").unwrap();
    let mut program = Command::new(example("two_phones"));
    let output =
        program.args(arguments.split_whitespace()).arg("--out").arg(scratch.path("received")).output().unwrap();
    assert!(output.status.success());
    let printed: Vec<_> = stdout(&output).lines().filter_map(steady).collect();
    assert_eq!(lines[1..].iter().filter_map(|line| steady(line)).collect::<Vec<_>>(), printed);
    assert!(printed.len() > 25);
}

#[test]
fn the_picture_is_well_formed_and_in_the_readme() {
    let mut open = Vec::new();
    for part in PICTURE.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty() && PICTURE.starts_with("<svg "));
    assert!(include_str!("../../README.md").contains("(docs/two_phones.svg)"));
}

/// Both users see the cells that the vectors have for one value.
#[test]
fn the_cells_are_those_of_the_vectors() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../test-vectors/verification.json")).unwrap();
    let colours: Vec<_> =
        vectors["colours"].as_array().unwrap().iter().map(|colour| colour.as_str().unwrap()).collect();
    let rects = PICTURE.lines().filter(|line| line.starts_with("<rect ") && line.contains("width=\"16\""));
    let cells: Vec<_> =
        rects.map(|line| line.split_once("fill=\"#").unwrap().1.strip_suffix("\"/>").unwrap()).collect();
    let rows = vectors["cases"][0]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 2 * 12 * rows.len());
    for (row, shown) in rows.iter().zip(cells.chunks(24)) {
        let wanted: Vec<_> = row.as_str().unwrap().bytes().map(|digit| colours[usize::from(digit - b'0')]).collect();
        assert_eq!([&shown[..12], &shown[12..]], [&wanted[..], &wanted[..]]);
    }
}
