//! Sending: messages, and notifications of what the user does with them.

mod act;
mod draft;
mod emptied;
mod seal;
mod slot;
