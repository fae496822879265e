//! The JSON of outputs.

use secretchat::{Batch, Output, RecordName, Timestamp, Transmit, TransmitKind};
use serde_json::{Value, json};

use super::event::event;
use super::text::opaque;

/// Writes an output.
pub(crate) fn output(output: &Output) -> Value {
    match output {
        Output::Event(told) => event(told),
        Output::Persist(batch) => persist(batch),
        Output::Transmit(told) => transmit(told),
        other => json!({"out": other.name()}),
    }
}

/// Writes a transmission.
pub(crate) fn transmit(Transmit { id, kind }: &Transmit) -> Value {
    let mut line = match kind {
        TransmitKind::Request { public, .. } => json!({"public": hex::encode(public)}),
        TransmitKind::Accept { public, fingerprint, .. } => {
            json!({"public": hex::encode(public), "fingerprint": hex::encode(fingerprint.to_bytes())})
        }
        TransmitKind::Discard { history, proof, .. } => json!({
            "history": bool::from(*history), "sent": proof.map(|proof| proof.sent), "proof": proof.map(|proof| hex::encode(proof.mac)),
        }),
        TransmitKind::Read { max_date, .. } => json!({"max_date": max_date.as_millis()}),
        TransmitKind::Typing { typing, .. } => json!({"typing": typing}),
        TransmitKind::Ciphertext { random_id, bytes, service, silent, file, .. } => json!({
            "random_id": random_id.to_string(), "bytes": hex::encode(bytes), "service": service, "silent": silent,
            "file": file.as_deref().map(opaque),
        }),
        _ => json!({}),
    };
    (line["out"], line["id"], line["kind"]) = (json!("transmit"), json!(id.0), json!(kind.name()));
    line
}

/// Writes the time of the chat's next timeout.
pub(crate) fn timeout(at: Option<Timestamp>) -> Value {
    json!({"out": "timeout", "at": at.map(Timestamp::as_millis)})
}

fn persist(batch: &Batch) -> Value {
    let put: Vec<_> = batch.put.iter().map(|(name, _)| name.to_string()).collect();
    let delete: Vec<_> = batch.delete.iter().map(RecordName::to_string).collect();
    json!({"out": "persist", "put": put, "delete": delete})
}
