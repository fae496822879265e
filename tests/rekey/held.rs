//! No key is asked for while an old one is held (SPEC REKEY-5), not even when the new one is known at both ends.

use secretchat::{Draft, Handled, Unavailable};

use crate::support::rekeyer::{DEFAULT, Rekeyer, Rules, noop};

const NOTHING: [&str; 0] = [];
const WEEK: u64 = 7 * 24 * 60 * 60 * 1000;

// An early message may be under the old key, so that it is kept (REKEY-4), though the peer has acknowledged a message
// under the new one.
#[test]
fn fa_44_no_key_is_asked_for_while_an_old_one_is_held() {
    for rules in [Rules::X25519, DEFAULT] {
        let (mut peer, mut bob) = Rekeyer::committed(rules);
        bob.send(&Draft::text("under the new key"), &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["1: text"]);
        // As of when its turn comes: what Bob sends in between is the Resend.
        peer.received = i32::try_from(bob.counters().sent).unwrap() + 1;
        let early = peer.seal(peer.sent + 2, &noop());
        assert_eq!(peer.gives(&mut bob, &early), Ok(Handled::Waiting));
        assert_eq!(peer.take(&mut bob), ["1: Resend"]);
        peer.says(&mut bob, &noop()).unwrap();
        assert_eq!(bob.counters().acknowledged, bob.counters().sent, "all under the new key");
        assert_eq!(peer.take(&mut bob), NOTHING);

        assert_eq!(bob.rekey(&mut peer.env()), Err(Unavailable::RekeyInProgress.into()));
        peer.now += WEEK;
        bob.handle_timeout(&mut peer.env());
        assert_eq!(peer.take(&mut bob), ["1: Resend"], "nor by itself, when the key is a week old; only for the gap");
        // What was missing comes: the old key goes, and it asks at once.
        peer.says(&mut bob, &noop()).unwrap();
        peer.sent += 1;
        assert_eq!(peer.take(&mut bob), ["1: RequestKey"]);
    }
}
