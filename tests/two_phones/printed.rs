//! The picture in the README shows what the program prints today (`docs/two_phones.py` draws it).

use std::process::Command;

use crate::drawing::PICTURE;
use crate::example::example;
use crate::killer::stdout;
use crate::phones::Scratch;

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
