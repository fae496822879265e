//! What tests of "changes nothing" see: every field of the state and both numbers of the clock (SPEC OUT-1, TIME-1).

use std::panic::catch_unwind;

use secretchat::{Handled, Input, PeerFault, TransmitId};

use crate::support::pair::{self, Pair, ciphertext, env, env_at};
use crate::support::rng::Seeded;
use crate::support::twin;

const HOUR: u64 = 3_600_000;

/// Bob takes a message; `before`, which gets one that comes too early, comes first, unless the twin is told.
fn is_seen(before: impl Fn(&mut Pair, &[u8]) + std::panic::RefUnwindSafe) -> bool {
    let told = catch_unwind(|| {
        twin::unchanged(|twin| {
            let mut pair = Pair::ready();
            let [sealed, _, early] = ["hello", "lost", "early"].map(|text| pair.alice_sends(text));
            if twin.sees_bad_input() {
                before(&mut pair, &early);
            }
            assert_eq!(pair.bob_gets(&sealed), Ok(Handled::Applied));
            twin.compare(&mut pair.bob);
        });
    });
    told.is_err()
}

#[test]
fn fa_32_a_twin_sees_a_clock_that_moved_and_a_message_that_was_taken() {
    assert!(!is_seen(|_, _| {}), "nothing happened");
    // An input that does not fit takes note of the time, and of nothing else.
    let stray = || Input::carried(TransmitId(99), None);
    let notes_the_time = |millis| {
        move |pair: &mut Pair, _: &[u8]| {
            let handled = pair.bob.handle(stray(), &mut env_at(millis, &mut Seeded::new(1)));
            assert_eq!(handled, Ok(Handled::Ignored));
        }
    };
    assert!(!is_seen(notes_the_time(0)), "it is the same time");
    assert!(is_seen(notes_the_time(HOUR)));
    assert!(is_seen(notes_the_time(1)));
    assert!(is_seen(|pair, early| {
        let handled = pair.bob.handle(ciphertext(early), &mut env(&mut Seeded::new(1)));
        assert_eq!(handled, Ok(Handled::Waiting));
        pair::outputs(&mut pair.bob);
    }));
    assert!(is_seen(|pair, _| {
        pair.bob.rekey(&mut env(&mut Seeded::new(1))).unwrap();
        pair::outputs(&mut pair.bob);
    }));
}

#[test]
fn fa_32_an_error_moves_no_clock() {
    for millis in [0, 1, HOUR, 400 * 24 * HOUR] {
        assert!(!is_seen(move |pair, _| {
            let forged = vec![0x5a; 64];
            let handled = pair.bob.handle(ciphertext(&forged), &mut env_at(millis, &mut Seeded::new(1)));
            assert_eq!(handled, Err(PeerFault::UnknownKey));
        }));
    }
}
