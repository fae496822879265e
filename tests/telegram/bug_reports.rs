//! Public bug reports about other programs, one test each: what broke them must not break a chat here. The cases that
//! are not here stand where their subject is tested: BR-01 and BR-03 in `modp.rs`, BR-11 in `wire/tl.rs`, BR-14 in
//! `chat/gaps.rs`, BR-28 and BR-30 in `policies.rs`.

use recordings::Scripted;
use secretchat::hazmat::wire::{ActionResend, DecryptedMessage, DecryptedMessageAction};
use secretchat::media::ChainKey;
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    ApiMisuse, Chat, ChatState, CloseReason, Draft, Env, Event, Handled, History, Input, Invitation, KeyFingerprint,
    Media, Output, PeerFault, PeerPolicy, Photo, RandomId, Timestamp, Transmit, TransmitId, TransmitKind, Violation,
};

use crate::support::forger::{Around, Forger, notice, service, text};
use crate::support::pair::{self, env, events, outputs};
use crate::support::rng::Seeded;
use crate::support::stored::{keep, records};
use crate::support::telegram::{self, config, public_value, restore};
use crate::support::twin;

/// Bob, the forger that asked him, and his records.
fn kept() -> (Forger, Chat, MemoryStore) {
    let (forger, bob, batches) = telegram::meet_as(config(PeerPolicy::Default));
    let mut store = MemoryStore::default();
    batches.iter().for_each(|batch| store.apply(batch).unwrap());
    (forger, bob, store)
}

fn handle(chat: &mut Chat, bytes: &[u8]) -> Result<Handled, PeerFault> {
    chat.handle(pair::ciphertext(bytes), &mut env(&mut Seeded::new(9)))
}

fn ciphertexts(outputs: &[Output]) -> Vec<Transmit> {
    let is_message = |kind: &TransmitKind| matches!(kind, TransmitKind::Ciphertext { .. });
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Transmit(transmit) if is_message(&transmit.kind) => Some(transmit.clone()),
            _ => None,
        })
        .collect()
}

fn with_id(id: i64, text: &str) -> Draft {
    Draft::text(text).with_random_id(RandomId(id))
}

#[test]
fn br_05_several_devices_race_to_accept() {
    let mut rng = Seeded::new(3);
    let rng = &mut rng;
    let mut alice = Chat::request(config(PeerPolicy::Default), &mut env(rng)).unwrap();
    let Some(Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })) = outputs(&mut alice).pop()
    else {
        panic!("a request")
    };
    let accept = |rng: &mut Seeded| {
        // Nothing is accepted by looking at a request, however often it comes.
        let invite = || Invitation::parse(&public, config(PeerPolicy::Default)).unwrap();
        drop((invite(), invite()));
        let mut chat = invite().accept(&mut env(rng)).unwrap();
        (pair::accept_of(&mut chat), chat)
    };
    let (((first, of_first), _winner), (_, mut loser)) = (accept(rng), accept(rng));
    assert_eq!(loser.handle(Input::AcceptedElsewhere, &mut env(rng)), Ok(Handled::ChatClosed));
    assert_eq!(loser.state(), ChatState::Closed(CloseReason::AcceptedElsewhere));
    assert_eq!(loser.verification(), None, "its secrets are gone");
    assert!(!outputs(&mut loser).iter().any(|output| matches!(output, Output::Transmit(_))), "a quiet end");
    let discarded = || Input::discarded(History::Keep, None);
    for _ in 0..2 {
        assert_eq!(loser.handle(discarded(), &mut env(rng)), Ok(Handled::Ignored));
        assert_eq!(loser.handle(Input::AcceptedElsewhere, &mut env(rng)), Ok(Handled::Ignored));
    }
    assert!(outputs(&mut loser).is_empty());

    let accepted = || Input::accepted(&first, of_first);
    assert_eq!(alice.handle(accepted(), &mut env(rng)), Ok(Handled::Applied));
    outputs(&mut alice);
    assert_eq!(alice.handle(accepted(), &mut env(rng)), Ok(Handled::Ignored), "twice");
    assert_eq!(alice.state(), ChatState::Ready);

    // Discarded before the server has taken over the request.
    let mut early = Chat::request(config(PeerPolicy::Default), &mut env(rng)).unwrap();
    assert_eq!(early.handle(discarded(), &mut env(rng)), Ok(Handled::ChatClosed));
    assert_eq!(early.state(), ChatState::Closed(CloseReason::ByServerOrPeer));
    assert_eq!(early.handle(accepted(), &mut env(rng)), Ok(Handled::Ignored));
    let carried = Input::carried(TransmitId::REQUEST, None);
    assert_eq!(early.handle(carried, &mut env(rng)), Ok(Handled::Ignored));
}

#[test]
fn br_07_the_picture_stays() {
    // E("a",0) and E("b",232): a key that begins with a zero byte.
    let file: serde_json::Value = serde_json::from_str(include_str!("../../test-vectors/modp.json")).unwrap();
    let case = file["cases"].as_array().unwrap().iter().find(|case| case["id"] == "agreement-0").unwrap();
    assert_eq!(case["comment"], "E(\"a\",0) with E(\"b\",232)");
    let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
    let picture = "bd2a15b6ebf79c0d726a97b9316d2635b22d1d380b9bc2cb1e6430d35af440a5b47a7f0b";

    let mut store = MemoryStore::default();
    let mut alice = Chat::request(config(PeerPolicy::Default), &mut env(&mut Scripted::new([bytes("a")]))).unwrap();
    keep(&mut alice, &mut store);
    let public = bytes("g_b");
    let fingerprint = KeyFingerprint::from_long(380_444_428_695_137_585);
    let accepted = Input::accepted(&public, fingerprint);
    assert_eq!(alice.handle(accepted, &mut env(&mut Seeded::new(1))), Ok(Handled::Applied));
    assert_eq!(hex::encode(alice.verification().unwrap().to_bytes()), picture);
    for round in 0..3 {
        keep(&mut alice, &mut store);
        alice = restore(&records(&alice, &store), None).unwrap();
        let shown = alice.verification().unwrap();
        assert_eq!(hex::encode(shown.to_bytes()), picture, "{round}");
        let lines = shown.hex_lines().map(|line| line.as_str().to_ascii_lowercase()).concat();
        assert_eq!(lines.replace(' ', ""), picture[..64]);
        // 0xbd is 10 11 11 01, read from its least significant end.
        assert_eq!(shown.cells()[0][..4], [1, 3, 3, 2]);
        alice.send(&Draft::text("more"), &mut env(&mut Seeded::new(round))).unwrap();
    }
    // The fingerprint of the key without its leading zero is that of another key.
    let mut other = Chat::request(config(PeerPolicy::Default), &mut env(&mut Scripted::new([bytes("a")]))).unwrap();
    let stripped = KeyFingerprint::from_bytes([0x8f, 0x99, 0x66, 0xb8, 0xbe, 0xcc, 0xe3, 0x43]);
    let accepted = Input::accepted(&public, stripped);
    assert_eq!(other.handle(accepted, &mut env(&mut Seeded::new(1))), Ok(Handled::ChatClosed));
}

#[test]
fn br_08_an_unknown_key_fingerprint_changes_nothing() {
    twin::unchanged(|twin| {
        let (mut forger, mut bob, _) = kept();
        forger.give_next(&mut bob, &notice(144));
        outputs(&mut bob);
        let message = forger.say(forger.around_slot(1), &text(1, "x"));
        twin.bad(&mut bob, |bob, env| {
            let mut rng = Seeded::new(8);
            for round in 0..64_u8 {
                let mut stray = [0; 24 + 32];
                rand_core::Rng::fill_bytes(&mut rng, &mut stray);
                if round < 4 {
                    // An unset key has no fingerprint that could match.
                    stray[..8].fill(0);
                }
                assert_eq!(bob.handle(pair::ciphertext(&stray), env), Err(PeerFault::UnknownKey));
            }
            for other in [[0; 8], [0xff; 8], KeyFingerprint::from_long(0).to_bytes()] {
                let mut stray = message.clone();
                stray[..8].copy_from_slice(&other);
                assert_eq!(bob.handle(pair::ciphertext(&stray), env), Err(PeerFault::UnknownKey));
            }
        });
        forger.sent = 1;
        assert_eq!(forger.give_next(&mut bob, &text(1, "goes on")), Handled::Applied);
        twin.compare(&mut bob);
    });
}

#[test]
fn br_09_the_shape_of_a_ciphertext() {
    twin::unchanged(|twin| {
        let (mut forger, mut bob, _) = kept();
        outputs(&mut bob);
        let good = forger.say_next(&text(1, "good"));
        twin.bad(&mut bob, |bob, env| {
            let mut gives = |bytes: &[u8]| bob.handle(pair::ciphertext(bytes), env);
            for length in [0, 7, 8, 23, 24, 24 + 15, 24 + 16, 24 + 17, 24 + 32] {
                let fault = if length < 8 { PeerFault::NotAuthentic } else { PeerFault::UnknownKey };
                assert_eq!(gives(&vec![0x5a; length]), Err(fault), "{length}");
                assert_eq!(gives(&good[..length]), Err(PeerFault::NotAuthentic), "{length}");
            }
            for byte in 8..24 {
                for bit in 0..8 {
                    let mut bad = good.clone();
                    bad[byte] ^= 1 << bit;
                    assert_eq!(gives(&bad), Err(PeerFault::NotAuthentic), "{byte} {bit}");
                }
            }
            for longer in [1, 15, 16, 32] {
                let bad = [&good[..], &vec![0; longer]].concat();
                assert_eq!(gives(&bad), Err(PeerFault::NotAuthentic), "{longer}");
            }
        });
        assert_eq!(handle(&mut bob, &good), Ok(Handled::Applied));
        twin.compare(&mut bob);
    });
}

#[test]
fn br_12_roles_parity_and_reflection() {
    let numbers = |forger: &mut Forger, sealed: &[u8]| {
        let layer = forger.read(sealed);
        (layer.in_seq_no, layer.out_seq_no)
    };
    twin::unchanged(|twin| {
        let (mut forger, mut bob, _) = kept();
        bob.retransmit(&mut env(&mut forger.rng));
        let of_bob = pair::sealed(&mut bob);
        assert_eq!(numbers(&mut forger, &of_bob), (1, 0), "who accepted");

        let mut alice = Chat::request(config(PeerPolicy::Default), &mut env(&mut Seeded::new(3))).unwrap();
        let Some(Output::Transmit(Transmit { kind: TransmitKind::Request { public, .. }, .. })) =
            outputs(&mut alice).pop()
        else {
            panic!("a request")
        };
        let mut answering = telegram::answer(&public);
        let value = public_value();
        let accepted = Input::accepted(&value, answering.fingerprint);
        alice.handle(accepted, &mut env(&mut Seeded::new(1))).unwrap();
        let of_alice = pair::sealed(&mut alice);
        assert_eq!(numbers(&mut answering, &of_alice), (0, 1), "who asked");

        for (chat, own) in [(&mut alice, of_alice), (&mut bob, of_bob)] {
            twin.bad(chat, |chat, env| {
                assert_eq!(chat.handle(pair::ciphertext(&own), env), Err(PeerFault::NotAuthentic), "reflected");
            });
            twin.compare(chat);
        }
    });

    // Of in only, out only, both.
    for (in_seq_no, out_seq_no) in [(1, 1), (0, 0), (1, 0)] {
        let (mut forger, mut bob, _) = kept();
        let around = Around { in_seq_no, out_seq_no, ..forger.around() };
        assert_eq!(forger.give(&mut bob, around, &text(1, "x")), Handled::ChatClosed);
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::SeqParity)));
        assert_eq!(bob.verification(), None);
    }
}

fn photo() -> Draft {
    let key = ChainKey::from_parts([1; 32], [2; 32]);
    let photo = Photo::new(640, 480, 1000, key);
    let draft = Draft::media(Media::Photo(photo), "a caption");
    draft.with_file(b"file/7".to_vec()).silently()
}

fn resend(start_seq_no: i32, end_seq_no: i32) -> Vec<u8> {
    service(DecryptedMessageAction::Resend(ActionResend { start_seq_no, end_seq_no }))
}

// SPEC SEQ-7, SEQ-8, ACT-4.
#[test]
fn br_16_a_resend_is_the_same_message() {
    let (mut forger, mut bob, mut store) = kept();
    let rng = &mut Seeded::new(4);
    bob.send(&with_id(21, "a text"), &mut env(rng)).unwrap();
    bob.send(&photo(), &mut env(rng)).unwrap();
    bob.report_screenshot(&[], &mut env(rng)).unwrap();
    let first = ciphertexts(&keep(&mut bob, &mut store));
    assert_eq!(first.len(), 3);
    let TransmitKind::Ciphertext { file, silent: true, service: false, .. } = &first[1].kind else { panic!() };
    assert_eq!(file.as_deref(), Some(&b"file/7"[..]));

    for restart in [false, true] {
        if restart {
            bob = restore(&records(&bob, &store), None).unwrap();
        }
        let counters = bob.counters();
        assert_eq!(forger.give_next(&mut bob, &resend(2, 6)), Handled::Applied);
        let again = ciphertexts(&keep(&mut bob, &mut store));
        assert!(again == first, "bytes, ids, file, kind of call");
        // Taken over again: what is asked for once more is answered once more.
        for transmit in &again {
            bob.handle(Input::carried(transmit.id, None), &mut env(rng)).unwrap();
        }
        // The next batch says so (SPEC DRV-9).
        bob.handle(Input::read(Timestamp::default(), None), &mut env(rng)).unwrap();
        keep(&mut bob, &mut store);
        assert_eq!(bob.counters().sent, counters.sent);
    }
    // The outer ids are those inside.
    for transmit in &first {
        let TransmitKind::Ciphertext { random_id, bytes, .. } = &transmit.kind else { panic!() };
        let inner = match forger.read(bytes).message {
            DecryptedMessage::Message73(message) => message.random_id,
            DecryptedMessage::Service17(service) => service.random_id,
            other => panic!("{other:?}"),
        };
        assert_eq!(inner, random_id.0);
    }
    // Content that is gone leaves no hole.
    bob.delete(&[RandomId(21)], &mut env(rng)).unwrap();
    keep(&mut bob, &mut store);
    assert_eq!(forger.give_next(&mut bob, &resend(2, 2)), Handled::Applied);
    let filled = ciphertexts(&keep(&mut bob, &mut store));
    let TransmitKind::Ciphertext { random_id, bytes, silent, .. } = &filled[0].kind else { panic!() };
    assert_eq!((filled[0].id, *random_id, *silent), (first[0].id, RandomId(21), true));
    assert_eq!(forger.actions(std::slice::from_ref(bytes)), ["DeleteMessages [21]"]);
    let header = forger.read(bytes);
    assert_eq!((header.in_seq_no, header.out_seq_no), (1, 2));
}

#[test]
fn br_18_a_crash_between_sending_and_saving() {
    let (mut forger, mut bob, mut store) = kept();
    let rng = &mut Seeded::new(4);
    let saved = records(&bob, &store);
    bob.send(&with_id(1, "m1"), &mut env(rng)).unwrap();
    // The batch comes before the bytes: who has the bytes has been told to write.
    let mut in_order = outputs(&mut bob);
    assert!(matches!(in_order[..], [Output::Persist(_), Output::Transmit(_)]), "{in_order:?}");
    let Output::Persist(batch) = in_order.remove(0) else { panic!() };

    // The process dies before the batch is written: nothing has left, and the slot is free.
    let mut before = restore(&saved, None).unwrap();
    assert!(!before.holds(RandomId(1)));
    before.send(&with_id(2, "m2"), &mut env(rng)).unwrap();
    let sealed = pair::sealed(&mut before);
    assert_eq!(forger.read(&sealed).out_seq_no, 2);

    // It dies after: m1 keeps its slot and its bytes.
    store.apply(&batch).unwrap();
    let Output::Transmit(first) = in_order.remove(0) else { panic!() };
    let mut after = restore(&records(&bob, &store), None).unwrap();
    assert!(after.holds(RandomId(1)));
    after.send(&with_id(2, "m2"), &mut env(rng)).unwrap();
    let second = pair::sealed(&mut after);
    assert_eq!(forger.read(&second).out_seq_no, 4);
    after.retransmit(&mut env(rng));
    assert!(ciphertexts(&outputs(&mut after)).contains(&first));
}

#[test]
fn br_20_failed_or_repeated_input_changes_nothing() {
    twin::unchanged(|twin| {
        let (mut forger, mut bob, mut store) = kept();
        for round in 0..4 {
            let valid = forger.say_next(&text(round + 1, "once"));
            twin.bad(&mut bob, |bob, env| {
                for byte in 0..valid.len() {
                    let mut bad = valid.clone();
                    bad[byte] ^= 1 << (byte % 8);
                    bob.handle(pair::ciphertext(&bad), env).unwrap_err();
                }
            });
            assert_eq!(handle(&mut bob, &valid), Ok(Handled::Applied));
            keep(&mut bob, &mut store);
            twin.records(&records(&bob, &store));
            let repeats = |bob: &mut Chat, env: &mut Env<'_>| {
                assert_eq!(bob.handle(pair::ciphertext(&valid), env), Ok(Handled::Duplicate));
            };
            twin.idle(&mut bob, repeats);
            bob = restore(&records(&bob, &store), None).unwrap();
            twin.idle(&mut bob, repeats);
        }
        twin.compare(&mut bob);
    });
}

#[test]
fn br_21_one_final_answer_for_each_message_and_no_hole() {
    let (mut forger, mut bob, mut store) = kept();
    let rng = &mut Seeded::new(4);
    let carried = |id| Input::carried(id, None);
    bob.send(&with_id(1, "sent"), &mut env(rng)).unwrap();
    let sent = ciphertexts(&keep(&mut bob, &mut store)).remove(0);
    bob = restore(&records(&bob, &store), None).unwrap();
    assert_eq!(bob.send(&with_id(1, "again"), &mut env(rng)), Err(ApiMisuse::RandomId.into()), "before the answer");
    // The answer comes again after a crash, until a batch has written it (SPEC DRV-9).
    for (answers, is_written) in [(1, false), (1, true), (0, true)] {
        bob.handle(carried(sent.id), &mut env(rng)).unwrap();
        let answered = keep(&mut bob, &mut store);
        let sent = |output: &Output| matches!(output, Output::Event(Event::Sent { random_id: RandomId(1), .. }));
        assert!(answered.len() == answers && answered.iter().all(sent), "{answered:?}");
        if is_written {
            bob.handle(Input::read(Timestamp::default(), None), &mut env(rng)).unwrap();
            keep(&mut bob, &mut store);
        }
        bob = restore(&records(&bob, &store), None).unwrap();
    }
    assert_eq!(bob.send(&with_id(1, "again"), &mut env(rng)), Err(ApiMisuse::RandomId.into()), "after it");

    // A message arrives between sealing and the answer: what was sealed does not change.
    bob.send(&with_id(2, "refused"), &mut env(rng)).unwrap();
    let refused = ciphertexts(&keep(&mut bob, &mut store)).remove(0);
    let TransmitKind::Ciphertext { bytes, .. } = &refused.kind else { panic!() };
    let header = forger.read(bytes);
    let numbers = (header.in_seq_no, header.out_seq_no);
    assert_eq!(numbers, (1, 4));
    assert_eq!(forger.give_next(&mut bob, &text(9, "between")), Handled::Applied);
    keep(&mut bob, &mut store);
    let no = |permanent| if permanent { Input::refused_for_good(refused.id) } else { Input::refused(refused.id) };
    assert_eq!(bob.handle(no(false), &mut env(rng)), Ok(Handled::Ignored), "it may be tried again");
    assert!(outputs(&mut bob).is_empty());
    assert_eq!(bob.handle(no(true), &mut env(rng)), Ok(Handled::Applied));
    let answer = keep(&mut bob, &mut store);
    assert!(matches!(answer[0], Output::Event(Event::Failed { random_id: RandomId(2), .. })), "{answer:?}");
    let filled = ciphertexts(&answer).remove(0);
    let TransmitKind::Ciphertext { random_id: RandomId(2), bytes, .. } = &filled.kind else { panic!("{filled:?}") };
    let header = forger.read(bytes);
    assert_eq!((header.in_seq_no, header.out_seq_no), numbers, "the same slot");
    assert!(matches!(header.message, DecryptedMessage::Service17(_)), "without content");
    // A second refusal gives no second answer.
    bob = restore(&records(&bob, &store), None).unwrap();
    assert_eq!(bob.handle(no(true), &mut env(rng)), Ok(Handled::Ignored));
    // When all is acknowledged, the ids are free and nobody hears of them again.
    forger.received = 3;
    assert_eq!(forger.give_next(&mut bob, &text(10, "all seen")), Handled::Applied);
    let told = events(&mut bob);
    assert!(matches!(&told[..], [Event::Message(message)] if message.content.text == "all seen"), "{told:?}");
    assert_eq!(bob.counters().acknowledged, 3);
}

#[test]
fn br_21_what_failed_is_not_called_sent() {
    let rng = &mut Seeded::new(4);
    for is_carried in [false, true] {
        let (mut forger, mut bob, _) = kept();
        bob.send(&with_id(2, "refused"), &mut env(rng)).unwrap();
        let id = ciphertexts(&outputs(&mut bob)).remove(0).id;
        assert_eq!(bob.handle(Input::refused_for_good(id), &mut env(rng)), Ok(Handled::Applied));
        let answer = outputs(&mut bob);
        assert!(matches!(answer[0], Output::Event(Event::Failed { random_id: RandomId(2), .. })), "{answer:?}");
        if is_carried {
            bob.handle(Input::carried(id, None), &mut env(rng)).unwrap();
        }
        forger.received = 2;
        forger.give_next(&mut bob, &notice(144));
        let more = outputs(&mut bob);
        assert!(!more.iter().any(|output| matches!(output, Output::Event(Event::Sent { .. }))), "{more:?}");
    }
}
