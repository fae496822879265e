//! Two shims with a chat between them.

use serde_json::{Value, json};

use crate::process::{Answer, START, Shim, has};

pub(crate) const PROFILES: [&str; 3] = ["x25519", "hybrid", "telegram"];

pub(crate) struct Pair {
    pub(crate) alice: Shim,
    pub(crate) bob: Shim,
}

/// Returns the set-up of an end; the fields of `more` replace those of the same name.
pub(crate) fn config(profile: &str, is_alice: bool, more: &Value) -> Value {
    let ends = ["616c696365", "626f62"];
    let [local, peer] = if is_alice { ends } else { [ends[1], ends[0]] };
    let mut config = json!({"profile": profile, "local_id": local, "peer_id": peer, "now": START, "seed": local});
    let fields = config.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    config
}

impl Pair {
    pub(crate) fn ready(profile: &str, more: &Value) -> Self {
        let mut alice = Shim::set_up(&config(profile, true, more));
        let mut bob = Shim::set_up(&config(profile, false, more));
        let request = alice.tell("request", &json!({}));
        let public = request.out("transmit").next().unwrap()["public"].clone();
        bob.tell("invitation", &json!({"public": public})).done();
        let accept = bob.tell("accept", &json!({}));
        let line = accept.out("transmit").next().unwrap();
        let (public, fingerprint) = (&line["public"], &line["fingerprint"]);
        let accepted = alice.tell("accepted", &json!({"public": public, "fingerprint": fingerprint}));
        assert_eq!(accepted.done(), "applied");
        bob.tell("ciphertext", &accepted.ciphertext()).done();
        if profile == "telegram" {
            alice.tell("ciphertext", &accept.ciphertext()).done();
        }
        Self { alice, bob }
    }
}

/// Gives a command, which answers with exactly these outputs, each with at least these fields, and is done with `done`.
#[track_caller]
pub(crate) fn answers(shim: &mut Shim, command: &str, fields: &Value, outputs: &[Value], done: &Value) -> Answer {
    let answer = shim.tell(command, fields);
    let fits = answer.outputs.len() == outputs.len()
        && answer.outputs.iter().zip(outputs).all(|(actual, expected)| has(actual, expected));
    assert!(fits, "{command} {fields}\nexpected {outputs:#?}\nactual {:#?}", answer.outputs);
    assert!(has(answer.done(), done), "{command}: {} is not {done}", answer.done());
    answer
}
