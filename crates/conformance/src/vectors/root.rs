//! Checks that the formats of the hybrid and the X25519 profile share: every value that is derived from a root (SPEC X25-1,
//! X25-3, X25-6, X25-9, X25-11).

use hkdf::Hkdf;
use secretchat::hazmat::Secret;
use secretchat::hazmat::schedule::{DiscardKey, Ends, Rekey, Root, Transcript};
use secretchat::{ExchangeId, PeerFault, Role, SeqNo};
use sha2::Sha256;

use super::case::{Case, Checked, equal, same_bytes, words};

/// Checks that no chat can begin with these ids and this context.
pub(super) fn ends(case: &Case<'_>) -> Checked {
    let (id_i, id_r, context) = (case.bytes("id_i")?, case.bytes("id_r")?, case.bytes("context")?);
    case.refused(Ends::new(&id_i, &id_r, &context).map(|_| ()))
}

/// Reads the values to which a rekey is bound.
pub(super) fn rekey<'k>(
    step: &Case<'_>,
    chain: &'k Secret<32>,
    transcript: &'k Transcript,
) -> Result<Rekey<'k>, String> {
    let starter = if step.number::<u8>("starter")? == 0 { Role::Initiator } else { Role::Responder };
    Ok(Rekey { chain, transcript, exchange_id: ExchangeId(step.number("exchange_id")?), starter })
}

/// Checks everything that is derived from a root.
pub(super) fn of_root(case: &Case<'_>, root: &Root) -> Checked {
    same_bytes("chat_key", padded::<256>(case, "chat_key")?, root.chat_key().expose())?;
    same_bytes("fingerprint", padded::<8>(case, "fingerprint")?, root.fingerprint().to_bytes())?;
    same_bytes("chain", padded::<32>(case, "chain")?, root.chain().expose())?;
    same_bytes("check", padded::<36>(case, "check")?, root.check())?;
    // The root cannot be read, but the one in the file must give the same chain.
    let mut chain = [0; 32];
    let hkdf = Hkdf::<Sha256>::from_prk(&padded::<32>(case, "root")?).map_err(words)?;
    hkdf.expand(b"secretchat/1 chain", &mut chain).map_err(words)?;
    same_bytes("root", root.chain().expose(), chain)?;
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
pub(super) fn discard(case: &Case<'_>) -> Checked {
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
pub(super) fn padded<const N: usize>(case: &Case<'_>, name: &str) -> Result<[u8; N], String> {
    let digits = format!("{:0>width$}", case.text(name)?, width = 2 * N);
    hex::decode(digits).map_err(words)?.try_into().map_err(|_| format!("{name} is too long"))
}
