//! A network that breaks: everything between a store and its server passes through here, message by message.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use secretchat_postgres::tokio_postgres::Config;

/// What passes in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// What the store says.
    Store,
    /// What the server answers.
    Server,
}

/// What happens once so many messages have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The connections are cut, and new ones can be made: the network was gone for a moment.
    Cut,
    /// The connections are cut, and there are no new ones: the process is dead.
    End,
    /// The connection of this message stays, and nothing passes any more: nobody tells either end.
    Swallow,
}

#[derive(Debug, Default)]
struct State {
    passed: [u32; 2],
    plan: Option<(From, u32, Then)>,
    is_over: bool,
    streams: Vec<TcpStream>,
}

/// The proxy: it works until the process ends.
#[derive(Debug)]
pub(crate) struct Proxy {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Proxy {
    /// Starts a proxy before a server.
    pub(crate) fn start(server: &Config) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<Mutex<State>>::default();
        let upstream = server.get_ports()[0];
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for store in listener.incoming() {
                let Ok(store) = store else { continue };
                if shared.lock().unwrap().is_over {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else { continue };
                for stream in [&store, &server] {
                    stream.set_nodelay(true).unwrap();
                    shared.lock().unwrap().streams.push(stream.try_clone().unwrap());
                }
                for (from, source, sink) in [
                    (From::Store, store.try_clone().unwrap(), server.try_clone().unwrap()),
                    (From::Server, server, store),
                ] {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        let _cut = pass(from, &source, &sink, &shared);
                        let _gone = source.shutdown(Shutdown::Both);
                        let _gone = sink.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { state, port }
    }

    /// Returns the configuration for the way through this proxy.
    pub(crate) fn through(&self, config: &Config) -> Config {
        let mut through = Config::new();
        through.host("127.0.0.1").port(self.port).user(config.get_user().unwrap());
        through.dbname(config.get_dbname().unwrap()).options(config.get_options().unwrap_or_default());
        through
    }

    /// Plans what happens after so many more messages from one end.
    pub(crate) fn after(&self, from: From, messages: u32, then: Then) {
        let mut state = self.state.lock().unwrap();
        let passed = state.passed[from as usize];
        state.plan = Some((from, passed + messages, then));
    }

    /// Returns how many messages have passed.
    pub(crate) fn passed(&self, from: From) -> u32 {
        self.state.lock().unwrap().passed[from as usize]
    }

    /// Waits until what was planned has happened.
    pub(crate) async fn done(&self) {
        while !self.is_done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Returns whether what was planned has happened.
    pub(crate) fn is_done(&self) -> bool {
        self.state.lock().unwrap().plan.is_none()
    }
}

/// Passes messages on, one after the other.
fn pass(from: From, mut source: &TcpStream, mut sink: &TcpStream, shared: &Mutex<State>) -> io::Result<()> {
    // The first one of a store has no type.
    let mut has_type = from == From::Server;
    loop {
        let mut message = vec![0; if has_type { 5 } else { 4 }];
        source.read_exact(&mut message)?;
        let at = message.len() - 4;
        let length = u32::from_be_bytes(message[at..].try_into().unwrap()) as usize;
        message.resize(at + length, 0);
        source.read_exact(&mut message[at + 4..])?;
        has_type = true;

        let mut state = shared.lock().unwrap();
        let happens = state.plan.filter(|(of, count, _)| *of == from && state.passed[from as usize] >= *count);
        if let Some((_, _, then)) = happens {
            state.plan = None;
            state.is_over = then == Then::End;
            if then == Then::Swallow {
                drop(state);
                return swallow(source);
            }
            for stream in state.streams.drain(..) {
                let _gone = stream.shutdown(Shutdown::Both);
            }
            return Ok(());
        }
        state.passed[from as usize] += 1;
        drop(state);
        sink.write_all(&message)?;
    }
}

fn swallow(mut source: &TcpStream) -> io::Result<()> {
    while source.read(&mut [0; 1024])? > 0 {}
    Ok(())
}
