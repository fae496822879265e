//! Re-keying between two chats (SPEC REKEY-1 to REKEY-7).

use secretchat::{RekeyState, Unavailable};

use crate::support::agreement;
use crate::support::pair::{self, Pair, all_sealed, env};

#[test]
fn an_exchange_from_request_to_wiped_keys() {
    // The lengths that SPEC LIM-1 asks room for, and those of what answers.
    let lengths = [[152, 216, 152, 152], [1752, 1304, 152, 152]];
    for (&agreement, lengths) in agreement::EVERY.iter().zip(lengths) {
        let mut pair = Pair::of(Pair::alice_in(agreement), Pair::bob_in(agreement));
        let first = pair.alice.key_fingerprint();
        let verification = pair.alice.verification();
        pair.alice.rekey(&mut env(&mut pair.rng)).unwrap();
        assert_eq!(pair.alice.rekey(&mut env(&mut pair.rng)), Err(Unavailable::RekeyInProgress.into()));
        assert!(matches!(pair.alice.rekey_state(), RekeyState::Requested { .. }));
        let mut exchange = vec![];
        for _ in 0..8 {
            for sealed in all_sealed(&mut pair.alice) {
                exchange.push(sealed.len());
                pair.bob_gets(&sealed).unwrap();
            }
            for sealed in all_sealed(&mut pair.bob) {
                exchange.push(sealed.len());
                pair.alice.handle(pair::ciphertext(&sealed), &mut env(&mut pair.rng)).unwrap();
            }
        }
        assert_eq!(exchange, lengths, "RequestKey, AcceptKey, CommitKey, Noop");
        assert_eq!((pair.alice.rekeys(), pair.bob.rekeys()), (1, 1));
        assert_ne!(pair.alice.key_fingerprint(), first);
        assert_eq!(pair.alice.key_fingerprint(), pair.bob.key_fingerprint());
        assert_eq!(pair.alice.verification(), verification);
        assert_eq!(
            pair.bob.rekey(&mut env(&mut pair.rng)),
            Err(Unavailable::RekeyInProgress.into()),
            "Bob keeps the old key"
        );
        assert_eq!(pair.bob.check(), None);
        pair.alice.acknowledge(&mut env(&mut pair.rng)).unwrap();
        for sealed in all_sealed(&mut pair.alice) {
            pair.bob_gets(&sealed).unwrap();
        }
        assert_eq!(pair.alice.check(), pair.bob.check());
        assert!(pair.bob.check().is_some() && pair.bob.check() != verification);
        assert_eq!(pair.bob.rekey(&mut env(&mut pair.rng)), Ok(()));
    }
}
