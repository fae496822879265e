//! `x25519-profile-1` (SPEC X25-1 to X25-7).

use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{Ends, Labels, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;

use super::case::{Case, Checked, equal, same_bytes, words};
use super::root::{discard, ends, of_root, padded, rekey};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "handshake" => handshake(case),
        "public-value" => {
            let shared = KeyPair::resume(Secret::new(case.array("scalar")?)).shared_secret(&case.bytes("value")?);
            if !case.is_valid()? {
                return case.refused(shared.map(|_| ()));
            }
            same_bytes("ss", case.bytes("ss")?, shared.map_err(words)?.expose())
        }
        "discard" => discard(case),
        "ends" => ends(case),
        _ => case.unknown_kind(),
    }
}

fn handshake(case: &Case<'_>) -> Checked {
    let (shared, a, b) = agree(case, ["a", "b", "A", "B"])?;
    let th = Transcript::from_bytes(padded(case, "th")?);
    let (id_i, id_r, context) = (case.bytes("id_i")?, case.bytes("id_r")?, case.bytes("context")?);
    // The schedule is defined for empty ids, but no end starts such a chat.
    if !(id_i.is_empty() || id_r.is_empty()) {
        let ends = Ends::new(&id_i, &id_r, &context).map_err(words)?;
        equal("th", th, Transcript::new(&Labels::X25519, &ends, &a, &b))?;
    }
    same_bytes("verification", padded::<36>(case, "verification")?, th.verification())?;

    let root = Root::of_handshake(&Labels::X25519, &shared, &th);
    of_root(case, &root)?;
    let mut chain = root.chain();
    for step in case.list("rekeys")? {
        let step = case.part(step);
        let (shared, p, q) = agree(&step, ["p", "q", "P", "Q"])?;
        let root = Root::of_rekey(&Labels::X25519, &shared, &rekey(&step, &chain, &th)?, &p, &q);
        of_root(&step, &root)?;
        chain = root.chain();
    }
    Ok(())
}

/// Returns the shared secret and both public values, and checks that both ends get the same secret.
fn agree(case: &Case<'_>, [a, b, a_public, b_public]: [&str; 4]) -> Result<(Secret<32>, [u8; 32], [u8; 32]), String> {
    let [a, b] = [padded(case, a)?, padded(case, b)?].map(|scalar| KeyPair::resume(Secret::new(scalar)));
    let publics = (padded(case, a_public)?, padded(case, b_public)?);
    same_bytes(a_public, publics.0, a.public())?;
    same_bytes(b_public, publics.1, b.public())?;
    let shared = a.shared_secret(&publics.1).map_err(words)?;
    same_bytes("ss", padded::<32>(case, "ss")?, shared.expose())?;
    same_bytes("ss", shared.expose(), b.shared_secret(&publics.0).map_err(words)?.expose())?;
    Ok((shared, publics.0, publics.1))
}
