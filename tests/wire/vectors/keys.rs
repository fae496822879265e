//! Fingerprints and the verification value of the Telegram profile (SPEC FP-1, FP-2, VER-1).

use secretchat::KeyFingerprint;
use secretchat::hazmat::Secret;
use secretchat::hazmat::fingerprint::{file_key_fingerprint, key_fingerprint, verification};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::json::{array, bytes, cases, file, text};

#[test]
fn fingerprints_of_chat_keys_are_those_of_the_vectors() {
    let file = file!("fingerprints.json");
    let mut with_leading_zero = 0;
    for case in &cases(&file, "chat-key") {
        let (name, raw) = (&case["comment"], array::<256>(&case["key"]));
        assert_eq!(hex::encode(Sha1::digest(raw)), text(&case["sha1"]), "{name}");
        assert_eq!(hex::encode(Sha256::digest(raw)), text(&case["sha256"]), "{name}");
        let key = Secret::new(raw);
        let fingerprint = key_fingerprint(&key);
        let long: i64 = text(&case["fingerprint_long"]).parse().unwrap();
        assert_eq!(fingerprint.to_bytes(), array(&case["fingerprint"]), "{name}");
        assert_eq!(fingerprint.to_long(), long, "{name}");
        assert_eq!(KeyFingerprint::from_long(long), fingerprint, "{name}");
        assert_eq!(verification(&key), array(&case["verification"]), "{name}");

        // A shared secret that begins with zeros is hashed with them; one exchange in 256 shows the mistake.
        if raw[0] == 0 {
            with_leading_zero += 1;
            let stripped = &raw[raw.iter().position(|byte| *byte != 0).unwrap()..];
            let wrong: [u8; 8] = array(&case["stripped_fingerprint"]);
            assert_eq!(Sha1::digest(stripped)[12..], wrong, "{name}");
            assert_ne!(fingerprint.to_bytes(), wrong, "{name}");
        }
    }
    assert_eq!(with_leading_zero, 4);
}

#[test]
fn published_fingerprints_are_met() {
    let file = file!("fingerprints.json");
    let cases = cases(&file, "chat-key");
    let case = |name: &str| cases.iter().find(|case| text(&case["comment"]) == name).unwrap();
    let key = |name| Secret::new(array(&case(name)["key"]));

    let counting = key("bytes 00 to ff");
    assert_eq!(*counting.expose(), core::array::from_fn(|i| u8::try_from(i).unwrap()));
    assert_eq!(key_fingerprint(&counting).to_long(), -3_972_359_982_579_920_590);

    let zero = key(r#"E("a",0) with E("b",232)"#);
    assert_eq!(zero.expose()[..6], [0x00, 0xf9, 0x06, 0xee, 0xfc, 0x5b]);
    assert_eq!(key_fingerprint(&zero).to_long(), 380_444_428_695_137_585);
    assert_eq!(
        hex::encode(verification(&zero)),
        "bd2a15b6ebf79c0d726a97b9316d2635b22d1d380b9bc2cb1e6430d35af440a5b47a7f0b"
    );
}

#[test]
fn fingerprints_of_file_keys_are_those_of_the_vectors() {
    let file = file!("fingerprints.json");
    let mut fingerprints = Vec::new();
    let cases = cases(&file, "file-key");
    for case in &cases {
        let (key, iv) = (Secret::new(array(&case["key"])), Secret::new(array(&case["iv"])));
        assert_eq!(i64::from(file_key_fingerprint(&key, &iv)), case["fingerprint"].as_i64().unwrap());
        fingerprints.push(file_key_fingerprint(&key, &iv));
    }
    assert_eq!(bytes(&cases[0]["key"])[..4], [0, 1, 2, 3]);
    assert_eq!(fingerprints[0], -217_561_997);
}
