//! Messages that were sent once and come again (SPEC SEQ-3, ENV-1).

use secretchat::{Handled, PeerFault};

use crate::honest::{Profile, Two, every_profile};
use crate::support::pair::ciphertext;
use crate::support::twin::{self, Twin};

/// Everything that ever reached Bob reaches him again: after each message, after new keys, and after restarts.
#[test]
fn at_09_a_replay_is_never_anything() {
    for profile in every_profile() {
        twin::unchanged(|twin| a_replay_is_never_anything(twin, profile));
    }
}

fn a_replay_is_never_anything(twin: &mut Twin, profile: Profile) {
    let mut two = Two::ready_in(profile);
    for round in 0..3 {
        for n in 0..20 {
            two.alice_says(&format!("{round} {n}"));
            everything_again(twin, &mut two);
        }
        two.bob_says("yes");
        assert_eq!(two.bob.texts().len(), if round == 0 { 20 } else { 22 });
        everything_again(twin, &mut two);
        two.bob_restarts();
        everything_again(twin, &mut two);
        two.renew();
    }
    // Of the first keys nothing opens any more.
    let first = two.to_bob[1].clone();
    assert_eq!(two.bob_gets(&first), Err(PeerFault::UnknownKey));
    twin.records(&two.bob.records());
    twin.compare(&mut two.bob.chat);
}

fn everything_again(twin: &mut Twin, two: &mut Two) {
    let all = two.to_bob.clone();
    twin.idle(&mut two.bob.chat, |bob, env| {
        for (place, bytes) in all.iter().enumerate() {
            let handled = bob.handle(ciphertext(bytes), env);
            let is_nothing = matches!(handled, Ok(Handled::Duplicate) | Err(PeerFault::UnknownKey));
            assert!(is_nothing, "{place} of {}: {handled:?}", all.len());
        }
    });
}
