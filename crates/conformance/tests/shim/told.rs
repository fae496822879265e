//! What a host is told when something does not go as its user thinks.

use serde_json::{Value, json};

use crate::peer::{PROFILES, Pair, config};
use crate::process::{Answer, START, Shim, has};

fn events(answer: &Answer) -> Vec<&Value> {
    answer.out("event").collect()
}

/// The carrier refuses for good what tells the peer of an action (SPEC SEQ-8).
#[test]
fn an_action_that_is_refused_is_named() {
    for profile in PROFILES {
        let Pair { mut alice, .. } = Pair::ready(profile, &json!({}));
        for (command, fields, action, ttl) in [
            ("set_ttl", json!({"seconds": 30}), "set_ttl", json!(30)),
            ("delete", json!({"ids": ["5"]}), "delete", Value::Null),
            ("screenshot", json!({"ids": []}), "report_screenshot", Value::Null),
        ] {
            let id = alice.tell(command, &fields).out("transmit").next().unwrap()["id"].clone();
            let refused = alice.tell("refused", &json!({"id": id, "permanent": true}));
            let failed = json!({"event": "action_failed", "id": id, "action": action, "ttl": ttl});
            assert!(has(events(&refused)[0], &failed), "{profile} {:?}", refused.outputs);
        }
    }
}

/// What protects is done, also where no message can tell the peer (SPEC LIM-6).
#[test]
fn a_limit_leaves_a_notice_out() {
    for profile in PROFILES {
        let Pair { mut alice, .. } = Pair::ready(profile, &json!({"limits": {"outbox_messages": 20}}));
        let mut last = Value::Null;
        while let answer = alice.tell("send", &json!({"text": "x"}))
            && answer.err().is_none()
        {
            last = answer.done().clone();
        }
        for (command, fields) in [("delete", json!({"ids": [last]})), ("flush_history", json!({}))] {
            let answer = alice.tell(command, &fields);
            assert_eq!(answer.done(), &json!({"left_out": "OutboxFull"}), "{profile} {command}");
            assert!(answer.out("persist").count() > 0, "{profile} {command}: done here");
        }
        let nothing = alice.tell("delete", &json!({"ids": []}));
        assert_eq!((nothing.done(), nothing.out("persist").count()), (&json!("nothing"), 0), "{profile}");
    }
}

/// Three messages under a key that a restored chat does not have (SPEC REC-8).
#[test]
fn unknown_keys_after_a_restart_are_a_suspicion() {
    for profile in PROFILES {
        let Pair { mut alice, .. } = Pair::ready(profile, &json!({}));
        alice.tell("restart", &json!({})).done();
        for message in ["01", "02", "03"] {
            assert!(events(&alice.tell("now", &json!({"now": START}))).is_empty(), "{profile} {message}");
            let answer = alice.tell("ciphertext", &json!({"bytes": message.repeat(200)}));
            assert_eq!(answer.err(), Some(("peer", "UnknownKey")), "{profile}");
        }
        let suspected = alice.tell("now", &json!({"now": START}));
        assert!(has(events(&suspected)[0], &json!({"event": "rollback_suspected"})), "{profile}");
        assert!(events(&alice.tell("now", &json!({"now": START}))).is_empty(), "{profile}: once");
    }
}

/// The initiator of a recorded conversation was TDLib 1.8.66: with its exponent the shim makes its public value, opens what
/// was sealed for it under MTProto 1.0, then what was under 2.0 (SPEC ENV-5).
#[test]
fn a_peer_that_begins_under_the_old_protocol_is_told_of() {
    let recording = include_str!("../../../../test-vectors/tdlib/hostile/mtproto1_layer46_td_orig.json");
    let recording: Value = serde_json::from_str(recording).unwrap();
    let key = &recording["secrets"]["keys"][0];
    let wires: Vec<_> =
        recording["steps"].as_array().unwrap().iter().filter(|step| step["dir"] == "python->tdlib").collect();
    let [old, new] = wires[..] else { panic!("two messages to TDLib") };
    assert!(old["tampered"].as_str().unwrap().starts_with("MTProto 1.0"));

    let mut alice = Shim::set_up(&config("telegram", true, &json!({"draws": [key["td_private"]]})));
    let request = alice.tell("request", &json!({}));
    assert_eq!(request.out("transmit").next().unwrap()["public"], key["td_public"]);
    let fingerprint = key["key_fingerprint"].as_str().unwrap().parse::<i64>().unwrap();
    let accepted = json!({"public": key["python_public"], "fingerprint": hex::encode(fingerprint.to_le_bytes())});
    assert_eq!(alice.tell("accepted", &accepted).done(), "applied");

    // Its text is not shown.
    let [told, unsupported] = ["old_protocol", "unsupported"].map(|name| json!({"out": "event", "event": name}));
    let answer = alice.tell("ciphertext", &json!({"bytes": old["wire"]}));
    let shown: Vec<_> = events(&answer).into_iter().filter(|line| line["event"] != "acknowledged").collect();
    assert_eq!((answer.done(), shown), (&json!("applied"), vec![&told, &unsupported]));
    alice.tell("send", &json!({"text": "td answer"})).done();
    let message = json!({"event": "message", "text": "alive?"});
    let answer = arrives(&mut alice, &new["wire"]);
    assert!(answer.iter().any(|line| has(line, &message)), "{answer:?}");
    assert!(!answer.contains(&told), "once");
}

fn arrives(alice: &mut Shim, wire: &Value) -> Vec<Value> {
    let answer = alice.tell("ciphertext", &json!({"bytes": wire}));
    assert_eq!(answer.done(), "applied");
    answer.outputs
}
