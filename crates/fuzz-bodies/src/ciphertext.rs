//! Messages from a peer with the keys, and from anybody.

use std::cell::RefCell;
use std::collections::BTreeMap;

use recordings::Seeded;
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, Checkpoint, PeerPolicy, Records, StoreKey};

use crate::support::forger::Forger;
use crate::support::pair::{self, env, env_at};
use crate::support::{telegram, twin};

/// The longest body in this target. The limit of a message is 16 MiB.
const MAX_BODY: usize = 4096;
const HOUR: u64 = 3_600_000;

/// Checks what a peer with the keys and anybody else may send to a chat: an error changes nothing (SPEC OUT-1), as a twin
/// shows that never got it.
///
/// The input: the policy, then pieces. Each has the way to send it, its length in words, and its bytes.
pub fn ciphertext(data: &[u8]) {
    check(data, |_| {});
}

/// With what an error does to the chat.
fn check(data: &[u8], refused: fn(&mut Chat)) {
    let Some((policy, mut pieces)) = data.split_first() else { return };
    let mut end = End::meet(*policy);
    for hour in [0, 1].into_iter().cycle() {
        let Some((&[how, words], rest)) = pieces.split_first_chunk() else { break };
        let (piece, rest) = rest.split_at(rest.len().min(4 * usize::from(words)));
        pieces = rest;
        let sealed = end.sealed(how, piece);
        // The twin never gets the refused bytes, and they move no clock.
        let gives =
            |chat: &mut Chat| chat.handle(pair::ciphertext(&sealed), &mut env_at(hour * HOUR, &mut Seeded::new(1)));
        let handled = gives(&mut end.chat);
        if handled.is_ok() {
            assert_eq!(gives(&mut end.twin), handled);
        } else {
            refused(&mut end.chat);
        }
        twin::assert_same(&twin::seen(&mut end.chat), &twin::seen(&mut end.twin));
    }
    twin::assert_same(&twin::life(&mut end.chat), &twin::life(&mut end.twin));
    end.part(*policy);
}

struct End {
    chat: Chat,
    /// The same chat, which never gets the refused bytes.
    twin: Chat,
    forger: Forger,
    /// The records to keep; only for a Telegram chat.
    kept: Option<Kept>,
}

/// The records of a chat that has just been accepted. They are reused, because creating a chat is slow.
struct Kept {
    records: Records,
    checkpoint: Option<Checkpoint>,
}

thread_local! {
    static TELEGRAM: RefCell<BTreeMap<u8, (Forger, Kept)>> = RefCell::default();
}

impl End {
    fn meet(policy: u8) -> Self {
        if policy <= 2 {
            let (mut forger, kept) =
                TELEGRAM.with_borrow_mut(|kept| kept.remove(&policy)).unwrap_or_else(|| Kept::meet(policy));
            (forger.sent, forger.received) = (0, 0);
            let store_key = StoreKey::new(telegram::STORE_KEY);
            let [chat, twin] = [(); 2].map(|()| {
                Chat::restore(&kept.records, &store_key, kept.checkpoint, &mut env(&mut Seeded::new(1))).unwrap()
            });
            return Self { chat, twin, forger, kept: Some(kept) };
        }
        // Seeded, so that the second chat has the keys of the first.
        let [(_, twin), (forger, chat)] = [(); 2].map(|()| {
            let (forger, mut chat) = Forger::meet();
            pair::outputs(&mut chat);
            (forger, chat)
        });
        Self { chat, twin, forger, kept: None }
    }

    /// Keeps the records for the next run.
    fn part(self, policy: u8) {
        if let Some(kept) = self.kept {
            TELEGRAM.with_borrow_mut(|all| all.insert(policy, (self.forger, kept)));
        }
    }

    /// Returns a piece to send: 0 as it is, 1 as a body under the key, others as a message with the right numbers around it.
    fn sealed(&mut self, how: u8, piece: &[u8]) -> Vec<u8> {
        let mut body = piece[..piece.len().min(MAX_BODY)].to_vec();
        if how == 0 {
            return body;
        }
        body.resize(body.len().next_multiple_of(4).max(4), 0);
        if how == 1 { self.forger.seal(&body) } else { self.forger.say(self.forger.around(), &body) }
    }
}

impl Kept {
    fn meet(policy: u8) -> (Forger, Self) {
        let policies = [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant];
        let config = telegram::config(policies[usize::from(policy)]);
        let (forger, chat, batches) = telegram::meet_as(config);
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| store.apply(batch).unwrap());
        let records = store.load(chat.id().unwrap()).unwrap().unwrap();
        (forger, Self { records, checkpoint: chat.checkpoint() })
    }
}

#[test]
fn a_chat_that_an_error_changes_is_found() {
    // Bytes of nobody.
    let data = [&[9, 0, 25][..], &[0x22; 100]].concat();
    ciphertext(&data);
    assert!(crate::fails(|| check(&data, |chat| chat.retransmit(&mut env_at(1, &mut Seeded::new(1))))));
}
