//! The end of messages: what starts a timer, and what a host may do until then (SPEC DES-1 to DES-9, DES-14, RIGHT-1
//! to RIGHT-7).

mod content;
mod rights;
mod rule;

pub use content::ContentKind;
pub use rights::{Notification, Rights};
pub use rule::{Side, Timer, ViewEvent, read_since};
