//! Authentic messages that are wrong, row by row of the outcome table (SPEC OUT-1).

use secretchat::hazmat::wire::{
    ActionCommitKey, ActionDeleteMessages, ActionNotifyLayer, ActionReadMessages, ActionResend,
    ActionScreenshotMessages, ActionSetMessageTTL, ActionTyping, Bytes, DecryptedMessage, DecryptedMessage73,
    DecryptedMessageAction, DecryptedMessageMedia, MediaPhoto45, MessageEntity, MessageEntityBold, SendMessageAction,
    Vector,
};
use secretchat::{
    Chat, ChatState, CloseReason, Draft, Event, Handled, History, Layer, Media, Output, RandomId, TransmitKind, Ttl,
    TypingAction, Unavailable, Violation,
};

use crate::support::forger::{self, Around, Forger, encoded, plain, service};
use crate::support::pair::{self, env};

fn hello() -> Vec<u8> {
    forger::text(7, "hello")
}

/// Bob, ready: he has processed the forger's slot 0 and sent one text, and the forger says it has seen it.
fn ready() -> (Forger, Chat) {
    let (mut forger, mut bob) = Forger::meet();
    let notice =
        forger.say(forger.around(), &service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer: 144 })));
    assert_eq!(bob.handle(pair::ciphertext(&notice), &mut env(&mut forger.rng)), Ok(Handled::Applied));
    for text in ["one", "two"] {
        bob.send(&Draft::text(text), &mut env(&mut forger.rng)).unwrap();
    }
    pair::outputs(&mut bob);
    forger.received = 1;
    (forger, bob)
}

fn give(forger: &mut Forger, bob: &mut Chat, around: Around, message: &[u8]) -> Handled {
    let sealed = forger.say(around, message);
    bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)).unwrap()
}

/// The message must close the chat for this reason, wipe the keys, and tell the peer with a proof.
fn closes(change: impl FnOnce(&Forger) -> (Around, Vec<u8>), violation: Violation) {
    let (mut forger, mut bob) = ready();
    let (around, message) = change(&forger);
    assert_eq!(give(&mut forger, &mut bob, around, &message), Handled::ChatClosed, "{violation:?}");
    let reason = CloseReason::Violation(violation);
    assert_eq!(bob.state(), ChatState::Closed(reason));
    assert_eq!(bob.verification(), None);
    let outputs = pair::outputs(&mut bob);
    assert!(
        matches!(outputs[0], Output::Event(Event::Closed { reason: told, history: History::Keep, missing: None, set_back: false, .. }) if told == reason)
    );
    assert!(matches!(&outputs[1], Output::Persist(batch) if batch.put.len() == 1));
    let Output::Transmit(transmit) = &outputs[2] else { panic!("{outputs:?}") };
    assert!(matches!(transmit.kind, TransmitKind::Discard { history: History::Keep, proof: Some(_), .. }));
    assert_eq!(bob.send(&Draft::text("late"), &mut env(&mut forger.rng)), Err(Unavailable::ChatClosed.into()));
    let sealed = forger.say(forger.around(), &hello());
    assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Ignored));
}

/// The message must be applied; its events come back.
fn applies(change: impl FnOnce(&Forger) -> (Around, Vec<u8>)) -> (Chat, Vec<Event>) {
    let (mut forger, mut bob) = ready();
    let before = bob.counters().received;
    let (around, message) = change(&forger);
    assert_eq!(give(&mut forger, &mut bob, around, &message), Handled::Applied);
    assert_eq!(bob.counters().received, before + 1, "its slot is used");
    let events = pair::outputs(&mut bob)
        .into_iter()
        .filter_map(|output| match output {
            Output::Event(Event::Acknowledged { .. } | Event::Sent { .. }) => None,
            Output::Event(event) => Some(event),
            _ => None,
        })
        .collect();
    // And the chat goes on.
    forger.received = around.in_seq_no / 2;
    let around = forger.around();
    assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::Applied);
    assert_eq!(pair::texts(&mut bob), ["hello"]);
    (bob, events)
}

// SPEC SEQ-2, SEQ-4.
#[test]
fn wrong_sequence_numbers_close_the_chat() {
    let numbers = |in_seq_no, out_seq_no| move |f: &Forger| (Around { in_seq_no, out_seq_no, ..f.around() }, hello());
    // The right ones here are in 2, out 3.
    closes(numbers(3, 3), Violation::SeqParity);
    closes(numbers(2, 2), Violation::SeqParity);
    closes(numbers(2, 0), Violation::SeqParity);
    closes(numbers(-2, 3), Violation::SeqNegative);
    closes(numbers(2, -1), Violation::SeqNegative);
    closes(numbers(i32::MIN, 3), Violation::SeqNegative);
    closes(numbers(6, 3), Violation::InSeqAhead);
    closes(numbers(i32::MAX - 1, 3), Violation::InSeqAhead);
    applies(numbers(4, 3));

    let (mut forger, mut bob) = ready();
    let around = forger.around();
    assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::Applied);
    let back = Around { in_seq_no: 0, ..forger.around() };
    assert_eq!(give(&mut forger, &mut bob, back, &hello()), Handled::ChatClosed);
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::InSeqBack)));
}

#[test]
fn old_slots_and_those_far_ahead_are_not_looked_at() {
    for (out_seq_no, expected) in
        [(1, Handled::Duplicate), (2 * 10_002 + 1, Handled::NoRoom), (i32::MAX - 2, Handled::NoRoom)]
    {
        let (mut forger, mut bob) = ready();
        // A content, a layer and an in_seq_no that would each end the chat in their turn.
        let around = Around { out_seq_no, in_seq_no: 100, layer: 3, ..forger.around() };
        assert_eq!(give(&mut forger, &mut bob, around, b"nonsense"), expected);
        assert_eq!(bob.counters().received, 1);
        forger.sent = 1;
        let around = forger.around();
        assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::Applied);
    }
}

#[test]
fn what_waits_is_judged_in_its_turn() {
    for (in_seq_no, layer, body, violation) in [
        (100, 144, hello(), Violation::InSeqAhead),
        (0, 144, hello(), Violation::InSeqBack),
        (2, 143, hello(), Violation::LayerBack),
        (2, 144, b"nonsense".to_vec(), Violation::BodyNotUnderstood),
    ] {
        let (mut forger, mut bob) = ready();
        let early = Around { in_seq_no, layer, out_seq_no: 5, ..forger.around() };
        assert_eq!(give(&mut forger, &mut bob, early, &body), Handled::Waiting);
        forger.sent = 1;
        let around = forger.around();
        assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::ChatClosed);
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(violation)));
    }
}

// SPEC LAY-1.
#[test]
fn a_layer_never_goes_back() {
    for layer in [143, 73, 46, 0, -1, i32::MIN] {
        closes(|f| (Around { layer, ..f.around() }, hello()), Violation::LayerBack);
    }
    closes(
        |f| (f.around(), service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer: 143 }))),
        Violation::LayerBack,
    );
    let (mut forger, mut bob) = ready();
    let notice = service(DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer: 200 }));
    let around = forger.around();
    assert_eq!(give(&mut forger, &mut bob, around, &notice), Handled::Applied);
    assert_eq!(bob.peer_layer(), Layer(200));
    let around = forger.around();
    assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::Applied, "200 is what it could read");
}

// SPEC LAY-1: what is written at a higher layer is taken, and nothing at a lower one after it.
#[test]
fn a_message_at_a_higher_layer_raises_what_was_seen() {
    let (mut forger, mut bob) = ready();
    let around = Around { layer: 145, ..forger.around() };
    assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::Applied);
    assert_eq!(bob.peer_layer(), Layer(145));
    let around = Around { layer: 144, ..forger.around() };
    assert_eq!(give(&mut forger, &mut bob, around, &hello()), Handled::ChatClosed);
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::LayerBack)));
}

#[test]
fn bare_objects_and_bodies_that_are_not_understood() {
    // SPEC TL-5: a layer object that ends in front of `out_seq_no`, or after its id.
    let id = 0x1be3_1789_u32.to_le_bytes();
    let cut_short = [&id[..], &[15], &[7; 15], &144_u32.to_le_bytes(), &[0; 4]].concat();
    for body in [hello(), service(DecryptedMessageAction::Noop), vec![0; 4], vec![0xff; 32], cut_short, id.to_vec()] {
        let (mut forger, mut bob) = ready();
        let sealed = forger.seal(&body);
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::BareObject)));
    }
    let cut = |length: usize| hello()[..length].to_vec();
    let with = |at: usize, byte: u8| {
        let mut body = hello();
        body[at] = byte;
        body
    };
    let trailing = [hello(), vec![0; 4]].concat();
    // The text is the last field: length at 20, padding at 26.
    assert_eq!(hello()[20..], *b"\x05hello\0\0");
    for body in
        [vec![], vec![1, 2, 3, 4], cut(4), cut(24), trailing, with(0, 0), with(26, 1), with(20, 9), with(20, 255)]
    {
        closes(|f| (f.around(), body), Violation::BodyNotUnderstood);
    }
}

// SPEC TL-6.
#[test]
fn random_bytes_under_15_cost_the_content() {
    for random_bytes in [0, 1, 14] {
        let (_, events) = applies(|f| (Around { random_bytes, ..f.around() }, hello()));
        assert!(matches!(events[..], [Event::Unsupported]), "{events:?}");
    }
    for random_bytes in [15, 16, 31, 253] {
        let (_, events) = applies(|f| (Around { random_bytes, ..f.around() }, hello()));
        assert!(matches!(&events[..], [Event::Message(message)] if message.content.text == "hello"), "{events:?}");
    }
}

#[test]
fn undefined_flags_zero_ids_and_other_layers_forms() {
    let mut body = hello();
    body[7] = 0xf0;
    let (_, events) = applies(|f| (f.around(), body));
    assert!(matches!(&events[..], [Event::Message(message)] if message.content.text == "hello"));
    let (_, events) = applies(|f| (f.around(), encoded(&DecryptedMessage::Message73(plain(0, "nameless")))));
    assert!(matches!(events[..], [Event::Unsupported]));
    // decryptedMessage of layer 17 inside sequence numbers.
    let old =
        [&0x204d_3878_u32.to_le_bytes()[..], &[0; 8], &[0; 4], b"\x03old", &0x089f_5c4a_u32.to_le_bytes()].concat();
    let (_, events) = applies(|f| (f.around(), old));
    assert!(matches!(events[..], [Event::Unsupported]));
}

#[test]
fn each_action_is_told_as_what_it_is() {
    let ids = [1, -2, i64::MAX];
    let random_ids = Vector::new(&ids).unwrap();
    let told = ids.map(RandomId);
    let one = |action| {
        let (bob, mut events) = applies(|f| (f.around(), service(action)));
        assert_eq!(events.len(), 1, "{events:?}");
        (bob, events.remove(0))
    };
    let (_, event) = one(DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids }));
    assert!(matches!(event, Event::ReadByPeer { random_ids, .. } if random_ids == told));
    let (_, event) = one(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids }));
    assert!(matches!(event, Event::Deleted { random_ids, .. } if random_ids == told));
    let (_, event) =
        one(DecryptedMessageAction::ScreenshotMessages(ActionScreenshotMessages { random_ids: Vector::EMPTY }));
    assert!(matches!(event, Event::Screenshot { random_ids, .. } if random_ids.is_empty()));
    let (_, event) = one(DecryptedMessageAction::FlushHistory);
    assert!(matches!(event, Event::HistoryFlushed));
    let (_, event) = one(DecryptedMessageAction::Typing(ActionTyping { action: SendMessageAction::RecordRound }));
    assert!(matches!(event, Event::Typing { action: TypingAction::RecordRound, .. }));
    for (wire, ttl) in [(-5, 0), (0, 0), (9, 9), (31_536_001, 31_536_000), (i32::MAX, i32::MAX)] {
        let (bob, event) = one(DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: wire }));
        assert!(matches!(event, Event::TtlChanged { ttl: told, crossed: false, .. } if told == Ttl::from_wire(ttl)));
        assert_eq!(bob.ttl().to_wire(), ttl);
    }
    let (_, events) = applies(|f| (f.around(), service(DecryptedMessageAction::Noop)));
    assert!(events.is_empty());
    let commit = ActionCommitKey { exchange_id: 1, key_fingerprint: 2 };
    closes(|f| (f.around(), service(DecryptedMessageAction::CommitKey(commit))), Violation::RekeyUnexpected);
}

#[test]
fn at_40_a_resend_is_answered_within_what_is_held() {
    // Bob's slots 0 and 1 have the wire numbers 0 and 2; the forger has acknowledged slot 0.
    let resend =
        |start_seq_no, end_seq_no| service(DecryptedMessageAction::Resend(ActionResend { start_seq_no, end_seq_no }));
    let (mut forger, mut bob) = ready();
    bob.retransmit(&mut env(&mut forger.rng));
    let originals = pair::all_sealed(&mut bob);
    assert_eq!(originals.len(), 2);
    let around = forger.around();
    assert_eq!(give(&mut forger, &mut bob, around, &resend(2, 2)), Handled::Applied);
    assert_eq!(pair::all_sealed(&mut bob), originals[1..], "the bytes that were sealed first");
    for (start, end) in [(0, 2), (0, 0), (2, 4), (4, 4), (2, 0), (1, 1), (3, 3), (-2, 2), (2, i32::MAX), (i32::MIN, 2)]
    {
        closes(|f| (f.around(), resend(start, end)), Violation::ResendRange);
    }
}

// SPEC MSG-5, MSG-6.
#[test]
fn at_54_and_br_27_media_of_the_peer_are_bounded_and_never_cost_the_message() {
    let photo = |size, thumb: &'static [u8], side, key: &'static [u8]| MediaPhoto45 {
        thumb: Bytes::new(thumb).unwrap(),
        thumb_w: side,
        thumb_h: side,
        w: 640,
        h: -1,
        size,
        key: Bytes::new(key).unwrap(),
        iv: Bytes::new(&[2; 32]).unwrap(),
        caption: Bytes::new("a caption".as_bytes()).unwrap(),
    };
    let got = |photo, ttl| {
        let media = Some(DecryptedMessageMedia::Photo45(photo));
        let message = DecryptedMessage::Message73(DecryptedMessage73 { media, ttl, ..plain(7, "") });
        let (_, mut events) = applies(|f| (f.around(), encoded(&message)));
        let Event::Message(message) = events.remove(0) else { panic!() };
        assert_eq!(message.content.text, "a caption");
        message.content.media.unwrap()
    };
    let Media::Photo(whole) = got(photo(1000, &[0xff; 6000], 100, &[1; 32]), 0) else { panic!() };
    assert_eq!((whole.width, whole.height, whole.size), (640, 0, 1000));
    assert_eq!(whole.thumbnail.unwrap().jpeg.len(), 6000);
    assert_eq!(whole.key.unwrap().parts(), (&[1; 32], &[2; 32]));

    let Media::Photo(bad) = got(photo(1000, &[0xff; 6001], 100, &[1; 31]), 0) else { panic!() };
    assert!(bad.thumbnail.is_none() && bad.key.is_none());
    let Media::Photo(bad) = got(photo(1000, &[0xff; 10], 101, &[1; 33]), 0) else { panic!() };
    assert!(bad.thumbnail.is_none() && bad.key.is_none());
    let Media::Photo(timed) = got(photo(1000, &[], 0, &[1; 32]), 5) else { panic!() };
    assert!(timed.key.is_none(), "the key of a timed medium stays inside");
    let Media::Photo(unknown) = got(photo(0, &[], 0, &[1; 32]), 0) else { panic!() };
    assert_eq!(unknown.size, 0);
    for size in [-1, i32::MIN] {
        assert!(matches!(got(photo(size, &[], 0, &[1; 32]), 0), Media::Unsupported));
    }
}

#[test]
fn entities_that_do_not_fit_are_left_out() {
    let bold = |offset, length| MessageEntity::Bold(MessageEntityBold { offset, length });
    let all = [bold(0, 2), bold(1, 1), bold(0, 0), bold(-1, 2), bold(2, 5), bold(2, 6), bold(i32::MAX, i32::MAX)];
    let entities = Some(Vector::new(&all).unwrap());
    let message = DecryptedMessage::Message73(DecryptedMessage73 { entities, ..plain(7, "😀hello") });
    let (_, mut events) = applies(|f| (f.around(), encoded(&message)));
    let Event::Message(message) = events.remove(0) else { panic!() };
    let fitting: Vec<_> = message.content.entities.iter().map(|entity| (entity.offset, entity.length)).collect();
    assert_eq!(fitting, [(0, 2), (2, 5)]);

    let many = vec![bold(0, 2); 10_000];
    let entities = Some(Vector::new(&many).unwrap());
    let message = DecryptedMessage::Message73(DecryptedMessage73 { entities, ..plain(7, "😀hello") });
    let (_, mut events) = applies(|f| (f.around(), encoded(&message)));
    let Event::Message(message) = events.remove(0) else { panic!() };
    assert_eq!(message.content.entities.len(), 1000);
}
