//! The driver beside files: it does not ask for what is on its way, and takes no message before its file (SPEC DRV-7,
//! FILE-2).

use secretchat::frame::{FileId, Frame};
use secretchat::store::Action;
use secretchat::{Draft, Env, Handled, RandomId, Transmit, TransmitKind};

use super::host::{Host, at, pair};

/// What the driver wants carried at this time; it is due.
fn transmits(host: &mut Host, now: u64) -> Vec<Transmit> {
    let mut rng = host.rng.clone();
    host.driver().handle_timeout(&mut Env::new(at(now), &mut rng)).unwrap();
    taken(host)
}

fn taken(host: &mut Host) -> Vec<Transmit> {
    // Not the notice of the layer in the first slot.
    taken_in_all(host).into_iter().filter(|transmit| transmit.id.0 > 16).collect()
}

fn taken_in_all(host: &mut Host) -> Vec<Transmit> {
    let actions = std::iter::from_fn(|| host.driver().next_action().unwrap());
    actions.filter_map(|action| if let Action::Transmit(transmit) = action { Some(transmit) } else { None }).collect()
}

fn send(host: &mut Host, text: &str) -> (RandomId, Transmit) {
    let mut rng = host.rng.clone();
    let id = host.driver().send(&Draft::text(text), &mut Env::new(at(0), &mut rng)).unwrap();
    (id, taken_in_all(host).pop().unwrap())
}

#[test]
fn what_is_on_its_way_is_not_asked_for() {
    let [mut alice, _] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    let (_, second) = send(&mut alice, "second");
    alice.driver().in_flight(&first);
    assert_eq!(transmits(&mut alice, 5_000), std::slice::from_ref(&second));
    assert_eq!(transmits(&mut alice, 15_000), std::slice::from_ref(&second));
    alice.driver().landed(first.id, at(20_000));
    assert_eq!(transmits(&mut alice, 24_999), []);
    assert_eq!(transmits(&mut alice, 25_000), [first, second], "one first pause later");
}

/// The first of two messages was carried after a second. Returns its id and both messages.
fn carried_at_1_000() -> ([Host; 2], RandomId, Transmit, Transmit) {
    let [mut alice, bob] = pair(2, 1000);
    let (id, first) = send(&mut alice, "first");
    let (_, second) = send(&mut alice, "second");
    alice.driver().in_flight(&first);
    alice.driver().landed(first.id, at(1_000));
    ([alice, bob], id, first, second)
}

// SPEC DRV-7: the peer's request cannot know that the message has just been carried.
#[test]
fn what_was_carried_a_moment_ago_is_not_asked_for_by_the_peer_either() {
    let ([mut alice, mut bob], _, first, second) = carried_at_1_000();
    let mut rng = bob.rng.clone();
    let early = bob.driver().handle_frame(&Frame::of(&second).unwrap(), &mut Env::new(at(2_000), &mut rng));
    assert_eq!(early, Ok(Handled::Waiting));
    let resend = taken_in_all(&mut bob).pop().unwrap();
    let handled = alice.driver().handle_frame(&Frame::of(&resend).unwrap(), &mut Env::new(at(5_999), &mut rng));
    assert_eq!(handled, Ok(Handled::Applied));
    assert!(taken(&mut alice).iter().all(|again| again.id != first.id));
    assert!(transmits(&mut alice, 6_000).contains(&first), "one first pause later");
}

// SPEC DRV-7: at most one note for each message that the peer has not acknowledged.
#[test]
fn what_the_peer_has_acknowledged_is_no_longer_noted() {
    let [mut alice, mut bob] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    alice.driver().in_flight(&first);
    let mut rng = bob.rng.clone();
    bob.driver().handle_frame(&Frame::of(&first).unwrap(), &mut Env::new(at(0), &mut rng)).unwrap();
    let (_, answer) = send(&mut bob, "answer");
    alice.driver().handle_frame(&Frame::of(&answer).unwrap(), &mut Env::new(at(0), &mut rng)).unwrap();
    let (_, second) = send(&mut alice, "second");
    alice.driver().in_flight(&second);
    assert_eq!(flights(&mut alice), 1);
}

#[test]
fn several_may_be_on_their_way_and_one_counts_once() {
    let [mut alice, _] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    let (_, second) = send(&mut alice, "second");
    let before = flights(&mut alice);
    for transmit in [&first, &second, &first] {
        alice.driver().in_flight(transmit);
    }
    assert_eq!(flights(&mut alice), before + 2);
    assert_eq!(transmits(&mut alice, 5_000), []);
}

fn flights(host: &mut Host) -> usize {
    format!("{:?}", host.driver()).matches("Flight {").count()
}

// SPEC DRV-7: the pause is for the message that was carried, and not for what took its place.
#[test]
fn a_slot_that_was_emptied_is_given_to_a_peer_that_asks_within_the_pause() {
    let ([mut alice, mut bob], id, first, second) = carried_at_1_000();
    let mut rng = bob.rng.clone();
    alice.driver().act(&mut Env::new(at(1_000), &mut rng), |chat, env| chat.delete(&[id], env)).unwrap();
    taken(&mut alice);
    bob.driver().handle_frame(&Frame::of(&second).unwrap(), &mut Env::new(at(2_000), &mut rng)).unwrap();
    let resend = taken_in_all(&mut bob).pop().unwrap();
    alice.driver().handle_frame(&Frame::of(&resend).unwrap(), &mut Env::new(at(2_000), &mut rng)).unwrap();
    let left = taken(&mut alice);
    assert!(left.iter().any(|transmit| transmit.id == first.id && *transmit != first), "{left:?}");
}

#[test]
fn a_transport_that_is_back_has_nothing_on_its_way() {
    let [mut alice, _] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    alice.driver().in_flight(&first);
    let mut rng = alice.rng.clone();
    alice.driver().retransmit(&mut Env::new(at(1), &mut rng));
    assert_eq!(taken(&mut alice), std::slice::from_ref(&first));
    // So has a process that begins anew.
    alice.driver().in_flight(&first);
    alice.restart(2);
    assert_eq!(taken(&mut alice), [first]);
}

#[test]
fn a_slot_that_was_emptied_leaves_while_the_old_one_is_on_its_way() {
    let [mut alice, _] = pair(2, 1000);
    let (id, first) = send(&mut alice, "first");
    alice.driver().in_flight(&first);
    let mut rng = alice.rng.clone();
    alice.driver().act(&mut Env::new(at(0), &mut rng), |chat, env| chat.delete(&[id], env)).unwrap();
    let left = taken(&mut alice);
    assert_eq!(left[1].id, first.id, "behind the word to the peer");
    assert_ne!(left[1], first);
    alice.driver().in_flight(&left[1]);
    assert!(transmits(&mut alice, 60_000).iter().all(|again| again.id != first.id), "once");
}

/// Names that are no messages which the peer has to acknowledge take no place.
#[test]
fn what_is_no_message_is_not_noted() {
    let [mut alice, mut bob] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    let mut rng = bob.rng.clone();
    let frame = Frame::of(&first).unwrap();
    assert_eq!(bob.driver().handle_frame(&frame, &mut Env::new(at(0), &mut rng)), Ok(Handled::Applied));
    // A transmission of the other end, and one with a name far ahead.
    bob.driver().in_flight(&first);
    let ahead = Transmit { id: secretchat::TransmitId(u64::MAX), ..first.clone() };
    bob.driver().in_flight(&ahead);
    assert!(!format!("{:?}", bob.driver()).contains("Flight {"));
    alice.driver().in_flight(&first);
    assert!(format!("{:?}", alice.driver()).contains("Flight {"));
}

/// The receipt of such a message would tell its sender that it has the file.
#[test]
fn a_message_that_names_a_file_comes_by_the_receiver_of_files_alone() {
    let [mut alice, mut bob] = pair(2, 1000);
    let (_, first) = send(&mut alice, "first");
    let TransmitKind::Ciphertext { bytes, .. } = &first.kind else { panic!("a message") };
    let mut rng = bob.rng.clone();
    let before = bob.driver().chat().counters();
    let file = Some(FileId([9; 16]));
    let frame = Frame::Ciphertext { transmit_id: first.id, file, bytes };
    let env = &mut Env::new(at(0), &mut rng);
    assert_eq!(bob.driver().handle_frame(&frame, env), Ok(Handled::NoRoom), "it has to come again");
    assert_eq!(bob.driver().chat().counters(), before);
    assert!(bob.driver().next_action().unwrap().is_none(), "no receipt");
    // Whoever is on the way cannot make it lost by naming a file: the same message without one is taken.
    let frame = Frame::Ciphertext { transmit_id: first.id, file: None, bytes };
    assert_eq!(bob.driver().handle_frame(&frame, env), Ok(Handled::Applied));
}
