//! Which keys there are while they change, and what that leaves alone (SPEC REKEY-4, REKEY-7).

use secretchat::{Chat, Draft, Handled, PeerFault, PeerPolicy, RekeyState, Ttl, Verification};

use crate::support::forger::{Around, text, wrap};
use crate::support::rekeyer::{EACH_PROFILE, EVERY, Rekeyer, Rules, THEIRS, abort, commit, noop};
use crate::support::{old_protocol, pair, twin};

#[test]
fn a_message_under_a_candidate_that_is_not_committed_is_delivered_and_changes_nothing() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        peer.sealing = 1;
        peer.writes(&mut bob, "early bird").unwrap();
        assert_eq!(peer.take(&mut bob), ["early bird"]);
        assert!(matches!(bob.rekey_state(), RekeyState::Accepted { .. }));
        assert_eq!((peer.current_of(&bob), bob.rekeys()), (Some(0), 0));
        bob.send(&Draft::text("under the first"), &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: text"]);
        peer.sealing = 0;
        peer.says(&mut bob, &abort(THEIRS)).unwrap();
        assert_eq!(peer.take(&mut bob), ["RekeyFailed Aborted"]);
        peer.goes_on_as_before(&mut bob);
    }
}

// Android seals with the old key until it sees a message under the new one. BR-24: what was in flight at the commit.
#[test]
fn br_24_messages_under_the_old_key_are_taken_until_the_first_under_the_new_one() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "1: Noop"]);
        assert_eq!(peer.opening(&mut bob, [0, 0, 0, 1, 0, 1]), [0, 0, 0, 1, 1]);
    }
}

#[test]
fn a_commit_may_be_sealed_with_the_new_key() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        peer.sealing = 1;
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "1: Noop"]);
        assert_eq!(peer.current_of(&bob), Some(1));
        assert_eq!(peer.opening(&mut bob, [0, 1, 0]), [0, 1], "the commit itself does not wipe the old key");
    }
}

#[test]
fn at_35_the_answerer_keeps_the_old_key_while_an_early_message_waits() {
    for rules in EVERY {
        twin::unchanged(|twin| an_early_message_waits(rules, twin));
    }
}

fn an_early_message_waits(rules: Rules, twin: &mut twin::Twin) {
    let (mut peer, mut bob) = Rekeyer::accepted(rules);
    peer.commits(&mut bob);
    peer.take(&mut bob);
    let slot = peer.sent;
    let words = |word: &str| text(99, word);
    let last = peer.seal(slot + 2, &words("three"));
    assert_eq!(peer.gives(&mut bob, &last), Ok(Handled::Waiting));
    peer.writes(&mut bob, "one").unwrap();
    // The gap may be filled under the old key: the new one has been seen, and still it is there.
    peer.sealing = 0;
    peer.writes(&mut bob, "two").unwrap();
    peer.sent += 1;
    let told = peer.take(&mut bob);
    let texts: Vec<_> = told.iter().filter(|told| !told.contains(": ")).collect();
    assert_eq!(texts, ["one", "two", "three"], "{rules:?}");
    // Wiped with three: nothing waits then.
    let four = peer.seal(peer.sent, &words("four"));
    twin.bad(&mut bob, |bob, env| assert_eq!(bob.handle(pair::ciphertext(&four), env), Err(PeerFault::UnknownKey)));
    twin.compare(&mut bob);
}

#[test]
fn at_35_the_starter_wipes_the_old_key_when_the_commit_is_acknowledged_under_the_new_one() {
    for rules in EVERY {
        // Under the new key, without the acknowledgement.
        let (mut peer, mut bob) = Rekeyer::committed(rules);
        assert_eq!(peer.opening(&mut bob, [0, 1, 1, 0]), [0, 1, 1, 0]);
        // With it, under the old one.
        peer.received = i32::try_from(bob.counters().sent).unwrap();
        assert_eq!(peer.opening(&mut bob, [0, 0]), [0, 0]);
        // Both, and something waits.
        let early = peer.seal(peer.sent + 1, &text(99, "early"));
        assert_eq!(peer.gives(&mut bob, &early), Ok(Handled::Waiting));
        let gap = peer.seal(peer.sent, &text(98, "gap"));
        let after = peer.seal(peer.sent + 3, &text(97, "after"));
        assert_eq!(peer.gives(&mut bob, &after), Ok(Handled::Waiting));
        assert_eq!(peer.gives(&mut bob, &gap), Ok(Handled::Applied));
        peer.sent += 2;
        assert_eq!(peer.opening(&mut bob, [0]), [0], "{rules:?}");
        peer.sent += 1;
        assert_eq!(peer.opening(&mut bob, [1, 0]), [1], "{rules:?}");
    }
}

// BR-24: a message under the new key before the commit's slot.
#[test]
fn br_24_a_slot_from_before_the_commit_stays_under_its_key_and_may_come_under_the_new_one() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        peer.acknowledges = false;
        let id = bob.send(&Draft::text("secret"), &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: text"]);
        let slot = peer.last_id;
        bob.rekey(&mut peer.env()).unwrap();
        peer.take(&mut bob);
        peer.accepts(&mut bob, 0x44);
        peer.take(&mut bob);
        bob.delete(&[id], &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["1: DeleteMessages"]);
        bob.retransmit(&mut peer.env());
        let again = peer.take(&mut bob);
        assert_eq!(
            again[again.len() - 4..],
            ["0: DeleteMessages", "0: RequestKey", "0: CommitKey", "1: DeleteMessages"],
            "{rules:?}"
        );
        assert_ne!(peer.last_id, slot);

        // TDLib seals an empty one under the new key.
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        let slot = peer.sent;
        let ahead = peer.seal(slot + 1, &commit(THEIRS, peer.last_fingerprint()));
        assert_eq!(peer.gives(&mut bob, &ahead), Ok(Handled::Waiting));
        peer.sealing = 1;
        peer.writes(&mut bob, "emptied").unwrap();
        let told = peer.take(&mut bob);
        assert!(told.ends_with(&["emptied", "Rekeyed 1", "1: Noop"].map(str::to_owned)), "{told:?}");
        peer.sent += 1;
        assert_eq!(peer.opening(&mut bob, [0, 1, 0]), [0, 1]);
    }
}

// BR-24: the answer may come inside the call that sends the request.
#[test]
fn br_24_the_state_is_there_before_the_request_leaves() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        bob.rekey(&mut peer.env()).unwrap();
        assert!(matches!(bob.rekey_state(), RekeyState::Requested { .. }));
        while peer.request.is_none() {
            let output = bob.poll_output().unwrap();
            peer.take_one(output);
        }
        peer.accepts(&mut bob, 0x44);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
    }
}

// BR-24: the counter of messages that became the timer.
#[test]
fn br_24_an_exchange_leaves_verification_timer_layer_and_numbers_alone() {
    for rules in EVERY {
        for bob_starts in [false, true] {
            let (mut peer, mut bob) = Rekeyer::meet(rules);
            bob.set_ttl(Ttl::from_seconds(33).unwrap(), &mut peer.env()).unwrap();
            peer.take(&mut bob);
            let before = (bob.verification(), bob.ttl(), bob.peer_layer());
            let (sent, received) = (bob.counters().sent, bob.counters().received);
            if bob_starts {
                bob.rekey(&mut peer.env()).unwrap();
                peer.take(&mut bob);
                peer.accepts(&mut bob, 0x44);
                peer.take(&mut bob);
                peer.switch();
                peer.says(&mut bob, &noop()).unwrap();
            } else {
                peer.asks(&mut bob, THEIRS, 0x44);
                peer.take(&mut bob);
                peer.commits(&mut bob);
                peer.take(&mut bob);
                peer.says(&mut bob, &noop()).unwrap();
            }
            assert_eq!(bob.rekeys(), 1);
            assert_eq!((bob.verification(), bob.ttl(), bob.peer_layer()), before);
            let messages = if bob_starts { (2, 2) } else { (2, 3) };
            assert_eq!((bob.counters().sent - sent, bob.counters().received - received), messages, "{rules:?}");
            let check = peer.keys[1].check;
            assert_eq!(bob.check().map(Verification::to_bytes), check, "of the new key, once the old one is gone");
            assert_eq!(check.is_some(), rules.bind());
        }
    }
}

#[test]
fn what_the_user_writes_meanwhile_flows_in_every_state() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob, _) = Rekeyer::requested(rules);
        let write = |peer: &mut Rekeyer, bob: &mut Chat| {
            bob.send(&Draft::text("x"), &mut peer.env()).unwrap();
            peer.take(bob)
        };
        assert_eq!(write(&mut peer, &mut bob), ["0: text"]);
        peer.accepts(&mut bob, 0x44);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
        assert_eq!(write(&mut peer, &mut bob), ["1: text"]);
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        assert_eq!(write(&mut peer, &mut bob), ["0: text"]);
    }
}

// SPEC ENV-5.
#[test]
fn fa_53_no_key_of_a_chat_that_renewed_its_key_opens_mtproto_1() {
    for policy in [PeerPolicy::Default, PeerPolicy::Tolerant] {
        let (mut peer, mut bob) = Rekeyer::committed(Rules::Telegram(policy));
        let around =
            Around { random_bytes: 15, layer: 46, in_seq_no: 2 * peer.received, out_seq_no: 2 * peer.sent + 1 };
        let body = wrap(around, &noop());
        let sealed: Vec<_> =
            peer.keys.iter().map(|key| old_protocol::seal(&key.chat_key, key.fingerprint, &body)).collect();
        assert_eq!(sealed.len(), 2, "the old key and the new one");
        for sealed in sealed {
            assert_eq!(peer.gives(&mut bob, &sealed), Err(PeerFault::NotAuthentic));
        }
        peer.writes(&mut bob, "under 2.0").unwrap();
        assert_eq!(peer.take(&mut bob), ["under 2.0"]);
    }
}
