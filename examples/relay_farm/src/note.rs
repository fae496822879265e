//! What the switch and a worker tell each other: notes with a length before each.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// An end of a conversation: `2 * conversation`, or one more for the other end.
pub(crate) type End = u32;

/// Returns the other end of the conversation.
pub(crate) const fn peer(end: End) -> End {
    end ^ 1
}

/// A note. Times are microseconds since the farm began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// To a worker: begin the conversation of this end.
    Begin(End),
    /// To a worker: have this end say its text of this number, for which a user asked at that time.
    Say(End, u64, u64),
    /// To a worker: a frame for this end. From a worker: a frame from this end for its peer.
    Frame(End, Vec<u8>),
    /// To a worker: say so if it drives this end.
    Who(End),
    /// To a worker: give all chats back and end.
    Leave,
    /// The worker drives this end from now on.
    Has(End),
    /// The worker has lost this end to another one: a write was refused.
    Lost(End),
    /// The worker was told something about an end that it does not drive.
    NotHere(End),
    /// The end can send.
    Ready(End),
    /// The end has said its text of this number, and that is durable.
    Said(End, u64),
    /// The end has taken in the peer's text of this number, asked for at that time, and that is durable.
    Heard(End, u64, u64),
    /// The end received a text of another number than the one that was next.
    Wrong(End, u64, u64),
    /// The worker holds this many chats, of which so many are in memory, in so many bytes of the process.
    Size(u32, u64, u64),
}

impl Note {
    /// Returns the note with its length.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (kind, end, one, two, frame): (u8, End, u64, u64, &[u8]) = match self {
            Self::Begin(end) => (0, *end, 0, 0, &[]),
            Self::Say(end, number, asked) => (1, *end, *number, *asked, &[]),
            Self::Frame(end, frame) => (2, *end, 0, 0, frame),
            Self::Leave => (3, 0, 0, 0, &[]),
            Self::Has(end) => (4, *end, 0, 0, &[]),
            Self::Lost(end) => (5, *end, 0, 0, &[]),
            Self::Ready(end) => (6, *end, 0, 0, &[]),
            Self::Said(end, number) => (7, *end, *number, 0, &[]),
            Self::Heard(end, number, asked) => (8, *end, *number, *asked, &[]),
            Self::Wrong(end, number, expected) => (9, *end, *number, *expected, &[]),
            Self::Size(chats, in_memory, bytes) => (10, *chats, *in_memory, *bytes, &[]),
            Self::Who(end) => (11, *end, 0, 0, &[]),
            Self::NotHere(end) => (12, *end, 0, 0, &[]),
        };
        let body = [&[kind][..], &end.to_le_bytes(), &one.to_le_bytes(), &two.to_le_bytes(), frame].concat();
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        [&length.to_le_bytes()[..], &body].concat()
    }

    /// Reads the next note, or `None` at the end of the stream.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut length = [0; 4];
        match stream.read_exact(&mut length).await {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let mut body = vec![0; u32::from_le_bytes(length) as usize];
        stream.read_exact(&mut body).await?;
        Self::of(&body).map(Some).ok_or_else(|| io::Error::other("this is no note"))
    }

    fn of(body: &[u8]) -> Option<Self> {
        let (&[kind], body) = body.split_first_chunk()?;
        let (end, body) = body.split_first_chunk()?;
        let (one, body) = body.split_first_chunk()?;
        let (two, frame) = body.split_first_chunk()?;
        let (end, one, two) = (u32::from_le_bytes(*end), u64::from_le_bytes(*one), u64::from_le_bytes(*two));
        Some(match kind {
            0 => Self::Begin(end),
            1 => Self::Say(end, one, two),
            2 => Self::Frame(end, frame.to_vec()),
            3 => Self::Leave,
            4 => Self::Has(end),
            5 => Self::Lost(end),
            6 => Self::Ready(end),
            7 => Self::Said(end, one),
            8 => Self::Heard(end, one, two),
            9 => Self::Wrong(end, one, two),
            10 => Self::Size(end, one, two),
            11 => Self::Who(end),
            12 => Self::NotHere(end),
            _ => return None,
        })
    }
}

/// Where a task puts notes for the other side. What is put after the other side has gone is lost, as on a line.
#[derive(Clone, Debug)]
pub(crate) struct Line(pub(crate) UnboundedSender<Note>);

impl Line {
    pub(crate) fn put(&self, note: Note) {
        _ = self.0.send(note);
    }
}

/// Writes the notes that are put on a line, until the other side is gone.
pub(crate) async fn carry(mut notes: UnboundedReceiver<Note>, mut stream: OwnedWriteHalf) -> io::Result<()> {
    let mut group = Vec::new();
    while notes.recv_many(&mut group, 1_000).await > 0 {
        let bytes: Vec<u8> = group.drain(..).flat_map(|note| note.to_bytes()).collect();
        stream.write_all(&bytes).await?;
    }
    Ok(())
}
