//! What a thief of a state can do when the key is renewed (SPEC 21).

use secretchat::media::FileForm;
use secretchat::{Chat, Handled, PeerFault, StoreKey};

use crate::honest::Two;
use crate::support::pair::{BOBS_STORE_KEY, all_sealed, ciphertext, env, outputs, texts};
use crate::support::profile::every_profile;
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
/// compared before shows it. Bob is out: of what follows he opens nothing.
#[test]
fn at_37_documented_weakness_an_active_thief_rides_along_with_a_new_key() {
    for profile in every_profile() {
        a_thief_rides_along(Two::ready_in(profile));
    }
}

fn a_thief_rides_along(mut two: Two) {
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
    // Where keys are bound, a comparison of the current ones shows it (SPEC VER-4).
    let (alices, bobs) = (two.alice.chat.check(), two.bob.chat.check());
    assert!(alices.is_none() && bobs.is_none() || alices != bobs);
    assert_eq!(alices.is_some(), two.alice.chat.file_form() == FileForm::Segments, "bound keys have one");
    two.alice.chat.send(&secretchat::Draft::text("for Bob alone"), &mut env(rng)).unwrap();
    two.alice.drain();
    let sealed = two.alice.outgoing.pop().unwrap();
    assert_eq!(thief.handle(ciphertext(&sealed), &mut env(rng)), Ok(Handled::Applied));
    assert_eq!(texts(&mut thief), ["for Bob alone"]);
    assert_eq!(two.bob_gets(&sealed), Err(PeerFault::UnknownKey));
}

/// Fifty messages under the old key arrive in any order around the switch, the commit and a message under the new key before
/// them: none is lost, they come in order, and after them the old key opens nothing.
#[cfg(feature = "telegram")]
#[test]
fn at_35_fifty_messages_that_cross_the_switch_all_arrive() {
    use rand_core::Rng;

    use crate::support::forger::text;
    use crate::support::rekeyer::{EACH_PROFILE, Rekeyer, THEIRS, commit};

    for rules in EACH_PROFILE {
        for seed in 0..3 {
            let (mut peer, mut bob) = Rekeyer::accepted(rules);
            let first = peer.sent;
            let old: Vec<_> =
                (0..50).map(|n| peer.seal(first + n, &text(i64::from(n) + 1_000, &format!("old {n}")))).collect();
            let commits = peer.seal(first + 50, &commit(THEIRS, peer.last_fingerprint()));
            peer.switch();
            let new = peer.seal(first + 51, &text(2_000, "new"));
            let mut arriving = [&old[..], &[commits, new]].concat();
            let rng = &mut Seeded::new(seed);
            for at in (1..arriving.len()).rev() {
                arriving.swap(at, usize::try_from(rng.next_u32()).unwrap() % (at + 1));
            }
            let mut told = vec![];
            for sealed in &arriving {
                let handled = peer.gives(&mut bob, sealed);
                assert!(matches!(handled, Ok(Handled::Applied | Handled::Waiting)), "{rules:?}: {handled:?}");
                told.extend(peer.take(&mut bob));
            }
            told.retain(|said| said.starts_with("old") || said.starts_with("new"));
            let whole = (0..50).map(|n| format!("old {n}")).chain(["new".to_owned()]);
            assert_eq!(told, whole.collect::<Vec<_>>(), "{rules:?}");
            peer.sent = first + 52;
            assert_eq!((peer.opening(&mut bob, [0, 1]), bob.rekeys()), (vec![1], 1), "{rules:?}");
        }
    }
}

/// The name in front only selects a key: that of the other key which is held does not open a message, either way.
#[cfg(feature = "telegram")]
#[test]
fn at_16_names_of_two_keys_that_are_held_do_not_change_places() {
    use crate::support::forger::text;
    use crate::support::rekeyer::{EACH_PROFILE, Rekeyer};
    use crate::support::twin;

    for rules in EACH_PROFILE {
        twin::unchanged(|twin| {
            let (mut peer, mut bob) = Rekeyer::accepted(rules);
            let slot = peer.sent;
            let [old, new] = [0, 1].map(|key| {
                peer.sealing = key;
                peer.seal(slot, &text(16, "under one of two keys"))
            });
            peer.sealing = 0;
            twin.bad(&mut bob, |bob, env| {
                for (name, sealed) in [(&old, &new), (&new, &old)] {
                    let swapped = [&name[..8], &sealed[8..]].concat();
                    assert_eq!(bob.handle(ciphertext(&swapped), env), Err(PeerFault::NotAuthentic), "{rules:?}");
                }
            });
            assert_eq!(peer.gives(&mut bob, &old), Ok(Handled::Applied));
            peer.sent += 1;
            twin.take(&mut bob);
            assert_eq!(peer.commits(&mut bob), Handled::Applied);
            twin.compare(&mut bob);
        });
    }
}
