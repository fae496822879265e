//! The worked examples are those of the vectors, and each value follows from those above it.

use std::collections::BTreeMap;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use ml_kem::kem::{Decapsulate, KeyExport};
use ml_kem::ml_kem_768::DecapsulationKey;
use secretchat::{
    Batch, Chat, ChatState, Checkpoint, CloseReason, Config, Env, History, Output, RecordName, Records, StoreKey,
    Timestamp,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

use super::SPEC;

/// `name = hex` in a code block of a numbered example; long values go on in the next line.
struct Example(BTreeMap<&'static str, String>);

impl Example {
    fn new(number: &str) -> Self {
        Self::nth(number, 0)
    }

    /// The values of one of its code blocks.
    fn nth(number: &str, block: usize) -> Self {
        let mut values = BTreeMap::new();
        let mut name = "";
        for line in code(number, block).lines() {
            let digits = match line.split_once('=') {
                Some((before, behind)) => {
                    name = before.trim();
                    assert!(values.insert(name, String::new()).is_none(), "{number}: {name} twice");
                    behind
                }
                None => line,
            };
            values.get_mut(name).unwrap().push_str(digits.trim());
        }
        assert!(!values.is_empty(), "{number}");
        Self(values)
    }

    fn hex(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("no {name}"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex::decode(self.hex(name)).unwrap()
    }

    fn joined(&self, names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| self.bytes(name)).collect()
    }

    /// Each value of the vector by its name there; its leading zeros may be missing.
    fn equals(&self, vector: &Value, names: &[(&str, &str)]) {
        for (ours, theirs) in names {
            let wanted = vector[*theirs].as_str().unwrap_or_else(|| panic!("the vector has no {theirs}"));
            assert_eq!(self.hex(ours), format!("{wanted:0>width$}", width = self.hex(ours).len()), "{ours}");
        }
    }
}

/// A code block of an example.
fn code(number: &str, block: usize) -> &'static str {
    let (_, section) = SPEC.split_once(&format!("\n### {number} ")).unwrap();
    let section = section.split("\n### ").next().unwrap();
    section.split("```\n").nth(2 * block + 1).unwrap()
}

/// The same name on both sides.
fn same<'a>(names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    names.iter().map(|name| (*name, *name)).collect()
}

macro_rules! vectors {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../../../test-vectors/", $name))).unwrap()
    };
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap().chain_update(data).finalize().into_bytes().to_vec()
}

/// The cases of one kind in a file of vectors.
fn cases(mut file: Value, kind: &str) -> Vec<Value> {
    let Value::Array(cases) = file["cases"].take() else { panic!("no cases") };
    cases.into_iter().filter(|case| case["kind"] == kind).collect()
}

fn expand(prk: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    Hkdf::<Sha256>::from_prk(prk).unwrap().expand(info, &mut out).unwrap();
    out
}

#[test]
fn the_published_prime_stands_in_the_clause() {
    let (_, clause) = SPEC.split_once("**MODP-1**").unwrap();
    let digits: String = clause.split("```\n").nth(1).unwrap().split_whitespace().collect();
    assert_eq!(digits, cases(vectors!("modp.json"), "group")[3]["p"].as_str().unwrap());
}

#[test]
fn an_agreement_and_a_rekey() {
    let example = Example::new("25.1");
    let case = &cases(vectors!("x25519-profile-published.json"), "handshake")[0];
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

    let rekey = Example::nth("25.1", 1);
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
    let (example, rekey) = (Example::new("25.8"), Example::nth("25.8", 1));
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

#[test]
fn a_message_with_every_step() {
    let example = Example::new("25.2");
    example.equals(&cases(vectors!("fingerprints.json"), "chat-key")[0], &same(&["key", "fingerprint"]));
    let messages = cases(vectors!("kdf.json"), "message");
    let message = &messages[0];
    assert_eq!(message["x"], 0);
    example.equals(message, &[("msg_key", "msg_key"), ("ciphertext", "cipher")]);
    let plain = example.joined(&["length", "body", "padding"]);
    assert_eq!(hex::encode(&plain), message["plain"].as_str().unwrap());

    let (key, msg_key) = (example.bytes("key"), example.bytes("msg_key"));
    assert_eq!(example.bytes("msg_key input"), [&key[88..120], &plain].concat());
    assert_eq!(example.bytes("its SHA-256"), sha256(&example.bytes("msg_key input")));
    assert_eq!(example.bytes("its SHA-256")[8..24], msg_key);
    assert_eq!(example.bytes("A input"), [&msg_key, &key[..36]].concat());
    assert_eq!(example.bytes("B input"), [&key[40..76], &msg_key].concat());
    let (a, b) = (sha256(&example.bytes("A input")), sha256(&example.bytes("B input")));
    assert_eq!((example.bytes("A"), example.bytes("B")), (a.clone(), b.clone()));
    assert_eq!(example.bytes("aes_key"), [&a[..8], &b[8..24], &a[24..]].concat());
    assert_eq!(example.bytes("aes_iv"), [&b[..8], &a[8..24], &b[24..]].concat());
    assert_eq!(example.bytes("message"), example.joined(&["fingerprint", "msg_key", "ciphertext"]));

    let rows = super::table("| x | `msg_key` | ciphertext |");
    assert_eq!(rows.len(), messages.len());
    for (row, message) in rows.iter().zip(&messages) {
        assert_eq!(row[0], message["x"].to_string());
        assert_eq!([row[1], row[2]], ["msg_key", "cipher"].map(|name| message[name].as_str().unwrap()));
    }
}

#[test]
fn the_example_of_a_message_was_recorded() {
    let example = Example::new("25.3");
    let file = vectors!("tdlib/conversations/text_layer73_td_orig.json");
    let step = file["steps"].as_array().unwrap().iter().find(|step| step["n"] == 11).unwrap();
    example.equals(&file["secrets"]["keys"][0], &[("chat key", "auth_key")]);
    example.equals(step, &[("padding", "padding"), ("msg_key", "msg_key"), ("sealed", "wire")]);
    let header = ["decryptedMessageLayer", "random_bytes", "layer", "in_seq_no", "out_seq_no"];
    let message = ["decryptedMessage", "flags", "random_id", "ttl", "message"];
    let body = example.joined(&[&header[..], &message[..]].concat());
    assert_eq!(hex::encode(&body), step["tl"].as_str().unwrap());
    assert_eq!(example.bytes("length"), u32::try_from(body.len()).unwrap().to_le_bytes());
    let plain = [example.bytes("length"), body, example.bytes("padding")].concat();
    let hash = sha256(&[&example.bytes("chat key")[88..120], &plain].concat());
    assert_eq!(hash[8..24], example.bytes("msg_key"));
}

// SPEC VER-2, VER-5, VER-6.
#[test]
fn the_example_of_a_verification_value_is_a_vector() {
    let file = vectors!("verification.json");
    let value = Example::new("25.4").bytes("value");
    let values = cases(file.clone(), "value");
    let vector = values.iter().find(|case| case["value"] == hex::encode(&value)).unwrap();
    let lines = |name: &str| -> Vec<String> {
        vector[name].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(code("25.4", 1).lines().collect::<Vec<_>>(), lines("cells"));
    assert_eq!(code("25.4", 2).lines().collect::<Vec<_>>(), lines("hex_lines"));
    let words: Vec<&str> = code("25.4", 3).split_whitespace().collect();
    let list: Vec<&str> = include_str!("../../../src/verify/words.txt").split_whitespace().collect();
    let word_of = |(place, byte): (usize, &u8)| list[2 * usize::from(*byte) + place % 2];
    assert_eq!(words, value.iter().enumerate().map(word_of).collect::<Vec<_>>());
    assert_eq!(code("25.4", 4).trim(), format!("SECRETCHAT:1:I:{}", hex::encode_upper(&value)));
    let (_, clause) = SPEC.split_once("**VER-2**").unwrap();
    let colours: Vec<_> =
        file["colours"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_uppercase()).collect();
    assert!(clause.lines().next().unwrap().contains(&format!("`{}`", colours.join("`, `"))));
}

#[test]
fn a_file_in_one_segment() {
    let example = Example::new("25.5");
    let files = cases(vectors!("segments.json"), "file");
    let file = files.iter().find(|file| file["size"] == 17).unwrap();
    example.equals(file, &same(&["secret", "salt", "header", "commitment"]));
    example.equals(file, &[("tag key", "tag_key"), ("stored file", "stored")]);
    example.equals(&file["segments"][0], &same(&["key", "iv", "tag"]));

    assert_eq!(example.bytes("prk"), hmac(&example.bytes("salt"), &example.bytes("secret")));
    let (form, size) = (&example.bytes("header")[..8], example.bytes("size"));
    assert_eq!(size, 17_u64.to_le_bytes());
    let commitment = [b"secretchat/1 file commitment", form, &size].concat();
    assert_eq!(expand(&example.bytes("prk"), &commitment, 32), example.bytes("commitment"));
    assert_eq!(
        example.bytes("tag input"),
        [&example.bytes("cipher")[..], &[0; 8], &[1], &17_u32.to_le_bytes()].concat()
    );
    assert_eq!(hmac(&example.bytes("tag key"), &example.bytes("tag input")), example.bytes("tag"));
    assert_eq!(example.joined(&["header", "cipher", "tag"]), example.bytes("stored file"));

    let mut opened = example.bytes("cipher");
    let (key, iv) = (example.bytes("key").try_into().unwrap(), example.bytes("iv").try_into().unwrap());
    secretchat::hazmat::ige::decrypt(&key, &iv, opened.as_chunks_mut().0);
    assert_eq!(opened, example.bytes("padded content"));
    assert_eq!(opened, [example.bytes("content"), vec![0; 15]].concat());
}

#[test]
fn the_example_of_a_frame_is_a_vector() {
    let example = Example::new("25.6");
    let frames = cases(vectors!("frame.json"), "frame");
    let frame =
        hex::encode(example.joined(&["version", "kind", "chat tag", "length", "transmit id", "file", "file id"]));
    let frame = frame + example.hex("sealed bytes");
    let vector = frames.iter().find(|case| case["frame"] == frame).unwrap();
    example.equals(vector, &[("frame", "frame"), ("file id", "file"), ("sealed bytes", "sealed")]);
    let id = u64::from_le_bytes(example.bytes("transmit id").try_into().unwrap());
    assert_eq!(vector["transmit_id"], id.to_string());
}

// SPEC REC-1, REC-2, REC-4: a record that another program sealed is one of ours.
#[test]
fn the_example_of_a_record_is_a_vector() {
    let example = Example::new("25.7");
    let vector = &cases(vectors!("records/chats.json"), "record")[0];
    example.equals(vector, &same(&["name", "nonce", "plain", "record", "prk"]));
    let others = [("store key", "store_key"), ("chat id", "chat"), ("record key", "record_key")];
    example.equals(vector, &others);
    example.equals(vector, &[("associated data", "associated_data")]);
    let generation = u64::from_le_bytes(example.bytes("generation").try_into().unwrap());
    assert_eq!(vector["generation"], generation.to_string());
    assert_eq!(example.bytes("prk"), hmac(&example.bytes("chat id"), &example.bytes("store key")));
    assert_eq!(expand(&example.bytes("prk"), b"secretchat/1 record key", 32), example.bytes("record key"));

    let name = RecordName::from_bytes(example.bytes("name").try_into().unwrap()).unwrap();
    let chat = secretchat::ChatId(example.bytes("chat id").try_into().unwrap());
    let records = Records { chat, rows: vec![(name, example.bytes("record"))] };
    let store_key = StoreKey::new(example.bytes("store key").try_into().unwrap());
    let plain = secretchat::hazmat::records::open(&records, &store_key).unwrap();
    assert_eq!(plain.len(), 1);
    let mut rng = crate::support::rng::Seeded::new(1);
    let mut env = Env::new(Timestamp::from_millis(1), &mut rng);
    let noted = Some(Checkpoint { generation: 9, tag: *example.bytes("record").last_chunk().unwrap() });
    let mut restored = Chat::restore(&records, &store_key, noted, &mut env).unwrap();
    assert_eq!(restored.state(), ChatState::Closed(CloseReason::ByUs));

    assert!(restored.poll_output().is_none());

    // The settings are the default ones: all but the Discard and the tag before, at its end, is what such a chat of ours writes.
    let config = Config::x25519("alice", "bob").unwrap().with_store(store_key.duplicate());
    let mut alice = Chat::request(config, &mut env).unwrap();
    alice.close(History::Keep, &mut env);
    let mut batch = None;
    while let Some(output) = alice.poll_output() {
        batch = if let Output::Persist(batch) = output { Some(batch) } else { batch };
    }
    let Batch { chat, put, .. } = batch.unwrap();
    let ours = secretchat::hazmat::records::open(&Records { chat, rows: put }, &store_key).unwrap();
    // Receipt, pending flag, the Discard, and what ends its repetition, tag.
    let discard = example.bytes("plain").len() - (33 + 1 + 38 + 3 * 33 + 16);
    assert_eq!((ours[0].0, &ours[0].2[..discard]), (name, &example.bytes("plain")[..discard]));
}
