//! What calls return, by stable names (SPEC DIAG-1).

use alloc::vec::Vec;
use core::convert::Infallible;

use crate::chat::input::Handled;
use crate::output::Notice;
use crate::types::error::{CallError, PeerFault, Unavailable};
use crate::types::id::RandomId;

/// What a call returns, by a stable name.
pub(in crate::chat) trait Named {
    fn name(&self) -> &'static str {
        DONE
    }
}

/// What has nothing to say but that it is done.
pub(in crate::chat) const DONE: &str = "done";

impl Named for () {}
impl Named for RandomId {}
impl Named for Vec<RandomId> {}

/// The names that a type has by itself.
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
