//! Names of variants, taken from their `Debug` form: there is no second list of them.

use std::fmt::Debug;

use secretchat::{EntityKind, TypingAction};

/// The name of a value's variant.
pub(crate) fn variant(value: &impl Debug) -> String {
    let mut text = format!("{value:?}");
    let end = text.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(text.len());
    text.truncate(end);
    text
}

/// The same in lower case, words joined by `_`.
pub(crate) fn snake(value: &impl Debug) -> String {
    let mut name = String::new();
    for character in variant(value).chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

/// The one of `values` that has this name.
pub(crate) fn named<T: Debug>(name: &str, values: impl IntoIterator<Item = T>) -> Option<T> {
    values.into_iter().find(|value| snake(value) == name)
}

pub(crate) const TYPING_ACTIONS: [TypingAction; 12] = [
    TypingAction::Cancel,
    TypingAction::Typing,
    TypingAction::RecordVideo,
    TypingAction::UploadVideo,
    TypingAction::RecordAudio,
    TypingAction::UploadAudio,
    TypingAction::UploadPhoto,
    TypingAction::UploadDocument,
    TypingAction::GeoLocation,
    TypingAction::ChooseContact,
    TypingAction::RecordRound,
    TypingAction::UploadRound,
];

/// The kinds of entities that say nothing besides.
pub(crate) const PLAIN_ENTITIES: [EntityKind; 16] = [
    EntityKind::Unknown,
    EntityKind::Mention,
    EntityKind::Hashtag,
    EntityKind::BotCommand,
    EntityKind::Url,
    EntityKind::Email,
    EntityKind::Bold,
    EntityKind::Italic,
    EntityKind::Code,
    EntityKind::Phone,
    EntityKind::Cashtag,
    EntityKind::BankCard,
    EntityKind::Underline,
    EntityKind::Strike,
    EntityKind::Blockquote,
    EntityKind::Spoiler,
];
