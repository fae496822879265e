//! The hybrid profile: the X25519 profile with ML-KEM-768 added to every key exchange.

use super::rules::{Lengths, Rules};
use super::x25519;

pub(super) const RULES: Rules = Rules {
    lengths: Lengths {
        // A RequestKey with a public value of 1,216 bytes, sealed (SPEC ENV-2).
        step: 24 + 1_728,
        // One such step, and as many Noops as in the X25519 profile.
        service_reserve: 64 * (24 + 128) - (24 + 384) + (24 + 1_728),
    },
    ..x25519::RULES
};
