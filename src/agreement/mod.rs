//! How two ends agree on a key: the first one, and each that follows.
//!
//! Every profile does it in the shape of a key encapsulation, in the handshake and in each rekey alike:
//!
//! ```text
//! request                                 -> a value for the peer, and a secret that waits
//! answer  (binding, value of the request) -> a value for the peer, and the keys
//! confirm (binding, value of the answer)  -> the keys
//! ```
//!
//! So an answerer need not have a key pair of its own, and the two values may differ in length.

mod established;
#[cfg(feature = "hybrid")]
pub(crate) mod hybrid;
#[cfg(feature = "alloc")]
mod pending;
#[cfg(all(feature = "alloc", feature = "telegram"))]
mod telegram;
pub(crate) mod x25519;

pub use established::Established;
#[cfg(feature = "alloc")]
pub(crate) use pending::{Agreed, Pending, RootKeys, answer, check_request, request};

use crate::crypto::schedule::{Ends, Rekey};

/// What keys are bound to, besides the public values. Both ends must have the same.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// Nothing: the server names the ends.
    Nothing,
    /// The first key: who talks to whom, and about what.
    Handshake(Ends<'a>),
    /// A key that follows: the chat, its past, and the exchange.
    Rekey(Rekey<'a>),
}
