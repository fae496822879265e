//! A conversation with every kind of message, gap, resend, rekey, timer, album and close, whose process dies at every
//! output, before and after the host did what it says: nothing is lost, nothing is sealed twice, nothing is told twice but
//! for what the rules allow (SPEC OUT-2, SEQ-8, DRV-5).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "crash_everywhere/acts.rs"]
mod acts;
#[path = "crash_everywhere/checks.rs"]
mod checks;
#[path = "crash_everywhere/drafts.rs"]
mod drafts;
#[path = "crash_everywhere/end.rs"]
mod end;
#[path = "timers/gaps.rs"]
mod gaps;
#[path = "timers/model.rs"]
mod model;
#[path = "crash_everywhere/network.rs"]
mod network;
#[path = "crash_everywhere/process.rs"]
mod process;
#[path = "crash_everywhere/random.rs"]
mod random;
#[path = "support/rng.rs"]
mod rng;
#[path = "crash_everywhere/script.rs"]
mod script;
#[path = "crash_everywhere/sweep.rs"]
mod sweep;
#[path = "crash_everywhere/world.rs"]
mod world;
