//! The line between the two: a socket that is dialled again when it drops, and the keyboard.

use std::io::{Read, Write, stdin};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Result;

/// What comes from outside.
pub(crate) enum Heard {
    Typed(String),
    /// Nobody types any more.
    Closed,
    Connected(Line),
    Bytes(Vec<u8>),
    /// So many bytes have gone to the socket.
    Written(usize),
    HungUp,
}

/// The sending side of a connection. A thread of its own writes, so that two who write at once never wait for each other.
pub(crate) struct Line {
    frames: Sender<Vec<u8>>,
    queued: usize,
    writer: JoinHandle<()>,
    stream: TcpStream,
}

impl Line {
    /// How much may wait for the socket.
    const ROOM: usize = 1 << 16;

    pub(crate) fn has_room(&self) -> bool {
        self.queued < Self::ROOM
    }

    pub(crate) fn send(&mut self, frame: Vec<u8>) {
        self.queued += frame.len();
        // A thread that has ended has told so.
        let _ = self.frames.send(frame);
    }

    /// Ends the connection: the other end of it makes no sense.
    pub(crate) fn hang_up(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Waits until all of it has gone to the socket.
    pub(crate) fn finish(self) {
        drop(self.frames);
        let _ = self.writer.join();
    }

    pub(crate) fn written(&mut self, len: usize) {
        self.queued = self.queued.saturating_sub(len);
    }
}

pub(crate) fn read_keyboard(inbox: Sender<Heard>) {
    thread::spawn(move || {
        let typed = stdin().lines().map_while(std::result::Result::ok);
        let _ = typed.map(|text| inbox.send(Heard::Typed(text))).all(|sent| sent.is_ok());
        let _ = inbox.send(Heard::Closed);
    });
}

/// Listens or dials, for ever.
pub(crate) fn keep_connected(address: String, listens: bool, inbox: Sender<Heard>) {
    thread::spawn(move || {
        let mut listener = None;
        loop {
            // Whatever went wrong may be over by then.
            if let Err(error) = connect(&address, listens, &mut listener, &inbox)
                && listens
            {
                eprintln!("talk: {error}");
            }
            thread::sleep(Duration::from_millis(200));
        }
    });
}

/// One connection, from its beginning to its end.
fn connect(address: &str, listens: bool, listener: &mut Option<TcpListener>, inbox: &Sender<Heard>) -> Result<()> {
    let mut stream = if listens {
        if listener.is_none() {
            *listener = Some(TcpListener::bind(address)?);
        }
        listener.as_ref().ok_or("no listener")?.accept()?.0
    } else {
        TcpStream::connect(address)?
    };
    let (frames, queue) = channel::<Vec<u8>>();
    let (mut out, written) = (stream.try_clone()?, inbox.clone());
    let writer = thread::spawn(move || {
        for frame in queue {
            if out.write_all(&frame).is_err() || written.send(Heard::Written(frame.len())).is_err() {
                break;
            }
        }
    });
    inbox.send(Heard::Connected(Line { frames, queued: 0, writer, stream: stream.try_clone()? }))?;
    let mut buffer = [0; 1 << 14];
    while let Ok(len @ 1..) = stream.read(&mut buffer) {
        inbox.send(Heard::Bytes(buffer[..len].to_vec()))?;
    }
    Ok(inbox.send(Heard::HungUp)?)
}
