//! A key that has served too many messages or too long (SPEC REKEY-6), and the room that its renewal needs (SPEC LIM-1).

use secretchat::media::SegmentKey;
use secretchat::{
    CallError, Chat, Document, Draft, Handled, Input, Limits, Media, Notice, RandomId, RekeyPolicy, Timestamp,
    TransmitId, Ttl, TypingAction, Unavailable,
};

use crate::support::pair::NOW;
use crate::support::rekeyer::{DEFAULT, EACH_PROFILE, Rekeyer, Rules, THEIRS, abort, noop};

const NOTHING: [&str; 0] = [];
const DAY: u64 = 24 * 60 * 60 * 1000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Bob never asks by himself for the sake of a number of messages.
fn by_age_only(policy: &mut RekeyPolicy) {
    policy.responder_messages = u32::MAX;
}

fn album() -> [Draft; 2] {
    [1, 2].map(|size| {
        let key = Some(SegmentKey::from_parts([1; 32], [2; 32]).into());
        Draft::media(
            Media::Document({
                let mut document = Document::default();
                document.size = size;
                document.key = key;
                document
            }),
            "",
        )
    })
}

/// What the user may write or say, all of it.
fn user_acts(peer: &mut Rekeyer, bob: &mut Chat) -> Vec<Result<(), CallError>> {
    let mut results = vec![bob.send(&Draft::text("x"), &mut peer.env()).map(drop)];
    results.push(bob.report_screenshot(&[RandomId(1)], &mut peer.env()));
    results.push(bob.typing(TypingAction::Typing, &mut peer.env()));
    results.push(bob.set_ttl(Ttl::OFF, &mut peer.env()));
    results
}

/// What is done at this end in any case, and whether the peer is told (SPEC LIM-6).
fn protective_acts(peer: &mut Rekeyer, bob: &mut Chat) -> [Option<Unavailable>; 3] {
    let ids = [RandomId(1)];
    let notices = [
        bob.mark_read(&ids, &mut peer.env()).unwrap(),
        bob.delete(&ids, &mut peer.env()).unwrap(),
        bob.flush_history(&mut peer.env()).unwrap(),
    ];
    notices.map(|notice| match notice {
        Notice::Queued(_) => None,
        Notice::LeftOut(limit) => Some(limit),
        other => panic!("{other:?}"),
    })
}

#[test]
fn at_34_nothing_is_written_under_a_bound_key_of_1000_messages_until_there_is_a_new_one() {
    for rules in EACH_PROFILE.into_iter().filter(|rules| rules.bind()) {
        let (mut peer, mut bob) = Rekeyer::meet_used(rules, 999, by_age_only);
        bob.send(&Draft::text("the 1000th"), &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: text"]);
        refuses_until_there_is_a_new_key(&mut peer, &mut bob);
    }
}

#[test]
fn nothing_is_written_under_a_bound_key_of_30_days_until_there_is_a_new_one() {
    for rules in EACH_PROFILE.into_iter().filter(|rules| rules.bind()) {
        let (mut peer, mut bob) = Rekeyer::meet(rules);
        peer.now = NOW + 30 * DAY - 1;
        bob.send(&Draft::text("in time"), &mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["0: text", "0: RequestKey"]);
        let open = peer.request.clone().unwrap().0;
        peer.says(&mut bob, &abort(open)).unwrap();
        peer.take(&mut bob);
        peer.now = NOW + 30 * DAY;
        refuses_until_there_is_a_new_key(&mut peer, &mut bob);
    }
}

fn refuses_until_there_is_a_new_key(peer: &mut Rekeyer, bob: &mut Chat) {
    let refused = Err(Unavailable::RekeyRequired.into());
    assert_eq!(user_acts(peer, bob), vec![refused; 4]);
    assert_eq!(protective_acts(peer, bob), [Some(Unavailable::RekeyRequired); 3]);
    assert_eq!(bob.send_album(&album(), &mut peer.env()).map(drop), refused);
    assert_eq!(peer.take(bob), NOTHING);
    // What the protocol says goes on, and so does what the peer writes.
    peer.writes(bob, "yours").unwrap();
    bob.acknowledge(&mut peer.env()).unwrap();
    assert_eq!(peer.take(bob), ["yours", "0: Noop"]);
    let early = peer.seal(peer.sent + 1, &noop());
    assert_eq!(peer.gives(bob, &early), Ok(Handled::Waiting));
    peer.acknowledges = false;
    assert_eq!(peer.take(bob), ["0: Resend"]);
    peer.says(bob, &noop()).unwrap();
    peer.sent += 1;
    peer.acknowledges = true;
    // An open exchange is not a new key.
    peer.asks(bob, THEIRS, 0x44);
    assert_eq!(peer.take(bob), ["0: AcceptKey"]);
    assert_eq!(user_acts(peer, bob), vec![refused; 4]);
    assert_eq!(protective_acts(peer, bob), [Some(Unavailable::RekeyRequired); 3]);
    peer.commits(bob);
    assert_eq!(peer.take(bob), ["Rekeyed 1", "1: Noop"]);
    assert_eq!(user_acts(peer, bob), vec![Ok(()); 4]);
    assert_eq!(protective_acts(peer, bob), [None; 3]);
    assert_eq!(bob.send_album(&album(), &mut peer.env()).map(drop), Ok(()));
}

/// A step needs room for the longest one, beside as many Noops in each profile (SPEC LIM-1).
#[test]
fn a_step_of_an_exchange_is_made_where_the_longest_one_has_room() {
    const NOOPS: u32 = 62;
    let bound = EACH_PROFILE.into_iter().filter(|rules| rules.bind());
    for (rules, (step, reserve)) in bound.zip([(408, 9_728), (1_752, 11_072)]) {
        // The Noops and the step take what the user's messages and the service messages may use.
        let exactly = NOOPS * 152 + step - reserve;
        for (bytes, asked) in [(exactly, Ok(())), (exactly - 1, Err(Unavailable::OutboxFull.into()))] {
            let (mut peer, mut bob) = with_noops(rules, bytes, NOOPS);
            assert_eq!(bob.rekey(&mut peer.env()), asked, "{rules:?} {bytes}");
            let told: &[&str] = if asked.is_ok() { &["0: RequestKey"] } else { &[] };
            assert_eq!(peer.take(&mut bob), told);
        }
    }
}

/// With a chat whose outbox has room for so many bytes and holds so many Noops.
fn with_noops(rules: Rules, outbox_bytes: u32, noops: u32) -> (Rekeyer, Chat) {
    let (mut limits, mut policy) = (Limits::default(), rules.renewal());
    (limits.outbox_bytes, policy.responder_messages) = (outbox_bytes, u32::MAX);
    let config = rules.config().map(|config| config.with_limits(limits).with_rekey(policy));
    let (mut peer, mut bob) = Rekeyer::meet_with(config, rules);
    peer.says(&mut bob, &noop()).unwrap();
    peer.take(&mut bob);
    peer.acknowledges = false;
    let first = bob.counters().sent;
    for number in 0..noops {
        peer.writes(&mut bob, "").unwrap();
        bob.acknowledge(&mut peer.env()).unwrap();
        assert_eq!(peer.take(&mut bob), ["", "0: Noop"]);
        // There is no second Noop before the transport has taken over the first (SPEC DRV-2).
        let carried = Input::carried(TransmitId(16 + u64::from(first + number)), None);
        bob.handle(carried, &mut peer.env()).unwrap();
    }
    (peer, bob)
}

#[test]
fn in_telegram_a_key_beyond_its_limit_is_told_once_and_goes_on() {
    let (mut peer, mut bob) = Rekeyer::meet_used(DEFAULT, 999, by_age_only);
    bob.send(&Draft::text("the 1000th"), &mut peer.env()).unwrap();
    assert_eq!(peer.take(&mut bob), ["RekeyOverdue", "0: text"]);
    bob.send(&Draft::text("and on"), &mut peer.env()).unwrap();
    peer.now = NOW + 31 * DAY;
    bob.handle_timeout(&mut peer.env());
    let told = peer.take(&mut bob);
    assert_eq!(told, ["0: text", "0: RequestKey"], "not a second time");
    assert_eq!(user_acts(&mut peer, &mut bob), vec![Ok(()); 4]);
    assert_eq!(protective_acts(&mut peer, &mut bob), [None; 3]);
}

#[test]
fn in_telegram_a_key_of_30_days_is_told_in_time_once_for_each_key() {
    let (mut peer, mut bob) = Rekeyer::meet(DEFAULT);
    peer.now = NOW + 7 * DAY;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(&mut bob), ["0: RequestKey"]);
    assert_eq!(bob.poll_timeout(), Some(at(NOW + 30 * DAY)));
    peer.now = NOW + 30 * DAY - 1;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(&mut bob), NOTHING);
    peer.now += 1;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(&mut bob), ["RekeyOverdue"]);
    assert_eq!(bob.poll_timeout(), None);
    peer.accepts(&mut bob, 0x44);
    assert_eq!(peer.take(&mut bob), ["Rekeyed 1", "0: CommitKey"]);
    assert_eq!(bob.poll_timeout(), Some(at(NOW + 60 * DAY)), "of the new key");
    peer.now = NOW + 60 * DAY;
    bob.handle_timeout(&mut peer.env());
    assert_eq!(peer.take(&mut bob), ["RekeyOverdue"]);
}
