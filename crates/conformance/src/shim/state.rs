//! The state of a chat, without keys.

use secretchat::{Chat, ChatState, KeyFingerprint, Outcome, RekeyState, Timestamp, Verification};
use serde_json::{Value, json};

use crate::codec::closed_for;

pub(crate) fn state(chat: &Chat) -> Value {
    let counters = chat.counters();
    let state = json!({
        "state": chat.state().name(),
        "profile": chat.profile().name(),
        "role": chat.role().name(),
        "own_layer": chat.own_layer().0,
        "peer_layer": chat.peer_layer().0,
        "ttl": chat.ttl().to_wire(),
        "sent": counters.sent,
        "acknowledged": counters.acknowledged,
        "received": counters.received,
        "key_fingerprint": chat.key_fingerprint().map(fingerprint),
        "verification": chat.verification().map(verification),
        "check": chat.check().map(verification),
        "verified": chat.verified().map(|verified| json!({"check": verified.check})),
        "scan_code": chat.scan_code().map(|code| code.to_string()),
        "rekeys": chat.rekeys(),
        "rekey": rekey(chat.rekey_state()),
        "generation": chat.checkpoint().map_or(0, |checkpoint| checkpoint.generation),
        "id": chat.id().map(|id| id.to_string()),
        "owes_acknowledgement": chat.owes_acknowledgement(),
        "awaits_transport": chat.awaits_transport(),
        "discard_receipt": chat.discard_receipt().map(hex::encode),
        "timeout": chat.poll_timeout().map(Timestamp::as_millis),
    });
    if let ChatState::Closed(reason) = chat.state() { closed_for(state, reason) } else { state }
}

/// Writes the diagnosis for support: as lines of text, and with the fields of each line.
pub(crate) fn diagnosis(chat: &Chat) -> Value {
    let outcomes = chat.diagnosis().outcomes().map(|outcome| {
        let Outcome { cause, name, times, .. } = outcome;
        json!({"cause": cause.name(), "name": name, "times": times, "minute": outcome.minute().as_millis()})
    });
    json!({"text": chat.diagnosis().to_string(), "outcomes": outcomes.collect::<Vec<_>>()})
}

fn rekey(state: RekeyState) -> Value {
    let mut value = json!({"state": state.name(), "exchange_id": state.exchange_id().map(|id| id.to_string())});
    if let RekeyState::Accepted { fingerprint: candidate, .. } = state {
        value["fingerprint"] = json!(fingerprint(candidate));
    }
    value
}

fn fingerprint(fingerprint: KeyFingerprint) -> String {
    hex::encode(fingerprint.to_bytes())
}

fn verification(verification: Verification) -> String {
    hex::encode(verification.to_bytes())
}
