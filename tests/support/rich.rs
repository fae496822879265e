//! Chats with every kind of record, and records sealed by the clauses alone (SPEC REC-2), so that they may hold anything.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secretchat::hazmat::records;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatId, Config, Draft, Handled, History, IncomingFile, Input, Invitation, Output, RecordName, Records,
    StoreError, StoreKey, TransmitKind, Ttl,
};
use sha2::Sha256;

use super::pair::{self, ciphertext, env, env_at};
use super::rng::Seeded;
use super::timed;

pub(crate) const STORE_KEY: [u8; 32] = [0x5a; 32];

/// The records of one chat after each of its batches.
pub(crate) struct Written {
    pub(crate) what: &'static str,
    pub(crate) history: Vec<Records>,
}

impl Written {
    pub(crate) fn newest(&self) -> &Records {
        self.history.last().unwrap()
    }
}

pub(crate) fn restore(records: &Records) -> Result<Chat, StoreError> {
    Chat::restore(records, &StoreKey::new(STORE_KEY), None, &mut env(&mut Seeded::new(0)))
}

/// The plain contents of a row, and the generation that wrote it.
pub(crate) fn plain(records: &Records, row: usize) -> (u64, Vec<u8>) {
    let one = Records { chat: records.chat, rows: vec![records.rows[row].clone()] };
    let (_, generation, plain) = records::open(&one, &StoreKey::new(STORE_KEY)).unwrap().remove(0);
    (generation, plain.to_vec())
}

/// As the crate would, of any version and with any contents.
pub(crate) fn seal(chat: ChatId, name: RecordName, version: u8, generation: u64, plain: &[u8]) -> Vec<u8> {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(&chat.0), &STORE_KEY).expand(b"secretchat/1 record key", &mut key).unwrap();
    let nonce = [0x4e; 12];
    let number = generation.to_le_bytes();
    let aad = [&b"secretchat/1 record"[..], &[version], &chat.0, &name.to_bytes(), &number].concat();
    let sealed = Aes256GcmSiv::new(&key.into()).encrypt(&nonce.into(), Payload { msg: plain, aad: &aad }).unwrap();
    [&[version][..], &number, &nonce, &sealed].concat()
}

/// The version of records.
pub(crate) const VERSION: u8 = 2;

/// The same records, one row with other contents of the same name and generation, and set digests that hold.
pub(crate) fn with_plain(records: &Records, row: usize, contents: &[u8]) -> Records {
    let (generation, _) = plain(records, row);
    let mut changed = records.clone();
    let name = changed.rows[row].0;
    changed.rows[row].1 = seal(records.chat, name, VERSION, generation, contents);
    let state = changed.rows.iter().position(|(name, _)| *name == RecordName::State);
    if let Some(state) = state.filter(|state| *state != row) {
        let (generation, mut plain) = plain(records, state);
        // Set digests of keys, outgoing, waiting, early and timed end the state: count u32, sum [32].
        let place = [1, 3, 4, 5, 7].iter().position(|kind| *kind == name.to_bytes()[0]).unwrap();
        let start = plain.len() - (5 - place) * 36 + 4;
        let sum: &mut [u8; 32] = (&mut plain[start..start + 32]).try_into().unwrap();
        let (old, new) = (member(records, row), member(&changed, row));
        *sum = add(&add(sum, &negative(&old)), &new);
        changed.rows[state].1 = seal(records.chat, RecordName::State, VERSION, generation, &plain);
    }
    changed
}

/// What the record adds to the sum of its kind (SPEC REC-3).
fn member(records: &Records, row: usize) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(&records.chat.0), &STORE_KEY).expand(b"secretchat/1 record set", &mut key).unwrap();
    let (name, sealed) = &records.rows[row];
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
    let mac = mac.chain_update(name.to_bytes()).chain_update(&sealed[1..9]).chain_update(&sealed[sealed.len() - 16..]);
    mac.finalize().into_bytes().into()
}

/// Modulo 2^256, little-endian.
fn add(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    std::array::from_fn(|at| {
        carry += u16::from(one[at]) + u16::from(other[at]);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    })
}

fn negative(number: &[u8; 32]) -> [u8; 32] {
    let mut one = [0; 32];
    one[0] = 1;
    add(&number.map(|byte| !byte), &one)
}

/// Asked; open, with an exchange of keys, outgoing, waiting and timed messages; closed: of each profile. What came before
/// the keys waits only in the Telegram profile.
pub(crate) fn every_chat(seed: u64) -> Vec<Written> {
    let x25519 = |local: &str, peer: &str| Config::x25519(local, peer).unwrap();
    let chats = in_each_phase(["asked", "open", "closed"], x25519, timed::photo, seed);
    #[cfg(feature = "hybrid")]
    let chats = {
        let hybrid = |local: &str, peer: &str| Config::hybrid(local, peer).unwrap();
        let whats = ["asked in the hybrid profile", "open in the hybrid profile", "closed in the hybrid profile"];
        [chats, in_each_phase(whats, hybrid, timed::photo, seed)].into_iter().flatten().collect::<Vec<_>>()
    };
    #[cfg(feature = "telegram")]
    let chats = {
        let telegram = |_: &str, _: &str| {
            Config::telegram(secretchat::DhGroup::published(3).unwrap(), secretchat::PeerPolicy::Default)
        };
        let whats = ["asked by Telegram", "open by Telegram", "closed by Telegram"];
        [chats, in_each_phase(whats, telegram, timed::telegram_photo, seed)].into_iter().flatten().collect()
    };
    chats
}

fn in_each_phase(
    [asked, open, closed]: [&'static str; 3],
    config: impl Fn(&str, &str) -> Config,
    photo: fn(Ttl) -> Draft,
    seed: u64,
) -> Vec<Written> {
    let rng = &mut Seeded::new(seed);
    let config = |local, peer| config(local, peer).with_store(StoreKey::new(STORE_KEY));
    let (mut store, mut history) = (MemoryStore::default(), Vec::new());
    let mut keep = |chat: &mut Chat, history: &mut Vec<Records>| {
        let mut carried = Vec::new();
        for output in pair::outputs(chat) {
            match output {
                Output::Persist(batch) => {
                    store.apply(&batch).unwrap();
                    history.extend(store.load(batch.chat).unwrap());
                }
                Output::Transmit(transmit) => carried.push(transmit.kind),
                _ => {}
            }
        }
        carried
    };

    let mut alice = Chat::request(config("alice", "bob"), &mut env(rng)).unwrap();
    let [TransmitKind::Request { public, .. }] = &keep(&mut alice, &mut history)[..] else { panic!("a request") };
    let mut bob = Invitation::parse(public, config("bob", "alice")).unwrap().accept(&mut env(rng)).unwrap();
    let (answer, fingerprint) = pair::accept_of(&mut bob);
    if bob.send(&Draft::text("too early"), &mut env(rng)).is_ok() {
        let early = pair::sealed(&mut bob);
        assert_eq!(alice.handle(ciphertext(&early), &mut env(rng)), Ok(Handled::Waiting));
        keep(&mut alice, &mut history);
    }
    let mut written = vec![Written { what: asked, history: history.clone() }];

    alice.handle(Input::accepted(&answer, fingerprint), &mut env(rng)).unwrap();
    for sealed in keep(&mut alice, &mut history) {
        let TransmitKind::Ciphertext { bytes, .. } = sealed else { panic!("a notice") };
        bob.handle(ciphertext(&bytes), &mut env(rng)).unwrap();
    }
    bob.send(&photo(timed::ttl(5)), &mut env(rng)).unwrap();
    for sealed in pair::all_sealed(&mut bob) {
        let file = Some(IncomingFile::new(b"where").with_size(1008));
        let input = Input::ciphertext(&sealed, file, Some(pair::at(0)));
        alice.handle(input, &mut env(rng)).unwrap();
        keep(&mut alice, &mut history);
    }
    for text in ["lost", "waits"] {
        bob.send(&Draft::text(text), &mut env(rng)).unwrap();
    }
    let waits = pair::all_sealed(&mut bob).pop().unwrap();
    let file = Some(IncomingFile::new(b"where").with_fingerprint(7));
    let input = Input::ciphertext(&waits, file, Some(pair::at(0)));
    assert_eq!(alice.handle(input, &mut env(rng)), Ok(Handled::Waiting));
    alice.send(&photo(timed::ttl(5)).with_file(b"there".to_vec()), &mut env(rng)).unwrap();
    alice.rekey(&mut env(rng)).unwrap();
    keep(&mut alice, &mut history);
    written.push(Written { what: open, history: history.clone() });

    alice.close(History::Delete, &mut env(rng));
    keep(&mut alice, &mut history);
    written.push(Written { what: closed, history });
    written
}

/// What a host does first.
pub(crate) fn answer(mut chat: Chat) {
    let rng = &mut Seeded::new(1);
    let _ = chat.poll_timeout();
    chat.retransmit(&mut env(rng));
    chat.handle_timeout(&mut env_at(1_000, rng));
    let _ = chat.send(&Draft::text("still there"), &mut env(rng));
    let _ = chat.acknowledge(&mut env(rng));
    chat.handle_timeout(&mut env_at(1 << 40, rng));
    chat.close(History::Keep, &mut env(rng));
    assert!(!pair::outputs(&mut chat).is_empty());
}
