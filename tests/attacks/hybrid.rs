//! What the size and the work of hybrid exchanges can be used for (SPEC REKEY-3, REKEY-5).

use std::collections::BTreeSet;

use secretchat::{Handled, RandomId};

use crate::support::rekeyer::{Rekeyer, Rules, noop};

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// A relay drops every answer for thirty days, and the peer goes on to write: requests come with growing pauses, one at a time.
/// With an hour of patience for each and pauses of 10, 20, 40, 80, 160 and then 320 minutes (REKEY-5) fewer than 120 fit.
#[test]
fn at_77_requests_that_nobody_answers_come_with_growing_pauses() {
    let (mut peer, mut bob) = Rekeyer::meet_used(Rules::HYBRID, 116, |_| {});
    let (start, mut asked, mut bytes) = (peer.now, BTreeSet::new(), 0);
    asked.insert(peer.request.clone().unwrap().0);
    while peer.now < start + 30 * DAY {
        peer.now += 5 * MINUTE;
        peer.says(&mut bob, &noop()).unwrap();
        bob.handle_timeout(&mut peer.env());
        let said = peer.take(&mut bob);
        let requests = said.iter().filter(|said| said.ends_with("RequestKey")).count();
        assert!(requests <= 1, "{said:?}");
        let (id, value) = peer.request.clone().unwrap();
        if asked.insert(id) {
            bytes += value.len();
        }
    }
    assert!((20..120).contains(&asked.len()), "{}", asked.len());
    assert_eq!(bytes, (asked.len() - 1) * 1216);
}

/// A peer asks again and again without ever committing: each of its messages costs one answer at most, and nothing gathers.
#[test]
fn at_77_a_peer_that_only_asks_costs_one_answer_for_each_message() {
    let (mut peer, mut bob) = Rekeyer::meet(Rules::HYBRID);
    let mut answers = 0;
    for n in 0..200_u8 {
        assert_eq!(peer.asks(&mut bob, i64::from(n) + 1, n), Handled::Applied);
        let said = peer.take(&mut bob);
        answers += said.iter().filter(|said| said.ends_with("AcceptKey")).count();
        assert!(said.len() <= 2, "{said:?}");
    }
    assert!((1..=200).contains(&answers), "{answers}");
    assert_eq!(bob.rekeys(), 0);
    // Its word for what was written is all that it needs to be heard as before.
    bob.send(&secretchat::Draft::text("still here").with_random_id(RandomId(77)), &mut peer.env()).unwrap();
    assert!(peer.take(&mut bob).contains(&"0: text".to_owned()));
}
