//! What makes an exchange of keys fail, and what that leaves: the chat as it was (SPEC REKEY-3). And an attack on it.

use secretchat::hazmat::Secret;
use secretchat::hazmat::modp::KeyPair;
use secretchat::{Chat, Handled, Input, Invitation, RekeyState};

use crate::support::bad_values::{self, Bad};
use crate::support::pair;
use crate::support::rekeyer::{DEFAULT, EACH_PROFILE, EVERY, Rekeyer, Rules, THEIRS, abort, accept, commit, request};
use crate::support::rng::Constant;
use crate::support::telegram::group;

const NOTHING: [&str; 0] = [];

/// Values that the checks of the first agreement refuse in the Telegram profile.
fn bad_numbers(good: &[u8]) -> Vec<Bad> {
    let p = group().prime().to_vec();
    let mut p_minus_1 = p.clone();
    p_minus_1[255] -= 1;
    let mut two_to_1984_minus_1 = vec![0; 8];
    two_to_1984_minus_1.resize(256, 0xff);
    let too_long = [&[1], good].concat();
    let bad = [vec![], vec![0], vec![0; 256], vec![1], p_minus_1, p, two_to_1984_minus_1, minus(good), too_long];
    bad.into_iter().map(|bad| (String::new(), bad)).collect()
}

/// p - value: in range, and not in the subgroup, as -1 is no square.
fn minus(value: &[u8]) -> Vec<u8> {
    let mut difference = group().prime();
    let mut borrow = 0;
    for (digit, other) in difference.iter_mut().zip(value).rev() {
        let left = i16::from(*digit) - i16::from(*other) - borrow;
        borrow = i16::from(left < 0);
        *digit = u8::try_from(left.rem_euclid(256)).unwrap();
    }
    difference.to_vec()
}

#[test]
fn at_22_bad_values_in_a_request_are_answered_with_an_abort() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        let good = rules.request(0x44);
        let bad_values = match rules {
            Rules::Bound(agreement) => bad_values::of_request(agreement, &good),
            Rules::Telegram(_) => bad_numbers(&good),
        };
        for (why, bad) in bad_values {
            assert_eq!(peer.says(&mut bob, &request(THEIRS, &bad)), Ok(Handled::Applied));
            assert_eq!(peer.take(&mut bob), ["RekeyFailed BadValue", "0: AbortKey 77"], "{rules:?} {why} {bad:02x?}");
            peer.goes_on_as_before(&mut bob);
        }
        peer.asks(&mut bob, THEIRS, 0x44);
        assert_eq!(peer.take(&mut bob), ["0: AcceptKey"], "the same id, and a good value");
    }
}

#[test]
fn bad_values_in_an_answer_are_answered_with_an_abort_where_keys_are_bound() {
    for rules in EVERY {
        let bad_values = |request: &[u8]| {
            let good = rules.answer(0x44, request);
            match rules {
                Rules::Bound(agreement) => bad_values::of_answer(agreement, &good, request),
                Rules::Telegram(_) => [bad_numbers(&good), vec![("own".into(), request.to_vec())]].concat(),
            }
        };
        for index in 0..bad_values(&rules.request(0x21)).len() {
            let (mut peer, mut bob, open) = Rekeyer::requested(rules);
            // The right name is none of the reasons.
            peer.acceptance(0x44);
            let right = peer.last_fingerprint();
            let (why, bad) = bad_values(&peer.request.clone().unwrap().1).remove(index);
            assert_eq!(peer.says(&mut bob, &accept(open, &bad, right)), Ok(Handled::Applied));
            let mut told = vec!["RekeyFailed BadValue".to_owned()];
            told.extend(rules.bind().then(|| format!("0: AbortKey {open}")));
            assert_eq!(peer.take(&mut bob), told, "{rules:?} {why} {bad:02x?}");
            peer.goes_on_as_before(&mut bob);
        }
    }
}

// BR-22: a key that was aborted gets committed.
#[test]
fn br_22_an_answer_with_another_fingerprint_gives_no_key_that_a_commit_could_take_into_use() {
    for rules in EVERY {
        let (mut peer, mut bob, open) = Rekeyer::requested(rules);
        peer.acceptance(0x44);
        let right = peer.last_fingerprint();
        peer.says(&mut bob, &accept(open, &rules.answer(0x44, &peer.request.clone().unwrap().1), right ^ 1)).unwrap();
        let mut told = vec!["RekeyFailed FingerprintMismatch".to_owned()];
        told.extend(rules.bind().then(|| format!("0: AbortKey {open}")));
        assert_eq!(peer.take(&mut bob), told, "{rules:?}");
        for fingerprint in [right, right ^ 1] {
            assert_eq!(peer.says(&mut bob, &commit(open, fingerprint)), Ok(Handled::Applied));
            assert_eq!(peer.take(&mut bob), NOTHING, "{rules:?}");
        }
        peer.goes_on_as_before(&mut bob);
    }
}

#[test]
fn br_22_mirror_an_aborted_candidate_is_not_committed_and_a_fresh_exchange_is() {
    for rules in EVERY {
        let (mut peer, mut bob) = Rekeyer::accepted(rules);
        peer.says(&mut bob, &abort(THEIRS)).unwrap();
        assert_eq!(peer.take(&mut bob), ["RekeyFailed Aborted"]);
        peer.says(&mut bob, &commit(THEIRS, peer.last_fingerprint())).unwrap();
        assert_eq!(peer.take(&mut bob), NOTHING);
        peer.goes_on_as_before(&mut bob);
        peer.asks(&mut bob, THEIRS + 1, 0x55);
        assert_eq!(peer.take(&mut bob), ["0: AcceptKey"]);
        peer.commits(&mut bob);
        assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "2: Noop"]);
        assert_eq!(peer.opening(&mut bob, [0, 1, 2, 1, 0]), [0, 2]);
    }
}

// Only a generator that repeats itself makes one: in X25519 the key depends on the exchange, too.
#[test]
fn at_36_a_key_with_the_name_of_one_that_is_in_use_is_refused() {
    let meet = || {
        let exponent = |byte| KeyPair::resume(&group(), Secret::new([byte; 256])).unwrap();
        let invitation = Invitation::parse(exponent(0x33).public(), DEFAULT.config()).unwrap();
        let mut bob = invitation.accept(&mut pair::env(&mut Constant(0x21))).unwrap();
        let (public, _) = pair::accept_of(&mut bob);
        assert_eq!(public, exponent(0x21).public());
        let peer = Rekeyer::of(DEFAULT, exponent(0x33).shared_key(&group(), &public).unwrap());
        (peer, bob)
    };
    let (mut peer, mut bob) = meet();
    peer.take(&mut bob);
    let sealed = peer.seal(0, &request(THEIRS, &DEFAULT.request(0x33)));
    peer.sent += 1;
    assert_eq!(bob.handle(pair::ciphertext(&sealed), &mut pair::env(&mut Constant(0x21))), Ok(Handled::Applied));
    assert_eq!(peer.take(&mut bob), ["RekeyFailed FingerprintCollision", "0: AbortKey 77"]);
    peer.goes_on_as_before(&mut bob);

    let (mut peer, mut bob) = meet();
    bob.rekey(&mut pair::env(&mut Constant(0x21))).unwrap();
    peer.take(&mut bob);
    let (open, g_a) = peer.request.clone().unwrap();
    assert_eq!(g_a, DEFAULT.request(0x21));
    let name = peer.last_fingerprint();
    peer.says(&mut bob, &accept(open, &DEFAULT.any_answer(0x33), name)).unwrap();
    assert_eq!(peer.take(&mut bob), ["RekeyFailed FingerprintCollision"], "the peer may have accepted: no AbortKey");
    peer.goes_on_as_before(&mut bob);
}

#[test]
fn a_request_that_the_transport_refuses_for_good_fails_and_leaves_no_gap() {
    for rules in EACH_PROFILE {
        let (mut peer, mut bob, _) = Rekeyer::requested(rules);
        let id = peer.last_id.unwrap();
        let refused = |permanent| if permanent { Input::refused_for_good(id) } else { Input::refused(id) };
        assert_eq!(bob.handle(refused(false), &mut peer.env()), Ok(Handled::Ignored));
        assert!(matches!(bob.rekey_state(), RekeyState::Requested { .. }));
        assert_eq!(bob.handle(refused(true), &mut peer.env()), Ok(Handled::Applied));
        assert_eq!(peer.take(&mut bob), ["RekeyFailed Refused", "0: Noop"]);
        assert_eq!(peer.last_id, Some(id), "in the same slot");
        assert_eq!(bob.handle(refused(true), &mut peer.env()), Ok(Handled::Ignored), "told once");
        peer.goes_on_as_before(&mut bob);
    }
}

#[test]
fn answers_and_commits_that_the_transport_refuses_stay() {
    for rules in EACH_PROFILE {
        for (mut peer, mut bob) in [Rekeyer::accepted(rules), Rekeyer::committed(rules)] {
            let before = bob.rekey_state();
            let refused = Input::refused_for_good(peer.last_id.unwrap());
            assert_eq!(bob.handle(refused, &mut peer.env()), Ok(Handled::Ignored));
            assert_eq!(peer.take(&mut bob), NOTHING);
            assert_eq!(bob.rekey_state(), before);
        }
    }
}

/// A third party with a chat with each of two others passes on to one what the other says about a new key.
struct Relay {
    with_a: Rekeyer,
    a: Chat,
    with_b: Rekeyer,
    b: Chat,
}

/// Until A has B's answer (Miculan and Vitacolonna, "Automated verification of Telegram's MTProto 2.0 in the symbolic
/// model", 2023).
fn relay_request_and_answer(rules: Rules) -> (Relay, i64, i64) {
    let (mut with_a, mut a) = Rekeyer::meet_seeded(rules.config(), rules, 41);
    // In equal roles: A was asked for its chat, B has asked for its own.
    let (mut with_b, mut b) = Rekeyer::answer(rules, 51);
    assert_ne!(a.key_fingerprint(), b.key_fingerprint());
    a.rekey(&mut with_a.env()).unwrap();
    with_a.take(&mut a);
    let (exchange_id, g_a) = with_a.request.clone().unwrap();
    with_b.says(&mut b, &request(exchange_id, &g_a)).unwrap();
    assert_eq!(with_b.take(&mut b), ["0: AcceptKey"]);
    let (answered, g_b, fingerprint) = with_b.accept.clone().unwrap();
    assert_eq!(answered, exchange_id);
    with_a.says(&mut a, &accept(exchange_id, &g_b, fingerprint)).unwrap();
    (Relay { with_a, a, with_b, b }, exchange_id, fingerprint)
}

#[test]
fn at_33_an_unknown_key_share_fails_where_keys_are_bound() {
    for rules in EACH_PROFILE.into_iter().filter(|rules| rules.bind()) {
        let (mut relay, exchange_id, _) = relay_request_and_answer(rules);
        let told = relay.with_a.take(&mut relay.a);
        assert_eq!(told, ["RekeyFailed FingerprintMismatch".to_owned(), format!("0: AbortKey {exchange_id}")]);
        relay.with_a.goes_on_as_before(&mut relay.a);
        relay.with_b.says(&mut relay.b, &abort(exchange_id)).unwrap();
        assert_eq!(relay.with_b.take(&mut relay.b), ["RekeyFailed Aborted"]);
        relay.with_b.goes_on_as_before(&mut relay.b);
    }
}

#[test]
fn at_33_documented_weakness_an_unknown_key_share_succeeds_in_telegram() {
    let (mut relay, exchange_id, fingerprint) = relay_request_and_answer(DEFAULT);
    // The relay cannot read on, and each of the two takes the other for the relay.
    assert_eq!(relay.with_a.take(&mut relay.a), ["Rekeyed 1", "0: CommitKey"]);
    assert_eq!(relay.with_a.commit, Some((exchange_id, fingerprint)));
    relay.with_b.says(&mut relay.b, &commit(exchange_id, fingerprint)).unwrap();
    assert!(relay.with_b.current_of(&relay.b).is_none());
    assert_eq!(relay.a.key_fingerprint(), relay.b.key_fingerprint());
    assert_eq!(relay.a.key_fingerprint().map(secretchat::KeyFingerprint::to_long), Some(fingerprint));
}
