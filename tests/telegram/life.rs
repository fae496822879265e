//! How a chat over a Telegram server begins, ends and comes back from its records.

use recordings::Scripted;
use secretchat::hazmat::Secret;
use secretchat::hazmat::envelope::MAX_SEALED_LEN;
use secretchat::hazmat::fingerprint::{key_fingerprint, verification};
use secretchat::hazmat::modp::KeyPair;
use secretchat::hazmat::wire::{DecryptedMessage, DecryptedMessageAction};
use secretchat::store::{MemoryStore, Store};
use secretchat::{
    Chat, ChatState, Checkpoint, CloseReason, Config, DhGroup, DhGroupError, DiscardProof, Draft, Env, Event, Handled,
    History, Input, Invitation, KeyFingerprint, Layer, Limits, Output, PeerFault, PeerPolicy, PrimePolicy, RecordName,
    Records, Role, Start, StoreError, StoreKey, Timestamp, Transmit, TransmitId, TransmitKind, TypingAction,
    Unavailable,
};

use crate::support::forger::{Forger, notice, service, text};
use crate::support::pair::{self, env, outputs};
use crate::support::rng::Seeded;
use crate::support::stored::{keep, records};
use crate::support::telegram::{self, STORE_KEY, config, group, public_value, restore};
use crate::support::twin;

/// The chat as its newest records give it back.
fn restarted(chat: &Chat, store: &MemoryStore) -> Chat {
    let again = restore(&records(chat, store), chat.checkpoint()).unwrap();
    assert_eq!(again.state(), chat.state());
    assert_eq!(again.verification(), chat.verification());
    assert_eq!(again.key_fingerprint(), chat.key_fingerprint());
    assert_eq!(again.role(), chat.role());
    if !matches!(chat.state(), ChatState::Closed(_)) {
        assert_eq!(again.counters(), chat.counters());
        assert_eq!((again.peer_layer(), again.ttl()), (chat.peer_layer(), chat.ttl()));
    }
    again
}

fn request(rng: &mut Seeded, config: Start) -> (Chat, Vec<u8>, MemoryStore) {
    let mut store = MemoryStore::default();
    let mut alice = Chat::request(config, &mut env(rng)).unwrap();
    let mut first = keep(&mut alice, &mut store);
    assert_eq!(first.len(), 1, "{first:?}");
    let Output::Transmit(Transmit { id: TransmitId::REQUEST, kind: TransmitKind::Request { public, .. } }) =
        first.remove(0)
    else {
        panic!("a request")
    };
    assert_eq!(public.len(), 256);
    (alice, public, store)
}

fn requested(rng: &mut Seeded) -> (Chat, Vec<u8>, MemoryStore) {
    request(rng, config(PeerPolicy::Default))
}

/// Alice has asked and a forger has the key that belongs to its answer.
fn asked_forger(config: Start) -> (Chat, MemoryStore, Forger) {
    let (alice, public, store) = request(&mut Seeded::new(11), config);
    (alice, store, telegram::answer(&public))
}

fn accepted(forger: &Forger) -> (Vec<u8>, KeyFingerprint) {
    (public_value(), forger.fingerprint)
}

fn accept(chat: &mut Chat, public: &[u8], fingerprint: KeyFingerprint, rng: &mut Seeded) -> Handled {
    chat.handle(Input::accepted(public, fingerprint), &mut env(rng)).unwrap()
}

/// Takes the chat's outputs apart: events, transmissions.
fn sorted(outputs: Vec<Output>) -> (Vec<Event>, Vec<Transmit>) {
    let (mut events, mut transmits) = (Vec::new(), Vec::new());
    for output in outputs {
        match output {
            Output::Event(event) => events.push(event),
            Output::Transmit(transmit) => transmits.push(transmit),
            Output::Persist(_) => {}
            other => panic!("{other:?}"),
        }
    }
    (events, transmits)
}

/// The chat is over without keys, the host is told once, the server only if `told`, and without a proof.
/// Whether it is the Discard that the server is asked for, without a proof.
fn is_discard(transmit: &Transmit, history: History) -> bool {
    let Transmit { id, kind } = transmit;
    *id == TransmitId::DISCARD
        && matches!(kind, TransmitKind::Discard { history: with, proof: None, .. } if *with == history)
}

fn assert_ended(chat: &mut Chat, reason: CloseReason, history: History, told: bool) {
    assert_eq!(chat.state(), ChatState::Closed(reason));
    assert_eq!((chat.verification(), chat.key_fingerprint()), (None, None));
    let (events, transmits) = sorted(outputs(chat));
    assert!(
        matches!(&events[..], [Event::Closed { reason: at, history: with, missing: None, set_back: false, .. }] if (*at, *with) == (reason, history)),
        "{events:?}"
    );
    assert!(transmits.iter().all(|transmit| is_discard(transmit, history)), "{transmits:?}");
    assert_eq!(transmits.len(), usize::from(told));
    let mut rng = Seeded::new(1);
    assert_eq!(chat.send(&Draft::text("late"), &mut env(&mut rng)), Err(Unavailable::ChatClosed.into()));
    let late = Input::discarded(History::Delete, None);
    assert_eq!(chat.handle(late, &mut env(&mut rng)), Ok(Handled::Ignored));
    assert_eq!(chat.handle(Input::AcceptedElsewhere, &mut env(&mut rng)), Ok(Handled::Ignored));
    let public = public_value();
    let fingerprint = KeyFingerprint::from_bytes([1; 8]);
    assert_eq!(chat.handle(Input::accepted(&public, fingerprint), &mut env(&mut rng)), Ok(Handled::Ignored));
    chat.close(History::Delete, &mut env(&mut rng));
    assert!(outputs(chat).is_empty());
}

// SPEC MODP-6.
#[test]
fn both_ends_are_ready_when_the_key_exists_and_begin_with_their_layer() {
    let mut rng = Seeded::new(5);
    let (mut alice, public, _) = requested(&mut rng);
    assert_eq!((alice.state(), alice.role()), (ChatState::Requested, Role::Initiator));
    assert!(alice.awaits_transport());

    let mut bob = Invitation::parse(&public, config(PeerPolicy::Default)).unwrap().accept(&mut env(&mut rng)).unwrap();
    assert_eq!((bob.state(), bob.role()), (ChatState::Ready, Role::Responder));
    let of_bob = outputs(&mut bob);
    let [Output::Event(Event::Ready { verification: shown, .. }), Output::Persist(_), ..] = &of_bob[..] else {
        panic!("{of_bob:?}")
    };
    assert_eq!(Some(*shown), bob.verification());
    let (_, transmits) = sorted(of_bob);
    let [
        Transmit { id: TransmitId::ACCEPT, kind: TransmitKind::Accept { public: answer, fingerprint, .. } },
        Transmit {
            kind: TransmitKind::Ciphertext { bytes: from_bob, service: true, silent: false, file: None, .. },
            ..
        },
    ] = &transmits[..]
    else {
        panic!("{transmits:?}")
    };
    assert_eq!(answer.len(), 256);
    assert_eq!(Some(*fingerprint), bob.key_fingerprint());

    assert_eq!(accept(&mut alice, answer, *fingerprint, &mut rng), Handled::Applied);
    assert_eq!(alice.state(), ChatState::Ready);
    let of_alice = outputs(&mut alice);
    assert!(matches!(&of_alice[..], [Output::Event(Event::Ready { .. }), Output::Persist(_), Output::Transmit(_)]));
    let (_, transmits) = sorted(of_alice);
    let TransmitKind::Ciphertext { bytes: from_alice, service: true, .. } = &transmits[0].kind else { panic!() };
    assert_eq!(alice.verification().unwrap(), bob.verification().unwrap());
    assert_eq!(alice.key_fingerprint(), bob.key_fingerprint());

    for (chat, notice) in [(&mut bob, from_alice), (&mut alice, from_bob)] {
        assert_eq!(chat.peer_layer(), Layer::L73);
        assert_eq!(chat.handle(pair::ciphertext(notice), &mut env(&mut rng)), Ok(Handled::Applied));
        assert_eq!(chat.peer_layer(), Layer::L144);
        let (events, transmits) = sorted(outputs(chat));
        assert!(matches!(&events[..], [Event::PeerLayer { layer: Layer::L144, .. }]), "{events:?}");
        assert!(transmits.is_empty(), "a notice is not answered");
    }
}

#[test]
fn the_first_messages_on_the_wire_and_the_verification() {
    // As the responder: in_seq_no 1, out_seq_no 0.
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    bob.retransmit(&mut env(&mut forger.rng));
    let sealed = pair::sealed(&mut bob);
    let layer = forger.read(&sealed);
    assert_eq!((layer.layer, layer.in_seq_no, layer.out_seq_no), (73, 1, 0));
    assert!(layer.random_bytes.as_slice().len() >= 15);
    let DecryptedMessage::Service17(service) = layer.message else { panic!("{:?}", layer.message) };
    assert!(matches!(service.action, DecryptedMessageAction::NotifyLayer(notice) if notice.layer == 144));
    assert_eq!(bob.verification().unwrap().to_bytes(), verification(&forger.chat_key));
    assert_eq!(bob.key_fingerprint().unwrap(), key_fingerprint(&forger.chat_key));

    // As the initiator: 0, 1.
    let (mut alice, _, mut forger) = asked_forger(config(PeerPolicy::Default));
    let (public, fingerprint) = accepted(&forger);
    assert_eq!(accept(&mut alice, &public, fingerprint, &mut Seeded::new(1)), Handled::Applied);
    let sealed = pair::sealed(&mut alice);
    let layer = forger.read(&sealed);
    assert_eq!((layer.layer, layer.in_seq_no, layer.out_seq_no), (73, 0, 1));
    let DecryptedMessage::Service17(service) = layer.message else { panic!("{:?}", layer.message) };
    assert!(matches!(service.action, DecryptedMessageAction::NotifyLayer(notice) if notice.layer == 144));
    assert_eq!(alice.verification().unwrap().to_bytes(), verification(&forger.chat_key));
}

#[test]
fn br_03_a_bad_answer_ends_the_chat_and_is_told() {
    let (_, _, forger) = asked_forger(config(PeerPolicy::Default));
    let (public, fingerprint) = accepted(&forger);
    let flipped = |bit: usize| {
        let mut bytes = fingerprint.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        KeyFingerprint::from_bytes(bytes)
    };
    let (_, own, _) = request(&mut Seeded::new(11), config(PeerPolicy::Default));
    let mut p_minus_1 = group().prime();
    p_minus_1[255] -= 1;
    let mut answers = vec![
        (vec![], fingerprint),
        (vec![0; 256], fingerprint),
        (vec![0xff; 256], fingerprint),
        (vec![1], fingerprint),
        (p_minus_1.to_vec(), fingerprint),
        (group().prime().to_vec(), fingerprint),
        ([&[1][..], &public].concat(), fingerprint),
        ([&[0, 0][..], &public].concat(), fingerprint),
        (own, fingerprint),
        (public.clone(), KeyFingerprint::from_bytes([0; 8])),
    ];
    answers.extend([0, 7, 31, 32, 63].map(|bit| (public.clone(), flipped(bit))));
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for (public, fingerprint) in &answers {
            let (mut alice, mut store, _) = asked_forger(config(policy));
            assert_eq!(accept(&mut alice, public, *fingerprint, &mut Seeded::new(1)), Handled::ChatClosed);
            let (told, transmits) = sorted(keep(&mut alice, &mut store));
            assert!(matches!(
                &told[..],
                [Event::Closed {
                    reason: CloseReason::BadAnswer,
                    history: History::Keep,
                    missing: None,
                    set_back: false,
                    ..
                }]
            ));
            assert!(matches!(transmits[0].kind, TransmitKind::Discard { history: History::Keep, proof: None, .. }));
            assert_eq!(transmits.len(), 1);
            let kept = records(&alice, &store);
            assert!(matches!(&kept.rows[..], [(RecordName::Tombstone, _)]), "no key is left");
            // The Discard is a duty until the server has it, over restarts too.
            let mut again = restarted(&alice, &store);
            again.retransmit(&mut env(&mut Seeded::new(1)));
            assert_eq!(sorted(outputs(&mut again)).1, transmits);
            let carried = Input::carried(TransmitId::DISCARD, None);
            assert_eq!(again.handle(carried, &mut env(&mut Seeded::new(1))), Ok(Handled::Applied));
            keep(&mut again, &mut store);
            assert_eq!(store.chats().unwrap(), []);
        }
    }
}

#[test]
fn br_02_leading_zeros_of_an_answer_do_not_matter() {
    let (mut alice, _, forger) = asked_forger(config(PeerPolicy::Default));
    let (public, fingerprint) = accepted(&forger);
    assert_eq!(accept(&mut alice, &[&[0][..], &public].concat(), fingerprint, &mut Seeded::new(1)), Handled::Applied);
    assert_eq!(alice.verification().unwrap().to_bytes(), verification(&forger.chat_key));
}

#[test]
fn br_03_a_bad_request_gives_no_invitation() {
    for public in [&[][..], &[0; 256], &[0xff; 256], &[2], &[0; 257], &group().prime()] {
        let error = Invitation::parse(public, config(PeerPolicy::Default)).unwrap_err();
        assert_eq!(error, PeerFault::BadPublicValue);
    }
    let invitation = Invitation::parse(&public_value(), config(PeerPolicy::Default)).unwrap();
    let no = invitation.decline();
    assert!(is_discard(&no, History::Keep), "{no:?}");
}

#[test]
fn at_31_an_answer_that_comes_again_is_ignored() {
    twin::unchanged(|twin| {
        let (mut alice, _, mut forger) = asked_forger(config(PeerPolicy::Default));
        let (public, fingerprint) = accepted(&forger);
        assert_eq!(accept(&mut alice, &public, fingerprint, &mut Seeded::new(1)), Handled::Applied);
        outputs(&mut alice);
        let again =
            [(&public[..], fingerprint), (&public[..], KeyFingerprint::from_bytes([0; 8])), (&[][..], fingerprint)];
        twin.idle(&mut alice, |alice, env| {
            for (public, fingerprint) in again {
                assert_eq!(alice.handle(Input::accepted(public, fingerprint), env), Ok(Handled::Ignored));
            }
        });
        assert_eq!(forger.give_next(&mut alice, &text(1, "hello")), Handled::Applied);
        twin.compare(&mut alice);

        // A responder is not asked for an answer at all.
        let (forger, mut bob) = telegram::meet(PeerPolicy::Default);
        let input = Input::accepted(&public, forger.fingerprint);
        twin.idle(&mut bob, |bob, env| assert_eq!(bob.handle(input, env), Ok(Handled::Ignored)));
        twin.compare(&mut bob);
    });
}

#[test]
fn a_request_that_is_asked_for_again_is_the_same() {
    let (mut alice, public, store) = requested(&mut Seeded::new(5));
    for chat in [&mut restarted(&alice, &store), &mut alice] {
        for _ in 0..2 {
            chat.retransmit(&mut env(&mut Seeded::new(1)));
            let (_, transmits) = sorted(outputs(chat));
            assert!(matches!(&transmits[..], [Transmit { kind: TransmitKind::Request { public: again, .. }, .. }]
                    if *again == public));
        }
    }
    // And so is an acceptance, until the initiator shows itself.
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
    bob.retransmit(&mut env(&mut forger.rng));
    let first = sorted(outputs(&mut bob)).1;
    bob.retransmit(&mut env(&mut forger.rng));
    assert_eq!(sorted(outputs(&mut bob)).1, first);
    assert!(matches!(&first[..], [Transmit { kind: TransmitKind::Accept { .. }, .. }, _]));
    assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
    outputs(&mut bob);
    bob.retransmit(&mut env(&mut forger.rng));
    assert_eq!(sorted(outputs(&mut bob)).1, first[1..]);
}

// SPEC CLOSE-4, OUT-3.
#[test]
fn another_device_accepted() {
    for received in [0, 1] {
        let (mut forger, mut bob) = telegram::meet(PeerPolicy::Default);
        for _ in 0..received {
            assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
        }
        outputs(&mut bob);
        assert_eq!(bob.handle(Input::AcceptedElsewhere, &mut env(&mut forger.rng)), Ok(Handled::ChatClosed));
        assert_ended(&mut bob, CloseReason::AcceptedElsewhere, History::Keep, false);
    }
    // Only who accepts can lose that race.
    twin::unchanged(|twin| {
        let (mut alice, _, forger) = asked_forger(config(PeerPolicy::Default));
        let loses = |alice: &mut Chat, env: &mut Env<'_>| {
            assert_eq!(alice.handle(Input::AcceptedElsewhere, env), Ok(Handled::Ignored));
        };
        twin.idle(&mut alice, loses);
        let (public, fingerprint) = accepted(&forger);
        assert_eq!(accept(&mut alice, &public, fingerprint, &mut Seeded::new(1)), Handled::Applied);
        twin.take(&mut alice);
        twin.idle(&mut alice, loses);
        assert_eq!(alice.state(), ChatState::Ready);
        twin.compare(&mut alice);
    });
}

// SPEC CLOSE-2, OUT-3.
#[test]
fn at_60_the_server_may_end_the_chat_in_every_phase() {
    for history in [History::Keep, History::Delete] {
        for proof in [None, Some(DiscardProof { sent: 0, mac: [9; 32] })] {
            let (alice, _, forger) = asked_forger(config(PeerPolicy::Default));
            let mut ready = asked_forger(config(PeerPolicy::Default)).0;
            let (public, fingerprint) = accepted(&forger);
            accept(&mut ready, &public, fingerprint, &mut Seeded::new(1));
            outputs(&mut ready);
            let (_, accepting) = telegram::meet(PeerPolicy::Strict);
            let (mut forger, mut talking) = telegram::meet(PeerPolicy::Default);
            forger.give_next(&mut talking, &notice(144));
            forger.give(&mut talking, forger.around_slot(2), &text(1, "early"));
            outputs(&mut talking);
            for mut chat in [alice, ready, accepting, talking] {
                let input = Input::discarded(history, proof);
                assert_eq!(chat.handle(input, &mut env(&mut Seeded::new(1))), Ok(Handled::ChatClosed));
                assert_ended(&mut chat, CloseReason::ByServerOrPeer, history, false);
            }
        }
    }
}

#[test]
fn closing_is_told_without_a_proof_until_it_is_carried() {
    for history in [History::Keep, History::Delete] {
        let (mut alice, public, store) = requested(&mut Seeded::new(5));
        let mut rng = Seeded::new(6);
        let invitation = Invitation::parse(&public, config(PeerPolicy::Default)).unwrap();
        let mut bob = invitation.accept(&mut env(&mut rng)).unwrap();
        let mut stores = [store, MemoryStore::default()];
        keep(&mut bob, &mut stores[1]);
        for (chat, store) in [&mut alice, &mut bob].into_iter().zip(&mut stores) {
            chat.close(history, &mut env(&mut rng));
            let (_, told) = sorted(keep(chat, store));
            let [discard] = <[Transmit; 1]>::try_from(told).unwrap();
            assert!(is_discard(&discard, history), "{discard:?}");
            assert!(chat.awaits_transport());
            let mut chat = restarted(chat, store);
            assert_eq!(chat.state(), ChatState::Closed(CloseReason::ByUs));
            chat.retransmit(&mut env(&mut rng));
            assert_eq!(sorted(outputs(&mut chat)).1, [discard]);
            let carried = || Input::carried(TransmitId::DISCARD, None);
            assert_eq!(chat.handle(carried(), &mut env(&mut rng)), Ok(Handled::Applied));
            keep(&mut chat, store);
            assert!(!chat.awaits_transport());
            assert_eq!(chat.handle(carried(), &mut env(&mut rng)), Ok(Handled::Ignored));
            assert_eq!(store.chats().unwrap(), [], "nothing is left");
        }
    }
}

#[test]
fn br_06_what_overtakes_the_answer_waits_for_it() {
    let (mut alice, mut store, mut forger) = asked_forger(config(PeerPolicy::Default));
    let mut rng = Seeded::new(3);
    let early = [
        forger.say_next(&notice(144)),
        forger.say_next(&text(1, "one")),
        forger.say_next(&text(2, "two")),
        forger.say_next(&text(3, "three")),
    ];
    let mut forged = early[1].clone();
    *forged.last_mut().unwrap() ^= 1;
    let mut foreign = early[2].clone();
    foreign[0] ^= 1;
    // Not in the order in which they were sent, and with others among them.
    for sealed in [&early[2], &forged, &early[0], &foreign, &vec![], &early[3], &early[1]] {
        assert_eq!(alice.handle(pair::ciphertext(sealed), &mut env(&mut rng)), Ok(Handled::Waiting));
        let (events, transmits) = sorted(keep(&mut alice, &mut store));
        assert!(events.is_empty() && transmits.is_empty());
    }
    assert_eq!(alice.handle(pair::ciphertext(&early[2]), &mut env(&mut rng)), Ok(Handled::Duplicate));
    assert_eq!(alice.state(), ChatState::Requested);
    assert_eq!(alice.counters().received, 0);

    let restarted = restarted(&alice, &store);
    for (mut alice, mut store) in [(alice, store.clone()), (restarted, store)] {
        let (public, fingerprint) = accepted(&forger);
        assert_eq!(accept(&mut alice, &public, fingerprint, &mut rng), Handled::Applied);
        let (events, transmits) = sorted(keep(&mut alice, &mut store));
        let told: Vec<String> = events
            .iter()
            .map(|event| match event {
                Event::Ready { .. } => "ready".into(),
                Event::PeerLayer { layer, .. } => format!("layer {}", layer.0),
                Event::Message(message) => message.content.text.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, ["ready", "layer 144", "one", "two", "three"]);
        assert_eq!(alice.counters().received, 4);
        // The notice goes before anything that those messages cause.
        let TransmitKind::Ciphertext { bytes, .. } = &transmits[0].kind else { panic!("{transmits:?}") };
        let header = forger.read(bytes);
        assert_eq!((header.layer, header.in_seq_no, header.out_seq_no), (73, 0, 1));
        let kept = records(&alice, &store);
        let waits = |name: &RecordName| matches!(name, RecordName::Waiting(_) | RecordName::Unopened(_));
        assert!(!kept.rows.iter().any(|(name, _)| waits(name)), "nothing waits, and nothing is kept that did");
        // They are old now, and the chat goes on.
        for sealed in &early {
            assert_eq!(alice.handle(pair::ciphertext(sealed), &mut env(&mut rng)), Ok(Handled::Duplicate));
        }
        forger.sent = 4;
        let next = forger.say_next(&text(9, "next"));
        assert_eq!(alice.handle(pair::ciphertext(&next), &mut env(&mut rng)), Ok(Handled::Applied));
        restore(&records(&alice, &store), None).unwrap();
    }
}

#[test]
fn what_waits_for_the_answer_is_bounded() {
    let mut limits = Limits::default();
    (limits.waiting_messages, limits.waiting_bytes) = (3, 2_000);
    twin::unchanged(|twin| {
        let (mut alice, _, mut forger) =
            asked_forger(config(PeerPolicy::Default).map(|config| config.with_limits(limits)));
        let mut rng = Seeded::new(3);
        let gives = |alice: &mut Chat, bytes: &[u8], env: &mut Env<'_>| alice.handle(pair::ciphertext(bytes), env);
        twin.idle(&mut alice, |alice, env| {
            assert_eq!(gives(alice, &[1; 2_001], env), Ok(Handled::NoRoom), "the bytes");
            assert_eq!(gives(alice, &vec![1; 1 << 25], env), Ok(Handled::Ignored), "no message is so long");
        });
        let good = forger.say_next(&text(1, "one"));
        for kept in [&good[..], &[1; 100], &[2; 100]] {
            assert_eq!(gives(&mut alice, kept, &mut env(&mut rng)), Ok(Handled::Waiting));
        }
        twin.take(&mut alice);
        twin.idle(&mut alice, |alice, env| {
            for n in 3..100 {
                assert_eq!(gives(alice, &[n; 100], env), Ok(Handled::NoRoom), "the count");
            }
        });
        let (public, fingerprint) = accepted(&forger);
        assert_eq!(accept(&mut alice, &public, fingerprint, &mut rng), Handled::Applied);
        assert_eq!(pair::texts(&mut alice), ["one"]);
        twin.compare(&mut alice);
    });
}

// SPEC ENV-1: no message is longer.
#[test]
fn the_longest_message_waits_for_the_answer() {
    for (len, expected) in [(MAX_SEALED_LEN, Handled::Waiting), (MAX_SEALED_LEN + 1, Handled::Ignored)] {
        let (mut alice, ..) = asked_forger(config(PeerPolicy::Default));
        let handled = alice.handle(pair::ciphertext(&vec![1; len]), &mut env(&mut Seeded::new(3)));
        assert_eq!(handled, Ok(expected), "{len}");
    }
}

#[test]
fn an_early_message_with_its_date_and_file_keeps_them() {
    let (mut alice, store, mut forger) = asked_forger(config(PeerPolicy::Default));
    let mut store = store;
    let file = secretchat::IncomingFile::new(b"there").with_size(32).with_fingerprint(7);
    let date = Timestamp::from_millis(pair::NOW - 5_000);
    let sealed = forger.say_next(&text(1, "with a file"));
    let input = Input::ciphertext(&sealed, Some(file.clone()), Some(date));
    assert_eq!(alice.handle(input, &mut env(&mut Seeded::new(1))), Ok(Handled::Waiting));
    keep(&mut alice, &mut store);
    let mut alice = restarted(&alice, &store);
    let (public, fingerprint) = accepted(&forger);
    assert_eq!(accept(&mut alice, &public, fingerprint, &mut Seeded::new(1)), Handled::Applied);
    let (events, _) = sorted(outputs(&mut alice));
    let [Event::Ready { .. }, Event::Message(message)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((message.date, message.file.as_ref()), (date, Some(&file)));
}

#[test]
fn an_early_message_may_end_the_chat() {
    let (mut alice, mut store, mut forger) = asked_forger(config(PeerPolicy::Default));
    let mut around = forger.around();
    around.in_seq_no = 0;
    let bad = forger.say(around, &text(1, "wrong parity"));
    let mut rng = Seeded::new(1);
    assert_eq!(alice.handle(pair::ciphertext(&bad), &mut env(&mut rng)), Ok(Handled::Waiting));
    let (public, fingerprint) = accepted(&forger);
    assert_eq!(accept(&mut alice, &public, fingerprint, &mut rng), Handled::ChatClosed);
    assert!(matches!(alice.state(), ChatState::Closed(CloseReason::Violation(_))));
    let (_, transmits) = sorted(keep(&mut alice, &mut store));
    assert!(matches!(transmits.last().unwrap().kind, TransmitKind::Discard { proof: None, .. }));
    assert!(matches!(&records(&alice, &store).rows[..], [(RecordName::Tombstone, _)]));
}

#[test]
fn br_06_nothing_is_sent_before_the_key() {
    twin::unchanged(|twin| {
        let (mut alice, _, forger) = asked_forger(config(PeerPolicy::Default));
        let id = [secretchat::RandomId(1)];
        twin.bad(&mut alice, |alice, env| {
            assert_eq!(alice.send(&Draft::text("x"), env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.send_album(&[], env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.mark_read(&id, env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.delete(&id, env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.flush_history(env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.report_screenshot(&[], env), Err(Unavailable::NotReady.into()));
            assert_eq!(alice.typing(TypingAction::Typing, env), Err(Unavailable::NotReady.into()));
        });
        twin.idle(&mut alice, |alice, env| assert_eq!(alice.acknowledge(env), Ok(()), "nothing to acknowledge"));
        let (public, fingerprint) = accepted(&forger);
        assert_eq!(accept(&mut alice, &public, fingerprint, &mut Seeded::new(1)), Handled::Applied);
        assert_eq!(alice.counters().sent, 1);
        twin.compare(&mut alice);
    });
}

#[test]
fn br_06_every_phase_survives_a_restart() {
    let mut rng = Seeded::new(5);
    let (alice, public, mut of_alice) = requested(&mut rng);
    let mut alice = restarted(&alice, &of_alice);
    let mut of_bob = MemoryStore::default();
    let invitation = Invitation::parse(&public, config(PeerPolicy::Tolerant)).unwrap();
    let mut bob = invitation.accept(&mut env(&mut rng)).unwrap();
    keep(&mut bob, &mut of_bob);
    let mut bob = restarted(&bob, &of_bob);
    assert_eq!(bob.state(), ChatState::Ready);
    bob.retransmit(&mut env(&mut rng));
    let (_, transmits) = sorted(outputs(&mut bob));
    let TransmitKind::Accept { public, fingerprint, .. } = &transmits[0].kind else { panic!() };
    assert_eq!(accept(&mut alice, public, *fingerprint, &mut rng), Handled::Applied);
    keep(&mut alice, &mut of_alice);
    let mut alice = restarted(&alice, &of_alice);

    for round in 0..3 {
        alice.send(&Draft::text(format!("alice {round}")), &mut env(&mut rng)).unwrap();
        bob.send(&Draft::text(format!("bob {round}")), &mut env(&mut rng)).unwrap();
        keep(&mut alice, &mut of_alice);
        keep(&mut bob, &mut of_bob);
        (alice, bob) = (restarted(&alice, &of_alice), restarted(&bob, &of_bob));
        assert_eq!(carry(&mut alice, &mut bob, &mut of_bob, &mut rng), [format!("alice {round}")]);
        assert_eq!(carry(&mut bob, &mut alice, &mut of_alice, &mut rng), [format!("bob {round}")]);
        (alice, bob) = (restarted(&alice, &of_alice), restarted(&bob, &of_bob));
    }
    alice.close(History::Keep, &mut env(&mut rng));
    keep(&mut alice, &mut of_alice);
    assert_eq!(restarted(&alice, &of_alice).state(), ChatState::Closed(CloseReason::ByUs));
    let discarded = Input::discarded(History::Keep, None);
    assert_eq!(bob.handle(discarded, &mut env(&mut rng)), Ok(Handled::ChatClosed));
    keep(&mut bob, &mut of_bob);
    assert_eq!(restarted(&bob, &of_bob).state(), ChatState::Closed(CloseReason::ByServerOrPeer));
}

/// Everything that `from` still has for `to`; the texts that arrive.
fn carry(from: &mut Chat, to: &mut Chat, store: &mut MemoryStore, rng: &mut Seeded) -> Vec<String> {
    from.retransmit(&mut env(rng));
    for sealed in pair::all_sealed(from) {
        to.handle(pair::ciphertext(&sealed), &mut env(rng)).unwrap();
    }
    let (events, _) = sorted(keep(to, store));
    events
        .into_iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(message.content.text),
            _ => None,
        })
        .collect()
}

/// A chat in each phase, with its records.
fn phases() -> Vec<(&'static str, Chat, MemoryStore)> {
    let (asked, _, of_asked) = requested(&mut Seeded::new(5));
    let (mut early, mut of_early, mut forger) = asked_forger(config(PeerPolicy::Tolerant));
    let sealed = forger.say_next(&text(1, "early"));
    early.handle(pair::ciphertext(&sealed), &mut env(&mut Seeded::new(1))).unwrap();
    keep(&mut early, &mut of_early);
    let (mut confirmed, mut of_confirmed, forger) = asked_forger(config(PeerPolicy::Default));
    let (public, fingerprint) = accepted(&forger);
    accept(&mut confirmed, &public, fingerprint, &mut Seeded::new(1));
    keep(&mut confirmed, &mut of_confirmed);
    let (_, accepting, batches) = telegram::meet_as(config(PeerPolicy::Strict));
    let mut of_accepting = MemoryStore::default();
    batches.iter().for_each(|batch| of_accepting.apply(batch).unwrap());
    let (mut closed, _, mut of_closed) = requested(&mut Seeded::new(5));
    closed.close(History::Delete, &mut env(&mut Seeded::new(1)));
    keep(&mut closed, &mut of_closed);
    vec![
        ("asked", asked, of_asked),
        ("early", early, of_early),
        ("confirmed", confirmed, of_confirmed),
        ("accepting", accepting, of_accepting),
        ("closed", closed, of_closed),
    ]
}

#[test]
fn damaged_records_are_refused() {
    for (phase, chat, store) in phases() {
        let whole = records(&chat, &store);
        restore(&whole, None).unwrap();
        for row in 0..whole.rows.len() {
            for byte in 0..whole.rows[row].1.len() {
                let mut damaged = whole.clone();
                damaged.rows[row].1[byte] ^= 0x10;
                let error = restore(&damaged, None).unwrap_err();
                assert!(matches!(error, StoreError::Damaged | StoreError::NewerVersion), "{phase} {row} {byte}");
            }
            for length in 0..whole.rows[row].1.len() {
                let mut damaged = whole.clone();
                damaged.rows[row].1.truncate(length);
                assert_eq!(restore(&damaged, None).unwrap_err(), StoreError::Damaged, "{phase} {row} {length}");
            }
            let mut missing = whole.clone();
            missing.rows.remove(row);
            let error = restore(&missing, None).unwrap_err();
            assert!(matches!(error, StoreError::Missing | StoreError::Mismatch), "{phase} {row}: {error:?}");
        }
        let later = chat.checkpoint().map(|newest| Checkpoint { generation: newest.generation + 1, ..newest });
        assert_eq!(restore(&whole, later).unwrap_err(), StoreError::RolledBack, "{phase}");
        let other_key = Chat::restore(&whole, &StoreKey::new([8; 32]), None, &mut env(&mut Seeded::new(0)));
        assert_eq!(other_key.unwrap_err(), StoreError::Damaged, "{phase}");
    }
}

#[test]
fn records_hold_no_key_and_no_exponent_in_the_clear() {
    let (alice, mut store, forger) = asked_forger(config(PeerPolicy::Default));
    let mut alice = alice;
    let holds = |records: &Records, secret: &[u8]| {
        records.rows.iter().any(|(_, sealed)| sealed.windows(16).any(|window| window == &secret[..16]))
    };
    assert!(!holds(&records(&alice, &store), &public_value()));
    let (public, fingerprint) = accepted(&forger);
    accept(&mut alice, &public, fingerprint, &mut Seeded::new(1));
    keep(&mut alice, &mut store);
    assert!(!holds(&records(&alice, &store), forger.chat_key.expose()));
}

fn another_prime(what: &str) -> Vec<u8> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../test-vectors/modp.json")).unwrap();
    let found = file["cases"].as_array().unwrap().iter().find(|case| case["comment"] == what).unwrap();
    hex::decode(found["p"].as_str().unwrap()).unwrap()
}

#[test]
fn another_group_than_the_published_one_is_kept_with_the_chat() {
    let p = another_prime("ffdhe2048");
    let mut rng = Seeded::new(5);
    let refused = DhGroup::check(2, &p, PrimePolicy::PublishedOnly, &mut rng);
    assert_eq!(refused.unwrap_err(), DhGroupError::PrimeUnknown);
    let group = DhGroup::check(2, &p, PrimePolicy::AllowSafePrime, &mut rng).unwrap();
    let config = || Config::telegram(group.clone(), PeerPolicy::Default).with_store(StoreKey::new(STORE_KEY));

    let (alice, public, mut of_alice) = request(&mut rng, config());
    let mut alice = restarted(&alice, &of_alice);
    let mut of_bob = MemoryStore::default();
    let mut bob = Invitation::parse(&public, config()).unwrap().accept(&mut env(&mut rng)).unwrap();
    let (_, transmits) = sorted(keep(&mut bob, &mut of_bob));
    let TransmitKind::Accept { public, fingerprint, .. } = &transmits[0].kind else { panic!() };
    let mut bob = restarted(&bob, &of_bob);
    assert_eq!(accept(&mut alice, public, *fingerprint, &mut rng), Handled::Applied);
    keep(&mut alice, &mut of_alice);
    let mut alice = restarted(&alice, &of_alice);
    assert_eq!(alice.verification(), bob.verification());
    assert!(alice.verification().is_some());
    alice.send(&Draft::text("in another group"), &mut env(&mut rng)).unwrap();
    keep(&mut alice, &mut of_alice);
    assert_eq!(carry(&mut alice, &mut bob, &mut of_bob, &mut rng), ["in another group"]);
}

#[test]
fn the_published_example_gives_its_key_in_a_chat() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../test-vectors/modp.json")).unwrap();
    let agreements = file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "agreement");
    for case in agreements.filter(|case| case["g"] == 3).take(8) {
        let bytes = |name: &str| hex::decode(case[name].as_str().unwrap()).unwrap();
        let exponent = |name: &str| -> [u8; 256] { bytes(name).try_into().unwrap() };
        let mut draws = Scripted::new([bytes("a")]);
        let mut alice = Chat::request(config(PeerPolicy::Default), &mut env(&mut draws)).unwrap();
        assert!(draws.left().is_empty(), "one draw of 256 bytes");
        let (_, transmits) = sorted(outputs(&mut alice));
        assert!(matches!(&transmits[0].kind, TransmitKind::Request { public, .. } if *public == bytes("g_a")));

        let pair = KeyPair::resume(&group(), Secret::new(exponent("b"))).unwrap();
        let key = pair.shared_key(&group(), &bytes("g_a")).unwrap();
        let fingerprint = KeyFingerprint::from_bytes(bytes("fingerprint").try_into().unwrap());
        // The answer as another program writes a number: without its leading zeros.
        let g_b = bytes("g_b");
        let zeros = g_b.iter().take_while(|byte| **byte == 0).count();
        assert_eq!(accept(&mut alice, &g_b[zeros..], fingerprint, &mut Seeded::new(1)), Handled::Applied);
        assert_eq!(alice.key_fingerprint(), Some(fingerprint));
        assert_eq!(alice.verification().unwrap().to_bytes(), verification(&key));

        let mut draws = Scripted::new([bytes("b")]);
        let invitation = Invitation::parse(&bytes("g_a"), config(PeerPolicy::Default)).unwrap();
        let bob = invitation.accept(&mut env(&mut draws)).unwrap();
        assert_eq!(bob.key_fingerprint(), Some(fingerprint));
        assert_eq!(bob.verification(), alice.verification());
    }
}

#[test]
fn what_overtook_the_answer_survives_a_crash_at_any_batch() {
    let (alice, store, mut forger) = asked_forger(config(PeerPolicy::Default));
    let early = [forger.say_next(&notice(144)), forger.say_next(&text(1, "one")), forger.say_next(&text(2, "two"))];
    let (public, fingerprint) = accepted(&forger);
    // The process dies when so many batches of the answer are written.
    for written in 0..=4 {
        let mut rng = Seeded::new(3);
        let (mut alice, mut store) = (restarted(&alice, &store), store.clone());
        for sealed in &early {
            assert_eq!(alice.handle(pair::ciphertext(sealed), &mut env(&mut rng)), Ok(Handled::Waiting));
        }
        keep(&mut alice, &mut store);
        accept(&mut alice, &public, fingerprint, &mut rng);
        let mut texts = vec![];
        let mut batches = 0;
        for output in outputs(&mut alice) {
            match output {
                Output::Persist(_) if batches == written => break,
                Output::Persist(batch) => {
                    batches += 1;
                    store.apply(&batch).unwrap();
                }
                Output::Event(Event::Message(message)) => texts.push(message.content.text),
                _ => {}
            }
        }
        // The server has its receipts: what it brought comes from the records or not at all.
        let mut again = restore(&records(&alice, &store), None).unwrap();
        accept(&mut again, &public, fingerprint, &mut rng);
        // An event may come again with its id.
        let more: Vec<_> = pair::texts(&mut again).into_iter().filter(|text| !texts.contains(text)).collect();
        texts.extend(more);
        assert_eq!(texts, ["one", "two"], "{written}");
    }
}

/// Bob's records from before he sent a text that the forger has seen.
fn rolled_back(policy: PeerPolicy) -> (Forger, Chat, Records) {
    let (mut forger, mut bob, batches) = telegram::meet_as(config(policy));
    let mut store = MemoryStore::default();
    batches.iter().for_each(|batch| store.apply(batch).unwrap());
    let older = records(&bob, &store);
    forger.lets_send(&mut bob, "seen by the peer");
    forger.received = 2;
    (forger, bob, older)
}

#[test]
fn br_19_older_records_are_noticed() {
    for policy in [PeerPolicy::Default, PeerPolicy::Strict] {
        let (mut forger, bob, older) = rolled_back(policy);
        assert_eq!(restore(&older, bob.checkpoint()).unwrap_err(), StoreError::RolledBack);
        let mut bob = restore(&older, None).unwrap();
        assert_eq!(forger.give_next(&mut bob, &text(1, "ahead")), Handled::ChatClosed, "{policy:?}");
        assert_eq!(bob.state(), ChatState::Closed(CloseReason::RolledBack));
    }
}

#[test]
fn br_19_older_records_are_noticed_by_a_tolerant_chat() {
    let (mut forger, _, older) = rolled_back(PeerPolicy::Tolerant);
    let mut bob = restore(&older, None).unwrap();
    assert_eq!(forger.give_next(&mut bob, &text(1, "ahead")), Handled::ChatClosed);
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::RolledBack));
}

#[test]
fn a_request_to_resend_that_waits_is_not_answered_again_after_a_restart() {
    let (mut forger, mut bob, batches) = telegram::meet_as(config(PeerPolicy::Default));
    let mut store = MemoryStore::default();
    batches.iter().for_each(|batch| store.apply(batch).unwrap());
    let asks = secretchat::hazmat::wire::ActionResend { start_seq_no: 0, end_seq_no: 100 };
    let resend = service(DecryptedMessageAction::Resend(asks));
    let around = forger.around_slot(1);
    assert_eq!(forger.give(&mut bob, around, &resend), Handled::Waiting);
    let said = sorted(keep(&mut bob, &mut store)).1;
    assert_eq!(said.len(), 2, "the answer and the own request: {said:?}");
    let mut bob = restarted(&bob, &store);
    let around = forger.around_slot(0);
    assert_eq!(forger.give(&mut bob, around, &text(1, "first")), Handled::Applied);
    let (events, said) = sorted(outputs(&mut bob));
    assert!(matches!(&events[..], [Event::Message(_)]), "{events:?}");
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(bob.counters().received, 2);
}

// SPEC CLOSE-3, REC-8.
#[test]
fn no_suspicion_is_told_after_the_end_and_the_discard_is_kept_until_it_is_carried() {
    let mut rng = Seeded::new(5);
    let (mut alice, mut store, forger) = asked_forger(config(PeerPolicy::Default));
    let (public, fingerprint) = accepted(&forger);
    accept(&mut alice, &public, fingerprint, &mut rng);
    keep(&mut alice, &mut store);
    let mut alice = restore(&records(&alice, &store), None).unwrap();
    for first in 1..=3 {
        let foreign = alice.handle(pair::ciphertext(&[first; 24 + 64]), &mut env(&mut rng));
        assert_eq!(foreign, Err(PeerFault::UnknownKey));
    }
    alice.close(History::Keep, &mut env(&mut rng));
    keep(&mut alice, &mut store);
    let mut is_at_rest = |alice: &mut Chat| {
        assert_eq!(alice.poll_timeout(), None);
        alice.handle_timeout(&mut env(&mut rng));
        assert!(alice.poll_output().is_none());
    };
    is_at_rest(&mut alice);
    assert!(restarted(&alice, &store).awaits_transport(), "the server has not been told yet");

    let mut rng = Seeded::new(6);
    alice.handle(Input::carried(TransmitId::DISCARD, None), &mut env(&mut rng)).unwrap();
    keep(&mut alice, &mut store);
    assert_eq!(store.load(alice.id().unwrap()).unwrap(), None, "nothing is left to tell");
    is_at_rest(&mut alice);
}
