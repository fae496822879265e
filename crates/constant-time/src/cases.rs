//! The operations with secrets.

mod controls;
mod exchanges;
mod messages;
mod records;

use crate::judge::Public;

/// An operation on secrets.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
    /// The branches on results that are public.
    pub(crate) public: &'static [Public],
    /// What valgrind calls its leak, if it has one, to show that a leak is found.
    pub(crate) leaks: Option<&'static str>,
}

const fn clean(name: &'static str, run: fn(), public: &'static [Public]) -> Case {
    Case { name, run, public, leaks: None }
}

/// All operations, and the two controls.
pub(crate) const CASES: &[Case] = &[
    Case { name: "control: a branch", run: controls::branch, public: &[], leaks: Some("UninitCondition") },
    Case { name: "control: a table", run: controls::table, public: &[], leaks: Some("UninitValue") },
    clean("message key: compare", messages::compare, &[]),
    clean("message key: derive key and iv", messages::derive, &[]),
    clean("IGE: vaes", messages::ige_vaes, &[]),
    clean("IGE: aes-ni", messages::ige_aes_ni, &[]),
    clean("IGE: aes crate", messages::ige_portable, &[]),
    clean("IGE: of the library", messages::ige, &[]),
    clean("message: seal", messages::seal, &[]),
    clean("message: open", messages::open, messages::OPENED),
    clean("message: open a forged one", messages::open_forged, messages::REFUSED),
    clean("key schedule: first key and rekey", exchanges::schedule, &[]),
    clean("2048 bits: public value", exchanges::modp_public, exchanges::MODP_PUBLIC),
    clean("2048 bits: shared key", exchanges::modp_shared, exchanges::MODP_SHARED),
    clean("X25519: public value", exchanges::x25519_public, &[]),
    clean("X25519: shared secret", exchanges::x25519_shared, exchanges::X25519_SHARED),
    clean("ML-KEM: decapsulate", exchanges::ml_kem, exchanges::ML_KEM),
    clean("ML-KEM: decapsulate a forged one", exchanges::ml_kem_forged, exchanges::ML_KEM),
    clean("hybrid: confirm, key made from its seed", exchanges::hybrid, exchanges::HYBRID),
    clean("key fingerprint: compute and compare", exchanges::fingerprint, exchanges::FINGERPRINT),
    clean("verification: compute and compare", exchanges::verification, &[]),
    clean("record: open", records::open, records::OPENED),
    clean("record: open a forged one", records::open_forged, records::OPENED),
];
