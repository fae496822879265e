//! Records under a secret store key.

use secretchat::hazmat::records;
use secretchat::{StoreError, StoreKey};

use crate::judge::Public;
use crate::kept::records_of_a_chat;
use crate::memory::{hide, reveal_bytes};

const KEY: [u8; 32] = [0x6b; 32];

const VERDICT: &str = "the verdict on a tag is returned";
/// In the crate aes-gcm-siv, and where its result arrives.
pub(crate) const OPENED: &[Public] = &[
    Public { file: "src/lib.rs", line: "if expected_tag.ct_eq(tag).into()", why: VERDICT },
    Public { file: "src/record/seal.rs", line: ".map_err(|_| damaged)?", why: VERDICT },
];

fn secret_store_key() -> StoreKey {
    let mut key = KEY;
    hide(&mut key);
    StoreKey::new(key)
}

pub(crate) fn open() {
    let opened = records::open(&records_of_a_chat(KEY), &secret_store_key()).expect("they are sealed");
    for (_, _, plain) in &opened {
        reveal_bytes(plain);
    }
    assert!(opened.iter().all(|(_, _, plain)| plain.iter().any(|byte| *byte != 0)));
}

pub(crate) fn open_forged() {
    let mut records = records_of_a_chat(KEY);
    let last = records.rows[0].1.len() - 1;
    records.rows[0].1[last] ^= 1;
    assert_eq!(records::open(&records, &secret_store_key()).expect_err("it is forged"), StoreError::Damaged);
}
