//! `x25519-profile-1` (SPEC X25-1 to X25-7).

use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{DiscardKey, Ends, Labels, Rekey, Root, Transcript};
use secretchat::hazmat::x25519::{public_value, shared_secret};
use secretchat::{ExchangeId, PeerFault, Role, SeqNo};

use super::case::{Case, Checked, equal, same_bytes, words};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "handshake" => handshake(case),
        "public-value" => {
            let shared = shared_secret(&Secret::new(case.array("scalar")?), &case.bytes("value")?);
            if !case.is_valid()? {
                return case.refused(shared.map(|_| ()));
            }
            same_bytes("ss", case.bytes("ss")?, shared.map_err(words)?.expose())
        }
        "discard" => discard(case),
        "ends" => {
            let (id_i, id_r, context) = (case.bytes("id_i")?, case.bytes("id_r")?, case.bytes("context")?);
            case.refused(Ends::new(&id_i, &id_r, &context).map(|_| ()))
        }
        _ => case.unknown_kind(),
    }
}

fn handshake(case: &Case<'_>) -> Checked {
    let (shared, a, b) = agree(case, ["a", "b", "A", "B"])?;
    let th = Transcript::from_bytes(padded(case, "th")?);
    let (id_i, id_r, context) = (case.bytes("id_i")?, case.bytes("id_r")?, case.bytes("context")?);
    // The schedule of a chat without an id is defined, but no end starts it.
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
        let starter = if step.number::<u8>("starter")? == 0 { Role::Initiator } else { Role::Responder };
        let exchange_id = ExchangeId(step.number("exchange_id")?);
        let rekey = Rekey { chain: &chain, transcript: &th, exchange_id, starter };
        let root = Root::of_rekey(&Labels::X25519, &shared, &rekey, &p, &q);
        of_root(&step, &root)?;
        chain = root.chain();
    }
    Ok(())
}

/// Returns the shared secret and both public values, and checks that both ends come to the same secret.
fn agree(case: &Case<'_>, [a, b, a_public, b_public]: [&str; 4]) -> Result<(Secret<32>, [u8; 32], [u8; 32]), String> {
    let (a, b) = (Secret::new(padded(case, a)?), Secret::new(padded(case, b)?));
    let publics = (padded(case, a_public)?, padded(case, b_public)?);
    same_bytes(a_public, publics.0, public_value(&a))?;
    same_bytes(b_public, publics.1, public_value(&b))?;
    let shared = shared_secret(&a, &publics.1).map_err(words)?;
    same_bytes("ss", padded::<32>(case, "ss")?, shared.expose())?;
    same_bytes("ss", shared.expose(), shared_secret(&b, &publics.0).map_err(words)?.expose())?;
    Ok((shared, publics.0, publics.1))
}

fn of_root(case: &Case<'_>, root: &Root) -> Checked {
    same_bytes("chat_key", padded::<256>(case, "chat_key")?, root.chat_key().expose())?;
    same_bytes("fingerprint", padded::<8>(case, "fingerprint")?, root.fingerprint().to_bytes())?;
    same_bytes("chain", padded::<32>(case, "chain")?, root.chain().expose())?;
    same_bytes("check", padded::<36>(case, "check")?, root.check())?;
    proofs(case, root)
}

fn proofs(case: &Case<'_>, root: &Root) -> Checked {
    let keys = root.discard_keys();
    let ends = [(Role::Initiator, "initiator"), (Role::Responder, "responder")];
    let both = ends.map(|(role, _)| *keys.of(role).secret().expose()).concat();
    same_bytes("discard_keys", padded::<64>(case, "discard_keys")?, both)?;
    for discard in case.list("discards")? {
        let discard = case.part(discard);
        let (role, _) = ends.into_iter().find(|(_, who)| discard.text("by") == Ok(who)).ok_or("by nobody")?;
        let history = discard.number::<u8>("history")? == 1;
        same_bytes("proof", discard.array::<32>("proof")?, keys.of(role).prove(history, discard.number("sent")?))?;
    }
    for (role, who) in ends {
        let name = format!("receipt_{who}");
        if case.has(&name) {
            same_bytes(&name, case.array::<32>(&name)?, keys.of(role).receipt())?;
        }
    }
    Ok(())
}

/// Checks a Discard that reaches the responder, who holds the keys of two roots.
fn discard(case: &Case<'_>) -> Checked {
    let (history, sent) = (case.number::<u8>("history")? == 1, case.number::<u32>("sent")?);
    let proof = case.array("proof")?;
    let fits = |name: &str| -> Result<bool, String> {
        let both: [u8; 64] = case.array(name)?;
        let of_initiator = both.first_chunk().ok_or("no key")?;
        Ok(DiscardKey::new(Secret::new(*of_initiator)).check(history, sent, &proof).is_ok())
    };
    let under = match (fits("current")?, fits("old")?) {
        (true, _) => "current",
        (_, true) => "old",
        _ => return case.refused(Err::<(), _>(PeerFault::NotAuthentic)),
    };
    if SeqNo::new(sent).is_none() {
        return case.refused(Err::<(), _>(PeerFault::NotAuthentic));
    }
    equal("under", case.text("under")?, under)
}

/// Reads a published value, which may lack leading zeros.
fn padded<const N: usize>(case: &Case<'_>, name: &str) -> Result<[u8; N], String> {
    let digits = format!("{:0>width$}", case.text(name)?, width = 2 * N);
    hex::decode(digits).map_err(words)?.try_into().map_err(|_| format!("{name} is too long"))
}
