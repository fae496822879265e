//! `conversation-1` and `script-1`: one end or both, driven call by call through [`Chat`].
//!
//! Each step names its end, the call of the host, all draws of that call, everything that the end then sends, and its
//! events.

use std::collections::VecDeque;

use secretchat::{
    Chat, CloseReason, Config, DhGroup, DiscardProof, Draft, Env, Event, Input, Invitation, KeyFingerprint, Output,
    Profile, RandomId, Timestamp, TransmitKind, Ttl, rng_from_fn,
};
use serde_json::{Value, json};

use super::case::{Case, Checked, equal, same_bytes, words};
use crate::codec::{self, Fields, FromJson, peer_policy};
use crate::play::meaning;

/// Any time will do, because nothing here waits.
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(super) fn check(case: &Case<'_>) -> Checked {
    play(case, |_| true)
}

/// Plays the steps of the ends that are under test.
pub(super) fn play(case: &Case<'_>, is_tested: impl Fn(&str) -> bool) -> Checked {
    let mut ends = [None, None];
    for (n, step) in case.list("steps")?.iter().enumerate() {
        let step = case.part(step);
        if !is_tested(step.text("end")?) {
            continue;
        }
        let is_responder = step.text("end")? == "responder";
        let chat = &mut ends[usize::from(is_responder)];
        take(case, &step, chat, is_responder)
            .map_err(|error| format!("step {n}, {}: {error}", step.text("end").unwrap_or("")))?;
    }
    // A chat that is closed or never had a key has no verification value.
    for value in ends.iter().flatten().filter_map(Chat::verification) {
        same_bytes("verification", case.bytes("verification")?, value.to_bytes())?;
    }
    Ok(())
}

fn take(case: &Case<'_>, step: &Case<'_>, chat: &mut Option<Chat>, is_responder: bool) -> Checked {
    // An end may ask the generator once for several values of the document: only the order of their bytes is fixed.
    let mut draws = VecDeque::new();
    for draw in step.list("draws")? {
        draws.extend(hex::decode(draw.as_str().unwrap_or_default()).map_err(words)?);
    }
    let mut missing = 0;
    let mut rng = rng_from_fn(|to: &mut [u8]| {
        missing += to.len().saturating_sub(draws.len());
        to.fill_with(|| draws.pop_front().unwrap_or_default());
    });
    let env = &mut Env::new(NOW, &mut rng);
    match step.text("call")? {
        "request" => *chat = Some(Chat::request(config(case, is_responder)?, env).map_err(words)?),
        "accept" => {
            let invitation = Invitation::parse(&step.bytes("public")?, config(case, is_responder)?).map_err(words)?;
            *chat = Some(invitation.accept(env).map_err(words)?);
        }
        _ => call(step, chat.as_mut().ok_or("no chat was begun")?, env)?,
    }
    if !draws.is_empty() {
        return Err("expected more draws".into());
    }
    equal("bytes drawn besides", 0, missing)?;
    let (mut sent, mut told, mut heard) = (Vec::new(), Vec::new(), VecDeque::new());
    let chat = chat.as_mut().ok_or("no chat was begun")?;
    while let Some(output) = chat.poll_output() {
        match output {
            Output::Transmit(transmit) => sent.push(shown(transmit.kind)),
            Output::Event(event) => {
                told.extend(news(&event));
                heard.extend(Some(event).filter(meaning::is_news));
            }
            _ => {}
        }
    }
    equal("sent", step.list("sent")?, &sent)?;
    let expected: Vec<&str> = step.list("told")?.iter().filter_map(Value::as_str).collect();
    equal("told", expected, told.iter().map(String::as_str).collect())?;
    if !step.has("decoded") {
        return Ok(());
    }
    meaning::check(step.value, &mut heard)?;
    equal("events besides", None, heard.pop_front().map(|event| event.name()))
}

fn call(step: &Case<'_>, chat: &mut Chat, env: &mut Env<'_>) -> Checked {
    let handled = match step.text("call")? {
        "accepted" => {
            let fingerprint = KeyFingerprint::from_bytes(step.array("fingerprint")?);
            chat.handle(Input::accepted(&step.bytes("public")?, fingerprint), env)
        }
        "receive" => {
            let date = step.has("date").then(|| meaning::date(step.value));
            chat.handle(Input::ciphertext(&step.bytes("bytes")?, meaning::file(step.value), date), env)
        }
        "discarded" => chat.handle(Input::discarded(step.flag("history")?.into(), discard_proof(step)?), env),
        "send" => return chat.send(&draft(step, chat.profile())?, env).map(|_| ()).map_err(words),
        "delete" => {
            let ids = step.list("random_ids")?.iter().filter_map(|id| id.as_str()?.parse().ok()).map(RandomId);
            return chat.delete(&ids.collect::<Vec<_>>(), env).map(drop).map_err(words);
        }
        "set_ttl" => {
            let ttl = Ttl::from_seconds(step.number("seconds")?).map_err(words)?;
            return chat.set_ttl(ttl, env).map_err(words);
        }
        "acknowledge" => return chat.acknowledge(env).map_err(words),
        "rekey" => return chat.rekey(env).map_err(words),
        "close" => {
            chat.close(step.flag("history")?.into(), env);
            return Ok(());
        }
        other => return Err(format!("no call is named {other}")),
    };
    let actual = match handled {
        Ok(handled) => format!("{handled:?}"),
        Err(fault) => format!("{fault:?}"),
    };
    equal("handled", step.text("handled")?, actual.as_str())
}

fn draft(step: &Case<'_>, profile: &Profile) -> Result<Draft, String> {
    let named = ["text", "entities", "media", "file"].map(|name| (name.to_owned(), step.value[name].clone()));
    let fields = Fields::from_json(Value::Object(named.into_iter().collect())).map_err(words)?;
    let asks = if step.has("asks") { step.list("asks")? } else { &Vec::new() };
    asks.iter().try_fold(codec::draft(fields, profile).map_err(words)?, |draft, name| match name.as_str() {
        Some("silent") => Ok(draft.silently()),
        Some("protected") => Ok(draft.protected()),
        Some("hidden") => Ok(draft.hidden()),
        _ => Err(format!("no flag is named {name}")),
    })
}

fn config(case: &Case<'_>, is_responder: bool) -> Result<Config, String> {
    let (ours, theirs) = (case.bytes("id_i")?, case.bytes("id_r")?);
    let (ours, theirs) = if is_responder { (theirs, ours) } else { (ours, theirs) };
    match case.text("profile")? {
        "x25519" => Config::x25519(ours, theirs).map_err(words),
        "hybrid" => Config::hybrid(ours, theirs).map_err(words),
        "telegram" => {
            let policy = peer_policy(case.text("policy")?).ok_or("no policy has this name")?;
            Ok(Config::telegram(DhGroup::published(case.number("g")?).map_err(words)?, policy))
        }
        other => Err(format!("no profile is named {other}")),
    }
}

fn discard_proof(step: &Case<'_>) -> Result<Option<DiscardProof>, String> {
    if !step.has("proof") {
        return Ok(None);
    }
    let proof = step.field("proof");
    Ok(Some(DiscardProof { sent: proof.number("sent")?, mac: proof.array("mac")? }))
}

fn shown(kind: TransmitKind) -> Value {
    match kind {
        TransmitKind::Request { public, .. } => json!({ "request": hex::encode(public) }),
        TransmitKind::Accept { public, fingerprint, .. } => {
            json!({ "accept": hex::encode(public), "fingerprint": hex::encode(fingerprint.to_bytes()) })
        }
        TransmitKind::Ciphertext { bytes, .. } => json!({ "ciphertext": hex::encode(bytes) }),
        TransmitKind::Discard { history, proof, .. } => {
            let proof = proof.map(|proof| json!({ "sent": proof.sent, "mac": hex::encode(proof.mac) }));
            json!({ "discard": bool::from(history), "proof": proof })
        }
        _ => json!("something else"),
    }
}

/// Returns the part of an event that is compared, if it is compared at all.
fn news(event: &Event) -> Option<String> {
    Some(match event {
        Event::Ready { .. } => "ready".into(),
        Event::Message(message) => format!("message {}", message.content.text),
        Event::Deleted { random_ids, .. } => {
            let ids: Vec<_> = random_ids.iter().map(ToString::to_string).collect();
            format!("deleted {}", ids.join(" "))
        }
        Event::TtlChanged { ttl, .. } => format!("ttl {}", ttl.to_wire()),
        Event::Rekeyed { rekeys, .. } => format!("rekeyed {rekeys}"),
        Event::RekeyFailed { reason, .. } => format!("rekey failed {reason:?}"),
        Event::Unsupported => "unsupported".into(),
        Event::Closed { reason: CloseReason::Violation(violation), .. } => format!("closed {violation:?}"),
        Event::Closed { reason, missing, set_back, .. } => {
            let missing = missing.map(|missing| format!(", missing {missing}")).unwrap_or_default();
            format!("closed {reason:?}{missing}{}", if *set_back { ", set back" } else { "" })
        }
        _ => return None,
    })
}
