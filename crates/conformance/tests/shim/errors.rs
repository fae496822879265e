//! What fails, by side and kind, and that it changes nothing.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::peer::{PROFILES, Pair, config};
use crate::process::{START, Shim, program};

#[test]
fn lines_that_are_no_commands() {
    let Pair { mut alice, .. } = Pair::ready("x25519", &json!({}));
    let before = alice.state();
    for line in [
        &b""[..],
        b"{",
        b"state",
        b"[]",
        b"null",
        b"1e999",
        b"{}",
        br#"{"command":5}"#,
        br#"{"command":"state"} {"command":"state"}"#,
        b"{\"command\":\"\xff\"}",
        &b"[".repeat(100_000),
    ] {
        let answer = alice.line(line);
        let shown = String::from_utf8_lossy(&line[..line.len().min(40)]);
        assert_eq!((answer.err(), answer.outputs.len()), (Some(("shim", "MalformedLine")), 0), "{shown}");
    }
    assert_eq!(alice.state(), before);
    assert_eq!(alice.line(b" {\"command\" : \"state\"}\r").done(), &before, "white space means nothing");
}

#[test]
fn commands_and_fields_that_are_not_there() {
    let Pair { mut alice, .. } = Pair::ready("x25519", &json!({}));
    let before = alice.state();
    for (kind, command, fields) in [
        ("UnknownCommand", "State", json!({})),
        ("UnknownCommand", "", json!({})),
        ("Configured", "config", config("x25519", true, &json!({}))),
        ("ChatExists", "request", json!({})),
        ("ChatExists", "invitation", json!({"public": "00"})),
        ("NoInvitation", "accept", json!({})),
        ("NoInvitation", "decline", json!({})),
        ("MissingField", "send_album", json!({})),
        ("MissingField", "set_ttl", json!({"seconds": null})),
        ("MissingField", "refused", json!({"id": 16})),
        ("MissingField", "discarded", json!({"history": false, "proof": "00".repeat(32)})),
        ("MissingField", "discarded", json!({"history": false, "sent": 1})),
        ("MissingField", "ciphertext", json!({"bytes": "00", "file": {"size": 5}})),
        ("MissingField", "send", json!({"text": "x", "entities": [{"kind": "pre", "offset": 0, "length": 1}]})),
        ("MissingField", "send", json!({"media": {"kind": "photo", "key": "00".repeat(32)}})),
        ("UnknownField", "state", json!({"all": true})),
        ("UnknownField", "send", json!({"txt": "x"})),
        ("UnknownField", "send", json!({"media": {"kind": "geo", "lat": 1, "long": 2, "w": 3}})),
        ("UnknownField", "ciphertext", json!({"bytes": "00", "file": {"reference": "f", "name": "x"}})),
        ("UnknownField", "rekey", json!({"now": 5})),
        ("BadField", "send", json!({"text": 5})),
        ("BadField", "send", json!({"text": "x", "random_id": 5})),
        ("BadField", "send", json!({"text": "x", "random_id": "9223372036854775808"})),
        ("BadField", "send", json!({"text": "x", "silent": "yes"})),
        ("BadField", "send", json!({"text": "x", "media": {"kind": "photo", "caption": "y"}})),
        ("BadField", "send", json!({"media": "photo"})),
        ("BadField", "send", json!({"media": {"kind": "picture"}})),
        ("BadField", "send", json!({"text": "x", "entities": [{"kind": "loud", "offset": 0, "length": 1}]})),
        ("BadField", "send", json!({"text": "x", "entities": [{"kind": "bold", "offset": -1, "length": 1}]})),
        ("BadField", "send_album", json!({"items": {}})),
        ("BadField", "send_album", json!({"items": [5]})),
        ("BadField", "ciphertext", json!({"bytes": "0"})),
        ("BadField", "ciphertext", json!({"bytes": "0g"})),
        ("BadField", "discarded", json!({"history": false, "proof": "00".repeat(31)})),
        ("BadField", "accepted", json!({"public": "00", "fingerprint": "00"})),
        ("BadField", "now", json!({"now": -1})),
        ("BadField", "now", json!({"now": 1.5})),
        ("BadField", "now", json!({"now": "5"})),
        ("BadField", "restart", json!({"drop_batches": true})),
        ("BadField", "typing", json!({"action": "Typing"})),
        ("BadField", "set_ttl", json!({"seconds": 4_294_967_296_u64})),
        ("BadField", "delete", json!({"ids": ["1", 2]})),
    ] {
        let answer = alice.tell(command, &fields);
        assert_eq!((answer.err(), answer.outputs.len()), (Some(("shim", kind)), 0), "{command} {fields}");
    }
    assert_eq!(alice.state(), before);
    // A malformed line does not set off the crash that is meant for the next command.
    alice.tell("crash_after", &json!({"outputs": 0})).done();
    assert!(alice.tell("send", &json!({"text": 5})).err().is_some());
    assert_eq!(alice.tell("send", &json!({"text": "x"})).done(), "crashed");
}

#[test]
fn nothing_comes_before_the_set_up_and_the_chat() {
    let mut alice = Shim::start();
    assert_eq!(alice.tell("request", &json!({})).err(), Some(("shim", "NotConfigured")));
    for (side, kind, more) in [
        ("shim", "BadField", json!({"profile": "signal"})),
        ("shim", "MissingField", json!({"now": null})),
        ("shim", "MissingField", json!({"seed": null})),
        ("shim", "UnknownField", json!({"g": 3})),
        ("shim", "UnknownField", json!({"policy": "strict"})),
        ("shim", "UnknownField", json!({"limits": {"outbox": 5}})),
        ("shim", "UnknownField", json!({"rekey": {"after": 5}})),
        ("shim", "BadField", json!({"draws": ["0"]})),
        ("shim", "BadField", json!({"profile": "telegram", "policy": "lax"})),
        ("api", "IdLength", json!({"local_id": null})),
        ("api", "IdLength", json!({"context": "00".repeat(1025)})),
        ("api", "IdsEqual", json!({"peer_id": "616c696365"})),
        ("api", "DhGenerator", json!({"profile": "telegram", "g": 2})),
        ("peer", "PrimeSize", json!({"profile": "telegram", "p": "ff".repeat(255)})),
        ("peer", "NotSafePrime", json!({"profile": "telegram", "p": "fe".repeat(256)})),
    ] {
        let answer = alice.tell("config", &config("x25519", true, &more));
        assert_eq!(answer.err(), Some((side, kind)), "{more}");
    }
    alice.tell("config", &config("x25519", true, &json!({}))).done();
    for command in ["state", "retransmit", "acknowledge", "rekey", "flush_history"] {
        assert_eq!(alice.tell(command, &json!({})).err(), Some(("shim", "NoChat")), "{command}");
    }
    assert_eq!(alice.tell("State", &json!({})).err(), Some(("shim", "UnknownCommand")));
    assert_eq!(alice.tell("restart", &json!({})).err(), Some(("store", "Missing")));
    assert_eq!(alice.tell("now", &json!({"now": START + 1})).done(), &Value::Null);
}

#[test]
fn wrong_calls_and_wrong_bytes() {
    for profile in PROFILES {
        let limits = json!({"outbox_messages": 40, "timed_messages": 1});
        let Pair { mut alice, mut bob } = Pair::ready(profile, &json!({"limits": limits}));
        let bytes = alice.tell("send", &json!({"text": "x", "random_id": "7"})).ciphertext();
        let mut damaged = bytes["bytes"].as_str().unwrap().to_owned();
        let last = if damaged.ends_with('0') { "1" } else { "0" };
        damaged.replace_range(damaged.len() - 1.., last);
        let photo = |size: u64| json!({"kind": "photo", "size": size, "key": "00".repeat(32), "iv": "00".repeat(32)});
        alice.tell("send", &json!({"text": "x", "ttl": 5})).done();
        let before = (alice.state(), bob.state());
        for (kind, command, fields) in [
            ("EmptyMessage", "send", json!({})),
            ("RandomId", "send", json!({"text": "x", "random_id": "0"})),
            ("RandomId", "send", json!({"text": "x", "random_id": "7"})),
            ("EntityRange", "send", json!({"text": "x", "entities": [{"kind": "bold", "offset": 1, "length": 1}]})),
            ("MissingMediaKey", "send", json!({"media": {"kind": "photo", "size": 5}})),
            ("MediaSize", "send", json!({"media": photo(0)})),
            ("MediaSize", "send", json!({"media": photo(1 << 31)})),
            ("MediaDetails", "send", json!({"media": {"kind": "web_page", "url": ""}})),
            ("Coordinates", "send", json!({"media": {"kind": "geo", "lat": 90.5, "long": 0}})),
            ("TtlTooLong", "send", json!({"text": "x", "ttl": 31_536_001})),
            ("TtlTooLong", "set_ttl", json!({"seconds": 31_536_001})),
            ("TooManyTimers", "send", json!({"text": "x", "ttl": 5})),
            ("AlbumSize", "send_album", json!({"items": [{"media": photo(5)}]})),
            ("AlbumMedia", "send_album", json!({"items": [{"media": photo(5)}, {"text": "x"}]})),
            ("NotTimed", "open_view", json!({"id": "7"})),
            ("NotTimed", "close_view", json!({"id": "8"})),
        ] {
            let answer = alice.tell(command, &fields);
            assert_eq!((answer.err(), answer.outputs.len()), (Some(("api", kind)), 0), "{profile} {command} {fields}");
        }
        for (kind, bytes) in [("NotAuthentic", json!(damaged)), ("UnknownKey", json!("00".repeat(200)))] {
            let answer = bob.tell("ciphertext", &json!({"bytes": bytes}));
            assert_eq!((answer.err(), answer.outputs.len()), (Some(("peer", kind)), 0), "{profile}");
        }
        assert_eq!((alice.state(), bob.state()), before);
        assert_eq!(bob.tell("ciphertext", &bytes).done(), "applied", "{profile}");

        // Telegram's profile alone has the one, the others have the other.
        let (command, fields, kind) = match profile {
            "telegram" => ("set_ttl", json!({"seconds": i32::MAX}), "ViewOnce"),
            _ => ("mark_read_up_to", json!({"max_date": START}), "NotInProfile"),
        };
        assert_eq!(alice.tell(command, &fields).err(), Some(("api", kind)));
        let full = (0..40).map(|_| alice.tell("send", &json!({"text": "x"})).err().map(|(_, kind)| kind.to_owned()));
        assert_eq!(full.last().unwrap().as_deref(), Some("OutboxFull"));
        alice.tell("close", &json!({"history": false})).done();
        assert_eq!(alice.tell("send", &json!({"text": "x"})).err(), Some(("api", "ChatClosed")));
    }
}

#[test]
fn wrong_values_of_the_handshake() {
    for (profile, bad) in
        [("x25519", "00".repeat(32)), ("hybrid", "00".repeat(1_216)), ("telegram", "00".repeat(255) + "01")]
    {
        let mut bob = Shim::set_up(&config(profile, false, &json!({})));
        let answer = bob.tell("invitation", &json!({"public": bad}));
        assert_eq!(answer.err(), Some(("peer", "BadPublicValue")), "{profile}");
        assert_eq!(bob.tell("accept", &json!({})).err(), Some(("shim", "NoInvitation")));

        let mut alice = Shim::set_up(&config(profile, true, &json!({})));
        let request = alice.tell("request", &json!({}));
        assert_eq!(alice.tell("send", &json!({"text": "x"})).err(), Some(("api", "NotReady")));
        bob.tell("invitation", &json!({"public": request.outputs[1]["public"]})).done();
        let accept = bob.tell("accept", &json!({}));
        let public = &accept.out("transmit").next().unwrap()["public"];
        let answer = alice.tell("accepted", &json!({"public": public, "fingerprint": "00".repeat(8)}));
        // A Telegram server gives one answer; here somebody else may have spoken (SPEC OUT-1).
        if profile == "telegram" {
            assert_eq!(answer.done(), "chat_closed");
            assert_eq!(answer.out("event").next().unwrap()["reason"], "BadAnswer");
        } else {
            assert_eq!(answer.err(), Some(("peer", "FingerprintMismatch")));
        }
    }
}

#[test]
fn it_ends_with_its_input_and_says_what_it_is_for() {
    let mut child = program().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A last line without a line feed.
    child.stdin.take().unwrap().write_all(b"state").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer, json!({"err": {"side": "shim", "kind": "MalformedLine"}}));
    assert!(String::from_utf8(output.stderr).unwrap().contains("for tests only"));
}
