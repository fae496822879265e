//! The line to the peer: a socket that is dialled again when it drops.

use std::collections::VecDeque;
use std::time::Duration;
use std::{future, io};

use secretchat::frame::Decoder;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// A line, or none. Only the chat can tell from the frames who is at the other end.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) stream: Option<TcpStream>,
    /// Finds the frames in the incoming bytes.
    pub(crate) decoder: Decoder,
    /// Bytes that wait for the socket.
    pub(crate) out: VecDeque<u8>,
}

impl Line {
    /// Waits for the next line. A listener replaces its present line, which may be a stranger's, or half open with the other
    /// end long gone. A stranger cannot keep the peer out like this: the peer dials again.
    pub(crate) async fn next(listener: Option<&TcpListener>, address: &str, has_line: bool) -> Self {
        loop {
            let stream = match listener {
                Some(listener) => listener.accept().await.map(|(stream, _)| stream),
                None if has_line => future::pending().await,
                None => {
                    // A peer that hung up may do so again at once.
                    sleep(PAUSE).await;
                    TcpStream::connect(address).await
                }
            };
            // Without this, a line would be silent for ever after the other end lost power.
            let alive = TcpKeepalive::new().with_time(Duration::from_secs(30));
            match stream.and_then(|stream| SockRef::from(&stream).set_tcp_keepalive(&alive).map(|()| stream)) {
                Ok(stream) => return Self { stream: Some(stream), ..Self::default() },
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    /// Reads or writes, whichever is possible first: two ends that both write must not wait for each other. Returns the
    /// bytes that came.
    pub(crate) async fn carry(&mut self) -> io::Result<Vec<u8>> {
        let Some(stream) = &mut self.stream else { return future::pending().await };
        let ((mut from, mut to), mut bytes) = (stream.split(), Vec::new());
        tokio::select! {
            read = from.read_buf(&mut bytes) => if read? == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) },
            sent = to.write_buf(&mut self.out), if !self.out.is_empty() => sent.map(|_| bytes),
        }
    }
}
