//! `envelope-old-1` (SPEC ENV-5). This crate only opens this envelope.

use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::old::open;

use super::case::{Case, Checked, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    let shared = case.part(case.file);
    let chat_key = Secret::new(shared.array("key")?);
    let fingerprint = KeyFingerprint::from_bytes(shared.array("fingerprint")?);
    let mut sealed = case.bytes("sealed")?;
    let opened = open(&chat_key, fingerprint, &mut sealed);
    if !case.is_valid()? {
        return case.refused(opened.map(|body| body.len()));
    }
    same_bytes("body", &case.bytes("body")?, opened.map_err(words)?)
}
