//! The C interface, called as C calls it.

mod conversation;
mod errors;
mod export;
mod fragments;
mod lend;
mod nulls;
mod resume;
mod segments;
mod source;
mod streams;
