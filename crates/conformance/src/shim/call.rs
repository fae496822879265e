//! The commands that are calls of a chat.

use secretchat::{
    Chat, DiscardProof, Env, Handled, IncomingFile, Input, KeyFingerprint, Layer, Notice, Profile, RandomId,
    TransmitId, Verification,
};
use serde_json::{Value, json};

use super::failure::{Failure, Misuse};
use crate::codec::{self, FieldError, Fields, camel, draft, ttl, typing_action};

/// Calls the chat, and returns its result. The command is looked up first, even if there is no chat.
pub(crate) fn call(
    command: &str,
    mut fields: Fields,
    chat: Result<&mut Chat, Misuse>,
    profile: &Profile,
    env: &mut Env<'_>,
) -> Result<Value, Failure> {
    match command {
        "accepted" => {
            let (public, fingerprint): (Vec<u8>, _) = (fields.need("public")?, fields.need("fingerprint")?);
            fields.end()?;
            let fingerprint = KeyFingerprint::from_bytes(fingerprint);
            return handled(chat?.handle(Input::accepted(&public, fingerprint), env)?);
        }
        "accepted_elsewhere" => {
            fields.end()?;
            return handled(chat?.handle(Input::AcceptedElsewhere, env)?);
        }
        "discarded" => {
            let (history, mac, sent) = (fields.need::<bool>("history")?, fields.get("proof")?, fields.get("sent")?);
            fields.end()?;
            let proof = match (mac, sent) {
                (Some(mac), Some(sent)) => Some(DiscardProof { sent, mac }),
                (None, None) => None,
                // Each needs the other.
                _ => return Err(FieldError::Missing.into()),
            };
            return handled(chat?.handle(Input::discarded(history.into(), proof), env)?);
        }
        "discard_receipt" => {
            let proof = fields.get("proof")?;
            fields.end()?;
            return handled(chat?.handle(Input::discard_receipt(proof.as_ref()), env)?);
        }
        "ciphertext" => {
            let (bytes, date): (Vec<u8>, _) = (fields.need("bytes")?, fields.get("date")?);
            let file = fields.get("file")?.map(incoming_file).transpose()?;
            fields.end()?;
            return handled(chat?.handle(Input::ciphertext(&bytes, file, date), env)?);
        }
        "carried" => {
            let (id, date) = (TransmitId(fields.need("id")?), fields.get("date")?);
            fields.end()?;
            return handled(chat?.handle(Input::carried(id, date), env)?);
        }
        "refused" => {
            let (id, permanent) = (TransmitId(fields.need("id")?), fields.need("permanent")?);
            fields.end()?;
            return handled(
                chat?.handle(if permanent { Input::refused_for_good(id) } else { Input::refused(id) }, env)?,
            );
        }
        "peer_read" => {
            let (max_date, date) = (fields.need("max_date")?, fields.get("date")?);
            fields.end()?;
            return handled(chat?.handle(Input::read(max_date, date), env)?);
        }
        "peer_typing" => {
            fields.end()?;
            return handled(chat?.handle(Input::Typing, env)?);
        }
        "send" => {
            let draft = draft(fields, profile)?;
            return Ok(json!(chat?.send(&draft, env)?.to_string()));
        }
        "send_album" => {
            let items: Vec<Fields> = fields.only("items")?;
            let drafts = items.into_iter().map(|item| draft(item, profile)).collect::<Result<Vec<_>, _>>()?;
            return Ok(json!(codec::ids(&chat?.send_album(&drafts, env)?)));
        }
        "set_ttl" => chat?.set_ttl(ttl(fields.only("seconds")?)?, env)?,
        "mark_read" => return notice(chat?.mark_read(&fields.only::<Vec<RandomId>>("ids")?, env)?),
        "mark_read_up_to" => chat?.mark_read_up_to(fields.only("max_date")?, env)?,
        "open_view" => return notice(chat?.open_view(fields.only("id")?, env)?),
        "close_view" => chat?.close_view(fields.only("id")?, env)?,
        "screenshot" => chat?.report_screenshot(&fields.only::<Vec<RandomId>>("ids")?, env)?,
        "delete" => return notice(chat?.delete(&fields.only::<Vec<RandomId>>("ids")?, env)?),
        "typing" => {
            let action = typing_action(&fields.only::<String>("action")?).ok_or(FieldError::Bad)?;
            chat?.typing(action, env)?;
        }
        "announce_layer" => chat?.announce_layer(Layer(fields.only("layer")?), env)?,
        "close" => chat?.close(fields.only::<bool>("history")?.into(), env),
        "flush_history" => {
            fields.end()?;
            return notice(chat?.flush_history(env)?);
        }
        "rekey" => {
            fields.end()?;
            chat?.rekey(env)?;
        }
        "mark_verified" => chat?.mark_verified(Verification::from_bytes(fields.only("value")?), env)?,
        "mark_scanned" => chat?.mark_scanned(&fields.only::<String>("code")?, env)?,
        "export" => {
            let (label, context): (Vec<u8>, Vec<u8>) = (fields.need("label")?, fields.or_default("context")?);
            fields.end()?;
            return Ok(json!(hex::encode(chat?.export_secret::<32>(&label, &context)?.expose())));
        }
        "forget_exporter" => {
            fields.end()?;
            chat?.forget_exporter(env);
        }
        "clear_verified" => {
            fields.end()?;
            chat?.clear_verified(env);
        }
        "retransmit" => {
            fields.end()?;
            chat?.retransmit(env);
        }
        "accept_again" => {
            fields.end()?;
            chat?.accept_again(env);
        }
        "acknowledge" => {
            fields.end()?;
            chat?.acknowledge(env)?;
        }
        _ => return Err(Misuse::UnknownCommand.into()),
    }
    Ok(Value::Null)
}

fn incoming_file(mut fields: Fields) -> Result<IncomingFile, FieldError> {
    let file = IncomingFile::new(fields.need::<String>("reference")?.into_bytes())
        .with_size(fields.get("size")?)
        .with_fingerprint(fields.get("fingerprint")?);
    fields.end()?;
    Ok(file)
}

fn handled(handled: Handled) -> Result<Value, Failure> {
    Ok(json!(handled.name()))
}

/// Writes whether the peer will be told of an action that is already done here.
fn notice(notice: Notice) -> Result<Value, Failure> {
    Ok(match notice {
        Notice::Queued(id) => json!({"queued": id.0}),
        Notice::LeftOut(limit) => json!({"left_out": camel(limit.name())}),
        other => json!(other.name()),
    })
}
