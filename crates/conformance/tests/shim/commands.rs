//! Every command, with the outputs that the documentation of the call promises.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::peer::{Pair, answers, config};
use crate::process::{Answer, START, Shim};

/// Returns what stands first in the rows of a table in `SHIM.md`.
pub(crate) fn documented(table: &str) -> BTreeSet<String> {
    let page = include_str!("../../SHIM.md");
    let head = format!("| {table} |");
    let rows = page.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
    let rows = rows.take_while(|line| line.starts_with("| "));
    let first = rows.map(|row| row[2..].split(" | ").next().unwrap());
    first.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Returns the variants of an enum in `src/output`, as the shim names them.
fn variants(name: &str) -> BTreeSet<String> {
    let page = concat!(
        include_str!("../../../../src/output/mod.rs"),
        include_str!("../../../../src/output/event.rs"),
        include_str!("../../../../src/output/transmit.rs"),
    );
    let head = format!("pub enum {name} {{");
    let body = page.lines().skip_while(|line| *line != head).skip(1).take_while(|line| *line != "}");
    let names = body.filter_map(|line| line.strip_prefix("    ").filter(|line| line.starts_with(char::is_uppercase)));
    names.map(|line| snake(line.split(|end: char| !end.is_alphanumeric()).next().unwrap())).collect()
}

fn snake(name: &str) -> String {
    let letters = name.char_indices().map(|(at, letter)| match letter {
        'A'..='Z' if at > 0 => format!("_{}", letter.to_ascii_lowercase()),
        _ => letter.to_ascii_lowercase().to_string(),
    });
    letters.collect()
}

#[test]
fn each_output_is_documented() {
    for (table, name) in [("output", "Output"), ("event", "Event"), ("transmit", "TransmitKind")] {
        let mut all = variants(name);
        assert!(!all.is_empty(), "{name}");
        if name == "Output" {
            // It comes from the call, not from the chat.
            all.insert("timeout".to_owned());
        }
        assert_eq!(documented(table), all);
    }
}

const DAY: u64 = 24 * 60 * 60 * 1000;

fn none() -> Value {
    json!({})
}

fn event(name: &str) -> Value {
    json!({"out": "event", "event": name})
}

fn carried(id: &str) -> Value {
    json!({"out": "event", "event": "sent", "random_id": id})
}

fn acknowledged(ids: &[&str]) -> Value {
    json!({"out": "event", "event": "acknowledged", "random_ids": ids})
}

fn persist() -> Value {
    json!({"out": "persist"})
}

/// A week after the first message a new key is due (SPEC REKEY-5).
fn idle() -> Value {
    json!({"out": "timeout", "at": START + 7 * DAY})
}

/// Returns the outputs of a message of ours; the protocol's own are `service` messages.
fn sends(service: bool) -> [Value; 3] {
    let transmit = json!({"out": "transmit", "kind": "ciphertext", "service": service, "silent": false, "file": null});
    [persist(), transmit, idle()]
}

fn photo() -> Value {
    json!({"kind": "photo", "w": 800, "h": 600, "size": 1000, "key": "11".repeat(32), "iv": "22".repeat(32)})
}

/// Delivers the message in the answer of one end to the other, which tells of it.
#[track_caller]
fn arrives(at: &mut Shim, sent: &Answer, told: Value) -> Answer {
    answers(at, "ciphertext", &sent.ciphertext(), &[told, persist(), idle()], &json!("applied"))
}

/// One conversation in which each command comes once at least.
#[test]
fn every_command_answers_as_documented() {
    let mut used = BTreeSet::new();
    let Pair { mut alice, mut bob } = begin();
    compare(&mut alice);
    write(&mut alice, &mut bob);
    act(&mut alice, &mut bob);
    time(&mut alice, &mut bob);
    keys_and_upkeep(&mut alice, &mut bob);
    end(&mut alice, &mut bob);
    for mut shim in [alice, bob, not_wanted("decline"), not_wanted("accept")] {
        used.append(&mut shim.used);
    }
    assert_eq!(used, documented("command"));
    assert_eq!(used.len(), 43);
}

fn begin() -> Pair {
    let mut alice = Shim::start();
    let set_up = config("telegram", true, &json!({"layer": 101, "view_once": true, "policy": "strict"}));
    answers(&mut alice, "config", &set_up, &[], &Value::Null);
    let mut bob = Shim::set_up(&config("telegram", false, &json!({"policy": "strict", "g": 3})));

    let new = json!({"out": "persist", "put": ["keys", "state"], "delete": []});
    let request = json!({"out": "transmit", "id": 0, "kind": "request"});
    let no_timeout = json!({"out": "timeout", "at": null});
    let requested = answers(&mut alice, "request", &none(), &[new, request, no_timeout], &Value::Null);
    let public = requested.outputs[1]["public"].clone();
    assert_eq!(public.as_str().map(str::len), Some(512), "2,048 bits in hex");

    answers(&mut bob, "invitation", &json!({"public": public}), &[], &Value::Null);
    // A responder of this profile is ready at once, and tells its layer in its first message.
    let new = json!({"out": "persist", "put": ["keys", "outgoing/0", "state"], "delete": []});
    let accept = json!({"out": "transmit", "id": 1, "kind": "accept"});
    let notice = json!({"out": "transmit", "id": 16, "kind": "ciphertext", "service": true});
    let outputs = [event("ready"), new.clone(), accept, notice.clone(), idle()];
    let accepted = answers(&mut bob, "accept", &none(), &outputs, &Value::Null);

    let (public, fingerprint) = (&accepted.outputs[2]["public"], &accepted.outputs[2]["fingerprint"]);
    let fields = json!({"public": public, "fingerprint": fingerprint});
    let answered = answers(&mut alice, "accepted", &fields, &[event("ready"), new, notice, idle()], &json!("applied"));
    assert_eq!(answered.outputs[0]["verification"], accepted.outputs[0]["verification"]);
    assert_eq!(answered.outputs[0]["verification"].as_str().map(str::len), Some(72), "36 bytes in hex");

    arrives(&mut bob, &answered, json!({"out": "event", "event": "peer_layer", "layer": 101}));
    arrives(&mut alice, &accepted, json!({"out": "event", "event": "peer_layer", "layer": 144}));
    answers(&mut alice, "ciphertext", &accepted.ciphertext(), &[idle()], &json!("duplicate"));
    Pair { alice, bob }
}

fn compare(alice: &mut Shim) {
    let verification = alice.state()["verification"].clone();
    let value = verification.as_str().unwrap();
    answers(alice, "mark_verified", &json!({"value": value}), &[persist(), idle()], &Value::Null);
    assert_eq!(alice.state()["verified"], json!({"check": null}));
    answers(alice, "clear_verified", &none(), &[persist(), idle()], &Value::Null);
    let code = format!("SECRETCHAT:1:R:{}", value.to_uppercase());
    answers(alice, "mark_scanned", &json!({"code": code}), &[persist(), idle()], &Value::Null);
    let own = alice.state()["scan_code"].clone();
    assert_eq!(alice.tell("mark_scanned", &json!({"code": own})).err(), Some(("api", "OwnCode")));
    // This profile exports nothing.
    assert_eq!(alice.tell("export", &json!({"label": "6c"})).err(), Some(("api", "NoExporter")));
    answers(alice, "forget_exporter", &none(), &[idle()], &Value::Null);
}

fn write(alice: &mut Shim, bob: &mut Shim) {
    let entities = json!([{"kind": "bold", "offset": 0, "length": 5}]);
    let draft = json!({
        "random_id": "-77", "text": "Hello", "entities": entities, "reply_to": "5", "silent": true, "file": "f1", "via_bot": "bot",
    });
    let transmit = json!({
        "out": "transmit", "id": 17, "kind": "ciphertext", "random_id": "-77", "service": false, "silent": true, "file": "f1",
    });
    let put = json!({"out": "persist", "put": ["outgoing/1", "state"], "delete": []});
    let sent = answers(alice, "send", &draft, &[put, transmit, idle()], &json!("-77"));

    let mut arriving = sent.ciphertext();
    arriving["date"] = json!(START - 1);
    arriving["file"] = json!({"reference": "f1", "size": 1008, "fingerprint": -5});
    let rights = json!({"may_forward": false, "may_save": true, "is_hidden_until_opened": false});
    // Behind NotifyLayer of either end: 2 * (1 + 1) (SPEC SEQ-10).
    let position = json!({"sender": "initiator", "slot": 1, "acknowledged": 1, "order": 4});
    answers(alice, "position", &json!({"id": "-77"}), &[], &position);
    answers(alice, "position", &json!({"id": "5"}), &[], &Value::Null);
    let message = json!({
        "out": "event", "event": "message", "random_id": "-77", "position": position, "date": START - 1, "text": "Hello", "entities": entities,
        "media": null, "file": arriving["file"], "reply_to": "5", "grouped_id": null, "via_bot": "bot", "silent": true,
        "ttl": 0, "layer": 101, "rights": rights,
    });
    let bytes = json!({"bytes": arriving["bytes"]});
    // Neither sender nor text in this profile (SPEC RIGHT-5, PEEK-2).
    let preview = json!({
        "random_id": "-77", "position": position, "is_early": false, "silent": true, "most": "nothing", "content": null,
    });
    answers(bob, "peek", &bytes, &[], &preview);
    answers(bob, "ciphertext", &arriving, &[message, persist(), idle()], &json!("applied"));
    answers(bob, "peek", &bytes, &[], &json!("seen"));
    let told = bob.tell("diagnosis", &none());
    let last = told.done()["outcomes"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last, json!({"cause": "event", "name": "message", "times": 1, "minute": START / 60_000 * 60_000}));
    let line = format!("\n{} event message x1\n", START / 60_000 * 60);
    assert!(told.done()["text"].as_str().unwrap().ends_with(&line));

    let told = json!({"out": "event", "event": "sent", "id": 17, "random_id": "-77", "date": START - 2});
    let carried = json!({"id": 17, "date": START - 2});
    // No batch of its own (SPEC DRV-9).
    answers(alice, "carried", &carried, &[told, idle()], &json!("applied"));

    let sent = alice.tell("send", &json!({"random_id": "78", "text": "refused"}));
    assert_eq!(sent.done(), "78");
    let told = json!({"out": "event", "event": "failed", "id": 18, "random_id": "78"});
    let empty = json!({"out": "transmit", "id": 18, "random_id": "78", "silent": true});
    let refused = json!({"id": 18, "permanent": true});
    let refused = answers(alice, "refused", &refused, &[told, persist(), empty, idle()], &json!("applied"));
    arrives(bob, &refused, json!({"out": "event", "event": "deleted", "random_ids": ["78"]}));

    let items = json!({"items": [{"media": photo(), "random_id": "81"}, {"media": photo(), "random_id": "82"}]});
    let transmit = |id| json!({"out": "transmit", "random_id": id});
    let outputs = [persist(), transmit("81"), transmit("82"), idle()];
    let album = answers(bob, "send_album", &items, &outputs, &json!(["81", "82"]));
    let groups = [1, 2].map(|i| {
        let mut told = vec![json!({"event": "message", "random_id": album.done()[i - 1]}), persist(), idle()];
        if i == 1 {
            // What was refused is not mentioned.
            told.insert(0, acknowledged(&["-77"]));
        }
        let arriving = json!({"bytes": album.outputs[i]["bytes"]});
        let answer = answers(alice, "ciphertext", &arriving, &told, &json!("applied"));
        answer.outputs[told.len() - 3]["grouped_id"].clone()
    });
    assert!(groups[0].is_string() && groups[0] == groups[1], "{groups:?}");
}

fn act(alice: &mut Shim, bob: &mut Shim) {
    let sent = answers(bob, "mark_read", &json!({"ids": ["-77"]}), &sends(false), &json!({"queued": 19}));
    arrives(alice, &sent, json!({"out": "event", "event": "read_by_peer", "random_ids": ["-77"]}));
    let read = json!({"out": "transmit", "id": 3, "kind": "read", "max_date": START});
    answers(bob, "mark_read_up_to", &json!({"max_date": START}), &[read, idle()], &Value::Null);
    let told = json!({"out": "event", "event": "read_up_to", "max_date": START, "date": START});
    // No date is later than the call (SPEC TIME-3).
    let fields = json!({"max_date": START, "date": START + 1});
    answers(alice, "peer_read", &fields, &[told, persist(), idle()], &json!("applied"));

    // Outside of the encryption the peer learns whether the user types, not what (SPEC ACT-3).
    let typing = json!({"out": "transmit", "id": 4, "kind": "typing", "typing": true});
    answers(alice, "typing", &json!({"action": "record_video"}), &[typing, idle()], &Value::Null);
    let told = json!({"out": "event", "event": "typing", "action": "typing"});
    answers(bob, "peer_typing", &none(), &[told, idle()], &json!("applied"));

    let null = Value::Null;
    for (command, fields, done, told) in [
        ("screenshot", json!({"ids": []}), &null, json!({"event": "screenshot", "random_ids": []})),
        (
            "delete",
            json!({"ids": ["81", "-77"]}),
            &json!({"queued": 20}),
            json!({"event": "deleted", "random_ids": ["81", "-77"]}),
        ),
        ("flush_history", none(), &json!({"queued": 21}), json!({"event": "history_flushed"})),
        ("set_ttl", json!({"seconds": 30}), &null, json!({"event": "ttl_changed", "ttl": 30, "crossed": false})),
        ("announce_layer", json!({"layer": 144}), &null, json!({"event": "peer_layer", "layer": 144})),
    ] {
        let sent = answers(alice, command, &fields, &sends(command == "announce_layer"), done);
        if command == "screenshot" {
            // Alice's first message since the album: the transport has not said that it carried what she has processed.
            let outputs = [carried("81"), carried("82"), acknowledged(&["81", "82"]), told, persist(), idle()];
            answers(bob, "ciphertext", &sent.ciphertext(), &outputs, &json!("applied"));
        } else {
            arrives(bob, &sent, told);
        }
    }
}

fn time(alice: &mut Shim, bob: &mut Shim) {
    let sent = alice.tell("send", &json!({"random_id": "90", "media": photo(), "text": "of thirty seconds"}));
    let rights = json!({"may_save": false, "is_hidden_until_opened": true});
    let hidden = json!({"kind": "photo", "w": 800, "h": 600, "size": 1000, "key": null, "iv": null});
    let message = json!({"event": "message", "random_id": "90", "ttl": 30, "rights": rights, "media": hidden});
    arrives(bob, &sent, message);

    let lease = json!({"key": "11".repeat(32), "iv": "22".repeat(32), "size": 1000, "thumb": null, "rights": rights});
    let opened = json!({"event": "opened", "random_id": "90", "deadline": START + 30_000, "lease": lease});
    let [_, transmit, _] = sends(false);
    // While a timer runs the records are told the time: after an eighth of what is left (SPEC DES-12).
    let due = json!({"out": "timeout", "at": START + 30_000 / 8});
    let outputs = [persist(), opened, transmit, due.clone()];
    let read = answers(bob, "open_view", &json!({"id": "90"}), &outputs, &json!({"queued": 20}));
    let told = json!({"event": "read_by_peer", "random_ids": ["90"]});
    let outputs = [carried("90"), acknowledged(&["90"]), told, persist(), due.clone()];
    answers(alice, "ciphertext", &read.ciphertext(), &outputs, &json!("applied"));
    let expired = json!({"event": "expired", "random_id": "90"});
    for shim in [&mut *alice, &mut *bob] {
        let early = json!({"now": START + 29_999});
        let outputs = [persist(), json!({"out": "timeout", "at": START + 30_000})];
        answers(shim, "now", &early, &outputs, &Value::Null);
        let outputs = [expired.clone(), persist(), idle()];
        answers(shim, "now", &json!({"now": START + 30_000}), &outputs, &Value::Null);
    }

    let sent = alice.tell("send", &json!({"random_id": "91", "media": photo(), "ttl": i32::MAX}));
    arrives(bob, &sent, json!({"event": "message", "random_id": "91", "ttl": i32::MAX}));
    // For five minutes at most, and the peer is not told.
    let deadline = START + 30_000 + 5 * 60_000;
    let opened = json!({"event": "opened", "random_id": "91", "deadline": deadline, "lease": {"key": "11".repeat(32)}});
    let due = json!({"out": "timeout", "at": START + 30_000 + 5 * 60_000 / 8});
    answers(bob, "open_view", &json!({"id": "91"}), &[persist(), opened, due], &json!("nothing"));
    let expired = json!({"event": "expired", "random_id": "91"});
    answers(bob, "close_view", &json!({"id": "91"}), &[expired, persist(), idle()], &Value::Null);
}

fn keys_and_upkeep(alice: &mut Shim, bob: &mut Shim) {
    let [put, transmit, _] = sends(true);
    // While an answer is awaited, only the greatest age of a key is left: 30 days (SPEC REKEY-6).
    let asked = json!({"out": "timeout", "at": START + 30 * DAY});
    let outputs = [put.clone(), transmit.clone(), asked];
    let request = answers(alice, "rekey", &none(), &outputs, &Value::Null);
    let accept = answers(bob, "ciphertext", &request.ciphertext(), &outputs, &json!("applied"));
    assert_eq!(bob.state()["rekey"]["state"], "accepted");
    let told = json!({"event": "rekeyed", "rekeys": 1});
    // While an old key may be needed no new one is due.
    let due = json!({"out": "timeout", "at": START + 30_000 + 30 * DAY});
    let outputs = [carried("91"), acknowledged(&["91"]), told.clone(), put, transmit, due];
    let commit = answers(alice, "ciphertext", &accept.ciphertext(), &outputs, &json!("applied"));
    // The first message under the new key, so that the other end may wipe the old one.
    let [put, transmit, _] = sends(true);
    let due = json!({"out": "timeout"});
    let outputs = [told, put.clone(), transmit.clone(), due.clone()];
    let noop = answers(bob, "ciphertext", &commit.ciphertext(), &outputs, &json!("applied"));
    assert_eq!(alice.tell("ciphertext", &noop.ciphertext()).done(), "applied");
    let [of_alice, of_bob] = [alice.state(), bob.state()];
    assert_eq!(of_alice["key_fingerprint"], of_bob["key_fingerprint"]);
    assert_eq!(
        (&of_alice["state"], &of_alice["role"], &of_alice["rekeys"]),
        (&json!("ready"), &json!("initiator"), &json!(1))
    );
    assert_eq!(
        (&of_bob["role"], &of_bob["peer_layer"], &of_bob["ttl"]),
        (&json!("responder"), &json!(144), &json!(30))
    );
    assert_eq!(of_alice["sent"], of_bob["received"]);

    // Bob has something to acknowledge, once.
    let text = alice.tell("send", &json!({"text": "x", "ttl": 0}));
    assert_eq!(bob.tell("ciphertext", &text.ciphertext()).done(), "applied");
    let noop = answers(bob, "acknowledge", &none(), &[put, transmit, due.clone()], &Value::Null);
    answers(bob, "acknowledge", &none(), std::slice::from_ref(&due), &Value::Null);
    assert_eq!(alice.tell("ciphertext", &noop.ciphertext()).done(), "applied");
    // Everything from Alice is acknowledged; Bob's last message is not.
    answers(alice, "retransmit", &none(), std::slice::from_ref(&due), &Value::Null);
    let again = bob.tell("retransmit", &none());
    assert_eq!(again.out("transmit").last().unwrap()["bytes"], noop.ciphertext()["bytes"]);

    let before = alice.state();
    answers(alice, "restart", &none(), std::slice::from_ref(&due), &Value::Null);
    assert_eq!(alice.state(), before);
    answers(alice, "crash_after", &json!({"outputs": 0}), &[], &Value::Null);
    answers(alice, "send", &json!({"text": "never"}), &[due], &json!("crashed"));
    assert_eq!(alice.state(), before);
}

fn end(alice: &mut Shim, bob: &mut Shim) {
    let closed = json!({"event": "closed", "reason": "ByUs", "history": true});
    let tombstone = json!({"out": "persist", "put": ["tombstone"]});
    let discard = json!({"out": "transmit", "id": 2, "kind": "discard", "history": true, "sent": null, "proof": null});
    let no_timeout = json!({"out": "timeout", "at": null});
    let outputs = [closed, tombstone.clone(), discard, no_timeout.clone()];
    answers(alice, "close", &json!({"history": true}), &outputs, &Value::Null);
    assert_eq!(alice.state()["reason"], "ByUs");
    // This profile has no proof of who ended it.
    let closed = json!({"event": "closed", "reason": "ByServerOrPeer", "history": true});
    let outputs = [closed, tombstone, no_timeout];
    answers(bob, "discarded", &json!({"history": true}), &outputs, &json!("chat_closed"));
    // Nor has it a proof of being closed: any receipt will do, and nothing is left.
    let outputs =
        [json!({"out": "persist", "put": [], "delete": ["tombstone"]}), json!({"out": "timeout", "at": null})];
    answers(alice, "discard_receipt", &none(), &outputs, &json!("applied"));
    answers(alice, "retransmit", &none(), &[json!({"out": "timeout", "at": null})], &Value::Null);
}

/// A request that is declined, or that another device was faster to accept.
fn not_wanted(answer: &str) -> Shim {
    let mut alice = Shim::set_up(&config("telegram", true, &none()));
    let public = alice.tell("request", &none()).outputs[1]["public"].clone();
    let mut bob = Shim::set_up(&config("telegram", false, &none()));
    bob.tell("invitation", &json!({"public": public})).done();
    if answer == "decline" {
        let discard =
            json!({"out": "transmit", "id": 2, "kind": "discard", "history": false, "sent": null, "proof": null});
        answers(&mut bob, "decline", &none(), &[discard], &Value::Null);
        assert_eq!(bob.tell("accept", &none()).err(), Some(("shim", "NoInvitation")));
    } else {
        let accepted = bob.tell("accept", &none());
        // The request came again (SPEC X25-5).
        let accept = accepted.out("transmit").next().unwrap().clone();
        let outputs = [accept, accepted.outputs.last().unwrap().clone()];
        answers(&mut bob, "accept_again", &none(), &outputs, &Value::Null);
        let closed = json!({"event": "closed", "reason": "AcceptedElsewhere", "history": false});
        let outputs = [closed, persist(), json!({"out": "timeout", "at": null})];
        answers(&mut bob, "accepted_elsewhere", &none(), &outputs, &json!("chat_closed"));
    }
    bob
}
