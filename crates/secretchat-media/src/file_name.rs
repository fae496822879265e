//! Names for pictures to send, and for received files to keep.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::clean::Format;

/// The greatest length of a name, in bytes. It leaves room for a host that numbers equal names.
pub const MAX_NAME_LEN: usize = 120;
/// The name to use when nothing is left of the original one.
const NAMELESS: &str = "file";
/// The longest extension that is kept when a name is shortened, in bytes.
const MAX_EXTENSION_LEN: usize = 16;

/// How to name a picture that is sent. Original names reveal when a photo was taken, by which camera, and how many photos
/// came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileName<'a> {
    /// The same name for all pictures.
    Neutral,
    /// A name made from a time that the host chooses, such as the time of sending.
    Dated {
        /// The year.
        year: u16,
        /// The month, from 1.
        month: u8,
        /// The day of the month, from 1.
        day: u8,
        /// Hour, minute and second of the day.
        time: (u8, u8, u8),
    },
    /// The name of the file, made safe.
    Kept(&'a str),
}

impl FileName<'_> {
    /// Returns the name for a file of this format.
    ///
    /// ```
    /// use secretchat_media::{FileName, Format};
    ///
    /// assert_eq!(FileName::Neutral.of(Format::Jpeg), "photo.jpg");
    /// let dated = FileName::Dated { year: 2026, month: 5, day: 17, time: (9, 30, 0) };
    /// assert_eq!(dated.of(Format::Png), "photo_2026-05-17_09-30-00.png");
    /// assert_eq!(FileName::Kept("../cat.webp").of(Format::WebP), "_cat.webp");
    /// ```
    #[must_use]
    pub fn of(self, format: Format) -> String {
        let extension = format.extension();
        match self {
            Self::Neutral => format!("photo.{extension}"),
            Self::Dated { year, month, day, time: (hour, minute, second) } => {
                format!("photo_{year:04}-{month:02}-{day:02}_{hour:02}-{minute:02}-{second:02}.{extension}")
            }
            Self::Kept(name) => safe_name(name),
        }
    }
}

/// Returns a name that no file system treats as a path, a device or a hidden file. It looks as it is: it has no control
/// characters, no invisible characters, and none that change the direction of text.
///
/// The name has 1 to [`MAX_NAME_LEN`] bytes. Its extension, which tells the type of the file, is kept. Two names can become
/// equal, so the host must find one that is free.
///
/// ```
/// use secretchat_media::safe_name;
///
/// assert_eq!(safe_name("Ferien am Meer.jpg"), "Ferien am Meer.jpg");
/// assert_eq!(safe_name("a/b\\c:d.png"), "a_b_c_d.png");
/// assert_eq!(safe_name("invoice\u{202e}gpj.exe"), "invoice_gpj.exe");
/// assert_eq!(safe_name("con.jpg"), "_con.jpg");
/// assert_eq!(safe_name(""), "file");
/// ```
#[must_use]
pub fn safe_name(name: &str) -> String {
    let safe: String = name.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    let safe = safe.trim_matches(is_lost);
    if safe.is_empty() {
        return NAMELESS.to_owned();
    }
    shortened(&if is_device(safe) { format!("_{safe}") } else { safe.to_owned() })
}

/// Windows drops these characters at the end of a name. At the beginning, a dot hides a file.
fn is_lost(c: char) -> bool {
    c == '.' || c.is_whitespace()
}

fn is_safe(c: char) -> bool {
    let unseen = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !unseen && !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Returns whether Windows treats the name as a device, whatever follows its first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || matches!(numbered, Some("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
}

/// Removes characters from the middle.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME_LEN {
        return name.to_owned();
    }
    let extension = match name.rfind('.').map(|dot| name.split_at(dot)) {
        Some((_, extension)) if extension.len() <= MAX_EXTENSION_LEN => extension,
        _ => "",
    };
    let mut stem = String::new();
    for c in name.chars() {
        if stem.len() + c.len_utf8() + extension.len() > MAX_NAME_LEN {
            break;
        }
        stem.push(c);
    }
    stem.truncate(stem.trim_end_matches(is_lost).len());
    stem + extension
}
