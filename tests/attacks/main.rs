//! The attacks of `tests/REPORTS.md` (AT-01 to AT-78) that reach a chat by what anybody can call, by subject. The others
//! stand beside what they attack: that page says where.
#![cfg(feature = "alloc")]

mod claims;
mod clock;
mod closing;
mod copies;
mod deletion;
mod files;
mod handshake;
mod honest;
#[cfg(all(feature = "hybrid", feature = "telegram"))]
mod hybrid;
mod interaction;
mod message_layer;
mod names;
mod other_protocols;
mod rekey;
mod resend;
mod sequence;
#[cfg(feature = "std")]
mod side_channels;
mod state;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
