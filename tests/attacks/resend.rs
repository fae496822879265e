//! Requests to resend: how much they bring out, and what never comes out again (SPEC SEQ-8, SEQ-9).

use secretchat::hazmat::wire::{ActionResend, DecryptedMessage, DecryptedMessageAction, Service17};
use secretchat::hazmat::{envelope, kdf};
use secretchat::{Chat, Draft, Handled, Role};

use crate::honest::Two;
use crate::support::forger::{Forger, encoded};
use crate::support::pair::{all_sealed, ciphertext, env, outputs};
use crate::support::profile::every_profile;

const SECRET: &str = "this must not be seen again";

/// Asks for Bob's slots from `first` to `last`.
fn resend(forger: &mut Forger, first: i32, last: i32) -> Vec<u8> {
    let action = DecryptedMessageAction::Resend(ActionResend { start_seq_no: 2 * first, end_seq_no: 2 * last });
    let message = encoded(&DecryptedMessage::Service17(Service17 { random_id: 5, action }));
    forger.say(forger.around(), &message)
}

fn noop(forger: &mut Forger) -> Vec<u8> {
    let action = DecryptedMessageAction::Noop;
    let message = encoded(&DecryptedMessage::Service17(Service17 { random_id: 6, action }));
    forger.say(forger.around(), &message)
}

fn give(forger: &mut Forger, bob: &mut Chat, sealed: &[u8]) -> Handled {
    bob.handle(ciphertext(sealed), &mut env(&mut forger.rng)).unwrap()
}

/// A chat that is ready and has said `count` texts that nobody has acknowledged.
fn with_outbox(count: usize) -> (Forger, Chat) {
    let (mut forger, mut bob) = Forger::meet();
    let first = noop(&mut forger);
    give(&mut forger, &mut bob, &first);
    for _ in 0..count {
        bob.send(&Draft::text("a text"), &mut env(&mut forger.rng)).unwrap();
    }
    outputs(&mut bob);
    (forger, bob)
}

fn opened(forger: &Forger, sealed: &[u8]) -> Vec<u8> {
    let (x, mut bytes) = (kdf::Offset::x25519(Role::Responder), sealed.to_vec());
    let key = envelope::DirectionKey { chat_key: &forger.chat_key, fingerprint: forger.fingerprint, x };
    envelope::open(&key, &mut bytes).unwrap().to_vec()
}

/// However often and in whatever overlaps the same slots are asked for, each comes once, until the transport has taken it
/// over again.
#[test]
fn at_40_asking_again_brings_nothing_more() {
    let (mut forger, mut bob) = with_outbox(20);
    let mut sent = 0;
    for n in 0..50 {
        let ask = resend(&mut forger, n % 5, 19);
        assert_eq!(give(&mut forger, &mut bob, &ask), Handled::Applied);
        sent += all_sealed(&mut bob).len();
    }
    assert!(sent <= 20 + 1, "{sent} for 20 slots");
    // The same request again is a duplicate.
    let ask = resend(&mut forger, 0, 19);
    give(&mut forger, &mut bob, &ask);
    all_sealed(&mut bob);
    assert_eq!(give(&mut forger, &mut bob, &ask), Handled::Duplicate);
    assert!(all_sealed(&mut bob).is_empty());
}

/// Requests wait behind a gap, the outbox fills, the gap is filled: one call answers each slot once at most.
#[test]
fn at_40_requests_that_wait_together_bring_each_slot_once() {
    let (mut forger, mut bob) = with_outbox(0);
    let gap = noop(&mut forger);
    for _ in 0..50 {
        let ask = resend(&mut forger, 0, 99);
        bob.handle(ciphertext(&ask), &mut env(&mut forger.rng)).unwrap();
    }
    for _ in 0..100 {
        bob.send(&Draft::text("a text"), &mut env(&mut forger.rng)).unwrap();
    }
    outputs(&mut bob);
    bob.handle(ciphertext(&gap), &mut env(&mut forger.rng)).unwrap();
    let sent = all_sealed(&mut bob).len();
    assert!(sent <= 100 + 1, "{sent} for 100 slots");
}

/// What the user deleted before the peer had it comes in no answer, in its turn or from behind a gap.
#[test]
fn at_40_deleted_content_is_in_no_answer() {
    let (mut forger, mut bob) = with_outbox(0);
    let random_id = bob.send(&Draft::text(SECRET), &mut env(&mut forger.rng)).unwrap();
    let first = all_sealed(&mut bob);
    let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    assert!(holds(&opened(&forger, &first[0])), "it was in the first one");
    bob.delete(&[random_id], &mut env(&mut forger.rng)).unwrap();
    let mut sent = all_sealed(&mut bob);
    let (gap, ask) = (noop(&mut forger), resend(&mut forger, 0, 1));
    give(&mut forger, &mut bob, &ask);
    sent.extend(all_sealed(&mut bob));
    give(&mut forger, &mut bob, &gap);
    let ask = resend(&mut forger, 0, 0);
    give(&mut forger, &mut bob, &ask);
    bob.retransmit(&mut env(&mut forger.rng));
    sent.extend(all_sealed(&mut bob));
    assert!(sent.len() >= 3, "{}", sent.len());
    assert!(sent.iter().all(|sealed| !holds(&opened(&forger, sealed))));
}

/// What is sent again is the same to the byte: it shows nothing but that it was sent again.
#[test]
fn at_06_a_resend_is_the_same_to_the_byte() {
    let (mut forger, mut bob) = with_outbox(0);
    bob.send(&Draft::text("the same"), &mut env(&mut forger.rng)).unwrap();
    let first = all_sealed(&mut bob);
    bob.send(&Draft::text("the same"), &mut env(&mut forger.rng)).unwrap();
    let second = all_sealed(&mut bob);
    assert_ne!(first, second, "the same text anew is another message");
    let ask = resend(&mut forger, 0, 1);
    give(&mut forger, &mut bob, &ask);
    let again = all_sealed(&mut bob);
    assert_eq!(again, [first, second].concat());
}

/// Two honest ends in every profile: the first two messages are lost, the third has them asked for, and they come as they
/// were. Nothing is counted twice, and nothing leaves again before it is asked for.
#[test]
fn at_06_what_was_lost_comes_again_as_it_was_in_every_profile() {
    for profile in every_profile() {
        let mut two = Two::ready_in(profile);
        for text in ["the same", "the same", "and another"] {
            two.alice.chat.send(&Draft::text(text), &mut env(&mut two.rng)).unwrap();
        }
        two.alice.drain();
        let first = std::mem::take(&mut two.alice.outgoing);
        assert_ne!(first[0], first[1], "the same text anew is another message");
        let sent = two.alice.chat.counters().sent;
        two.alice.chat.handle_timeout(&mut env(&mut two.rng));
        two.alice.drain();
        assert!(two.alice.outgoing.is_empty(), "{profile:?}: nobody asked");

        assert_eq!(two.bob_gets(&first[2]), Ok(Handled::Waiting));
        two.bob.drain();
        for request in std::mem::take(&mut two.bob.outgoing) {
            two.alice.chat.handle(ciphertext(&request), &mut env(&mut two.rng)).unwrap();
        }
        two.alice.drain();
        assert_eq!(two.alice.outgoing, first[..2], "{profile:?}");
        assert_eq!(two.alice.chat.counters().sent, sent);
        two.carry();
        assert_eq!(two.bob.texts(), ["the same", "the same", "and another"], "{profile:?}");
    }
}

/// A second request of the peer's for what an earlier chat had said finds nothing: each agreement has its own slots.
#[test]
fn at_64_nothing_of_one_agreement_is_sealed_under_another() {
    let (mut forger, mut bob) = with_outbox(0);
    bob.send(&Draft::text(SECRET), &mut env(&mut forger.rng)).unwrap();
    outputs(&mut bob);
    let (mut again, mut bob) = with_outbox(0);
    let ask = resend(&mut again, 0, 0);
    let handled = bob.handle(ciphertext(&ask), &mut env(&mut again.rng));
    assert!(matches!(handled, Ok(Handled::ChatClosed)), "{handled:?}");
    assert!(all_sealed(&mut bob).is_empty());
}
