//! Links and e-mail addresses. `linkify` finds where they begin and end. Which of them count, and where they are cut,
//! follows TDLib (`find_urls`, `find_tg_urls` and `is_email_address` in `MessageEntity.cpp`).

use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;
use core::ops::Range;

use linkify::{LinkFinder, LinkKind};
use secretchat::EntityKind;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::Found;
use super::names::is_word;
use crate::direction::turns;

/// The schemes of links.
const SCHEMES: [&str; 6] = ["https", "http", "tonsite", "ftp", "ton", "tg"];

/// Schemes that end like one of the above.
const OTHER_SCHEMES: [&str; 3] = ["shttp", "sftp", "tftp"];

/// A top-level domain that is not a public suffix.
const TON: &str = "ton";

/// Finds links and e-mail addresses.
pub(super) fn links(text: &str, found: &mut Vec<Found>) {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    for link in finder.links(&in_ascii(text)) {
        let range = link.start()..link.end();
        let checked = match link.kind() {
            LinkKind::Email => email(text, range).map(|range| (range, EntityKind::Email)),
            LinkKind::Url => url(text, range).map(|range| (range, EntityKind::Url)),
            _ => None,
        };
        found.extend(checked);
    }
}

/// Rewrites a text for `linkify` without changing the number of bytes of any character. `linkify` only knows top-level
/// domains of ASCII letters, treats nearly every other character as part of a link, and ends a link at a `#` after the
/// domain.
fn in_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        let stand_in = match character {
            '#' => '?',
            _ if ends_link(character) => ' ',
            _ if character.is_ascii() => character,
            _ => 'a',
        };
        ascii.extend(core::iter::repeat_n(stand_in, character.len_utf8()));
    }
    ascii
}

/// Returns whether a link ends at this character. A character that changes the direction of text would hide where the link
/// leads. Of the general punctuation, only joiners and dashes may be in links.
fn ends_link(character: char) -> bool {
    match character {
        '\u{200c}' | '\u{200d}' | '\u{2010}'..='\u{2015}' => false,
        '\n' | '<' | '>' | '"' | '«' | '»' | '\u{2000}'..='\u{206f}' => true,
        _ => turns(character) || character.general_category_group() == GeneralCategoryGroup::Separator,
    }
}

/// Checks a link, and cuts off letters before its scheme and an invalid port.
fn url(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let link = text.get(range.clone())?;
    let (scheme, rest) = match link.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (Some(known_scheme(scheme)?), rest),
        _ => (None, link),
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    let is_link = match scheme {
        _ if host.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.')) => host.parse::<Ipv4Addr>().is_ok(),
        Some("tg" | "ton") => true,
        Some(_) => host.contains('.'),
        None => is_public(host),
    };
    let continues = |before: char| is_word(before) || matches!(before, '/' | '#' | '@');
    if !is_link || scheme.is_none() && text.get(..range.start)?.ends_with(continues) {
        return None;
    }
    let begin = range.end - rest.len() - scheme.map_or(0, |scheme| scheme.len() + "://".len());
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let kept = if is_port { rest.len() } else { authority.len() - place.len() + host.len() };
    Some(begin..range.end - rest.len() + kept)
}

/// Returns the scheme that these letters end with: people write `seehttps://example.com`.
fn known_scheme(letters: &str) -> Option<&'static str> {
    let letters = letters.to_ascii_lowercase();
    SCHEMES.into_iter().find(|scheme| letters.ends_with(scheme) && !OTHER_SCHEMES.contains(&letters.as_str()))
}

/// Returns whether a host is under an existing top-level domain: `example.com` is a link, `notes.txt` is not.
fn is_public(host: &str) -> bool {
    let host = host.to_lowercase();
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.typ() == Some(psl::Type::Icann) || suffix == TON)
}

/// Checks an e-mail address, and cuts off text before it.
fn email(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let (user, domain) = text.get(range.clone())?.rsplit_once('@')?;
    let user = user.rsplit(|character: char| !is_user(character)).next().filter(|user| !user.is_empty())?;
    let begin = range.end - domain.len() - "@".len() - user.len();
    let is_whole = !text.get(..begin)?.ends_with(is_word);
    (domain.is_ascii() && is_whole).then_some(begin..range.end)
}

const fn is_user(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '+')
}
