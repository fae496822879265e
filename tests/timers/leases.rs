//! What was lent and not fetched in time is not lent any more (SPEC DES-8, DES-10, CLOSE-1).

use secretchat::{Handled, History, RandomId, Ttl};

use crate::support::pair::{self, Pair, at, env_at, outputs};
use crate::support::rng;
use crate::support::timed::{SECOND, expired, gives, kinds, opened, photo, sealed_in, sends, text, ttl};

/// Bob has asked twice to see a photo of 30 s and has not fetched the answers; and a text of an hour.
fn asked() -> (Pair, RandomId, RandomId) {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let (id, sent) = sends(&mut alice, &photo(ttl(30)), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    let (other, sent) = sends(&mut alice, &text(ttl(3_600)), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    for millis in [10 * SECOND, 20 * SECOND] {
        bob.open_view(id, &mut env_at(millis, &mut rng)).unwrap();
    }
    bob.open_view(other, &mut env_at(20 * SECOND, &mut rng)).unwrap();
    (Pair { alice, bob, rng }, id, other)
}

fn views(outputs: &[secretchat::Output]) -> usize {
    kinds(outputs).iter().filter(|kind| **kind == "Opened").count()
}

#[test]
fn fa_09_a_lease_that_is_fetched_in_time_comes() {
    let (Pair { mut bob, mut rng, .. }, id, _) = asked();
    bob.handle_timeout(&mut env_at(40 * SECOND - 1, &mut rng));
    let told = outputs(&mut bob);
    assert_eq!((views(&told), opened(&told)), (3, (id, true, at(40 * SECOND))));
}

#[test]
fn fa_09_a_lease_waits_in_the_queue_no_longer_than_its_message_lives() {
    let (Pair { mut bob, mut rng, .. }, id, other) = asked();
    bob.handle_timeout(&mut env_at(40 * SECOND, &mut rng));
    let told = outputs(&mut bob);
    assert_eq!((views(&told), opened(&told).0, expired(&told)), (1, other, vec![id]));
}

// A call that changes nothing else says how late it is, too.
#[test]
fn fa_09_a_lease_is_over_by_the_time_of_any_call() {
    let (Pair { mut alice, mut bob, mut rng }, id, other) = asked();
    alice.retransmit(&mut env_at(0, &mut rng));
    let sealed = sealed_in(&outputs(&mut alice)).remove(0);
    let repeated = bob.handle(pair::ciphertext(&sealed), &mut env_at(40 * SECOND, &mut rng));
    assert_eq!(repeated, Ok(Handled::Duplicate));
    let told = outputs(&mut bob);
    assert_eq!((views(&told), opened(&told).0, expired(&told)), (1, other, vec![]));
    assert_eq!(bob.poll_timeout(), Some(at(40 * SECOND)));
    bob.handle_timeout(&mut env_at(40 * SECOND, &mut rng));
    assert_eq!(expired(&outputs(&mut bob)), [id]);
}

#[test]
fn fa_09_a_lease_is_gone_with_what_either_end_deletes() {
    for by_peer in [false, true] {
        let (Pair { mut alice, mut bob, mut rng }, id, other) = asked();
        if by_peer {
            alice.delete(&[id], &mut env_at(20 * SECOND, &mut rng)).unwrap();
            let sealed = sealed_in(&outputs(&mut alice));
            bob.handle(pair::ciphertext(&sealed[0]), &mut env_at(20 * SECOND, &mut rng)).unwrap();
        } else {
            bob.delete(&[id], &mut env_at(20 * SECOND, &mut rng)).unwrap();
        }
        let told = outputs(&mut bob);
        assert_eq!((views(&told), opened(&told).0), (1, other));
    }
}

// SPEC CLOSE-1: a key that nobody will get does not stay in memory until somebody asks for the next output.
#[test]
fn fa_09_the_end_of_the_chat_drops_its_leases_at_once() {
    let (Pair { mut bob, mut rng, .. }, ..) = asked();
    bob.close(History::Keep, &mut env_at(20 * SECOND, &mut rng));
    let held = format!("{bob:?}");
    let left = outputs(&mut bob).len();
    assert!(held.contains(&format!("outputs: {left}, ..")), "{left} come out of {held}");
}

#[test]
fn fa_09_a_lease_is_gone_with_the_history_and_with_the_chat() {
    for (flush, by_peer) in [(true, true), (true, false), (false, true), (false, false)] {
        let (Pair { mut alice, mut bob, mut rng }, _, _) = asked();
        let end = |chat: &mut secretchat::Chat, rng: &mut rng::Seeded| {
            let env = &mut env_at(20 * SECOND, rng);
            if flush { _ = chat.flush_history(env).unwrap() } else { chat.close(History::Keep, env) }
        };
        match (by_peer, flush) {
            (false, _) => end(&mut bob, &mut rng),
            (true, true) => {
                end(&mut alice, &mut rng);
                let sealed = sealed_in(&outputs(&mut alice));
                bob.handle(pair::ciphertext(&sealed[0]), &mut env_at(20 * SECOND, &mut rng)).unwrap();
            }
            (true, false) => {
                end(&mut alice, &mut rng);
                let (history, proof) = pair::discard_in(&outputs(&mut alice));
                let discard = secretchat::Input::discarded(history, Some(proof));
                bob.handle(discard, &mut env_at(20 * SECOND, &mut rng)).unwrap();
            }
        }
        assert_eq!(views(&outputs(&mut bob)), 0, "{flush} {by_peer}");
    }
}

// The id of a deleted message may be used again; what was lent is not the new one's.
#[test]
fn fa_09_a_lease_does_not_pass_on_to_the_next_message_of_its_id() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let draft = photo(ttl(30)).with_random_id(RandomId(7));
    let (id, sent) = sends(&mut alice, &draft, 0, rng);
    gives(&sent, &mut bob, 0, rng);
    bob.open_view(id, &mut env_at(0, rng)).unwrap();
    let read = sealed_in(&{
        let mut copy = Vec::new();
        // Only what is to be carried; the lease stays.
        bob.retransmit(&mut env_at(0, rng));
        while let Some(output) = bob.poll_output() {
            copy.push(output);
        }
        copy
    });
    for sealed in read {
        let _repeat = alice.handle(pair::ciphertext(&sealed), &mut env_at(0, rng));
    }
    bob.open_view(id, &mut env_at(SECOND, rng)).unwrap();
    alice.delete(&[id], &mut env_at(SECOND, rng)).unwrap();
    let (_, again) = {
        let deletion = outputs(&mut alice);
        gives_without_taking(&deletion, &mut bob, rng);
        sends(&mut alice, &draft, SECOND, rng)
    };
    gives_without_taking(&again, &mut bob, rng);
    assert_eq!(views(&outputs(&mut bob)), 0);
    assert_eq!(bob.deadline(id), None, "the new one was not opened");
}

fn gives_without_taking(carried: &[secretchat::Output], to: &mut secretchat::Chat, rng: &mut rng::Seeded) {
    for sealed in sealed_in(carried) {
        to.handle(pair::ciphertext(&sealed), &mut env_at(SECOND, rng)).unwrap();
    }
}

// A view-once medium that waited too long was not seen, and is gone all the same.
#[test]
fn fa_09_a_view_once_lease_ends_with_its_limit() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let rng = &mut rng;
    let (id, sent) = sends(&mut alice, &photo(Ttl::VIEW_ONCE), 0, rng);
    gives(&sent, &mut bob, 0, rng);
    bob.open_view(id, &mut env_at(0, rng)).unwrap();
    bob.handle_timeout(&mut env_at(300 * SECOND, rng));
    let told = outputs(&mut bob);
    assert_eq!((views(&told), expired(&told)), (0, vec![id]));
}
