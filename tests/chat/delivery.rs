//! What becomes of a slot between its making and the peer's proof: replaced, asked for again, sent again
//! (SPEC SEQ-7 to SEQ-9, LAY-2, REKEY-4, OUT-4).

use std::collections::BTreeMap;

use secretchat::hazmat::wire::{ActionDeleteMessages, ActionResend, DecryptedMessageAction, Vector};
use secretchat::{
    Chat, ChatState, CloseReason, Draft, Env, Event, Handled, Input, Layer, Limits, Output, PeerPolicy, RandomId,
    RecordName, RekeyPolicy, RekeyState, SeqNo, Timestamp, TransmitId, TransmitKind, Ttl, Violation,
};

use crate::support::forger::{Around, notice, service, text};
use crate::support::pair::{self, outputs};
use crate::support::rekeyer::{self, DEFAULT, EACH_PROFILE, EVERY, Rekeyer, Rules};
use crate::support::rng;
use crate::support::telegram::{self};

fn resend(first: u32, last: u32) -> Vec<u8> {
    let wire = |slot: u32| 2 * slot.cast_signed();
    let action = ActionResend { start_seq_no: wire(first), end_seq_no: wire(last) };
    service(DecryptedMessageAction::Resend(action))
}

fn deletes(id: i64) -> Vec<u8> {
    let ids = [id];
    service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids: Vector::new(&ids).unwrap() }))
}

fn sends(chat: &mut Chat, words: &str, env: &mut Env<'_>) -> RandomId {
    chat.send(&Draft::text(words), env).unwrap()
}

/// What leaves, by slot and in its order.
fn leaving(outputs: &[Output]) -> Vec<(u32, Vec<u8>)> {
    let sealed = outputs.iter().filter_map(|output| match output {
        Output::Transmit(transmit) => match &transmit.kind {
            TransmitKind::Ciphertext { bytes, .. } => Some((transmit.id.slot().unwrap().get(), bytes.clone())),
            _ => None,
        },
        _ => None,
    });
    sealed.collect()
}

fn carried(chat: &mut Chat, slot: u32, env: &mut Env<'_>) -> Handled {
    let id = TransmitId(16 + u64::from(slot));
    chat.handle(Input::carried(id, None), env).unwrap()
}

fn told_sent(outputs: &[Output]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::Event(Event::Sent { .. }))).count()
}

const STRICT: Rules = Rules::Telegram(PeerPolicy::Strict);

/// How a message that has not been taken over loses its content.
#[derive(Clone, Copy, Debug)]
enum Loses {
    OwnDelete,
    OwnFlush,
    PeersDelete,
    PeersFlush,
    Refused,
}

const EVERY_LOSS: [Loses; 5] =
    [Loses::OwnDelete, Loses::OwnFlush, Loses::PeersDelete, Loses::PeersFlush, Loses::Refused];

impl Loses {
    fn happens(
        self,
        chat: &mut Chat,
        id: RandomId,
        slot: u32,
        says: &mut dyn FnMut(&mut Chat, &[u8]),
        env: &mut Env<'_>,
    ) {
        match self {
            Self::OwnDelete => drop(chat.delete(&[id], env).unwrap()),
            Self::OwnFlush => drop(chat.flush_history(env).unwrap()),
            Self::PeersDelete => says(chat, &deletes(id.0)),
            Self::PeersFlush => says(chat, &service(DecryptedMessageAction::FlushHistory)),
            Self::Refused => {
                let id = TransmitId(16 + u64::from(slot));
                assert_eq!(chat.handle(Input::refused_for_good(id), env), Ok(Handled::Applied));
            }
        }
    }
}

/// TDLib in the order of its checks: it processes by slot, ends the chat at a lower layer, and cannot open the key before
/// once it has processed a message under the next.
#[derive(Debug, Default)]
struct TdlibLike {
    layer: i32,
    keys: Vec<[u8; 8]>,
}

impl TdlibLike {
    fn processes(&mut self, sealed: &[u8], layer: i32) {
        let fingerprint: [u8; 8] = sealed[..8].try_into().unwrap();
        match self.keys.iter().position(|key| *key == fingerprint) {
            Some(known) => assert_eq!(known + 1, self.keys.len(), "it has dropped this key"),
            None => self.keys.push(fingerprint),
        }
        assert!(layer >= self.layer, "it ends the chat: {layer} after {}", self.layer);
        self.layer = layer;
    }
}

#[test]
fn fa_01_a_replaced_slot_keeps_its_layer() {
    for loses in EVERY_LOSS {
        for announced in [false, true] {
            let config = telegram::config(PeerPolicy::Default);
            let config = if announced { config.map(|config| config.with_layer(Layer(73)).unwrap()) } else { config };
            let (mut forger, mut bob, _) = telegram::meet_as(config);
            let first = if announced { notice(144) } else { notice(73) };
            assert_eq!(forger.give_next(&mut bob, &first), Handled::Applied);
            // Bob's notice has come to the peer, nothing of what follows has.
            forger.received = 1;
            outputs(&mut bob);
            let mut other_rng = rng::Seeded::new(1);
            let mut env = pair::env(&mut other_rng);
            let j = sends(&mut bob, "j", &mut env);
            sends(&mut bob, "k", &mut env);
            outputs(&mut bob);
            if announced {
                bob.announce_layer(Layer(144), &mut env).unwrap();
            } else {
                assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
            }
            let mut says = |bob: &mut Chat, message: &[u8]| {
                assert_eq!(forger.give_next(bob, message), Handled::Applied);
            };
            loses.happens(&mut bob, j, 1, &mut says, &mut env);
            sends(&mut bob, "l", &mut env);
            outputs(&mut bob);
            bob.retransmit(&mut env);
            let mut tdlib = TdlibLike::default();
            let left = leaving(&outputs(&mut bob));
            let layers: Vec<i32> = left.iter().map(|(_, sealed)| forger.read(sealed).layer).collect();
            let from_j = left.iter().position(|(slot, _)| *slot == 1).unwrap();
            let around = (layers[from_j], layers[from_j + 1], *layers.last().unwrap());
            assert_eq!(around, (73, 73, 144), "{loses:?} {announced}");
            left.iter().zip(layers).for_each(|((_, sealed), layer)| tdlib.processes(sealed, layer));
            let empty = forger.actions(&[left[from_j].1.clone()]);
            assert_eq!(empty, [format!("DeleteMessages {:?}", [j.0])], "{loses:?}");
        }
    }
}

/// TDLib seals what it replaces at its layer of the day.
#[test]
fn fa_01_strict_lives_with_what_tdlib_replaces() {
    for policy in [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant] {
        for asked_for in [false, true] {
            let (mut forger, mut bob) = telegram::meet(policy);
            assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
            let mut order = [(1, 144, deletes(5)), (2, 73, text(2, "k"))];
            if asked_for {
                order.reverse();
            }
            for (slot, layer, message) in order {
                let around = Around { layer, ..forger.around_slot(slot) };
                let expected = if asked_for && slot == 2 { Handled::Waiting } else { Handled::Applied };
                assert_eq!(forger.give(&mut bob, around, &message), expected, "{policy:?} {asked_for}");
                outputs(&mut bob);
            }
            assert_eq!((bob.state(), bob.counters().received), (ChatState::Ready, 3), "{policy:?}");
            assert_eq!(bob.peer_layer(), Layer(144));
        }
    }
    // An ordinary message shows a layer for good.
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Strict);
    assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
    for (layer, expected) in [(144, Handled::Applied), (73, Handled::ChatClosed)] {
        let around = Around { layer, ..forger.around() };
        assert_eq!(forger.give(&mut bob, around, &text(i64::from(layer), "x")), expected);
    }
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::LayerBack)));
}

// SPEC LAY-2: what was asked for may have been sealed anew, so it shows no layer, whatever it says.
#[test]
fn fa_01_a_slot_that_was_asked_for_does_not_raise_the_layer_of_those_behind_it() {
    let (mut forger, mut bob) = telegram::meet(PeerPolicy::Strict);
    assert_eq!(forger.give_next(&mut bob, &notice(144)), Handled::Applied);
    for (slot, layer, expected) in [(2, 73, Handled::Waiting), (1, 144, Handled::Applied)] {
        let around = Around { layer, ..forger.around_slot(slot) };
        assert_eq!(forger.give(&mut bob, around, &text(i64::from(slot), "text")), expected);
    }
    assert_eq!((bob.state(), bob.counters().received), (ChatState::Ready, 3));
}

#[test]
fn fa_02_a_replaced_slot_keeps_its_key_also_when_that_is_wiped() {
    for rules in EVERY {
        for loses in EVERY_LOSS {
            for restarts in [false, true] {
                let (mut peer, mut bob) = Rekeyer::accepted(rules);
                let mut other_rng = rng::Seeded::new(1);
                let mut env = pair::env(&mut other_rng);
                peer.acknowledges = false;
                let first = bob.counters().sent;
                let j = sends(&mut bob, "j", &mut env);
                sends(&mut bob, "k", &mut env);
                assert_eq!(peer.take(&mut bob), ["0: text", "0: text"]);
                // The peer has not processed j and k when it commits, nor when it writes under the new key.
                assert_eq!(peer.commits(&mut bob), Handled::Applied);
                peer.writes(&mut bob, "under the new key").unwrap();
                peer.take(&mut bob);
                assert_eq!(peer.opening(&mut bob, [0]), [0; 0], "the old key is wiped");
                if restarts {
                    bob = peer.restart(&bob);
                }
                let mut says = |bob: &mut Chat, message: &[u8]| {
                    assert_eq!(peer.says(bob, message), Ok(Handled::Applied));
                };
                loses.happens(&mut bob, j, first, &mut says, &mut env);
                peer.take(&mut bob);
                bob.retransmit(&mut env);
                let outputs = outputs(&mut bob);
                let mut tdlib = TdlibLike::default();
                leaving(&outputs).iter().for_each(|(_, sealed)| tdlib.processes(sealed, 144));
                let said: Vec<String> = outputs.into_iter().filter_map(|output| peer.take_one(output)).collect();
                let from_j = said.iter().position(|said| said == "0: DeleteMessages").unwrap();
                let k = if matches!(loses, Loses::OwnFlush | Loses::PeersFlush) { "DeleteMessages" } else { "text" };
                assert_eq!(said[from_j + 1], format!("0: {k}"), "{rules:?} {loses:?} {said:?}");
                assert!(said[from_j + 2..].iter().all(|said| said.starts_with("1: ")), "{said:?}");
            }
        }
    }
}

// SPEC SEQ-8: a slot is emptied once, so what is empty needs nothing to replace it.
#[test]
fn what_is_empty_already_gets_no_replacement_when_its_key_is_wiped() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        peer.acknowledges = false;
        let first = bob.counters().sent;
        let j = sends(&mut bob, "j", &mut peer.env());
        sends(&mut bob, "k", &mut peer.env());
        bob.delete(&[j], &mut peer.env()).unwrap();
        peer.take(&mut bob);
        assert_eq!(peer.commits(&mut bob), Handled::Applied);
        peer.take(&mut bob);
        peer.writes(&mut bob, "under the new key").unwrap();
        let outputs = outputs(&mut bob);
        let batch = outputs.iter().find_map(|output| match output {
            Output::Persist(batch) => Some(batch),
            _ => None,
        });
        let names: Vec<RecordName> = batch.unwrap().put.iter().map(|(name, _)| *name).collect();
        let written = [first, first + 1].map(|slot| names.contains(&RecordName::Outgoing(SeqNo::new(slot).unwrap())));
        assert_eq!(written, [false, true], "{rules:?}: {names:?}");
    }
}

/// Parks requests that name what was not sent yet, lets Bob write, then gives what was missing.
fn parked(
    rules: Rules,
    parked: u32,
    written: u32,
    range: impl Fn(u32) -> (u32, u32),
) -> (Rekeyer, Chat, u32, Vec<Output>) {
    let mut limits = Limits::default();
    limits.outbox_messages = 3_000;
    let mut policy = RekeyPolicy::x25519();
    (policy.initiator_messages, policy.responder_messages, policy.limit_messages) = (10_000, 10_000, 10_000);
    let (mut peer, mut bob) =
        Rekeyer::meet_with(rules.config().map(|config| config.with_limits(limits).with_rekey(policy)), rules);
    peer.acknowledges = false;
    let first = bob.counters().sent;
    for n in 0..parked {
        let (start, end) = range(n);
        let sealed = peer.seal(peer.sent + 1 + n.cast_signed(), &resend(first + start, first + end));
        assert_eq!(peer.gives(&mut bob, &sealed), Ok(Handled::Waiting));
        peer.take(&mut bob);
    }
    for _ in 0..written {
        sends(&mut bob, "text", &mut peer.env());
        peer.take(&mut bob);
    }
    let missing = peer.seal(peer.sent, &text(1, "missing"));
    assert_eq!(peer.gives(&mut bob, &missing), Ok(Handled::Applied), "{rules:?}");
    peer.sent += 1 + parked.cast_signed();
    let outputs = outputs(&mut bob);
    (peer, bob, first, outputs)
}

#[test]
fn fa_03_requests_in_one_call_are_answered_once_together() {
    for rules in [Rules::X25519, STRICT] {
        // Bob's first message asks for what is missing.
        let (_, bob, first, outputs) = parked(rules, 300, 299, |_| (0, 299));
        let slots: Vec<u32> = leaving(&outputs).into_iter().map(|(slot, _)| slot).collect();
        assert_eq!(slots, (first..first + 300).collect::<Vec<_>>(), "{rules:?}");
        assert_eq!(bob.counters().received, 302);
        let batch = outputs.iter().find_map(|output| match output {
            Output::Persist(batch) => Some(batch),
            _ => None,
        });
        // Each answered slot once, and the state.
        assert_eq!(batch.unwrap().put.len(), 301);
    }
}

#[test]
fn fa_03_a_call_answers_a_thousand_slots_and_the_rest_is_sent_again_later() {
    for rules in [Rules::X25519, STRICT] {
        let (mut peer, mut bob, first, before) = parked(rules, 3, 2_499, |n| (1000 * n, (1000 * n + 999).min(2499)));
        let slots: Vec<u32> = leaving(&before).into_iter().map(|(slot, _)| slot).collect();
        assert_eq!(slots, (first..first + 1000).collect::<Vec<_>>());
        for slot in first..first + 2500 {
            carried(&mut bob, slot, &mut peer.env());
        }
        outputs(&mut bob);
        // Asked for in three messages of their own calls: each is answered.
        for n in 0..3 {
            let (start, end) = (first + 1000 * n, (first + 1000 * n + 999).min(first + 2499));
            assert_eq!(peer.says(&mut bob, &resend(start, end)), Ok(Handled::Applied));
            assert_eq!(leaving(&outputs(&mut bob)).len(), (end - start + 1) as usize);
        }
    }
    let (mut peer, mut bob, first, before) = parked(STRICT, 3, 2_499, |n| (1000 * n, (1000 * n + 999).min(2499)));
    assert_eq!(leaving(&before).len(), 1000);
    bob.retransmit(&mut peer.env());
    let all = leaving(&outputs(&mut bob));
    assert!(all.iter().map(|(slot, _)| *slot).filter(|slot| *slot >= first).eq(first..first + 2500));
}

#[test]
fn fa_03_what_was_answered_is_not_answered_again_before_it_was_taken_over() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        peer.acknowledges = false;
        let first = bob.counters().sent;
        for _ in 0..20 {
            sends(&mut bob, "text", &mut peer.env());
        }
        let originals = leaving(&outputs(&mut bob));
        let mut answered = vec![];
        for _ in 0..50 {
            assert_eq!(peer.says(&mut bob, &resend(first, first + 19)), Ok(Handled::Applied));
            answered.extend(leaving(&outputs(&mut bob)));
        }
        assert_eq!(answered, originals, "{rules:?}");
        assert_eq!(carried(&mut bob, first + 3, &mut peer.env()), Handled::Applied);
        outputs(&mut bob);
        assert_eq!(peer.says(&mut bob, &resend(first, first + 19)), Ok(Handled::Applied));
        assert_eq!(leaving(&outputs(&mut bob)), originals[3..4]);
    }
}

#[test]
fn fa_05_what_was_asked_for_again_is_repeated_until_it_is_taken_over_again() {
    for rules in EVERY {
        for early in [false, true] {
            let (mut peer, mut bob) = Rekeyer::meet(rules);
            peer.acknowledges = false;
            let slot = bob.counters().sent;
            sends(&mut bob, "lost on the way", &mut peer.env());
            peer.take(&mut bob);
            assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Applied);
            let said = outputs(&mut bob);
            assert_eq!(told_sent(&said), 1);
            said.into_iter().for_each(|output| drop(peer.take_one(output)));
            if early {
                let sealed = peer.seal(peer.sent + 1, &resend(slot, slot));
                assert_eq!(peer.gives(&mut bob, &sealed), Ok(Handled::Waiting));
            } else {
                assert_eq!(peer.says(&mut bob, &resend(slot, slot)), Ok(Handled::Applied));
            }
            // The process dies behind the batch: the answer never leaves.
            peer.take(&mut bob);
            let mut bob = peer.restart(&bob);
            assert!(bob.awaits_transport());
            for _ in 0..2 {
                bob.retransmit(&mut peer.env());
                let again = leaving(&outputs(&mut bob));
                assert!(again.iter().any(|(repeated, _)| *repeated == slot), "{rules:?}");
            }
            assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Applied);
            assert_eq!(told_sent(&outputs(&mut bob)), 0, "the host heard of it");
            assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Ignored);
            // The peer has it now.
            peer.received = slot.cast_signed() + 1;
            if early {
                peer.writes(&mut bob, "ok").unwrap();
            } else {
                peer.says(&mut bob, &rekeyer::noop()).unwrap();
            }
            assert_eq!(told_sent(&outputs(&mut bob)), 0);
        }
    }
}

#[test]
fn fa_41_what_expired_does_not_leave_in_answer() {
    let (mut peer, mut bob) = Rekeyer::meet(DEFAULT);
    peer.acknowledges = false;
    let slot = bob.counters().sent;
    let draft = Draft::text("for five seconds").with_ttl(Ttl::from_seconds(5).unwrap());
    for again in [false, true] {
        let slot = slot + u32::from(again);
        let id = bob.send(&draft, &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob).last().unwrap(), "0: text");
        if !again {
            assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Applied);
        }
        let now = Timestamp::from_millis(peer.now);
        if again {
            assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Applied);
        }
        let read = Input::read(now, Some(now));
        assert_eq!(bob.handle(read, &mut peer.env()), Ok(Handled::Applied));
        peer.take(&mut bob);
        peer.now += 60_000;
        if again {
            bob.retransmit(&mut peer.env());
        } else {
            assert_eq!(peer.says(&mut bob, &resend(slot, slot)), Ok(Handled::Applied));
        }
        let outputs = outputs(&mut bob);
        assert!(
            outputs
                .iter()
                .any(|output| matches!(output, Output::Event(Event::Expired { random_id, .. }) if *random_id == id))
        );
        let said: Vec<String> = outputs.into_iter().filter_map(|output| peer.take_one(output)).collect();
        assert!(!said.iter().any(|said| said == "0: text"), "{said:?}");
        assert!(again || said == ["0: DeleteMessages"], "{said:?}");
    }
}

#[test]
fn fa_41_what_one_call_destroys_does_not_leave_in_it() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        peer.acknowledges = false;
        let slot = bob.counters().sent;
        sends(&mut bob, "private", &mut peer.env());
        peer.take(&mut bob);
        assert_eq!(carried(&mut bob, slot, &mut peer.env()), Handled::Applied);
        // The flush waits behind the request.
        let flush = peer.seal(peer.sent + 1, &service(DecryptedMessageAction::FlushHistory));
        assert_eq!(peer.gives(&mut bob, &flush), Ok(Handled::Waiting));
        peer.take(&mut bob);
        assert_eq!(peer.says(&mut bob, &resend(slot, slot)), Ok(Handled::Applied));
        assert_eq!(peer.take(&mut bob), ["0: DeleteMessages"], "{rules:?}");
    }
}

/// Any number of calls may come before the outputs are fetched (SPEC OUT-2).
#[test]
fn fa_41_what_waits_in_the_queue_leaves_without_what_was_destroyed() {
    for rules in EVERY {
        for flushed in [false, true] {
            let (mut peer, mut bob) = Rekeyer::meet(rules);
            peer.acknowledges = false;
            let first = bob.counters().sent;
            bob.send(&Draft::text("stays"), &mut peer.env()).unwrap();
            let private = bob.send(&Draft::text("private"), &mut peer.env()).unwrap();
            bob.send(&Draft::text("stays, too"), &mut peer.env()).unwrap();
            let done = if flushed {
                peer.says(&mut bob, &service(DecryptedMessageAction::FlushHistory)).map(|_| ()).is_ok()
            } else {
                bob.delete(&[private], &mut peer.env()).is_ok()
            };
            assert!(done);
            let outputs = outputs(&mut bob);
            let last_batch = outputs.iter().rposition(|output| matches!(output, Output::Persist(_))).unwrap();
            let slots: Vec<u32> = leaving(&outputs).into_iter().map(|(slot, _)| slot).collect();
            let (before, behind): (Vec<_>, Vec<_>) =
                outputs.into_iter().enumerate().partition(|(at, _)| *at < last_batch);
            let mut said = |outputs: Vec<(usize, Output)>| -> Vec<String> {
                outputs.into_iter().filter_map(|(_, output)| peer.take_one(output)).collect()
            };
            let (before, behind) = (said(before), said(behind));
            if flushed {
                assert_eq!(before, [""; 0], "{rules:?}");
                assert_eq!(behind, ["0: DeleteMessages"; 3], "{rules:?}");
                assert_eq!(slots, [first, first + 1, first + 2], "{rules:?}");
            } else {
                assert_eq!(before, ["0: text"], "{rules:?}");
                assert_eq!(behind, ["0: DeleteMessages", "0: text", "0: DeleteMessages"], "{rules:?}");
                assert_eq!(slots, [first, first + 1, first + 2, first + 3], "{rules:?}");
            }
        }
    }
}

/// SPEC LIM-1.
#[test]
fn fa_44_the_outbox_is_bounded_by_bytes() {
    // Few and many: what is freed weighs more than what service messages may have on top.
    for (rules, bound) in EACH_PROFILE.into_iter().flat_map(|rules| [(rules, 10_000), (rules, 60_000)]) {
        let mut limits = Limits::default();
        limits.outbox_bytes = bound;
        let bound = bound as usize;
        let (mut peer, mut bob) = Rekeyer::meet_with(rules.config().map(|config| config.with_limits(limits)), rules);
        peer.acknowledges = false;
        peer.says(&mut bob, &rekeyer::noop()).unwrap();
        let mut held: BTreeMap<u32, usize> = BTreeMap::new();
        let full = loop {
            match bob.send(&Draft::text("x".repeat(900)), &mut peer.env()) {
                Ok(_) => {
                    held.extend(leaving(&outputs(&mut bob)).into_iter().map(|(slot, sealed)| (slot, sealed.len())));
                }
                Err(full) => break full,
            }
        };
        assert_eq!(full, secretchat::Unavailable::OutboxFull.into());
        let bytes: usize = held.values().sum();
        let each = held.values().max().unwrap();
        assert!(held.len() < bound / 500 && bytes <= bound && bytes + each > bound, "{rules:?}: {held:?}");
        // What the peer acknowledges makes room at once, also for an answer to the same message.
        peer.acknowledges = true;
        peer.received = bob.counters().sent.cast_signed();
        peer.asks(&mut bob, 7, 9);
        assert!(matches!(bob.rekey_state(), RekeyState::Accepted { .. }), "{rules:?}");
    }
}
