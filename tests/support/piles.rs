//! Everything that a peer can let pile up in a chat, each kind by itself.

use secretchat::hazmat::wire::{
    ActionDeleteMessages, ActionResend, DecryptedMessage, DecryptedMessage73, DecryptedMessageAction, Vector,
};
use secretchat::{Draft, Media, Photo, RandomId, TransmitId, Ttl};

use super::forger::{self, encoded, plain, service};
use super::meeting::{Meeting, Unwritten};
use super::pair::{env, sealed};
use super::profile::Profile;
use super::stored::keep;

/// A name, and what lets so many pile up.
pub(crate) type Pile = (&'static str, fn(&mut Meeting, usize));

pub(crate) const PILES: [Pile; 17] = [
    ("outbox", outbox),
    ("outbox, accepted by the transport and not written down", carried),
    ("own timers", |meeting, n| {
        (0..n).for_each(|at| meeting.send(&own(at, timed_photo(meeting.profile))));
    }),
    ("one gap", |meeting, n| meeting.give_early(n, |at| forger::text(id(at).0, "theirs"))),
    ("many gaps", |meeting, n| {
        for at in 1..=n {
            let slot = meeting.forger.sent + 2 * i32::try_from(at).unwrap() - 1;
            assert_eq!(meeting.give(slot, &forger::text(slot.into(), "theirs")), secretchat::Handled::Waiting);
        }
    }),
    ("timers behind a gap", |meeting, n| meeting.give_early(n, timed_text)),
    ("flushed histories behind a gap", |meeting, n| {
        own_timed_texts(meeting, n);
        let flush = service(DecryptedMessageAction::FlushHistory);
        meeting.give_early(n, |at| if at % 2 == 0 { timed_text(at) } else { flush.clone() });
    }),
    ("deletions behind a gap", |meeting, n| {
        own_timed_texts(meeting, n);
        meeting.give_early(n, |at| deletion(&[id(at - 1).0]));
    }),
    // Each was answered when it came (SPEC SEQ-9).
    ("resend requests behind a gap", |meeting, n| {
        outbox(meeting, n);
        let end_seq_no = 2 * i32::try_from(n - 1).unwrap();
        let again = service(DecryptedMessageAction::Resend(ActionResend { start_seq_no: 0, end_seq_no }));
        meeting.give_early(n, |_| again.clone());
    }),
    // Each is refused by a message of ours (SPEC REKEY-3), for which what the peer acknowledges makes room.
    ("bad requests for keys behind a gap", |meeting, n| {
        outbox(meeting, n);
        meeting.acknowledges_all();
        meeting.give_early(n, |at| forger::request(id(at).0, &[]));
    }),
    ("timers", timers),
    ("leases", |meeting, n| {
        // The peer's photos, made by a draft of an end that is thrown away.
        let mut other = meeting.profile.meet(n);
        for at in 1..=n {
            other.bob.send(&own(at, timed_photo(meeting.profile)), &mut env(&mut other.forger.rng)).unwrap();
            let sealed = sealed(&mut other.bob);
            let message = encoded(&other.forger.read(&sealed).message);
            meeting.give_next(&message);
            let _told = meeting.bob.open_view(id(at), &mut env(&mut meeting.forger.rng)).unwrap();
            keep(&mut meeting.bob, &mut meeting.store);
            // Everything is acknowledged, so that the outbox stays empty.
            meeting.acknowledges_all();
        }
    }),
    ("outputs that nobody takes", |meeting, n| (1..=n).for_each(|at| meeting.say_later(&timed_text(at)))),
    ("messages of ours that nobody takes", |meeting, n| {
        meeting.unwritten = (0..n).map(|at| Unwritten::Sent(Box::new(own(at, Draft::text("ours"))))).collect();
    }),
    ("outbox, and a key that was asked for", |meeting, n| {
        outbox(meeting, n);
        meeting.bob_asks();
    }),
    ("outbox, and a key that was agreed on", |meeting, n| {
        outbox(meeting, n);
        meeting.bob_answers();
    }),
    // The next message wipes it, and every message of ours under it gets its replacement (SPEC SEQ-8).
    ("outbox under an old key", |meeting, n| {
        outbox(meeting, n);
        let key = meeting.bob_answers();
        meeting.peer_switches(key);
    }),
];

/// Returns the ids that messages in piles have, from 0 for ours and from 1 for the peer's.
pub(crate) fn id(at: usize) -> RandomId {
    RandomId(i64::try_from(at).unwrap() + 1_000)
}

/// Returns a message of the peer's that ends a minute after it was read.
pub(crate) fn timed_text(at: usize) -> Vec<u8> {
    let message = DecryptedMessage73 { ttl: 60, ..plain(id(at).0, "for a while") };
    encoded(&DecryptedMessage::Message73(message))
}

pub(crate) fn deletion(ids: &[i64]) -> Vec<u8> {
    let random_ids = Vector::new(ids).unwrap();
    service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids }))
}

fn outbox(meeting: &mut Meeting, n: usize) {
    (0..n).for_each(|at| meeting.send(&own(at, Draft::text("ours"))));
}

fn carried(meeting: &mut Meeting, n: usize) {
    let first = meeting.bob.counters().sent;
    outbox(meeting, n);
    let slots = first..meeting.bob.counters().sent;
    meeting.unwritten.extend(slots.map(|slot| Unwritten::Carried(TransmitId(16 + u64::from(slot)))));
}

fn own_timed_texts(meeting: &mut Meeting, n: usize) {
    let text = || Draft::text("ours for a while").with_ttl(Ttl::from_seconds(60).unwrap());
    (0..n).for_each(|at| meeting.send(&own(at, text())));
}

fn timers(meeting: &mut Meeting, n: usize) {
    (1..=n).for_each(|at| meeting.give_next(&timed_text(at)));
    let ids: Vec<_> = (1..=n).map(id).collect();
    let _told = meeting.bob.mark_read(&ids, &mut env(&mut meeting.forger.rng)).unwrap();
    keep(&mut meeting.bob, &mut meeting.store);
}

fn own(at: usize, draft: Draft) -> Draft {
    draft.with_random_id(id(at))
}

fn timed_photo(profile: Profile) -> Draft {
    let photo = Photo::new(9, 6, 1_000, profile.media_key());
    Draft::media(Media::Photo(photo), "").with_ttl(Ttl::from_seconds(30).unwrap())
}
