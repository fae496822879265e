//! `rekey-1` (SPEC REKEY-2, REKEY-3, REKEY-5, REKEY-6).

use secretchat::hazmat::rekey::{
    Context, KeyUse, Outcome, RekeyPolicy, RekeyState, Said, is_unanswered, noop_held_until, pause_millis,
};
use secretchat::hazmat::time::Elapsed;
use secretchat::{ExchangeId, KeyFingerprint, RekeyFailure, Role};

use super::case::{Case, Checked, equal};

pub(super) fn check(case: &Case<'_>) -> Checked {
    match case.kind() {
        "table" => {
            let message = case.part(&case.value["message"]);
            let of_request = |name| if message.text("name")? == "RequestKey" { message.flag(name) } else { Ok(true) };
            let context = Context {
                ended: if case.has("ended") { Some(ExchangeId(case.number("ended")?)) } else { None },
                under_current: of_request("under_current_key")?,
                counts_ours: of_request("counts_ours")?,
            };
            let outcome = said(&message)?.outcome(state(&case.part(&case.value["state"]))?, context);
            let actual = match outcome {
                Outcome::Answer => "answer",
                Outcome::AnswerInstead => "answer instead",
                Outcome::Derive => "derive",
                Outcome::Switch => "switch",
                Outcome::Drop(RekeyFailure::Aborted) => "dropped: aborted",
                Outcome::Drop(RekeyFailure::FingerprintMismatch) => "dropped: fingerprint mismatch",
                Outcome::Drop(_) => "dropped",
                Outcome::Cancel => "both dropped",
                Outcome::Ignore => "ignored",
                Outcome::Unexpected => "off the table",
            };
            equal("outcome", case.text(if case.is_valid()? { "outcome" } else { "error" })?, actual)
        }
        "due" => due(case),
        "unanswered" => {
            let now = Elapsed::from_millis(case.number("now")?);
            let asked = Elapsed::from_millis(case.number("asked")?);
            let given_up = is_unanswered(&RekeyPolicy::x25519(), case.number("messages")?, asked, now);
            equal("given_up", case.flag("given_up")?, given_up)
        }
        "pause" => equal("pause", case.number("pause")?, pause_millis(case.number("failures")?)),
        "noop" => {
            let held =
                noop_held_until(Elapsed::from_millis(case.number("since")?), Elapsed::from_millis(case.number("now")?));
            let expected = if case.has("held_until") { Some(case.number("held_until")?) } else { None };
            equal("held_until", expected, held.map(Elapsed::as_millis))
        }
        _ => case.unknown_kind(),
    }
}

/// Checks both standard policies. They differ in what happens at the limit, not in when it is reached.
fn due(case: &Case<'_>) -> Checked {
    let (bytes, bound) =
        if case.has("bytes") { (case.number("bytes")?, Some(case.number::<u64>("bound")?)) } else { (u64::MAX, None) };
    let key = KeyUse { messages: case.number("use")?, bytes, since: Elapsed::from_millis(case.number("since")?) };
    let now = Elapsed::from_millis(case.number("now")?);
    for policy in [RekeyPolicy::x25519(), RekeyPolicy::telegram()] {
        let policy = policy.with_bytes(bound);
        equal("initiator_asks", case.flag("initiator_asks")?, key.is_due(&policy, Role::Initiator, now))?;
        equal("responder_asks", case.flag("responder_asks")?, key.is_due(&policy, Role::Responder, now))?;
        equal("over_the_limit", case.flag("over_the_limit")?, key.is_overdue(&policy, now))?;
    }
    Ok(())
}

fn state(case: &Case<'_>) -> Result<RekeyState, String> {
    let exchange_id = || case.number("exchange_id").map(ExchangeId);
    Ok(match case.text("name")? {
        "idle" => RekeyState::Idle,
        "requested" => RekeyState::Requested { exchange_id: exchange_id()? },
        "asked" => RekeyState::Asked { exchange_id: exchange_id()? },
        "accepted" => RekeyState::Accepted { exchange_id: exchange_id()?, fingerprint: fingerprint(case)? },
        "answered" => RekeyState::Answered { exchange_id: exchange_id()? },
        other => return Err(format!("no state is named {other}")),
    })
}

fn said(case: &Case<'_>) -> Result<Said<'static>, String> {
    let exchange_id = ExchangeId(case.number("exchange_id")?);
    Ok(match case.text("name")? {
        "RequestKey" => Said::Request { exchange_id, public: &[] },
        "AcceptKey" => Said::Accept { exchange_id, public: &[], fingerprint: KeyFingerprint::from_long(0) },
        "CommitKey" => Said::Commit { exchange_id, fingerprint: fingerprint(case)? },
        "AbortKey" => Said::Abort { exchange_id },
        other => return Err(format!("no message is named {other}")),
    })
}

fn fingerprint(case: &Case<'_>) -> Result<KeyFingerprint, String> {
    Ok(KeyFingerprint::from_bytes(case.array("fingerprint")?))
}
