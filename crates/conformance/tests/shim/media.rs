//! What is written arrives as it was written: each medium, each entity, in each profile.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::commands::documented;
use crate::peer::{PROFILES, Pair};
use crate::process::has;

fn file(kind: &str, more: &Value) -> Value {
    let mut file = json!({
        "kind": kind, "size": 3_000_000_000_u64, "key": "0a".repeat(32), "iv": "0b".repeat(32), "mime_type": "a/b",
        "file_name": "name", "thumb": "ffd8ffd9", "thumb_w": 90, "thumb_h": 60,
    });
    file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    file
}

fn media() -> Vec<Value> {
    let photo = json!({
        "kind": "photo", "w": 1280, "h": 720, "size": 5000, "key": "0a".repeat(32), "iv": "0b".repeat(32),
        "thumb": "ffd8ffd9", "thumb_w": 90, "thumb_h": 60,
    });
    let attributes = json!({"kind": "sticker", "alt": "👍", "w": 512, "h": 512, "file_name": "s.webp"});
    vec![
        photo,
        file("document", &json!({})),
        file("document", &json!({"w": 4000, "h": 3000})),
        file("video", &json!({"duration": 61, "w": 640, "h": 360})),
        file("animation", &json!({"duration": 3, "w": 320, "h": 240})),
        file("audio", &json!({"duration": 200, "title": "Title", "performer": "Who"})),
        file("voice", &json!({"duration": 12, "waveform": "001f7c"})),
        file("round", &json!({"duration": 20, "w": 240})),
        file("sticker", &json!({"alt": "👍", "w": 512, "h": 512})),
        json!({"kind": "geo", "lat": 48.8584, "long": -2.2945}),
        json!({
            "kind": "venue", "lat": -90.0, "long": 180.0, "title": "Pole", "address": "Ice", "provider": "p", "venue_id": "v",
        }),
        json!({"kind": "contact", "phone_number": "+1", "first_name": "A", "last_name": "B", "user_id": -5}),
        json!({"kind": "web_page", "url": "https://example.org/"}),
        json!({
            "kind": "external_document", "id": "-9223372036854775808", "access_hash": "9223372036854775807", "dc_id": 4,
            "date": 1_700_000_000, "mime_type": "image/webp", "size": 20_000, "attributes": attributes, "thumb": "ffd8",
            "thumb_w": 1, "thumb_h": 100,
        }),
    ]
}

#[test]
fn media_arrive_as_they_were_sent() {
    for profile in PROFILES {
        let Pair { mut alice, mut bob } = Pair::ready(profile, &json!({}));
        for media in media() {
            let sent = alice.tell("send", &json!({"media": media, "text": "caption"}));
            let told = bob.tell("ciphertext", &sent.ciphertext());
            let message = &told.outputs[0];
            assert_eq!((&message["event"], &message["text"]), (&json!("message"), &json!("caption")), "{media}");
            assert!(has(&message["media"], &media), "{profile}\nsent     {media}\nreceived {}", message["media"]);
        }
        // A caption may stand in the medium, as in the schema.
        let mut captioned = media().remove(0);
        captioned["caption"] = json!("inside");
        let sent = alice.tell("send", &json!({"media": captioned}));
        assert_eq!(bob.tell("ciphertext", &sent.ciphertext()).outputs[0]["text"], "inside");
    }
}

/// The kinds in a list.
fn kinds(values: &[Value]) -> BTreeSet<String> {
    values.iter().map(|value| value["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_kind_of_media_is_documented_with_its_fields() {
    assert_eq!(kinds(&media()), documented("kind of media"));
    let page = include_str!("../../SHIM.md");
    let section = page.split_once("\n## Media\n").unwrap().1.split("\n## ").next().unwrap();
    for name in media().iter().flat_map(|media| media.as_object().unwrap().keys()) {
        assert!(section.contains(&format!("`{name}")), "{name}");
    }
}

#[test]
fn entities_arrive_as_they_were_sent() {
    let plain = [
        "unknown",
        "mention",
        "hashtag",
        "bot_command",
        "url",
        "email",
        "bold",
        "italic",
        "code",
        "phone",
        "cashtag",
        "bank_card",
        "underline",
        "strike",
        "blockquote",
        "spoiler",
    ];
    let mut entities: Vec<_> = plain.map(|kind| json!({"kind": kind, "offset": 2, "length": 3})).into();
    for (kind, name, value) in [
        ("pre", "language", json!("rust")),
        ("text_url", "url", json!("https://example.org/")),
        ("mention_name", "user_id", json!(77)),
        ("custom_emoji", "document_id", json!("-5")),
    ] {
        entities.push(json!({"kind": kind, "offset": 0, "length": 2, name: value}));
    }
    assert_eq!(kinds(&entities), documented("kind of entity"));
    for profile in PROFILES {
        let Pair { mut alice, mut bob } = Pair::ready(profile, &json!({}));
        let sent = alice.tell("send", &json!({"text": "😀abc", "entities": entities}));
        let told = bob.tell("ciphertext", &sent.ciphertext());
        let mut arrived = told.outputs[0]["entities"].as_array().unwrap().clone();
        // The order on the wire is the sender's; only that each is there matters.
        arrived.retain(|entity| !entities.contains(entity));
        assert_eq!(arrived, [] as [Value; 0]);
        assert_eq!(told.outputs[0]["entities"].as_array().unwrap().len(), entities.len());
    }
}

#[test]
fn each_typing_action_arrives() {
    let Pair { mut alice, mut bob } = Pair::ready("x25519", &json!({}));
    for action in [
        "cancel",
        "typing",
        "record_video",
        "upload_video",
        "record_audio",
        "upload_audio",
        "upload_photo",
        "upload_document",
        "geo_location",
        "choose_contact",
        "record_round",
        "upload_round",
    ] {
        let sent = alice.tell("typing", &json!({"action": action}));
        let told = bob.tell("ciphertext", &sent.ciphertext());
        assert_eq!(told.outputs[0], json!({"out": "event", "event": "typing", "action": action}));
    }
}
