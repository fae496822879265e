//! One history for both ends, also where messages crossed (SPEC SEQ-10).

use std::collections::VecDeque;

use proptest::prelude::*;
#[cfg(feature = "telegram")]
use secretchat::PeerPolicy;
use secretchat::{Chat, Draft, Event, Output, Position, Role, TransmitKind};

use crate::support::pair::{Pair, ciphertext, env};
use crate::support::rng::Seeded;
#[cfg(feature = "telegram")]
use crate::support::telegram;

/// A chat with its history and what is on the way to it.
struct Phone {
    chat: Chat,
    /// What this end shows: the place and the text of each message.
    history: Vec<(Position, String)>,
    /// What the peer has sealed and this end has not got.
    coming: VecDeque<Vec<u8>>,
}

impl Phone {
    fn new(chat: Chat) -> Self {
        Self { chat, history: Vec::new(), coming: VecDeque::new() }
    }

    fn shown(&mut self) -> Vec<&str> {
        self.history.sort_by_key(|(position, _)| position.order());
        self.history.iter().map(|(_, text)| text.as_str()).collect()
    }
}

struct Phones {
    phones: [Phone; 2],
    rng: Seeded,
    written: usize,
}

const ALICE: usize = 0;
const BOB: usize = 1;

impl Phones {
    fn new(Pair { alice, bob, rng }: Pair) -> Self {
        Self { phones: [alice, bob].map(Phone::new), rng, written: 0 }
    }

    /// The end writes the next number.
    fn writes(&mut self, end: usize) {
        let Phone { chat, history, .. } = &mut self.phones[end];
        let text = self.written.to_string();
        let random_id = chat.send(&Draft::text(text.clone()), &mut env(&mut self.rng)).unwrap();
        history.push((chat.position(random_id).expect("it was just queued"), text));
        self.written += 1;
        self.take_outputs(end);
    }

    /// The end gets the `which`th of what is on the way to it.
    fn gets(&mut self, end: usize, which: usize) {
        let Phone { chat, coming, .. } = &mut self.phones[end];
        let Some(sealed) = which.checked_rem(coming.len()).and_then(|which| coming.remove(which)) else { return };
        chat.handle(ciphertext(&sealed), &mut env(&mut self.rng)).unwrap();
        self.take_outputs(end);
    }

    fn gets_all(&mut self) {
        while let Some(end) = [ALICE, BOB].into_iter().find(|end| !self.phones[*end].coming.is_empty()) {
            self.gets(end, 0);
        }
    }

    fn take_outputs(&mut self, end: usize) {
        while let Some(output) = self.phones[end].chat.poll_output() {
            match output {
                Output::Event(Event::Message(message)) => {
                    self.phones[end].history.push((message.position, message.content.text));
                }
                Output::Transmit(transmit) => {
                    if let TransmitKind::Ciphertext { bytes, .. } = transmit.kind {
                        self.phones[1 - end].coming.push_back(bytes);
                    }
                }
                _ => {}
            }
        }
    }
}

fn pairs() -> Vec<Pair> {
    vec![
        Pair::of(Pair::alice_config(), Pair::bob_config()),
        #[cfg(feature = "telegram")]
        Pair::of(telegram::config(PeerPolicy::Default), telegram::config(PeerPolicy::Strict)),
    ]
}

#[test]
fn a_conversation_that_crosses_reads_the_same_at_both_ends() {
    for pair in pairs() {
        let mut phones = Phones::new(pair);
        // Two questions are on their way when the peer writes three of its own.
        phones.writes(ALICE);
        phones.writes(ALICE);
        phones.writes(BOB);
        phones.writes(BOB);
        phones.writes(BOB);
        phones.gets_all();
        // These are answers: everything above was seen.
        phones.writes(BOB);
        phones.gets_all();
        phones.writes(ALICE);
        phones.gets_all();
        let [alice, bob] = phones.phones.each_mut().map(Phone::shown);
        assert_eq!(alice, bob);
        assert_eq!(alice.len(), 7);
        assert_eq!(alice[5..], ["5", "6"], "answers stand behind what they answer");
        let place = |text| alice.iter().position(|shown| *shown == text).unwrap();
        assert!(place("0") < place("1"), "each end's own stay in their order");
        assert!(place("2") < place("3") && place("3") < place("4"));
    }
}

#[test]
fn a_position_says_who_wrote_and_what_was_seen() {
    for pair in pairs() {
        let mut phones = Phones::new(pair);
        let before = phones.phones.each_ref().map(|phone| phone.chat.counters());
        phones.writes(ALICE);
        phones.writes(BOB);
        phones.gets_all();
        phones.writes(BOB);
        let history = &phones.phones[BOB].history;
        let seen: Vec<_> =
            history.iter().map(|(at, _)| (at.sender(), at.slot().get(), at.acknowledged().get())).collect();
        let [alice, bob] = before;
        let crossed = (Role::Responder, bob.sent, bob.received);
        let question = (Role::Initiator, alice.sent, alice.received);
        assert_eq!(seen, [crossed, question, (Role::Responder, bob.sent + 1, bob.received + 1)]);
    }
}

#[test]
fn an_acknowledged_message_has_no_position_to_ask_for() {
    let mut pair = Pair::ready();
    let random_id = pair.alice.send(&Draft::text("a"), &mut env(&mut pair.rng)).unwrap();
    assert!(pair.alice.position(random_id).is_some());
    let mut phones = Phones::new(pair);
    phones.take_outputs(ALICE);
    phones.gets_all();
    phones.writes(BOB);
    phones.gets_all();
    assert_eq!(phones.phones[ALICE].chat.position(random_id), None);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Write(usize),
    Get(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..2_usize).prop_map(Step::Write),
        3 => (0..2_usize, 0..4_usize).prop_map(|(end, which)| Step::Get(end, which)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    /// However messages cross, and in whatever order they arrive, both ends show the same history, and nobody's message
    /// stands before one that its writer had in front of it.
    #[test]
    fn both_ends_show_one_history(steps in proptest::collection::vec(step(), 0..40)) {
        for pair in pairs() {
            let mut phones = Phones::new(pair);
            let mut shown_to_writers = Vec::new();
            for step in &steps {
                match *step {
                    Step::Get(end, which) => phones.gets(end, which),
                    Step::Write(end) => {
                        let before: Vec<_> = phones.phones[end].history.iter().map(|(position, _)| *position).collect();
                        phones.writes(end);
                        shown_to_writers.push((before, phones.phones[end].history.last().unwrap().0));
                    }
                }
            }
            phones.gets_all();
            for (before, written) in shown_to_writers {
                prop_assert!(before.iter().all(|position| position.order() < written.order()));
            }
            let [alice, bob] = phones.phones.each_mut().map(Phone::shown);
            prop_assert_eq!(alice.len(), phones.written);
            prop_assert_eq!(alice, bob);
        }
    }
}
