//! A peer that begins under MTProto 1.0: what is opened, what it may do, and every edge where it ends (SPEC ENV-5).

use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::old;
use secretchat::hazmat::wire::{
    ActionDeleteMessages, ActionReadMessages, ActionRequestKey, ActionResend, ActionScreenshotMessages,
    ActionSetMessageTTL, ActionTyping, Bytes, DecryptedMessageAction, SendMessageAction, Vector,
};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, CloseReason, Draft, Event, Handled, KeyFingerprint, Layer, Output, Peek, PeerFault, PeerPolicy,
    StoreKey, Ttl, Violation,
};

use crate::support::forger::{Around, Forger, notice, service, text, wrap};
use crate::support::pair::{self, all_sealed, ciphertext, env, events, outputs, request_of};
use crate::support::rng::Seeded;
use crate::support::telegram::{self, STORE_KEY};
use crate::support::{old_protocol, twin};

const LENIENT: [PeerPolicy; 2] = [PeerPolicy::Default, PeerPolicy::Tolerant];

/// The forger's next message, under MTProto 1.0.
fn old_next(forger: &mut Forger, message: &[u8]) -> Vec<u8> {
    let around = forger.around();
    old_at(forger, around, message)
}

fn old_at(forger: &mut Forger, around: Around, message: &[u8]) -> Vec<u8> {
    forger.sent += 1;
    old_protocol::seal(&forger.chat_key, forger.fingerprint, &wrap(around, message))
}

fn gives(forger: &mut Forger, chat: &mut Chat, sealed: &[u8]) -> Result<Handled, PeerFault> {
    chat.handle(ciphertext(sealed), &mut env(&mut forger.rng))
}

fn gives_old(forger: &mut Forger, chat: &mut Chat, message: &[u8]) -> Handled {
    let sealed = old_next(forger, message);
    gives(forger, chat, &sealed).unwrap()
}

fn names(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| format!("{event:?}").split([' ', '{', '(']).next().unwrap().to_owned()).collect()
}

fn meet(policy: PeerPolicy) -> (Forger, Chat) {
    let (mut forger, bob) = telegram::meet(policy);
    forger.layer = 46;
    (forger, bob)
}

/// What another program sealed and TDLib 1.8.66 opened (recorded).
#[test]
fn fa_53_what_another_program_sealed_under_the_old_protocol_opens() {
    let recordings = [
        include_str!("../../test-vectors/tdlib/hostile/mtproto1_layer46_td_orig.json"),
        include_str!("../../test-vectors/tdlib/hostile/mtproto1_layer46_after144_td_orig.json"),
    ];
    for recording in recordings {
        let recording: serde_json::Value = serde_json::from_str(recording).unwrap();
        let key = hex::decode(recording["secrets"]["keys"][0]["auth_key"].as_str().unwrap()).unwrap();
        let step = recording["steps"].as_array().unwrap().iter().find(|step| step["tampered"].is_string()).unwrap();
        let mut wire = hex::decode(step["wire"].as_str().unwrap()).unwrap();
        let name = KeyFingerprint::from_bytes(*wire.first_chunk().unwrap());
        let body = old::open(&Secret::new(key.try_into().unwrap()), name, &mut wire).unwrap();
        // decryptedMessageLayer, and what its text says.
        assert_eq!(body[..4], 0x1be3_1789_u32.to_le_bytes());
        assert!(body.windows(9).any(|window| window == b"mtproto 1"));
    }
}

// SPEC ENV-5, LAY-2.
#[test]
fn fa_53_a_peer_that_begins_under_the_old_protocol_gets_to_the_new_one() {
    for policy in LENIENT {
        let (mut forger, mut bob) = meet(policy);
        assert_eq!(gives_old(&mut forger, &mut bob, &notice(144)), Handled::Applied);
        assert_eq!(names(&events(&mut bob)), ["OldProtocol", "PeerLayer"]);
        assert_eq!((bob.peer_layer(), bob.counters().received), (Layer::L144, 1));

        // What its user wrote meanwhile uses its slot and is not shown; the host is told once of the protocol.
        assert_eq!(gives_old(&mut forger, &mut bob, &text(7, "under 1.0")), Handled::Applied);
        assert_eq!(names(&events(&mut bob)), ["Unsupported"]);
        assert_eq!(gives_old(&mut forger, &mut bob, &service(DecryptedMessageAction::Noop)), Handled::Applied);
        assert_eq!(names(&events(&mut bob)), [] as [&str; 0]);

        // Nothing is ever sealed under it: the forger reads what comes under 2.0.
        let sealed = forger.lets_send(&mut bob, "under 2.0");
        assert_eq!(forger.read(&sealed).layer, 144);
        forger.received = 2;
        assert_eq!(forger.give_next(&mut bob, &text(8, "now under 2.0")), Handled::Applied);
        assert_eq!(pair::texts(&mut bob), ["now under 2.0"]);
    }
}

// SPEC ENV-5: NotifyLayer, Noop and Resend act, and nothing else.
#[test]
fn fa_53_nothing_but_the_way_to_the_new_protocol_acts_under_the_old_one() {
    let ids = [7_i64];
    let ids = Vector::new(&ids).unwrap();
    let public = telegram::public_value();
    let g_a = Bytes::new(&public).unwrap();
    let typing = SendMessageAction::Typing;
    let ignored = [
        text(9, "a text"),
        service(DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: 5 })),
        service(DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids: ids })),
        service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: ids })),
        service(DecryptedMessageAction::ScreenshotMessages(ActionScreenshotMessages { random_ids: ids })),
        service(DecryptedMessageAction::FlushHistory),
        service(DecryptedMessageAction::Typing(ActionTyping { action: typing })),
        service(DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id: 3, g_a })),
        vec![0xde, 0xad, 0xbe, 0xef],
    ];
    for message in ignored {
        let (mut forger, mut bob) = meet(PeerPolicy::Default);
        let draft = Draft::text("is not deleted").with_random_id(secretchat::RandomId(7));
        bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
        outputs(&mut bob);
        assert_eq!(gives_old(&mut forger, &mut bob, &message), Handled::Applied);
        assert_eq!(bob.counters().received, 1, "its slot is used");
        let told = outputs(&mut bob);
        let batches = told.iter().filter_map(|output| match output {
            Output::Persist(batch) => Some(batch.put.len()),
            _ => None,
        });
        let said = told.iter().filter(|output| matches!(output, Output::Transmit(_)));
        // A body that cannot be read is answered by our layer, as under 2.0.
        let unread = usize::from(message.len() == 4);
        assert_eq!((batches.collect::<Vec<_>>(), said.count()), (vec![1 + unread], unread), "nothing but the state");
        let told = told.into_iter().filter_map(|output| match output {
            Output::Event(event) => Some(event),
            _ => None,
        });
        assert_eq!(names(&told.collect::<Vec<_>>()), ["OldProtocol", "Unsupported"]);
        assert_eq!(bob.ttl(), Ttl::OFF);
    }

    // A Resend is answered with what was sealed under 2.0.
    let (mut forger, mut bob) = meet(PeerPolicy::Default);
    let sealed = forger.lets_send(&mut bob, "again");
    let slot = i32::try_from(bob.counters().sent).unwrap() - 1;
    let number = 2 * slot;
    let resend = ActionResend { start_seq_no: number, end_seq_no: number };
    assert_eq!(gives_old(&mut forger, &mut bob, &service(DecryptedMessageAction::Resend(resend))), Handled::Applied);
    assert_eq!(all_sealed(&mut bob), [sealed]);
}

#[test]
fn fa_53_strict_and_x25519_never_open_the_old_protocol() {
    twin::unchanged(|twin| {
        let (mut forger, mut bob) = meet(PeerPolicy::Strict);
        outputs(&mut bob);
        let sealed = old_next(&mut forger, &notice(144));
        let bare = old_protocol::seal(&forger.chat_key, forger.fingerprint, &notice(144));
        twin.bad(&mut bob, |bob, env| {
            for sealed in [&sealed, &bare] {
                assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::NotAuthentic));
            }
        });
        twin.compare(&mut bob);
    });
    twin::unchanged(|twin| {
        let (forger, mut bob) = Forger::meet();
        let around = Around { random_bytes: 15, layer: 144, in_seq_no: 0, out_seq_no: 1 };
        let sealed = old_protocol::seal(&forger.chat_key, forger.fingerprint, &wrap(around, &notice(144)));
        twin.bad(&mut bob, |bob, env| {
            assert_eq!(bob.handle(ciphertext(&sealed), env), Err(PeerFault::NotAuthentic));
        });
        twin.compare(&mut bob);
    });
}

#[test]
fn fa_53_after_a_message_under_the_new_protocol_the_old_one_is_not_authentic() {
    for policy in LENIENT {
        twin::unchanged(|twin| {
            let (mut forger, mut bob) = meet(policy);
            assert_eq!(gives_old(&mut forger, &mut bob, &notice(46)), Handled::Applied);
            assert_eq!(forger.give_next(&mut bob, &text(1, "under 2.0")), Handled::Applied);
            outputs(&mut bob);
            let around = forger.around();
            let sealed = old_protocol::seal(&forger.chat_key, forger.fingerprint, &wrap(around, &notice(144)));
            let bare = old_protocol::seal(&forger.chat_key, forger.fingerprint, &notice(144));
            twin.bad(&mut bob, |bob, env| {
                for sealed in [&sealed, &bare] {
                    assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::NotAuthentic));
                }
            });
            twin.compare(&mut bob);
        });
    }
}

// SPEC PEEK-2, ENV-5: a look judges as the chat will.
#[test]
fn fa_53_nothing_under_the_old_protocol_is_shown() {
    for policy in LENIENT {
        let (mut forger, mut bob) = meet(policy);
        let sealed = old_next(&mut forger, &text(1, "under 1.0"));
        assert!(matches!(bob.peek(&sealed), Ok(Peek::Nothing)));
        assert_eq!(gives(&mut forger, &mut bob, &sealed), Ok(Handled::Applied));
        assert_eq!(forger.give_next(&mut bob, &text(2, "under 2.0")), Handled::Applied);
        let late = old_next(&mut forger, &text(3, "under 1.0 again"));
        assert!(matches!(bob.peek(&late), Err(PeerFault::NotAuthentic)));
    }
}

// SPEC PEEK-2, LAY-2.
#[test]
fn a_layer_that_goes_back_is_shown_unless_the_policy_is_strict() {
    for (policy, is_shown) in [(PeerPolicy::Strict, false), (PeerPolicy::Default, true), (PeerPolicy::Tolerant, true)] {
        let (mut forger, mut bob) = telegram::meet(policy);
        for (layer, is_shown) in [(101, true), (144, true), (101, is_shown)] {
            forger.layer = layer;
            let around = forger.around();
            let sealed = forger.seal(&wrap(around, &text(layer.into(), "a text")));
            let look = bob.peek(&sealed);
            assert_eq!(matches!(look, Ok(Peek::Message(_))), is_shown, "{policy:?}, layer {layer}: {look:?}");
            assert_eq!(matches!(look, Ok(Peek::Nothing)), !is_shown);
            let _ = forger.give_next(&mut bob, &text(layer.into(), "a text"));
        }
    }
}

// SPEC ENV-5: nothing is opened under 1.0 from then on, so it cannot end the chat by nonsense either.
#[test]
fn fa_53_a_bare_notice_under_the_new_protocol_ends_the_old_one() {
    twin::unchanged(|twin| {
        let (mut forger, mut bob) = meet(PeerPolicy::Default);
        let bare = forger.seal(&notice(101));
        assert_eq!(gives(&mut forger, &mut bob, &bare), Ok(Handled::Applied));
        outputs(&mut bob);
        let bodies = [wrap(forger.around(), &notice(144)), vec![0xde, 0xad, 0xbe, 0xef]];
        let sealed = bodies.map(|body| old_protocol::seal(&forger.chat_key, forger.fingerprint, &body));
        twin.bad(&mut bob, |bob, env| {
            for sealed in &sealed {
                assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::NotAuthentic));
            }
        });
        twin.compare(&mut bob);
    });
}

// SPEC OUT-1: what old programs begin with.
#[test]
fn fa_53_a_bare_notice_under_the_old_protocol_is_lived_with_and_any_other_bare_object_is_not() {
    for policy in LENIENT {
        let (mut forger, mut bob) = meet(policy);
        let bare = old_protocol::seal(&forger.chat_key, forger.fingerprint, &notice(101));
        assert_eq!(gives(&mut forger, &mut bob, &bare), Ok(Handled::Applied));
        assert_eq!(names(&events(&mut bob)), ["OldProtocol", "PeerLayer"]);
        assert_eq!(bob.counters().received, 0);

        let bare = old_protocol::seal(&forger.chat_key, forger.fingerprint, &text(1, "bare"));
        assert_eq!(gives(&mut forger, &mut bob, &bare), Ok(Handled::ChatClosed));
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::BareObject)));
    }
}

#[test]
fn fa_53_a_wrong_msg_key_a_wrong_length_and_too_much_padding_are_not_authentic() {
    twin::unchanged(|twin| {
        let (forger, mut bob) = meet(PeerPolicy::Default);
        outputs(&mut bob);
        let body = wrap(forger.around(), &notice(144));
        let good = old_protocol::seal(&forger.chat_key, forger.fingerprint, &body);
        let len = u32::try_from(body.len()).unwrap();
        let least = (4 + body.len()).next_multiple_of(16) - 4 - body.len();
        twin.bad(&mut bob, |bob, env| {
            let mut refused = |sealed: &[u8], what: &str| {
                assert_eq!(bob.handle(ciphertext(sealed), env), Err(PeerFault::NotAuthentic), "{what}");
            };
            // All but the padding is covered. A changed byte of a block reaches the rest of the message.
            for byte in 8..good.len() - 16 {
                let mut bad = good.clone();
                bad[byte] ^= 0x40;
                refused(&bad, &format!("byte {byte}"));
            }
            for length in 8..good.len() {
                refused(&good[..length], &format!("{length} bytes"));
            }
            for more in [16, 32, 1024] {
                let long = old_protocol::seal_with(&forger.chat_key, forger.fingerprint, len, &body, least + more);
                refused(&long, &format!("padding of {}", least + more));
            }
            for length in [0, 1, len - 1, len + 1, len + 4, u32::MAX, u32::MAX - 3] {
                let bad = old_protocol::seal_with(&forger.chat_key, forger.fingerprint, length, &body, least);
                refused(&bad, &format!("length {length}"));
            }
        });
        twin.compare(&mut bob);
    });
}

// SPEC ENV-5, SEQ-3.
#[test]
fn fa_53_messages_under_the_old_protocol_wait_for_their_turn() {
    let (mut forger, mut bob) = meet(PeerPolicy::Default);
    let first = old_next(&mut forger, &notice(101));
    for message in [text(1, "a text"), notice(144)] {
        assert_eq!(gives_old(&mut forger, &mut bob, &message), Handled::Waiting);
    }
    assert_eq!(names(&events(&mut bob)), ["OldProtocol"]);
    assert_eq!(gives(&mut forger, &mut bob, &first), Ok(Handled::Applied));
    assert_eq!(names(&events(&mut bob)), ["PeerLayer", "Unsupported", "PeerLayer"]);
    assert_eq!((bob.peer_layer(), bob.counters().received), (Layer::L144, 3));
}

// It is the slot that counts, as the protocol's page has it: what lies before the first message under 2.0 may come later.
#[test]
fn fa_53_only_slots_before_the_first_under_the_new_protocol_are_opened() {
    let (mut forger, mut bob) = meet(PeerPolicy::Default);
    let around = [0, 1, 2, 3].map(|slot| forger.around_slot(slot));
    let old = |forger: &Forger, slot: usize, message: &[u8]| {
        old_protocol::seal(&forger.chat_key, forger.fingerprint, &wrap(around[slot], message))
    };
    // Slot 3 waits under 1.0, then slot 2 under 2.0: what is opened under 1.0 from now on lies before it.
    let last = old(&forger, 3, &notice(144));
    assert_eq!(gives(&mut forger, &mut bob, &last), Ok(Handled::Waiting));
    let modern = forger.seal(&wrap(around[2], &text(2, "under 2.0")));
    assert_eq!(gives(&mut forger, &mut bob, &modern), Ok(Handled::Waiting));
    let before = bob.checkpoint();
    for slot in [2, 3] {
        let late = old(&forger, slot, &text(3, "too late"));
        assert_eq!(gives(&mut forger, &mut bob, &late), Err(PeerFault::NotAuthentic));
    }
    assert_eq!(bob.checkpoint(), before);
    outputs(&mut bob);
    for (slot, layer) in [(0, 73), (1, 101)] {
        let sealed = old(&forger, slot, &notice(layer));
        assert_eq!(gives(&mut forger, &mut bob, &sealed), Ok(Handled::Applied));
    }
    // The notice behind it waited in good faith: its slot is used, and it has no effect.
    assert_eq!(names(&events(&mut bob)), ["PeerLayer", "Message", "Unsupported"]);
    assert_eq!((bob.peer_layer(), bob.counters().received), (Layer::L101, 4));
}

// SPEC REC-4: the records say it.
#[test]
fn fa_53_a_restart_moves_no_edge() {
    let (mut forger, mut bob, batches) = telegram::meet_as(telegram::config(PeerPolicy::Default));
    forger.layer = 46;
    let mut store = MemoryStore::default();
    batches.iter().for_each(|batch| store.apply(batch).unwrap());
    let mut restarted = |bob: &mut Chat| {
        let mut told = Vec::new();
        for output in outputs(bob) {
            match output {
                Output::Persist(batch) => store.apply(&batch).unwrap(),
                Output::Event(event) => told.push(event),
                _ => {}
            }
        }
        let records = store.load(bob.id().unwrap()).unwrap().unwrap();
        *bob = Chat::restore(&records, &StoreKey::new(STORE_KEY), None, &mut env(&mut Seeded::new(9))).unwrap();
        outputs(bob);
        names(&told)
    };
    // Slot 1 waits over a restart, and is still known to be under 1.0.
    let first = old_next(&mut forger, &notice(101));
    assert_eq!(gives_old(&mut forger, &mut bob, &text(1, "waits")), Handled::Waiting);
    assert_eq!(restarted(&mut bob), ["OldProtocol"]);
    assert_eq!(gives(&mut forger, &mut bob, &first), Ok(Handled::Applied));
    assert_eq!(restarted(&mut bob), ["PeerLayer", "Unsupported"], "told once, also over a restart");
    // The window is open still,
    assert_eq!(gives_old(&mut forger, &mut bob, &notice(144)), Handled::Applied);
    assert_eq!(restarted(&mut bob), ["PeerLayer"]);
    // and is closed after a restart, too, once 2.0 was spoken.
    assert_eq!(forger.give_next(&mut bob, &text(2, "under 2.0")), Handled::Applied);
    assert_eq!(restarted(&mut bob), ["Message"]);
    let sealed = old_next(&mut forger, &text(3, "back to 1.0"));
    assert_eq!(gives(&mut forger, &mut bob, &sealed), Err(PeerFault::NotAuthentic));
}

// SPEC MODP-6: what comes before the key is taken after it in the same way.
#[test]
fn fa_53_what_came_before_the_key_may_be_under_the_old_protocol() {
    let mut rng = Seeded::new(5);
    let mut alice = Chat::request(telegram::config(PeerPolicy::Default), &mut env(&mut rng)).unwrap();
    let request = request_of(&mut alice);
    let mut forger = telegram::answer(&request);
    forger.layer = 46;
    let early = old_next(&mut forger, &notice(101));
    assert_eq!(gives(&mut forger, &mut alice, &early), Ok(Handled::Waiting));
    outputs(&mut alice);
    let (public, fingerprint) = (telegram::public_value(), forger.fingerprint);
    let accepted = secretchat::Input::accepted(&public, fingerprint);
    assert_eq!(alice.handle(accepted, &mut env(&mut rng)), Ok(Handled::Applied));
    assert_eq!(names(&events(&mut alice)), ["Ready", "OldProtocol", "PeerLayer"]);
    assert_eq!(alice.counters().received, 1);
}
