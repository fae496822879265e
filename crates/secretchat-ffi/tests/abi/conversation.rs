//! The recorded conversations of `test-vectors`, byte for byte: their draws are the bytes of the generator.

use secretchat_ffi::*;
use serde_json::{Value, json};

use crate::lend::{bytes, code, made, many, ok, one, pointed, read, read_ids, to, variant};

const CONVERSATIONS: &str = include_str!("../../../../test-vectors/conversation.json");
const SCRIPTS: &str = include_str!("../../../../test-vectors/script.json");

/// Any time will do, because nothing here waits.
const NOW: u64 = 1_700_000_000_000;

fn hex_of(value: &Value, field: &str) -> Vec<u8> {
    hex::decode(value[field].as_str().unwrap_or_else(|| panic!("{field}"))).unwrap()
}

/// One end of a case.
#[derive(Default)]
struct End {
    chat: Option<Box<ScChat>>,
}

#[test]
fn recorded_conversations_are_repeated_to_the_byte() {
    let mut steps = 0;
    for file in [CONVERSATIONS, SCRIPTS] {
        let file: Value = serde_json::from_str(file).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let mut ends = [End::default(), End::default()];
            for (n, step) in case["steps"].as_array().unwrap().iter().enumerate() {
                let is_responder = step["end"] == "responder";
                ends[usize::from(is_responder)].take(case, step, is_responder, &format!("{}, step {n}", case["id"]));
                steps += 1;
            }
            for chat in ends.into_iter().filter_map(|end| end.chat) {
                let state = made_state(&chat);
                if state.has_verification != 0 {
                    assert_eq!(hex::encode(state.verification), case["verification"], "{}", case["id"]);
                }
                sc_chat_free(Some(chat));
            }
        }
    }
    assert!(steps > 700, "{steps}");
}

fn made_state(chat: &ScChat) -> ScState {
    let mut state = std::mem::MaybeUninit::uninit();
    // SAFETY: the call writes a whole state.
    unsafe {
        ok(sc_chat_state(Some(chat), Out::new(state.as_mut_ptr())));
        state.assume_init()
    }
}

impl End {
    fn take(&mut self, case: &Value, step: &Value, is_responder: bool, place: &str) {
        let draws: Vec<u8> = step["draws"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|draw| hex::decode(draw.as_str().unwrap()).unwrap())
            .collect();
        let mut env = made(|out| sc_env_from_bytes(many(&draws), draws.len(), out));
        ok(sc_env_set_now(Some(&mut env), NOW));
        match step["call"].as_str().unwrap() {
            "request" => {
                self.chat = Some(configured(case, is_responder, |config| {
                    made(|out| sc_chat_request(one(config), Some(&mut env), out))
                }));
            }
            "accept" => {
                self.chat = Some(configured(case, is_responder, |config| {
                    let public = hex_of(step, "public");
                    let invitation = made(|out| sc_invitation_parse(many(&public), public.len(), one(config), out));
                    let chat = made(|out| sc_invitation_accept(Some(&invitation), Some(&mut env), out));
                    sc_invitation_free(Some(invitation));
                    chat
                }));
            }
            call => self.call(call, step, &mut env, place),
        }
        assert_eq!(sc_env_bytes_left(Some(&env)), 0, "{place}: draws are left");
        sc_env_free(Some(env));
        let (sent, told) = self.drain();
        assert_eq!(json!(sent), step["sent"], "{place}");
        assert_eq!(json!(told), step["told"], "{place}");
    }

    fn call(&mut self, call: &str, step: &Value, env: &mut ScEnv, place: &str) {
        let chat = self.chat.as_deref_mut();
        let env = Some(env);
        let mut became = 0;
        let status = match call {
            "accepted" => {
                let public = hex_of(step, "public");
                let fingerprint = i64::from_le_bytes(hex_of(step, "fingerprint").try_into().unwrap());
                sc_chat_accepted(chat, env, many(&public), public.len(), fingerprint, to(&mut became))
            }
            "receive" => {
                let message = hex_of(step, "bytes");
                sc_chat_ciphertext(chat, env, many(&message), message.len(), In::NULL, SC_NO_TIME, to(&mut became))
            }
            "discarded" => {
                let history = u16::from(step["history"].as_bool().unwrap());
                if step["proof"].is_null() {
                    sc_chat_discarded(chat, env, history, In::NULL, 0, to(&mut became))
                } else {
                    let sent = u32::try_from(step["proof"]["sent"].as_u64().unwrap()).unwrap();
                    let mac = hex_of(&step["proof"], "mac");
                    sc_chat_discarded(chat, env, history, many(&mac), sent, to(&mut became))
                }
            }
            "send" => {
                let asks = |name: &str| step["asks"].as_array().is_some_and(|asks| asks.contains(&json!(name)));
                let draft = ScDraft {
                    text: bytes(step["text"].as_str().unwrap().as_bytes()),
                    is_silent: asks("silent").into(),
                    is_protected: asks("protected").into(),
                    is_hidden: asks("hidden").into(),
                    ..ScDraft::default()
                };
                return ok(sc_chat_send(chat, env, one(&draft), Out::NULL));
            }
            "delete" => {
                let ids = step["random_ids"].as_array().unwrap().iter();
                let ids: Vec<i64> = ids.map(|id| id.as_str().unwrap().parse().unwrap()).collect();
                return ok(sc_chat_delete(chat, env, many(&ids), ids.len(), Out::NULL));
            }
            "set_ttl" => {
                let seconds = u32::try_from(step["seconds"].as_u64().unwrap()).unwrap();
                return ok(sc_chat_set_ttl(chat, env, seconds));
            }
            "acknowledge" => return ok(sc_chat_acknowledge(chat, env)),
            "rekey" => return ok(sc_chat_rekey(chat, env)),
            "close" => return ok(sc_chat_close(chat, env, step["history"].as_bool().unwrap().into())),
            other => panic!("{place}: no call is named {other}"),
        };
        let actual = if status == 0 { variant(&["Handled"], became) } else { variant(&["PeerFault"], status) };
        assert_eq!(step["handled"], actual, "{place}");
    }

    /// Takes all outputs: what is sent, and the part of the events that is compared.
    fn drain(&mut self) -> (Vec<Value>, Vec<String>) {
        let (mut sent, mut told) = (Vec::new(), Vec::new());
        let mut output = ScOutput::default();
        loop {
            ok(sc_chat_poll(self.chat.as_deref_mut(), to(&mut output)));
            match output.kind {
                0 => return (sent, told),
                kind if kind == code("Output", "transmit") => sent.push(shown(&output)),
                kind if kind == code("Output", "event") => told.extend(news(&output)),
                _ => {}
            }
        }
    }
}

/// Makes a call with the configuration of a case.
fn configured<R>(case: &Value, is_responder: bool, call: impl FnOnce(&ScConfig) -> R) -> R {
    let (ours, theirs) = (hex_of(case, "id_i"), hex_of(case, "id_r"));
    let (ours, theirs) = if is_responder { (theirs, ours) } else { (ours, theirs) };
    let profile = match case["profile"].as_str().unwrap() {
        "telegram" => SC_PROFILE_TELEGRAM,
        "x25519" => SC_PROFILE_X25519,
        _ => SC_PROFILE_HYBRID,
    };
    let mut config = ScConfig::default();
    ok(sc_config_init(to(&mut config), profile));
    if profile == SC_PROFILE_TELEGRAM {
        let generator = u32::try_from(case["g"].as_u64().unwrap()).unwrap();
        let mut env = made(|out| sc_env_from_bytes(In::NULL, 0, out));
        let group = made(|out| sc_group_check(generator, In::NULL, 0, 0, Some(&mut env), out));
        config.group = one(&*group);
        config.peer_policy = code("PeerPolicy", case["policy"].as_str().unwrap());
        let result = call(&config);
        sc_group_free(Some(group));
        sc_env_free(Some(env));
        return result;
    }
    (config.local_id, config.peer_id) = (bytes(&ours), bytes(&theirs));
    call(&config)
}

fn shown(output: &ScOutput) -> Value {
    let content = hex::encode(read(output.bytes));
    match variant(&["TransmitKind"], output.what).as_str() {
        "Request" => json!({ "request": content }),
        "Accept" => json!({ "accept": content, "fingerprint": hex::encode(output.fingerprint.to_le_bytes()) }),
        "Ciphertext" => json!({ "ciphertext": content }),
        "Discard" => {
            let proof = (output.has_proof != 0).then(|| json!({ "sent": output.sent, "mac": content }));
            json!({ "discard": output.history == code("History", "delete"), "proof": proof })
        }
        _ => json!("something else"),
    }
}

/// Returns the part of an event that is compared, if it is compared at all.
fn news(output: &ScOutput) -> Option<String> {
    Some(match variant(&["Event"], output.what).as_str() {
        "Ready" => "ready".into(),
        "Message" => {
            let text = read(pointed(output.message).unwrap().content.text);
            format!("message {}", String::from_utf8(text).unwrap())
        }
        "Deleted" => {
            let ids: Vec<_> = read_ids(output.ids).iter().map(ToString::to_string).collect();
            format!("deleted {}", ids.join(" "))
        }
        "TtlChanged" => format!("ttl {}", output.ttl),
        "Rekeyed" => format!("rekeyed {}", output.rekeys),
        "RekeyFailed" => format!("rekey failed {}", variant(&["RekeyFailure"], output.reason)),
        "Unsupported" => "unsupported".into(),
        "Closed" => {
            let reason = variant(&["CloseReason", "Violation"], output.reason);
            let missing = if output.has_missing != 0 { format!(", missing {}", output.missing) } else { String::new() };
            format!("closed {reason}{missing}{}", if output.is_set_back != 0 { ", set back" } else { "" })
        }
        _ => return None,
    })
}
