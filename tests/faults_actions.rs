//! Actions at their edges: what is destroyed, what is refused, what is named (SPEC ACT-1, ACT-2, SEQ-8, DES-11).
#![cfg(all(feature = "alloc", feature = "std"))]

#[path = "support/forger.rs"]
mod forger;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/rng.rs"]
mod rng;

use forger::{Forger, encoded};
use pair::{all_sealed, at, ciphertext, env, env_at, outputs, sealed};
use secretchat::hazmat::wire::{
    ActionReadMessages, ActionResend, DecryptedMessage, DecryptedMessageAction, Service17, Vector,
};
use secretchat::{Draft, Handled, Input, SeqNo, TransmitId, Ttl};

fn service(action: DecryptedMessageAction<'_>) -> Vec<u8> {
    encoded(&DecryptedMessage::Service17(Service17 { random_id: 5, action }))
}

// SPEC DES-11, SEQ-8.
#[test]
fn fa_04_content_that_ends_in_the_call_that_says_carried_is_emptied() {
    let (mut forger, mut bob) = Forger::meet();
    let hello = forger.say(forger.around(), &service(DecryptedMessageAction::Noop));
    assert_eq!(bob.handle(ciphertext(&hello), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    outputs(&mut bob);
    let draft = Draft { ttl: Some(Ttl::from_seconds(5).unwrap()), ..Draft::text("for five seconds") };
    let random_id = bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
    let slot = SeqNo::new(bob.counters().sent - 1).unwrap();
    let original = sealed(&mut bob);
    // Read, without a word that it was processed.
    let ids = [random_id.0];
    let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
    let read = forger.say(forger.around(), &service(DecryptedMessageAction::ReadMessages(read)));
    assert_eq!(bob.handle(ciphertext(&read), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    outputs(&mut bob);
    let carried = Input::Carried { id: TransmitId::of_slot(slot), date: Some(at(0)) };
    assert_eq!(bob.handle(carried, &mut env_at(6_000, &mut forger.rng)), Ok(Handled::Applied));
    outputs(&mut bob);

    let number = 2 * i32::try_from(slot.get()).unwrap();
    let resend = ActionResend { start_seq_no: number, end_seq_no: number };
    let resend = forger.say(forger.around(), &service(DecryptedMessageAction::Resend(resend)));
    assert_eq!(bob.handle(ciphertext(&resend), &mut env_at(6_000, &mut forger.rng)), Ok(Handled::Applied));
    let again = all_sealed(&mut bob);
    assert_eq!(again.len(), 1);
    assert_ne!(again[0], original);
    let DecryptedMessageAction::DeleteMessages(deletion) = forger.read_service(&again[0]) else {
        panic!("it is the deletion of itself")
    };
    assert!(deletion.random_ids.iter().eq(ids));
}
