//! The C interface, called as C calls it.

mod conversation;
mod errors;
mod lend;
mod nulls;
mod source;
