//! What `config` says has its effect.

use serde_json::{Value, json};

use crate::peer::{PROFILES, Pair, answers, config};
use crate::process::{START, Shim};

/// Returns what an initiator that is set up as `more` says makes of a responder's answer.
fn answered(more: &Value) -> Option<String> {
    let mut alice = Shim::set_up(&config("x25519", true, more));
    let mut bob = Shim::set_up(&config("x25519", false, &json!({"context": "0a"})));
    let request = alice.tell("request", &json!({}));
    bob.tell("invitation", &json!({"public": request.outputs[1]["public"]})).done();
    let accept = bob.tell("accept", &json!({}));
    let accept = accept.out("transmit").next().unwrap();
    let fields = json!({"public": accept["public"], "fingerprint": accept["fingerprint"]});
    alice.tell("accepted", &fields).err().map(|(_, kind)| kind.to_owned())
}

/// Ids and context are bound into the keys (SPEC X25-1).
#[test]
fn both_ends_need_the_same_words() {
    assert_eq!(answered(&json!({"context": "0a"})), None);
    for other in [
        json!({}),
        json!({"context": "0b"}),
        json!({"context": "0a", "local_id": "ff"}),
        json!({"context": "0a", "peer_id": "ff"}),
    ] {
        assert_eq!(answered(&other).as_deref(), Some("FingerprintMismatch"), "{other}");
    }
}

#[test]
fn a_new_key_is_asked_for_in_time() {
    for profile in PROFILES {
        let rekey = json!({"rekey": {"after_messages": 12}});
        let Pair { mut alice, .. } = Pair::ready(profile, &rekey);
        let used = 1 + u64::from(profile == "telegram");
        for n in used..12 {
            assert_eq!(alice.state()["rekey"]["state"], "idle", "{profile} {n}");
            alice.tell("send", &json!({"text": "x"})).done();
        }
        assert_eq!(alice.state()["rekey"]["state"], "requested", "{profile}");

        let Pair { mut alice, .. } = Pair::ready(profile, &json!({"rekey": {"after_millis": 5000}}));
        let due = json!({"out": "timeout", "at": START + 5000});
        answers(&mut alice, "now", &json!({"now": START + 4999}), &[due], &Value::Null);
        assert_eq!(alice.state()["rekey"]["state"], "idle");
        alice.tell("now", &json!({"now": START + 5000})).done();
        assert_eq!(alice.state()["rekey"]["state"], "requested");
    }
}

/// The groups of `test-vectors/modp.json`: safe primes are allowed here, nothing else is.
#[test]
fn a_server_may_name_its_prime() {
    let vectors: Value = serde_json::from_str(include_str!("../../../../test-vectors/modp.json")).unwrap();
    let mut accepted = 0;
    for group in vectors["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "group") {
        let mut shim = Shim::start();
        let more = json!({"g": group["g"], "p": group["p"]});
        let answer = shim.tell("config", &config("telegram", true, &more));
        match group["allow_safe_prime"].as_str().unwrap() {
            "ok" => {
                let request = {
                    answer.done();
                    shim.tell("request", &json!({}))
                };
                assert_eq!(request.outputs[1]["public"].as_str().map(str::len), Some(512));
                accepted += 1;
            }
            refused => assert_eq!(answer.err(), Some(("peer", refused)), "{}", group["comment"]),
        }
    }
    assert!(accepted > 1, "the published prime and another one");
}

/// Bob's host restores an older state, and he goes on as if he had not heard what he has acknowledged before.
#[test]
fn what_a_violation_does_depends_on_the_policy() {
    // The end that closes is told nothing of what the other end had made.
    let closed = json!({
        "out": "event", "event": "closed", "reason": "Violation", "violation": "InSeqBack", "history": false,
        "missing": null, "set_back": false,
    });
    for (profile, policy, is_fatal) in [
        ("x25519", None, true),
        ("hybrid", None, true),
        ("telegram", None, true),
        ("telegram", Some("strict"), true),
        ("telegram", Some("tolerant"), false),
    ] {
        let more = policy.map_or(json!({}), |policy| json!({"policy": policy}));
        let Pair { mut alice, mut bob } = Pair::ready(profile, &more);
        let heard = alice.tell("send", &json!({"text": "x"}));
        let batches = {
            let first = bob.tell("ciphertext", &heard.ciphertext());
            let answer = bob.tell("send", &json!({"text": "x"}));
            assert_eq!(alice.tell("ciphertext", &answer.ciphertext()).done(), "applied");
            first.out("persist").count() + answer.out("persist").count()
        };
        bob.tell("restart", &json!({"drop_batches": batches})).done();
        let same_slot = bob.tell("send", &json!({"text": "y"}));
        assert_eq!(alice.tell("ciphertext", &same_slot.ciphertext()).done(), "duplicate");
        let back = bob.tell("send", &json!({"text": "z"}));
        let answer = alice.tell("ciphertext", &back.ciphertext());
        assert_eq!(answer.done() == "chat_closed", is_fatal, "{profile} {policy:?}");
        let told = if is_fatal { closed.clone() } else { json!("z") };
        let first = &answer.outputs[0];
        assert_eq!(if is_fatal { first } else { &first["text"] }, &told, "{profile} {policy:?}");
        if is_fatal {
            let state = alice.state();
            assert_eq!((&state["reason"], &state["violation"]), (&json!("Violation"), &json!("InSeqBack")));
        }
    }
}
