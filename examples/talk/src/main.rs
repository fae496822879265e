//! Two terminals, one secret chat over TCP.
//!
//! Run `talk FOLDER listen ADDRESS` in one and `talk FOLDER connect ADDRESS` in the other, each with a folder of its own. A
//! dropped line is dialled again, and either side may be killed at any moment.

mod commands;
mod events;
mod host;
mod line;

use std::time::{Duration, SystemTime};
use std::{env, io, thread};

use anyhow::{Result, bail};
use getrandom::SysRng;
use secretchat::Env;
use secretchat::rand_core::UnwrapErr;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;

use crate::host::{Host, Link};
use crate::line::Line;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (folder, address, listener) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder, "listen", address] => (folder, address, Some(TcpListener::bind(address).await?)),
        [folder, "connect", address] => (folder, address, None),
        _ => bail!("usage: talk FOLDER listen|connect ADDRESS"),
    };
    let rng = &mut UnwrapErr(SysRng);
    let mut host = Host::open(folder.into(), listener.is_some(), &mut env_now(rng))?;
    let (mut keyboard, mut line) = (read_keyboard(), Line::default());
    loop {
        host.show_events(&mut env_now(rng))?;
        // Whatever the line has no room for stays in the chat, which knows best what must still leave.
        while let Some(link) = host.link.as_mut().filter(|_| line.out.len() < 1 << 16)
            && let Some(frame) = link.next_frame(env_now(rng).now)?
        {
            line.out.extend(frame);
        }
        if line.out.is_empty() && host.link.as_ref().is_some_and(|link| link.driver().is_over()) {
            return Ok(());
        }
        let due = host.link.as_ref().and_then(Link::poll_timeout);
        let pause = due.map_or(Duration::MAX, |due| env_now(rng).now.until(due));
        tokio::select! {
            new = Line::next(listener.as_ref(), address, line.stream.is_some()) => {
                line = new;
                host.link.iter_mut().for_each(|link| link.connected(&mut env_now(rng)));
            }
            carried = line.carry() => match carried {
                Ok(bytes) if host.hear(&bytes, &mut line.decoder, &mut env_now(rng))? => {}
                _ => {
                    line = Line::default();
                    host.link.iter_mut().for_each(Link::disconnected);
                }
            },
            typed = keyboard.recv() => {
                let Some(typed) = typed else { return Ok(()) };
                let done = host.link().and_then(|link| commands::command(link, &typed, &mut env_now(rng)));
                done.unwrap_or_else(|error| host.say(&format!("! {error}")));
            }
            () = sleep(pause) => host.link()?.handle_timeout(&mut env_now(rng))?,
        }
    }
}

/// Returns the time and the random numbers for one call of a chat. Do not hold it over an `.await`.
fn env_now(rng: &mut UnwrapErr<SysRng>) -> Env<'_> {
    Env::new(SystemTime::now().into(), rng)
}

/// Reads in a thread that ends with the process: tokio's would wait for one more line.
fn read_keyboard() -> UnboundedReceiver<String> {
    let (typed, keyboard) = unbounded_channel();
    thread::spawn(move || io::stdin().lines().map_while(Result::ok).try_for_each(|line| typed.send(line)));
    keyboard
}
