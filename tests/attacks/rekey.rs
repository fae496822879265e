//! What a thief of a state can do when the key is renewed (SPEC 21).

use secretchat::{Chat, Handled, PeerFault, StoreKey};

use crate::honest::{Two, every_profile};
use crate::support::pair::{BOBS_STORE_KEY, all_sealed, ciphertext, env, outputs, texts};
use crate::support::rng::Seeded;

/// A thief has Bob's records and his store key, and hears all that follows. After the next key nothing opens for it.
#[test]
fn at_38_a_theft_heals_with_the_next_key() {
    for profile in every_profile() {
        a_theft_heals(Two::ready_in(profile));
    }
}

fn a_theft_heals(mut two: Two) {
    two.alice_says("before");
    let (stolen, key) = (two.bob.records(), StoreKey::new(BOBS_STORE_KEY));
    let before = two.to_bob.len();
    two.alice_says("under the stolen key");
    let rng = &mut Seeded::new(38);
    let mut thief = Chat::restore(&stolen, &key, None, &mut env(rng)).unwrap();
    assert_eq!(thief.handle(ciphertext(&two.to_bob[before]), &mut env(rng)), Ok(Handled::Applied), "it had the key");

    two.renew();
    let after = two.to_bob.len();
    two.alice_says("under a new key");
    let mut thief = Chat::restore(&stolen, &key, None, &mut env(rng)).unwrap();
    for bytes in &two.to_bob[..after] {
        // It takes what it can, the whole exchange included.
        let _under_one_of_its_keys = thief.handle(ciphertext(bytes), &mut env(rng));
        outputs(&mut thief);
    }
    for bytes in &two.to_bob[after..] {
        assert_eq!(thief.handle(ciphertext(bytes), &mut env(rng)), Err(PeerFault::UnknownKey));
    }
}

/// A documented weakness (SPEC 20): a thief that is active when the key is renewed takes Bob's place, and nothing that users
/// compare shows it. Bob is out: of what follows he opens nothing.
#[test]
fn at_37_documented_weakness_an_active_thief_rides_along_with_a_new_key() {
    let mut two = Two::ready();
    two.alice_says("before");
    let value = two.alice.chat.verification();
    let rng = &mut Seeded::new(37);
    let key = StoreKey::new(BOBS_STORE_KEY);
    let mut thief = Chat::restore(&two.bob.records(), &key, None, &mut env(rng)).unwrap();
    outputs(&mut thief);
    two.alice.chat.rekey(&mut env(rng)).unwrap();
    for _ in 0..3 {
        two.alice.drain();
        for bytes in std::mem::take(&mut two.alice.outgoing) {
            thief.handle(ciphertext(&bytes), &mut env(rng)).unwrap();
        }
        for bytes in all_sealed(&mut thief) {
            two.alice.chat.handle(ciphertext(&bytes), &mut env(rng)).unwrap();
        }
    }
    assert_eq!((two.alice.chat.rekeys(), thief.rekeys()), (1, 1));
    assert_eq!((two.alice.chat.verification(), thief.verification()), (value, value));
    two.alice.chat.send(&secretchat::Draft::text("for Bob alone"), &mut env(rng)).unwrap();
    two.alice.drain();
    let sealed = two.alice.outgoing.pop().unwrap();
    assert_eq!(thief.handle(ciphertext(&sealed), &mut env(rng)), Ok(Handled::Applied));
    assert_eq!(texts(&mut thief), ["for Bob alone"]);
    assert_eq!(two.bob_gets(&sealed), Err(PeerFault::UnknownKey));
}
