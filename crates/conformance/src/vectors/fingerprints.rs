//! `fingerprints-1` (SPEC FP-1, FP-2, VER-1).

use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::{file_key_fingerprint, key_fingerprint, verification};

use super::case::{Case, Checked, equal, same_bytes};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "chat-key" => {
            let key = Secret::new(case.array("key")?);
            let fingerprint = key_fingerprint(&key);
            same_bytes("fingerprint", case.bytes("fingerprint")?, fingerprint.to_bytes())?;
            equal("fingerprint_long", case.number("fingerprint_long")?, fingerprint.to_long())?;
            equal("from the long", fingerprint, KeyFingerprint::from_long(case.number("fingerprint_long")?))?;
            same_bytes("verification", case.bytes("verification")?, verification(&key))
        }
        "file-key" => {
            let (key, iv) = (Secret::new(case.array("key")?), Secret::new(case.array("iv")?));
            equal("fingerprint", case.number("fingerprint")?, file_key_fingerprint(&key, &iv))
        }
        _ => case.unknown_kind(),
    }
}
