//! What a user may send to support says how a chat stands, stays small, and has nothing secret in it (SPEC DIAG-1, DIAG-2).

use std::collections::BTreeSet;

use secretchat::{Cause, Chat, Config, Draft, Handled, History, PeerFault, RandomId, Start, StoreKey, TransmitId};

use crate::support::pair::{self, Pair, at, ciphertext, env, env_at};
use crate::support::rng::Seeded;
use crate::support::stored::{keep, records};
use crate::support::timed;

fn lines(chat: &Chat) -> Vec<(&'static str, &'static str, u8)> {
    chat.diagnosis().outcomes().map(|outcome| (outcome.cause.name(), outcome.name, outcome.times)).collect()
}

#[test]
fn a_conversation_is_told_by_its_outcomes() {
    let mut pair = Pair::ready();
    let bytes = pair.alice_sends("Hello");
    pair.bob_gets(&bytes).unwrap();
    assert_eq!(pair.bob_gets(&bytes), Ok(Handled::Duplicate));
    let mut changed = bytes.clone();
    changed[30] ^= 1;
    for _ in 0..3 {
        assert_eq!(pair.bob_gets(&changed), Err(PeerFault::NotAuthentic));
    }
    let env = &mut env_at(125_000, &mut pair.rng);
    assert!(pair.bob.send(&Draft::text(""), env).is_err());
    pair.bob.send(&Draft::text("Hi"), env).unwrap();
    pair.bob.close(History::Keep, env);
    let expected = [
        ("begin", "done", 1),
        ("event", "ready", 1),
        ("ciphertext", "applied", 2),
        ("event", "message", 1),
        ("ciphertext", "duplicate", 1),
        ("ciphertext", "not_authentic", 3),
        ("send", "empty_message", 1),
        ("send", "done", 1),
        ("close", "done", 1),
        ("closed", "by_us", 1),
    ];
    let outcomes = lines(&pair.bob);
    // The notice of readiness is a message of its own.
    assert_eq!(outcomes, expected);
    let shown = pair.bob.diagnosis().to_string();
    assert!(
        shown.contains("x25519 responder closed by_us, rekey idle, 0 unacknowledged, 0 waiting, 0 timed\n"),
        "{shown}"
    );
    // 2023-11-14 22:13:20, and two minutes and five seconds later.
    assert!(shown.contains("\n1699999980 ciphertext not_authentic x3\n"), "{shown}");
    assert!(shown.ends_with("\n1700000100 closed by_us x1\n"), "{shown}");
    assert_eq!(pair.bob.diagnosis().outcomes().last().unwrap().minute(), at(100_000));
}

#[test]
fn what_the_peer_has_not_acknowledged_is_counted() {
    let mut pair = Pair::ready();
    let unacknowledged = |chat: &Chat| -> u32 {
        let shown = chat.diagnosis().to_string();
        let (before, _) = shown.split_once(" unacknowledged").unwrap();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let before = unacknowledged(&pair.alice);
    pair.alice_sends("one");
    pair.alice_sends("two");
    assert_eq!(unacknowledged(&pair.alice), before + 2);
}

// SPEC DIAG-2: whoever floods a chat pushes little out, and fills nothing.
#[test]
fn a_flood_is_one_line() {
    let mut pair = Pair::ready();
    for number in 0..2_000_u32 {
        let forged = [&[0; 8][..], &number.to_le_bytes(), &[7; 60]].concat();
        assert_eq!(pair.bob_gets(&forged), Err(PeerFault::UnknownKey));
        assert_eq!(pair.bob_gets(&forged[..7]), Err(PeerFault::NotAuthentic));
    }
    let outcomes = lines(&pair.bob);
    assert!(outcomes.contains(&("event", "ready", 1)), "{outcomes:?}");
    assert!(outcomes.contains(&("ciphertext", "unknown_key", 255)), "{outcomes:?}");
    // More than eight kinds in turn are written again and again, and the oldest lines go.
    for _ in 0..200 {
        everything_refused(&mut pair);
    }
    let outcomes = lines(&pair.bob);
    assert_eq!(outcomes.len(), 32);
    assert!(!outcomes.contains(&("event", "ready", 1)), "{outcomes:?}");
}

fn everything_refused(pair: &mut Pair) {
    let env = &mut env(&mut pair.rng);
    let bob = &mut pair.bob;
    let one = Draft::text("").with_random_id(RandomId(5));
    assert!(bob.send(&one, env).is_err() && bob.send_album(&[], env).is_err());
    assert!(bob.send(&Draft::text("x").with_random_id(RandomId(0)), env).is_err());
    assert!(bob.open_view(RandomId(5), env).is_err() && bob.close_view(RandomId(5), env).is_err());
    assert!(bob.announce_layer(secretchat::Layer::L101, env).is_err() && bob.mark_read_up_to(at(0), env).is_err());
    assert!(bob.mark_scanned("no code", env).is_err());
    assert!(bob.handle(ciphertext(&[1; 7]), env).is_err() && bob.handle(ciphertext(&[1; 80]), env).is_err());
}

/// Every word of ours that may stand in a line.
fn vocabulary() -> BTreeSet<&'static str> {
    let names = include_str!("../../schema/names.txt").lines().filter(|line| !line.starts_with('#'));
    names.filter_map(|line| line.split(' ').nth(2)).chain(["done"]).collect()
}

/// Four or more bytes in a row of `secret` as text, hex or numbers.
fn assert_hidden(shown: &str, secret: &[u8]) {
    let digits: Vec<&str> = shown.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
    for run in secret.windows(4) {
        let numbers: Vec<String> = run.iter().map(u8::to_string).collect();
        assert!(!digits.windows(4).any(|window| window == numbers), "{run:?} in {shown}");
        assert!(!shown.as_bytes().windows(4).any(|window| window == run), "{run:?} in {shown}");
        assert!(!shown.to_lowercase().contains(&hex::encode(run)), "{run:?} in {shown}");
    }
}

const STORE_KEY: [u8; 32] = [0xa7; 32];
const ALICE: &str = "kwyjibo-alice";
const BOB: &str = "vexqus-bob";
const HOST_DATA: &[u8] = b"zyzzyva host data";
const TEXT: &str = "gnusto rezrov";
const FILE: &[u8] = b"frotz ozmoo";
const ID: RandomId = RandomId(0x6b77_796a_6962_6f21);

fn config(local: &str, peer: &str) -> Start {
    let config = Config::x25519(local, peer).unwrap().with_host_data(HOST_DATA).unwrap().with_exporter().unwrap();
    config.with_store(StoreKey::new(STORE_KEY))
}

// SPEC DIAG-1.
#[test]
fn nothing_that_is_secret_is_in_it() {
    let mut pair = Pair::of(config(ALICE, BOB), config(BOB, ALICE));
    let mut secrets: Vec<Vec<u8>> =
        [ALICE.as_bytes(), BOB.as_bytes(), HOST_DATA, TEXT.as_bytes(), FILE].map(<[u8]>::to_vec).into();
    secrets.extend([STORE_KEY.to_vec(), timed::FILE_KEY.to_vec(), timed::PREVIEW.to_vec()]);
    secrets.extend([ID.0.to_le_bytes().to_vec(), ID.0.to_be_bytes().to_vec(), ID.0.to_string().into_bytes()]);
    secrets.extend([pair.bob.id().unwrap().0.to_vec(), pair.bob.verification().unwrap().to_bytes().to_vec()]);
    secrets.push(pair.bob.export_secret::<32>(b"label", b"").unwrap().expose().to_vec());
    let mut shown = Vec::new();
    let drafts = [
        Draft::text(TEXT).with_random_id(ID).with_file(FILE.to_vec()),
        timed::photo(timed::ttl(5)),
        Draft::text(TEXT).with_ttl(timed::ttl(30)).protected(),
    ];
    for draft in &drafts {
        let random_id = pair.alice.send(draft, &mut env(&mut pair.rng)).unwrap();
        secrets.push(random_id.0.to_string().into_bytes());
        let bytes = pair::sealed(&mut pair.alice);
        pair.bob_gets(&bytes).unwrap();
        let mut changed = bytes.clone();
        changed[40] ^= 4;
        pair.bob_gets(&changed).unwrap_err();
        pair.bob.open_view(random_id, &mut env(&mut pair.rng)).ok();
        secrets.push(bytes);
        shown.extend([pair.alice.diagnosis().to_string(), pair.bob.diagnosis().to_string()]);
    }
    pair.alice.rekey(&mut env(&mut pair.rng)).unwrap();
    for _ in 0..3 {
        for bytes in pair::all_sealed(&mut pair.alice) {
            let _ = pair.bob_gets(&bytes);
        }
        for bytes in pair::all_sealed(&mut pair.bob) {
            let _ = pair.alice.handle(ciphertext(&bytes), &mut env(&mut pair.rng));
        }
    }
    assert_eq!(pair.bob.rekeys(), 1);
    for chat in [&mut pair.alice, &mut pair.bob] {
        secrets.push(chat.key_fingerprint().unwrap().to_bytes().to_vec());
        assert!(chat.send(&Draft::text(TEXT).with_random_id(RandomId(0)), &mut env(&mut pair.rng)).is_err());
        chat.handle(secretchat::Input::carried(TransmitId(99), None), &mut env(&mut pair.rng)).unwrap();
        chat.close(History::Delete, &mut env(&mut pair.rng));
        shown.extend([chat.diagnosis().to_string(), format!("{:?}", chat.diagnosis())]);
    }
    let words = vocabulary();
    for shown in &shown {
        secrets.iter().for_each(|secret| assert_hidden(shown, secret));
        // Nor anything else, in whatever form: each word is a published name, each number a minute or a count.
        let (head, lines) = shown.split_at(shown.match_indices('\n').nth(1).unwrap().0 + 1);
        assert!(head.starts_with(concat!("secretchat ", env!("CARGO_PKG_VERSION"), "\nx25519 ")), "{head}");
        for line in lines.lines() {
            let [second, cause, name, times] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            assert!(second.parse::<u64>().unwrap().is_multiple_of(60));
            assert!(Cause::ALL.iter().any(|known| known.name() == cause) && words.contains(name), "{line}");
            assert!((1..=255).contains(&times.strip_prefix('x').unwrap().parse::<u32>().unwrap()));
        }
    }
}

// SPEC DIAG-2: memory alone, and no part of a chat.
#[test]
fn a_restart_begins_anew_and_no_record_knows_of_it() {
    let mut store = secretchat::store::MemoryStore::default();
    let mut pair = Pair::new_unpolled(5);
    keep(&mut pair.alice, &mut store);
    pair.finish_handshake(|chat| keep(chat, &mut store));
    let before = (records(&pair.alice, &store), format!("{:?}", pair.alice));
    assert!(pair.alice.send(&Draft::text(""), &mut env(&mut pair.rng)).is_err());
    assert!(pair.alice.poll_output().is_none());
    assert_eq!((records(&pair.alice, &store), format!("{:?}", pair.alice)), before);
    let key = StoreKey::new([1; 32]);
    let again = Chat::restore(&before.0, &key, None, &mut env(&mut Seeded::new(0))).unwrap();
    assert_eq!(lines(&again), [("restore", "done", 1)]);
}
