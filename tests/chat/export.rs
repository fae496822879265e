//! Secrets of the host's own: the same at both ends, of one key, and gone when they are forgotten (SPEC EXP-1, EXP-2).

use secretchat::hazmat::schedule::Exporter;
use secretchat::hazmat::{Secret, records};
use secretchat::store::MemoryStore;
use secretchat::{
    ApiMisuse, CallError, Chat, Config, Draft, History, Invitation, Output, RecordName, Start, StoreKey, TransmitKind,
    Unavailable,
};

use crate::support::pair::{self, Pair, all_sealed, env, outputs};
use crate::support::rng::Seeded;
use crate::support::stored;

const KEYS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

fn config(local: &str, peer: &str, key: [u8; 32]) -> Start {
    Config::x25519(local, peer).unwrap().with_exporter().unwrap().with_store(StoreKey::new(key))
}

fn pair() -> Pair {
    Pair::of(config("alice", "bob", KEYS[0]), config("bob", "alice", KEYS[1]))
}

fn export(chat: &Chat, label: &str, context: &str) -> Result<[u8; 32], CallError> {
    chat.export_secret(label.as_bytes(), context.as_bytes()).map(|secret: Secret<32>| *secret.expose())
}

/// Everything that either says, until both are quiet.
fn talk(pair: &mut Pair) {
    for _ in 0..4 {
        for sealed in all_sealed(&mut pair.alice) {
            pair.bob_gets(&sealed).unwrap();
        }
        for sealed in all_sealed(&mut pair.bob) {
            pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
        }
    }
}

/// A new key, and a message of each end under it.
fn rekey(pair: &mut Pair) {
    pair.alice.rekey(&mut env(&mut pair.rng)).unwrap();
    assert_eq!(export(&pair.alice, "a", ""), Err(Unavailable::RekeyInProgress.into()));
    talk(pair);
    pair.alice.send(&Draft::text("new"), &mut env(&mut pair.rng)).unwrap();
    talk(pair);
    pair.bob.send(&Draft::text("new"), &mut env(&mut pair.rng)).unwrap();
    talk(pair);
}

#[test]
fn both_ends_export_the_same_and_each_key_another() {
    let mut pair = pair();
    let first = export(&pair.alice, "voice", "call 1").unwrap();
    assert_eq!(export(&pair.bob, "voice", "call 1"), Ok(first));
    for (label, context) in [("voice", "call 2"), ("voicecall", " 1"), ("video", "call 1")] {
        assert_ne!(export(&pair.alice, label, context), Ok(first));
    }
    rekey(&mut pair);
    let second = export(&pair.alice, "voice", "call 1").unwrap();
    assert_eq!(export(&pair.bob, "voice", "call 1"), Ok(second));
    assert_ne!(first, second);
}

#[test]
fn a_length_chosen_at_run_time_gives_the_same_secret() {
    let pair = pair();
    let mut secret = [0; 64];
    pair.alice.export_secret_into(b"voice", b"", &mut secret[..32]).unwrap();
    assert_eq!(export(&pair.bob, "voice", "").as_ref().map(<[u8; 32]>::as_slice), Ok(&secret[..32]));
    pair.alice.export_secret_into(b"voice", b"", &mut secret).unwrap();
    assert_eq!(pair.bob.export_secret::<64>(b"voice", b"").unwrap().expose(), &secret);
    let mut long = [7; 8161];
    for len in [0, 8161] {
        let refused = pair.alice.export_secret_into(b"voice", b"", &mut long[..len]);
        assert_eq!(refused, Err(ApiMisuse::ExportLength.into()));
    }
    assert_eq!(long, [7; 8161]);
}

#[test]
fn what_was_not_asked_for_or_is_out_of_bounds_is_refused() {
    let mut plain = Pair::ready();
    assert_eq!(export(&plain.alice, "voice", ""), Err(Unavailable::NoExporter.into()));
    plain.alice.forget_exporter(&mut env(&mut plain.rng));
    assert!(outputs(&mut plain.alice).is_empty());

    let mut pair = pair();
    assert_eq!(export(&pair.alice, "", ""), Err(ApiMisuse::ExportLength.into()));
    assert_eq!(export(&pair.alice, &"l".repeat(256), ""), Err(ApiMisuse::ExportLength.into()));
    pair.alice.close(History::Keep, &mut env(&mut pair.rng));
    assert_eq!(export(&pair.alice, "voice", ""), Err(Unavailable::ChatClosed.into()));
    let asked = Chat::request(config("a", "b", KEYS[0]), &mut env(&mut pair.rng)).unwrap();
    assert_eq!(export(&asked, "voice", ""), Err(Unavailable::NotReady.into()));
}

#[cfg(feature = "telegram")]
#[test]
fn the_telegram_profile_has_none() {
    let group = secretchat::DhGroup::published(3).unwrap();
    let config = Config::telegram(group, secretchat::PeerPolicy::Default);
    assert_eq!(config.with_exporter().map(drop), Err(ApiMisuse::NotInProfile));
}

fn ciphertexts(outputs: &[Output]) -> impl Iterator<Item = &Vec<u8>> {
    outputs.iter().filter_map(|output| match output {
        Output::Transmit(transmit) => match &transmit.kind {
            TransmitKind::Ciphertext { bytes, .. } => Some(bytes),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn forgotten_it_is_in_no_record_and_the_next_key_brings_another() {
    let (mut store, mut bobs) = (MemoryStore::default(), MemoryStore::default());
    let rng = &mut Seeded::new(3);
    let mut alice = Chat::request(config("alice", "bob", KEYS[0]), &mut env(rng)).unwrap();
    let asked = stored::keep(&mut alice, &mut store);
    let [Output::Transmit(request)] = &asked[..] else { panic!("a request") };
    let TransmitKind::Request { public, .. } = &request.kind else { panic!("a request") };
    let mut bob = Invitation::parse(public, config("bob", "alice", KEYS[1])).unwrap().accept(&mut env(rng)).unwrap();
    for _ in 0..3 {
        for output in stored::keep(&mut bob, &mut bobs) {
            if let Output::Transmit(transmit) = output {
                alice.handle(pair::input_of(&transmit), &mut env(rng)).unwrap();
            }
        }
        for sealed in ciphertexts(&stored::keep(&mut alice, &mut store)) {
            bob.handle(pair::ciphertext(sealed), &mut env(rng)).unwrap();
        }
    }
    let secret = export(&alice, "voice", "").unwrap();
    let keys = |store: &MemoryStore, alice: &Chat| {
        let rows = records::open(&stored::records(alice, store), &StoreKey::new(KEYS[0])).unwrap();
        rows.into_iter().find(|(name, ..)| *name == RecordName::Keys).map(|(.., plain)| plain.to_vec()).unwrap()
    };
    let before = keys(&store, &alice);
    let restored = stored::restore(&stored::records(&alice, &store), KEYS[0], alice.checkpoint()).unwrap();
    assert_eq!(export(&restored, "voice", ""), Ok(secret));
    // SPEC REC-9: empty host data, option 4, then 128 with the exporter's 32 bytes at the end.
    let options = b"\0\0\0\0\x04\x01\0\0\0\x01\x80\x20\0\0\0";
    let exporter = before.last_chunk::<32>().unwrap();
    assert!(before.strip_suffix(exporter).unwrap().ends_with(options));

    alice.forget_exporter(&mut env(&mut Seeded::new(8)));
    assert_eq!(export(&alice, "voice", ""), Err(Unavailable::NoExporter.into()));
    stored::keep(&mut alice, &mut store);
    let after = keys(&store, &alice);
    assert!(!after.windows(32).any(|window| window == exporter));
    assert!(after.ends_with(b"\0\0\0\0\x04\x01\0\0\0\x01"));
    assert_eq!(export(&bob, "voice", ""), Ok(secret), "each end forgets by itself");
}

#[test]
fn exporters_are_compared_by_their_keys() {
    let exporter = |byte| Exporter::new(Secret::new([byte; 32]));
    assert!(exporter(1) == exporter(1));
    assert!(exporter(1) != exporter(2));
}
