//! What a call of a driver asks of the heap, over what a peer lets pile up in it (SPEC DRV-1, DRV-7, LIM-5).

use secretchat::frame::Frame;
use secretchat::store::{Action, Driver, Step};
use secretchat::{Draft, Env, TransmitId};

use crate::allocator::taken;
use crate::measuring::{Measured, Room, SIZES, assert_linear};
use crate::support::forger;
use crate::support::meeting::Meeting;
use crate::support::pair::{at, env, env_at};
use crate::support::piles::{deletion, id};
use crate::support::profile::every_profile;

const HOUR: u64 = 60 * 60 * 1000;

/// A name, and what lets so many pile up; it returns how many outputs and receipts nobody took.
type Pile = (&'static str, fn(&mut Driver<()>, &mut Meeting, usize) -> usize);

const PILES: [Pile; 3] = [
    ("receipts and outputs that nobody takes", |driver, meeting, n| {
        for at in 1..=n {
            let sealed = meeting.forger.say_next(&forger::text(id(at).0, "theirs"));
            hear(driver, &sealed, &mut env(&mut meeting.forger.rng));
        }
        3 * n
    }),
    ("messages in flight", |driver, meeting, n| {
        fly(driver, meeting, n);
        0
    }),
    // Each is to be replaced by an empty one.
    ("deleted messages in flight", |driver, meeting, n| {
        fly(driver, meeting, n);
        let ids: Vec<_> = (0..n).map(|at| id(at).0).collect();
        let sealed = meeting.forger.say_next(&deletion(&ids));
        hear(driver, &sealed, &mut env(&mut meeting.forger.rng));
        take(driver, |_, _| {});
        0
    }),
];

type Kind = (&'static str, fn(&mut Driver<()>, &[u8], &mut Env<'_>));

const KINDS: [Kind; 6] = [
    ("frame", hear),
    ("receipt", |driver, _, env| {
        _ = driver.handle_frame(&Frame::Receipt { transmit_id: TransmitId(16), proof: None }, env);
    }),
    ("next step", |driver, _, _| _ = driver.next_step()),
    ("timeout an hour later", |driver, _, env| _ = driver.handle_timeout(&mut env_at(HOUR, env.rng))),
    ("landed", |driver, _, _| driver.landed(TransmitId(16), at(0))),
    ("transport is back", |driver, _, env| driver.retransmit(env)),
];

fn hear(driver: &mut Driver<()>, sealed: &[u8], env: &mut Env<'_>) {
    let frame = Frame::Ciphertext { transmit_id: TransmitId(9), file: None, bytes: sealed };
    driver.handle_frame(&frame, env).unwrap();
}

fn fly(driver: &mut Driver<()>, meeting: &mut Meeting, n: usize) {
    for at in 0..n {
        let draft = Draft::text("ours").with_random_id(id(at));
        driver.send(&draft, &mut env(&mut meeting.forger.rng)).unwrap();
        take(driver, |driver, action| {
            if let Action::Transmit(transmit) = action {
                driver.in_flight(transmit);
            }
        });
    }
}

fn take(driver: &mut Driver<()>, mut act: impl FnMut(&mut Driver<()>, &Action)) {
    while let Some(step) = driver.next_step() {
        match step {
            Step::Write(batch) => driver.written(&batch),
            Step::Act(action) => act(driver, &action),
        }
    }
}

#[test]
fn what_a_call_of_a_driver_takes_grows_no_faster_than_what_piled_up() {
    for profile in every_profile() {
        for (pile, make) in PILES {
            for (kind, call) in KINDS {
                let measured = SIZES.map(|size| {
                    let mut meeting = profile.meet(size);
                    let records = meeting.records();
                    let mut driver = Driver::new(meeting.restart(&records), ());
                    let untaken = make(&mut driver, &mut meeting, size);
                    let sealed = meeting.forger.say_next(&forger::text(5, "one more"));
                    let ((), taken) = taken(|| call(&mut driver, &sealed, &mut env(&mut meeting.forger.rng)));
                    let doubles = 2 * untaken * size_of::<secretchat::Output>();
                    Measured { taken, room: Room::of(&meeting.limits, untaken), brought: sealed.len(), doubles }
                });
                assert_linear(&format!("{profile:?}: {kind} over {pile}"), measured);
            }
        }
    }
}
