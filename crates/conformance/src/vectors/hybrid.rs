//! `hybrid-profile-1` (SPEC HYB-1 to HYB-6).

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::handshake::hybrid::{Request, answer, check_request};
use secretchat::hazmat::handshake::{Binding, Established};
use secretchat::hazmat::schedule::{DiscardKeys, Ends, Labels, Root, Transcript};
use secretchat::hazmat::x25519::KeyPair;
use secretchat::{PeerFault, Role};

use super::case::{Case, Checked, equal, fails, same_bytes, words};
use super::root::{discard, ends, of_root, padded, rekey};

const LABELS: &Labels = &Labels::X25519_ML_KEM_768;

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "handshake" => handshake(case),
        "public-value" => public_value(case),
        "discard" => discard(case),
        "ends" => ends(case),
        _ => case.unknown_kind(),
    }
}

fn handshake(case: &Case<'_>) -> Checked {
    let (id_i, id_r, context) = (case.bytes("id_i")?, case.bytes("id_r")?, case.bytes("context")?);
    let ends = Ends::new(&id_i, &id_r, &context).map_err(words)?;
    let th = Transcript::from_bytes(padded(case, "th")?);
    equal("th", th, Transcript::new(LABELS, &ends, &case.bytes("A")?, &case.bytes("B")?))?;
    same_bytes("verification", padded::<36>(case, "verification")?, th.verification())?;
    let mut chain = Exchange::first(case).check(&Binding::Handshake(ends))?;
    for step in case.list("rekeys")? {
        let step = case.part(step);
        let binding = Binding::Rekey(rekey(&step, &chain, &th)?);
        chain = Exchange::next(&step).check(&binding)?;
    }
    Ok(())
}

/// Checks how an end handles a value that replaces the right one, in an exchange of another case.
fn public_value(case: &Case<'_>) -> Checked {
    let id = case.text("handshake")?;
    let handshake = case.file["cases"].as_array().and_then(|cases| cases.iter().find(|other| other["id"] == id));
    let handshake = case.part(handshake.ok_or_else(fails("handshake"))?);
    if !case.has("rekey") {
        let (id_i, id_r, context) = (handshake.bytes("id_i")?, handshake.bytes("id_r")?, handshake.bytes("context")?);
        let ends = Ends::new(&id_i, &id_r, &context).map_err(words)?;
        return Exchange::first(&handshake).check_value(&Binding::Handshake(ends), case);
    }
    let (number, steps) = (case.number::<usize>("rekey")?, handshake.list("rekeys")?);
    let step = |number: usize| Ok(handshake.part(steps.get(number).ok_or_else(fails("rekey"))?));
    let before = number.checked_sub(1).map_or_else(|| Ok::<_, String>(handshake.part(handshake.value)), step)?;
    let (chain, th) = (Secret::new(padded(&before, "chain")?), Transcript::from_bytes(padded(&handshake, "th")?));
    let step = step(number)?;
    Exchange::next(&step).check_value(&Binding::Rekey(rekey(&step, &chain, &th)?), case)
}

/// An exchange of a case, with the names of its fields.
struct Exchange<'c, 'f> {
    case: &'c Case<'f>,
    scalars: [&'static str; 2],
    publics: [&'static str; 2],
}

impl<'c, 'f> Exchange<'c, 'f> {
    fn first(case: &'c Case<'f>) -> Self {
        Self { case, scalars: ["a", "b"], publics: ["A", "B"] }
    }

    fn next(case: &'c Case<'f>) -> Self {
        Self { case, scalars: ["p", "q"], publics: ["P", "Q"] }
    }

    /// Checks both ends, and returns the chain. The two secrets are checked through the values derived from them.
    fn check(&self, binding: &Binding<'_>) -> Result<Secret<32>, String> {
        let Self { case, scalars: [asks, answers], publics: [request_name, answer_name] } = *self;
        let (request, answer_value) = (case.bytes(request_name)?, case.bytes(answer_name)?);
        let classic = |scalar, public: &[u8]| -> Checked {
            let shared =
                KeyPair::resume(Secret::new(padded(case, scalar)?)).shared_secret(&public[..32]).map_err(words)?;
            same_bytes("ss_x25519", padded::<32>(case, "ss_x25519")?, shared.expose())
        };
        classic(asks, &answer_value)?;
        classic(answers, &request)?;
        let root = root(case, binding, &request, &answer_value)?;
        of_root(case, &root)?;

        let pending = self.pending()?;
        same_bytes(request_name, &request, pending.public())?;
        let (public, answered) = answer(binding, &request, &mut self.draws()?).map_err(words)?;
        same_bytes(answer_name, &answer_value, public)?;
        for established in [answered, pending.confirm(binding, &answer_value).map_err(words)?] {
            same_keys(&established, &root)?;
        }
        Ok(root.chain())
    }

    /// Checks how an end of the exchange handles the value of `case`.
    fn check_value(&self, binding: &Binding<'_>, case: &Case<'_>) -> Checked {
        let [request_name, answer_name] = self.publics;
        let value = case.bytes("value")?;
        match case.text("to")? {
            "responder" | "answerer" => {
                let draws = &mut self.draws()?;
                let answered = check_request(&value).and_then(|value| answer(binding, &value, draws));
                let (public, established) = match answered {
                    Ok(answered) if case.is_valid()? => answered,
                    answered => return case.refused(answered.map(drop)),
                };
                same_bytes(answer_name, case.bytes(answer_name)?, public)?;
                computed(case, binding, &established, &value, &public)
            }
            "initiator" | "starter" => {
                let established = match self.pending()?.confirm(binding, &value) {
                    Ok(established) => established,
                    refused => return case.refused(refused.map(drop)),
                };
                computed(case, binding, &established, &self.case.bytes(request_name)?, &value)?;
                let right = established.fingerprint.to_bytes() == padded::<8>(self.case, "fingerprint")?;
                let result = if right { Ok(()) } else { Err(PeerFault::FingerprintMismatch) };
                if case.is_valid()? { result.map_err(words) } else { case.refused(result) }
            }
            other => Err(format!("no end is named {other}")),
        }
    }

    fn pending(&self) -> Result<Request, String> {
        let mut seed = [0; 64];
        seed[..32].copy_from_slice(&padded::<32>(self.case, "d")?);
        seed[32..].copy_from_slice(&padded::<32>(self.case, "z")?);
        Ok(Request::resume(Secret::new(padded(self.case, self.scalars[0])?), Secret::new(seed)))
    }

    /// Returns the draws of the answering end (SPEC RNG-3).
    fn draws(&self) -> Result<Scripted, String> {
        let draw = |name| padded::<32>(self.case, name).map(Vec::from);
        Ok(Scripted::new([draw(self.scalars[1])?, draw("m")?]))
    }
}

/// Derives the root from the two secrets that a case names.
fn root(case: &Case<'_>, binding: &Binding<'_>, request: &[u8], answer: &[u8]) -> Result<Root, String> {
    let mut shared = [0; 64];
    shared[..32].copy_from_slice(&padded::<32>(case, "ss_mlkem")?);
    shared[32..].copy_from_slice(&padded::<32>(case, "ss_x25519")?);
    let shared = Secret::new(shared);
    Ok(match binding {
        Binding::Handshake(ends) => {
            Root::of_handshake(LABELS, &shared, &Transcript::new(LABELS, ends, request, answer))
        }
        Binding::Rekey(rekey) => Root::of_rekey(LABELS, &shared, rekey, request, answer),
        Binding::Nothing => return Err("a key that is bound to nothing".into()),
    })
}

/// Checks the result that an end computed from a wrong value.
fn computed(
    case: &Case<'_>,
    binding: &Binding<'_>,
    established: &Established,
    request: &[u8],
    answer: &[u8],
) -> Checked {
    same_bytes("fingerprint", padded::<8>(case, "fingerprint")?, established.fingerprint.to_bytes())?;
    if case.has("th") {
        same_bytes("th", padded::<32>(case, "th")?, established.transcript.to_bytes())?;
    }
    if case.has("ss_mlkem") {
        same_keys(established, &root(case, binding, request, answer)?)?;
    }
    Ok(())
}

fn same_keys(established: &Established, root: &Root) -> Checked {
    same_bytes("fingerprint", root.fingerprint().to_bytes(), established.fingerprint.to_bytes())?;
    same_bytes("chat_key", root.chat_key().expose(), established.chat_key.expose())?;
    same_bytes("chain", root.chain().expose(), established.chain.expose())?;
    same_bytes("check", root.check(), established.check)?;
    let of = |keys: &DiscardKeys| [Role::Initiator, Role::Responder].map(|role| *keys.of(role).secret().expose());
    same_bytes("discard_keys", of(&root.discard_keys()).concat(), of(&established.discard_keys).concat())
}
