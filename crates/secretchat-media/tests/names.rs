//! Names that are safe, and the bounds of photos.

use proptest::prelude::*;
use secretchat_media::{MAX_NAME_LEN, Mode, Reason, SIDE, safe_name};

#[test]
fn a_name_is_neither_a_path_nor_a_device_nor_hidden() {
    for (name, safe) in [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        (" . ", "file"),
        (".bashrc", "bashrc"),
        ("C:\\Users\\a.png", "C__Users_a.png"),
        ("a.png:stream", "a.png_stream"),
        ("photo.jpg. ", "photo.jpg"),
        ("what?*.jpg", "what__.jpg"),
        ("line\nbreak\0.jpg", "line_break_.jpg"),
        // https://learn.microsoft.com/windows/win32/fileio/naming-a-file
        ("NUL", "_NUL"),
        ("lpt1.tar.gz", "_lpt1.tar.gz"),
        ("com¹.jpg", "_com¹.jpg"),
        ("com10.jpg", "com10.jpg"),
        ("console.jpg", "console.jpg"),
        // The letters of other languages stay, with their joiners.
        ("Фото из отпуска.jpg", "Фото из отпуска.jpg"),
        ("صورة.png", "صورة.png"),
        ("👩‍🚀.webp", "👩‍🚀.webp"),
        // Direction tricks, and what is not seen.
        ("photo\u{202e}gnp.exe", "photo_gnp.exe"),
        ("a\u{2066}b\u{2069}c\u{200f}.png", "a_b_c_.png"),
        ("a\u{200b}\u{feff}\u{e0041}.png", "a___.png"),
    ] {
        assert_eq!(safe_name(name), safe, "{name:?}");
    }
}

#[test]
fn a_long_name_keeps_its_end() {
    let name = safe_name(&format!("{}.jpeg", "ä".repeat(500)));
    assert_eq!(name, format!("{}.jpeg", "ä".repeat(57)));
    assert_eq!(safe_name(&format!("a.{}", "b".repeat(500))).len(), MAX_NAME_LEN);
}

#[test]
fn at_54_a_safe_name_is_one_file_of_its_folder() {
    let folder = std::path::Path::new("folder");
    let long = ["a".repeat(10_000), "../".repeat(3_400), "\u{202e}".repeat(3_400)];
    let names = [
        "",
        ".",
        "..",
        "/",
        "//",
        "../../x",
        "/etc/passwd",
        "C:\\x",
        "\\\\host\\x",
        "a/..",
        "\0",
        "\u{1b}[2J",
        "\u{fffd}/\u{fffd}",
    ];
    for name in names.into_iter().chain(long.iter().map(String::as_str)) {
        let safe = safe_name(name);
        let path = folder.join(&safe);
        assert_eq!(path.components().count(), 2, "{name:?}: {safe:?}");
        assert_eq!((path.parent(), path.file_name()), (Some(folder), Some(safe.as_ref())), "{name:?}");
        assert!(!safe.contains(['/', '\\', ':', '\0', '\u{1b}', '\u{202e}']), "{safe:?}");
    }
}

proptest! {
    #[test]
    fn any_name_becomes_safe(name in "\\PC{0,200}|[./\\\\: a\u{202e}\u{0}]{0,20}|(con|nul|com1)[. a]{0,150}") {
        let safe = safe_name(&name);
        prop_assert!((1..=MAX_NAME_LEN).contains(&safe.len()));
        let unsafe_characters = ['/', '\\', ':', '\0', '\n', '\u{202e}', '\u{2066}'];
        prop_assert!(!safe.contains(unsafe_characters));
        prop_assert!(!safe.starts_with(['.', ' ']) && !safe.ends_with(['.', ' ']));
        prop_assert_eq!(safe_name(&safe), safe);
    }

    #[test]
    fn a_photo_that_is_made_small_fits(width in 1_u32.., height in 1_u32.., side in 1_u32..5_000) {
        match Mode::scaled(width, height, side) {
            Mode::Photo { width: small_width, height: small_height } => {
                prop_assert!((1..=side.min(width)).contains(&small_width));
                prop_assert!((1..=side.min(height)).contains(&small_height));
                prop_assert_eq!(small_width.max(small_height), side.min(width.max(height)));
            }
            mode => {
                prop_assert_eq!(mode, Mode::File(Reason::Ratio));
                prop_assert!(u64::from(width.max(height)) > 20 * u64::from(width.min(height)));
            }
        }
    }
}

#[test]
fn the_bounds_of_a_photo_are_those_of_telegram() {
    const MB: u64 = 1 << 20;
    assert_eq!(Mode::as_is(5_000, 5_000, 10 * MB), Mode::Photo { width: 5_000, height: 5_000 });
    assert_eq!(Mode::as_is(5_001, 5_000, 10 * MB), Mode::File(Reason::Sides));
    assert_eq!(Mode::as_is(5_000, 5_000, 10 * MB + 1), Mode::File(Reason::Len));
    assert_eq!(Mode::as_is(400, 20, MB), Mode::Photo { width: 400, height: 20 });
    assert_eq!(Mode::as_is(20, 401, MB), Mode::File(Reason::Ratio));
    assert_eq!(Mode::as_is(0, 20, MB), Mode::File(Reason::Empty));
    assert_eq!(Mode::as_is(u32::MAX, u32::MAX, MB), Mode::File(Reason::Sides));
    assert_eq!(Mode::scaled(3_000, 4_000, SIDE), Mode::Photo { width: 960, height: 1_280 });
    assert_eq!(Mode::scaled(300, 200, SIDE), Mode::Photo { width: 300, height: 200 });
    assert_eq!(Mode::scaled(20_000, 1_001, SIDE), Mode::Photo { width: 1_280, height: 64 });
    assert_eq!(Mode::scaled(300, 200, 0), Mode::File(Reason::Empty));
}
