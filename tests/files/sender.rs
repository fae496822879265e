//! In which order parts and messages leave, and what the peer's words do (SPEC FILE-1 to FILE-3, FILE-5).

use secretchat::frame::{FileId, Frame, RangeList, Ranges};
use secretchat::media::Progress;
use secretchat::store::Action;
use secretchat::transfer::{FileSender, Leaving};
use secretchat::{Document, Draft, Env, RandomId, Timestamp, Transmit, media};

use super::host::{Host, at, pair};

const FILE: FileId = FileId([1; 16]);
const OTHER: FileId = FileId([2; 16]);

/// Parts of 10 bytes, 30 in flight.
fn sender() -> FileSender {
    FileSender::new().with_part_len(10).with_window(30)
}

/// What leaves, in words; all of it is carried.
fn leave(sender: &mut FileSender, now: Timestamp) -> Vec<String> {
    let mut left = Vec::new();
    while let Some(leaving) = sender.next(now) {
        left.push(words(&leaving));
        sender.carried(leaving);
    }
    left
}

fn words(leaving: &Leaving) -> String {
    let bytes = vec![0; leaving.part().map_or(0, |(_, part)| usize::try_from(part.end - part.start).unwrap())];
    match leaving.frame(&bytes).unwrap() {
        Frame::FilePart { file_id, total, bytes: [], .. } => format!("{}? of {total}", file_id.0[0]),
        Frame::FilePart { file_id, offset, bytes, .. } => {
            format!("{}: {offset}..{}", file_id.0[0], offset + bytes.len() as u64)
        }
        Frame::FileCancel { file_id } => format!("no {}", file_id.0[0]),
        Frame::Ciphertext { file, .. } => format!("message {}", file.map_or(0, |file| file.0[0])),
        frame => panic!("{frame:?}"),
    }
}

/// The peer says what it lacks.
fn request(sender: &mut FileSender, file_id: FileId, missing: &[(u64, u64)]) {
    let bytes = missing.iter().map(|(start, end)| *start..*end).collect::<Ranges>().to_bytes();
    let frame = Frame::FileRequest { file_id, missing: RangeList::try_from(bytes.as_slice()).unwrap() };
    assert!(sender.hear(&frame, |_| None));
}

/// A message of Alice's chat, with or without a file.
fn transmit(alice: &mut Host, file: Option<FileId>) -> (RandomId, Transmit) {
    let (key, _) = media::seal(alice.driver().chat().file_form(), b"content", &mut alice.rng).unwrap();
    let draft = match file {
        Some(file) => Draft::media(Document::new("text/plain", 7, key), "").with_file(file),
        None => Draft::text("text"),
    };
    let mut rng = alice.rng.clone();
    let id = alice.driver().send(&draft, &mut Env::new(at(0), &mut rng)).unwrap();
    (id, transmits(alice).pop().unwrap())
}

fn transmits(alice: &mut Host) -> Vec<Transmit> {
    let actions = std::iter::from_fn(|| alice.driver().next_action().unwrap());
    actions.filter_map(|action| if let Action::Transmit(transmit) = action { Some(transmit) } else { None }).collect()
}

#[test]
fn files_leave_one_after_the_other_within_the_window() {
    let mut sender = sender();
    sender.add(FILE, 25);
    sender.add(OTHER, 12);
    let held: Vec<_> = std::iter::from_fn(|| sender.next(at(0))).collect();
    assert_eq!(held.iter().map(words).collect::<Vec<_>>(), ["1: 0..10", "1: 10..20", "1: 20..25"], "5 have room");
    assert_eq!(sender.progress(FILE), Some(Progress { done: 0, total: 25 }), "in flight is not done");
    assert_eq!(sender.progress_of_all(), Progress { done: 0, total: 37 });
    let mut held = held.into_iter();
    sender.carried(held.next().unwrap());
    sender.failed(held.next().unwrap());
    sender.carried(held.next().unwrap());
    assert_eq!(sender.progress(FILE), Some(Progress { done: 15, total: 25 }));
    assert!(!sender.is_carried(FILE));
    sender.prefer(OTHER);
    assert_eq!(leave(&mut sender, at(0)), ["2: 0..10", "2: 10..12", "1: 10..20"]);
    assert!(sender.is_carried(FILE) && sender.is_carried(OTHER));
    let album: Progress = [FILE, OTHER].iter().filter_map(|file| sender.progress(*file)).sum();
    assert_eq!(album, Progress { done: 37, total: 37 });
    assert_eq!(sender.progress_of_all(), album);
}

#[test]
fn a_part_that_fills_the_window_has_room() {
    let mut sender = sender();
    sender.add(FILE, 100);
    let in_flight: Vec<_> = std::iter::from_fn(|| sender.next(at(0))).collect();
    assert_eq!(in_flight.iter().map(words).collect::<Vec<_>>(), ["1: 0..10", "1: 10..20", "1: 20..30"]);
}

#[test]
fn one_part_has_room_in_any_window() {
    let mut sender = FileSender::new().with_part_len(10).with_window(0);
    sender.add(FILE, 20);
    let first = sender.next(at(0)).unwrap();
    assert!(sender.next(at(0)).is_none());
    sender.carried(first);
    assert_eq!(leave(&mut sender, at(0)), ["1: 10..20"]);
}

#[test]
fn after_a_restart_the_peer_says_what_it_lacks() {
    let mut sender = sender();
    sender.resume(FILE, 100);
    assert_eq!(leave(&mut sender, at(0)), ["1? of 100"]);
    assert_eq!(sender.poll_timeout(), Some(at(2_000)));
    assert!(leave(&mut sender, at(1_999)).is_empty());
    assert_eq!(leave(&mut sender, at(2_000)), ["1? of 100"], "the question or the answer was lost");
    assert_eq!(sender.poll_timeout(), Some(at(6_000)), "pauses double");
    request(&mut sender, FILE, &[(10, 15), (90, u64::MAX)]);
    // Older words, which were under way.
    request(&mut sender, FILE, &[(0, 100)]);
    assert_eq!(sender.progress(FILE), Some(Progress { done: 85, total: 100 }));
    assert_eq!(leave(&mut sender, at(7_000)), ["1: 10..15", "1: 90..100"]);
    assert_eq!(sender.poll_timeout(), None);
    // What was lost is asked for.
    request(&mut sender, FILE, &[(92, 94)]);
    assert_eq!(leave(&mut sender, at(7_000)), ["1: 92..94"]);
}

/// A receiver has places for so many files only: hundreds of questions at once would get no answer.
#[test]
fn one_file_is_asked_about_at_a_time() {
    let mut sender = sender();
    for n in 1..=100 {
        sender.resume(FileId([n; 16]), 100);
    }
    assert_eq!(leave(&mut sender, at(0)), ["1? of 100"]);
    for n in 1..100 {
        request(&mut sender, FileId([n; 16]), &[]);
        assert_eq!(leave(&mut sender, at(0)), [format!("{}? of 100", n + 1)]);
    }
}

#[test]
fn a_connection_that_broke_may_have_lost_what_it_took() {
    let mut sender = sender();
    sender.add(FILE, 15);
    sender.add(OTHER, 15);
    let part = sender.next(at(0)).unwrap();
    sender.interrupted();
    sender.failed(part);
    assert_eq!(leave(&mut sender, at(0)), ["1? of 15", "2: 0..10", "2: 10..15"], "nothing of the other one had left");
    request(&mut sender, FILE, &[(0, 15)]);
    assert_eq!(leave(&mut sender, at(0)), ["1: 0..10", "1: 10..15"]);
}

/// Words that anybody can make up.
#[test]
fn requests_that_mean_nothing() {
    let mut sender = sender();
    request(&mut sender, FILE, &[(0, 5)]);
    assert!(leave(&mut sender, at(0)).is_empty(), "an unknown file");
    sender.resume(FILE, 20);
    request(&mut sender, FILE, &[(20, 30)]);
    assert_eq!(leave(&mut sender, at(0)), ["1? of 20"], "behind its end: that is no answer");
    request(&mut sender, FILE, &[]);
    assert!(sender.is_carried(FILE), "the peer has it, or somebody says so");
    request(&mut sender, FILE, &[(0, 20)]);
    assert_eq!(leave(&mut sender, at(0)), ["1: 0..10", "1: 10..20"], "the peer has not");
    assert!(!sender.hear(&Frame::FileCancel { file_id: OTHER }, |_| None), "a file of the other direction");
    assert!(sender.hear(&Frame::FileCancel { file_id: FILE }, |_| None));
    request(&mut sender, FILE, &[(0, 3)]);
    assert_eq!(leave(&mut sender, at(0)), ["1: 0..3"]);
}

#[test]
fn the_hosts_disk_answers_for_a_file_that_was_not_added() {
    let mut sender = sender();
    let missing = RangeList::try_from(&[][..]).unwrap();
    assert!(sender.hear(&Frame::FileRequest { file_id: FILE, missing }, |file| (file == FILE).then_some(20)));
    assert!(sender.is_carried(FILE), "the answer came at once");
    request(&mut sender, FILE, &[(3, 7)]);
    assert_eq!(leave(&mut sender, at(0)), ["1: 3..7"]);
}

#[test]
fn messages_leave_behind_their_files_and_in_their_order() {
    let [mut alice, _] = pair(1, 1000);
    let mut sender = sender();
    sender.add(FILE, 15);
    let (_, photo) = transmit(&mut alice, Some(FILE));
    let (_, text) = transmit(&mut alice, None);
    let (_, other) = transmit(&mut alice, Some(OTHER));
    // In any order, and twice.
    for transmit in [&text, &photo, &text] {
        sender.hold(transmit.clone(), |_| None).unwrap();
    }
    assert_eq!(sender.hold(other.clone(), |_| None).unwrap_err(), other, "its file is gone");
    sender.hold(other, |_| Some(12)).unwrap();
    let question = sender.next(at(0)).unwrap();
    assert_eq!((words(&question).as_str(), question.transmit()), ("2? of 12", None));
    request(&mut sender, OTHER, &[(5, 12)]);
    assert_eq!(leave(&mut sender, at(0)), ["1: 0..10", "1: 10..15", "message 1", "message 0", "2: 5..12", "message 2"]);
    // A repeat of the driver finds its file carried.
    sender.hold(photo.clone(), |_| None).unwrap();
    let leaving = sender.next(at(0)).unwrap();
    assert_eq!((leaving.part(), leaving.transmit()), (None, Some(&photo)));
    assert!(sender.next(at(0)).is_none());
}

#[test]
fn what_the_transport_did_not_take_comes_again() {
    let [mut alice, _] = pair(1, 1000);
    let mut sender = FileSender::default();
    sender.add(FILE, 10);
    sender.cancel(FILE);
    let cancelled = sender.next(at(0)).unwrap();
    assert_eq!(words(&cancelled), "no 1");
    assert!(sender.next(at(0)).is_none());
    sender.failed(cancelled);
    assert_eq!(leave(&mut sender, at(0)), ["no 1"]);

    let (_, text) = transmit(&mut alice, None);
    sender.hold(text, |_| None).unwrap();
    let leaving = sender.next(at(0)).unwrap();
    assert!(sender.next(at(0)).is_none());
    sender.failed(leaving);
    assert_eq!(leave(&mut sender, at(0)), ["message 0"]);
}

/// What was destroyed while it waited does not leave (SPEC OUT-2).
#[test]
fn a_message_that_was_deleted_leaves_empty_and_its_file_does_not() {
    let [mut alice, _] = pair(1, 1000);
    let mut sender = sender();
    sender.add(FILE, 100);
    let (id, photo) = transmit(&mut alice, Some(FILE));
    alice.driver().in_flight(&photo);
    sender.hold(photo.clone(), |_| None).unwrap();
    let part = sender.next(at(0)).unwrap();
    sender.cancel(FILE);
    let mut rng = alice.rng.clone();
    alice.driver().act(&mut Env::new(at(0), &mut rng), |chat, env| chat.delete(&[id], env)).unwrap();
    let left = transmits(&mut alice);
    assert_eq!(left[1].id, photo.id, "the empty one, though the first is on its way");
    for transmit in left {
        sender.hold(transmit, |_| None).unwrap();
    }
    sender.carried(part);
    assert_eq!(leave(&mut sender, at(0)), ["no 1", "message 0", "message 0"], "empty, and the word to the peer");
}

#[test]
fn a_finished_file_is_forgotten_with_its_repeats() {
    let [mut alice, _] = pair(1, 1000);
    let mut sender = sender();
    sender.add(FILE, 10);
    let (_, photo) = transmit(&mut alice, Some(FILE));
    sender.hold(photo, |_| None).unwrap();
    sender.finished(FILE);
    assert!(leave(&mut sender, at(0)).is_empty());
    assert_eq!(sender.progress(FILE), None);
}

#[test]
fn a_stored_file_that_changed_its_length_is_not_carried() {
    let mut sender = sender();
    sender.add(FILE, 15);
    let part = sender.next(at(0)).unwrap();
    assert!(part.frame(&[0; 9]).is_err() && part.frame(&[0; 11]).is_err());
    sender.failed(part);
    assert_eq!(leave(&mut sender, at(0)), ["1: 0..10", "1: 10..15"]);
}
