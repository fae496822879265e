//! Key agreement: the first key, and each one that follows.
//!
//! Every profile uses the shape of a key encapsulation, in the handshake as well as in each rekey:
//!
//! ```text
//! request                                 -> a value for the peer, and a secret that waits
//! answer  (binding, value of the request) -> a value for the peer, and the keys
//! confirm (binding, value of the answer)  -> the keys
//! ```
//!
//! An answerer therefore needs no key pair of its own, and the two public values may differ in length.

#[cfg(feature = "alloc")]
mod checked;
mod established;
#[cfg(feature = "hybrid")]
pub(crate) mod hybrid;
#[cfg(feature = "alloc")]
mod pending;
#[cfg(all(feature = "alloc", feature = "telegram"))]
mod telegram;
pub(crate) mod x25519;

#[cfg(feature = "alloc")]
pub(crate) use checked::CheckedRequest;
pub use established::Established;
#[cfg(feature = "alloc")]
pub(crate) use pending::{Agreed, Pending, RootKeys, answer, request};

use crate::crypto::schedule::{Ends, Rekey};

/// The values to which keys are bound besides the public values. They must be the same at both ends.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// Nothing: the server names the ends.
    Nothing,
    /// The first key: the two ends and the context.
    Handshake(Ends<'a>),
    /// A later key: the chat, its past, and the exchange.
    Rekey(Rekey<'a>),
}
