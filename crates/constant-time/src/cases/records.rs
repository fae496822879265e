//! Records under a secret store key.

use recordings::Seeded;
use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, Config, Env, Output, Records, StoreError, StoreKey, Timestamp};

use crate::judge::Public;
use crate::memory::{hide, reveal_bytes};

const KEY: [u8; 32] = [0x6b; 32];

const VERDICT: &str = "the verdict on a tag is returned";
/// In the crate aes-gcm-siv, and where its result arrives.
pub(crate) const OPENED: &[Public] = &[
    Public { file: "src/lib.rs", line: "if expected_tag.ct_eq(tag).into()", why: VERDICT },
    Public { file: "src/record/seal.rs", line: ".map_err(|_| damaged)?", why: VERDICT },
];

fn records_of_a_chat() -> Records {
    let config = Config::x25519("alice", "bob").expect("two ids").with_store(StoreKey::new(KEY));
    let mut env = Seeded::new(20);
    let mut env = Env::new(Timestamp::from_unix_seconds(1_700_000_000), &mut env);
    let mut chat = Chat::request(config, &mut env).expect("it draws");
    let mut store = MemoryStore::default();
    while let Some(output) = chat.poll_output() {
        if let Output::Persist(batch) = output {
            store.apply(&batch).expect("it is in memory");
        }
    }
    store.load(chat.id().expect("it keeps records")).expect("it is in memory").expect("it has a batch")
}

fn secret_store_key() -> StoreKey {
    let mut key = KEY;
    hide(&mut key);
    StoreKey::new(key)
}

pub(crate) fn open() {
    let opened = records::open(&records_of_a_chat(), &secret_store_key()).expect("they are sealed");
    for (_, _, plain) in &opened {
        reveal_bytes(plain);
    }
    assert!(opened.iter().all(|(_, _, plain)| plain.iter().any(|byte| *byte != 0)));
}

pub(crate) fn open_forged() {
    let mut records = records_of_a_chat();
    let last = records.rows[0].1.len() - 1;
    records.rows[0].1[last] ^= 1;
    assert_eq!(records::open(&records, &secret_store_key()).expect_err("it is forged"), StoreError::Damaged);
}
