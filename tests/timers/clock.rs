//! Logical time under jumps of the host's clock (SPEC TIME-1), and what a resting chat takes.

use proptest::prelude::*;
use secretchat::Timestamp;
use secretchat::hazmat::time::{Elapsed, LogicalClock};

#[cfg(feature = "alloc")]
use {
    crate::support::pair::{Pair, at, env_at},
    crate::support::timed::{SECOND, gives, sends, text, ttl},
    secretchat::Notice,
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the clock does, and wherever the process is restarted in between, what has elapsed is the sum of the
    /// steps forward, and a deadline is due exactly when that sum reaches it.
    #[test]
    fn elapsed_is_the_sum_of_forward_steps(
        start in 0..u64::MAX / 4,
        steps in prop::collection::vec((-100_000_i64..100_000, any::<bool>()), 0..60),
        deadline in 0..1_000_000_u64,
    ) {
        let mut raw = start;
        let mut sum = 0;
        let mut clock = LogicalClock::start(Timestamp::from_millis(start));
        for (step, restarts) in steps {
            raw = raw.saturating_add_signed(step);
            sum += u64::try_from(step.max(0)).unwrap();
            clock = clock.advanced(Timestamp::from_millis(raw));
            if restarts {
                clock = LogicalClock::resume(clock.raw(), clock.elapsed());
            }
            prop_assert_eq!(clock.elapsed(), Elapsed::from_millis(sum));
            prop_assert_eq!(clock.raw(), Timestamp::from_millis(raw));
            let due = clock.raw_deadline(Elapsed::from_millis(deadline)) <= clock.raw();
            prop_assert_eq!(due, sum >= deadline);
            // Called at the time it asked for, it is due: nothing freezes.
            let then = clock.advanced(clock.raw_deadline(Elapsed::from_millis(deadline)));
            prop_assert!(then.elapsed() >= Elapsed::from_millis(deadline));
        }
    }
}

// A deletion of nothing is a call like others: the host's clock has gone on, or back.
#[cfg(feature = "alloc")]
#[test]
fn a_deletion_of_no_message_takes_note_of_the_time() {
    let Pair { mut alice, mut bob, mut rng } = Pair::ready();
    let (id, sent) = sends(&mut alice, &text(ttl(60)), 0, &mut rng);
    gives(&sent, &mut bob, 0, &mut rng);
    bob.mark_read(&[id], &mut env_at(0, &mut rng)).unwrap();
    assert_eq!(bob.deadline(id), Some(at(60 * SECOND)));
    // Twenty seconds pass, then the clock is set back by fifteen: forty are left.
    assert_eq!(bob.delete(&[], &mut env_at(20 * SECOND, &mut rng)), Ok(Notice::Nothing));
    assert_eq!(bob.delete(&[], &mut env_at(5 * SECOND, &mut rng)), Ok(Notice::Nothing));
    assert_eq!(bob.deadline(id), Some(at(45 * SECOND)));
}

#[cfg(feature = "alloc")]
#[test]
fn a_resting_chat_is_small_and_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<secretchat::Chat>();
    assert!(size_of::<secretchat::Chat>() <= 1024, "{}", size_of::<secretchat::Chat>());
}
