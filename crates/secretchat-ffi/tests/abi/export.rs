//! Secrets of the host's own, of any length.

use hkdf::Hkdf;
use secretchat_ffi::*;
use serde_json::Value;
use sha2::Sha256;

use crate::lend::{bytes, code, made, many, ok, to_many};

const RECORDS: &str = include_str!("../../../../test-vectors/records/options.json");
const LABEL: &[u8] = b"vectors";
/// The name of the record with the keys (SPEC REC-1).
const KEYS: &str = "010000000000000000";

fn hex_of(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Restores the chat of a case, which has an exporter. Returns the key of that, too: the end of its record (SPEC REC-9).
fn restored(file: &Value, case: &Value) -> (Box<ScChat>, Vec<u8>) {
    let rows: Vec<&Value> = case["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &file["rows"][usize::try_from(row.as_u64().unwrap()).unwrap()])
        .collect();
    let sealed: Vec<Vec<u8>> = rows.iter().map(|row| hex_of(&row["sealed"])).collect();
    let named = rows.iter().zip(&sealed);
    let given: Vec<ScRow> = named
        .map(|(row, sealed)| ScRow { name: hex_of(&row["name"]).try_into().unwrap(), value: bytes(sealed) })
        .collect();
    let (id, key) = (hex_of(&case["chat"]), hex_of(&case["store_key"]));
    let mut env = made(|out| sc_env_system(out));
    let chat =
        made(|out| sc_chat_restore(many(&id), many(&given), given.len(), many(&key), In::NULL, Some(&mut env), out));
    sc_env_free(Some(env));
    let keys = rows.iter().find(|row| row["name"] == KEYS).map(|row| hex_of(&row["plain"])).unwrap();
    (chat, keys[keys.len() - 32..].to_vec())
}

fn export(chat: &ScChat, label: &[u8], len: usize) -> Result<Vec<u8>, ScStatus> {
    let mut secret = vec![0; len];
    match sc_chat_export(Some(chat), many(label), label.len(), In::NULL, 0, to_many(&mut secret), len) {
        0 => Ok(secret),
        error => {
            assert_eq!(secret, vec![0; len]);
            Err(error)
        }
    }
}

/// SPEC EXP-1.
fn expected(exporter: &[u8], len: usize) -> Vec<u8> {
    let [length, label_length] = [len, LABEL.len()].map(|len| u32::try_from(len).unwrap().to_le_bytes());
    let info = [b"secretchat/1 exported", &length[..], &label_length, LABEL, &[0; 4]].concat();
    let mut secret = vec![0; len];
    Hkdf::<Sha256>::from_prk(exporter).unwrap().expand(&info, &mut secret).unwrap();
    secret
}

#[test]
fn restored_chats_of_the_vectors_export_secrets_of_any_length() {
    let file: Value = serde_json::from_str(RECORDS).unwrap();
    let mut cases = 0;
    for case in file["cases"].as_array().unwrap().iter().filter(|case| case["exported"].is_string()) {
        let (chat, exporter) = restored(&file, case);
        assert_eq!(export(&chat, LABEL, 32), Ok(hex_of(&case["exported"])), "{}", case["id"]);
        for len in [1, 16, 33, 64, 8160] {
            assert_eq!(export(&chat, LABEL, len), Ok(expected(&exporter, len)), "{}: {len}", case["id"]);
        }
        let refused = Err(code("ApiMisuse", "export_length").into());
        assert_eq!(
            [0, 8161, 20_000].map(|len| export(&chat, LABEL, len)),
            [refused.clone(), refused.clone(), refused.clone()]
        );
        assert_eq!([&b""[..], &[b'l'; 256]].map(|label| export(&chat, label, 32)), [refused.clone(), refused]);
        let mut none = [];
        let label = many(LABEL);
        // Nothing is written, so it may say more than there is.
        assert_eq!(
            sc_chat_export(Some(&chat), label, 7, In::NULL, 0, to_many(&mut none), usize::MAX),
            ScStatus::from(code("ApiMisuse", "export_length"))
        );
        assert_eq!(sc_chat_export(Some(&chat), label, 7, In::NULL, 0, Out::NULL, 32), SC_ERROR_NULL);
        sc_chat_free(Some(chat));
        cases += 1;
    }
    assert_eq!(cases, 2);
}

#[test]
fn a_chat_without_an_exporter_gives_none() {
    let mut config = ScConfig::default();
    ok(sc_config_init(crate::lend::to(&mut config), SC_PROFILE_X25519));
    (config.local_id, config.peer_id) = (bytes(b"alice"), bytes(b"bob"));
    let mut env = made(|out| sc_env_system(out));
    let chat = made(|out| sc_chat_request(crate::lend::one(&config), Some(&mut env), out));
    assert_eq!(export(&chat, LABEL, 32), Err(code("Unavailable", "not_ready").into()));
    sc_chat_free(Some(chat));
    sc_env_free(Some(env));
}
