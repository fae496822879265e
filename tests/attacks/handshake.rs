//! What a relay can do while two ends agree on a key (SPEC X25-2, VER-1 to VER-4, MODP-7).

use secretchat::{
    Chat, DiscardProof, Handled, History, Input, Invitation, KeyFingerprint, PeerFault, TransmitId, Verification,
    VerifyError,
};
#[cfg(feature = "telegram")]
use secretchat::{DhGroup, Draft, StoreKey};

#[cfg(feature = "telegram")]
use crate::honest::ALICES_STORE_KEY;
use crate::honest::Two;
use crate::support::agreement;
use crate::support::pair::{self, Pair, accept_of, env, outputs, request_of};
use crate::support::profile::{Profile, every_profile};
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
    use secretchat::{ChatState, CloseReason};
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

/// Everything that the world can say about a chat.
fn every_input(right: &(Vec<u8>, KeyFingerprint), give: &mut dyn FnMut(&'static str, Input<'_>)) {
    let (value, name) = (&right.0[..], right.1);
    let wrong_name = KeyFingerprint::from_long(name.to_long() ^ 1);
    give("the answer", Input::accepted(value, name));
    give("the answer with another name", Input::accepted(value, wrong_name));
    give("an answer of zeros", Input::accepted(&vec![0; value.len()], name));
    give("no answer", Input::accepted(&[], name));
    give("accepted elsewhere", Input::AcceptedElsewhere);
    for history in [History::Keep, History::Delete] {
        give("a discard", Input::discarded(history, None));
        give("a wrong discard", Input::discarded(history, Some(DiscardProof { sent: 0, mac: [7; 32] })));
    }
    give("a receipt", Input::discard_receipt(None));
    give("a wrong receipt", Input::discard_receipt(Some(&[7; 32])));
    give("nothing", Input::ciphertext(&[], None, None));
    give("noise", Input::ciphertext(&[0x3c; 88], None, None));
    give("read", Input::read(pair::at(0), None));
    give("typing", Input::Typing);
    give("carried", Input::carried(TransmitId(1_000), None));
    give("refused", Input::refused(TransmitId(1_000)));
    give("refused for good", Input::refused_for_good(TransmitId(1_000)));
}

const STATES: [&str; 5] = ["asked", "accepted", "ready, asked", "ready, accepted", "closed"];

/// A chat in one of the states, with nothing to say, and the answer of its handshake.
fn in_state(profile: Profile, state: &str) -> (Chat, (Vec<u8>, KeyFingerprint)) {
    let rng = &mut Seeded::new(31);
    let mut alice = Chat::request(profile.alice(), &mut env(rng)).unwrap();
    let invitation = Invitation::parse(&request_of(&mut alice), profile.bob()).unwrap();
    let mut bob = invitation.accept(&mut env(rng)).unwrap();
    let (answer, name) = accept_of(&mut bob);
    if !["asked", "accepted"].contains(&state) {
        alice.handle(Input::accepted(&answer, name), &mut env(rng)).unwrap();
        for sealed in pair::all_sealed(&mut alice) {
            bob.handle(pair::ciphertext(&sealed), &mut env(rng)).unwrap();
        }
        outputs(&mut bob);
    }
    if state == "closed" {
        alice.close(History::Keep, &mut env(rng));
        outputs(&mut alice);
    }
    let chat = if state.ends_with("accepted") { bob } else { alice };
    (chat, (answer, name))
}

/// What the table of SPEC OUT-3 lets have an effect, in the order of the inputs.
fn has_effect(profile: Profile, state: &str) -> &'static [&'static str] {
    const ANY_DISCARD: [&str; 4] = ["a discard", "a wrong discard", "a discard", "a wrong discard"];
    match (profile, state) {
        // The initiator believes any Discard (X25-10).
        (Profile::Bound(_), "asked") => &["the answer", ANY_DISCARD[0], ANY_DISCARD[1], ANY_DISCARD[2], ANY_DISCARD[3]],
        // Without a proof it is noted (X25-10).
        (Profile::Bound(_), "accepted") => &["a discard", "a discard"],
        (Profile::Bound(_), _) => &[],
        // A bad answer ends the chat (MODP-6); what overtakes the answer is kept, whatever it is.
        #[cfg(feature = "telegram")]
        (Profile::Telegram, "asked") => &[
            "the answer",
            "the answer with another name",
            "an answer of zeros",
            "no answer",
            ANY_DISCARD[0],
            ANY_DISCARD[1],
            ANY_DISCARD[2],
            ANY_DISCARD[3],
            "nothing",
            "noise",
        ],
        #[cfg(feature = "telegram")]
        (Profile::Telegram, "ready, asked") => {
            &[ANY_DISCARD[0], ANY_DISCARD[1], ANY_DISCARD[2], ANY_DISCARD[3], "read", "typing"]
        }
        // Whoever accepts is ready at once.
        #[cfg(feature = "telegram")]
        (Profile::Telegram, "accepted" | "ready, accepted") => {
            &["accepted elsewhere", ANY_DISCARD[0], ANY_DISCARD[1], ANY_DISCARD[2], ANY_DISCARD[3], "read", "typing"]
        }
        // Its Discard has no proof, so there is none to compare (X25-11).
        #[cfg(feature = "telegram")]
        (Profile::Telegram, _) => &["a receipt", "a wrong receipt"],
    }
}

/// Every input in every state of a handshake and its end: what has no effect leaves nothing behind.
#[test]
fn at_31_what_does_not_fit_a_state_changes_nothing() {
    for profile in every_profile() {
        for state in STATES {
            let mut fits = vec![];
            let (mut inputs, (_, right)) = (0, in_state(profile, state));
            every_input(&right, &mut |name, input| {
                let (mut chat, _) = in_state(profile, state);
                let handled = chat.handle(input, &mut env(&mut Seeded::new(1)));
                if matches!(handled, Ok(Handled::Applied | Handled::Waiting | Handled::ChatClosed)) {
                    fits.push((inputs, name));
                }
                inputs += 1;
            });
            let names: Vec<_> = fits.iter().map(|(_, name)| *name).collect();
            assert_eq!(names, has_effect(profile, state), "{profile:?} {state}");
            for skipped in 0..inputs {
                if fits.iter().any(|(place, _)| *place == skipped) {
                    continue;
                }
                twin::unchanged(|twin| {
                    let (mut chat, right) = in_state(profile, state);
                    let mut place = 0;
                    every_input(&right, &mut |name, input| {
                        if place == skipped {
                            twin.idle(&mut chat, |chat, env| {
                                let handled = chat.handle(input, env);
                                assert!(
                                    matches!(handled, Err(_) | Ok(Handled::Ignored | Handled::NoRoom)),
                                    "{state} {name} {handled:?}"
                                );
                            });
                        }
                        place += 1;
                    });
                    twin.compare(&mut chat);
                });
            }
        }
    }
}

/// A server pairs two requests of Telegram, one each way, so that both ends have one key and each of them has asked; then it
/// moves messages from one chat to the other. Both seal as the one who asked, so nothing of it opens.
#[cfg(feature = "telegram")]
#[test]
fn at_10_messages_moved_between_two_chats_of_one_key_do_not_open() {
    use recordings::Scripted;
    use secretchat::hazmat::Secret;
    use secretchat::hazmat::fingerprint::key_fingerprint;
    use secretchat::hazmat::modp::KeyPair;

    twin::unchanged(|twin| {
        let group = DhGroup::published(3).unwrap();
        let (a, b) = ([0x5a; 256], [0x6b; 256]);
        let asks = |config, exponent: [u8; 256]| {
            let rng = &mut Scripted::with([exponent.to_vec()], Seeded::of(b"the rest"));
            let mut chat = Chat::request(config, &mut env(rng)).unwrap();
            let public = request_of(&mut chat);
            (chat, public)
        };
        let (mut alice, g_a) = asks(Profile::Telegram.alice(), a);
        let (mut bob, g_b) = asks(Profile::Telegram.bob(), b);
        let key = KeyPair::resume(&group, Secret::new(a)).unwrap().shared_key(&group, &g_b).unwrap();
        let name = key_fingerprint(&key);
        let rng = &mut Seeded::new(10);
        assert_eq!(alice.handle(Input::accepted(&g_b, name), &mut env(rng)), Ok(Handled::Applied));
        assert_eq!(bob.handle(Input::accepted(&g_a, name), &mut env(rng)), Ok(Handled::Applied));
        assert_eq!(alice.key_fingerprint(), bob.key_fingerprint(), "one key");
        assert_eq!(alice.verification(), bob.verification(), "and nothing to see");
        alice.send(&Draft::text("for the peer of my chat"), &mut env(rng)).unwrap();
        let moved = pair::all_sealed(&mut alice);
        assert!(moved.len() >= 2);
        outputs(&mut bob);
        twin.bad(&mut bob, |bob, env| {
            for sealed in &moved {
                assert_eq!(bob.handle(pair::ciphertext(sealed), env), Err(PeerFault::NotAuthentic));
            }
        });
        twin.compare(&mut bob);
    });
}
