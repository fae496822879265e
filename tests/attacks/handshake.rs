//! What a relay can do while two ends agree on a key (SPEC X25-2, VER-1 to VER-4, MODP-7).

use secretchat::{Chat, Handled, Input, Invitation, PeerFault, Verification, VerifyError};
#[cfg(feature = "telegram")]
use secretchat::{DhGroup, StoreKey};

#[cfg(feature = "telegram")]
use crate::honest::ALICES_STORE_KEY;
use crate::honest::{Profile, Two, every_profile};
use crate::support::agreement;
use crate::support::pair::{Pair, accept_of, env, outputs, request_of};
use crate::support::rng::Seeded;
use crate::support::twin::{self, Twin};

/// What the users compare has 288 bits, depends on both public values, and stays over new keys and restarts.
#[test]
fn at_27_what_is_compared_is_long_and_stays() {
    let mut two = Two::ready();
    let value = two.bob.chat.verification().unwrap();
    assert_eq!(value.to_bytes().len() * 8, 288);
    for _ in 0..3 {
        two.renew();
        two.bob_restarts();
        assert_eq!((two.alice.chat.verification(), two.bob.chat.verification()), (Some(value), Some(value)));
    }
}

/// A relay in the middle has a chat with each end, under the other's name. All that shows it is what the users compare: no
/// chat is marked by itself, nor by the value of the other one.
#[test]
fn at_28_a_relay_in_the_middle_shows_in_what_is_compared() {
    for profile in every_profile() {
        twin::unchanged(|twin| a_relay_in_the_middle(twin, profile));
    }
}

fn a_relay_in_the_middle(twin: &mut Twin, profile: Profile) {
    let rng = &mut Seeded::new(28);
    let mut alice = Chat::request(profile.alice(), &mut env(rng)).unwrap();
    let invitation = Invitation::parse(&request_of(&mut alice), profile.bob()).unwrap();
    let mut as_bob = invitation.accept(&mut env(rng)).unwrap();
    let mut as_alice = Chat::request(profile.alice(), &mut env(rng)).unwrap();
    let invitation = Invitation::parse(&request_of(&mut as_alice), profile.bob()).unwrap();
    let mut bob = invitation.accept(&mut env(rng)).unwrap();
    for (asked, answered) in [(&mut alice, &mut as_bob), (&mut as_alice, &mut bob)] {
        let (public, fingerprint) = accept_of(answered);
        asked.handle(Input::accepted(&public, fingerprint), &mut env(rng)).unwrap();
    }
    let (alices, bobs) = (alice.verification().unwrap(), bob.verification().unwrap());
    assert_eq!(Some(alices), as_bob.verification(), "the relay reads what Alice writes");
    // Each part of 16 bytes shows it (SPEC VER-3).
    let (alices, bobs) = (alices.to_bytes(), bobs.to_bytes());
    assert!(alices.windows(16).zip(bobs.windows(16)).all(|(a, b)| a != b));
    assert_eq!((alice.verified(), bob.verified()), (None, None));
    outputs(&mut alice);
    let (value, code) = (bob.verification().unwrap(), bob.scan_code().unwrap().to_string());
    twin.bad(&mut alice, |alice, env| {
        assert_eq!(alice.mark_verified(value, env), Err(VerifyError::Mismatch.into()));
        assert_eq!(alice.mark_scanned(&code, env), Err(VerifyError::Mismatch.into()));
        assert_eq!(alice.verified(), None);
    });
    twin.compare(&mut alice);
}

/// There is no short value that a relay could search for: every form shows at least 256 bits, and neither a value that is
/// equal in all but one bit nor a part of a code sets the mark.
#[test]
fn at_29_nothing_short_is_compared() {
    twin::unchanged(|twin| {
        let mut pair = Pair::ready();
        let value = pair.alice.verification().unwrap();
        let code = pair.bob.scan_code().unwrap().to_string();
        assert!(value.words().len() * 8 == 288 && value.cells().as_flattened().len() * 2 == 288);
        assert_eq!(value.hex_lines().map(|line| line.as_str().split(' ').count() * 8).iter().sum::<usize>(), 256);
        twin.bad(&mut pair.alice, |alice, env| {
            for bit in 0..288 {
                let mut bytes = value.to_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let near = Verification::from_bytes(bytes);
                assert_eq!(alice.mark_verified(near, env), Err(VerifyError::Mismatch.into()), "{bit}");
            }
            for length in 0..code.len() {
                assert_eq!(alice.mark_scanned(&code[..length], env), Err(VerifyError::NoCode.into()), "{length}");
            }
            assert_eq!(alice.verified(), None);
        });
        twin.compare(&mut pair.alice);
    });
}

/// A relay that gives Alice's own value back to her, whole, in part or written another way, gets no chat.
#[test]
fn at_30_an_own_value_that_comes_back_is_refused() {
    for &agreement in agreement::EVERY {
        twin::unchanged(|twin| {
            let (mut pair, answer, fingerprint) = Pair::accepted_in(agreement);
            let own = Pair::asked(agreement, 5).request();
            let mut with_top_bit = own.clone();
            with_top_bit[31] |= 0x80;
            twin.bad(&mut pair.alice, |alice, env| {
                for back in [own.clone(), [&own[..32], &answer[32..]].concat(), with_top_bit] {
                    let refused = alice.handle(Input::accepted(&back, fingerprint), env);
                    assert_eq!(refused, Err(PeerFault::BadPublicValue));
                }
            });
            let right = Input::accepted(&answer, fingerprint);
            assert_eq!(pair.alice.handle(right, &mut env(&mut pair.rng)), Ok(Handled::Applied));
            twin.compare(&mut pair.alice);
        });
    }
}

/// In the Telegram profile, where a bad answer ends the chat: the own value, with and without its leading zeros, and p less it.
#[cfg(feature = "telegram")]
#[test]
fn at_30_an_own_value_that_comes_back_ends_a_telegram_chat() {
    use secretchat::{ChatState, CloseReason, KeyFingerprint};
    let asked = || {
        let mut alice = Chat::request(Profile::Telegram.alice(), &mut env(&mut Seeded::new(30))).unwrap();
        let own = request_of(&mut alice);
        (alice, own)
    };
    let own = asked().1;
    let (mut negative, mut borrow) = (DhGroup::published(3).unwrap().prime(), false);
    for (digit, less) in negative.iter_mut().zip(&own).rev() {
        let (first, one) = digit.overflowing_sub(*less);
        let (second, other) = first.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (second, one || other);
    }
    for back in [own.clone(), [&[0], &own[..]].concat(), negative.to_vec()] {
        let (mut alice, _) = asked();
        let answer = Input::accepted(&back, KeyFingerprint::from_long(30));
        assert_eq!(alice.handle(answer, &mut env(&mut Seeded::new(1))), Ok(Handled::ChatClosed));
        assert_eq!(alice.state(), ChatState::Closed(CloseReason::BadAnswer));
        assert_eq!((alice.verification(), alice.key_fingerprint()), (None, None));
    }
}

/// What Telegram's server gives is mixed with the own draw before the exponent and never after: chosen by an enemy it leaves
/// the exponent to the own draw, it hides a draw that repeats, and the key is that of the two public values.
#[cfg(feature = "telegram")]
#[test]
fn at_26_and_br_04_randomness_of_the_server_only_adds() {
    use crate::support::telegram;

    let ask = |random: Option<&[u8]>, seed| {
        let config = Profile::Telegram.config("alice", "bob");
        let config = match random {
            Some(random) => config.with_server_random(random).unwrap(),
            None => config,
        };
        let rng = &mut Seeded::new(seed);
        let mut alice = Chat::request(config.with_store(StoreKey::new(ALICES_STORE_KEY)), &mut env(rng)).unwrap();
        (request_of(&mut alice), alice)
    };
    let zeros = &[0; 256][..];
    let mut seen = std::collections::BTreeSet::new();
    for random in [None, Some(zeros), Some(&[0xff; 256]), Some(&zeros[..16])] {
        for seed in [1, 2] {
            assert!(seen.insert(ask(random, seed).0), "{random:?} {seed}");
            assert!(!seen.insert(ask(random, seed).0), "the same draw and the same random");
        }
    }
    // The peer knows nothing of it, and has the same key from the public value alone.
    let (request, mut alice) = ask(Some(zeros), 1);
    let forger = telegram::answer(&request);
    let answer = telegram::public_value();
    let accepted = Input::accepted(&answer, forger.fingerprint);
    assert_eq!(alice.handle(accepted, &mut env(&mut Seeded::new(3))), Ok(Handled::Applied));
    assert_eq!(alice.key_fingerprint(), Some(forger.fingerprint));
}
