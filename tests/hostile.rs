//! What the world may throw at a chat: nothing that is not authentic changes it, and what is authentic and wrong has
//! the outcome of the table (SPEC OUT-1).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "support/pair.rs"]
mod pair;
#[path = "support/rng.rs"]
mod rng;

use pair::{Pair, env, snapshot};
use secretchat::frame::{self, ChatTag, Decoder, Frame, Next};
use secretchat::store::{Driver, MemoryStore};
use secretchat::{
    ChatState, CloseReason, Draft, Event, Handled, Input, Invitation, KeyFingerprint, Output, PeerFault, TransmitId,
    TransmitKind,
};

#[test]
fn every_flip_and_truncation_of_an_accept_is_refused_and_the_true_one_still_works() {
    let (mut pair, public, fingerprint) = Pair::accepted();
    let before = snapshot(&mut pair.alice);
    for bit in 0..32 * 8 {
        let mut public = public.clone();
        public[bit / 8] ^= 1 << (bit % 8);
        let fault = pair.alice.handle(Input::Accepted { public: &public, fingerprint }, &mut env(&mut pair.rng));
        assert!(matches!(fault, Err(PeerFault::BadPublicValue | PeerFault::FingerprintMismatch)), "{bit}");
    }
    for bit in 0..64 {
        let mut bytes = fingerprint.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let fingerprint = KeyFingerprint::from_bytes(bytes);
        let fault = pair.alice.handle(Input::Accepted { public: &public, fingerprint }, &mut env(&mut pair.rng));
        assert_eq!(fault, Err(PeerFault::FingerprintMismatch), "{bit}");
    }
    for length in 0..32 {
        let input = Input::Accepted { public: &public[..length], fingerprint };
        assert_eq!(pair.alice.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::BadPublicValue));
    }
    assert_eq!(snapshot(&mut pair.alice), before);
    let handled = pair.alice.handle(Input::Accepted { public: &public, fingerprint }, &mut env(&mut pair.rng));
    assert_eq!(handled, Ok(Handled::Applied));
}

#[test]
fn a_flip_in_a_request_leads_to_no_ready_on_either_side() {
    let mut original = Pair::new();
    let public = original.request();
    for bit in 0..32 * 8 {
        let mut changed = public.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut pair = Pair::new();
        assert_eq!(pair.request(), public, "the generator repeats");
        // An encoding that nobody sends is refused at once.
        let Ok(invitation) = Invitation::parse(&changed, Pair::bob_config()) else { continue };
        let mut bob = invitation.accept(&mut env(&mut pair.rng)).unwrap();
        let (answer, fingerprint) = pair::accept_of(&mut bob);
        let input = Input::Accepted { public: &answer, fingerprint };
        assert_eq!(pair.alice.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::FingerprintMismatch));
        assert_eq!(pair.alice.state(), ChatState::Requested);
        assert_eq!(bob.state(), ChatState::Accepted);
    }
}

#[test]
fn ends_that_do_not_agree_who_they_are_get_no_chat() {
    for config in [
        secretchat::Config::x25519("bob", "mallory").unwrap(),
        secretchat::Config::x25519("mallory", "alice").unwrap(),
        secretchat::Config::x25519("alice", "bob").unwrap(),
        secretchat::Config::x25519("bob", "alice").unwrap().with_context("another room").unwrap(),
    ] {
        let mut pair = Pair::new();
        let public = pair.request();
        let mut bob = Invitation::parse(&public, config).unwrap().accept(&mut env(&mut pair.rng)).unwrap();
        let (answer, fingerprint) = pair::accept_of(&mut bob);
        let input = Input::Accepted { public: &answer, fingerprint };
        assert_eq!(pair.alice.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::FingerprintMismatch));
    }
}

#[test]
fn every_flip_and_truncation_of_a_ciphertext_is_refused_and_changes_nothing() {
    let mut pair = Pair::ready();
    let sealed = pair.alice_sends("a text of some length, to have a few blocks in the message");
    let before = snapshot(&mut pair.bob);
    for bit in 0..sealed.len() * 8 {
        let mut bytes = sealed.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let expected = if bit < 64 { PeerFault::UnknownKey } else { PeerFault::NotAuthentic };
        assert_eq!(pair.bob_gets(&bytes), Err(expected), "{bit}");
    }
    for length in 0..sealed.len() {
        let expected = PeerFault::NotAuthentic;
        assert_eq!(pair.bob_gets(&sealed[..length]), Err(expected), "{length}");
    }
    assert_eq!(pair.bob_gets(&vec![0; 1 << 20]), Err(PeerFault::NotAuthentic), "over the bound");
    // Its own message, mirrored.
    assert_eq!(pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)), Err(PeerFault::NotAuthentic));
    assert_eq!(snapshot(&mut pair.bob), before);
    assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
    assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Duplicate));
}

#[test]
fn forged_and_replayed_discards_change_nothing() {
    let mut pair = Pair::ready();
    let before = snapshot(&mut pair.bob);
    for proof in [None, Some([0; 32]), Some([0xff; 32])] {
        for history in [false, true] {
            let input = Input::Discarded { history, proof: proof.as_ref() };
            assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::NotAuthentic));
        }
    }
    // A true proof of another chat, and a true one for the other history flag, and our own one mirrored.
    let mut other = Pair::ready_with_seed(77);
    let (history, proof) = other.alice_closes(false);
    let input = Input::Discarded { history, proof: Some(&proof) };
    assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::NotAuthentic));
    assert_eq!(snapshot(&mut pair.bob), before);

    let (history, proof) = pair.alice_closes(true);
    assert!(history);
    for bit in 0..256 {
        let mut proof = proof;
        proof[bit / 8] ^= 1 << (bit % 8);
        let input = Input::Discarded { history, proof: Some(&proof) };
        assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::NotAuthentic), "{bit}");
    }
    let input = Input::Discarded { history: false, proof: Some(&proof) };
    assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::NotAuthentic));
    assert_eq!(snapshot(&mut pair.bob), before);

    let input = Input::Discarded { history, proof: Some(&proof) };
    assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Ok(Handled::ChatClosed));
    assert_eq!(pair.bob.state(), ChatState::Closed(CloseReason::ByPeer));
    let input = Input::Discarded { history, proof: Some(&proof) };
    assert_eq!(pair.bob.handle(input, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
}

#[test]
fn a_panicking_generator_leaves_the_chat_whole() {
    let mut pair = Pair::ready();
    let sealed = pair.alice_sends("from alice");
    // Sending draws an id, random bytes, padding and nonces: at each draw the generator may die.
    for draws in 0..6 {
        let before = snapshot(&mut pair.bob);
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut rng = rng::Failing::after(draws);
            pair.bob.send(&Draft::text("from bob"), &mut env(&mut rng)).map(drop)
        }));
        if died.is_ok() {
            assert!(draws >= 4, "{draws}");
            break;
        }
        assert_eq!(snapshot(&mut pair.bob), before, "{draws}");
    }
    pair::outputs(&mut pair.bob);
    let before = snapshot(&mut pair.bob);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut rng = rng::Failing::after(0);
        pair.bob.handle(pair::ciphertext(&sealed), &mut env(&mut rng)).map(drop)
    }));
    assert!(died.is_err(), "the record of the state needs a nonce");
    assert_eq!(snapshot(&mut pair.bob), before);
    assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
    let outputs = pair::outputs(&mut pair.bob);
    assert!(outputs.iter().any(|output| matches!(output, Output::Event(Event::Message(_)))));
    assert!(
        !outputs
            .iter()
            .any(|output| matches!(output, Output::Transmit(t) if matches!(t.kind, TransmitKind::Accept { .. })))
    );
}

#[test]
fn a_flip_in_a_frames_header_may_misroute_or_wait_and_never_changes_a_chat() {
    let mut pair = Pair::ready();
    let tag = ChatTag([0x3c; 16]);
    let sealed = pair.alice_sends("in a frame");
    let frame = Frame::Ciphertext { transmit_id: TransmitId(17), file: None, bytes: &sealed };
    let bytes = frame::encode(tag, &frame).unwrap();
    let mut bob = Driver::new(pair.bob, MemoryStore::default());
    let before = format!("{:?}", bob.chat());
    for bit in 0..frame::HEADER_LEN * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let mut decoder = Decoder::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let taken = decoder.push(rest);
            rest = &rest[taken..];
            match decoder.next() {
                // Not for this chat.
                Ok(Next::Frame { tag: other, .. }) if other != tag => {}
                // What it became has no effect, or is not authentic.
                Ok(Next::Frame { frame, .. }) => {
                    let handled = bob.handle_frame(&frame, &mut env(&mut pair.rng));
                    assert!(
                        matches!(handled, Ok(Handled::Ignored) | Err(PeerFault::NotAuthentic)),
                        "{bit} {handled:?}"
                    );
                }
                Ok(Next::NeedMore(_)) => {}
                Err(_) => break,
            }
        }
        assert_eq!(format!("{:?}", bob.chat()), before, "{bit}");
        assert!(bob.next_action().unwrap().is_none(), "{bit}");
    }
    let (_, frame) = frame::decode_one(&bytes).unwrap();
    assert_eq!(bob.handle_frame(&frame, &mut env(&mut pair.rng)), Ok(Handled::Applied));
}
