//! What one call asks of the heap grows no faster than what piled up before it and what it brings (SPEC LIM-1 to LIM-5).
//!
//! Time is measured by `benches`, over the same piles.

use secretchat::Records;

use crate::allocator::taken;
use crate::measuring::{Measured, Room, SIZES, assert_linear};
use crate::support::kinds::{BY_LENGTH, KINDS, LARGE, LENGTHS, Ready};
use crate::support::meeting::Meeting;
use crate::support::pair::outputs;
use crate::support::piles::PILES;
use crate::support::profile::{Profile, every_profile};

/// A chat in which so much piled up.
struct Piled {
    meeting: Meeting,
    records: Records,
    size: usize,
    /// Outputs that nobody took.
    untaken: usize,
}

impl Piled {
    fn new(profile: Profile, make: fn(&mut Meeting, usize), size: usize) -> Self {
        let mut meeting = profile.meet(size);
        make(&mut meeting, size);
        let records = meeting.records();
        let untaken = outputs(&mut meeting.restart(&records)).len();
        Self { meeting, records, size, untaken }
    }

    fn room(&self) -> Room {
        Room::of(&self.meeting.limits, self.untaken)
    }

    /// The queue of outputs doubles with the one for which it has no room.
    fn doubles(&self) -> usize {
        2 * self.untaken * size_of::<secretchat::Output>()
    }
}

#[test]
fn what_a_call_takes_grows_no_faster_than_what_piled_up() {
    for profile in every_profile() {
        for (pile, make) in PILES {
            let mut piled = SIZES.map(|size| Piled::new(profile, make, size));
            for (kind, call) in KINDS {
                let what = format!("{profile:?}: {kind} over {pile}");
                let measured = piled.each_mut().map(|piled| {
                    let call = call(&piled.meeting, piled.size);
                    let mut ready = Ready::new(&call, &mut piled.meeting, &piled.records);
                    let ((), taken) = taken(|| ready.make(&call, &mut piled.meeting));
                    // Those of the call itself, and one or two for each message that it sends again, hands out, releases or
                    // ends (SPEC LIM-5): a pile is of ours, of the peer's, or of both.
                    let told = outputs(&mut ready.bob).len();
                    assert!(
                        told <= 2 * (2 * piled.size) + 8 + piled.untaken,
                        "{what}: {told} outputs at {}",
                        piled.size
                    );
                    let brought = ready.bytes.map_or(0, |bytes| bytes.len());
                    Measured { taken, room: piled.room(), brought, doubles: piled.doubles() }
                });
                assert_linear(&what, measured);
            }
            // A restart goes through all of it.
            let restarts = piled.each_mut().map(|piled| {
                let (chat, taken) = taken(|| piled.meeting.restart(&piled.records));
                drop(chat);
                Measured { taken, room: piled.room(), brought: 0, doubles: piled.doubles() }
            });
            assert_linear(&format!("{profile:?}: restore over {pile}"), restarts);
        }
    }
}

#[test]
fn what_a_call_takes_grows_no_faster_than_what_it_brings() {
    for profile in every_profile() {
        let mut meeting = profile.meet(LARGE);
        let records = meeting.records();
        for (kind, call) in BY_LENGTH {
            let measured = LENGTHS.map(|length| {
                let call = call(length);
                let mut ready = Ready::new(&call, &mut meeting, &records);
                let ((), taken) = taken(|| ready.make(&call, &mut meeting));
                let brought = ready.bytes.map_or(0, |bytes| bytes.len());
                Measured { taken, room: Room { messages: 0, bytes: 0 }, brought, doubles: 0 }
            });
            assert_linear(&format!("{profile:?}: {kind}"), measured);
        }
    }
}

/// What came before the key waits for it, and is gone through with the answer (SPEC MODP-6).
#[cfg(feature = "telegram")]
#[test]
fn what_an_answer_takes_grows_no_faster_than_what_came_before_it() {
    use crate::support::early::{EARLY, asked};
    use crate::support::pair::env;
    use secretchat::{Handled, Input};

    for (what, message) in EARLY {
        let measured = SIZES.map(|size| {
            let (mut alice, mut forger) = asked(size, message);
            let public = crate::support::telegram::public_value();
            let answer = Input::accepted(&public, forger.fingerprint);
            let (handled, taken) = taken(|| alice.handle(answer, &mut env(&mut forger.rng)));
            assert_eq!(handled, Ok(Handled::Applied));
            assert!(outputs(&mut alice).len() >= 2 * size, "all of them came out, each with its batch");
            // They are opened one by one, each in a group of its own.
            Measured { taken, room: Room::of(&Profile::limits(size), 0), brought: public.len(), doubles: 0 }
        });
        assert_linear(&format!("an answer over early {what}"), measured);
    }
}
