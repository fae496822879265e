//! Actions at their edges: what is destroyed, what is refused, what is named (SPEC ACT-1, ACT-2, SEQ-8, DES-11).

use secretchat::frame::{ChatTag, Decoder, Frame, FrameError, HEADER_LEN, encode};
use secretchat::hazmat::wire::{
    ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionDeleteMessages, ActionNotifyLayer, ActionReadMessages,
    ActionRequestKey, ActionResend, ActionSetMessageTTL, Bytes, DecryptedMessage, DecryptedMessageAction, Service17,
    Vector,
};
use secretchat::{
    ApiMisuse, Chat, ChatState, CloseReason, Draft, Event, Handled, History, Input, Invitation, Layer, Output,
    PeerFault, RandomId, SeqNo, TransmitId, Ttl, TypingAction, Unavailable, Violation,
};

use crate::support::forger::{Around, Forger, encoded, service};
use crate::support::pair::{Pair, all_sealed, at, ciphertext, env, env_at, outputs, sealed};

// SPEC DES-11, SEQ-8.
#[test]
fn fa_04_content_that_ends_in_the_call_that_says_carried_is_emptied() {
    let (mut forger, mut bob) = Forger::meet();
    let hello = forger.say(forger.around(), &service(DecryptedMessageAction::Noop));
    assert_eq!(bob.handle(ciphertext(&hello), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    outputs(&mut bob);
    let draft = Draft::text("for five seconds").with_ttl(Ttl::from_seconds(5).unwrap());
    let random_id = bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
    let slot = SeqNo::new(bob.counters().sent - 1).unwrap();
    let original = sealed(&mut bob);
    // Read, without a word that it was processed.
    let ids = [random_id.0];
    let read = ActionReadMessages { random_ids: Vector::new(&ids).unwrap() };
    let read = forger.say(forger.around(), &service(DecryptedMessageAction::ReadMessages(read)));
    assert_eq!(bob.handle(ciphertext(&read), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    outputs(&mut bob);
    let carried = Input::carried(TransmitId::of_slot(slot), Some(at(0)));
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

/// Bob has processed slot 0.
fn ready() -> (Forger, Chat) {
    let (mut forger, mut bob) = Forger::meet();
    assert_eq!(gives(&mut forger, &mut bob, &service(DecryptedMessageAction::Noop)), Handled::Applied);
    outputs(&mut bob);
    (forger, bob)
}

fn gives(forger: &mut Forger, bob: &mut Chat, message: &[u8]) -> Handled {
    let around = forger.around();
    gives_around(forger, bob, around, message)
}

fn gives_around(forger: &mut Forger, bob: &mut Chat, around: Around, message: &[u8]) -> Handled {
    let sealed = forger.say(around, message);
    bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap()
}

fn closed_for(chat: &Chat) -> Option<Violation> {
    match chat.state() {
        ChatState::Closed(CloseReason::Violation(violation)) => Some(violation),
        _ => None,
    }
}

fn notice(layer: i32) -> Vec<u8> {
    service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer }))
}

// SPEC LAY-1: only the layer that messages are written at may not fall.
#[test]
fn fa_13_a_higher_layer_that_is_told_binds_nobody() {
    let (mut forger, mut bob) = ready();
    assert_eq!(gives(&mut forger, &mut bob, &notice(200)), Handled::Applied);
    assert_eq!(bob.peer_layer(), Layer(200));
    outputs(&mut bob);
    // It goes on at 144, and so does the other end; it may tell of less than 200, too.
    for message in [service(DecryptedMessageAction::FlushHistory), notice(150), notice(144)] {
        assert_eq!(gives(&mut forger, &mut bob, &message), Handled::Applied);
    }
    assert!(matches!(outputs(&mut bob)[0], Output::Event(Event::HistoryFlushed)));
    assert_eq!(bob.peer_layer(), Layer(200), "what is known of the peer never falls");
    bob.send(&Draft::text("at 144"), &mut env(&mut forger.rng)).unwrap();
    let sealed = sealed(&mut bob);
    assert_eq!(forger.read(&sealed).layer, 144);

    // What was written at 200 is not taken back.
    let around = Around { layer: 200, ..forger.around() };
    assert_eq!(gives_around(&mut forger, &mut bob, around, &notice(200)), Handled::Applied);
    assert_eq!(gives(&mut forger, &mut bob, &notice(200)), Handled::ChatClosed);
    assert_eq!(closed_for(&bob), Some(Violation::LayerBack));
}

// SPEC LAY-1.
#[test]
fn fa_13_a_told_layer_below_what_was_written_at_ends_the_chat() {
    let (mut forger, mut bob) = ready();
    assert_eq!(gives(&mut forger, &mut bob, &notice(143)), Handled::ChatClosed);
    assert_eq!(closed_for(&bob), Some(Violation::LayerBack));
}

// SPEC LAY-3: what a later version would begin with is refused by name. (Records: tests/records/damaged.rs.)
#[test]
fn fa_13_a_later_version_is_refused_by_name() {
    for len in [31, 33, 32 + 1_184] {
        let refused = Invitation::parse(&vec![9; len], Pair::bob_config()).map(drop).unwrap_err();
        assert_eq!(refused, PeerFault::BadPublicValue, "{len}");
    }
    let mut frame = encode(ChatTag([7; 16]), &Frame::Receipt { transmit_id: TransmitId(1), proof: None }).unwrap();
    for (place, value, error) in [(0, 2, FrameError::UnknownVersion), (1, 99, FrameError::UnknownKind)] {
        let before = std::mem::replace(&mut frame[place], value);
        let mut decoder = Decoder::new();
        assert_eq!(decoder.push(&frame), HEADER_LEN, "nothing behind the header is taken");
        assert_eq!(decoder.next().unwrap_err(), error);
        frame[place] = before;
    }
}

// SPEC MSG-1.
#[test]
fn fa_16_a_service_message_of_random_id_0_uses_its_slot_and_has_no_effect() {
    let (mut forger, mut bob) = ready();
    let actions = [
        DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: 5 }),
        DecryptedMessageAction::FlushHistory,
        DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer: 200 }),
    ];
    for action in actions {
        let before = bob.counters().received;
        let nameless = encoded(&DecryptedMessage::Service17(Service17 { random_id: 0, action }));
        assert_eq!(gives(&mut forger, &mut bob, &nameless), Handled::Applied);
        assert_eq!(bob.counters().received, before + 1);
        let told = outputs(&mut bob);
        assert!(matches!(told[..], [Output::Event(Event::Unsupported), Output::Persist(_)]), "{told:?}");
    }
    assert_eq!((bob.ttl(), bob.peer_layer()), (Ttl::OFF, Layer::L144));
}

// SPEC REKEY-1.
#[test]
fn fa_16_an_exchange_of_id_0_is_off_the_table() {
    let g = [7; 32];
    let g = Bytes::new(&g).unwrap();
    for action in [
        DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id: 0, g_a: g }),
        DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id: 0, g_b: g, key_fingerprint: 1 }),
        DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id: 0, key_fingerprint: 1 }),
    ] {
        let (mut forger, mut bob) = ready();
        assert_eq!(gives(&mut forger, &mut bob, &service(action)), Handled::ChatClosed, "{action:?}");
        assert_eq!(closed_for(&bob), Some(Violation::RekeyUnexpected));
    }
    let (mut forger, mut bob) = ready();
    let abort = DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id: 0 });
    assert_eq!(gives(&mut forger, &mut bob, &service(abort)), Handled::Applied);
    assert!(matches!(outputs(&mut bob)[..], [Output::Persist(_)]));
}

// SPEC SEQ-6: the largest number of an int is a count.
#[test]
fn fa_16_the_slot_behind_the_last_ends_the_chat() {
    let last = (1 << 30) - 2;
    for (slot, outcome) in [(last, Handled::NoRoom), (last + 1, Handled::ChatClosed)] {
        let (mut forger, mut bob) = ready();
        let around = Around { out_seq_no: 2 * slot + 1, ..forger.around() };
        assert_eq!(gives_around(&mut forger, &mut bob, around, &notice(144)), outcome, "{slot}");
        let violation = (outcome == Handled::ChatClosed).then_some(Violation::SeqExhausted);
        assert_eq!(closed_for(&bob), violation);
    }
}

// SPEC ACT-2.
#[test]
fn fa_16_an_id_that_is_given_twice_is_sent_once() {
    let (mut forger, mut bob) = ready();
    let ids = [3, -4, 3, 3, -4, 5].map(RandomId);
    bob.delete(&ids, &mut env(&mut forger.rng)).unwrap();
    let deletion = sealed(&mut bob);
    let DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids }) = forger.read_service(&deletion)
    else {
        panic!("a deletion")
    };
    assert!(random_ids.iter().eq([3, -4, 5]));
    bob.mark_read(&ids, &mut env(&mut forger.rng)).unwrap();
    let read = sealed(&mut bob);
    let DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids }) = forger.read_service(&read) else {
        panic!("what was read")
    };
    assert!(random_ids.iter().eq([3, -4, 5]));
}

// SPEC ENV-1: 524,288 bytes of body, in all.
#[test]
fn fa_16_a_text_that_is_too_long_is_told_as_such() {
    let (mut forger, mut bob) = ready();
    let text = |len: usize| Draft::text("x".repeat(len));
    // Layer, numbers and random bytes take 48, a message of text 20, its length 4.
    let longest = 524_288 - 48 - 20 - 4;
    assert!(bob.send(&text(longest), &mut env(&mut forger.rng)).is_ok());
    outputs(&mut bob);
    for len in [longest + 1, 600_000, 1 << 24] {
        let refused = bob.send(&text(len), &mut env(&mut forger.rng)).unwrap_err();
        assert_eq!(refused, ApiMisuse::MessageTooLong.into());
        assert_eq!(refused.to_string(), "the message is too long; shorten or split it");
    }
    let ids: Vec<_> = (1..=65_600).map(RandomId).collect();
    assert_eq!(bob.delete(&ids, &mut env(&mut forger.rng)), Err(ApiMisuse::MessageTooLong.into()));
    assert!(outputs(&mut bob).is_empty());
}

#[test]
fn fa_16_a_chat_that_is_not_ready_does_nothing_without_saying_so() {
    let (mut forger, mut bob) = Forger::meet();
    let env = &mut env(&mut forger.rng);
    assert_eq!(bob.delete(&[], env), Err(Unavailable::NotReady.into()));
    assert_eq!(bob.mark_read(&[], env), Err(Unavailable::NotReady.into()));
    assert_eq!(bob.typing(TypingAction::Cancel, env), Err(Unavailable::NotReady.into()));
    bob.close(History::Keep, env);
    assert_eq!(bob.delete(&[], env), Err(Unavailable::ChatClosed.into()));
    assert_eq!(bob.typing(TypingAction::Cancel, env), Err(Unavailable::ChatClosed.into()));
}
