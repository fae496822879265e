//! Every cell of the re-keying table, in each profile and under each policy (SPEC REKEY-2).

use secretchat::{
    CallError, Chat, ChatState, CloseReason, Draft, Handled, Input, Limits, RekeyState, TransmitId, Unavailable,
    Violation,
};

use crate::support::rekeyer::{EVERY, Rekeyer, Rules, THEIRS, abort, accept, commit, noop, request};

/// The columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Idle,
    Requested,
    Asked,
    Accepted,
    Answered,
}

use Column::{Accepted, Answered, Asked, Idle, Requested};

const COLUMNS: [Column; 5] = [Idle, Requested, Asked, Accepted, Answered];

/// What a message does in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// The state stays, with its exchange.
    Ignored,
    /// The same, and a strict end closes.
    Off,
    /// The state afterwards, of the exchange that the message names, and what is told and sent.
    To(Column, &'static [&'static str]),
}

use Cell::{Ignored, Off, To};

/// A chat in a state, and its exchange; `THEIRS` is what nobody talks of when there is none.
fn reach(rules: Rules, column: Column) -> (Rekeyer, Chat, i64) {
    let limits = |outbox_messages| {
        let mut limits = Limits::default();
        limits.outbox_messages = outbox_messages;
        limits
    };
    let few = matches!(column, Asked | Answered);
    // What fills the outbox is no reason to ask.
    let mut policy = rules.renewal();
    (policy.initiator_messages, policy.responder_messages) = (900, 900);
    let config = rules.config().map(|config| config.with_limits(limits(if few { 1 } else { 1000 })).with_rekey(policy));
    let (mut peer, mut bob) = Rekeyer::meet_with(config, rules);
    let mut open = THEIRS;
    if matches!(column, Requested | Answered) {
        bob.rekey(&mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: RequestKey"]);
        open = peer.request.clone().unwrap().0;
        assert!(open != i64::MAX && open != i64::MIN);
    }
    if few {
        fill_outbox(&mut peer, &mut bob);
    }
    match column {
        Idle | Requested => {}
        Asked | Accepted => assert_eq!(peer.asks(&mut bob, THEIRS, 0x44), Handled::Applied),
        Answered => assert_eq!(peer.accepts(&mut bob, 0x44), Handled::Applied),
    }
    let told = peer.take(&mut bob);
    assert_eq!(told, if column == Accepted { vec!["0: AcceptKey"] } else { vec![] });
    assert_eq!(state_of(&bob), (column, open));
    (peer, bob, open)
}

/// The peer acknowledges nothing until there is room for no service message either.
fn fill_outbox(peer: &mut Rekeyer, bob: &mut Chat) {
    peer.acknowledges = false;
    for tries in 0.. {
        assert!(tries < 200, "the outbox never fills");
        peer.writes(bob, "").unwrap();
        match bob.acknowledge(&mut peer.env()) {
            // There is no second Noop before the transport has taken over the first (SPEC DRV-2).
            Ok(()) => {
                peer.take(bob);
                for slot in 0..bob.counters().sent {
                    let carried = Input::carried(TransmitId(16 + u64::from(slot)), None);
                    bob.handle(carried, &mut peer.env()).unwrap();
                }
            }
            Err(CallError::Unavailable(Unavailable::OutboxFull)) => break,
            Err(other) => panic!("{other:?}"),
        }
    }
    peer.take(bob);
}

/// The column and its exchange, `THEIRS` if there is none.
fn state_of(chat: &Chat) -> (Column, i64) {
    match chat.rekey_state() {
        RekeyState::Idle => (Idle, THEIRS),
        RekeyState::Requested { exchange_id } => (Requested, exchange_id.0),
        RekeyState::Asked { exchange_id } => (Asked, exchange_id.0),
        RekeyState::Accepted { exchange_id, .. } => (Accepted, exchange_id.0),
        RekeyState::Answered { exchange_id } => (Answered, exchange_id.0),
        other => panic!("{other:?}"),
    }
}

/// Gives one message in each state under all rules, and compares with a row of the table.
fn row(name: &str, row: [Cell; 5], message: impl Fn(&mut Rekeyer, i64) -> (i64, Vec<u8>)) {
    for rules in EVERY {
        for (column, cell) in COLUMNS.into_iter().zip(row) {
            let at = format!("{name}, {column:?}, {rules:?}");
            let (mut peer, bob, open) = reach(rules, column);
            // Each cell is that of a chat restored in its state: no state is lost in the records, none is made up.
            let mut bob = peer.restart(&bob);
            assert_eq!(state_of(&bob), (column, open), "{at}");
            let (named, message) = message(&mut peer, open);
            check(&mut peer, &mut bob, (open, named), (column, cell), &message, &at);
        }
    }
}

fn check(
    peer: &mut Rekeyer,
    bob: &mut Chat,
    (open, named): (i64, i64),
    (column, cell): (Column, Cell),
    message: &[u8],
    at: &str,
) {
    let strict = peer.rules.close();
    let received = bob.counters().received;
    let handled = peer.says(bob, message).unwrap();
    let told = peer.take(bob);
    let (state, told_here) = match cell {
        Off if strict => {
            assert_eq!(handled, Handled::ChatClosed, "{at}");
            assert_eq!(told, ["Closed RekeyUnexpected", "Discard"], "{at}");
            let closed = ChatState::Closed(CloseReason::Violation(Violation::RekeyUnexpected));
            assert_eq!(bob.state(), closed, "{at}");
            return;
        }
        Ignored | Off => ((column, open), &[][..]),
        To(Idle, told) => ((Idle, THEIRS), told),
        To(to, told) => ((to, named), told),
    };
    assert_eq!(handled, Handled::Applied, "{at}");
    assert_eq!(bob.state(), ChatState::Ready, "{at}");
    assert_eq!(state_of(bob), state, "{at}");
    assert_eq!(told, told_here, "{at}");
    assert_eq!(bob.counters().received, received + 1, "the slot is used: {at}");
    keys_afterwards(peer, bob, told_here, at);
}

/// Which keys open and which one seals is what the state says, and what was told.
fn keys_afterwards(peer: &mut Rekeyer, bob: &mut Chat, told: &[&str], at: &str) {
    let switched = told.contains(&"Rekeyed 1");
    let last = peer.keys.len() - 1;
    assert_eq!(peer.current_of(bob), Some(if switched { last } else { 0 }), "{at}");
    let (state, _) = state_of(bob);
    let (tried, opening) = match state {
        // The old key goes with the first message under the new one.
        Idle if switched => (vec![0, last, 0], vec![0, last]),
        Accepted => (vec![0, last, 0], vec![0, last, 0]),
        _ => (vec![last, 0], vec![0; if last == 0 { 2 } else { 1 }]),
    };
    assert_eq!(peer.opening(bob, tried), opening, "{at}");
    // A candidate that the exchange has left behind opens nothing.
    assert_eq!(peer.opening(bob, 1..last), [0; 0], "{at}");
}

const ANSWERS: Cell = To(Accepted, &["0: AcceptKey"]);
const ANSWERS_INSTEAD: Cell = To(Accepted, &["0: AcceptKey"]);
const ASKED_INSTEAD: Cell = To(Asked, &[]);
const ABORTED: Cell = To(Idle, &["RekeyFailed Aborted"]);

#[test]
fn br_23_request_with_a_larger_id() {
    let cells = [ANSWERS, ANSWERS, ASKED_INSTEAD, ANSWERS_INSTEAD, Off];
    row("larger", cells, |peer, open| {
        crosses(peer, open);
        (i64::MAX, peer.question(i64::MAX, 0x55))
    });
}

// The comparison is signed: taken as unsigned, the smallest id is above each that is positive.
#[test]
fn br_23_request_with_a_smaller_id() {
    let cells = [ANSWERS, Ignored, ASKED_INSTEAD, ANSWERS_INSTEAD, Off];
    row("smaller", cells, |peer, open| {
        crosses(peer, open);
        (i64::MIN, peer.question(i64::MIN, 0x55))
    });
}

/// What the peer says now does not count the chat's request, if there is one.
fn crosses(peer: &mut Rekeyer, open: i64) {
    if is_awaited(peer, open) {
        peer.received -= 1;
    }
}

/// The chat's request is open.
fn is_awaited(peer: &Rekeyer, open: i64) -> bool {
    peer.request.as_ref().is_some_and(|(asked, _)| *asked == open) && peer.keys.len() == 1
}

// FA-40: a peer that had processed our request and asks all the same will not answer it, whatever its id.
#[test]
fn fa_40_a_request_that_counts_ours_is_answered_whatever_its_id() {
    let cells = [ANSWERS, ANSWERS, ASKED_INSTEAD, ANSWERS_INSTEAD, Off];
    for id in [i64::MIN, i64::MAX] {
        row("counts ours", cells, |peer, _| (id, peer.question(id, 0x55)));
    }
    let cells = [ANSWERS, ANSWERS, Off, Off, Off];
    row("counts ours, same id", cells, |peer, open| {
        let public = peer.rules.request(0x55);
        let answered = is_awaited(peer, open) || (open == THEIRS && peer.keys.len() == 1);
        (open, if answered { peer.question(open, 0x44) } else { request(open, &public) })
    });
}

#[test]
fn br_23_request_with_the_same_id() {
    let cells = [ANSWERS, To(Idle, &[]), Off, Off, Off];
    row("same", cells, |peer, open| {
        crosses(peer, open);
        let public = peer.rules.request(0x55);
        let message =
            if open == THEIRS && peer.keys.len() == 1 { peer.question(open, 0x44) } else { request(open, &public) };
        (open, message)
    });
}

#[test]
fn an_accept_of_the_exchange_is_taken_by_who_asked() {
    let cells = [Off, To(Idle, &["Rekeyed 1", "0: CommitKey"]), Off, Off, Off];
    row("accept", cells, |peer, open| {
        let message =
            if is_awaited(peer, open) { peer.acceptance(0x55) } else { accept(open, &peer.rules.any_answer(0x55), 5) };
        (open, message)
    });
}

#[test]
fn at_32_accept_of_another_exchange() {
    row("other accept", [Off; 5], |peer, open| {
        let other = open.wrapping_add(1);
        (other, accept(other, &peer.rules.any_answer(0x55), 5))
    });
}

#[test]
fn commit_of_the_exchange_and_its_key() {
    let cells = [Off, Off, Off, To(Idle, &["Rekeyed 1", "1: Noop"]), Off];
    row("commit", cells, |peer, open| (open, commit(open, peer.last_fingerprint())));
}

#[test]
fn commit_of_the_exchange_and_another_key() {
    let cells = [Off, Off, Off, To(Idle, &["RekeyFailed FingerprintMismatch"]), Off];
    row("commit to another key", cells, |peer, open| (open, commit(open, peer.last_fingerprint() ^ 1)));
}

#[test]
fn at_32_commit_of_another_exchange() {
    row("other commit", [Off; 5], |peer, open| {
        let other = open.wrapping_add(1);
        (other, commit(other, peer.last_fingerprint()))
    });
}

#[test]
fn an_abort_of_the_exchange_ends_it() {
    row("abort", [Ignored, ABORTED, ABORTED, ABORTED, ABORTED], |_, open| (open, abort(open)));
}

#[test]
fn at_32_abort_of_another_exchange() {
    row("other abort", [Ignored; 5], |_, open| (open, abort(open.wrapping_add(1))));
}

/// Bob has asked and committed, and the peer has not acknowledged that: he keeps the old key.
fn with_an_old_key(rules: Rules, outbox_messages: u32) -> (Rekeyer, Chat) {
    let mut limits = Limits::default();
    limits.outbox_messages = outbox_messages;
    let (mut peer, mut bob) = Rekeyer::meet_with(rules.config().map(|config| config.with_limits(limits)), rules);
    bob.rekey(&mut peer.env()).unwrap();
    peer.take(&mut bob);
    peer.accepts(&mut bob, 0x44);
    peer.acknowledges = false;
    assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
    peer.switch();
    (peer, bob)
}

// SPEC REKEY-4: a request is answered while an old key is held, and that key goes at the switch.
#[test]
fn a_switch_wipes_the_key_before_the_old_one() {
    for rules in EVERY {
        let (mut peer, mut bob) = with_an_old_key(rules, 1000);
        peer.asks(&mut bob, THEIRS, 0x55);
        assert_eq!(peer.take(&mut bob), ["1: AcceptKey"]);
        assert_eq!(peer.opening(&mut bob, [0, 1, 2]), [0, 1, 2]);
        peer.take(&mut bob);
        peer.sealing = 1;
        peer.commits(&mut bob);
        peer.take(&mut bob);
        assert_eq!(peer.opening(&mut bob, [0, 1, 2]), [1, 2], "{rules:?}");
    }
}

/// A request under this key is off the table.
fn request_under(peer: &mut Rekeyer, bob: &mut Chat, key: usize, at: &str) {
    let before = state_of(bob);
    peer.sealing = key;
    let handled = peer.asks(bob, 99, 0x66);
    let told = peer.take(bob);
    if peer.rules.close() {
        assert_eq!((handled, &told[0][..]), (Handled::ChatClosed, "Closed RekeyUnexpected"), "{at}");
    } else {
        assert_eq!((handled, told), (Handled::Applied, vec![]), "{at}");
        assert_eq!(state_of(bob), before, "{at}");
    }
}

#[test]
fn a_request_under_another_key_is_told_by_the_key() {
    for rules in EVERY {
        let (mut peer, mut bob) = with_an_old_key(rules, 1000);
        request_under(&mut peer, &mut bob, 0, &format!("idle, under the old key, {rules:?}"));

        let (mut peer, mut bob, _) = reach(rules, Accepted);
        request_under(&mut peer, &mut bob, 1, &format!("accepted, under the candidate, {rules:?}"));

        let (mut peer, mut bob) = with_an_old_key(rules, 1000);
        peer.asks(&mut bob, THEIRS, 0x55);
        assert_eq!(peer.take(&mut bob), ["1: AcceptKey"]);
        assert_eq!(peer.opening(&mut bob, [0, 1, 2]), [0, 1, 2], "never more than these");
        peer.take(&mut bob);
        request_under(&mut peer, &mut bob, 0, &format!("accepted, under the old key, {rules:?}"));

        let (mut peer, mut bob) = with_an_old_key(rules, 1);
        fill_outbox(&mut peer, &mut bob);
        peer.asks(&mut bob, THEIRS, 0x55);
        assert_eq!(state_of(&bob), (Asked, THEIRS));
        request_under(&mut peer, &mut bob, 0, &format!("asked, under the old key, {rules:?}"));
    }
}

// In the other two states there is one key only: an end asks when it has no old key, and has no candidate then.
#[test]
fn no_other_key_opens_when_requested_or_answered() {
    for rules in EVERY {
        let (mut peer, mut bob) = with_an_old_key(rules, 1);
        peer.received += 1;
        assert_eq!(bob.rekey(&mut peer.env()), Err(Unavailable::RekeyInProgress.into()));
        peer.writes(&mut bob, "").unwrap();
        bob.send(&Draft::text("under the new key"), &mut peer.env()).unwrap();
        peer.acknowledges = true;
        peer.take(&mut bob);
        peer.writes(&mut bob, "").unwrap();
        bob.rekey(&mut peer.env()).unwrap();
        peer.take(&mut bob);
        fill_outbox(&mut peer, &mut bob);
        assert_eq!(state_of(&bob).0, Requested);
        assert_eq!(peer.opening(&mut bob, [0, 1]), [1]);
        peer.accepts(&mut bob, 0x55);
        assert_eq!(state_of(&bob).0, Answered);
        assert_eq!(peer.opening(&mut bob, [0, 1, 2]), [1]);
    }
}

#[test]
fn at_62_accept_and_commit_of_the_exchange_that_ended_last_are_ignored_under_every_policy() {
    for rules in EVERY {
        for column in [Requested, Accepted] {
            let (mut peer, mut bob, open) = reach(rules, column);
            peer.says(&mut bob, &abort(open)).unwrap();
            assert_eq!(peer.take(&mut bob), ["RekeyFailed Aborted"]);
            let late = accept(open, &rules.any_answer(0x55), 5);
            assert_eq!(peer.says(&mut bob, &late), Ok(Handled::Applied));
            let reply = if rules.bind() { vec![format!("0: AbortKey {open}")] } else { vec![] };
            assert_eq!(peer.take(&mut bob), reply, "{rules:?}");
            let late = commit(open, peer.last_fingerprint());
            assert_eq!(peer.says(&mut bob, &late), Ok(Handled::Applied));
            assert_eq!(peer.take(&mut bob), Vec::<String>::new(), "{rules:?}");
            assert_eq!((bob.state(), state_of(&bob).0, bob.rekeys()), (ChatState::Ready, Idle, 0));
        }
    }
}

#[test]
fn the_step_that_waits_for_room_goes_out_when_there_is_room() {
    for rules in EVERY {
        for (column, told, after) in
            [(Asked, &["0: AcceptKey"][..], Accepted), (Answered, &["Rekeyed 1", "0: CommitKey"], Idle)]
        {
            for restarts in [false, true] {
                let (mut peer, mut bob, _) = reach(rules, column);
                if restarts {
                    bob = peer.restart(&bob);
                }
                peer.acknowledges = true;
                peer.received = i32::try_from(bob.counters().sent).unwrap();
                peer.says(&mut bob, &noop()).unwrap();
                assert_eq!(peer.take(&mut bob), told, "{column:?}, {rules:?}");
                assert_eq!(state_of(&bob).0, after);
            }
        }
    }
}
