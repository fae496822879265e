//! Reads marks as entities.

use alloc::string::String;
use alloc::vec::Vec;

use secretchat::{Entity, EntityKind};

use crate::code::{code_len, plain};
use crate::mark::{CODE, FENCE, LINK, PAIRED};
use crate::piece::{Piece, joined};

/// Reads marks. Every text is valid: nothing is refused.
///
/// Returns at most [`Entity::MAX_COUNT`] entities in the order of their beginnings, outer ones first. Further marks are
/// literal.
#[must_use]
pub fn parse(marked: &str) -> (String, Vec<Entity>) {
    let mut reader = Reader { rest: marked, ..Reader::default() };
    while !reader.rest.is_empty() {
        reader.piece();
    }
    joined(reader.pieces)
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    pieces: Vec<Piece<'a>>,
    /// The marks that wait for their partner, each at most once, with the place in `pieces` where they stand as text.
    open: Vec<(&'static str, usize)>,
    entities: usize,
    /// Between these two lengths of the remaining text no address ends. This way each byte is searched only once.
    no_address: Option<(usize, usize)>,
}

impl Reader<'_> {
    fn piece(&mut self) {
        let rest = self.rest;
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') if characters.next().is_some_and(|next| next.is_ascii_punctuation()) => {
                self.skip(1);
                self.text(1);
            }
            Some('`') => self.code(),
            Some('[') => {
                // The nearest mark counts.
                self.open.retain(|(mark, _)| *mark != LINK);
                self.open.push((LINK, self.pieces.len()));
                self.text(1);
            }
            Some(']') => self.link_end(),
            _ => match PAIRED.into_iter().find(|(mark, _)| rest.starts_with(mark)) {
                Some((mark, kind)) => self.paired(mark, kind),
                None => {
                    let special = |c| matches!(c, '\\' | '`' | '[' | ']' | '*' | '_' | '~' | '|');
                    let first = characters.as_str();
                    let len = first.find(special).map_or(rest.len(), |index| rest.len() - first.len() + index);
                    self.text(len);
                }
            },
        }
    }

    /// Takes the next `len` bytes, at least one, as literal text.
    fn text(&mut self, len: usize) {
        if let Some(text) = self.rest.get(..len) {
            self.pieces.push(Piece::Text(text));
        }
        self.skip(len);
    }

    fn skip(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    /// Counts one more entity and returns whether it fits.
    fn has_room(&mut self) -> bool {
        let has_room = self.entities < Entity::MAX_COUNT;
        self.entities += usize::from(has_room);
        has_room
    }

    fn paired(&mut self, mark: &'static str, kind: EntityKind) {
        let Some((depth, begin)) = self.position(mark) else {
            self.open.push((mark, self.pieces.len()));
            return self.text(mark.len());
        };
        // Marks that opened inside and did not close are literal.
        self.open.truncate(depth);
        if self.pair(begin, kind) { self.skip(mark.len()) } else { self.text(mark.len()) }
    }

    fn link_end(&mut self) {
        let (Some((depth, begin)), Some((address, len))) = (self.position(LINK), self.address()) else {
            return self.text(1);
        };
        self.open.truncate(depth);
        if self.pair(begin, EntityKind::TextUrl(address)) { self.skip(len) } else { self.text(1) }
    }

    fn position(&self, mark: &str) -> Option<(usize, usize)> {
        let depth = self.open.iter().position(|(open, _)| *open == mark)?;
        self.open.get(depth).map(|(_, begin)| (depth, *begin))
    }

    /// Makes an entity of everything after the mark at `begin`, unless it would be empty.
    fn pair(&mut self, begin: usize, kind: EntityKind) -> bool {
        if begin + 1 >= self.pieces.len() || !self.has_room() {
            return false;
        }
        if let Some(piece) = self.pieces.get_mut(begin) {
            *piece = Piece::Begin(kind);
        }
        self.pieces.push(Piece::End);
        true
    }

    /// Returns the address after the `]` that comes next, and the length of both with their brackets.
    fn address(&mut self) -> Option<(String, usize)> {
        let inner = self.rest.strip_prefix("](")?;
        if self.no_address.is_some_and(|(from, to)| (to..=from).contains(&inner.len())) {
            return None;
        }
        let mut address = String::new();
        let mut characters = inner.chars();
        loop {
            let left = characters.as_str().len();
            match characters.next() {
                Some(')') if !address.is_empty() => return Some((address, self.rest.len() - left + 1)),
                Some('\\') => {
                    let next = characters.clone().next();
                    match next.filter(|next| next.is_ascii_punctuation() || next.is_whitespace()) {
                        Some(next) => {
                            characters.next();
                            address.push(next);
                        }
                        None => address.push('\\'),
                    }
                }
                Some(character) if character != ')' && !character.is_whitespace() => address.push(character),
                _ => {
                    self.no_address = Some((inner.len(), left));
                    return None;
                }
            }
        }
    }

    fn code(&mut self) {
        let mark = if self.rest.starts_with(FENCE) { FENCE } else { CODE };
        let raw = self.rest.get(mark.len()..).and_then(|rest| rest.get(..code_len(rest, mark)?));
        let entity = raw.map(|raw| match mark {
            FENCE => {
                let (language, code) = match raw.split_once('\n') {
                    Some((language, code)) if !language.contains(char::is_whitespace) => (language, code),
                    _ => ("", raw),
                };
                (EntityKind::Pre(plain(language)), plain(code), raw)
            }
            _ => (EntityKind::Code, plain(raw), raw),
        });
        match entity.filter(|(_, code, _)| !code.is_empty()) {
            Some((kind, code, raw)) if self.has_room() => {
                self.pieces.push(Piece::Code(kind, code));
                self.skip(mark.len() + raw.len() + mark.len());
            }
            _ => self.text(mark.len()),
        }
    }
}
