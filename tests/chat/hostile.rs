//! What the world may throw at a chat: nothing that is not authentic changes it, and what is authentic and wrong has
//! the outcome of the table (SPEC OUT-1).

use secretchat::frame::{self, ChatTag, Decoder, Frame, Next};
use secretchat::hazmat::envelope::{self, DirectionKey, Layout, MAX_BODY_LEN, MAX_SEALED_LEN};
use secretchat::hazmat::kdf::Offset;
use secretchat::store::{Action, Driver, MemoryStore, Store};
use secretchat::{
    ChatState, CloseReason, DiscardProof, Draft, Env, Handled, History, Input, Invitation, KeyFingerprint, PeerFault,
    Role, Transmit, TransmitId, TransmitKind,
};

use crate::support::agreement::{self, Agreement};
use crate::support::forger::{Forger, text, wrap};
use crate::support::pair::{self, Pair, ciphertext, env};
use crate::support::{rng, twin};

#[test]
fn every_flip_and_truncation_of_an_accept_is_refused_and_the_true_one_still_works() {
    for &agreement in agreement::EVERY {
        twin::unchanged(|twin| every_flip_and_truncation_of_an_accept(twin, agreement));
    }
}

fn every_flip_and_truncation_of_an_accept(twin: &mut twin::Twin, agreement: Agreement) {
    let (mut pair, public, fingerprint) = Pair::accepted_in(agreement);
    twin.bad(&mut pair.alice, |alice, env| {
        // What stands behind the value of X25519 has a test of its own.
        for bit in 0..32 * 8 {
            let mut public = public.clone();
            public[bit / 8] ^= 1 << (bit % 8);
            let fault = alice.handle(Input::accepted(&public, fingerprint), env);
            assert!(matches!(fault, Err(PeerFault::BadPublicValue | PeerFault::FingerprintMismatch)), "{bit}");
        }
        for bit in 0..64 {
            let mut bytes = fingerprint.to_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let fingerprint = KeyFingerprint::from_bytes(bytes);
            let fault = alice.handle(Input::accepted(&public, fingerprint), env);
            assert_eq!(fault, Err(PeerFault::FingerprintMismatch), "{bit}");
        }
        for length in 0..public.len() {
            let input = Input::accepted(&public[..length], fingerprint);
            assert_eq!(alice.handle(input, env), Err(PeerFault::BadPublicValue));
        }
    });
    let handled = pair.alice.handle(Input::accepted(&public, fingerprint), &mut env(&mut pair.rng));
    assert_eq!(handled, Ok(Handled::Applied));
    twin.compare(&mut pair.alice);
}

#[test]
fn a_flip_in_a_request_leads_to_no_ready_on_either_side() {
    for &agreement in agreement::EVERY {
        let public = Pair::asked(agreement, 5).request();
        // All of X25519, and every 29th bit of a key of ML-KEM.
        for bit in (0..32 * 8).chain((32 * 8..public.len() * 8).step_by(29)) {
            let mut changed = public.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let mut pair = Pair::asked(agreement, 5);
            assert_eq!(pair.request(), public, "the generator repeats");
            // An encoding that nobody sends is refused at once.
            let Ok(invitation) = Invitation::parse(&changed, Pair::bob_in(agreement)) else { continue };
            let mut bob = invitation.accept(&mut env(&mut pair.rng)).unwrap();
            let (answer, fingerprint) = pair::accept_of(&mut bob);
            let input = Input::accepted(&answer, fingerprint);
            assert_eq!(pair.alice.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::FingerprintMismatch));
            assert_eq!(pair.alice.state(), ChatState::Requested);
            assert_eq!(bob.state(), ChatState::Accepted);
        }
    }
}

#[test]
fn at_10_ends_that_do_not_agree_who_they_are_get_no_chat() {
    for &agreement in agreement::EVERY {
        for config in [
            agreement.config("bob", "mallory"),
            agreement.config("mallory", "alice"),
            agreement.config("alice", "bob"),
            agreement.config("bob", "alice").with_context("another room").unwrap(),
        ] {
            let mut pair = Pair::asked(agreement, 5);
            let public = pair.request();
            let mut bob = Invitation::parse(&public, config).unwrap().accept(&mut env(&mut pair.rng)).unwrap();
            let (answer, fingerprint) = pair::accept_of(&mut bob);
            let input = Input::accepted(&answer, fingerprint);
            assert_eq!(pair.alice.handle(input, &mut env(&mut pair.rng)), Err(PeerFault::FingerprintMismatch));
        }
    }
}

#[test]
fn forged_and_replayed_discards_change_nothing() {
    for ends in [false, true] {
        twin::unchanged(|twin| forged_and_replayed_discards(twin, ends));
    }
}

/// The chat then ends by a true Discard, or lives on to show what it keeps.
fn forged_and_replayed_discards(twin: &mut twin::Twin, ends: bool) {
    let mut pair = Pair::ready();
    // A true proof of another chat, and those that nobody made.
    let (_, proof_of_another) = Pair::ready_with_seed(77).alice_closes(History::Keep);
    let (_, true_proof) = pair.alice_closes(History::Delete);
    twin.bad(&mut pair.bob, |bob, env| {
        let mut gives = |history, proof: Option<DiscardProof>| {
            assert_eq!(bob.handle(Input::discarded(history, proof), env), Err(PeerFault::NotAuthentic), "{proof:?}");
        };
        for history in [History::Keep, History::Delete] {
            for proof in
                [None, Some(DiscardProof { sent: 1, mac: [0; 32] }), Some(DiscardProof { sent: 1, mac: [0xff; 32] })]
            {
                gives(history, proof);
            }
            gives(history, Some(proof_of_another));
        }
        for bit in 0..256 {
            let mut proof = true_proof;
            proof.mac[bit / 8] ^= 1 << (bit % 8);
            gives(History::Delete, Some(proof));
        }
        // For the other history flag.
        gives(History::Keep, Some(true_proof));
    });
    if ends {
        let input = || Input::discarded(History::Delete, Some(true_proof));
        assert_eq!(pair.bob.handle(input(), &mut env(&mut pair.rng)), Ok(Handled::ChatClosed));
        assert_eq!(pair.bob.state(), ChatState::Closed(CloseReason::ByPeer));
        twin.take(&mut pair.bob);
        twin.idle(&mut pair.bob, |bob, env| assert_eq!(bob.handle(input(), env), Ok(Handled::Ignored)));
    }
    twin.compare(&mut pair.bob);
}

#[test]
fn a_panicking_generator_leaves_the_chat_whole() {
    let dies = |call: &mut dyn FnMut()| std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err();
    twin::unchanged(|twin| {
        let mut pair = Pair::ready();
        let sealed = pair.alice_sends("from alice");
        twin.bad(&mut pair.bob, |bob, env| {
            // Sending draws once for the message and once for the nonces: at each draw the generator may die.
            for draws in 0..2 {
                let mut rng = rng::Failing::after(draws);
                let mut env = Env::new(env.now, &mut rng);
                let died = dies(&mut || {
                    let _lived = bob.send(&Draft::text("from bob"), &mut env);
                });
                assert!(died, "{draws}");
            }
            let mut rng = rng::Failing::after(0);
            let mut env = Env::new(env.now, &mut rng);
            let died = dies(&mut || {
                let _lived = bob.handle(ciphertext(&sealed), &mut env);
            });
            assert!(died, "the record of the state needs a nonce");
        });
        assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
        assert_eq!(pair::texts(&mut pair.bob), ["from alice"]);
        twin.compare(&mut pair.bob);
    });
}

#[test]
fn a_flip_in_a_frames_header_may_misroute_or_wait_and_never_changes_a_chat() {
    twin::unchanged(a_flip_in_a_frames_header);
}

fn a_flip_in_a_frames_header(twin: &mut twin::Twin) {
    let mut pair = Pair::new();
    let public = pair.request();
    let bob = Invitation::parse(&public, Pair::bob_config()).unwrap().accept(&mut env(&mut pair.rng)).unwrap();
    let mut bob = Driver::new(bob, MemoryStore::default());
    while let Some(action) = bob.next_action().unwrap() {
        if let Action::Transmit(Transmit { kind: TransmitKind::Accept { public, fingerprint, .. }, .. }) = action {
            let accepted = Input::accepted(&public, fingerprint);
            assert_eq!(pair.alice.handle(accepted, &mut env(&mut pair.rng)), Ok(Handled::Applied));
        }
    }
    let sealed = pair::sealed(&mut pair.alice);
    let notice = Frame::Ciphertext { transmit_id: TransmitId(16), file: None, bytes: &sealed };
    assert_eq!(bob.handle_frame(&notice, &mut env(&mut pair.rng)), Ok(Handled::Applied));
    while bob.next_action().unwrap().is_some() {}
    let tag = ChatTag([0x3c; 16]);
    let sealed = pair.alice_sends("in a frame");
    let frame = Frame::Ciphertext { transmit_id: TransmitId(17), file: None, bytes: &sealed };
    let bytes = frame::encode(tag, &frame).unwrap();
    let flips = if twin.sees_bad_input() { frame::HEADER_LEN * 8 } else { 0 };
    for bit in 0..flips {
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
        assert!(bob.next_action().unwrap().is_none(), "{bit}");
    }
    let (_, frame) = frame::decode_one(&bytes).unwrap();
    assert_eq!(bob.handle_frame(&frame, &mut env(&mut pair.rng)), Ok(Handled::Applied));
    while let Some(action) = bob.next_action().unwrap() {
        twin.note(format!("{action:?}"));
    }
    twin.records(&bob.store().load(bob.chat().id().unwrap()).unwrap().unwrap());
}

// SPEC ENV-1: the longest body with all the padding that it can have.
#[test]
fn the_longest_message_is_read() {
    let (mut forger, mut bob) = Forger::meet();
    let around = forger.around();
    let rest = MAX_BODY_LEN - wrap(around, &text(1, "")).len();
    // The text has its length in four bytes where the empty one has it in one, which was filled up to four.
    let body = wrap(around, &text(1, &"x".repeat(rest)));
    let layout = Layout::with_padding(body.len(), 1_020).unwrap();
    assert_eq!((body.len(), layout.sealed_len()), (MAX_BODY_LEN, MAX_SEALED_LEN));
    let x = Offset::x25519(Role::Initiator);
    let key = DirectionKey { chat_key: &forger.chat_key, fingerprint: forger.fingerprint, x };
    let mut sealed = vec![0; layout.sealed_len()];
    envelope::seal(&key, layout, &mut forger.rng, &mut sealed, |out| out.copy_from_slice(&body)).unwrap();
    assert_eq!(bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    assert_eq!(pair::texts(&mut bob).concat().len(), rest);
}
