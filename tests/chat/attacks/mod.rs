//! Published and likely attacks that no other program of tests stands for: resending, waiting, copies, deletion, and what
//! a relay or a thief can do with two honest ends.

mod copies;
mod deletion;
mod honest;
mod relay;
mod resend;
mod waiting;
