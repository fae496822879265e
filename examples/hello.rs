//! A chat between two terminals over TCP.
//!
//! Run `cargo run --example hello -- listen 127.0.0.1:7070` in one of them and the same with `connect` in the other one.
//! Compare what both show, then type. Nothing is kept: `restart` shows a chat that outlives its process.

use std::error::Error;
use std::io::{Read, Write, stdin};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, SystemTime};
use std::{env, thread};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Decoder, Frame, Next, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, MemoryStore};
use secretchat::{Chat, Config, Draft, Env, Event, Invitation, Timestamp};

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// What comes from the keyboard and from the other end.
enum Heard {
    Line(String),
    /// None at all: the other end has hung up.
    Bytes(Vec<u8>),
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // The ids name the two ends, with the same bytes on both. The caller asks for the chat.
    let (mut stream, local, peer) = match &arguments[..] {
        [how, address] if how == "listen" => (TcpListener::bind(address)?.accept()?.0, "listener", "caller"),
        [how, address] if how == "connect" => (TcpStream::connect(address)?, "caller", "listener"),
        _ => return Err("usage: hello listen|connect ADDRESS".into()),
    };
    let config = Config::hybrid(local, peer)?;
    let mut rng = UnwrapErr(SysRng);
    let mut chat = None;
    if local == "caller" {
        let env = &mut Env::new(SystemTime::now().into(), &mut rng);
        let request = Chat::request(config.clone(), env)?;
        chat = Some((ChatTag::random(env.rng), Driver::new(request, MemoryStore::default())));
    }
    let (heard, inbox) = channel();
    listen(stream.try_clone()?, heard);
    let mut decoder = Decoder::new();
    loop {
        let mut pause = Duration::MAX;
        if let Some((tag, driver)) = &mut chat {
            act(driver, *tag, &mut stream)?;
            pause = driver.poll_timeout().map_or(pause, |due| Timestamp::from(SystemTime::now()).until(due));
        }
        let heard = inbox.recv_timeout(pause);
        let env = &mut Env::new(SystemTime::now().into(), &mut rng);
        match (heard, &mut chat) {
            (Ok(Heard::Line(text)), Some((_, driver))) => {
                driver.send(&Draft::text(text), env)?;
            }
            (Ok(Heard::Line(_)), None) => {}
            (Ok(Heard::Bytes(bytes)), chat) => {
                let mut rest = &bytes[..];
                if rest.is_empty() {
                    return Ok(());
                }
                while !rest.is_empty() {
                    rest = &rest[decoder.push(rest)..];
                    match (decoder.next()?, &mut *chat) {
                        (Next::Frame { tag, frame: Frame::Request { public } }, None) => {
                            let accepted = Invitation::parse(public, config.clone())?.accept(env)?;
                            *chat = Some((tag, Driver::new(accepted, MemoryStore::default())));
                        }
                        (Next::Frame { frame, .. }, Some((_, driver))) => {
                            // What is not authentic changes nothing: there is nothing to do about it.
                            let _ = driver.handle_frame(&frame, env);
                        }
                        _ => {}
                    }
                }
            }
            (Err(_), chat) => chat.iter_mut().try_for_each(|(_, driver)| driver.handle_timeout(env))?,
        }
    }
}

/// Does what the chat asks for.
fn act(driver: &mut Driver<MemoryStore>, tag: ChatTag, stream: &mut TcpStream) -> Result<()> {
    while let Some(action) = driver.next_action()? {
        if let Some(frame) = action.frame()? {
            stream.write_all(&encode(tag, &frame)?)?;
        }
        match action {
            Action::Event(Event::Ready { verification, .. }) => {
                println!("Read this to each other:");
                verification.hex_lines().iter().for_each(|line| println!("  {line}"));
            }
            Action::Event(Event::Message(message)) => println!("> {}", message.content.text),
            _ => {}
        }
    }
    Ok(())
}

/// Reads the socket and the keyboard, each in a thread of its own.
fn listen(mut stream: TcpStream, heard: Sender<Heard>) {
    let lines = heard.clone();
    thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|line| lines.send(Heard::Line(line))));
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let len = stream.read(&mut buffer).unwrap_or(0);
            if heard.send(Heard::Bytes(buffer[..len].to_vec())).is_err() || len == 0 {
                break;
            }
        }
    });
}
