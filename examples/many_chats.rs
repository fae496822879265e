//! Many chats in one process and one store, as in a bridge: a room in which everybody hears the others.
//!
//! Run `cargo run --example many_chats -- FOLDER 127.0.0.1:7070`, and `cargo run --example hello -- call 127.0.0.1:7070` in
//! as many other terminals as you like. Kill the room and run it again: the chats continue. A message that was being passed
//! on may come twice, or not to everybody. An app tracks that in rows of its own: see `HostRows`.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use std::{env, path::Path, str};

use getrandom::SysRng;
use secretchat::frame::{ChatTag, Frame, decode_one, encode};
use secretchat::rand_core::UnwrapErr;
use secretchat::store::{Action, Driver, FileStore, Store, key_file};
use secretchat::{ChatState, Config, Draft, Env, Event, Invitation, StoreKey, Timestamp};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// All chats by the tag in their frames. Their drivers share a store.
type Chats = BTreeMap<ChatTag, Driver<Arc<Mutex<FileStore>>>>;

fn main() -> Result<()> {
    let (folder, address) = env::args().nth(1).zip(env::args().nth(2)).ok_or("usage: many_chats FOLDER ADDRESS")?;
    let mut rng = UnwrapErr(SysRng);
    let env = &mut Env::new(SystemTime::now().into(), &mut rng);
    let store = Arc::new(Mutex::new(FileStore::open(&folder)?));
    let key = key_file(Path::new(&folder).join("key"), env.rng)?; // a phone keeps it in its keychain
    let mut chats = restore(&store, &key, env)?;
    let socket = UdpSocket::bind(address)?;
    println!("{} chats", chats.len());
    let mut buffer = [0; 1 << 16];
    loop {
        while let Some((from, text)) = act(&mut chats, &socket)? {
            for (_, driver) in chats.iter_mut().filter(|(tag, _)| **tag != from) {
                // A peer that is gone, or not ready yet, misses it.
                let _ = driver.send(&Draft::text(format!("{}: {text}", &from.to_string()[..4])), env);
            }
        }
        // One timer for all chats: the earliest one.
        let due = chats.values().filter_map(Driver::poll_timeout).min();
        let pause = due.map(|due| Timestamp::from(SystemTime::now()).until(due).max(Duration::from_millis(1)));
        socket.set_read_timeout(pause)?;
        let heard = socket.recv_from(&mut buffer);
        env.now = SystemTime::now().into();
        chats.values_mut().try_for_each(|driver| driver.handle_timeout(env))?;
        let Ok((len, from)) = heard else { continue };
        let Ok((tag, frame)) = decode_one(&buffer[..len]) else { continue };
        let is_room = chats.len() < 100; // anybody may ask, so the number is limited
        match (chats.get_mut(&tag), frame) {
            (Some(driver), frame) => _ = driver.handle_frame(&frame, env),
            (None, Frame::Request { public }) if is_room => {
                // The tag and the other end's address are stored with the chat.
                let kept = [tag.as_ref(), from.to_string().as_bytes()].concat();
                let config = Config::hybrid("listener", "caller")?.with_host_data(kept)?.with_store(key.duplicate());
                let Ok(invitation) = Invitation::parse(public, config) else { continue };
                chats.insert(tag, Driver::new(invitation.accept(env)?, store.clone()));
            }
            _ => {}
        }
    }
}

/// Restores all chats. Removes the tombstones of those that are over.
fn restore(store: &Arc<Mutex<FileStore>>, key: &StoreKey, env: &mut Env<'_>) -> Result<Chats> {
    let mut chats = Chats::new();
    for id in store.chats()? {
        let driver = Driver::restore(store.clone(), id, key, None, env)?;
        match driver.chat().state() {
            ChatState::Closed(_) => store.clone().delete(id)?,
            _ => _ = chats.insert(ChatTag::try_from(&driver.chat().host_data()[..16])?, driver),
        }
    }
    Ok(chats)
}

/// Carries out the actions of the chats, until one of them has a message for the others.
fn act(chats: &mut Chats, socket: &UdpSocket) -> Result<Option<(ChatTag, String)>> {
    for (tag, driver) in chats {
        let address = str::from_utf8(&driver.chat().host_data()[16..])?.to_owned();
        while let Some(action) = driver.next_action()? {
            if let Some(frame) = action.frame()? {
                let _ = socket.send_to(&encode(*tag, &frame)?, &address); // a lost frame is sent again
            }
            if let Action::Event(Event::Message(message)) = action {
                return Ok(Some((*tag, message.content.text)));
            }
        }
    }
    Ok(None)
}
