//! The files of `tests/support` that the bodies need.

// The bodies use a part of them.
#![allow(dead_code)]

#[path = "../../../tests/support/agreement.rs"]
pub(crate) mod agreement;
#[path = "../../../tests/support/forger.rs"]
pub(crate) mod forger;
#[path = "../../../tests/support/pair.rs"]
pub(crate) mod pair;
#[path = "../../../tests/support/rekeyer.rs"]
pub(crate) mod rekeyer;
#[path = "../../../tests/support/rich.rs"]
pub(crate) mod rich;
#[path = "../../../tests/support/rng.rs"]
pub(crate) mod rng;
#[path = "../../../tests/support/sealing.rs"]
pub(crate) mod sealing;
#[path = "../../../tests/support/stored.rs"]
pub(crate) mod stored;
#[path = "../../../tests/support/telegram.rs"]
pub(crate) mod telegram;
#[path = "../../../tests/support/timed.rs"]
pub(crate) mod timed;
#[path = "../../../tests/support/twin.rs"]
pub(crate) mod twin;
