//! What strangers can let pile up in a receiver of files or of fragments (SPEC FILE-4, FRAG-4), and the calls over it.

use secretchat::frame::{
    ChatTag, FRAGMENT_HEADER_LEN, FileId, FragmentBounds, Frame, FrameId, MAX_RANGES, MIN_MTU, Ranges, Reassembler,
    encode, fragment,
};
use secretchat::transfer::{Bounds, FileMessage, FileReceiver, Heard, Step};
use secretchat::{Handled, Timestamp, TransmitId};

use super::pair;

/// A name, how many milliseconds later the call comes, and what lets so many pile up.
pub(crate) type Pile<R> = (&'static str, u64, fn(usize) -> R);

/// A name, and what prepares the call over so many.
pub(crate) type Kind<R> = (&'static str, fn(usize) -> Call<R>);
pub(crate) type Call<R> = Box<dyn Fn(&mut R, Timestamp)>;

/// After the first pause of a file that is waited for.
const SOON: u64 = 10_000;
/// Long enough to make room for others.
const IDLE: u64 = 70_000;
/// Long enough to be given up.
const FRAGMENTS_GIVEN_UP: u64 = 6 * 60_000;
const FILES_GIVEN_UP: u64 = 25 * 60 * 60_000;

/// The longest of what is piled up: a file with as many ranges as there can be, or a message.
pub(crate) const LONGEST: usize = 2 * MAX_RANGES;
const FILE_LEN: u64 = LONGEST as u64;
const MESSAGE: [u8; 72] = [9; 72];

/// The bytes of the smallest fragment, and twice as many for each frame.
const PIECE: usize = MIN_MTU - FRAGMENT_HEADER_LEN;
const FRAME_LEN: usize = 2 * PIECE;

/// A file and a frame of which nothing has come.
pub(crate) const NEW: FileId = FileId([0xff; 16]);
const NEW_FRAME: FrameId = FrameId([0xff; 6]);

pub(crate) const FILE_PILES: [Pile<FileReceiver>; 11] = [
    ("files", SOON, files),
    ("idle files", IDLE, files),
    ("files that are given up", FILES_GIVEN_UP, files),
    ("files of many ranges", IDLE, ranges),
    ("files of many ranges with a message", SOON, |n| {
        let mut receiver = ranges(n);
        (0..n.div_ceil(MAX_RANGES)).for_each(|at| tell(&mut receiver, file(at), 0));
        receiver
    }),
    ("messages", SOON, messages),
    ("messages of idle files", IDLE, messages),
    ("messages of files that are given up", FILES_GIVEN_UP, messages),
    ("messages of one file beside idle files", IDLE, |n| {
        let mut receiver = files(n);
        (0..n).for_each(|at| tell(&mut receiver, file(0), at));
        receiver
    }),
    ("answers that nobody takes", SOON, |n| {
        let mut receiver = of_files(n);
        for at in 0..n {
            let part = Frame::FilePart { file_id: file(at), offset: 0, total: FILE_LEN, bytes: &[7] };
            assert_eq!(receiver.hear(&part, moment(at), |_| true), Heard::Nothing);
        }
        receiver
    }),
    ("durable files", IDLE, |n| {
        let mut receiver = of_files(n);
        for at in 0..n {
            write(&mut receiver, file(at), 0, &[7; LONGEST], at);
            receiver.durable(file(at));
            assert!(matches!(receiver.next(moment(at)), Some(Step::Send(_))));
        }
        receiver
    }),
];

pub(crate) const FILE_CALLS: [Kind<FileReceiver>; 19] = [
    ("part of a new file", |_| hearing(part(NEW, 0, FILE_LEN))),
    ("part that needs all room", |n| hearing(part(NEW, room(n) - 1, room(n)))),
    ("part of a file", |_| hearing(part(file(0), FILE_LEN - 1, FILE_LEN))),
    ("part of a file of another length", |_| hearing(part(file(0), 0, FILE_LEN - 1))),
    ("question about a file", |_| {
        hearing(Frame::FilePart { file_id: file(0), offset: 0, total: FILE_LEN, bytes: &[] })
    }),
    ("part of a file that was kept", |_| hearing_of_kept(part(NEW, 0, FILE_LEN))),
    ("message of a file", |_| hearing(message(file(0), usize::MAX))),
    ("message of a new file", |_| hearing(message(NEW, usize::MAX))),
    ("message of a file that was kept", |_| hearing_of_kept(message(NEW, usize::MAX))),
    ("cancellation", |_| hearing(Frame::FileCancel { file_id: file(0) })),
    ("durable", |_| Box::new(|receiver, _| receiver.durable(file(0)))),
    ("handled", |_| {
        let message = message_to_handle();
        Box::new(move |receiver, _| assert!(receiver.handled(&message, &Ok(Handled::Applied))))
    }),
    ("decline", |_| Box::new(|receiver, _| receiver.decline(file(0)))),
    ("again", |_| Box::new(|receiver, now| receiver.again(file(0), FILE_LEN, 3..5, now))),
    ("restore", |_| Box::new(|receiver, now| receiver.restore(NEW, Some(FILE_LEN), &Ranges::from(0..5), now))),
    ("next", |_| Box::new(|receiver, now| _ = receiver.next(now))),
    ("next until there is none", |_| Box::new(|receiver, now| while receiver.next(now).is_some() {})),
    ("poll_timeout", |_| Box::new(|receiver, _| _ = receiver.poll_timeout())),
    ("progress_of_all", |_| Box::new(|receiver, _| _ = receiver.progress_of_all())),
];

pub(crate) const FRAGMENT_PILES: [Pile<Reassembler>; 5] = [
    ("frames", SOON, |n| frames(n, n)),
    ("idle frames", IDLE, |n| frames(n, n)),
    ("frames that are given up", FRAGMENTS_GIVEN_UP, |n| frames(n, n)),
    ("frames, and one that lacks its last fragment", SOON, |n| {
        let mut receiver = frames(n, n + 1);
        let pieces = pieces(n);
        pieces.iter().take(n - 1).for_each(|piece| drop_none(&mut receiver, piece, 0));
        receiver
    }),
    ("late copies of frames", SOON, |n| {
        let mut receiver = of_frames(n, n);
        for at in 0..n {
            let frame = sealed(at, FRAME_LEN);
            let [first, last] = cut(&frame).try_into().unwrap();
            drop_none(&mut receiver, &first, at);
            assert!(receiver.take(&last, moment(at)).unwrap().is_some());
            drop_none(&mut receiver, &first, at);
        }
        receiver
    }),
];

pub(crate) const FRAGMENT_CALLS: [Kind<Reassembler>; 8] = [
    // It claims the most fragments that a frame can have.
    ("fragment of a new frame", |_| taking(piece(NEW_FRAME, 0, 13_826, &[7; PIECE]))),
    ("fragment that needs all room", |n| taking(piece(NEW_FRAME, 0, 2, &vec![7; n * FRAME_LEN]))),
    ("another fragment", |_| taking(piece(frame_id(0), 1, 3, &[7; PIECE]))),
    ("copy of a fragment", |_| taking(piece(frame_id(0), 0, 3, &[7; PIECE]))),
    ("fragment that differs", |_| taking(piece(frame_id(0), 0, 3, &[8; PIECE]))),
    ("last fragment", |n| taking(pieces(n).pop().unwrap())),
    ("frame that is whole", |_| taking(sealed(0, FRAME_LEN))),
    ("missing", |_| Box::new(|receiver, _| _ = receiver.missing().flat_map(|(_, missing)| missing).count())),
];

/// Files of one part each.
fn files(n: usize) -> FileReceiver {
    let mut receiver = of_files(n);
    (0..n).for_each(|at| write(&mut receiver, file(at), 0, &[7], at));
    receiver
}

/// So many ranges, in as few files as there can be.
fn ranges(n: usize) -> FileReceiver {
    let mut receiver = of_files(n);
    for at in 0..n {
        let place = u64::try_from(at % MAX_RANGES).unwrap();
        write(&mut receiver, file(at / MAX_RANGES), 2 * place, &[7], at);
    }
    receiver
}

/// A message for each file.
fn messages(n: usize) -> FileReceiver {
    let mut receiver = of_files(n);
    (0..n).for_each(|at| tell(&mut receiver, file(at), at));
    receiver
}

fn of_files(n: usize) -> FileReceiver {
    let mut bounds = Bounds::default();
    (bounds.files, bounds.bytes) = (n, room(n));
    (bounds.messages, bounds.message_bytes) = (n, n * MESSAGE.len());
    FileReceiver::new(bounds)
}

fn room(n: usize) -> u64 {
    FILE_LEN * u64::try_from(n).unwrap()
}

pub(crate) fn file(at: usize) -> FileId {
    FileId(u128::try_from(at).unwrap().to_be_bytes())
}

/// One after the other.
fn moment(at: usize) -> Timestamp {
    pair::at(u64::try_from(at).unwrap())
}

fn write(receiver: &mut FileReceiver, file_id: FileId, offset: u64, bytes: &[u8], at: usize) {
    let part = Frame::FilePart { file_id, offset, total: FILE_LEN, bytes };
    assert!(matches!(receiver.hear(&part, moment(at), |_| false), Heard::Write(_)));
}

fn tell(receiver: &mut FileReceiver, file: FileId, at: usize) {
    assert_eq!(receiver.hear(&message(file, at), moment(at), |_| false), Heard::Nothing);
}

/// One byte of a file.
fn part(file_id: FileId, offset: u64, total: u64) -> Frame<'static> {
    Frame::FilePart { file_id, offset, total, bytes: &[7] }
}

fn message(file: FileId, at: usize) -> Frame<'static> {
    Frame::Ciphertext { transmit_id: transmit_id(at), file: Some(file), bytes: &MESSAGE }
}

fn hearing(frame: Frame<'static>) -> Call<FileReceiver> {
    Box::new(move |receiver, now| _ = receiver.hear(&frame, now, |_| false))
}

fn hearing_of_kept(frame: Frame<'static>) -> Call<FileReceiver> {
    Box::new(move |receiver, now| _ = receiver.hear(&frame, now, |_| true))
}

/// The message of the first file, which another receiver handed out.
fn message_to_handle() -> FileMessage {
    let mut receiver = of_files(1);
    _ = receiver.hear(&message(file(0), 0), moment(0), |_| true);
    match receiver.next(moment(0)) {
        Some(Step::Message(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// Frames of one fragment each, with places for so many.
fn frames(n: usize, places: usize) -> Reassembler {
    let mut receiver = of_frames(n, places);
    (0..n).for_each(|at| drop_none(&mut receiver, &piece(frame_id(at), 0, 3, &[7; PIECE]), at));
    receiver
}

fn of_frames(n: usize, places: usize) -> Reassembler {
    let mut bounds = FragmentBounds::default();
    (bounds.frames, bounds.bytes) = (places, n * FRAME_LEN);
    Reassembler::new(bounds)
}

/// A fragment that completes nothing.
fn drop_none(receiver: &mut Reassembler, datagram: &[u8], at: usize) {
    assert!(receiver.take(datagram, moment(at)).unwrap().is_none());
}

fn taking(datagram: Vec<u8>) -> Call<Reassembler> {
    Box::new(move |receiver, now| _ = receiver.take(&datagram, now))
}

/// A fragment by hand.
fn piece(FrameId(id): FrameId, index: u16, count: u16, bytes: &[u8]) -> Vec<u8> {
    [&[1, 9], &id[..], &index.to_le_bytes(), &count.to_le_bytes(), bytes].concat()
}

fn frame_id(at: usize) -> FrameId {
    let [_, _, id @ ..] = u64::try_from(at).unwrap().to_be_bytes();
    FrameId(id)
}

/// The smallest fragments of a frame that has so many.
fn pieces(n: usize) -> Vec<Vec<u8>> {
    cut(&sealed(usize::MAX, n * PIECE))
}

/// A frame of so many bytes.
fn sealed(at: usize, len: usize) -> Vec<u8> {
    let frame = |bytes: &[u8]| {
        encode(ChatTag([7; 16]), &Frame::Ciphertext { transmit_id: transmit_id(at), file: None, bytes }).unwrap()
    };
    frame(&vec![7; len - frame(&[]).len()])
}

fn cut(frame: &[u8]) -> Vec<Vec<u8>> {
    fragment(frame, MIN_MTU).unwrap().map(|piece| piece.to_vec()).collect()
}

fn transmit_id(at: usize) -> TransmitId {
    TransmitId(u64::try_from(at).unwrap())
}
