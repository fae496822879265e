//! The hybrid profile at shims that draw what the vectors say (SPEC HYB-2, HYB-3, HYB-5, RNG-3).

use serde_json::{Value, json};

use crate::peer::config;
use crate::process::Shim;

/// Returns a handshake, and what was tried in place of its public values at the end of this name.
fn vectors(to: &str) -> (Value, Vec<Value>) {
    let file: Value = serde_json::from_str(include_str!("../../../../test-vectors/hybrid-profile.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let tried: Vec<_> = cases.iter().filter(|case| case["to"] == to).cloned().collect();
    assert!(tried.iter().filter(|case| case["result"] == "invalid").count() > 20);
    (cases[0].clone(), tried)
}

/// Sets up an end of the handshake, with the draws of these fields, one after the other.
fn end(is_alice: bool, handshake: &Value, draws: &[&[&str]]) -> Shim {
    let join = |names: &&[&str]| names.iter().map(|name| handshake[name].as_str().unwrap()).collect::<String>();
    let draws: Vec<_> = draws.iter().map(join).collect();
    Shim::set_up(&config("hybrid", is_alice, &json!({"draws": draws, "context": handshake["context"]})))
}

#[test]
fn a_bad_request_is_no_invitation() {
    let (handshake, tried) = vectors("responder");
    for case in &tried {
        let mut bob = end(false, &handshake, &[&["b"], &["m"]]);
        let invitation = bob.tell("invitation", &json!({"public": case["value"]}));
        let is_own = case["fails"] == 3 && invitation.err().is_none();
        if case["result"] == "invalid" && !is_own {
            assert_eq!(invitation.err(), Some(("peer", "BadPublicValue")), "{}", case["comment"]);
            assert_eq!(bob.tell("accept", &json!({})).err(), Some(("shim", "NoInvitation")));
            continue;
        }
        invitation.done();
        let accept = bob.tell("accept", &json!({}));
        if is_own {
            // Its scalar is drawn when the user has accepted: a generator that draws the peer's is broken (SPEC RNG-1).
            assert_eq!(accept.err(), Some(("api", "UnusableRng")), "{}", case["comment"]);
            continue;
        }
        let sent = accept.out("transmit").next().unwrap();
        let expected = (&case["B"], &case["fingerprint"]);
        assert_eq!((&sent["public"], &sent["fingerprint"]), expected, "{}", case["comment"]);
    }
}

/// A damaged ciphertext is told from other wrong answers by nothing but its fingerprint.
#[test]
fn any_number_of_wrong_answers_leaves_the_request_open() {
    let (handshake, tried) = vectors("initiator");
    let mut alice = end(true, &handshake, &[&["a"], &["d", "z"]]);
    let request = alice.tell("request", &json!({}));
    assert_eq!(request.out("transmit").next().unwrap()["public"], handshake["A"]);
    let before = alice.state();
    let fingerprint = &handshake["fingerprint"];
    for case in tried.iter().filter(|case| case["result"] == "invalid" && case["rekey"].is_null()) {
        let answer = alice.tell("accepted", &json!({"public": case["value"], "fingerprint": fingerprint}));
        assert_eq!(answer.err(), Some(("peer", case["error"].as_str().unwrap())), "{}", case["comment"]);
        assert_eq!((answer.outputs.len(), alice.state()), (0, before.clone()), "{}", case["comment"]);
    }
    let right = alice.tell("accepted", &json!({"public": handshake["B"], "fingerprint": fingerprint}));
    assert_eq!(right.done(), "applied");
    let state = alice.state();
    for name in ["verification", "check"] {
        assert_eq!(state[name], handshake[name], "{name}");
    }
    assert_eq!(&state["key_fingerprint"], fingerprint);
}

/// The lengths of the profiles differ, so an end that runs one refuses the requests and the answers of all others.
#[test]
fn no_profile_takes_the_values_of_another() {
    let profiles = crate::peer::PROFILES;
    for asks in profiles {
        let mut alice = Shim::set_up(&config(asks, true, &json!({})));
        let request = alice.tell("request", &json!({}));
        let public = &request.out("transmit").next().unwrap()["public"];
        for other in profiles.into_iter().filter(|other| *other != asks) {
            let mut bob = Shim::set_up(&config(other, false, &json!({})));
            let invitation = bob.tell("invitation", &json!({"public": public}));
            assert_eq!(invitation.err(), Some(("peer", "BadPublicValue")), "{asks} to {other}");
        }
    }
}
