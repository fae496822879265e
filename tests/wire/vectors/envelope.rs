//! Sealed messages (SPEC ENV-1 to ENV-4).

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::{self, DirectionKey, Layout};
use secretchat::{KeyFingerprint, PeerFault};
use serde_json::Value;

use super::json::{array, bytes, cases, file, text};
use super::kdf::offset;

/// Calls `check` with each case of a kind, the key that it names and the sealed bytes.
fn each(kind: &str, mut check: impl FnMut(&Value, &DirectionKey<'_>, Vec<u8>)) -> usize {
    let file = file!("envelope.json");
    let cases = cases(&file, kind);
    for case in &cases {
        let key = &file["keys"][text(&case["key"])];
        let chat_key = Secret::new(array(&key["key"]));
        let fingerprint = KeyFingerprint::from_bytes(array(&key["fingerprint"]));
        check(case, &DirectionKey { chat_key: &chat_key, fingerprint, x: offset(&case["x"]) }, bytes(&case["sealed"]));
    }
    cases.len()
}

#[test]
fn valid_messages_seal_and_open() {
    let count = each("sealed", |case, key, mut sealed| {
        let (body, padding) = (bytes(&case["body"]), bytes(&case["padding"]));
        let layout = Layout::with_padding(body.len(), padding.len()).unwrap();
        assert_eq!(layout.sealed_len(), sealed.len());

        let mut rng = Scripted::new([padding]);
        let mut buffer = vec![0xee; sealed.len() + 5];
        let ours = envelope::seal(key, layout, &mut rng, &mut buffer, |to| to.copy_from_slice(&body)).unwrap();
        assert_eq!(ours, sealed);
        assert!(rng.left().is_empty(), "the padding comes from the generator, in one draw");

        assert_eq!(envelope::fingerprint(&sealed), Some(key.fingerprint));
        assert_eq!(envelope::open(key, &mut sealed).unwrap(), body);
    });
    assert!(count >= 70);
}

#[test]
fn invalid_messages_do_not_open() {
    let mut whats = Vec::new();
    let count = each("hostile", |case, key, mut sealed| {
        assert_eq!(case["error"], "NotAuthentic");
        let what = text(&case["comment"]);
        assert_eq!(envelope::open(key, &mut sealed), Err(PeerFault::NotAuthentic), "{what}, x = {}", case["x"]);
        whats.push(what.to_owned());
    });
    assert!(count >= each("sealed", |_, _, _| ()), "as many invalid as valid ones");
    for class in ["padding 0", "padding 4", "padding 1028", "length 0", "length -1", "cut off", "sealed for x"] {
        assert!(whats.iter().any(|what| what.contains(class)), "{class}");
    }
}

// SPEC ENV-5, KDF-4.
#[cfg(feature = "telegram")]
#[test]
fn messages_of_mtproto_1_open_or_do_not() {
    let file = file!("envelope-old.json");
    let chat_key = Secret::new(array(&file["key"]));
    let fingerprint = KeyFingerprint::from_bytes(array(&file["fingerprint"]));
    let open = |case: &Value| {
        let mut sealed = bytes(&case["sealed"]);
        let opened = envelope::old::open(&chat_key, fingerprint, &mut sealed).map(|body| body.to_vec());
        if opened.is_err() {
            let plain = &sealed[sealed.len().min(24)..];
            let touched = plain.len() >= 16 && plain.len().is_multiple_of(16);
            assert!(!touched || plain.iter().all(|byte| *byte == 0), "nothing of it is left");
        }
        opened
    };
    let (valid, hostile) = (cases(&file, "sealed"), cases(&file, "hostile"));
    for case in &valid {
        assert_eq!(open(case), Ok(bytes(&case["body"])));
    }
    for case in &hostile {
        assert_eq!(open(case), Err(PeerFault::NotAuthentic), "{}", case["comment"]);
    }
    assert_eq!((valid.len(), hostile.len()), (10, 34));
    let mut other = bytes(&valid[0]["sealed"]);
    other[0] ^= 1;
    assert_eq!(envelope::old::open(&chat_key, fingerprint, &mut other), Err(PeerFault::UnknownKey));
}
