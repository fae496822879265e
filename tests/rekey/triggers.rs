//! When a new key is asked for, and when again (SPEC REKEY-3, REKEY-5).

use secretchat::{Chat, ChatState, Draft, Handled, RekeyState, Timestamp, Unavailable};

use crate::support::pair::{self, NOW, Pair, ciphertext, env};
use crate::support::rekeyer::{EACH_PROFILE, Rekeyer, Rules, THEIRS, abort, noop, request};

const NOTHING: [&str; 0] = [];
const MINUTE: u64 = 60 * 1000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A key's use while it is the first one.
fn used(chat: &Chat) -> u32 {
    chat.counters().sent + chat.counters().received
}

/// An initiator and a responder that has said nothing.
fn pair_of(rules: Rules) -> Pair {
    match rules {
        Rules::Bound(agreement) => Pair::of(agreement.config("alice", "bob"), agreement.config("bob", "alice")),
        Rules::Telegram(_) => Pair::of(rules.config(), rules.config()),
    }
}

/// Of each three messages so many are the asking end's own.
const OWN_OF_THREE: [u32; 4] = [0, 1, 2, 3];

// BR-24: the 100th message out, in, mixed.
#[test]
fn br_24_the_initiator_asks_after_100_messages_of_both_directions() {
    for rules in EACH_PROFILE {
        for own_of_three in OWN_OF_THREE {
            let Pair { mut alice, mut bob, mut rng } = pair_of(rules);
            for message in 0.. {
                let before = used(&alice);
                if message % 3 < own_of_three {
                    alice.send(&Draft::text("mine"), &mut env(&mut rng)).unwrap();
                } else {
                    bob.send(&Draft::text("yours"), &mut env(&mut rng)).unwrap();
                    let sealed = pair::sealed(&mut bob);
                    assert_eq!(alice.handle(ciphertext(&sealed), &mut env(&mut rng)), Ok(Handled::Applied));
                }
                pair::outputs(&mut alice);
                if let RekeyState::Requested { .. } = alice.rekey_state() {
                    let with_request = used(&alice);
                    assert_eq!((before + 1, with_request), (100, 101), "{rules:?}, {own_of_three} of three");
                    break;
                }
            }
        }
    }
}

#[test]
fn the_responder_asks_after_116_messages_of_both_directions() {
    for rules in EACH_PROFILE {
        for own_of_three in OWN_OF_THREE {
            let (mut peer, mut bob) = Rekeyer::meet(rules);
            for message in 0.. {
                let before = used(&bob);
                if message % 3 < own_of_three {
                    bob.send(&Draft::text("mine"), &mut peer.env()).unwrap();
                } else {
                    peer.writes(&mut bob, "yours").unwrap();
                }
                peer.take(&mut bob);
                if let RekeyState::Requested { .. } = bob.rekey_state() {
                    let with_request = used(&bob);
                    assert_eq!((before + 1, with_request), (116, 117), "{rules:?}, {own_of_three} of three");
                    break;
                }
            }
        }
    }
}

// BR-24: the message that starts an exchange, lost or held up by it.
#[test]
fn br_24_what_the_user_writes_goes_out_first_and_keeps_its_slot() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 115, |_| {});
        let slot = i32::try_from(bob.counters().sent).unwrap();
        bob.send(&Draft::text("the 116th"), &mut peer.env()).unwrap();
        let mut told = vec![];
        while told.is_empty() {
            told.extend(bob.poll_output().and_then(|output| peer.take_one(output)));
        }
        assert_eq!((told, peer.received), (vec!["0: text".to_owned()], slot + 1));
        assert_eq!((peer.take(&mut bob), peer.received), (vec!["0: RequestKey".to_owned()], slot + 2));
    }
}

#[test]
fn both_numbers_are_settable_and_not_below_4() {
    for rules in EACH_PROFILE {
        for (set, asks) in [(0, 4), (4, 4), (9, 9)] {
            let (_, bob) = Rekeyer::meet_used(rules, asks - 1, |policy| policy.responder_messages = set);
            assert_eq!(bob.rekey_state(), RekeyState::Idle);
            let (_, bob) = Rekeyer::meet_used(rules, asks, |policy| policy.responder_messages = set);
            assert!(matches!(bob.rekey_state(), RekeyState::Requested { .. }), "{set}");
        }
    }
}

#[test]
fn a_key_that_was_used_is_renewed_after_7_days_and_not_early() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        assert_eq!(bob.poll_timeout(), Some(at(NOW + 7 * DAY)));
        // A clock that goes back does not count.
        for now in [NOW + DAY, NOW, NOW + 6 * DAY - 1] {
            peer.now = now;
            bob.handle_timeout(&mut peer.env());
            assert_eq!(peer.take(&mut bob), NOTHING);
            assert_eq!(bob.rekey_state(), RekeyState::Idle);
        }
        assert_eq!(bob.poll_timeout(), Some(at(NOW + 6 * DAY)), "one day passed before the clock went back");
        peer.now = NOW + 6 * DAY;
        bob.handle_timeout(&mut peer.env());
        assert_eq!(peer.take(&mut bob), ["0: RequestKey"]);
    }
}

#[test]
fn nothing_is_asked_while_an_exchange_is_open_or_an_end_may_hold_an_old_key() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 116, |_| {});
        let again = |peer: &mut Rekeyer, bob: &mut Chat, at: &str| {
            for _ in 0..120 {
                peer.writes(bob, "").unwrap();
            }
            let told = peer.take(bob);
            assert!(!told.iter().any(|told| told.contains("RequestKey")), "{rules:?}, {at}");
            assert_eq!(bob.rekey(&mut peer.env()), Err(Unavailable::RekeyInProgress.into()), "{rules:?}, {at}");
        };
        again(&mut peer, &mut bob, "requested");
        peer.accepts(&mut bob, 0x44);
        peer.acknowledges = false;
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
        again(&mut peer, &mut bob, "the starter holds the old key");
        peer.switch();
        again(&mut peer, &mut bob, "its commit is not acknowledged");
        peer.received = i32::try_from(bob.counters().sent).unwrap();
        peer.writes(&mut bob, "").unwrap();
        let told = peer.take(&mut bob);
        // Nothing that was sealed with the new key is acknowledged yet.
        again(&mut peer, &mut bob, "the peer may hold its old key");
        assert!(told.iter().all(|told| !told.contains("RequestKey")));
        bob.send(&Draft::text("under the new key"), &mut peer.env()).unwrap();
        peer.acknowledges = true;
        peer.take(&mut bob);
        peer.writes(&mut bob, "").unwrap();
        assert_eq!(peer.take(&mut bob), ["", "1: RequestKey"], "{rules:?}");

        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 110, |_| {});
        peer.asks(&mut bob, THEIRS, 0x44);
        assert_eq!(peer.take(&mut bob), ["0: AcceptKey"]);
        again(&mut peer, &mut bob, "accepted");
        peer.acknowledges = false;
        peer.commits(&mut bob);
        peer.take(&mut bob);
        peer.sealing = 0;
        again(&mut peer, &mut bob, "the answerer holds the old key");
        peer.sealing = 1;
        peer.writes(&mut bob, "").unwrap();
        again(&mut peer, &mut bob, "the starter may hold its old key");
    }
}

#[test]
fn after_failures_it_is_asked_again_later_and_later() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 116, |_| {});
        for minutes in [10, 20, 40, 80, 160, 320, 320] {
            let open = peer.request.clone().unwrap().0;
            peer.says(&mut bob, &abort(open)).unwrap();
            assert_eq!(peer.take(&mut bob), ["RekeyFailed Aborted"]);
            peer.writes(&mut bob, "due, and not yet").unwrap();
            assert_eq!(peer.take(&mut bob), ["due, and not yet"]);
            let again = peer.now + minutes * MINUTE;
            assert_eq!(bob.poll_timeout(), Some(at(again)), "{minutes}");
            peer.now = again - 1;
            bob.handle_timeout(&mut peer.env());
            assert_eq!(peer.take(&mut bob), NOTHING);
            peer.now = again;
            bob.handle_timeout(&mut peer.env());
            assert_eq!(peer.take(&mut bob), ["0: RequestKey"], "{minutes}");
            assert_ne!(peer.request.clone().unwrap().0, open);
        }
        peer.accepts(&mut bob, 0x44);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
        // With a new key the next failure is the first one again.
        peer.switch();
        bob.send(&Draft::text("x"), &mut peer.env()).unwrap();
        peer.take(&mut bob);
        peer.writes(&mut bob, "").unwrap();
        bob.rekey(&mut peer.env()).unwrap();
        peer.take(&mut bob);
        let open = peer.request.clone().unwrap().0;
        peer.says(&mut bob, &abort(open)).unwrap();
        peer.take(&mut bob);
        for _ in 0..116 {
            peer.writes(&mut bob, "").unwrap();
        }
        peer.take(&mut bob);
        assert_eq!(bob.poll_timeout(), Some(at(peer.now + 10 * MINUTE)), "{rules:?}");
    }
}

#[test]
fn after_requests_with_equal_ids_it_is_asked_again_at_once() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 116, |_| {});
        let (open, _) = peer.request.clone().unwrap();
        // The two crossed.
        peer.received -= 1;
        peer.says(&mut bob, &request(open, &rules.request(0x44))).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: RequestKey"], "and nothing is told");
        assert_ne!(peer.request.clone().unwrap().0, open);
        peer.accepts(&mut bob, 0x44);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
    }
}

#[test]
fn a_request_counts_as_unanswered_after_16_messages_and_an_hour() {
    for rules in EACH_PROFILE {
        // 16 messages, and not an hour yet; then the hour.
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 116, |_| {});
        peer.now = NOW + HOUR - 1;
        for _ in 0..40 {
            peer.says(&mut bob, &noop()).unwrap();
        }
        assert_eq!(peer.take(&mut bob), NOTHING);
        peer.now = NOW + HOUR;
        peer.says(&mut bob, &noop()).unwrap();
        unanswered(&mut peer, &mut bob);

        // An hour, and not 16 messages yet; those that do not acknowledge the request do not count.
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 116, |_| {});
        peer.now = NOW + HOUR;
        peer.received -= 1;
        for _ in 0..40 {
            peer.says(&mut bob, &noop()).unwrap();
        }
        peer.received += 1;
        for _ in 0..15 {
            peer.says(&mut bob, &noop()).unwrap();
        }
        assert_eq!(peer.take(&mut bob), NOTHING);
        peer.says(&mut bob, &noop()).unwrap();
        unanswered(&mut peer, &mut bob);
    }
}

/// The request was given up just now, and comes anew ten minutes later. A late answer to the first does no harm.
fn unanswered(peer: &mut Rekeyer, bob: &mut Chat) {
    let open = peer.request.clone().unwrap().0;
    let mut told = vec!["RekeyFailed Unanswered".to_owned()];
    told.extend(peer.rules.bind().then(|| format!("0: AbortKey {open}")));
    assert_eq!(peer.take(bob), told, "{:?}", peer.rules);
    assert_eq!(bob.poll_timeout(), Some(at(peer.now + 10 * MINUTE)));
    peer.accepts(bob, 0x44);
    peer.take(bob);
    assert_eq!((bob.state(), bob.rekeys()), (ChatState::Ready, 0));
    peer.now += 10 * MINUTE;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(bob), ["0: RequestKey"]);
    peer.accepts(bob, 0x55);
    assert_eq!(peer.take(bob), ["Rekeyed 1", "0: CommitKey"]);
}
