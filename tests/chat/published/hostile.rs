//! What reaches an end in place of the right value, in the handshake and in the first rekey (SPEC HYB-2, HYB-3).

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::kdf::Offset;
use secretchat::{Chat, ChatState, Config, Event, Handled, Input, Invitation, KeyFingerprint, RekeyFailure, Role};
use serde_json::Value;

use super::{Played, array, bytes, cases, draws, file, number};
use crate::support::agreement::Agreement;
use crate::support::forger::{self, Forger};
use crate::support::pair::{self, env};
use crate::support::rng::Seeded;

#[test]
fn every_published_hostile_value_has_its_outcome() {
    let file = file(Agreement::Hybrid);
    let case = cases(&file, "handshake").remove(0);
    let hostile = cases(&file, "public-value");
    assert_eq!(hostile.len(), 48);
    for hostile in hostile {
        let (what, value) = (&hostile["comment"], bytes(&hostile["value"]));
        assert_eq!(hostile["handshake"], case["id"]);
        match hostile["to"].as_str().unwrap() {
            "responder" => to_the_responder(&case, &hostile, &value),
            "initiator" => {
                let rng = &mut Scripted::new(draws(&case, ["a", "b"]).concat());
                let mut initiator = Chat::request(Config::hybrid("alice", "bob").unwrap(), &mut env(rng)).unwrap();
                let name = KeyFingerprint::from_bytes(array(&case["fingerprint"]));
                let refused = initiator.handle(Input::accepted(&value, name), &mut env(rng)).unwrap_err();
                assert_eq!(format!("{refused:?}"), hostile["error"], "{what}");
                let right = bytes(&case["B"]);
                let taken = initiator.handle(Input::accepted(&right, name), &mut env(rng));
                assert_eq!(taken, Ok(Handled::Applied), "{what}");
            }
            to => assert_eq!(in_a_rekey(&case, to, &value), [rekey_failure(&hostile)], "{what}"),
        }
    }
}

fn to_the_responder(case: &Value, hostile: &Value, value: &[u8]) {
    let what = &hostile["comment"];
    match Invitation::parse(value, Config::hybrid("bob", "alice").unwrap()) {
        Ok(invitation) => {
            let [_, answers] = draws(case, ["a", "b"]);
            let mut responder = invitation.accept(&mut env(&mut Scripted::new(answers))).unwrap();
            let (answer, name) = pair::accept_of(&mut responder);
            assert_eq!((answer, name.to_bytes()), (bytes(&hostile["B"]), array(&hostile["fingerprint"])), "{what}");
            assert_ne!(hostile["fingerprint"], case["fingerprint"]);
        }
        Err(refused) => assert_eq!(format!("{refused:?}"), hostile["error"], "{what}"),
    }
}

fn rekey_failure(hostile: &Value) -> RekeyFailure {
    match hostile["error"].as_str().unwrap() {
        "BadPublicValue" => RekeyFailure::BadValue,
        "FingerprintMismatch" => RekeyFailure::FingerprintMismatch,
        other => panic!("{other}"),
    }
}

/// Gives an end of the chat a value in the first rekey, and returns what it tells.
fn in_a_rekey(case: &Value, to: &str, value: &[u8]) -> Vec<RekeyFailure> {
    let step = &case["rekeys"][0];
    let Played { chats: [mut initiator, mut responder], mut rng } = Played::until(Agreement::Hybrid, case, 0);
    let (exchange_id, name) = (number(&step["exchange_id"]), KeyFingerprint::from_bytes(array(&step["fingerprint"])));
    // The initiator starts it; the hand-made end takes the place of the other one.
    let (chat, role, message) = match to {
        "answerer" => (&mut responder, Role::Initiator, forger::request(exchange_id, value)),
        _ => {
            rng.push(exchange_id.to_le_bytes().to_vec());
            draws(step, ["p", "q"])[0].iter().for_each(|draw| rng.push(draw.clone()));
            initiator.rekey(&mut env(&mut rng)).unwrap();
            (&mut initiator, Role::Responder, forger::accept(exchange_id, value, name.to_long()))
        }
    };
    let (chat_key, name) = (Secret::new(array(&case["chat_key"])), chat.key_fingerprint().unwrap());
    let mut forger = Forger::with_key(role, Offset::x25519, chat_key, name, Seeded::new(1));
    (forger.layer, forger.sent) = (144, i32::try_from(chat.counters().received).unwrap());
    forger.received = i32::try_from(chat.counters().sent).unwrap();
    assert_eq!(forger.give_next(chat, &message), Handled::Applied);
    assert_eq!((chat.state(), chat.rekeys(), chat.key_fingerprint()), (ChatState::Ready, 0, Some(name)));
    let failed = |event| match event {
        Event::RekeyFailed { reason, .. } => Some(reason),
        _ => None,
    };
    pair::events(chat).into_iter().filter_map(failed).collect()
}
