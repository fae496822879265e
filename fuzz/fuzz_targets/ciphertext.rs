//! What a peer that has the keys may send, and what anybody may: never a panic, and an error changes nothing (SPEC
//! OUT-1).
#![no_main]
// Its part of `tests/support` is not all of it.
#![allow(dead_code)]

#[path = "../../tests/support/forger.rs"]
mod forger;
#[path = "../../tests/support/pair.rs"]
mod pair;
#[path = "../../tests/support/rng.rs"]
mod rng;
#[path = "../../tests/support/telegram_forger.rs"]
mod telegram_forger;
#[path = "../../tests/support/twin.rs"]
mod twin;

use std::cell::RefCell;
use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use pair::{ciphertext, env, env_at};
use rng::Seeded;
use secretchat::store::{MemoryStore, Store};
use secretchat::{Chat, Checkpoint, PeerPolicy, Records, StoreKey};

/// The longest body here; a message has at most 16 MiB.
const MAX_BODY: usize = 4096;
const HOUR: u64 = 3_600_000;

// The policy, then pieces: how each is sent, its length in words, its bytes.
fuzz_target!(|data: &[u8]| {
    let Some((policy, mut pieces)) = data.split_first() else { return };
    let mut end = End::meet(*policy);
    for hour in [0, 1].into_iter().cycle() {
        let Some((&[how, words], rest)) = pieces.split_first_chunk() else { break };
        let (piece, rest) = rest.split_at(rest.len().min(4 * usize::from(words)));
        pieces = rest;
        let sealed = end.sealed(how, piece);
        // The twin hears nothing of what is refused, and no clock moves by it.
        let gives = |chat: &mut Chat| chat.handle(ciphertext(&sealed), &mut env_at(hour * HOUR, &mut Seeded::new(1)));
        let handled = gives(&mut end.chat);
        if handled.is_ok() {
            assert_eq!(gives(&mut end.twin), handled);
        }
        twin::assert_same(&twin::seen(&mut end.chat), &twin::seen(&mut end.twin));
    }
    twin::assert_same(&twin::life(&mut end.chat), &twin::life(&mut end.twin));
    end.part(*policy);
});

struct End {
    chat: Chat,
    /// The same chat, which never sees what is refused.
    twin: Chat,
    forger: Forger,
}

enum Forger {
    X25519(Box<forger::Forger>),
    Telegram(Box<Telegram>),
}

/// The records of a chat that has just been accepted, since it takes long to make one.
struct Telegram {
    forger: telegram_forger::Forger,
    records: Records,
    checkpoint: Option<Checkpoint>,
}

thread_local! {
    static TELEGRAM: RefCell<BTreeMap<u8, Box<Telegram>>> = RefCell::default();
}

impl End {
    fn meet(policy: u8) -> Self {
        if policy <= 2 {
            let mut telegram = TELEGRAM
                .with_borrow_mut(|kept| kept.remove(&policy))
                .unwrap_or_else(|| Box::new(Telegram::meet(policy)));
            (telegram.forger.sent, telegram.forger.received) = (0, 0);
            let store_key = StoreKey::new(telegram_forger::STORE_KEY);
            let [chat, twin] = [(); 2].map(|()| {
                Chat::restore(&telegram.records, &store_key, telegram.checkpoint, &mut env(&mut Seeded::new(1)))
                    .unwrap()
            });
            return Self { chat, twin, forger: Forger::Telegram(telegram) };
        }
        // Seeded: the second chat has the keys of the first.
        let [(_, twin), (forger, chat)] = [(); 2].map(|()| {
            let (forger, mut chat) = forger::Forger::meet();
            pair::outputs(&mut chat);
            (forger, chat)
        });
        Self { chat, twin, forger: Forger::X25519(Box::new(forger)) }
    }

    /// For the next run.
    fn part(self, policy: u8) {
        if let Forger::Telegram(telegram) = self.forger {
            TELEGRAM.with_borrow_mut(|kept| kept.insert(policy, telegram));
        }
    }

    /// 0 as it is, 1 as a body under the key, others as a message with right numbers around it.
    fn sealed(&mut self, how: u8, piece: &[u8]) -> Vec<u8> {
        let mut body = piece[..piece.len().min(MAX_BODY)].to_vec();
        if how == 0 {
            return body;
        }
        body.resize(body.len().next_multiple_of(4).max(4), 0);
        match &mut self.forger {
            Forger::X25519(forger) if how == 1 => forger.seal(&body),
            Forger::X25519(forger) => forger.say(forger.around(), &body),
            Forger::Telegram(telegram) if how == 1 => telegram.forger.seal(&body),
            Forger::Telegram(telegram) => telegram.forger.say(telegram.forger.around(), &body),
        }
    }
}

impl Telegram {
    fn meet(policy: u8) -> Self {
        let policies = [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant];
        let config = telegram_forger::config(policies[usize::from(policy)]);
        let (forger, chat, batches) = telegram_forger::Forger::meet_as(config);
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| store.apply(batch).unwrap());
        let records = store.load(chat.id().unwrap()).unwrap().unwrap();
        Self { forger, records, checkpoint: chat.checkpoint() }
    }
}
