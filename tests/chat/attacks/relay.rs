//! What a relay or a thief of a state can do with two honest ends.

use secretchat::{Chat, Event, Handled, Input, Invitation, PeerFault, StoreKey};

use super::honest::Two;
use crate::support::agreement;
use crate::support::pair::{
    BOBS_STORE_KEY, Pair, accept_of, all_sealed, ciphertext, env, env_at, outputs, request_of, texts,
};
use crate::support::rng::Seeded;

/// Everything that ever reached Bob reaches him again: at once, after new keys, and after restarts.
#[test]
fn at_09_a_replay_is_never_anything() {
    let mut two = Two::ready();
    for round in 0..3 {
        for n in 0..5 {
            two.alice_says(&format!("{round} {n}"));
        }
        two.bob_says("yes");
        two.bob.texts();
        let before = (two.bob.records(), two.bob.chat.counters());
        for (restarts, again) in [(false, 0), (true, 1)] {
            if restarts {
                two.bob_restarts();
            }
            for bytes in two.to_bob.clone() {
                let handled = two.bob_gets(&bytes);
                let is_nothing = matches!(handled, Ok(Handled::Duplicate) | Err(PeerFault::UnknownKey));
                assert!(is_nothing, "round {round}, {again}: {handled:?}");
                assert!(outputs(&mut two.bob.chat).is_empty());
            }
        }
        assert!(before == (two.bob.records(), two.bob.chat.counters()));
        two.renew();
        two.bob.texts();
    }
    // Of the first keys nothing opens any more.
    let first = two.to_bob[1].clone();
    assert_eq!(two.bob_gets(&first), Err(PeerFault::UnknownKey));
}

/// What the users compare has 288 bits, depends on both public values, and stays over new keys and restarts.
#[test]
fn at_27_what_is_compared_is_long_and_stays() {
    let mut two = Two::ready();
    let value = two.bob.chat.verification().unwrap();
    assert_eq!(value.to_bytes().len() * 8, 288);
    for _ in 0..3 {
        two.renew();
        two.bob_restarts();
        assert_eq!((two.alice.chat.verification(), two.bob.chat.verification()), (Some(value), Some(value)));
    }
}

/// A relay in the middle has a chat with each end, under the other's name. All that shows it is what the users compare.
#[test]
fn at_28_a_relay_in_the_middle_shows_in_what_is_compared() {
    for agreement in agreement::EVERY {
        let rng = &mut Seeded::new(28);
        let config = |own: &str, peer: &str| agreement.config(own, peer);
        let mut alice = Chat::request(config("alice", "bob"), &mut env(rng)).unwrap();
        let invitation = Invitation::parse(&request_of(&mut alice), config("bob", "alice")).unwrap();
        let mut as_bob = invitation.accept(&mut env(rng)).unwrap();
        let mut as_alice = Chat::request(config("alice", "bob"), &mut env(rng)).unwrap();
        let invitation = Invitation::parse(&request_of(&mut as_alice), config("bob", "alice")).unwrap();
        let mut bob = invitation.accept(&mut env(rng)).unwrap();
        for (asked, answered) in [(&mut alice, &mut as_bob), (&mut as_alice, &mut bob)] {
            let (public, fingerprint) = accept_of(answered);
            asked.handle(Input::accepted(&public, fingerprint), &mut env(rng)).unwrap();
        }
        let (alices, bobs) = (alice.verification().unwrap().to_bytes(), bob.verification().unwrap().to_bytes());
        assert_eq!(alices, as_bob.verification().unwrap().to_bytes(), "the relay reads what Alice writes");
        assert_ne!(alices, bobs);
        // Each part of 16 bytes shows it (SPEC VER-3).
        assert!(alices.windows(16).zip(bobs.windows(16)).all(|(a, b)| a != b));
    }
}

/// A relay that gives Alice's own value back to her, as an answer or as a request, gets no chat.
#[test]
fn at_30_an_own_value_that_comes_back_is_refused() {
    for &agreement in agreement::EVERY {
        let (mut two, answer, fingerprint) = Pair::accepted_in(agreement);
        let own = Pair::asked(agreement, 5).request();
        for back in [own.clone(), [&own[..32], &answer[32..]].concat()] {
            let answer = Input::accepted(&back, fingerprint);
            assert_eq!(two.alice.handle(answer, &mut env(&mut two.rng)), Err(PeerFault::BadPublicValue));
        }
        assert!(outputs(&mut two.alice).is_empty());
    }
}

/// A thief has Bob's records and his store key, and hears all that follows. After the next key nothing opens for it.
#[test]
fn at_38_a_theft_heals_with_the_next_key() {
    for agreement in agreement::EVERY {
        a_theft_heals(Two::ready_in(*agreement));
    }
}

fn a_theft_heals(mut two: Two) {
    two.alice_says("before");
    let (stolen, key) = (two.bob.records(), StoreKey::new(BOBS_STORE_KEY));
    let before = two.to_bob.len();
    two.alice_says("under the stolen key");
    let rng = &mut Seeded::new(38);
    let mut thief = Chat::restore(&stolen, &key, None, &mut env(rng)).unwrap();
    assert_eq!(thief.handle(ciphertext(&two.to_bob[before]), &mut env(rng)), Ok(Handled::Applied), "it had the key");

    two.renew();
    let after = two.to_bob.len();
    two.alice_says("under a new key");
    let mut thief = Chat::restore(&stolen, &key, None, &mut env(rng)).unwrap();
    for bytes in &two.to_bob[..after] {
        // It takes what it can, the whole exchange included.
        let _under_one_of_its_keys = thief.handle(ciphertext(bytes), &mut env(rng));
        outputs(&mut thief);
    }
    for bytes in &two.to_bob[after..] {
        assert_eq!(thief.handle(ciphertext(bytes), &mut env(rng)), Err(PeerFault::UnknownKey));
    }
}

/// A documented weakness (SPEC 20): a thief that is active when the key is renewed takes Bob's place, and nothing that users
/// compare shows it. Bob is out: of what follows he opens nothing.
#[test]
fn at_37_documented_weakness_an_active_thief_rides_along_with_a_new_key() {
    let mut two = Two::ready();
    two.alice_says("before");
    let value = two.alice.chat.verification();
    let rng = &mut Seeded::new(37);
    let key = StoreKey::new(BOBS_STORE_KEY);
    let mut thief = Chat::restore(&two.bob.records(), &key, None, &mut env(rng)).unwrap();
    outputs(&mut thief);
    two.alice.chat.rekey(&mut env(rng)).unwrap();
    for _ in 0..3 {
        two.alice.drain();
        for bytes in std::mem::take(&mut two.alice.outgoing) {
            thief.handle(ciphertext(&bytes), &mut env(rng)).unwrap();
        }
        for bytes in all_sealed(&mut thief) {
            two.alice.chat.handle(ciphertext(&bytes), &mut env(rng)).unwrap();
        }
    }
    assert_eq!((two.alice.chat.rekeys(), thief.rekeys()), (1, 1));
    assert_eq!((two.alice.chat.verification(), thief.verification()), (value, value));
    two.alice.chat.send(&secretchat::Draft::text("for Bob alone"), &mut env(rng)).unwrap();
    two.alice.drain();
    let sealed = two.alice.outgoing.pop().unwrap();
    assert_eq!(thief.handle(ciphertext(&sealed), &mut env(rng)), Ok(Handled::Applied));
    assert_eq!(texts(&mut thief), ["for Bob alone"]);
    assert_eq!(two.bob_gets(&sealed), Err(PeerFault::UnknownKey));
}

/// The relay drops the last messages and says that they were carried: no end is told that the peer has them.
#[test]
fn at_43_what_was_dropped_is_never_called_acknowledged() {
    let mut two = Two::ready();
    let draft = secretchat::Draft::text("lost");
    let random_id = two.alice.chat.send(&draft, &mut env_at(0, &mut two.rng)).unwrap();
    two.alice.drain();
    two.alice.outgoing.clear();
    let id = two.alice.newest.unwrap();
    two.alice.chat.handle(Input::carried(id, None), &mut env_at(0, &mut two.rng)).unwrap();
    two.bob_says("I have heard nothing");
    two.alice.drain();
    let named =
        |event: &Event| matches!(event, Event::Acknowledged { random_ids, .. } if random_ids.contains(&random_id));
    assert!(two.alice.told.iter().any(|event| matches!(event, Event::Sent { .. })), "a fact of the transport");
    assert!(!two.alice.told.iter().any(named));
    assert!(two.alice.chat.holds(random_id), "it is kept to be sent again");
    // Whoever made up the receipt only put that off (SPEC OUT-4).
    two.now = 60 * 60 * 1000;
    for _ in 0..2 {
        two.alice.chat.retransmit(&mut env_at(two.now, &mut two.rng));
        two.carry();
    }
    two.bob_says("now I have");
    let heard = |event: &Event| matches!(event, Event::Message(message) if message.content.text == "lost");
    assert_eq!(two.bob.told.iter().filter(|event| heard(event)).count(), 1);
    assert!(two.alice.told.iter().any(named));
}
