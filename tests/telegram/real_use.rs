//! The Telegram profile where real use found it wanting (SPEC ACT-3, LAY-2, DES-1, DES-7).

use secretchat::frame::{Frame, FrameError};
use secretchat::hazmat::wire::{
    ActionRequestKey, ActionSetMessageTTL, ActionTyping, Bytes, DecryptedMessage, DecryptedMessageAction,
    SendMessageAction,
};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, CloseReason, Config, DhGroup, Draft, Entity, EntityKind, Event, Handled, History, Input, Layer,
    Output, PeerPolicy, RecordName, RekeyState, StoreKey, Transmit, TransmitId, TransmitKind, TypingAction,
    Unavailable, Violation,
};

use crate::support::forger::{Around, Forger, notice, service, text, wrap};
use crate::support::pair::{self, Pair, env, events, outputs};
use crate::support::rng;
use crate::support::telegram::{self, STORE_KEY};

fn telegram() -> Config {
    Config::telegram(DhGroup::published(3).unwrap(), PeerPolicy::Default)
}

fn ready() -> Pair {
    Pair::of(telegram().with_store(StoreKey::new([1; 32])), telegram())
}

/// The chat without its outputs, which are none.
fn quiet(chat: &mut Chat) -> String {
    assert!(outputs(chat).is_empty(), "take the outputs first");
    format!("{chat:?} {:?} {:?}", chat.counters(), chat.checkpoint())
}

// SPEC ACT-3: whether, not what; no slot, no key, no record, not again.
#[test]
fn fa_15_typing_goes_outside_of_the_encryption() {
    let mut pair = ready();
    let before = quiet(&mut pair.alice);
    for (action, typing) in
        [(TypingAction::Typing, true), (TypingAction::UploadRound, true), (TypingAction::Cancel, false)]
    {
        assert_eq!(pair.alice.typing(action, &mut env(&mut pair.rng)), Ok(()));
        let told = outputs(&mut pair.alice);
        let [Output::Transmit(transmit)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(transmit.id, TransmitId::TYPING);
        assert!(matches!(transmit.kind, TransmitKind::Typing { typing: said, .. } if said == typing));
        assert_eq!(Frame::of(transmit), Err(FrameError::Malformed), "no frame carries it");
    }
    assert_eq!(TransmitId::TYPING, TransmitId(4));
    assert_eq!(quiet(&mut pair.alice), before);
    pair.alice.retransmit(&mut env(&mut pair.rng));
    assert!(
        outputs(&mut pair.alice).iter().all(|output| !format!("{output:?}").contains("Typing")),
        "a lost one is lost"
    );

    let before = quiet(&mut pair.bob);
    assert_eq!(pair.bob.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Applied));
    let told = outputs(&mut pair.bob);
    assert!(matches!(told[..], [Output::Event(Event::Typing { action: TypingAction::Typing, .. })]), "{told:?}");
    assert_eq!(quiet(&mut pair.bob), before);
}

// A peer that says it inside is heard, too.
#[test]
fn fa_15_typing_inside_the_encryption_is_told() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    forger.give_next(&mut bob, &notice(144));
    outputs(&mut bob);
    let action = ActionTyping { action: SendMessageAction::RecordAudio };
    assert_eq!(forger.give_next(&mut bob, &service(DecryptedMessageAction::Typing(action))), Handled::Applied);
    let told = events(&mut bob);
    assert!(matches!(told[..], [Event::Typing { action: TypingAction::RecordAudio, .. }]), "{told:?}");
}

// SPEC OUT-3.
#[test]
fn fa_15_typing_where_it_does_not_fit_is_refused_or_ignored() {
    let mut rng = rng::Seeded::new(3);
    let mut asked = Chat::request(telegram(), &mut env(&mut rng)).unwrap();
    outputs(&mut asked);
    assert_eq!(asked.typing(TypingAction::Typing, &mut env(&mut rng)), Err(Unavailable::NotReady.into()));
    assert_eq!(asked.handle(Input::Typing, &mut env(&mut rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut asked).is_empty());

    let mut pair = ready();
    pair.alice.close(History::Keep, &mut env(&mut pair.rng));
    outputs(&mut pair.alice);
    assert!(matches!(pair.alice.state(), ChatState::Closed(_)));
    assert_eq!(pair.alice.typing(TypingAction::Typing, &mut env(&mut pair.rng)), Err(Unavailable::ChatClosed.into()));
    assert_eq!(pair.alice.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut pair.alice).is_empty());

    // X25519 says it inside, and believes nobody outside.
    let mut pair = Pair::ready();
    assert_eq!(pair.bob.handle(Input::Typing, &mut env(&mut pair.rng)), Ok(Handled::Ignored));
    assert!(outputs(&mut pair.bob).is_empty());
    let before = pair.alice.counters().sent;
    assert_eq!(pair.alice.typing(TypingAction::Typing, &mut env(&mut pair.rng)), Ok(()));
    assert_eq!(pair.alice.counters().sent, before + 1);
}

// SPEC DES-1, DES-7, TIME-2: the host did not choose view once.
#[test]
fn fa_14_the_peer_cannot_make_own_messages_view_once() {
    for (chosen, told, written) in [(false, 1, 1), (true, i32::MAX, i32::MAX)] {
        let config = telegram::config(PeerPolicy::Default);
        let (mut forger, mut bob, _) =
            telegram::meet_as(if chosen { config.map(Config::with_view_once) } else { config });
        let once = ActionSetMessageTTL { ttl_seconds: i32::MAX };
        assert_eq!(forger.give_next(&mut bob, &service(DecryptedMessageAction::SetMessageTTL(once))), Handled::Applied);
        let events = events(&mut bob);
        assert!(
            matches!(events[..], [Event::TtlChanged { ttl, crossed: false, .. }] if ttl.to_wire() == told),
            "the host hears what holds: {events:?}"
        );
        assert_eq!(bob.ttl().to_wire(), told);
        let sealed = forger.lets_send(&mut bob, "carries the timer of the chat");
        let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!("a text") };
        assert_eq!(message.ttl, written);
    }
}

// SPEC OUT-1: forks of old apps number nothing.
#[test]
fn fa_16_a_first_notice_that_is_numbered_minus_one_is_lived_with() {
    let around = |forger: &Forger| Around { in_seq_no: -1, out_seq_no: -1, ..forger.around() };
    for policy in [PeerPolicy::Default, PeerPolicy::Tolerant] {
        let (mut forger, mut bob) = telegram::meet(policy);
        let sealed = forger.seal(&wrap(around(&forger), &notice(101)));
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
        assert_eq!((bob.counters().received, bob.peer_layer()), (0, Layer::L101));
        assert!(matches!(events(&mut bob)[..], [Event::PeerLayer { layer: Layer::L101, .. }]));
        assert_eq!(forger.give_next(&mut bob, &text(1, "numbered")), Handled::Applied);
        assert_eq!(pair::texts(&mut bob), ["numbered"]);
        // It is the first, or none.
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::SeqNegative)));
    }
    // Nothing else begins so, and nothing does with a strict end.
    for (policy, message) in [(PeerPolicy::Default, text(1, "no notice")), (PeerPolicy::Strict, notice(101))] {
        let (mut forger, mut bob) = telegram::meet(policy);
        let sealed = forger.seal(&wrap(around(&forger), &message));
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
    }
    // Other numbers below zero are no such numbers.
    for (in_seq_no, out_seq_no) in [(-1, 1), (0, -1), (-2, -1), (-1, -2), (-3, -3)] {
        let (mut forger, mut bob) = telegram::meet(PeerPolicy::Tolerant);
        let around = Around { in_seq_no, out_seq_no, ..forger.around() };
        let sealed = forger.seal(&wrap(around, &notice(101)));
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
    }
}

// SPEC REKEY-1, OUT-1.
#[test]
fn fa_16_an_exchange_of_id_0_is_ignored_where_the_policy_is_lenient() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    forger.give_next(&mut bob, &notice(144));
    outputs(&mut bob);
    let public = telegram::public_value();
    let request = ActionRequestKey { exchange_id: 0, g_a: Bytes::new(&public).unwrap() };
    assert_eq!(forger.give_next(&mut bob, &service(DecryptedMessageAction::RequestKey(request))), Handled::Applied);
    assert_eq!(bob.rekey_state(), RekeyState::Idle);
    assert!(matches!(outputs(&mut bob)[..], [Output::Persist(_)]), "no answer");
}

// SPEC LAY-2: MTKruto tells no layer and writes all at 144.
#[test]
fn fa_55_a_layer_that_a_message_shows_is_written_at_from_then_on() {
    let underlined = Draft::text("line").with_entities([Entity::new(EntityKind::Underline, 0, 4)]);
    // In its turn, and where it has to wait for an earlier one.
    for slot in [0, 1] {
        let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
        let sealed = forger.lets_send(&mut bob, "before");
        assert_eq!(forger.read(&sealed).layer, 73);
        let around = Around { layer: 144, ..forger.around_slot(slot) };
        let expected = if slot == 0 { Handled::Applied } else { Handled::Waiting };
        assert_eq!(forger.give(&mut bob, around, &text(1, "at 144")), expected);
        assert_eq!(bob.peer_layer(), Layer::L144);
        assert!(events(&mut bob).iter().any(|event| matches!(event, Event::PeerLayer { layer: Layer::L144, .. })));
        bob.send(&underlined, &mut env(&mut forger.rng)).unwrap();
        let sealed = pair::sealed(&mut bob);
        let layer = forger.read(&sealed);
        assert_eq!(layer.layer, 144);
        let DecryptedMessage::Message73(message) = layer.message else { panic!("a text") };
        assert_eq!(message.entities.map(|entities| entities.iter().count()), Some(1));
    }
}

// SPEC MODP-6, MODP-8, REC-1.
#[test]
fn fa_44_what_came_before_the_key_is_forgotten_once_the_key_came() {
    let mut rng = rng::Seeded::new(5);
    let mut alice = Chat::request(telegram::config(PeerPolicy::Default), &mut env(&mut rng)).unwrap();
    let mut store = MemoryStore::default();
    let mut keep = |alice: &mut Chat| {
        let (mut request, mut told, mut batches) = (None, Vec::new(), 0);
        for output in outputs(alice) {
            match output {
                Output::Persist(batch) => {
                    store.apply(&batch).unwrap();
                    batches += 1;
                }
                Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. }) => request = Some(public),
                Output::Event(event) => told.push(event),
                _ => {}
            }
        }
        let records = store.load(alice.id().unwrap()).unwrap().unwrap();
        let early = records.rows.iter().filter(|(name, _)| matches!(name, RecordName::Unopened(_))).count();
        (request, told, early, records, batches)
    };
    let (request, ..) = keep(&mut alice);
    let mut forger = telegram::answer(&request.unwrap());
    for words in ["one", "two"] {
        let sealed = forger.say_next(&text(i64::from(forger.sent) + 1, words));
        assert_eq!(alice.handle(pair::ciphertext(&sealed), &mut env(&mut rng)), Ok(Handled::Waiting));
    }
    assert_eq!(keep(&mut alice).2, 2);
    let (public, fingerprint) = (telegram::public_value(), forger.fingerprint);
    let accepted = Input::accepted(&public, fingerprint);
    assert_eq!(alice.handle(accepted, &mut env(&mut rng)), Ok(Handled::Applied));
    let (_, told, early, records, batches) = keep(&mut alice);
    assert_eq!(told.iter().filter(|event| matches!(event, Event::Message(_))).count(), 2);
    assert_eq!(batches, 4, "a group for the answer, for each message, and for forgetting them");
    assert_eq!(early, 0, "no record of it is left");
    assert!(!format!("{alice:?}").contains("early: 2"), "nor anything in memory: {alice:?}");
    let store_key = StoreKey::new(STORE_KEY);
    let mut restored = Chat::restore(&records, &store_key, None, &mut env(&mut rng)).unwrap();
    assert!(outputs(&mut restored).is_empty(), "nothing is taken again");
}
