//! What happens in a conversation, step by step, in chapters that each begin with two ready ends.

use secretchat::History;

use super::drafts::{ALL, What};
use super::world::{ALICE, BOB};

/// What the user of an end does. Messages are named by the order in which they were made, modulo how many there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// With a timer of its own, in seconds.
    Write(What, Option<i32>),
    Album,
    SetTtl(i32),
    Read(usize),
    /// In the Telegram profile, outside of the encryption.
    ReadUpToNow,
    Open(usize),
    CloseView(usize),
    Screenshot,
    Type,
    Delete(usize),
    Flush,
    Rekey,
    Acknowledge,
    Close {
        history: History,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Act(usize, Act),
    /// The oldest on its way to this end arrives,
    Deliver(usize),
    /// or all, to both.
    DeliverAll,
    /// What this end made last is lost on its way.
    Lose(usize),
    /// The newest of what this end made arrives first.
    Reverse(usize),
    /// The oldest that this end made arrives, and a copy of it later.
    Repeat(usize),
    /// The transport refuses what this end made last.
    Refuse {
        end: usize,
        permanent: bool,
    },
    /// From now on this end hears nothing of the transport,
    HoldReceipts(usize),
    /// until it hears it all, so often.
    GiveReceipts {
        end: usize,
        times: usize,
    },
    Retransmit(usize),
    Restart(usize),
    /// Milliseconds by which the clock of both hosts moves.
    Wait(i64),
    Timeout(usize),
}

use Step::{
    Deliver, DeliverAll, GiveReceipts, HoldReceipts, Lose, Refuse, Repeat, Restart, Retransmit, Reverse, Timeout, Wait,
};

fn alice(act: Act) -> Step {
    Step::Act(ALICE, act)
}

fn bob(act: Act) -> Step {
    Step::Act(BOB, act)
}

const PLAIN: Act = Act::Write(What::Plain, None);

/// Every kind of message and of service message, each way.
pub(crate) fn every_kind() -> Vec<Step> {
    let mut steps = Vec::new();
    for (i, what) in (0..).zip(ALL) {
        steps.extend([alice(Act::Write(what, None)), bob(Act::Write(what, None))]);
        if i % 3 == 0 {
            steps.push(DeliverAll);
        }
    }
    for say in [alice, bob] {
        steps.extend([Act::Album, Act::Screenshot, Act::Type, Act::ReadUpToNow, Act::Read(0), Act::Read(1)].map(say));
        steps.push(DeliverAll);
    }
    steps.extend([Restart(ALICE), alice(Act::Acknowledge), bob(Act::Acknowledge), DeliverAll]);
    steps
}

/// What the network does, and what an author regrets.
pub(crate) fn gaps() -> Vec<Step> {
    let mut steps = Vec::new();
    // A gap each way, both asked for: the second while the first is open.
    steps.extend([alice(PLAIN), Lose(ALICE), bob(PLAIN), Lose(BOB), alice(PLAIN), bob(PLAIN), DeliverAll]);
    // A gap that was asked for before a restart is not asked for again.
    for (from, say, to) in [(ALICE, alice as fn(Act) -> Step, BOB), (BOB, bob, ALICE)] {
        steps.extend([
            say(PLAIN),
            Lose(from),
            say(PLAIN),
            Deliver(to),
            Restart(to),
            say(PLAIN),
            Deliver(to),
            DeliverAll,
        ]);
    }
    // Backwards, and twice.
    steps.extend([alice(PLAIN), alice(PLAIN), alice(PLAIN), Reverse(ALICE), DeliverAll]);
    steps.extend([bob(PLAIN), bob(PLAIN), bob(PLAIN), Reverse(BOB), Repeat(BOB), Repeat(BOB), DeliverAll]);
    // Taken over late, told twice; the peer's own word comes first.
    steps.extend([
        HoldReceipts(ALICE),
        alice(PLAIN),
        alice(Act::Type),
        DeliverAll,
        GiveReceipts { end: ALICE, times: 2 },
    ]);
    steps.extend([
        HoldReceipts(BOB),
        bob(PLAIN),
        DeliverAll,
        alice(PLAIN),
        DeliverAll,
        GiveReceipts { end: BOB, times: 2 },
    ]);
    // Taken over and not acknowledged for a while.
    steps.extend([alice(PLAIN), DeliverAll, alice(PLAIN), Lose(ALICE), Retransmit(ALICE), DeliverAll]);
    // Refused, for now and for good.
    for (end, say) in [(ALICE, alice as fn(Act) -> Step), (BOB, bob)] {
        steps.extend([say(PLAIN), Refuse { end, permanent: false }, Retransmit(end), DeliverAll]);
        steps.extend([say(PLAIN), Refuse { end, permanent: true }, say(PLAIN), DeliverAll]);
        steps.extend([say(Act::Type), Refuse { end, permanent: true }, say(PLAIN), DeliverAll]);
    }
    // Deleted: lost and not acknowledged, under way, arrived, the peer's.
    steps.extend([alice(PLAIN), Lose(ALICE), alice(Act::Delete(LAST)), alice(PLAIN), DeliverAll]);
    steps.extend([bob(PLAIN), bob(Act::Delete(LAST)), bob(PLAIN), DeliverAll, bob(Act::Delete(0)), DeliverAll]);
    steps.extend([alice(PLAIN), Lose(ALICE), bob(Act::Delete(LAST)), DeliverAll, alice(PLAIN), DeliverAll]);
    // All of it.
    steps.extend([
        bob(PLAIN),
        Lose(BOB),
        alice(PLAIN),
        Lose(ALICE),
        alice(Act::Flush),
        DeliverAll,
        bob(PLAIN),
        DeliverAll,
    ]);
    steps
}

/// The message that was made last.
pub(crate) const LAST: usize = usize::MAX;

pub(crate) const VIEW_ONCE: Option<i32> = Some(crate::support::model::VIEW_ONCE);

/// Messages with a timer are named by their place: 0 a text of 30 s, 1 a photo of 30 s, 2 a photo to view once, 3 a text
/// of an hour that is deleted, 4 a video of 20 s with 5 s to live, 5 a text under Bob's timer, 6 one that crossed it and has none,
/// 7 a text of 2 s, 8 a file of 10 s.
pub(crate) fn timers() -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend([alice(Act::Write(What::Plain, Some(30))), alice(Act::Write(What::Photo, Some(30)))]);
    steps.extend([alice(Act::Write(What::Photo, VIEW_ONCE)), alice(Act::Write(What::Plain, Some(3_600))), DeliverAll]);
    steps.extend([Wait(1_000), bob(Act::Read(0)), bob(Act::Open(1)), DeliverAll]);
    steps.extend([bob(Act::Open(2)), Wait(1_000), bob(Act::Open(1)), bob(Act::Open(2)), bob(Act::CloseView(2))]);
    steps.extend([bob(Act::Open(2)), bob(Act::Read(3)), Deliver(ALICE), alice(Act::Delete(3))]);
    steps.extend([bob(Act::Write(What::Video(20), Some(5))), DeliverAll, alice(Act::Open(4)), DeliverAll]);
    // The clocks are set back by an hour; nobody lives longer for it.
    steps.extend([Wait(-3_600_000), Timeout(ALICE), Timeout(BOB)]);
    steps.extend([bob(Act::SetTtl(60)), bob(PLAIN), alice(PLAIN), DeliverAll, alice(Act::Read(5)), bob(Act::Read(6))]);
    steps.extend([Wait(10_000), Timeout(ALICE), Timeout(BOB), DeliverAll, Wait(21_000), Timeout(ALICE)]);
    steps.extend([alice(Act::Type), Timeout(BOB), DeliverAll]);
    // Timers cross; a message ends at one end alone, since the word of it is lost; all of it is deleted.
    steps.extend([alice(Act::SetTtl(5)), bob(Act::SetTtl(0)), DeliverAll]);
    steps.extend([
        alice(Act::Write(What::Plain, Some(2))),
        HoldReceipts(ALICE),
        Deliver(BOB),
        bob(Act::Read(7)),
        Lose(BOB),
    ]);
    steps.extend([Wait(61_000), Timeout(BOB), Timeout(ALICE), GiveReceipts { end: ALICE, times: 1 }, DeliverAll]);
    steps.extend([bob(Act::Write(What::File, Some(10))), DeliverAll, alice(Act::Open(8)), bob(Act::Flush), DeliverAll]);
    steps
}

/// A new key that Alice asks for, with a slot of the old one coming again under it; requests that cross; one more.
pub(crate) fn keys() -> Vec<Step> {
    let mut steps = vec![alice(PLAIN), DeliverAll, alice(Act::Rekey), alice(PLAIN), Lose(ALICE), bob(PLAIN)];
    steps.extend([Deliver(BOB), Deliver(ALICE), Deliver(ALICE), alice(Act::Delete(1)), DeliverAll]);
    steps.extend([alice(Act::Acknowledge), bob(Act::Acknowledge), DeliverAll, alice(PLAIN), bob(PLAIN), DeliverAll]);
    steps.extend([alice(Act::Rekey), bob(Act::Rekey), Reverse(BOB), DeliverAll]);
    steps.extend([bob(PLAIN), Lose(BOB), alice(PLAIN), bob(Act::Acknowledge), DeliverAll]);
    steps
}

/// Bob closes with messages under way, lost and opened, and a key asked for.
pub(crate) fn close() -> Vec<Step> {
    let mut steps = vec![alice(PLAIN), bob(Act::Write(What::Photo, Some(30))), DeliverAll, alice(Act::Open(1))];
    steps.extend([bob(PLAIN), Lose(BOB), bob(PLAIN), Deliver(ALICE), alice(PLAIN), alice(Act::Rekey)]);
    steps.extend([Deliver(BOB), bob(Act::Close { history: History::Delete }), alice(PLAIN), DeliverAll, alice(PLAIN)]);
    steps
}

/// Both close, and neither knows of it.
pub(crate) fn close_crossing() -> Vec<Step> {
    let close = Act::Close { history: History::Delete };
    vec![alice(PLAIN), bob(PLAIN), Deliver(ALICE), alice(close), bob(close), DeliverAll, bob(PLAIN)]
}
