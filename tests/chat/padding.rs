//! The padding that a host chooses for a small link (SPEC ENV-6, ENV-7).

use secretchat::hazmat::wire::{DecryptedMessage, Encode};
use secretchat::store::{MemoryStore, Store};
#[cfg(feature = "telegram")]
use secretchat::{ApiMisuse, DhGroup, PeerPolicy};
use secretchat::{Config, Draft, Handled, MessagePadding, StoreKey};

use crate::support::agreement;
use crate::support::forger::{Forger, encoded, plain};
use crate::support::pair::{Pair, all_sealed, ciphertext, env, texts};
use crate::support::stored;

const STORE_KEY: [u8; 32] = [7; 32];

fn small(config: Config) -> Config {
    config.with_message_padding(MessagePadding::Small).unwrap()
}

/// The lengths of the random bytes and of the padding in a sealed message.
fn lengths(forger: &mut Forger, sealed: &[u8]) -> (usize, usize) {
    let layer = forger.read(sealed);
    (layer.random_bytes.as_slice().len(), sealed.len() - 24 - 4 - layer.encoded_len())
}

#[test]
fn every_message_of_such_an_end_is_as_small_as_the_protocol_allows() {
    for &agreement in agreement::EVERY {
        let start = agreement.config("bob", "alice").with_store(StoreKey::new(STORE_KEY)).map(small);
        let (mut forger, bob, batches) = Forger::meet_seeded(agreement, start, 41);
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| store.apply(batch).unwrap());
        // The choice comes back with the records.
        let mut bob = stored::restore(&stored::records(&bob, &store), STORE_KEY, None).unwrap();
        let hello = encoded(&DecryptedMessage::Message73(plain(7, "hello")));
        assert_eq!(forger.give_next(&mut bob, &hello), Handled::Applied);

        let deleted = bob.send(&Draft::text("deleted"), &mut env(&mut forger.rng)).unwrap();
        bob.delete(&[deleted], &mut env(&mut forger.rng)).unwrap();
        bob.rekey(&mut env(&mut forger.rng)).unwrap();
        for len in 1..=32 {
            bob.send(&Draft::text("x".repeat(len)), &mut env(&mut forger.rng)).unwrap();
        }
        let sealed = all_sealed(&mut bob);
        assert_eq!(sealed.len(), 32 + 3, "texts, what is left of the deleted one, its deletion, RequestKey");
        for sealed in sealed {
            let (random, padding) = lengths(&mut forger, &sealed);
            assert_eq!(random, 15);
            assert!((12..=27).contains(&padding), "{padding}");
        }
    }
}

#[test]
fn each_end_chooses_for_itself() {
    let config = |local, peer| Config::x25519(local, peer).unwrap();
    let mut pair = Pair::of(small(config("alice", "bob")), config("bob", "alice"));
    pair.alice.send(&Draft::text("hi"), &mut env(&mut pair.rng)).unwrap();
    pair.bob.send(&Draft::text("hi"), &mut env(&mut pair.rng)).unwrap();
    let (of_alice, of_bob) = (all_sealed(&mut pair.alice), all_sealed(&mut pair.bob));
    assert_eq!(of_alice.iter().chain(&of_bob).map(Vec::len).collect::<Vec<_>>(), [104, 152]);
    pair.bob_gets(&of_alice[0]).unwrap();
    pair.alice.handle(ciphertext(&of_bob[0]), &mut env(&mut pair.rng)).unwrap();
    assert_eq!((texts(&mut pair.alice), texts(&mut pair.bob)), (vec!["hi".to_owned()], vec!["hi".to_owned()]));
}

#[cfg(feature = "telegram")]
#[test]
fn messages_of_the_telegram_profile_have_the_sizes_of_tdlib() {
    let config = Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default);
    for padding in [MessagePadding::Small, MessagePadding::SizeClasses] {
        assert_eq!(config.clone().with_message_padding(padding).map(drop), Err(ApiMisuse::NotInProfile));
    }
}
