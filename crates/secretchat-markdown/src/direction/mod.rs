//! Characters that change the direction of a text and make it look different from what it is.

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use secretchat::Entity;

use crate::mark::units;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// Prepares a text to be shown in a line with other texts, as in `Name: text`, so that it cannot change the direction of the
/// text around it.
///
/// Each paragraph is put into an isolate, which acts like one neutral character on its surroundings and takes its own
/// direction from its first letter (Unicode UAX #9, section 2.4). Isolates that the text leaves open are closed at the end
/// of the paragraph, where UAX #9 also ends them (rule X8). Ends without a beginning have no meaning and are left out: they
/// would end the isolate around them. Embeddings and overrides end with the isolate that contains them (rule X6a). Within
/// the text, all these characters keep their meaning.
///
/// Entities move with their text. Those that do not fit the text, or have no text left, are left out.
///
/// ```
/// let name = "user\u{202e}gnp.exe"; // looks like `userexe.png` and reverses the text after it
/// let (shown, _) = secretchat_markdown::isolate(name, &[]);
/// assert_eq!(shown, "\u{2068}user\u{202e}gnp.exe\u{2069}");
/// ```
#[must_use]
pub fn isolate(text: &str, entities: &[Entity]) -> (String, Vec<Entity>) {
    let mut isolated = Isolated::default();
    for character in text.chars() {
        isolated.push(character);
    }
    isolated.end_paragraph();
    let fitting = entities.iter().zip(Entity::fit(text, entities)).filter(|(_, fits)| *fits);
    let moved = fitting.filter_map(|(entity, _)| isolated.moved(entity)).collect();
    (isolated.text, moved)
}

/// Makes the characters that change the direction of a text visible: replaces each with `�`, U+FFFD.
///
/// These are the twelve characters with the Unicode property `Bidi_Control`, which `secretchat` also replaces in file names
/// and web addresses (SPEC MSG-5). Use this function where a reader checks a text letter by letter, such as the address of a
/// link. Use [`isolate`] for texts that people write: Arabic and Hebrew texts need these characters. Entities keep their
/// places.
///
/// ```
/// let address = "https://example.com/\u{202e}moc.evil";
/// assert_eq!(secretchat_markdown::show_controls(address), "https://example.com/�moc.evil");
/// ```
#[must_use]
pub fn show_controls(text: &str) -> String {
    text.chars().map(|character| if turns(character) { char::REPLACEMENT_CHARACTER } else { character }).collect()
}

/// Returns whether a character has the Unicode property `Bidi_Control`.
pub(crate) const fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character ends a paragraph (bidirectional class B).
const fn ends_paragraph(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2029}')
}

/// A text that is being isolated.
#[derive(Default)]
struct Isolated {
    text: String,
    /// The length of `text` in UTF-16 code units.
    len: u32,
    /// How many isolates are open, including the one around the paragraph.
    depth: usize,
    /// Where each code unit of the original text now begins and ends.
    places: Vec<(u32, u32)>,
}

impl Isolated {
    fn push(&mut self, character: char) {
        if ends_paragraph(character) {
            self.end_paragraph();
            return self.keep(character);
        }
        if self.depth == 0 {
            self.insert(FIRST_STRONG_ISOLATE);
            self.depth = 1;
        }
        match character {
            '\u{2066}'..=FIRST_STRONG_ISOLATE => self.depth += 1,
            POP_ISOLATE if self.depth == 1 => return self.places.push((self.len, self.len)),
            POP_ISOLATE => self.depth -= 1,
            _ => {}
        }
        self.keep(character);
    }

    fn end_paragraph(&mut self) {
        for _ in 0..core::mem::take(&mut self.depth) {
            self.insert(POP_ISOLATE);
        }
    }

    fn insert(&mut self, character: char) {
        self.text.push(character);
        self.len = self.len.saturating_add(units(character));
    }

    fn keep(&mut self, character: char) {
        let begin = self.len;
        self.insert(character);
        self.places.extend((begin..self.len).map(|unit| (unit, unit + 1)));
    }

    /// Returns the entity at its new place; `None` if it does not fit the text or has no text left.
    fn moved(&self, entity: &Entity) -> Option<Entity> {
        let place = |unit: u32| self.places.get(usize::try_from(unit).ok()?).copied();
        let last = entity.offset.checked_add(entity.length)?.checked_sub(1)?;
        let (offset, end) = (place(entity.offset)?.0, place(last)?.1);
        (end > offset).then(|| Entity::new(entity.kind.clone(), offset, end - offset))
    }
}
