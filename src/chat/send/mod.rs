//! What the app tells the peer: messages, and what the user does with them.

mod act;
mod draft;
mod emptied;
mod seal;
mod slot;
