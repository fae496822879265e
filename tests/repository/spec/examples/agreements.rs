//! What two ends compute in a handshake and in a rekey.

use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::DecapsulationKey;
use serde_json::{Value, json};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

use super::{Example, cases, expand, hmac, same, sha256, vectors};

#[test]
fn an_agreement_and_a_rekey() {
    let example = Example::new("X25519: an agreement, a rekey");
    let case = &cases(vectors("x25519-profile-published.json"), "handshake")[0];
    example.equals(case, &same(&["id_i", "id_r", "context", "a", "b", "A", "B", "ss", "th", "root", "fingerprint"]));
    example.equals(case, &same(&["chain", "check", "verification"]));
    example.equals(case, &[("chat key", "chat_key"), ("discard keys", "discard_keys")]);
    let of_initiator = |case: &Value, sent: u32| {
        let discard = case["discards"].as_array().unwrap()[0].clone();
        assert_eq!(
            (&discard["by"], &discard["history"], &discard["sent"]),
            (&json!("initiator"), &json!(0), &json!(sent))
        );
        discard
    };
    example.equals(&of_initiator(case, 0), &same(&["proof"]));

    assert_eq!(sha256(&example.bytes("th input")), example.bytes("th"));
    assert_eq!(hmac(b"secretchat/1 x25519 handshake", &example.bytes("ss")), example.bytes("PRK"));
    let info = [b"secretchat/1 root".to_vec(), example.bytes("th")].concat();
    assert_eq!(expand(&example.bytes("PRK"), &info, 32), example.bytes("root"));

    let rekey = Example::nth("X25519: an agreement, a rekey", 1);
    let case = &case["rekeys"][0];
    rekey.equals(case, &same(&["p", "q", "P", "Q", "fingerprint", "chain", "check"]));
    rekey.equals(case, &[("ss'", "ss"), ("root'", "root"), ("chat key", "chat_key"), ("discard keys", "discard_keys")]);
    rekey.equals(&of_initiator(case, 258), &same(&["proof"]));
    assert_eq!(rekey.bytes("exchange_id"), 1_i64.to_le_bytes());
    assert_eq!((&case["exchange_id"], &case["starter"]), (&Value::from("1"), &Value::from(0)));
    assert_eq!(rekey.bytes("starter"), [0]);
}

#[test]
fn a_hybrid_agreement_and_a_rekey() {
    let (example, rekey) =
        (Example::new("Hybrid: an agreement, a rekey"), Example::nth("Hybrid: an agreement, a rekey", 1));
    // HYB-1 and HYB-2: what the public values are made of, by the X25519 of `x25519-dalek` and the ML-KEM of `ml-kem`.
    for (example, names) in [(&example, ["a", "A", "b", "B", ""]), (&rekey, ["p", "P", "q", "Q", "'"])] {
        let [asking, request, answering, answer, prime] = names;
        let key = DecapsulationKey::from_seed(example.joined(&["d", "z"])[..].try_into().unwrap());
        let ek = key.encapsulation_key();
        let (ct, shared) = ek.encapsulate_deterministic(example.bytes("m")[..].try_into().unwrap());
        assert_eq!(key.decapsulate(&ct), shared);
        let base = |name| x25519(example.bytes(name).try_into().unwrap(), X25519_BASEPOINT_BYTES);
        assert_eq!([&base(asking)[..], &ek.to_bytes()].concat(), example.bytes(request));
        assert_eq!([&base(answering)[..], &ct].concat(), example.bytes(answer));
        let classic = x25519(example.bytes(asking).try_into().unwrap(), base(answering));
        assert_eq!(example.bytes(&format!("ss_x25519{prime}")), classic);
        assert_eq!(example.bytes(&format!("ss_mlkem{prime}")), shared[..]);
        let secrets = [format!("ss_mlkem{prime}"), format!("ss_x25519{prime}")];
        assert_eq!(example.bytes(&format!("ikm{prime}")), example.joined(&secrets.each_ref().map(String::as_str)));
    }

    // HYB-4 and HYB-6.
    assert_eq!(sha256(&example.joined(&["th prefix", "A", "B"])), example.bytes("th"));
    assert_eq!(hmac(b"secretchat/1 x25519mlkem768 handshake", &example.bytes("ikm")), example.bytes("PRK"));
    let info = [b"secretchat/1 root".to_vec(), example.bytes("th")].concat();
    assert_eq!(expand(&example.bytes("PRK"), &info, 32), example.bytes("root"));
    assert_eq!(hmac(&example.bytes("chain"), &rekey.bytes("ikm'")), rekey.bytes("PRK'"));
    let label = b"secretchat/1 x25519mlkem768 rekey".to_vec();
    let prefix = [label, example.bytes("th"), rekey.joined(&["exchange_id", "starter"])].concat();
    assert_eq!(rekey.bytes("info prefix"), prefix);
    assert_eq!(expand(&rekey.bytes("PRK'"), &rekey.joined(&["info prefix", "P", "Q"]), 32), rekey.bytes("root'"));

    for (example, root, sent) in [(&example, "root", 0_u32), (&rekey, "root'", 258)] {
        let from_root = |label: &[u8], length| expand(&example.bytes(root), label, length);
        assert_eq!(from_root(b"secretchat/1 chat key", 256), example.bytes("chat key"));
        assert_eq!(from_root(b"secretchat/1 fingerprint", 8), example.bytes("fingerprint"));
        assert_eq!(from_root(b"secretchat/1 chain", 32), example.bytes("chain"));
        assert_eq!(from_root(b"secretchat/1 check", 36), example.bytes("check"));
        assert_eq!(from_root(b"secretchat/1 discard", 64), example.bytes("discard keys"));
        let data = [&b"secretchat/1 discard\0"[..], &sent.to_le_bytes()].concat();
        assert_eq!(hmac(&example.bytes("discard keys")[..32], &data), example.bytes("proof"));
    }
    let prk = hmac(b"secretchat/1 verification", &example.bytes("th"));
    assert_eq!(expand(&prk, b"secretchat/1 verification", 36), example.bytes("verification"));
}
