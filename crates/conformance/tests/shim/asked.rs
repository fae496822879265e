//! What a host asks of the other end, and what it allows itself: timers, bytes under a key, what may be shown.

use serde_json::{Value, json};

use crate::peer::{PROFILES, Pair, config};
use crate::process::{Answer, START, Shim};

/// Returns the one event of this name.
fn event<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    let mut all = answer.out("event").filter(|line| line["event"] == name);
    let event = all.next().unwrap_or_else(|| panic!("{name}: {:?}", answer.outputs));
    assert!(all.next().is_none());
    event
}

/// Alice sends it. Returns what Bob is told.
fn told(pair: &mut Pair, draft: &Value) -> Value {
    let sent = pair.alice.tell("send", draft);
    event(&pair.bob.tell("ciphertext", &sent.ciphertext()), "message").clone()
}

// SPEC DES-13.
#[test]
fn a_timer_of_the_peer_is_taken_within_the_bounds() {
    for profile in PROFILES {
        for (asked, taken) in [(1, 5), (5, 5), (30, 30), (3_600, 60), (0, 0)] {
            let mut pair = Pair::ready(profile, &json!({"ttl_bounds": [5, 60]}));
            let set = pair.alice.tell("set_ttl", &json!({"seconds": asked}));
            let heard = pair.bob.tell("ciphertext", &set.ciphertext());
            let changed = event(&heard, "ttl_changed");
            assert_eq!((&changed["ttl"], &changed["asked"]), (&json!(taken), &json!(asked)), "{profile}");
            assert_eq!(pair.bob.state()["ttl"], taken);
            assert_eq!(pair.alice.state()["ttl"], asked, "what a host sets itself is not bound");
        }
    }
    for bounds in [json!([5]), json!([5, 60, 70])] {
        let mut shim = Shim::start();
        let set_up = config("x25519", true, &json!({"ttl_bounds": bounds}));
        assert_eq!(shim.tell("config", &set_up).err(), Some(("shim", "BadField")));
    }
    let mut shim = Shim::start();
    let set_up = config("x25519", true, &json!({"ttl_bounds": [60, 5]}));
    assert_eq!(shim.tell("config", &set_up).err(), Some(("api", "TtlBounds")));
}

// SPEC REKEY-5: at a use of 4 at least, by the bytes that were sealed and opened.
#[test]
fn a_new_key_is_asked_for_after_so_many_bytes() {
    for profile in ["x25519", "hybrid"] {
        let mut pair = Pair::ready(profile, &json!({"rekey": {"after_bytes": 4096}}));
        let mut bytes = 0;
        let mut asked_at = None;
        for _ in 0..40 {
            let sent = pair.alice.tell("send", &json!({"text": "x".repeat(200)}));
            bytes += sent.out("transmit").map(|line| line["bytes"].as_str().unwrap().len() / 2).sum::<usize>();
            if pair.alice.state()["rekey"]["state"] == "requested" {
                asked_at = Some(bytes);
                break;
            }
            assert!(bytes < 4096 + 1024, "{profile}: asked too late");
        }
        // What she opened before counts, too: less than a kilobyte.
        assert!(asked_at.is_some_and(|bytes| bytes >= 4096 - 1024), "{profile}: {asked_at:?}");
    }
}

// SPEC RIGHT-6.
#[test]
fn a_protected_message_may_not_be_kept() {
    for profile in ["x25519", "hybrid"] {
        let mut pair = Pair::ready(profile, &json!({}));
        for (draft, may_save, shows) in [
            (json!({"text": "a"}), true, "all"),
            (json!({"text": "a", "protected": false}), true, "all"),
            (json!({"text": "a", "protected": true}), false, "sender"),
        ] {
            let rights = &told(&mut pair, &draft)["rights"];
            assert_eq!((&rights["may_save"], &rights["may_copy"]), (&json!(may_save), &json!(may_save)));
            assert_eq!(rights["notification"], shows);
        }
    }
    let mut pair = Pair::ready("telegram", &json!({}));
    let refused = pair.alice.tell("send", &json!({"text": "a", "protected": true}));
    assert_eq!(refused.err(), Some(("api", "NotInProfile")));
}

// SPEC RIGHT-7.
#[test]
fn a_notification_shows_no_more_than_the_cap() {
    for (cap, of_text, of_timed) in
        [("all", "all", "sender"), ("sender", "sender", "sender"), ("nothing", "nothing", "nothing")]
    {
        let mut pair = Pair::ready("x25519", &json!({"notification_cap": cap}));
        assert_eq!(told(&mut pair, &json!({"text": "a"}))["rights"]["notification"], of_text);
        assert_eq!(told(&mut pair, &json!({"text": "a", "ttl": 5}))["rights"]["notification"], of_timed);
        pair.bob.tell("restart", &json!({})).done();
        assert_eq!(told(&mut pair, &json!({"text": "a"}))["rights"]["notification"], of_text, "after a restart");
    }
    let mut shim = Shim::start();
    let set_up = config("x25519", true, &json!({"notification_cap": "some"}));
    assert_eq!(shim.tell("config", &set_up).err(), Some(("shim", "BadField")));
}

// SPEC DES-14.
#[test]
fn a_hidden_message_comes_out_when_it_is_opened() {
    let mut pair = Pair::ready("x25519", &json!({}));
    let refused = pair.alice.tell("send", &json!({"text": "7312", "hidden": true}));
    assert_eq!(refused.err(), Some(("api", "HiddenWithoutTimer")));
    let contact = json!({"kind": "contact", "phone_number": "555", "first_name": "Carol"});
    for (id, draft) in [("90", json!({"text": "7312"})), ("91", json!({"media": contact}))] {
        let mut fields = json!({"hidden": true, "ttl": 3600, "random_id": id});
        fields.as_object_mut().unwrap().extend(draft.as_object().unwrap().clone());
        let message = told(&mut pair, &fields);
        assert_eq!((&message["text"], &message["media"]), (&json!(""), &Value::Null));
        assert_eq!(message["rights"]["is_hidden_until_opened"], true);
        pair.bob.tell("restart", &json!({})).done();

        let opened = pair.bob.tell("open_view", &json!({"id": id}));
        let view = event(&opened, "opened");
        assert_eq!((&view["lease"], &view["deadline"]), (&Value::Null, &json!(START + 3_600_000)));
        assert_eq!(view["content"]["text"], *draft.get("text").unwrap_or(&json!("")));
        assert_eq!(view["content"]["media"]["first_name"], draft["media"]["first_name"]);
        let read = pair.alice.tell("ciphertext", &opened.ciphertext());
        assert_eq!(event(&read, "read_by_peer")["random_ids"], json!([id]));
    }
    // The text of others came with the message.
    told(&mut pair, &json!({"text": "a", "ttl": 3600, "random_id": "92"}));
    let opened = pair.bob.tell("open_view", &json!({"id": "92"}));
    assert_eq!(event(&opened, "opened")["content"], Value::Null);

    let mut pair = Pair::ready("telegram", &json!({}));
    let refused = pair.alice.tell("send", &json!({"text": "a", "ttl": 5, "hidden": true}));
    assert_eq!(refused.err(), Some(("api", "NotInProfile")));
}
