//! A conversation with every kind of message, gap, resend, rekey, timer, album and close, whose process dies at every
//! output, before and after the host did what it says: nothing is lost, nothing is sealed twice, nothing is told twice but
//! for what the rules allow (SPEC OUT-2, SEQ-8, DRV-5).

mod acts;
mod checks;
mod drafts;
mod end;
mod network;
mod process;
mod random;
mod script;
mod sweep;
mod world;
