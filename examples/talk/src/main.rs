//! Two terminals, one secret chat over TCP.
//!
//! `talk FOLDER listen ADDRESS` in one of them, `talk FOLDER connect ADDRESS` in the other one, each with a folder of its own.
//! Everything is kept: a line that drops is dialled again, and either side may be killed at any moment.

mod disk;
mod host;
mod line;
mod screen;

use std::env;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use secretchat::rand_core::UnwrapErr;
use secretchat::{Env, Timestamp};

use crate::host::Host;
use crate::line::{Heard, Line};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("talk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (folder, listens, address) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder, "listen", address] => (folder, true, address),
        [folder, "connect", address] => (folder, false, address),
        _ => return Err("usage: talk FOLDER listen|connect ADDRESS".into()),
    };
    let mut rng = UnwrapErr(SysRng);
    let mut host = Host::open(folder.as_ref(), listens, &mut Env::new(now(), &mut rng))?;
    let (inbox, heard) = channel();
    line::read_keyboard(inbox.clone());
    line::keep_connected(address.to_owned(), listens, inbox);
    let mut line: Option<Line> = None;
    while !host.is_over() {
        host.act(line.as_mut(), &mut Env::new(now(), &mut rng))?;
        let pause = host.poll_timeout().map_or(Duration::MAX, |due| now().until(due));
        let heard = heard.recv_timeout(pause);
        let env = &mut Env::new(now(), &mut rng);
        match heard {
            Ok(Heard::Typed(text)) => {
                if let Err(error) = host.command(&text, env) {
                    println!("! {error}");
                }
            }
            Ok(Heard::Connected(new)) => {
                host.connected(env);
                line = Some(new);
            }
            Ok(Heard::Bytes(bytes)) => {
                if !host.hear(&bytes, env)? {
                    line.iter().for_each(Line::hang_up);
                }
            }
            Ok(Heard::Written(len)) => line.iter_mut().for_each(|line| line.written(len)),
            Ok(Heard::HungUp) => {
                line = None;
                host.disconnected();
            }
            Ok(Heard::Closed) => return Ok(()),
            Err(_) => host.handle_timeout(env)?,
        }
    }
    host.act(line.as_mut(), &mut Env::new(now(), &mut rng))?;
    line.into_iter().for_each(Line::finish);
    Ok(())
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
