//! The server's randomness in the exponents of a chat (SPEC MODP-7).

use recordings::Scripted;
use secretchat::hazmat::records;
use secretchat::hazmat::server_random::ServerRandom;
use secretchat::store::MemoryStore;
use secretchat::{ApiMisuse, Chat, Config, DhGroup, Invitation, PeerPolicy, RecordName, StoreKey};
use serde_json::Value;

use crate::support::pair::{self, Pair, accept_of, env, request_of};
use crate::support::rng::Seeded;
use crate::support::stored;

const KEY: [u8; 32] = [1; 32];

fn config() -> Config {
    Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default)
}

/// The first case of the vectors, whose exchange is the first agreement.
fn case() -> impl Fn(&str) -> Vec<u8> {
    let file: Value = serde_json::from_str(include_str!("../../test-vectors/server-random.json")).unwrap();
    let case = file["cases"][0].clone();
    assert_eq!(case["exchange_id"], "0");
    move |name| hex::decode(case[name].as_str().unwrap()).unwrap()
}

#[test]
fn a_request_and_an_acceptance_mix_it_in_and_draw_as_ever() {
    let case = case();
    let mixed = || config().with_server_random(&case("random")).unwrap();
    // One draw more would end the script.
    let ask = |config: Config| {
        let rng = &mut Scripted::new([case("draw")]);
        request_of(&mut Chat::request(config, &mut env(rng)).unwrap())
    };
    assert_eq!(ask(mixed()), case("public"));
    assert_ne!(ask(config()), case("public"));
    assert_eq!(ask(config()), ask(config().with_server_random(&[]).unwrap()));

    let request = ask(config());
    let rng = &mut Scripted::with([case("draw")], Seeded::of(b"the rest"));
    let mut accepted = Invitation::parse(&request, mixed()).unwrap().accept(&mut env(rng)).unwrap();
    assert_eq!(accept_of(&mut accepted).0, case("public"));
    let x25519 = Config::x25519("a", "b").unwrap().with_server_random(&[1]);
    assert_eq!(x25519.map(drop), Err(ApiMisuse::NotInProfile));
}

#[test]
fn it_is_kept_for_rekeys_and_an_end_without_it_agrees() {
    let case = case();
    let rng = &mut Seeded::new(4);
    let start = config().with_server_random(&case("random")).unwrap().with_store(StoreKey::new(KEY));
    let mut store = MemoryStore::default();
    let mut asked = Chat::request(start, &mut env(rng)).unwrap();
    stored::keep(&mut asked, &mut store);
    let records = stored::records(&asked, &store);
    let rows = records::open(&records, &StoreKey::new(KEY)).unwrap();
    let keys = rows.iter().find(|(name, ..)| *name == RecordName::Keys).map(|(.., plain)| plain.to_vec()).unwrap();
    // SPEC REC-9: empty host data, then option 3.
    assert!(keys.ends_with(&[&b"\0\0\0\0\x03\x20\0\0\0"[..], &case("kept")].concat()));
    assert!(stored::restore(&records, KEY, None).is_ok());

    let start = config().with_server_random(&case("random")).unwrap();
    let mut pair = Pair::of(start, config());
    for started_by_alice in [true, false] {
        let starter = if started_by_alice { &mut pair.alice } else { &mut pair.bob };
        starter.rekey(&mut env(&mut pair.rng)).unwrap();
        for _ in 0..4 {
            for sealed in pair::all_sealed(&mut pair.alice) {
                pair.bob_gets(&sealed).unwrap();
            }
            for sealed in pair::all_sealed(&mut pair.bob) {
                pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
            }
        }
        for text in ["one", "two"] {
            let sealed = pair.alice_sends(text);
            pair.bob_gets(&sealed).unwrap();
            pair.bob.send(&secretchat::Draft::text(text), &mut env(&mut pair.rng)).unwrap();
            for sealed in pair::all_sealed(&mut pair.bob) {
                pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
            }
        }
    }
    assert_eq!((pair.alice.rekeys(), pair.bob.rekeys()), (2, 2));
    assert_eq!(pair.alice.key_fingerprint(), pair.bob.key_fingerprint());
}

#[test]
fn what_is_kept_is_compared_by_its_bytes() {
    assert!(ServerRandom::new(&[1; 256]) == ServerRandom::new(&[1; 256]));
    assert!(ServerRandom::new(&[1; 256]) != ServerRandom::new(&[2; 256]));
}
