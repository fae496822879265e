//! The process dies: between two outputs, or with a store from before.

use serde_json::{Value, json};

use crate::peer::{PROFILES, Pair, answers, config};
use crate::process::{START, Shim, has};

/// A text is sent in two outputs: the batch, the transmission. What was not printed did not happen.
#[test]
fn outputs_after_a_crash_did_not_happen() {
    for profile in PROFILES {
        for (outputs, is_kept) in [(0, false), (1, true), (2, true), (9, true)] {
            let Pair { mut alice, .. } = Pair::ready(profile, &json!({}));
            let before = alice.state();
            alice.tell("crash_after", &json!({"outputs": outputs})).done();
            let answer = alice.tell("send", &json!({"text": "x", "random_id": "7"}));
            assert_eq!(answer.done(), "crashed");
            let printed = answer.out("persist").chain(answer.out("transmit")).count();
            assert_eq!(printed, outputs.min(2), "{profile}");
            let sent = before["sent"].as_u64().unwrap() + u64::from(is_kept);
            assert_eq!(alice.state()["sent"], sent, "{profile} {outputs}");
            let again = alice.tell("retransmit", &json!({}));
            assert_eq!(again.out("transmit").any(|line| line["random_id"] == "7"), is_kept, "{profile} {outputs}");
            // The next one does not crash.
            assert_eq!(alice.tell("send", &json!({"text": "x", "random_id": "8"})).done(), "8");
        }
    }
}

/// A message is told in two outputs: the event, the batch. If the batch was not written, it comes again.
#[test]
fn an_event_before_a_crash_comes_again() {
    let Pair { mut alice, mut bob } = Pair::ready("x25519", &json!({}));
    let bytes = alice.tell("send", &json!({"text": "x", "random_id": "7"})).ciphertext();
    for (outputs, told) in [(0, 0), (1, 1)] {
        bob.tell("crash_after", &json!({"outputs": outputs})).done();
        let answer = bob.tell("ciphertext", &bytes);
        assert_eq!((answer.out("event").count(), answer.out("persist").count()), (told, 0));
    }
    bob.tell("crash_after", &json!({"outputs": 2})).done();
    let answer = bob.tell("ciphertext", &bytes);
    assert_eq!((answer.out("event").count(), answer.out("persist").count()), (1, 1));
    assert_eq!(bob.tell("ciphertext", &bytes).done(), "duplicate");
}

#[test]
fn a_chat_that_was_not_written_is_gone() {
    let mut alice = Shim::set_up(&config("x25519", true, &json!({})));
    alice.tell("crash_after", &json!({"outputs": 0})).done();
    assert_eq!(alice.tell("request", &json!({})).err(), Some(("store", "Missing")));
    assert_eq!(alice.tell("state", &json!({})).err(), Some(("shim", "NoChat")));
    alice.tell("crash_after", &json!({"outputs": 1})).done();
    assert_eq!(alice.tell("request", &json!({})).done(), "crashed");
    let first = alice.state();
    assert_eq!(first["state"], "requested");

    // A new chat has a new store.
    assert_eq!(alice.tell("restart", &json!({"drop_batches": 1})).err(), Some(("store", "Missing")));
    alice.tell("request", &json!({})).done();
    let second = alice.state();
    alice.tell("restart", &json!({})).done();
    assert_eq!(alice.state(), second);
    assert_ne!(first["id"], second["id"]);

    // An invitation that was not accepted was written nowhere.
    let public = alice.tell("retransmit", &json!({})).outputs[0]["public"].clone();
    let mut bob = Shim::set_up(&config("x25519", false, &json!({})));
    bob.tell("invitation", &json!({"public": public})).done();
    assert_eq!(bob.tell("restart", &json!({})).err(), Some(("store", "Missing")));
    assert_eq!(bob.tell("accept", &json!({})).err(), Some(("shim", "NoInvitation")));

    let mut forgetful = Shim::set_up(&config("x25519", true, &json!({"store": false})));
    let request = forgetful.tell("request", &json!({}));
    assert_eq!(request.out("persist").count(), 0);
    assert_eq!(forgetful.tell("restart", &json!({})).err(), Some(("store", "Missing")));
}

#[test]
fn an_older_state_is_refused_if_the_host_knows_better() {
    for profile in PROFILES {
        let Pair { mut alice, .. } = Pair::ready(profile, &json!({}));
        let older = alice.state();
        alice.tell("send", &json!({"text": "x"})).done();
        alice.tell("send", &json!({"text": "x"})).done();
        let newest = alice.state();
        let fields = json!({"drop_batches": 2, "expect_checkpoint": true});
        assert_eq!(alice.tell("restart", &fields).err(), Some(("store", "RolledBack")));
        // The store is as it was.
        alice.tell("restart", &json!({"expect_checkpoint": true})).done();
        assert_eq!(alice.state(), newest);
        alice.tell("restart", &json!({"drop_batches": 2})).done();
        assert_eq!(alice.state(), older);
        // What was left out is gone for good.
        alice.tell("restart", &json!({"expect_checkpoint": true})).done();
        assert_eq!(alice.state(), older);
        assert_eq!(alice.tell("restart", &json!({"drop_batches": 99})).err(), Some(("store", "Missing")));
    }
}

/// Without that knowledge the chat goes on until the peer acknowledges what the older state never sent (SPEC REC-6).
#[test]
fn an_older_state_ends_the_chat_once_it_shows() {
    for profile in PROFILES {
        let Pair { mut alice, mut bob } = Pair::ready(profile, &json!({"limits": {"view_once": 60}}));
        let sent = alice.tell("send", &json!({"text": "x"}));
        assert_eq!(bob.tell("ciphertext", &sent.ciphertext()).done(), "applied");
        alice.tell("restart", &json!({"drop_batches": 1})).done();
        let sent = bob.tell("send", &json!({"text": "I have it"}));
        let closed = json!({"out": "event", "event": "closed", "reason": "RolledBack", "history": false});
        let tombstone = json!({"out": "persist", "put": ["tombstone"]});
        let discard = json!({"out": "transmit", "id": 2, "kind": "discard", "history": false});
        let no_timeout = json!({"out": "timeout", "at": null});
        let outputs = [closed, tombstone, discard, no_timeout];
        let told = answers(&mut alice, "ciphertext", &sent.ciphertext(), &outputs, &json!("chat_closed"));
        assert_eq!(alice.state()["reason"], "RolledBack");
        if profile == "telegram" {
            // Told and carried, nothing is left to restore.
            assert_eq!(alice.tell("carried", &json!({"id": 2})).done(), &Value::from("applied"));
            assert_eq!(alice.tell("restart", &json!({})).err(), Some(("store", "Missing")));
            continue;
        }
        // The notice of her layer is all that she knows of.
        let (proof, sent) = (&told.outputs[2]["proof"], &told.outputs[2]["sent"]);
        assert_eq!(sent, 1);
        let answer = bob.tell("discarded", &json!({"history": false, "proof": proof, "sent": sent}));
        let closed = json!({"event": "closed", "reason": "ByPeer", "missing": 0, "set_back": true});
        assert!(has(&answer.outputs[0], &closed), "{:?}", answer.outputs[0]);
        receipt_ends(&mut alice, &mut bob);
    }
}

/// Her Discard is done with what only a closed Bob can say (SPEC X25-11); what answers one of his stays (SPEC CLOSE-3).
fn receipt_ends(alice: &mut Shim, bob: &mut Shim) {
    let [of_alice, of_bob] = [&mut *alice, &mut *bob].map(|shim| shim.state()["discard_receipt"].clone());
    assert_ne!(of_alice, of_bob);
    assert_eq!(alice.tell("carried", &json!({"id": 2})).done(), "ignored");
    assert_eq!(alice.tell("discard_receipt", &json!({})).done(), "ignored");
    let own = alice.tell("discard_receipt", &json!({"proof": of_alice}));
    assert_eq!(own.err(), Some(("peer", "NotAuthentic")));
    let again = alice.tell("retransmit", &json!({}));
    assert_eq!(again.out("transmit").next().unwrap()["kind"], "discard");
    let outputs = [json!({"out": "persist", "put": ["tombstone"]}), json!({"out": "timeout", "at": null})];
    answers(alice, "discard_receipt", &json!({"proof": of_bob}), &outputs, &json!("applied"));
    assert_eq!(alice.tell("retransmit", &json!({})).out("transmit").count(), 0);
    alice.tell("restart", &json!({})).done();
    let state = alice.state();
    assert_eq!((&state["reason"], &state["discard_receipt"]), (&json!("RolledBack"), &of_alice));
    assert_eq!(alice.tell("retransmit", &json!({})).out("transmit").count(), 0);
}

/// Nine of ten seconds are used up, then the process dies and the wall clock is set back: a second is left (SPEC TIME-4).
#[test]
fn a_monotonic_clock_outlasts_a_crash_and_a_wall_clock_that_is_set_back() {
    for profile in PROFILES {
        let Pair { mut alice, mut bob } = Pair::ready(profile, &json!({}));
        let clocks = |now: u64, monotonic: u64| json!({"now": now, "monotonic": monotonic, "boot": 7});
        bob.tell("now", &clocks(START, 100_000)).done();
        let sent = alice.tell("send", &json!({"text": "x", "random_id": "7", "ttl": 10}));
        bob.tell("ciphertext", &sent.ciphertext()).done();
        bob.tell("mark_read", &json!({"ids": ["7"]})).done();
        bob.tell("now", &clocks(START + 9_000, 109_000)).done();
        // The clock is set while nothing runs: the chat hears of it when it is restored.
        bob.tell("crash_after", &json!({"outputs": 0})).done();
        bob.tell("now", &clocks(START - 3_600_000, 109_500)).done();
        // The records are told that it was set back.
        let answer = bob.tell("now", &clocks(START - 3_600_000, 109_500));
        let timeouts: Vec<_> = answer.out("timeout").map(|line| line["at"].as_u64()).collect();
        assert_eq!(timeouts, [Some(START - 3_600_000 + 500)], "{profile}");
        let ended = bob.tell("now", &clocks(START - 3_600_000, 110_000));
        assert_eq!(ended.out("event").map(|line| line["event"].clone()).collect::<Vec<_>>(), ["expired"], "{profile}");
    }
}
