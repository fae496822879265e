//! Mentions and hashtags. The rules are those of TDLib (`find_mentions` and `find_hashtags` in `MessageEntity.cpp`).

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use secretchat::EntityKind;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::Found;

/// The length of user names. Those of four characters come from auctions.
const NAME_LEN: RangeInclusive<usize> = 4..=32;

/// The user names of three characters, which belong to bots of Telegram.
const SHORT_NAMES: [&str; 5] = ["gif", "nft", "pic", "ufc", "vid"];

/// The least length of the user name after a hashtag.
const MIN_OWNER_LEN: usize = 3;

/// The greatest number of characters of a hashtag after its `#`.
const MAX_TAG_LEN: usize = 256;

/// Finds mentions: `@name`, with no letter, digit or underscore before or after it.
pub(super) fn mentions(text: &str, found: &mut Vec<Found>) {
    for (begin, before, after) in signs(text, '@') {
        let (name, rest) = split(after, is_name);
        let is_known =
            NAME_LEN.contains(&name.len()) || SHORT_NAMES.iter().any(|short| name.eq_ignore_ascii_case(short));
        if is_known && ![before, rest.chars().next()].into_iter().flatten().any(is_word) {
            found.push((begin..begin + 1 + name.len(), EntityKind::Mention));
        }
    }
}

/// Finds hashtags: `#word` with at least one letter, and `#word@name`.
pub(super) fn hashtags(text: &str, found: &mut Vec<Found>) {
    for (begin, before, after) in signs(text, '#') {
        let (word, mut rest) = split(after, is_tag);
        let tag_len = word.char_indices().nth(MAX_TAG_LEN).map_or(word.len(), |(index, _)| index);
        let (tag, cut) = word.split_at(tag_len);
        let mut end = begin + 1 + tag.len();
        let owner = rest.strip_prefix('@').filter(|_| cut.is_empty()).map_or("", |owner| split(owner, is_name).0);
        let owner_len = owner.len().min(*NAME_LEN.end());
        if owner_len >= MIN_OWNER_LEN {
            rest = rest.get(1 + owner_len..).unwrap_or_default();
            end += 1 + owner_len;
        }
        if !before.is_some_and(is_tag) && tag.chars().any(is_letter) && !rest.starts_with('#') {
            found.push((begin..end, EntityKind::Hashtag));
        }
    }
}

/// Returns whether a character is a letter, a number or an underscore.
pub(super) fn is_word(character: char) -> bool {
    let group = character.general_category_group();
    matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number) || character == '_'
}

/// Returns each place of a sign, with the character before it and the text after it.
fn signs(text: &str, sign: char) -> impl Iterator<Item = (usize, Option<char>, &str)> {
    text.match_indices(sign).map(move |(begin, _)| {
        let (before, after) = text.split_at(begin);
        (begin, before.chars().next_back(), after.strip_prefix(sign).unwrap_or_default())
    })
}

/// Splits off the leading characters that satisfy a condition.
fn split(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|character| !belongs(character)).unwrap_or(text.len()))
}

const fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Returns whether a character may be in a hashtag. These are letters, decimal digits, the middle dot of Catalan, the
/// non-joiner of Persian, and the vowel signs of Sinhala.
fn is_tag(character: char) -> bool {
    matches!(character, '_' | '·' | '\u{200c}' | '\u{d80}'..='\u{dff}')
        || is_letter(character)
        || character.general_category() == GeneralCategory::DecimalNumber
}

fn is_letter(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Letter
}
