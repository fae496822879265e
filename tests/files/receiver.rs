//! What a receiver makes of any frame (SPEC FILE-4, FILE-6, FRM-6).

use proptest::prelude::*;
use secretchat::frame::{FileId, Frame, RangeList, Ranges};
use secretchat::media::Progress;
use secretchat::transfer::{Bounds, FileMessage, FileReceiver, Heard, Step};
use secretchat::{Handled, PeerFault, Timestamp, TransmitId};

use super::host::at;

const FILE: FileId = FileId([1; 16]);
const OTHER: FileId = FileId([2; 16]);

fn receiver() -> FileReceiver {
    FileReceiver::new(Bounds::default())
}

fn part(file_id: FileId, offset: u64, total: u64, bytes: &[u8]) -> Frame<'_> {
    Frame::FilePart { file_id, offset, total, bytes }
}

fn message(file: FileId, bytes: &[u8]) -> Frame<'_> {
    Frame::Ciphertext { transmit_id: TransmitId(16), file: Some(file), bytes }
}

/// Hears a frame of a file whose message was not kept; the bytes that it gives and where they belong.
fn hear(receiver: &mut FileReceiver, frame: &Frame<'_>, now: Timestamp) -> Option<(u64, Vec<u8>, bool)> {
    match receiver.hear(frame, now, |_| false) {
        Heard::Write(part) => Some((part.offset, part.bytes.to_vec(), part.is_last)),
        Heard::Nothing => None,
        Heard::Pass(frame) => panic!("{frame:?} is about a file"),
    }
}

/// What there is to do, in words.
fn steps(receiver: &mut FileReceiver, now: Timestamp) -> Vec<String> {
    let mut steps = Vec::new();
    while let Some(step) = receiver.next(now) {
        steps.push(match step {
            Step::Send(reply) => match reply.frame() {
                Frame::FileRequest { file_id, missing } => {
                    format!("{} lacks {:?}", file_id.0[0], missing.iter().collect::<Vec<_>>())
                }
                Frame::FileCancel { file_id } => format!("{} is not wanted", file_id.0[0]),
                frame => panic!("{frame:?}"),
            },
            Step::Message(message) => format!("message of {}", message.file().0[0]),
            Step::Remove(file) => format!("remove {}", file.0[0]),
        });
    }
    steps
}

fn next_message(receiver: &mut FileReceiver, now: Timestamp) -> Option<FileMessage> {
    std::iter::from_fn(|| receiver.next(now)).find_map(|step| match step {
        Step::Message(message) => Some(message),
        _ => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Parts of any place and length, in any order: each byte is given once, and is the first that came.
    #[test]
    fn each_byte_is_given_once(parts in prop::collection::vec((0..100_u64, 1..30_usize), 1..60)) {
        let mut receiver = receiver();
        let mut there = [None; 130];
        for ((offset, len), n) in parts.into_iter().zip(0_u8..) {
            let bytes = vec![n; len];
            let before = there;
            if let Some((at, bytes, is_last)) = hear(&mut receiver, &part(FILE, offset, 130, &bytes), at(0)) {
                let place = usize::try_from(at).unwrap();
                for byte in &mut there[place..place + bytes.len()] {
                    prop_assert_eq!(*byte, None, "given before");
                    *byte = Some(n);
                }
                prop_assert_eq!(is_last, there.iter().all(Option::is_some));
            } else {
                let start = usize::try_from(offset).unwrap();
                prop_assert!(before[start..start + len].iter().all(Option::is_some), "something was new");
            }
            let known: Ranges = (0..130).zip(there).filter(|(_, byte)| byte.is_some()).map(|(n, _)| n..n + 1).collect();
            prop_assert_eq!(receiver.there(FILE), Some(&known));
        }
    }
}

#[test]
fn the_first_part_settles_the_length() {
    let mut receiver = receiver();
    assert!(hear(&mut receiver, &part(FILE, 0, 100, &[1; 10]), at(0)).is_some());
    assert!(hear(&mut receiver, &part(FILE, 10, 99, &[1; 10]), at(0)).is_none());
    assert!(hear(&mut receiver, &part(FILE, 0, 99, &[]), at(0)).is_none());
    assert!(steps(&mut receiver, at(0)).is_empty(), "a question about another file");
    // What is on disk has a say, too.
    receiver.restore(OTHER, None, &Ranges::from(0..50), at(0));
    assert!(hear(&mut receiver, &part(OTHER, 0, 49, &[1; 10]), at(0)).is_none());
    assert_eq!(hear(&mut receiver, &part(OTHER, 50, 51, &[1]), at(0)), Some((50, vec![1], true)));
}

#[test]
fn a_part_to_write_shows_how_long_it_is() {
    let mut receiver = receiver();
    let Heard::Write(part) = receiver.hear(&part(FILE, 0, 10, &[66; 10]), at(0), |_| false) else { panic!("a part") };
    assert!(format!("{part:?}").ends_with("offset: 0, bytes: 10, is_last: true }"), "{part:?}");
}

#[test]
fn a_question_is_answered_by_what_is_missing() {
    let mut receiver = receiver();
    let question = part(FILE, 0, 100, &[]);
    assert!(hear(&mut receiver, &question, at(0)).is_none());
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks [0..100]"]);
    hear(&mut receiver, &part(FILE, 30, 100, &[1; 10]), at(0));
    hear(&mut receiver, &question, at(0));
    hear(&mut receiver, &question, at(0));
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks [0..30, 40..100]"], "one answer for two questions");
    hear(&mut receiver, &part(FILE, 0, 100, &[1; 30]), at(0));
    hear(&mut receiver, &part(FILE, 40, 100, &[1; 60]), at(0));
    hear(&mut receiver, &question, at(0));
    assert!(steps(&mut receiver, at(0)).is_empty(), "it is not durable yet");
    receiver.durable(FILE);
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks []"]);
    hear(&mut receiver, &question, at(0));
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks []"]);
    // A message with it was kept long ago.
    assert_eq!(receiver.hear(&part(OTHER, 0, 50, &[1; 50]), at(0), |file| file == OTHER), Heard::Nothing);
    assert_eq!(steps(&mut receiver, at(0)), ["2 lacks []"]);
}

/// No receipt can leave before: the message is not out yet.
#[test]
fn a_message_waits_until_its_file_is_durable() {
    let mut receiver = receiver();
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    hear(&mut receiver, &part(FILE, 0, 3, b"ab"), at(0));
    receiver.durable(FILE);
    assert!(steps(&mut receiver, at(0)).is_empty(), "it is not whole");
    hear(&mut receiver, &part(FILE, 2, 3, b"c"), at(0));
    assert!(steps(&mut receiver, at(100_000)).is_empty(), "it is whole, and not durable");
    receiver.durable(FILE);
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks []", "message of 1"], "once");
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    assert_eq!(steps(&mut receiver, at(0)), ["message of 1"], "a repeat: its receipt was lost");
}

#[test]
fn what_a_message_waits_for_is_asked_for_after_silence_and_pauses_that_double() {
    let mut receiver = receiver();
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    let mut asked = Vec::new();
    for now in (0..300_000).step_by(500) {
        if !steps(&mut receiver, at(now)).is_empty() {
            asked.push(now);
            let next = receiver.poll_timeout().unwrap().as_millis();
            assert!(next > now && next <= now + 60_000);
        }
    }
    assert_eq!(asked, [2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 124_000, 184_000, 244_000]);
    hear(&mut receiver, &part(FILE, 8, 20, b"part"), at(300_000));
    assert!(steps(&mut receiver, at(301_999)).is_empty());
    assert_eq!(steps(&mut receiver, at(302_000)), ["1 lacks [0..8, 12..20]"]);
    assert!(steps(&mut receiver, at(303_999)).is_empty());
    assert_eq!(steps(&mut receiver, at(304_000)), ["1 lacks [0..8, 12..20]"]);
}

#[test]
fn a_file_of_unknown_length_lacks_everything() {
    let mut receiver = receiver();
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    assert_eq!(steps(&mut receiver, at(2_000)), [format!("1 lacks [0..{}]", u64::MAX)]);
}

/// A message that the chat refused was made up: its file is what it was. One that was taken makes the file the host's.
/// What a restart brought back is on disk to stay. Where its length was not stored, the next part says it, and that may
/// show that nothing is missing.
#[test]
fn a_whole_file_of_unknown_length_is_durable_when_its_length_comes() {
    for bytes in [&b""[..], b"abc"] {
        let mut receiver = receiver();
        receiver.restore(FILE, None, &Ranges::from(0..3), at(0));
        assert_eq!(hear(&mut receiver, &message(FILE, b"sealed"), at(0)), None);
        assert_eq!(hear(&mut receiver, &part(FILE, 0, 3, bytes), at(0)), None, "it is there");
        let steps = steps(&mut receiver, at(0));
        assert!(steps.contains(&"message of 1".to_owned()) && steps.contains(&"1 lacks []".to_owned()), "{steps:?}");
    }
}

/// No frame says so (SPEC FRM-4), and a file of which nothing is on disk is not durable all the same.
#[test]
fn a_part_that_says_that_a_file_is_empty_makes_nothing_durable() {
    for first in [message(FILE, b"sealed"), part(FILE, 0, 0, b"")] {
        let mut receiver = receiver();
        for frame in [&first, &message(FILE, b"sealed"), &part(FILE, 0, 0, b"")] {
            assert_eq!(hear(&mut receiver, frame, at(0)), None);
        }
        assert!(next_message(&mut receiver, at(0)).is_none());
    }
}

#[test]
fn only_a_message_that_the_chat_took_takes_its_file() {
    let mut receiver = receiver();
    receiver.restore(FILE, Some(3), &Ranges::from(0..3), at(0));
    let day = 24 * 60 * 60 * 1000;
    for (outcome, taken) in
        [(Err(PeerFault::NotAuthentic), false), (Ok(Handled::NoRoom), false), (Ok(Handled::Waiting), true)]
    {
        hear(&mut receiver, &message(FILE, b"sealed"), at(0));
        let held = next_message(&mut receiver, at(0)).unwrap();
        assert_eq!((held.bytes(), held.transmit_id()), (&b"sealed"[..], TransmitId(16)));
        assert!(format!("{held:?}").ends_with("bytes: 6 }"), "not the bytes themselves");
        assert_eq!(receiver.handled(&held, &outcome), taken);
        assert_eq!(receiver.there(FILE).is_none(), taken);
    }
    assert!(steps(&mut receiver, at(2 * day)).is_empty(), "it is not given up");
    // Nobody has to say that it is kept.
    assert!(hear(&mut receiver, &part(FILE, 0, 3, b"abc"), at(0)).is_none());
    assert_eq!(steps(&mut receiver, at(0)), ["1 lacks []"]);
}

/// Takes in a whole file and its message, as a host that keeps them.
fn keep(receiver: &mut FileReceiver, file: FileId) {
    receiver.restore(file, Some(3), &Ranges::from(0..3), at(0));
    hear(receiver, &message(file, b"sealed"), at(0));
    let held = next_message(receiver, at(0)).unwrap();
    assert!(receiver.handled(&held, &Ok(Handled::Applied)));
}

/// Whether the receiver itself knows that a message with this file was kept. The host does not.
fn is_kept(receiver: &mut FileReceiver, file: FileId) -> bool {
    assert_eq!(hear(receiver, &part(file, 0, 3, b""), at(0)), None);
    steps(receiver, at(0)).contains(&format!("{} lacks []", file.0[0]))
}

#[test]
fn a_file_is_restored_asked_for_and_removed_alone() {
    let mut receiver = receiver();
    hear(&mut receiver, &part(FILE, 0, 100, &[1; 10]), at(0));
    receiver.restore(OTHER, Some(50), &Ranges::from(0..20), at(0));
    let progress = |done, total| Progress { done, total };
    assert_eq!(receiver.progress(FILE), Some(progress(10, 100)));
    assert_eq!(receiver.progress(OTHER), Some(progress(20, 50)));
    assert_eq!(receiver.progress_of_all(), progress(30, 150));
    // In place of what was known of it.
    receiver.restore(FILE, Some(100), &Ranges::from(0..40), at(0));
    assert_eq!(receiver.progress_of_all(), progress(60, 150));
    // A message of one goes with it, that of the other stays.
    hear(&mut receiver, &message(FILE, b"sealed"), at(0));
    hear(&mut receiver, &message(OTHER, b"sealed"), at(0));
    hear(&mut receiver, &part(OTHER, 20, 50, &[1]), at(60_000));
    let day = 24 * 60 * 60 * 1000;
    assert!(steps(&mut receiver, at(day)).contains(&"remove 1".to_owned()));
    assert_eq!((receiver.there(FILE), receiver.progress_of_all()), (None, progress(21, 50)));
    assert!(hear(&mut receiver, &part(OTHER, 21, 50, &[1; 29]), at(day)).is_some());
    receiver.durable(OTHER);
    assert!(steps(&mut receiver, at(day)).contains(&"message of 2".to_owned()));
}

#[test]
fn files_of_kept_messages_are_known_until_many_others_came() {
    let mut receiver = receiver();
    keep(&mut receiver, FILE);
    keep(&mut receiver, OTHER);
    assert!(is_kept(&mut receiver, FILE) && is_kept(&mut receiver, OTHER));
    // The host wants one again.
    receiver.again(FILE, 3, 0..1, at(0));
    assert_eq!(receiver.progress(FILE), Some(Progress { done: 2, total: 3 }));
    assert!(is_kept(&mut receiver, OTHER));

    let mut receiver = FileReceiver::new(Bounds::default());
    let id = |n: u16| {
        let mut id = [0xff; 16];
        id[..2].copy_from_slice(&n.to_le_bytes());
        FileId(id)
    };
    for n in 0..256 {
        keep(&mut receiver, id(n));
    }
    assert!(is_kept(&mut receiver, id(0)), "as many as are kept");
    keep(&mut receiver, id(256));
    assert!(!is_kept(&mut receiver, id(0)), "the oldest goes");
    assert!(is_kept(&mut receiver, id(1)));
}

mod bounds {
    use super::*;

    fn id(n: u8) -> FileId {
        FileId([n; 16])
    }

    #[test]
    fn of_files() {
        let mut receiver = receiver();
        for n in 1..=64 {
            assert!(hear(&mut receiver, &part(id(n), 0, 10, &[0]), at(u64::from(n))).is_some());
        }
        let late = part(id(65), 0, 10, &[0]);
        assert!(hear(&mut receiver, &late, at(60_000)).is_none());
        assert!(steps(&mut receiver, at(60_000)).is_empty());
        // The one that has been idle longest makes room.
        hear(&mut receiver, &part(id(1), 1, 10, &[0]), at(60_000));
        assert!(hear(&mut receiver, &late, at(60_002)).is_some());
        assert_eq!(steps(&mut receiver, at(60_002)), ["remove 2"]);
    }

    #[test]
    fn of_bytes_up_to_the_last_one_of_each_file() {
        let mut bounds = Bounds::default();
        bounds.bytes = 1000;
        let mut receiver = FileReceiver::new(bounds);
        assert!(hear(&mut receiver, &part(id(1), 0, 1001, &[0]), at(0)).is_none(), "one file");
        assert!(hear(&mut receiver, &part(id(1), 899, 1000, &[0]), at(0)).is_some());
        assert!(hear(&mut receiver, &part(id(2), 99, 1000, &[0]), at(0)).is_some());
        assert!(hear(&mut receiver, &part(id(2), 100, 1000, &[0]), at(0)).is_none());
        assert!(hear(&mut receiver, &part(id(1), 0, 1000, &[0; 899]), at(0)).is_some(), "a hole takes no room");
        assert!(hear(&mut receiver, &part(id(2), 100, 1000, &[0]), at(60_000)).is_some());
        assert_eq!(steps(&mut receiver, at(60_000)), ["remove 1"]);
    }

    #[test]
    fn of_bytes_take_no_more_files_than_they_need() {
        let mut bounds = Bounds::default();
        bounds.bytes = 1000;
        let mut receiver = FileReceiver::new(bounds);
        for (n, len) in [(1, 400), (2, 300), (3, 300_u16)] {
            assert!(hear(&mut receiver, &part(id(n), u64::from(len) - 1, 1000, &[0]), at(u64::from(n))).is_some());
        }
        assert!(hear(&mut receiver, &part(id(4), 649, 1000, &[0]), at(61_000)).is_some());
        assert_eq!(steps(&mut receiver, at(61_000)), ["remove 1", "remove 2"]);
        assert!(receiver.there(id(3)).is_some());
    }

    #[test]
    fn of_holes() {
        let mut receiver = receiver();
        for n in 0..64 {
            assert!(hear(&mut receiver, &part(FILE, 2 * n, 1000, &[0]), at(0)).is_some());
        }
        assert!(hear(&mut receiver, &part(FILE, 128, 1000, &[0]), at(0)).is_none());
        assert!(hear(&mut receiver, &part(FILE, 1, 1000, &[0]), at(0)).is_some(), "one hole less");
        assert!(hear(&mut receiver, &part(FILE, 128, 1000, &[0]), at(0)).is_some());
    }

    /// Whoever forged more segments than a file may have ranges must not keep the right ones out for ever.
    #[test]
    fn of_holes_let_in_what_fills_one_of_too_many() {
        const TOTAL: u64 = 400;
        let mut receiver = receiver();
        (0..100).for_each(|n| receiver.again(FILE, TOTAL, 4 * n..4 * n + 2, at(0)));
        // One in the midst of a hole would make one more.
        receiver.again(FILE, TOTAL, 0..3, at(0));
        assert!(hear(&mut receiver, &part(FILE, 1, TOTAL, &[9]), at(0)).is_none());
        let mut asked = Vec::new();
        for round in 0..2 {
            let now = at(2_000 * round);
            let Some(Step::Send(reply)) = receiver.next(now) else { panic!("it lacks something") };
            let Frame::FileRequest { missing, .. } = reply.frame() else { panic!("a request") };
            asked.push(missing.iter().count());
            for range in missing.iter() {
                let bytes = vec![7; usize::try_from(range.end - range.start).unwrap()];
                let expected = Some((range.start, bytes.clone(), range.end == 398));
                assert_eq!(hear(&mut receiver, &part(FILE, range.start, TOTAL, &bytes), now), expected);
            }
        }
        assert_eq!(asked, [64, 36]);
        assert_eq!(receiver.there(FILE), Some(&Ranges::from(0..TOTAL)));
    }

    #[test]
    fn of_messages() {
        let mut bounds = Bounds::default();
        bounds.files = 100;
        let mut receiver = FileReceiver::new(bounds);
        for n in 0..65_u8 {
            hear(&mut receiver, &message(FILE, &[n; 30]), at(0));
        }
        hear(&mut receiver, &part(FILE, 0, 1, &[0]), at(0));
        receiver.durable(FILE);
        assert_eq!(steps(&mut receiver, at(0)).len(), 1 + 64);
        for _ in 0..4 {
            hear(&mut receiver, &message(OTHER, &[1; 1 << 19]), at(0));
            hear(&mut receiver, &message(OTHER, &[2; 1 << 19]), at(0));
            hear(&mut receiver, &message(OTHER, &[3; (1 << 20) + 1]), at(0));
        }
        hear(&mut receiver, &part(OTHER, 0, 1, &[0]), at(0));
        receiver.durable(OTHER);
        assert_eq!(steps(&mut receiver, at(0)).len(), 1 + 2);
        // What nothing comes for makes room.
        for n in 3..=66 {
            hear(&mut receiver, &message(id(n), b"sealed"), at(0));
        }
        steps(&mut receiver, at(59_999));
        hear(&mut receiver, &message(id(67), b"sealed"), at(60_000));
        assert_eq!(steps(&mut receiver, at(60_000)), ["remove 3"]);
        assert!(receiver.there(id(67)).is_some());
    }

    /// Repeats of messages whose file was kept: not more wait than may be held.
    #[test]
    fn of_repeats() {
        let mut receiver = receiver();
        for n in 0..100_u8 {
            assert_eq!(receiver.hear(&message(FILE, &[n; 30]), at(0), |_| true), Heard::Nothing);
        }
        assert_eq!(steps(&mut receiver, at(0)).len(), 64);
    }

    #[test]
    fn of_patience() {
        let mut receiver = receiver();
        hear(&mut receiver, &part(FILE, 0, 10, &[0]), at(0));
        hear(&mut receiver, &message(FILE, b"sealed"), at(0));
        let day = 24 * 60 * 60 * 1000;
        steps(&mut receiver, at(day - 1));
        assert_eq!(steps(&mut receiver, at(day)), ["remove 1"]);
        assert_eq!(receiver.poll_timeout(), None, "its message is gone, too, and comes again");
    }
}

mod cancel {
    use super::*;

    const CANCEL: Frame<'static> = Frame::FileCancel { file_id: FILE };

    #[test]
    fn the_senders_word_drops_what_no_message_names() {
        let mut receiver = receiver();
        assert_eq!(receiver.hear(&CANCEL, at(0), |_| false), Heard::Pass(CANCEL), "nothing is known of it");
        hear(&mut receiver, &part(FILE, 0, 10, &[0]), at(0));
        hear(&mut receiver, &CANCEL, at(0));
        assert_eq!(steps(&mut receiver, at(0)), ["remove 1"]);
        // A message names it: anybody could have said so.
        hear(&mut receiver, &part(FILE, 0, 10, &[0]), at(0));
        hear(&mut receiver, &message(FILE, b"sealed"), at(0));
        hear(&mut receiver, &CANCEL, at(0));
        assert!(steps(&mut receiver, at(0)).is_empty());
        assert!(receiver.there(FILE).is_some());
    }

    #[test]
    fn a_whole_file_stays() {
        let mut receiver = receiver();
        receiver.restore(FILE, Some(10), &Ranges::from(0..10), at(0));
        hear(&mut receiver, &CANCEL, at(0));
        assert!(steps(&mut receiver, at(0)).is_empty());
        assert!(receiver.there(FILE).is_some());
    }

    #[test]
    fn a_file_that_is_declined_lets_its_message_go() {
        let mut receiver = receiver();
        hear(&mut receiver, &part(FILE, 0, 10, &[0]), at(0));
        hear(&mut receiver, &message(FILE, b"sealed"), at(0));
        receiver.decline(FILE);
        assert_eq!(steps(&mut receiver, at(0)), ["1 is not wanted", "message of 1"]);
        assert!(hear(&mut receiver, &part(FILE, 1, 10, &[0]), at(0)).is_none());
    }
}

#[test]
fn frames_that_are_not_for_receivers_pass() {
    let mut receiver = receiver();
    let missing = RangeList::try_from(&[][..]).unwrap();
    for frame in [
        Frame::Request { public: b"value" },
        Frame::Receipt { transmit_id: TransmitId(16), proof: None },
        Frame::Ciphertext { transmit_id: TransmitId(16), file: None, bytes: b"sealed" },
        Frame::FileRequest { file_id: FILE, missing },
    ] {
        assert_eq!(receiver.hear(&frame, at(0), |_| panic!("nobody asks")), Heard::Pass(frame));
    }
}
