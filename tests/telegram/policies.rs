//! The outcome table in the Telegram profile, row by row and policy by policy, and the layers that are written.

use secretchat::hazmat::wire::{
    ActionAbortKey, ActionAcceptKey, ActionCommitKey, ActionNotifyLayer, ActionRequestKey, ActionResend,
    ActionSetMessageTTL, Bytes, DecryptedMessage, DecryptedMessageAction, DecryptedMessageMedia,
};
use secretchat::media::ChainKey;
use secretchat::{
    ApiMisuse, CallError, Chat, ChatState, CloseReason, Document, Draft, Entity, EntityKind, Event, Handled, History,
    Input, Layer, Limits, Media, Output, PeerFault, PeerPolicy, RekeyState, TransmitKind, Ttl, Violation,
};

use crate::support::forger::{Around, Forger, encoded, notice, request, service, text, wrap};
use crate::support::pair::{self, env, events, outputs};
use crate::support::rekeyer::Rules;
use crate::support::telegram::{self};
use crate::support::{old_protocol, twin};

const ALL: [PeerPolicy; 3] = [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant];
const LENIENT: [PeerPolicy; 2] = [PeerPolicy::Default, PeerPolicy::Tolerant];

fn hello() -> Vec<u8> {
    text(7, "hello")
}

/// Bob, ready: he has processed the forger's slot 0, whose layer was 144, and sent his notice and two texts, of which
/// the forger says it has seen the notice.
fn ready(policy: PeerPolicy) -> (Forger, Chat) {
    let (mut forger, mut bob) = telegram::meet(policy);
    forger.layer = 144;
    assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
    for text in ["one", "two"] {
        forger.lets_send(&mut bob, text);
    }
    forger.received = 1;
    (forger, bob)
}

/// The message must close the chat for this reason, wipe the keys, and tell the server without a proof.
fn closes(policy: PeerPolicy, change: impl FnOnce(&Forger) -> (Around, Vec<u8>), violation: Violation) {
    let (mut forger, mut bob) = ready(policy);
    let (around, message) = change(&forger);
    assert_eq!(forger.give(&mut bob, around, &message), Handled::ChatClosed, "{policy:?} {violation:?}");
    assert_closed(&mut bob, violation);
}

fn assert_closed(bob: &mut Chat, violation: Violation) {
    let reason = CloseReason::Violation(violation);
    assert_eq!(bob.state(), ChatState::Closed(reason));
    assert_eq!(bob.verification(), None);
    let outputs = outputs(bob);
    let [
        Output::Event(Event::Closed { reason: told, history: History::Keep, missing: None, set_back: false, .. }),
        Output::Persist(batch),
        Output::Transmit(discard),
    ] = &outputs[..]
    else {
        panic!("{outputs:?}")
    };
    assert_eq!((*told, batch.put.len()), (reason, 1));
    assert!(matches!(discard.kind, TransmitKind::Discard { history: History::Keep, proof: None, .. }));
}

/// The message must use its slot and leave the chat open; its events, and what the chat says, come back.
fn applies(
    policy: PeerPolicy,
    change: impl FnOnce(&Forger) -> (Around, Vec<u8>),
) -> (Forger, Chat, Vec<Event>, Vec<String>) {
    let (mut forger, mut bob) = ready(policy);
    let before = bob.counters().received;
    let (around, message) = change(&forger);
    assert_eq!(forger.give(&mut bob, around, &message), Handled::Applied, "{policy:?}");
    assert_eq!(bob.counters().received, before + 1, "its slot is used");
    let (mut events, mut sealed) = (vec![], vec![]);
    for output in outputs(&mut bob) {
        match output {
            Output::Event(Event::Acknowledged { .. } | Event::Sent { .. }) | Output::Persist(_) => {}
            Output::Event(event) => events.push(event),
            Output::Transmit(transmit) => match transmit.kind {
                TransmitKind::Ciphertext { bytes, .. } => sealed.push(bytes),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    let actions = forger.actions(&sealed);
    goes_on(&mut forger, &mut bob);
    (forger, bob, events, actions)
}

fn goes_on(forger: &mut Forger, bob: &mut Chat) {
    assert_eq!(forger.give_next(bob, &text(8, "and on")), Handled::Applied);
    assert_eq!(pair::texts(bob), ["and on"]);
    forger.lets_send(bob, "and back");
}

fn is_hello(events: &[Event]) -> bool {
    matches!(events, [Event::Message(message)] if message.content.text == "hello")
}

#[test]
fn unknown_keys_and_what_is_not_authentic_change_nothing() {
    for policy in ALL {
        twin::unchanged(|twin| {
            let (mut forger, mut bob) = ready(policy);
            outputs(&mut bob);
            let good = forger.say_next(&hello());
            twin.bad(&mut bob, |bob, env| {
                for byte in 0..good.len() {
                    let mut bad = good.clone();
                    bad[byte] ^= 0x40;
                    let expected = if byte < 8 { PeerFault::UnknownKey } else { PeerFault::NotAuthentic };
                    assert_eq!(bob.handle(pair::ciphertext(&bad), env), Err(expected), "{byte}");
                }
                for length in 0..good.len() {
                    assert!(bob.handle(pair::ciphertext(&good[..length]), env).is_err());
                }
            });
            assert_eq!(bob.handle(pair::ciphertext(&good), &mut env(&mut forger.rng)), Ok(Handled::Applied));
            twin.compare(&mut bob);
        });
    }
}

#[test]
fn wrong_parity_and_negative_numbers_close_the_chat() {
    let numbers = |in_seq_no, out_seq_no| move |f: &Forger| (Around { in_seq_no, out_seq_no, ..f.around() }, hello());
    // The right ones are in 2, out 3.
    for policy in ALL {
        for (in_seq_no, out_seq_no) in [(3, 3), (2, 2), (2, 0), (1, 3), (3, 2)] {
            closes(policy, numbers(in_seq_no, out_seq_no), Violation::SeqParity);
        }
        for (in_seq_no, out_seq_no) in [(-2, 3), (2, -1), (i32::MIN, 3), (2, i32::MIN + 1), (-1, 3)] {
            closes(policy, numbers(in_seq_no, out_seq_no), Violation::SeqNegative);
        }
    }
}

#[test]
fn at_39_in_seq_no_back_or_ahead() {
    for (in_seq_no, violation) in
        [(0, Violation::InSeqBack), (8, Violation::InSeqAhead), (i32::MAX - 1, Violation::InSeqAhead)]
    {
        let change = |f: &Forger| (Around { in_seq_no, ..f.around() }, hello());
        let one_before = |policy| {
            let (mut forger, mut bob) = ready(policy);
            forger.received = 2;
            assert_eq!(forger.give_next(&mut bob, &hello()), Handled::Applied);
            outputs(&mut bob);
            assert_eq!(bob.counters().acknowledged, 2);
            (forger, bob)
        };
        for policy in [PeerPolicy::Default, PeerPolicy::Strict] {
            let (mut forger, mut bob) = one_before(policy);
            let (around, message) = change(&forger);
            assert_eq!(forger.give(&mut bob, around, &message), Handled::ChatClosed, "{policy:?} {in_seq_no}");
            assert_closed(&mut bob, violation);
        }
        let (mut forger, mut bob) = one_before(PeerPolicy::Tolerant);
        let (around, message) = change(&forger);
        assert_eq!(forger.give(&mut bob, around, &message), Handled::Applied, "{in_seq_no}");
        assert!(is_hello(&events(&mut bob)));
        assert_eq!(bob.counters().acknowledged, 2, "not believed");
        goes_on(&mut forger, &mut bob);
    }
}

// SPEC OUT-1, DES-1, REKEY-2: what is not believed says neither that two timers did not cross nor that a request was seen.
#[test]
fn a_number_that_is_not_believed_decides_nothing() {
    let unbelieved = |forger: &Forger| Around { in_seq_no: 100, ..forger.around() };
    let (mut forger, mut bob) = ready(PeerPolicy::Tolerant);
    bob.set_ttl(Ttl::from_seconds(5).unwrap(), &mut env(&mut forger.rng)).unwrap();
    let around = unbelieved(&forger);
    let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: 7 });
    assert_eq!(forger.give(&mut bob, around, &service(action)), Handled::Applied);
    let told = events(&mut bob);
    assert!(told.iter().any(|event| matches!(event, Event::TtlChanged { crossed: true, .. })), "{told:?}");

    let (mut forger, mut bob) = ready(PeerPolicy::Tolerant);
    bob.rekey(&mut env(&mut forger.rng)).unwrap();
    let requested = bob.rekey_state();
    assert!(matches!(requested, RekeyState::Requested { .. }));
    let around = unbelieved(&forger);
    let lower = request(i64::MIN, &Rules::Telegram(PeerPolicy::Tolerant).request(0x33));
    assert_eq!(forger.give(&mut bob, around, &lower), Handled::Applied);
    assert_eq!(bob.rekey_state(), requested, "the two crossed, and the lower one is ignored");
}

#[test]
fn in_seq_no_back_or_ahead_on_a_slot_that_was_asked_for() {
    for (in_seq_no, violation) in [(0, Violation::InSeqBack), (100, Violation::InSeqAhead)] {
        for policy in ALL {
            let (mut forger, mut bob) = ready(policy);
            assert_eq!(forger.give_next(&mut bob, &hello()), Handled::Applied);
            let around = forger.around_slot(3);
            assert_eq!(forger.give(&mut bob, around, &text(2, "second")), Handled::Waiting);
            let asked = pair::all_sealed(&mut bob);
            assert_eq!(forger.actions(&asked), ["Resend 5 5"]);
            let around = Around { in_seq_no, ..forger.around_slot(2) };
            let handled = forger.give(&mut bob, around, &text(1, "first"));
            if policy == PeerPolicy::Strict {
                assert_eq!(handled, Handled::ChatClosed);
                assert_closed(&mut bob, violation);
                continue;
            }
            assert_eq!(handled, Handled::Applied, "{policy:?}");
            assert_eq!(pair::texts(&mut bob), ["first", "second"]);
            assert_eq!(bob.counters().acknowledged, 1, "not believed");
            // The one after it was not asked for.
            let (around, expected) = (
                Around { in_seq_no, ..forger.around_slot(4) },
                if policy == PeerPolicy::Default { Handled::ChatClosed } else { Handled::Applied },
            );
            assert_eq!(forger.give(&mut bob, around, &hello()), expected);
        }
    }
}

#[test]
fn at_03_a_layer_lower_than_seen() {
    for layer in [143, 101, 73, 46, 0, -1, i32::MIN] {
        let change = |f: &Forger| (Around { layer, ..f.around() }, hello());
        closes(PeerPolicy::Strict, change, Violation::LayerBack);
        for policy in LENIENT {
            let (_, bob, events, _) = applies(policy, change);
            assert!(is_hello(&events), "{events:?}");
            assert_eq!(bob.peer_layer(), Layer(144));
        }
    }
    let change = |f: &Forger| (f.around(), notice(143));
    closes(PeerPolicy::Strict, change, Violation::LayerBack);
    for policy in LENIENT {
        let (_, bob, events, said) = applies(policy, change);
        assert!(events.is_empty() && said.is_empty());
        assert_eq!(bob.peer_layer(), Layer(144));
    }
}

/// What every end of TDLib does: its notice stands in a header of layer 73, and so does all that it writes until it has
/// heard the other end's notice.
fn lives_with_an_honest_peer(policies: &[PeerPolicy]) {
    for policy in policies.iter().copied() {
        let (mut forger, mut bob) = telegram::meet(policy);
        assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
        assert_eq!(forger.give_next(&mut bob, &text(1, "soon after")), Handled::Applied, "{policy:?}");
        forger.layer = 144;
        forger.received = 1;
        assert_eq!(forger.give_next(&mut bob, &text(2, "later")), Handled::Applied, "{policy:?}");
        assert_eq!(pair::texts(&mut bob), ["soon after", "later"]);
    }
}

#[test]
fn lenient_policies_live_with_an_honest_peer() {
    lives_with_an_honest_peer(&LENIENT);
}

#[test]
fn the_strict_policy_lives_with_an_honest_peer() {
    lives_with_an_honest_peer(&[PeerPolicy::Strict]);
}

fn bare_notice() -> Vec<u8> {
    notice(144)
}

#[test]
fn br_13_a_bare_notice_raises_the_layer_and_moves_no_counter() {
    for policy in LENIENT {
        let (mut forger, mut bob) = telegram::meet(policy);
        let before = bob.counters();
        let sealed = forger.seal(&bare_notice());
        for layers in [1, 0] {
            assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
            assert_eq!(bob.counters(), before, "no counter moves");
            assert_eq!(bob.peer_layer(), Layer(144));
            let events = events(&mut bob);
            assert_eq!(events.iter().filter(|event| matches!(event, Event::PeerLayer { .. })).count(), layers);
            assert_eq!(events.len(), layers);
        }
        assert_eq!(forger.give_next(&mut bob, &hello()), Handled::Applied);
        assert!(is_hello(&events(&mut bob)));
        // Now it is too late for another.
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
        assert_closed(&mut bob, Violation::BareObject);
    }
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Strict);
    let sealed = forger.seal(&bare_notice());
    assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
    assert_closed(&mut bob, Violation::BareObject);
}

#[test]
fn a_bare_notice_of_layer_8() {
    // decryptedMessageService#aa48327d random_id:long random_bytes:bytes action:DecryptedMessageAction
    let mut bare = 0xaa48_327d_u32.to_le_bytes().to_vec();
    bare.extend(9_i64.to_le_bytes());
    bare.push(15);
    bare.extend([7; 15]);
    bare.extend(0xf3048883_u32.to_le_bytes());
    bare.extend(46_i32.to_le_bytes());
    for policy in LENIENT {
        let (mut forger, mut bob) = telegram::meet(policy);
        let sealed = forger.seal(&bare);
        assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Applied));
        assert_eq!(bob.counters().received, 0);
        assert_eq!(bob.peer_layer(), Layer::L73, "what is known of it does not fall");
        goes_on(&mut forger, &mut bob);
    }
}

// SPEC TL-5.
#[test]
fn br_13_any_other_bare_object_closes_the_chat() {
    for policy in ALL {
        for body in [hello(), service(DecryptedMessageAction::Noop), vec![0; 4], vec![0xff; 32], text(1, "")] {
            let (mut forger, mut bob) = telegram::meet(policy);
            let sealed = forger.seal(&body);
            assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
            assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::BareObject)), "{policy:?}");
        }
    }
}

#[test]
fn fewer_than_15_random_bytes() {
    for random_bytes in [0, 1, 14] {
        let change = |f: &Forger| (Around { random_bytes, ..f.around() }, hello());
        for policy in [PeerPolicy::Default, PeerPolicy::Strict] {
            let (_, _, events, said) = applies(policy, change);
            assert!(matches!(events[..], [Event::Unsupported]), "{policy:?} {events:?}");
            assert!(said.is_empty());
        }
        let (_, _, events, _) = applies(PeerPolicy::Tolerant, change);
        assert!(is_hello(&events), "{events:?}");
    }
    for policy in ALL {
        let (_, _, events, _) = applies(policy, |f| (Around { random_bytes: 15, ..f.around() }, hello()));
        assert!(is_hello(&events));
    }
}

fn not_understood() -> Vec<Vec<u8>> {
    let with = |at: usize, byte: u8| {
        let mut body = hello();
        body[at] = byte;
        body
    };
    let mut vector = text(1, "x");
    // An entity list that says it has 2^31 - 1 elements.
    vector[4] |= 1 << 7;
    vector.extend(0x1cb5_c415_u32.to_le_bytes());
    vector.extend(i32::MAX.to_le_bytes());
    vec![
        vec![],
        vec![1, 2, 3, 4],
        hello()[..24].to_vec(),
        [hello(), vec![0; 4]].concat(),
        with(0, 0),
        with(26, 1),
        with(20, 9),
        with(20, 255),
        vector,
    ]
}

#[test]
fn at_18_and_br_29_a_body_that_is_not_understood() {
    for body in not_understood() {
        closes(PeerPolicy::Strict, |f| (f.around(), body.clone()), Violation::BodyNotUnderstood);
        for policy in LENIENT {
            let (_, _, events, said) = applies(policy, |f| (f.around(), body.clone()));
            assert!(matches!(events[..], [Event::Unsupported]), "{events:?}");
            assert_eq!(said, ["NotifyLayer 144"]);
        }
    }
}

#[test]
fn the_layer_is_told_at_most_once_for_each_layer_of_the_peer() {
    for policy in LENIENT {
        let (mut forger, mut bob) = ready(policy);
        outputs(&mut bob);
        let mut told = vec![];
        for layer in [144, 144, 143, 150, 150, 144, 151, 151] {
            forger.layer = layer;
            assert_eq!(forger.give_next(&mut bob, &[1, 2, 3, 4]), Handled::Applied);
            let sealed = pair::all_sealed(&mut bob);
            told.push(forger.actions(&sealed).len());
        }
        assert_eq!(told, [1, 0, 0, 1, 0, 0, 1, 0], "{policy:?}");
    }
}

#[test]
fn undefined_flags_are_ignored() {
    for policy in ALL {
        for byte in [5, 6, 7] {
            let mut body = hello();
            body[byte] |= if byte == 5 { 0x80 } else { 0xf0 };
            if byte == 6 {
                // grouped_id is bit 17.
                body[byte] &= 0xf0;
            }
            let (_, _, events, _) = applies(policy, |f| (f.around(), body));
            assert!(is_hello(&events), "{policy:?} {byte} {events:?}");
        }
    }
}

#[test]
fn timers_out_of_range_are_brought_into_it() {
    for policy in ALL {
        for (wire, ttl) in [(-1, 0), (i32::MIN, 0), (31_536_001, 31_536_000), (i32::MAX - 1, 31_536_000), (i32::MAX, 1)]
        {
            let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: wire });
            let (_, bob, events, _) = applies(policy, |f| (f.around(), service(action)));
            assert!(
                matches!(events[..], [Event::TtlChanged { ttl: told, crossed: false, .. }] if told == Ttl::from_wire(ttl)),
                "{events:?}"
            );
            assert_eq!(bob.ttl().to_wire(), ttl);
        }
    }
}

fn resend(start_seq_no: i32, end_seq_no: i32) -> Vec<u8> {
    service(DecryptedMessageAction::Resend(ActionResend { start_seq_no, end_seq_no }))
}

#[test]
fn at_40_and_br_15_ranges_to_resend() {
    // Bob's slots 0 to 2 have the wire numbers 0, 2, 4; the forger has acknowledged slot 0.
    let cases: [(i32, i32, &[usize]); 15] = [
        (2, 2, &[1]),
        (2, 4, &[1, 2]),
        (4, 4, &[2]),
        (0, 2, &[1]),
        (0, 0, &[]),
        (0, 4, &[1, 2]),
        (2, 6, &[1, 2]),
        (4, i32::MAX - 1, &[2]),
        (0, i32::MAX - 1, &[1, 2]),
        (6, 8, &[]),
        (4, 2, &[]),
        (1, 1, &[]),
        (3, 5, &[]),
        (-2, 2, &[]),
        (i32::MIN, i32::MAX, &[]),
    ];
    for (start, end, answer) in cases {
        for policy in ALL {
            let (mut forger, mut bob) = ready(policy);
            bob.retransmit(&mut env(&mut forger.rng));
            let originals = pair::all_sealed(&mut bob);
            assert_eq!(originals.len(), 3);
            let within = start <= end && start >= 2 && end <= 4 && start % 2 == 0 && end % 2 == 0;
            let handled = forger.give_next(&mut bob, &resend(start, end));
            if policy == PeerPolicy::Strict && !within {
                assert_eq!(handled, Handled::ChatClosed, "{start} {end}");
                assert_closed(&mut bob, Violation::ResendRange);
                continue;
            }
            assert_eq!(handled, Handled::Applied, "{policy:?} {start} {end}");
            let expected: Vec<_> = answer.iter().map(|slot| originals[*slot].clone()).collect();
            assert_eq!(pair::all_sealed(&mut bob), expected, "{policy:?} {start} {end}");
            goes_on(&mut forger, &mut bob);
        }
    }
}

#[test]
fn a_range_behind_a_gap_is_answered_in_part_and_once() {
    for policy in LENIENT {
        let (mut forger, mut bob) = ready(policy);
        bob.retransmit(&mut env(&mut forger.rng));
        let originals = pair::all_sealed(&mut bob);
        let around = forger.around_slot(2);
        assert_eq!(forger.give(&mut bob, around, &resend(4, 2_000)), Handled::Waiting);
        let said = pair::all_sealed(&mut bob);
        assert_eq!(said[0], originals.last().unwrap()[..]);
        assert_eq!(said.len(), 2, "and the own request");
        let around = forger.around_slot(1);
        assert_eq!(forger.give(&mut bob, around, &hello()), Handled::Applied);
        assert!(pair::all_sealed(&mut bob).is_empty());
    }
}

#[test]
fn br_17_a_full_waiting_queue_costs_no_slot() {
    let mut limits = Limits::default();
    limits.waiting_messages = 2;
    for policy in ALL {
        twin::unchanged(|twin| {
            let (mut forger, mut bob) = telegram::meet_with(policy, limits);
            let late: Vec<_> = [4, 2, 3].map(|slot| (slot, forger.around_slot(slot))).into();
            let sealed: Vec<_> =
                late.iter().map(|(slot, around)| forger.say(*around, &text(i64::from(*slot), "late"))).collect();
            let mut gives = |bob: &mut Chat, sealed: &[u8]| {
                let handled = bob.handle(pair::ciphertext(sealed), &mut env(&mut forger.rng)).unwrap();
                (handled, pair::all_sealed(bob).len())
            };
            assert_eq!(gives(&mut bob, &sealed[0]), (Handled::Waiting, 1));
            assert_eq!(gives(&mut bob, &sealed[1]), (Handled::Waiting, 0));
            twin.idle(&mut bob, |bob, env| {
                assert_eq!(bob.handle(pair::ciphertext(&sealed[2]), env), Ok(Handled::NoRoom));
            });
            twin.compare(&mut bob);
        });
    }
}

#[test]
fn what_had_no_room_is_asked_for_later() {
    let mut limits = Limits::default();
    limits.waiting_messages = 1;
    for policy in ALL {
        let (mut forger, mut bob) = telegram::meet_with(policy, limits);
        let gives = |forger: &mut Forger, bob: &mut Chat, slot: i32| {
            let around = forger.around_slot(slot);
            let handled = forger.give(bob, around, &text(i64::from(slot) + 1, "x"));
            let sealed = pair::all_sealed(bob);
            (handled, forger.actions(&sealed))
        };
        assert_eq!(gives(&mut forger, &mut bob, 1).0, Handled::Waiting);
        assert_eq!(gives(&mut forger, &mut bob, 2).0, Handled::NoRoom);
        assert_eq!(gives(&mut forger, &mut bob, 0).0, Handled::Applied);
        assert_eq!(gives(&mut forger, &mut bob, 3), (Handled::Waiting, vec!["Resend 5 5".to_owned()]));
        assert_eq!(gives(&mut forger, &mut bob, 2).0, Handled::Applied);
        assert_eq!(bob.counters().received, 4);
    }
}

#[test]
fn rekey_messages_without_a_place_are_ignored() {
    let g = [9; 256];
    let value = Bytes::new(&g).unwrap();
    let actions = [
        DecryptedMessageAction::AcceptKey(ActionAcceptKey { exchange_id: 1, g_b: value, key_fingerprint: 2 }),
        DecryptedMessageAction::CommitKey(ActionCommitKey { exchange_id: 1, key_fingerprint: 2 }),
    ];
    // Apps give up exchanges of which this end knows nothing.
    let abort = DecryptedMessageAction::AbortKey(ActionAbortKey { exchange_id: 1 });
    for policy in ALL {
        let (_, bob, events, _) = applies(policy, |f| (f.around(), service(abort)));
        assert!(events.is_empty(), "{events:?}");
        assert_eq!(bob.state(), ChatState::Ready);
    }
    for action in actions {
        closes(PeerPolicy::Strict, |f| (f.around(), service(action)), Violation::RekeyUnexpected);
        for policy in LENIENT {
            let (_, bob, events, _) = applies(policy, |f| (f.around(), service(action)));
            assert!(events.is_empty(), "{events:?}");
            assert_eq!(bob.state(), ChatState::Ready);
        }
    }
    // A bad value is no reason to end a chat either.
    let action = DecryptedMessageAction::RequestKey(ActionRequestKey { exchange_id: 1, g_a: Bytes::EMPTY });
    for policy in LENIENT {
        let (_, bob, _, _) = applies(policy, |f| (f.around(), service(action)));
        assert_eq!(bob.state(), ChatState::Ready);
    }
}

#[test]
fn mtproto_1_is_not_authentic() {
    for policy in ALL {
        for layer in [46, 73, 144] {
            twin::unchanged(|twin| {
                let (mut forger, mut bob) = telegram::meet(policy);
                // Lenient policies open it until the peer has spoken 2.0 (SPEC ENV-5).
                assert_eq!(forger.give_next(&mut bob, &hello()), Handled::Applied);
                outputs(&mut bob);
                let around = Around { layer, ..forger.around() };
                twin.bad(&mut bob, |bob, env| {
                    for body in [wrap(around, &hello()), bare_notice()] {
                        let sealed = old_protocol::seal(&forger.chat_key, forger.fingerprint, &body);
                        assert_eq!(bob.handle(pair::ciphertext(&sealed), env), Err(PeerFault::NotAuthentic));
                    }
                });
                twin.compare(&mut bob);
            });
        }
    }
}

/// The layer of the header of the next text, for each layer that the peer tells in turn.
fn written_after(told: &[i32], tell: impl Fn(&mut Forger, &mut Chat, i32)) -> Vec<i32> {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    told.iter()
        .map(|layer| {
            tell(&mut forger, &mut bob, *layer);
            outputs(&mut bob);
            let sealed = forger.lets_send(&mut bob, "which layer");
            forger.read(&sealed).layer
        })
        .collect()
}

// SPEC LAY-2.
#[test]
fn only_three_layers_are_written_and_they_never_fall() {
    let by_notice = |forger: &mut Forger, bob: &mut Chat, layer| {
        assert_eq!(forger.give_next(bob, &notice(layer)), Handled::Applied);
    };
    let by_header = |forger: &mut Forger, bob: &mut Chat, layer| {
        forger.layer = layer;
        assert_eq!(forger.give_next(bob, &service(DecryptedMessageAction::Noop)), Handled::Applied);
    };
    let table =
        [(46, 73), (66, 73), (73, 73), (100, 73), (101, 101), (143, 101), (144, 144), (9999, 144), (i32::MAX, 144)];
    for (told, written) in table {
        assert_eq!(written_after(&[told], by_notice), [written], "{told}");
        assert_eq!(written_after(&[told], by_header), [written], "{told}");
    }
    for told in [0, -5, i32::MIN] {
        assert_eq!(written_after(&[told], by_notice), [73], "{told}");
    }
    let rising = table.map(|(told, _)| told);
    assert_eq!(written_after(&rising, by_notice), table.map(|(_, written)| written));
    let falling: Vec<_> = rising.iter().rev().copied().collect();
    assert_eq!(written_after(&falling, by_notice), [144; 9]);
    assert_eq!(written_after(&falling, by_header), [144; 9]);
    assert_eq!(written_after(&[101, 73, 144, 101, 46], by_header), [101, 101, 144, 144, 144]);
}

fn document(size: u64) -> Draft {
    let key = ChainKey::from_parts([1; 32], [2; 32]);
    let document = Document::new("video/mp4", size, key);
    Draft::media(Media::Document(document), "a caption")
}

/// Bob with a peer of this layer.
fn with_peer(layer: i32) -> (Forger, Chat) {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    assert_eq!(forger.give_next(&mut bob, &notice(layer)), Handled::Applied);
    outputs(&mut bob);
    (forger, bob)
}

/// Why the draft is refused, or whether its document is the one of 64 bits.
fn long_form(forger: &mut Forger, bob: &mut Chat, draft: &Draft) -> Result<bool, CallError> {
    let before = bob.counters();
    if let Err(misuse) = bob.send(draft, &mut env(&mut forger.rng)) {
        assert_eq!(bob.counters(), before, "no slot is used");
        assert!(outputs(bob).is_empty());
        return Err(misuse);
    }
    let sealed = pair::sealed(bob);
    let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!("another message form") };
    match message.media.unwrap() {
        DecryptedMessageMedia::Document45(document) => {
            assert_eq!(document.caption.as_slice(), b"a caption");
            Ok(false)
        }
        DecryptedMessageMedia::Document143(document) => {
            assert_eq!(document.caption.as_slice(), b"a caption");
            Ok(true)
        }
        other => panic!("{other:?}"),
    }
}

// BR-28.
#[test]
fn files_by_the_layer_of_the_peer() {
    let refused = Err(ApiMisuse::MediaSize.into());
    for layer in [46, 66, 73, 100, 101, 142, 143, 144, 9999] {
        let (mut forger, mut bob) = with_peer(layer);
        let long = layer >= 143;
        for size in [1, 2_097_151_999, 2_097_152_000] {
            assert_eq!(long_form(&mut forger, &mut bob, &document(size)), Ok(long), "{layer} {size}");
        }
        let beyond = if long { Ok(true) } else { refused };
        for size in [2_097_152_001, (1 << 31) - 1, 1 << 31, 1 << 40] {
            assert_eq!(long_form(&mut forger, &mut bob, &document(size)), beyond, "{layer} {size}");
        }
        for size in [0, 1 << 63, u64::MAX] {
            assert_eq!(long_form(&mut forger, &mut bob, &document(size)), refused, "{layer} {size}");
        }
        // All or nothing.
        let album = [document(5), document(2_097_152_001)];
        let before = bob.counters();
        let sent = bob.send_album(&album, &mut env(&mut forger.rng));
        assert_eq!(sent.is_ok(), long);
        assert_eq!(bob.counters().sent, before.sent + if long { 2 } else { 0 });
    }
}

// BR-30.
#[test]
fn entities_by_the_layer_of_the_peer() {
    let kinds = [EntityKind::Bold, EntityKind::Underline, EntityKind::Strike, EntityKind::Spoiler];
    for (layer, carried) in [(46, 1), (73, 1), (100, 1), (101, 3), (143, 3), (144, 4), (9999, 4)] {
        let (mut forger, mut bob) = with_peer(layer);
        let entities = kinds.iter().zip(0..).map(|(kind, at)| Entity::new(kind.clone(), at, 1));
        let draft = Draft::text("marked").with_entities(entities);
        bob.send(&draft, &mut env(&mut forger.rng)).unwrap();
        let sealed = pair::sealed(&mut bob);
        let DecryptedMessage::Message73(message) = forger.read(&sealed).message else { panic!() };
        assert_eq!(message.message.as_slice(), b"marked");
        assert_eq!(message.entities.map_or(0, |entities| entities.iter().count()), carried, "{layer}");
    }
}

#[test]
fn a_discard_is_believed_whatever_the_policy() {
    for policy in ALL {
        let (mut forger, mut bob) = ready(policy);
        let input = Input::discarded(History::Delete, None);
        assert_eq!(bob.handle(input, &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::ByServerOrPeer));
    }
}

#[test]
fn a_notice_in_the_form_of_layer_8_inside_a_header_is_understood() {
    let action = encoded(&DecryptedMessageAction::NotifyLayer(ActionNotifyLayer { layer: 150 }));
    let mut body = 0xaa48_327d_u32.to_le_bytes().to_vec();
    body.extend(9_i64.to_le_bytes());
    body.push(15);
    body.extend([7; 15]);
    body.extend(action);
    for policy in ALL {
        let (mut forger, mut bob) = ready(policy);
        assert_eq!(forger.give_next(&mut bob, &body), Handled::Applied, "{policy:?}");
        assert_eq!(bob.peer_layer(), Layer(150));
    }
}
