//! What one call asks of the heap grows no faster than what piled up before it (SPEC LIM-1 to LIM-5): the calls of [`KINDS`]
//! over the piles of [`PILES`].

use secretchat::frame::{ChatTag, FRAGMENT_HEADER_LEN, FragmentBounds, Frame, Reassembler, encode, fragment};
use secretchat::hazmat::wire::{
    ActionDeleteMessages, ActionReadMessages, ActionResend, ActionScreenshotMessages, ActionSetMessageTTL,
    DecryptedMessage, DecryptedMessageAction, Vector,
};
use secretchat::media::{FileForm, MediaKey};
use secretchat::store::MemoryStore;
use secretchat::{
    Chat, DiscardProof, Draft, Env, Handled, History, Input, Limits, Media, Photo, RandomId, Records, TransmitId, Ttl,
    TypingAction,
};

use crate::allocator::{Taken, in_use, taken};
use crate::support::agreement::{Agreement, EVERY};
use crate::support::forger::{self, Forger, encoded, plain, service};
use crate::support::pair::{BOBS_STORE_KEY, Pair, ciphertext, env, env_at};
use crate::support::stored::{keep, records, restore};

/// What piles up, and twice and four times as much; the limits end there.
const SIZES: [usize; 3] = [50, 100, 200];
const LIMIT: u32 = 200;
const DAY: u64 = 24 * 60 * 60 * 1000;
/// Of a call that has nothing to go through: keys, a message, lists that grow.
const FIXED: usize = 16 << 10;
const FIXED_CALLS: usize = 100;

#[derive(Clone, Copy, Debug)]
enum Profile {
    Bound(Agreement),
    #[cfg(feature = "telegram")]
    Telegram,
}

fn every_profile() -> Vec<Profile> {
    let bound = EVERY.iter().map(|agreement| Profile::Bound(*agreement));
    #[cfg(feature = "telegram")]
    let bound = bound.chain([Profile::Telegram]);
    bound.collect()
}

impl Profile {
    fn store_key(self) -> [u8; 32] {
        match self {
            Self::Bound(_) => BOBS_STORE_KEY,
            #[cfg(feature = "telegram")]
            Self::Telegram => crate::support::telegram::STORE_KEY,
        }
    }

    /// A chat that is ready, its store, and its peer.
    fn meet(self) -> Meeting {
        let most = usize::try_from(LIMIT).unwrap();
        let limits = Limits::default().with_outbox(LIMIT + 8, 1 << 24).with_waiting(LIMIT + 8, 1 << 24, 4 * LIMIT);
        let limits = limits.with_timed_messages(LIMIT + 8);
        assert_eq!(SIZES[2], most);
        let (mut forger, mut bob, batches) = match self {
            Self::Bound(agreement) => {
                Forger::meet_seeded(agreement, Pair::bob_in(agreement).map(|config| config.with_limits(limits)), 41)
            }
            #[cfg(feature = "telegram")]
            Self::Telegram => {
                use crate::support::telegram;
                telegram::meet_as(
                    telegram::config(secretchat::PeerPolicy::Default).map(|config| config.with_limits(limits)),
                )
            }
        };
        let mut store = MemoryStore::default();
        batches.iter().for_each(|batch| secretchat::store::Store::apply(&mut store, batch).unwrap());
        forger.layer = 144;
        forger.give_next(&mut bob, &forger::notice(144));
        keep(&mut bob, &mut store);
        Meeting { forger, bob, store, key: self.store_key() }
    }

    fn media_key(self) -> MediaKey {
        let form = match self {
            Self::Bound(_) => FileForm::Segments,
            #[cfg(feature = "telegram")]
            Self::Telegram => FileForm::Chain,
        };
        MediaKey::from_parts(form, [7; 32], [9; 32])
    }
}

struct Meeting {
    forger: Forger,
    bob: Chat,
    store: MemoryStore,
    key: [u8; 32],
}

impl Meeting {
    fn give(&mut self, slot: i32, message: &[u8]) -> Handled {
        let handled = self.forger.give(&mut self.bob, self.forger.around_slot(slot), message);
        self.forger.sent -= 1;
        keep(&mut self.bob, &mut self.store);
        handled
    }

    fn send(&mut self, draft: &Draft) {
        self.bob.send(draft, &mut env(&mut self.forger.rng)).unwrap();
        keep(&mut self.bob, &mut self.store);
    }
}

/// What piled up, and how.
type Pile = (&'static str, fn(&mut Meeting, Profile, usize));

const PILES: [Pile; 6] = [
    ("outbox", |meeting, _, n| (0..n).for_each(|at| meeting.send(&own(at, Draft::text("ours"))))),
    ("own timers", |meeting, profile, n| (0..n).for_each(|at| meeting.send(&own(at, timed_photo(profile))))),
    ("one gap", |meeting, _, n| {
        for at in 1..=n {
            let slot = meeting.forger.sent + i32::try_from(at).unwrap();
            assert_eq!(meeting.give(slot, &forger::text(slot.into(), "theirs")), Handled::Waiting);
        }
    }),
    ("many gaps", |meeting, _, n| {
        for at in 1..=n {
            let slot = meeting.forger.sent + 2 * i32::try_from(at).unwrap() - 1;
            assert_eq!(meeting.give(slot, &forger::text(slot.into(), "theirs")), Handled::Waiting);
        }
    }),
    ("timers", |meeting, _, n| {
        for at in 1..=n {
            let message = encoded(&DecryptedMessage::Message73(secretchat::hazmat::wire::DecryptedMessage73 {
                ttl: 60,
                ..plain(id(at).0, "for a while")
            }));
            assert_eq!(meeting.give(meeting.forger.sent, &message), Handled::Applied);
            meeting.forger.sent += 1;
        }
        let ids: Vec<_> = (1..=n).map(id).collect();
        let _told = meeting.bob.mark_read(&ids, &mut env(&mut meeting.forger.rng)).unwrap();
        keep(&mut meeting.bob, &mut meeting.store);
    }),
    ("leases", |meeting, profile, n| {
        // The peer's photos, made by a draft of an end that is thrown away.
        let mut other = profile.meet();
        for at in 1..=n {
            other.bob.send(&timed_photo(profile).with_random_id(id(at)), &mut env(&mut other.forger.rng)).unwrap();
            let sealed = crate::support::pair::sealed(&mut other.bob);
            let message = encoded(&other.forger.read(&sealed).message);
            assert_eq!(meeting.give(meeting.forger.sent, &message), Handled::Applied);
            meeting.forger.sent += 1;
            let _told = meeting.bob.open_view(id(at), &mut env(&mut meeting.forger.rng)).unwrap();
            keep(&mut meeting.bob, &mut meeting.store);
            // Everything is acknowledged, so that the outbox stays empty.
            meeting.forger.received = i32::try_from(meeting.bob.counters().sent).unwrap();
        }
    }),
];

fn id(at: usize) -> RandomId {
    RandomId(i64::try_from(at).unwrap() + 1_000)
}

fn own(at: usize, draft: Draft) -> Draft {
    draft.with_random_id(id(at))
}

fn timed_photo(profile: Profile) -> Draft {
    let photo = Photo::new(9, 6, 1_000, profile.media_key());
    Draft::media(Media::Photo(photo), "").with_ttl(Ttl::from_seconds(30).unwrap())
}

/// What is called.
enum Call {
    /// A message of the peer's, at its turn, unless told how far ahead.
    Message(i32, Vec<u8>),
    /// The peer acknowledges all of ours.
    Acknowledges,
    Bytes(Vec<u8>),
    Is(fn(&mut Chat, &mut Env<'_>)),
}

/// A kind of call; it is made with what so many piled up.
type Kind = (&'static str, fn(usize) -> Call);

const KINDS: [Kind; 39] = [
    ("text", |_| Call::Message(0, forger::text(5, "a text"))),
    ("text with a timer", |_| {
        let message = secretchat::hazmat::wire::DecryptedMessage73 { ttl: 9, ..plain(5, "a text") };
        Call::Message(0, encoded(&DecryptedMessage::Message73(message)))
    }),
    ("early text", |_| Call::Message(700, forger::text(5, "a text"))),
    ("duplicate", |_| Call::Message(-1, forger::text(5, "a text"))),
    ("noop", |_| Call::Message(0, service(DecryptedMessageAction::Noop))),
    ("acknowledgement of all", |_| Call::Acknowledges),
    ("NotifyLayer", |_| Call::Message(0, forger::notice(144))),
    ("Resend of all", |n| {
        let end_seq_no = 2 * i32::try_from(n - 1).unwrap();
        Call::Message(0, service(DecryptedMessageAction::Resend(ActionResend { start_seq_no: 0, end_seq_no })))
    }),
    ("DeleteMessages of all", |n| {
        let ids: Vec<_> = (0..=n).map(|at| id(at).0).collect();
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::DeleteMessages(ActionDeleteMessages { random_ids })))
    }),
    ("ReadMessages of all", |n| {
        let ids: Vec<_> = (0..=n).map(|at| id(at).0).collect();
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::ReadMessages(ActionReadMessages { random_ids })))
    }),
    ("ScreenshotMessages of all", |n| {
        let ids: Vec<_> = (0..=n).map(|at| id(at).0).collect();
        let random_ids = Vector::new(&ids).unwrap();
        Call::Message(0, service(DecryptedMessageAction::ScreenshotMessages(ActionScreenshotMessages { random_ids })))
    }),
    ("FlushHistory", |_| Call::Message(0, service(DecryptedMessageAction::FlushHistory))),
    ("SetMessageTTL", |_| {
        let action = DecryptedMessageAction::SetMessageTTL(ActionSetMessageTTL { ttl_seconds: 5 });
        Call::Message(0, service(action))
    }),
    ("RequestKey", |_| Call::Message(0, forger::request(7, &[9; 32]))),
    ("AcceptKey of nothing", |_| Call::Message(0, forger::accept(7, &[9; 32], 1))),
    ("garbage", |_| Call::Bytes(vec![0x3c; 1_048])),
    ("nothing", |_| Call::Bytes(vec![])),
    ("carried", |_| Call::Is(|bob, env| _ = bob.handle(Input::carried(TransmitId(16), None), env))),
    ("refused", |_| Call::Is(|bob, env| _ = bob.handle(Input::refused(TransmitId(16)), env))),
    ("refused for good", |_| Call::Is(|bob, env| _ = bob.handle(Input::refused_for_good(TransmitId(16)), env))),
    ("read", |_| Call::Is(|bob, env| _ = bob.handle(Input::read(env.now, None), env))),
    ("typing of the peer", |_| Call::Is(|bob, env| _ = bob.handle(Input::Typing, env))),
    ("accepted elsewhere", |_| Call::Is(|bob, env| _ = bob.handle(Input::AcceptedElsewhere, env))),
    ("a second acceptance", |_| {
        Call::Is(|bob, env| _ = bob.handle(Input::accepted(&[9; 256], bob.key_fingerprint().unwrap()), env))
    }),
    ("a Discard with a wrong proof", |_| {
        Call::Is(|bob, env| {
            let proof = Some(DiscardProof { sent: 1, mac: [7; 32] });
            _ = bob.handle(Input::discarded(History::Keep, proof), env);
        })
    }),
    ("a receipt of a Discard", |_| Call::Is(|bob, env| _ = bob.handle(Input::discard_receipt(Some(&[7; 32])), env))),
    ("timeout at once", |_| Call::Is(Chat::handle_timeout)),
    ("timeout a year later", |_| Call::Is(|bob, env| bob.handle_timeout(&mut env_at(365 * DAY, env.rng)))),
    ("send", |_| Call::Is(|bob, env| _ = bob.send(&Draft::text("ours"), env))),
    ("set_ttl", |_| Call::Is(|bob, env| _ = bob.set_ttl(Ttl::from_seconds(9).unwrap(), env))),
    ("mark_read", |_| Call::Is(|bob, env| _ = bob.mark_read(&[id(1)], env))),
    ("delete", |_| Call::Is(|bob, env| _ = bob.delete(&[id(1)], env))),
    ("open_view", |_| Call::Is(|bob, env| _ = bob.open_view(id(1), env))),
    ("flush_history", |_| Call::Is(|bob, env| _ = bob.flush_history(env))),
    ("typing", |_| Call::Is(|bob, env| _ = bob.typing(TypingAction::Typing, env))),
    ("rekey", |_| Call::Is(|bob, env| _ = bob.rekey(env))),
    ("retransmit", |_| Call::Is(Chat::retransmit)),
    ("acknowledge", |_| Call::Is(|bob, env| _ = bob.acknowledge(env))),
    ("close", |_| Call::Is(|bob, env| bob.close(History::Delete, env))),
];

/// What a call took, and how much there was.
#[derive(Clone, Copy, Debug)]
struct Measured {
    taken: Taken,
    outputs: usize,
    kept: usize,
    brought: usize,
}

fn measure(call: &Call, meeting: &mut Meeting, records: &Records) -> Measured {
    let Meeting { forger, key, .. } = meeting;
    let before = in_use();
    let mut bob = restore(records, *key, None).unwrap();
    crate::support::pair::outputs(&mut bob);
    let kept = usize::try_from(in_use() - before).unwrap();
    let (sent, received) = (forger.sent, forger.received);
    let bytes = match call {
        Call::Message(ahead, message) => {
            let around = forger.around_slot(sent + ahead);
            Some(forger.say(around, message))
        }
        Call::Acknowledges => {
            forger.received = i32::try_from(bob.counters().sent).unwrap();
            Some(forger.say_next(&service(DecryptedMessageAction::Noop)))
        }
        Call::Bytes(bytes) => Some(bytes.clone()),
        Call::Is(_) => None,
    };
    (forger.sent, forger.received) = (sent, received);
    let env = &mut env(&mut forger.rng);
    let ((), taken) = taken(|| match (call, &bytes) {
        (Call::Is(call), _) => call(&mut bob, env),
        (_, bytes) => _ = bob.handle(ciphertext(bytes.as_ref().unwrap()), env),
    });
    let outputs = crate::support::pair::outputs(&mut bob).len();
    Measured { taken, outputs, kept, brought: bytes.map_or(0, |bytes| bytes.len()) }
}

/// No faster than in proportion: four times the pile takes at most four times as much as the first, and what a call takes that
/// has nothing to go through.
fn assert_linear(what: &str, [one, two, four]: [Measured; 3]) {
    let most = |small: &Measured, times: usize| Taken {
        bytes: times * small.taken.bytes + FIXED,
        calls: times * small.taken.calls + FIXED_CALLS,
    };
    for (large, times) in [(two, 2), (four, 4)] {
        let most = most(&one, times);
        assert!(large.taken.bytes <= most.bytes && large.taken.calls <= most.calls, "{what}: {large:?} after {one:?}");
    }
    for measured in [one, two, four] {
        let bound = 6 * (measured.kept + measured.brought) + FIXED;
        assert!(measured.taken.bytes <= bound, "{what}: {measured:?}, at most {bound}");
    }
}

/// The outputs of one call: those of the call itself, and one or two for each message that it sends again, hands out, releases
/// or ends (SPEC LIM-5).
fn assert_few_outputs(what: &str, size: usize, measured: Measured) {
    assert!(measured.outputs <= 2 * size + 8, "{what}: {measured:?} at {size}");
}

#[test]
fn what_a_call_takes_grows_no_faster_than_what_piled_up() {
    for profile in every_profile() {
        for (pile, make) in PILES {
            let piled = SIZES.map(|size| {
                let mut meeting = profile.meet();
                make(&mut meeting, profile, size);
                let records = records(&meeting.bob, &meeting.store);
                (size, meeting, records)
            });
            let mut piled = piled;
            for (kind, call) in KINDS {
                let what = format!("{profile:?}: {kind} over {pile}");
                let measured = piled.each_mut().map(|(size, meeting, records)| {
                    let measured = measure(&call(*size), meeting, records);
                    assert_few_outputs(&what, *size, measured);
                    measured
                });
                assert_linear(&what, measured);
            }
            // A restart goes through all of it.
            let restarts = piled.each_ref().map(|(_, meeting, records)| {
                let (chat, taken) = taken(|| restore(records, meeting.key, None).unwrap());
                drop(chat);
                let kept = records.rows.iter().map(|(_, sealed)| sealed.len()).sum();
                Measured { taken, outputs: 0, kept, brought: 0 }
            });
            assert_linear(&format!("{profile:?}: restore over {pile}"), restarts);
        }
    }
}

/// What came before the key waits for it, and is gone through with the answer (SPEC MODP-6).
#[cfg(feature = "telegram")]
#[test]
fn what_an_answer_takes_grows_no_faster_than_what_came_before_it() {
    use crate::support::telegram;
    let measured = SIZES.map(|size| {
        let before = in_use();
        let start = telegram::config(secretchat::PeerPolicy::Default);
        let mut alice = Chat::request(start, &mut env(&mut crate::support::rng::Seeded::new(44))).unwrap();
        let mut forger = telegram::answer(&crate::support::pair::request_of(&mut alice));
        for at in 0..size {
            let sealed = forger.say_next(&forger::text(id(at).0, "early"));
            assert_eq!(alice.handle(ciphertext(&sealed), &mut env(&mut forger.rng)), Ok(Handled::Waiting));
            crate::support::pair::outputs(&mut alice);
        }
        let kept = usize::try_from(in_use() - before).unwrap();
        let public = telegram::public_value();
        let (handled, taken) =
            taken(|| alice.handle(Input::accepted(&public, forger.fingerprint), &mut env(&mut forger.rng)));
        assert_eq!(handled, Ok(Handled::Applied));
        let measured = Measured { taken, outputs: crate::support::pair::texts(&mut alice).len(), kept, brought: 256 };
        assert_eq!(measured.outputs, size, "all of them came out");
        measured
    });
    assert_linear("an answer over what came early", measured);
}

/// A fragment takes its own bytes, and the last one of a frame the frame's; however many frames are incomplete (SPEC FRAG-4).
#[test]
fn what_a_fragment_takes_grows_no_faster_than_what_is_incomplete() {
    const MTU: usize = 100;
    let now = crate::support::pair::at(0);
    let frame = |number: usize, pieces: usize| {
        let bytes = vec![7; pieces * (MTU - FRAGMENT_HEADER_LEN) - 100];
        let transmit_id = TransmitId(u64::try_from(number).unwrap());
        encode(ChatTag([7; 16]), &Frame::Ciphertext { transmit_id, file: None, bytes: &bytes }).unwrap()
    };
    let measured = SIZES.map(|size| {
        let mut bounds = FragmentBounds::default();
        bounds.frames = size + 1;
        let mut receiver = Reassembler::new(bounds);
        let before = in_use();
        for number in 0..size {
            let incomplete = frame(number, 3);
            let first = fragment(&incomplete, MTU).unwrap().next().unwrap().to_vec();
            assert!(receiver.take(&first, now).unwrap().is_none());
        }
        let whole = frame(size, size);
        let pieces: Vec<_> = fragment(&whole, MTU).unwrap().map(|piece| piece.to_vec()).collect();
        let (last, earlier) = pieces.split_last().unwrap();
        for piece in earlier {
            let (none, taken) = taken(|| receiver.take(piece, now).unwrap().is_none());
            assert!(none && taken.bytes <= 2 * MTU + FIXED, "{taken:?}");
        }
        let kept = usize::try_from(in_use() - before).unwrap();
        let (came, taken) = taken(|| receiver.take(last, now).unwrap().is_some());
        assert!(came);
        Measured { taken, outputs: 1, kept, brought: last.len() }
    });
    assert_linear("the last fragment", measured);
}

/// The check finds what it is there for: work for each pair of what piled up, and memory that nothing bounds.
#[test]
fn growth_that_is_not_linear_is_found() {
    let found = |of: fn(usize) -> usize, calls: fn(usize) -> usize| {
        let measured = SIZES.map(|size| {
            let taken = Taken { bytes: of(size), calls: calls(size) };
            Measured { taken, outputs: 0, kept: 1_000 * size, brought: 0 }
        });
        std::panic::catch_unwind(|| assert_linear("a control", measured)).is_err()
    };
    assert!(!found(|size| 300 * size, |size| 7 * size));
    assert!(found(|size| 10 * size * size, |size| 7 * size), "bytes");
    assert!(found(|size| 300 * size, |size| size * size), "blocks");
    assert!(found(|size| 10_000 * size, |size| 7 * size), "in proportion, and beyond the bound");
}
