//! The state of a restored chat, in the form of the record vectors (SPEC REC-5, DRV-2). The tests of `secretchat` also
//! compile this file, so it must not use anything else of this crate.

use std::collections::BTreeMap;

use secretchat::{Chat, ChatState, Checkpoint, Env, Output, SeqNo, Transmit, TransmitKind};
use serde_json::{Value, json};

/// Returns each field by its name. Fields that few chats have are null, and most cases omit them.
pub(crate) fn told(chat: &mut Chat, env: &mut Env<'_>) -> Result<BTreeMap<&'static str, Value>, String> {
    if let Some(output) = chat.poll_output() {
        return Err(format!("expected no output of a chat that was restored, actual {output:?}"));
    }
    let state = match chat.state() {
        ChatState::Closed(reason) => format!("{reason:?}"),
        open => format!("{open:?}"),
    };
    let counters = chat.counters();
    let rekey = chat.rekey_state();
    Ok(BTreeMap::from([
        ("state", json!(state)),
        ("profile", json!(chat.profile().name())),
        ("checkpoint", checkpoint(chat)),
        ("sent", json!(counters.sent)),
        ("acknowledged", json!(counters.acknowledged)),
        ("received", json!(counters.received)),
        ("ttl", json!(chat.ttl().to_wire())),
        ("verification", json!(chat.verification().map(|value| hex::encode(value.to_bytes())))),
        ("fingerprint", json!(chat.key_fingerprint().map(|fingerprint| hex::encode(fingerprint.to_bytes())))),
        ("rekey", json!(rekey.name())),
        ("exchange_id", json!(rekey.exchange_id().map(|id| id.0.to_string()))),
        ("receipt", json!(chat.discard_receipt().map(hex::encode))),
        ("again", Value::Array(again(chat, env)?)),
        ("host_data", json!(Some(chat.host_data()).filter(|data| !data.is_empty()).map(hex::encode))),
        ("verified", json!(chat.verified().map(|compared| compared.check.map_or("handshake", |_| "check")))),
        ("exported", json!(chat.export_secret::<32>(b"vectors", b"").ok().map(|secret| hex::encode(secret.expose())))),
    ]))
}

/// Returns the checkpoint in the form that a host notes.
fn checkpoint(chat: &Chat) -> Value {
    chat.checkpoint().map_or(
        Value::Null,
        |Checkpoint { generation, tag }| json!({"generation": generation.to_string(), "tag": hex::encode(tag)}),
    )
}

fn again(chat: &mut Chat, env: &mut Env<'_>) -> Result<Vec<Value>, String> {
    chat.retransmit(env);
    std::iter::from_fn(|| chat.poll_output())
        .map(|output| match output {
            Output::Transmit(transmit) => sent(transmit),
            other => Err(format!("expected what is sent again, actual {other:?}")),
        })
        .collect()
}

fn sent(transmit: Transmit) -> Result<Value, String> {
    let slot = transmit.id.slot().map(SeqNo::get);
    Ok(match transmit.kind {
        TransmitKind::Request { public, .. } => json!({ "what": "request", "public": hex::encode(public) }),
        TransmitKind::Accept { public, fingerprint, .. } => json!({
            "what": "accept",
            "public": hex::encode(public),
            "fingerprint": hex::encode(fingerprint.to_bytes()),
        }),
        TransmitKind::Ciphertext { random_id, bytes, service, silent, file, .. } => json!({
            "what": "message",
            "slot": slot,
            "random_id": random_id.0.to_string(),
            "service": service,
            "silent": silent,
            "file": file.map(hex::encode),
            "sealed": hex::encode(bytes),
        }),
        TransmitKind::Discard { history, proof, .. } => json!({
            "what": "discard",
            "history": bool::from(history),
            "proof": proof.map(|proof| json!({ "sent": proof.sent, "mac": hex::encode(proof.mac) })),
        }),
        other => return Err(format!("expected what is sent again, actual {other:?}")),
    })
}
