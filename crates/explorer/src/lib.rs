//! Goes through the states that two real chats of `secretchat` can reach, and checks what must hold in each of them.
//!
//! A state is both ends: their records, the rows of their hosts, what is left of their users' scripts, and every packet
//! that they ever sent. A packet may be taken by the other end at any time and any number of times, so loss, repetition,
//! reordering and death between any two outputs need no budget. The README says what is covered and what is not.

mod closing;
pub mod configurations;
mod end;
mod fault;
mod invariants;
#[allow(dead_code)] // The tests of secretchat use the rest of it.
#[path = "../../../tests/support/key_watch.rs"]
mod key_watch;
mod old;
mod play;
mod script;
mod search;
mod settings;
mod step;
mod world;

pub use closing::{Rest, comes_to_rest};
pub use end::{End, Outcome, Packet, Rows, Sent, View};
pub use fault::Fault;
pub use invariants::*;
pub use old::Said;
pub use play::{Living, Played, play};
pub use script::{Closes, Script};
pub use search::{Extent, Found, Tally, search};
pub use settings::{Act, Client, Profile, START, Settings, Side};
pub use step::{Call, Kind, PacketName, Step};
pub use world::{Ends, Failed, World, first, one_step};
