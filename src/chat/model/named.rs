//! Stable names for what calls return (SPEC DIAG-1).

use alloc::vec::Vec;
use core::convert::Infallible;

use crate::chat::input::Handled;
use crate::output::Notice;
use crate::types::error::{CallError, PeerFault, Unavailable};
use crate::types::id::RandomId;

/// A type that a call returns, with stable names for its values.
pub(in crate::chat) trait Named {
    fn name(&self) -> &'static str {
        DONE
    }
}

/// The name for a value that only says that the call is done.
pub(in crate::chat) const DONE: &str = "done";

impl Named for () {}
impl Named for RandomId {}
impl Named for Vec<RandomId> {}

/// Implements `Named` for types that have names already.
macro_rules! named {
    ($($type:ty)+) => {
        $(impl Named for $type {
            fn name(&self) -> &'static str {
                <$type>::name(*self)
            }
        })+
    };
}
named! { Handled Notice CallError PeerFault Unavailable }

impl Named for Infallible {
    fn name(&self) -> &'static str {
        match *self {}
    }
}
