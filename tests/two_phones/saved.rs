//! Under which names the example saves what the peer sends.

use std::error::Error;
use std::fs;

use disk::Whole;

#[path = "../../examples/two_phones/story/disk.rs"]
#[allow(dead_code)] // The example uses the rest.
mod disk;
#[path = "../../examples/two_phones/story/names.rs"]
mod names;

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

#[test]
fn at_54_the_example_saves_no_file_outside_of_its_folder() {
    let around = std::env::temp_dir().join(format!("secretchat-saved-{}", std::process::id()));
    let _ = fs::remove_dir_all(&around);
    let received = around.join("deep/received");
    fs::create_dir_all(&received).unwrap();
    let long = ["a".repeat(255), "../".repeat(85), "\u{202e}".repeat(85)];
    let hints = [
        "",
        ".",
        "..",
        "/",
        "../../x",
        "/etc/passwd",
        "C:\\x",
        "a\0b",
        "\u{1b}[2J",
        "x\u{202e}gpj.exe",
        "\u{fffd}",
        "-rf",
    ];
    let hints: Vec<_> = hints.into_iter().chain(long.iter().map(String::as_str)).collect();
    // Twice: the second of a name is another file.
    for (number, hint) in hints.iter().chain(&hints).enumerate() {
        let mut whole = Whole::create(received.join("beside")).unwrap();
        whole.write(&number.to_le_bytes()).unwrap();
        let name = names::place(whole, &received, &names::safe_name(7, hint)).unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        assert!(name.starts_with("07-") && name.chars().all(is_plain), "{hint:?}: {name:?}");
        assert_eq!(fs::read(received.join(&name)).unwrap(), number.to_le_bytes(), "{hint:?}");
    }
    let count = |path: &std::path::Path| fs::read_dir(path).unwrap().count();
    assert_eq!((count(&around), count(&around.join("deep")), count(&received)), (1, 1, 2 * hints.len()));
    fs::remove_dir_all(&around).unwrap();
}
