//! Stable names for what calls return (SPEC DIAG-1).

use alloc::vec::Vec;
use core::convert::Infallible;

use crate::chat::input::Handled;
use crate::output::{Event, Notice};
use crate::types::error::{
    ApiMisuse, CallError, CloseReason, PeerFault, RekeyFailure, Unavailable, VerifyError, Violation,
};
use crate::types::id::RandomId;
use crate::types::names::{Listed, Names};

/// A type that a call returns, with stable names for its values.
pub(in crate::chat) trait Named {
    fn outcome_name(&self) -> Name {
        Name::DONE
    }
}

/// A stable name, small enough for the journal of each chat: the list that it is in, and its code there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::chat) struct Name(u16);

/// A list of names with codes.
#[derive(Clone, Copy)]
enum List {
    /// The name for a value that only says that the call is done.
    Done,
    Handled,
    Notice,
    /// No two errors have the same code.
    Error,
    Event,
    CloseReason,
    RekeyFailure,
}

impl List {
    const ALL: [Self; 7] =
        [Self::Done, Self::Handled, Self::Notice, Self::Error, Self::Event, Self::CloseReason, Self::RekeyFailure];

    fn names(self) -> &'static [Names] {
        match self {
            Self::Done => &[],
            Self::Handled => &[Handled::NAMES],
            Self::Notice => &[Notice::NAMES],
            Self::Error => &[ApiMisuse::NAMES, Unavailable::NAMES, VerifyError::NAMES, PeerFault::NAMES],
            Self::Event => &[Event::NAMES],
            Self::CloseReason => &[CloseReason::NAMES, Violation::NAMES],
            Self::RekeyFailure => &[RekeyFailure::NAMES],
        }
    }
}

impl Name {
    pub(in crate::chat) const DONE: Self = Self::new(List::Done, 0);
    /// More than any code.
    const CODES: u16 = 1 << 12;

    const fn new(list: List, code: u16) -> Self {
        Self(list as u16 * Self::CODES + code % Self::CODES)
    }

    pub(in crate::chat) fn as_str(self) -> &'static str {
        let list = List::ALL.get(usize::from(self.0 / Self::CODES)).copied().unwrap_or(List::Done);
        let named = list.names().iter().copied().flatten().find(|(code, ..)| *code == self.0 % Self::CODES);
        named.map_or("done", |(_, name, _)| name)
    }
}

impl Named for () {}
impl Named for RandomId {}
impl Named for Vec<RandomId> {}

/// Implements `Named` for types that have names already, and says in which list.
macro_rules! named {
    ($($type:ty, $list:ident;)+) => {
        $(impl Named for $type {
            fn outcome_name(&self) -> Name {
                Name::new(List::$list, self.code())
            }
        })+
    };
}
named! {
    Handled, Handled;
    Notice, Notice;
    CallError, Error;
    PeerFault, Error;
    Unavailable, Error;
    Event, Event;
    CloseReason, CloseReason;
    RekeyFailure, RekeyFailure;
}

impl Named for Infallible {
    fn outcome_name(&self) -> Name {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_from_its_list_and_code() {
        let lists = [
            (List::Handled, Handled::NAMES),
            (List::Notice, Notice::NAMES),
            (List::Error, ApiMisuse::NAMES),
            (List::Error, Unavailable::NAMES),
            (List::Error, PeerFault::NAMES),
            (List::Error, VerifyError::NAMES),
            (List::Event, Event::NAMES),
            (List::CloseReason, CloseReason::NAMES),
            (List::CloseReason, Violation::NAMES),
            (List::RekeyFailure, RekeyFailure::NAMES),
        ];
        for (list, names) in lists {
            for (code, name, _) in names {
                assert!(*code < Name::CODES);
                assert_eq!(Name::new(list, *code).as_str(), *name);
            }
        }
        assert_eq!(Name::DONE.as_str(), "done");
    }
}
