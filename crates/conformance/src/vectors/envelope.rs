//! `envelope-1` (SPEC ENV-1 to ENV-4).

use recordings::Scripted;
use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{DirectionKey, Layout, open, seal};

use super::case::{Case, Checked, same_bytes, words};
use super::kdf::offset;

pub(super) fn check(case: &Case<'_>) -> Checked {
    let named = case.part(&case.file["keys"][case.text("key")?]);
    let chat_key = Secret::new(named.array("key")?);
    let fingerprint = KeyFingerprint::from_bytes(named.array("fingerprint")?);
    let key = DirectionKey { chat_key: &chat_key, fingerprint, x: offset(case)? };
    let mut sealed = case.bytes("sealed")?;
    if !case.is_valid()? {
        return case.refused(open(&key, &mut sealed).map(|body| body.len()));
    }
    let (body, padding) = (case.bytes("body")?, case.bytes("padding")?);
    let layout = Layout::with_padding(body.len(), padding.len()).map_err(words)?;
    let (mut rng, mut buffer) = (Scripted::default(), vec![0; layout.sealed_len()]);
    rng.push(padding);
    let ours = seal(&key, layout, &mut rng, &mut buffer, |to| to.copy_from_slice(&body)).map_err(words)?;
    same_bytes("sealed", &sealed, ours)?;
    same_bytes("body", &body, open(&key, &mut sealed).map_err(words)?)
}
