//! What passes for the public value of a request or an answer in the profiles that bind their keys, and what becomes of
//! the two chats (SPEC X25-1 to X25-5, HYB-1 to HYB-5, HYB-8).

use secretchat::frame::{self, ChatTag, Frame};
use secretchat::hazmat::Secret;
use secretchat::hazmat::x25519::KeyPair;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    ApiMisuse, Chat, ChatState, Handled, History, Input, Invitation, KeyFingerprint, Output, PeerFault, StoreKey,
};

use crate::support::agreement::{self, Agreement};
use crate::support::key_watch::KeyWatch;
use crate::support::pair::{BOBS_STORE_KEY, Pair, accept_of, env, outputs, request_of};
use crate::support::rng::{Constant, Seeded};
use crate::support::{bad_values, twin};

fn parse(public: &[u8], agreement: Agreement) -> Result<Invitation, PeerFault> {
    Invitation::parse(public, Pair::bob_in(agreement))
}

#[test]
fn at_22_a_request_with_a_value_that_the_checks_refuse_is_no_invitation() {
    for &agreement in agreement::EVERY {
        let good = Pair::asked(agreement, 5).request();
        for (why, bad) in bad_values::of_request(agreement, &good) {
            assert_eq!(parse(&bad, agreement).map(drop), Err(PeerFault::BadPublicValue), "{agreement:?} {why}");
        }
        assert!(parse(&good, agreement).is_ok());
    }
}

#[test]
fn at_22_an_answer_with_a_value_that_the_checks_refuse_is_an_error_and_the_true_one_still_works() {
    for &agreement in agreement::EVERY {
        twin::unchanged(|twin| {
            let request = Pair::asked(agreement, 5).request();
            let (mut pair, public, fingerprint) = Pair::accepted_in(agreement);
            twin.bad(&mut pair.alice, |alice, env| {
                for (why, bad) in bad_values::of_answer(agreement, &public, &request) {
                    let refused = alice.handle(Input::accepted(&bad, fingerprint), env);
                    assert_eq!(refused, Err(PeerFault::BadPublicValue), "{agreement:?} {why}");
                    assert_eq!(alice.state(), ChatState::Requested);
                }
            });
            let handled = pair.alice.handle(Input::accepted(&public, fingerprint), &mut env(&mut pair.rng));
            assert_eq!(handled, Ok(Handled::Applied));
            twin.compare(&mut pair.alice);
        });
    }
}

/// Every value of 12 bits below q and any 32 bytes behind them make a key, if nobody's (SPEC HYB-2).
#[cfg(feature = "hybrid")]
#[test]
fn at_75_a_request_with_any_reduced_numbers_is_an_invitation_to_another_chat() {
    let good = Pair::asked(Agreement::Hybrid, 5).request();
    let mut all_ones = good.clone();
    all_ones[1184..].fill(0xff);
    let mut zeros = good.clone();
    zeros[32..].fill(0);
    let mut reduced = vec![all_ones, zeros, [&good[..32], &Agreement::Hybrid.request(0x55)[32..]].concat()];
    for place in [0, 1, 300, 767] {
        reduced.push(bad_values::with_number(&good, place, |number| if number == 3328 { 0 } else { 3328 }));
    }
    for changed in reduced {
        let mut pair = Pair::asked(Agreement::Hybrid, 5);
        let mut bob = parse(&changed, Agreement::Hybrid).unwrap().accept(&mut env(&mut pair.rng)).unwrap();
        let (answer, fingerprint) = accept_of(&mut bob);
        let refused = pair.alice.handle(Input::accepted(&answer, fingerprint), &mut env(&mut pair.rng));
        assert_eq!(refused, Err(PeerFault::FingerprintMismatch));
    }
}

/// A ciphertext has no check but its length (SPEC HYB-3): wherever it is damaged, and whatever stands for it, the one sign
/// is the wrong fingerprint, as often as anybody tries.
#[cfg(feature = "hybrid")]
#[test]
fn at_75_a_damaged_ciphertext_is_a_wrong_fingerprint_and_the_true_answer_still_works() {
    twin::unchanged(|twin| {
        let (mut pair, public, fingerprint) = Pair::accepted_in(Agreement::Hybrid);
        twin.bad(&mut pair.alice, |alice, env| {
            let mut gives = |public: &[u8], what: &str| {
                let refused = alice.handle(Input::accepted(public, fingerprint), env);
                assert_eq!(refused, Err(PeerFault::FingerprintMismatch), "{what}");
                assert_eq!(alice.state(), ChatState::Requested);
            };
            // c1 ends after 960 bytes, c2 with the value.
            for at in 32..public.len() {
                let mut damaged = public.clone();
                damaged[at] ^= 1 << (at % 8);
                gives(&damaged, &format!("byte {at}"));
            }
            let with = |ciphertext: &[u8]| [&public[..32], ciphertext].concat();
            for byte in [0, 0xff] {
                gives(&with(&[byte; 1088]), "one byte everywhere");
            }
            let own = Pair::asked(Agreement::Hybrid, 5).request();
            gives(&with(&Agreement::Hybrid.answer(0x44, &own)[32..]), "another one for the same key");
            let another = Agreement::Hybrid.request(0x55);
            gives(&with(&Agreement::Hybrid.answer(0x44, &another)[32..]), "one for another key");
            gives(&Agreement::Hybrid.answer(0x44, &own), "another answer to the same request");
        });
        let handled = pair.alice.handle(Input::accepted(&public, fingerprint), &mut env(&mut pair.rng));
        assert_eq!(handled, Ok(Handled::Applied));
        twin.compare(&mut pair.alice);
    });
}

/// The answer to one request in answer to another, and two answers with one half of the other each.
#[test]
fn at_75_an_answer_to_another_request_is_a_wrong_fingerprint() {
    for &agreement in agreement::EVERY {
        twin::unchanged(|twin| {
            let (mut one, ours, our_name) = Pair::accepted_in(agreement);
            let mut two = Pair::asked(agreement, 77);
            let mut bob = parse(&two.request(), agreement).unwrap().accept(&mut env(&mut two.rng)).unwrap();
            let (theirs, their_name) = accept_of(&mut bob);
            twin.bad(&mut one.alice, |alice, env| {
                let swapped = [[&ours[..32], &theirs[32..]].concat(), [&theirs[..32], &ours[32..]].concat()];
                for (public, name) in [(&theirs, their_name), (&theirs, our_name), (&ours, their_name)]
                    .into_iter()
                    .chain(swapped.iter().map(|public| (public, our_name)).filter(|(public, _)| **public != ours))
                {
                    let refused = alice.handle(Input::accepted(public, name), env);
                    assert_eq!(refused, Err(PeerFault::FingerprintMismatch), "{agreement:?}");
                }
            });
            let right = Input::accepted(&ours, our_name);
            assert_eq!(one.alice.handle(right, &mut env(&mut one.rng)), Ok(Handled::Applied));
            twin.compare(&mut one.alice);
        });
    }
}

/// Each end in a profile of its own, and a relay that cuts, fills up and passes on: there is no chat (SPEC HYB-8).
#[cfg(feature = "hybrid")]
#[test]
fn at_75_ends_in_different_profiles_get_no_chat_whatever_a_relay_does() {
    let [asks_x25519, asks_hybrid] = [Agreement::X25519, Agreement::Hybrid].map(|agreement| Pair::asked(agreement, 5));
    let (mut x25519, mut hybrid) = (asks_x25519, asks_hybrid);
    let (short, long) = (x25519.request(), hybrid.request());
    assert_eq!((short.len(), long.len()), (32, 1216));
    assert_eq!(parse(&short, Agreement::Hybrid).map(drop), Err(PeerFault::BadPublicValue));
    assert_eq!(parse(&long, Agreement::X25519).map(drop), Err(PeerFault::BadPublicValue));

    // The hybrid request cut to its half, the short one filled up with a key of the relay.
    let mut bob = parse(&long[..32], Agreement::X25519).unwrap().accept(&mut env(&mut hybrid.rng)).unwrap();
    let (answer, name) = accept_of(&mut bob);
    let refused = hybrid.alice.handle(Input::accepted(&answer, name), &mut env(&mut hybrid.rng));
    assert_eq!(refused, Err(PeerFault::BadPublicValue), "32 bytes");
    let filled = [&answer, &Agreement::Hybrid.answer(0x55, &long)[32..]].concat();
    let refused = hybrid.alice.handle(Input::accepted(&filled, name), &mut env(&mut hybrid.rng));
    assert_eq!(refused, Err(PeerFault::FingerprintMismatch), "1,120 bytes");

    let filled = [&short, &Agreement::Hybrid.request(0x55)[32..]].concat();
    let mut bob = parse(&filled, Agreement::Hybrid).unwrap().accept(&mut env(&mut x25519.rng)).unwrap();
    let (answer, name) = accept_of(&mut bob);
    let refused = x25519.alice.handle(Input::accepted(&answer, name), &mut env(&mut x25519.rng));
    assert_eq!(refused, Err(PeerFault::BadPublicValue), "1,120 bytes");
    let refused = x25519.alice.handle(Input::accepted(&answer[..32], name), &mut env(&mut x25519.rng));
    assert_eq!(refused, Err(PeerFault::FingerprintMismatch), "32 bytes");
}

/// The same with Telegram's, whose value is 256 bytes long.
#[cfg(feature = "telegram")]
#[test]
fn ends_of_the_telegram_profile_get_no_chat_with_others() {
    use crate::support::telegram;
    let telegram = || telegram::config(secretchat::PeerPolicy::Default);
    let rng = &mut Seeded::new(256);
    for &agreement in agreement::EVERY {
        let mut alice = Chat::request(telegram(), &mut env(rng)).unwrap();
        let request = request_of(&mut alice);
        assert_eq!(parse(&request, agreement).map(drop), Err(PeerFault::BadPublicValue));
        let (mut pair, public, fingerprint) = Pair::accepted_in(agreement);
        let telegrams = Input::accepted(&request, fingerprint);
        assert_eq!(pair.alice.handle(telegrams, &mut env(rng)), Err(PeerFault::BadPublicValue));

        let asked = Invitation::parse(&Pair::asked(agreement, 5).request(), telegram()).map(drop);
        assert_eq!(asked, Err(PeerFault::BadPublicValue));
        assert_eq!(alice.handle(Input::accepted(&public, fingerprint), &mut env(rng)), Ok(Handled::ChatClosed));
    }
}

/// Frames name no profile; the lengths of the values show it (SPEC HYB-8, FRM-4).
#[test]
fn the_lengths_of_the_frames() {
    for (&agreement, lengths) in agreement::EVERY.iter().zip([[54, 62], [1238, 1150]]) {
        let request = Pair::asked(agreement, 5).request();
        let (_, answer, fingerprint) = Pair::accepted_in(agreement);
        let frames = [Frame::Request { public: &request }, Frame::Accept { public: &answer, fingerprint }];
        for (frame, length) in frames.iter().zip(lengths) {
            let bytes = frame::encode(ChatTag([7; 16]), frame).unwrap();
            assert_eq!(bytes.len(), length, "{agreement:?}");
            assert_eq!(frame::decode_one(&bytes).unwrap(), (ChatTag([7; 16]), *frame));
        }
    }
}

/// A generator that gives the responder the initiator's scalar (SPEC RNG-4, X25-2).
#[test]
fn an_acceptance_that_draws_the_scalar_of_the_request_fails() {
    for &agreement in agreement::EVERY {
        let request = agreement.request(7);
        let accepted = parse(&request, agreement).unwrap().accept(&mut env(&mut Constant(7)));
        assert_eq!(accepted.map(drop), Err(ApiMisuse::UnusableRng));
        assert!(parse(&request, agreement).unwrap().accept(&mut env(&mut Constant(8))).is_ok());
    }
}

/// To send a request again it is made again from what is stored, and the answer is kept (SPEC HYB-5).
#[test]
fn a_request_and_an_answer_come_again_unchanged_also_after_a_restart() {
    for &agreement in agreement::EVERY {
        let (mut store, rng) = (MemoryStore::default(), &mut Seeded::new(11));
        let mut restarted = |chat: &mut Chat, key: [u8; 32]| {
            for output in outputs(chat) {
                if let Output::Persist(batch) = output {
                    store.apply(&batch).unwrap();
                }
            }
            let records = store.load(chat.id().unwrap()).unwrap().unwrap();
            let mut chat = Chat::restore(&records, &StoreKey::new(key), None, &mut env(rng)).unwrap();
            chat.retransmit(&mut env(rng));
            chat
        };
        let mut first = Pair::asked(agreement, 5);
        let request = first.request();
        let mut alice = restarted(&mut Pair::asked(agreement, 5).alice, [1; 32]);
        assert_eq!(request_of(&mut alice), request);

        let accept = || parse(&request, agreement).unwrap().accept(&mut env(&mut Seeded::new(12))).unwrap();
        let (answer, fingerprint) = accept_of(&mut accept());
        let mut bob = restarted(&mut accept(), BOBS_STORE_KEY);
        assert_eq!(accept_of(&mut bob), (answer.clone(), fingerprint));
        let ready = alice.handle(Input::accepted(&answer, fingerprint), &mut env(&mut Seeded::new(13)));
        assert_eq!(ready, Ok(Handled::Applied));
        assert_eq!(alice.key_fingerprint().map(KeyFingerprint::to_bytes), Some(fingerprint.to_bytes()));
    }
}

/// The value of X25519 stands first in every value, so that its checks read the same place (SPEC HYB-1).
#[test]
fn the_value_of_x25519_stands_first() {
    for &agreement in agreement::EVERY {
        let drawn = *KeyPair::resume(Secret::new([7; 32])).public();
        let mut alice = Chat::request(agreement.config("alice", "bob"), &mut env(&mut Constant(7))).unwrap();
        assert_eq!(request_of(&mut alice), agreement.request(7));
        assert_eq!(agreement.request(7)[..32], drawn);
        let request = agreement.request(8);
        let mut bob = parse(&request, agreement).unwrap().accept(&mut env(&mut Constant(7))).unwrap();
        let (answer, _) = accept_of(&mut bob);
        assert_eq!((&answer, &answer[..32]), (&agreement.answer(7, &request), &drawn[..]));
    }
}

/// A request keeps its secrets in the record of keys as long as it is open, and nowhere afterwards: not when it was
/// answered, nor when it was given up (SPEC X25-2, HYB-7).
#[test]
fn the_secrets_of_a_request_are_in_no_record_once_it_is_over() {
    for &agreement in agreement::EVERY {
        let lengths: &[usize] = match agreement {
            Agreement::X25519 => &[32],
            #[cfg(feature = "hybrid")]
            Agreement::Hybrid => &[32, 64],
        };
        for ending in ["answered", "closed"] {
            let (mut pair, answer, fingerprint, mut watch) = watched(agreement);
            assert_eq!(watch.secrets().map(Vec::len).collect::<Vec<_>>(), lengths, "{agreement:?}");
            match ending {
                "answered" => drop(pair.alice.handle(Input::accepted(&answer, fingerprint), &mut env(&mut pair.rng))),
                _ => pair.alice.close(History::Keep, &mut env(&mut pair.rng)),
            }
            keep(&mut pair.alice, &mut watch);
            assert_eq!(watch.wiped_secrets, lengths.len(), "{agreement:?} {ending}");
        }
    }
}

/// Alice has asked, and whatever she kept so far is watched; Bob's answer.
fn watched(agreement: Agreement) -> (Pair, Vec<u8>, KeyFingerprint, KeyWatch) {
    let mut watch = KeyWatch::new(StoreKey::new([1; 32]));
    let mut pair = Pair::asked(agreement, 5);
    keep(&mut pair.alice, &mut watch);
    let (_, answer, fingerprint) = Pair::accepted_in(agreement);
    (pair, answer, fingerprint, watch)
}

fn keep(chat: &mut Chat, watch: &mut KeyWatch) {
    for output in outputs(chat) {
        if let Output::Persist(batch) = output {
            watch.apply(&batch);
        }
    }
}
