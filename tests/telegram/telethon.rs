//! What telethon-secret-chat 0.2.4 does differently, policy by policy (SPEC section 20). Chats with the program itself are
//! held by `crates/conformance/peers`.

use secretchat::hazmat::wire::{Bytes, DecryptedMessage, DecryptedMessage73, DecryptedMessageMedia, MediaPhoto45};
use secretchat::{
    Chat, ChatState, CloseReason, Event, Handled, History, Layer, Output, PeerFault, PeerPolicy, RandomId,
    TransmitKind, Violation,
};

use crate::support::forger::{Forger, encoded, notice, plain, text, wrap};
use crate::support::old_protocol;
use crate::support::pair::{self, all_sealed, ciphertext, env, events, outputs};
use crate::support::rekeyer::{Rekeyer, Rules};
use crate::support::telegram;

const ALL: [PeerPolicy; 3] = [PeerPolicy::Default, PeerPolicy::Strict, PeerPolicy::Tolerant];
const LENIENT: [PeerPolicy; 2] = [PeerPolicy::Default, PeerPolicy::Tolerant];

/// Bob, who has read its notice of layer 101, and has sent his own.
fn meet(policy: PeerPolicy) -> (Forger, Chat) {
    let (mut forger, mut bob) = telegram::meet(policy);
    forger.layer = 101;
    assert_eq!(forger.give_next(&mut bob, &notice(101)), Handled::Applied);
    outputs(&mut bob);
    (forger, bob)
}

/// Its notice, which has the constructor of layer 8.
fn notice_8(layer: i32) -> Vec<u8> {
    // decryptedMessageService#aa48327d random_id:long random_bytes:bytes action:DecryptedMessageAction
    let mut message = 0xaa48_327d_u32.to_le_bytes().to_vec();
    message.extend(9_i64.to_le_bytes());
    message.push(15);
    message.extend([7; 15]);
    // decryptedMessageActionNotifyLayer#f3048883 layer:int
    message.extend(0xf304_8883_u32.to_le_bytes());
    message.extend(layer.to_le_bytes());
    message
}

// SPEC SEQ-4, OUT-1.
#[test]
fn a_message_that_it_counts_twice_ends_the_chat_but_for_a_tolerant_end() {
    for policy in ALL {
        let (mut forger, mut bob) = meet(policy);
        forger.lets_send(&mut bob, "comes twice");
        // The notice and the text, as it should be; then the repetition too.
        forger.received = 2;
        assert_eq!(forger.give_next(&mut bob, &text(1, "once")), Handled::Applied);
        assert_eq!(pair::texts(&mut bob), ["once"]);
        forger.received = 3;
        if policy != PeerPolicy::Tolerant {
            assert_eq!(forger.give_next(&mut bob, &text(2, "twice")), Handled::ChatClosed, "{policy:?}");
            assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::InSeqAhead)));
            continue;
        }
        for n in 2..10 {
            assert_eq!(forger.give_next(&mut bob, &text(n, "goes on")), Handled::Applied);
            assert_eq!(pair::texts(&mut bob), ["goes on"]);
            assert_eq!(bob.counters().acknowledged, 2, "not believed");
        }
    }
}

// SPEC SEQ-5: it counts what comes, and looks at no number.
#[test]
fn after_a_loss_it_acknowledges_what_it_never_had() {
    for policy in ALL {
        let (mut forger, mut bob) = meet(policy);
        let lost = forger.lets_send(&mut bob, "lost");
        let DecryptedMessage::Message73(message) = forger.read(&lost).message else { panic!("a text") };
        let lost = RandomId(message.random_id);
        forger.lets_send(&mut bob, "arrives");
        // The notice and the second text.
        forger.received = 2;
        assert_eq!(forger.give_next(&mut bob, &text(1, "answer")), Handled::Applied);
        let outputs = outputs(&mut bob);
        let told = outputs.iter().find_map(|output| match output {
            Output::Event(Event::Acknowledged { random_ids, .. }) => Some(random_ids.clone()),
            _ => None,
        });
        assert_eq!(told, Some(vec![lost]), "{policy:?}");
        assert!(!outputs.iter().any(|output| matches!(output, Output::Transmit(_))), "nobody asked for it");
    }
}

// SPEC SEQ-3, SEQ-9: it raises an error when it is asked.
#[test]
fn what_it_lost_is_asked_for_and_what_is_behind_it_waits() {
    for policy in ALL {
        let (mut forger, mut bob) = meet(policy);
        for slot in 2..20 {
            let around = forger.around_slot(slot);
            assert_eq!(forger.give(&mut bob, around, &text(slot.into(), "behind")), Handled::Waiting);
        }
        let outputs = outputs(&mut bob);
        assert!(!outputs.iter().any(|output| matches!(output, Output::Event(_))), "{policy:?} {outputs:?}");
        let sealed: Vec<_> = outputs.iter().filter_map(sealed_in).collect();
        // Slot 1 of an initiator, once.
        assert_eq!(forger.actions(&sealed), ["Resend 3 3"], "{policy:?}");
        assert_eq!((bob.state(), bob.counters().received), (ChatState::Ready, 1));
    }
}

fn sealed_in(output: &Output) -> Option<Vec<u8>> {
    let Output::Transmit(transmit) = output else { return None };
    let TransmitKind::Ciphertext { bytes, .. } = &transmit.kind else { return None };
    Some(bytes.clone())
}

// SPEC ENV-5, SEQ-3: its SQLite storage keeps no numbers.
#[test]
fn messages_of_one_number_are_duplicates() {
    for policy in ALL {
        let (mut forger, mut bob) = telegram::meet(policy);
        forger.layer = 101;
        outputs(&mut bob);
        let around = forger.around();
        let mut gives = |bob: &mut Chat, message: &[u8]| {
            let sealed = old_protocol::seal(&forger.chat_key, forger.fingerprint, &wrap(around, message));
            bob.handle(ciphertext(&sealed), &mut env(&mut forger.rng))
        };
        let strict = policy == PeerPolicy::Strict;
        let first = if strict { Err(PeerFault::NotAuthentic) } else { Ok(Handled::Applied) };
        assert_eq!(gives(&mut bob, &notice_8(101)), first, "{policy:?}");
        outputs(&mut bob);
        for n in 1..5 {
            let expected = if strict { Err(PeerFault::NotAuthentic) } else { Ok(Handled::Duplicate) };
            assert_eq!(gives(&mut bob, &text(n, "of slot 0, too")), expected, "{policy:?}");
            assert!(events(&mut bob).is_empty());
        }
        assert_eq!((bob.state(), bob.counters().received), (ChatState::Ready, u32::from(!strict)));
    }
}

// SPEC LAY-2, OUT-1: it writes at the layer that it was told, and goes on to name its own.
#[test]
fn a_notice_with_each_message_changes_nothing_and_is_not_answered() {
    for policy in LENIENT {
        let (mut forger, mut bob) = meet(policy);
        forger.layer = 144;
        assert_eq!(forger.give_next(&mut bob, &text(1, "at 144")), Handled::Applied);
        outputs(&mut bob);
        for n in 0..20 {
            forger.lets_send(&mut bob, "words");
            forger.received += 1;
            assert_eq!(forger.give_next(&mut bob, &notice_8(101)), Handled::Applied, "{policy:?}");
            let outputs = outputs(&mut bob);
            let quiet = |output: &Output| {
                matches!(output, Output::Persist(_) | Output::Event(Event::Acknowledged { .. } | Event::Sent { .. }))
            };
            assert!(outputs.iter().all(quiet), "{policy:?} {n} {outputs:?}");
            assert_eq!(bob.peer_layer(), Layer::L144);
        }
    }
    let (mut forger, mut bob) = meet(PeerPolicy::Strict);
    forger.layer = 144;
    assert_eq!(forger.give_next(&mut bob, &text(1, "at 144")), Handled::Applied);
    assert_eq!(forger.give_next(&mut bob, &notice_8(101)), Handled::ChatClosed);
    assert_eq!(bob.state(), ChatState::Closed(CloseReason::Violation(Violation::LayerBack)));
}

// SPEC REKEY-4: what it ignores is CommitKey.
#[test]
fn under_a_key_that_it_does_not_take_over_it_is_heard_and_bob_asks_for_no_other() {
    for policy in ALL {
        let (mut peer, mut bob, _) = Rekeyer::requested(Rules::Telegram(policy));
        peer.accepts(&mut bob, 0x44);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
        peer.acknowledges = false;
        for _ in 0..150 {
            assert_eq!(peer.writes(&mut bob, "under the old key"), Ok(Handled::Applied), "{policy:?}");
            assert_eq!(peer.take(&mut bob), ["under the old key"]);
        }
        assert_eq!(peer.current_of(&bob), Some(1), "what Bob writes is for the new key");
    }
}

// SPEC REKEY-5: so that it asks itself.
#[test]
fn a_higher_limit_keeps_bob_from_asking() {
    for policy in LENIENT {
        let rules = Rules::Telegram(policy);
        let (peer, _) = Rekeyer::meet_used(rules, 300, |_| {});
        assert!(peer.request.is_some(), "{policy:?}");
        let (peer, _) = Rekeyer::meet_used(rules, 300, |policy| *policy = policy.with_messages(1_000, 1_000));
        assert!(peer.request.is_none(), "{policy:?}");
    }
}

// SPEC REKEY-8: its counter stays where it is.
#[test]
fn each_request_is_answered_where_it_asks_with_each_message() {
    for policy in LENIENT {
        let (mut peer, mut bob) = Rekeyer::meet(Rules::Telegram(policy));
        let mut noops = 0;
        for n in 0..20 {
            peer.asks(&mut bob, n + 1, u8::try_from(n).unwrap() + 1);
            peer.writes(&mut bob, "with a request").unwrap();
            assert_eq!(peer.take(&mut bob), [format!("{n}: AcceptKey"), "with a request".into()], "{policy:?}");
            peer.commits(&mut bob);
            let told = peer.take(&mut bob);
            assert_eq!(told[0], format!("Rekeyed {}", n + 1));
            noops += told.len() - 1;
        }
        assert_eq!(noops, 1, "{policy:?}: the first key was no young one");
    }
}

// SPEC MSG-2.
#[test]
fn a_caption_that_it_writes_twice_is_read_twice() {
    for policy in ALL {
        let (mut forger, mut bob) = meet(policy);
        let bytes = |bytes: &'static [u8]| Bytes::new(bytes).unwrap();
        let (thumb, key, iv, caption) = (bytes(&[0xff, 0xd8]), bytes(&[1; 32]), bytes(&[2; 32]), bytes(b"caption"));
        let photo = MediaPhoto45 { thumb, thumb_w: 10, thumb_h: 9, w: 100, h: 90, size: 5_000, key, iv, caption };
        let media = Some(DecryptedMessageMedia::Photo45(photo));
        let message = DecryptedMessage::Message73(DecryptedMessage73 { media, ..plain(1, "caption") });
        assert_eq!(forger.give_next(&mut bob, &encoded(&message)), Handled::Applied);
        assert_eq!(pair::texts(&mut bob), ["caption\n\ncaption"], "{policy:?}");
    }
}

// SPEC CLOSE-1: it takes no notice of a Discard.
#[test]
fn what_it_writes_to_a_closed_chat_is_ignored() {
    for policy in ALL {
        let (mut forger, mut bob) = meet(policy);
        bob.close(History::Keep, &mut env(&mut forger.rng));
        assert!(outputs(&mut bob).iter().any(|output| matches!(output, Output::Transmit(_))), "a Discard");
        for n in 0..3 {
            assert_eq!(forger.give_next(&mut bob, &text(n, "still here")), Handled::Ignored, "{policy:?}");
            assert!(outputs(&mut bob).is_empty());
        }
        assert!(all_sealed(&mut bob).is_empty());
    }
}
