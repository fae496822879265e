//! A chat over UDP: `cargo run --example hello -- listen 127.0.0.1:7070` in one terminal, the same with `call` in another.
//! Read the words after `=` to each other: they must be the same. Then type. Ctrl-D ends the chat, and both programs with
//! it. Nothing is kept: `restart` shows a chat that outlives its process.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::mpsc::{Sender, channel};
use std::{env, io, thread, time::Duration, time::SystemTime};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, ChatState, Config, Draft, Env, Event, History, Invitation, Timestamp};

/// Input from the keyboard and from the network. The last line is `None`.
enum Heard {
    Line(Option<String>),
    Datagram(Vec<u8>, SocketAddr),
}

/// A chat, its tag in frames, and the address of the other end.
type Talk = (Driver<MemoryStore>, ChatTag, SocketAddr);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (how, address) = env::args().nth(1).zip(env::args().nth(2)).unwrap_or_default();
    let calls = ["listen", "call"].iter().position(|word| *word == how).ok_or("usage: listen|call ADDRESS")? == 1;
    let socket = UdpSocket::bind(if calls { "0.0.0.0:0" } else { &address })?;
    // The ids name the two ends. Both programs use the same ids.
    let config = if calls { Config::hybrid("caller", "listener")? } else { Config::hybrid("listener", "caller")? };
    let (mut rng, mut talk) = (UnwrapErr(SysRng), None);
    if calls {
        let env = &mut Env::new(SystemTime::now().into(), &mut rng);
        let driver = Driver::new(Chat::request(config.clone(), env)?, MemoryStore::default());
        let callee = address.to_socket_addrs()?.find(SocketAddr::is_ipv4).ok_or("no such address")?;
        talk = Some((driver, ChatTag::random(env.rng), callee));
    }
    let (heard, inbox) = channel();
    listen(socket.try_clone()?, heard);
    loop {
        let mut pause = Duration::MAX;
        if let Some(talk) = &mut talk {
            if act(talk, &socket)? {
                return Ok(());
            }
            pause = talk.0.poll_timeout().map_or(pause, |due| Timestamp::from(SystemTime::now()).until(due));
        }
        let heard = inbox.recv_timeout(pause);
        let env = &mut Env::new(SystemTime::now().into(), &mut rng);
        match (heard, &mut talk) {
            (Ok(Heard::Line(Some(text))), Some((driver, ..))) => {
                driver.send(&Draft::text(text), env).map_or_else(|error| println!("Not sent: {error}"), drop);
            }
            (Ok(Heard::Line(None)), Some((driver, ..))) => driver.close(History::Keep, env),
            (Ok(Heard::Line(Some(_))), None) => println!("Not sent: nobody has called"),
            (Ok(Heard::Line(None)), None) => return Ok(()),
            // Anybody can send anything. A frame that is not authentic changes nothing, so the error is ignored.
            (Ok(Heard::Datagram(bytes, from)), talk) => match (decode_one(&bytes), &mut *talk) {
                (Ok((tag, frame)), Some((driver, own, _))) if tag == *own => _ = driver.handle_frame(&frame, env),
                (Ok((tag, Frame::Request { public })), None) => {
                    let Ok(invitation) = Invitation::parse(public, config.clone()) else { continue };
                    *talk = Some((Driver::new(invitation.accept(env)?, MemoryStore::default()), tag, from));
                }
                _ => {}
            },
            (_, talk) => talk.iter_mut().try_for_each(|(driver, ..)| driver.handle_timeout(env))?,
        }
    }
}

/// Carries out the actions of the chat, and returns whether the chat is over.
fn act((driver, tag, peer): &mut Talk, socket: &UdpSocket) -> Result<bool, Box<dyn std::error::Error>> {
    while let Some(action) = driver.next_action()? {
        if let Some(frame) = action.frame()? {
            let _ = socket.send_to(&encode(*tag, &frame)?, *peer); // a lost frame is sent again
        }
        match action {
            Action::Event(Event::Ready { verification: seen, .. }) => println!("= {}", seen.words()[..16].join(" ")),
            Action::Event(Event::Message(message)) => println!("> {}", message.content.text),
            _ => {}
        }
    }
    Ok(matches!(driver.chat().state(), ChatState::Closed(_)))
}

/// Reads the keyboard and the socket, each in a thread of its own.
fn listen(socket: UdpSocket, heard: Sender<Heard>) {
    let typed = heard.clone();
    thread::spawn(move || {
        let mut lines = io::stdin().lines().map_while(Result::ok).map(Some).chain([None]);
        lines.try_for_each(|line| typed.send(Heard::Line(line)))
    });
    thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        loop {
            let Ok((len, from)) = socket.recv_from(&mut buffer) else { continue };
            let Ok(()) = heard.send(Heard::Datagram(buffer[..len].to_vec(), from)) else { break };
        }
    });
}
