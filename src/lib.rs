//! End-to-end encrypted one-to-one secret chats without I/O.
#![no_std]
#![forbid(unsafe_code)]
