//! Entities: the formatting of parts of a text, in UTF-16 code units as on the wire (SPEC MSG-3).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::types::names::names;

/// The formatting of one part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entity {
    /// The kind of formatting.
    pub kind: EntityKind,
    /// The start, in UTF-16 code units.
    pub offset: u32,
    /// The length, in UTF-16 code units.
    pub length: u32,
}

/// The kind of an entity.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntityKind {
    /// An entity that the sender's program could not name.
    Unknown,
    /// A mention, `@name`.
    Mention,
    /// A hashtag, `#tag`.
    Hashtag,
    /// A bot command, `/command`.
    BotCommand,
    /// A link that is written out.
    Url,
    /// An e-mail address.
    Email,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Code within a line.
    Code,
    /// A block of code. The language may be empty. In a received text control characters and overrides of the writing
    /// direction in it are replaced by `_` (SPEC MSG-5).
    Pre(String),
    /// A text with a link behind it. **The text and the link need not agree.** In a received one the same characters
    /// are replaced.
    TextUrl(String),
    /// A user without a name, by a number of 32 bits.
    MentionName(i32),
    /// A telephone number.
    Phone,
    /// A cashtag, `$TAG`.
    Cashtag,
    /// A bank card's number.
    BankCard,
    /// Underlined.
    Underline,
    /// Struck through.
    Strike,
    /// A quotation.
    Blockquote,
    /// Hidden until touched.
    Spoiler,
    /// A picture in place of an emoji, by the id of its document.
    CustomEmoji(i64),
}

names! {
    ref EntityKind {
        1 "unknown" Unknown,
        2 "mention" Mention,
        3 "hashtag" Hashtag,
        4 "bot_command" BotCommand,
        5 "url" Url,
        6 "email" Email,
        7 "bold" Bold,
        8 "italic" Italic,
        9 "code" Code,
        10 "pre" Pre,
        11 "text_url" TextUrl,
        12 "mention_name" MentionName,
        13 "phone" Phone,
        14 "cashtag" Cashtag,
        15 "bank_card" BankCard,
        16 "underline" Underline,
        17 "strike" Strike,
        18 "blockquote" Blockquote,
        19 "spoiler" Spoiler,
        20 "custom_emoji" CustomEmoji,
    }
}

impl fmt::Debug for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::Mention => "Mention",
            Self::Hashtag => "Hashtag",
            Self::BotCommand => "BotCommand",
            Self::Url => "Url",
            Self::Email => "Email",
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Code => "Code",
            Self::Pre(_) => "Pre(..)",
            Self::TextUrl(_) => "TextUrl(..)",
            Self::MentionName(_) => "MentionName(..)",
            Self::Phone => "Phone",
            Self::Cashtag => "Cashtag",
            Self::BankCard => "BankCard",
            Self::Underline => "Underline",
            Self::Strike => "Strike",
            Self::Blockquote => "Blockquote",
            Self::Spoiler => "Spoiler",
            Self::CustomEmoji(_) => "CustomEmoji(..)",
        })
    }
}

impl Entity {
    /// The most entities of one message, as in TDLib.
    pub const MAX_COUNT: usize = 1000;

    /// Marks `length` UTF-16 code units, starting at `offset`.
    #[must_use]
    pub const fn new(kind: EntityKind, offset: u32, length: u32) -> Self {
        Self { kind, offset, length }
    }

    /// Marks a range of bytes of a Rust string. Returns `None` if the range is empty, outside the text, or splits a
    /// character.
    #[must_use]
    pub fn at(kind: EntityKind, text: &str, range: core::ops::Range<usize>) -> Option<Self> {
        let units = |part: &str| u32::try_from(part.encode_utf16().count()).ok();
        let offset = units(text.get(..range.start)?)?;
        let length = units(text.get(range)?)?;
        (length > 0).then_some(Self { kind, offset, length })
    }

    /// Returns the range of bytes of `text` that this entity marks, or `None` if it does not fit.
    #[must_use]
    pub fn range(&self, text: &str) -> Option<core::ops::Range<usize>> {
        let end = self.offset.checked_add(self.length).filter(|_| self.length > 0)?;
        Some(byte_at(text, self.offset)?..byte_at(text, end)?)
    }

    /// Returns for each entity whether it fits `text`. This scans the text once for all of them, while
    /// [`Entity::range`] scans it for each.
    #[must_use]
    pub fn fit(text: &str, entities: &[Self]) -> Vec<bool> {
        if entities.is_empty() {
            return Vec::new();
        }
        // Where each character begins in UTF-16, and where the text ends.
        let mut boundaries = Vec::with_capacity(text.len() + 1);
        for character in text.chars() {
            boundaries.push(true);
            if character.len_utf16() == 2 {
                boundaries.push(false);
            }
        }
        boundaries.push(true);
        let is_boundary =
            |units: u32| usize::try_from(units).ok().and_then(|units| boundaries.get(units)).copied().unwrap_or(false);
        entities
            .iter()
            .map(|entity| {
                let end = entity.offset.checked_add(entity.length);
                entity.length > 0 && is_boundary(entity.offset) && end.is_some_and(is_boundary)
            })
            .collect()
    }
}

/// Returns the byte index of the character boundary after `units` UTF-16 code units.
fn byte_at(text: &str, units: u32) -> Option<usize> {
    let mut seen = 0;
    for (index, character) in text.char_indices() {
        if seen >= units {
            return (seen == units).then_some(index);
        }
        seen += if character.len_utf16() == 1 { 1 } else { 2 };
    }
    (seen == units).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The strings of the public reports on UTF-16 offsets (TDLib issue 2984 and others).
    #[test]
    fn offsets_are_utf16_code_units() {
        let bold = |offset, length| Entity { kind: EntityKind::Bold, offset, length };
        let text = "😀qwerty";
        assert_eq!(bold(3, 5).range(text).map(|range| &text[range]), Some("werty"));
        assert_eq!(Entity::at(EntityKind::Bold, text, 5..10), Some(bold(3, 5)));
        for nothing in [5..5, 0..1, 9..11] {
            assert_eq!(Entity::at(EntityKind::Bold, text, nothing), None, "empty, half a character, or outside");
        }
        let text = "❤️🔴";
        assert_eq!(bold(2, 2).range(text).map(|range| &text[range]), Some("🔴"));
        for bad in [bold(1, 1), bold(0, 1), bold(0, 9), bold(8, 1), bold(3, 0), bold(u32::MAX, 2)] {
            let text = "😀qwerty";
            assert_eq!(bad.range(text), None, "{bad:?}");
            assert_eq!(Entity::fit(text, &[bad]), [false]);
        }
        assert_eq!(Entity::fit("😀qwerty", &[bold(0, 8), bold(7, 1), bold(0, 2)]), [true; 3]);
    }
}
